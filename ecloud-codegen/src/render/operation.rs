//! Operations as Rust types: the page, the parameters, the call.

use super::code::{Code, Imports, NARROW, WIDE};
use super::{doc, example};
use crate::model::{Domain, Operation, PageStyle, Parameter, Resource, Retry, Ty};

/// The line of facts below a handle's method.
pub(super) fn facts(operation: &Operation) -> String {
    let mut facts = vec![request_line(operation)];
    if let Some(scope) = &operation.scope {
        facts.push(format!("scope `{scope}`"));
    }
    facts.push(quota(operation));
    facts.push(retry(operation.retry).to_owned());
    facts.join(" · ")
}

/// Method and path.
pub(super) fn request_line(operation: &Operation) -> String {
    format!("`{} {}`", operation.verb.as_str(), operation.path)
}

fn quota(operation: &Operation) -> String {
    format!("quota group `{}`, weight {}", operation.quota.group, operation.quota.weight)
}

fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::Safe => "safe to retry",
        Retry::Keyed => "retried under its idempotency key",
        Retry::Never => "not retried once it may have been done",
    }
}

/// The arguments of the handle's method, and the fields that they set: path parameters, what else is required, a required body.
pub(super) fn arguments(imports: &mut Imports, operation: &Operation) -> Vec<(String, String, String)> {
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let mut arguments = Vec::new();
    for parameter in required {
        let ty = whole(parameter);
        let value = super::code::convert(&ty, &parameter.name);
        arguments.push((parameter.name.clone(), imports.argument(&ty), assign(&parameter.name, &value)));
    }
    if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
        let ty = imports.ty(&Ty::Model(body.model.clone()));
        arguments.push((body.name.clone(), ty, assign("body", &body.name)));
    }
    arguments
}

fn assign(field: &str, value: &str) -> String {
    if field == value { field.to_owned() } else { format!("{field}: {value}") }
}

/// The type of all values of a parameter.
fn whole(parameter: &Parameter) -> Ty {
    if parameter.repeated { Ty::List(Box::new(parameter.ty.clone())) } else { parameter.ty.clone() }
}

/// The fields that a new call has no value for yet.
pub(super) fn empty_fields(operation: &Operation) -> Vec<String> {
    let optional = operation.parameters.iter().filter(|parameter| !parameter.required);
    let mut fields: Vec<String> = optional
        .map(|parameter| {
            let empty = if parameter.repeated { "Vec::new()" } else { "None" };
            format!("{}: {empty}", parameter.name)
        })
        .collect();
    if operation.body.as_ref().is_some_and(|body| !body.required) {
        fields.push("body: None".to_owned());
    }
    fields
}

/// Writes the type of an operation.
pub(super) fn operation(
    code: &mut Code,
    imports: &mut Imports,
    domain: &Domain,
    resource: &Resource,
    operation: &Operation,
) {
    page(code, domain, resource, operation);
    definition(code, imports, operation);
    code.gap();
    code.line(format!("impl {} {{", operation.type_name));
    setters(code, imports, operation);
    if matches!(operation.page, Some(PageStyle::Cursor | PageStyle::Number)) {
        streams(code, imports, operation);
    }
    sends(code, imports, operation);
    options(code, imports, operation);
    code.line("}");
    implementation(code, imports, operation);
}

fn page(code: &mut Code, domain: &Domain, resource: &Resource, operation: &Operation) {
    code.gap();
    code.text(&doc::full_stop(&operation.summary), WIDE);
    code.doc("");
    if operation.deprecated {
        code.doc("**Deprecated:** the platform advises against it.");
        code.doc("");
    }
    if !operation.description.is_empty() {
        code.text(&operation.description, WIDE);
        code.doc("");
    }
    code.doc(format!("The call that [`{}::{}`] makes.", resource.handle, operation.method));
    code.doc("");
    code.doc(format!("- Request: {}", request_line(operation)));
    let roles: Vec<String> = operation.roles.iter().map(|role| format!("`{role}`")).collect();
    let roles = match &roles[..] {
        [] => String::new(),
        [role] => format!(", for the role {role}"),
        _ => format!(", for the roles {}", roles.join(", ")),
    };
    code.doc(match &operation.scope {
        Some(scope) => format!("- Scope: `{scope}`{roles}"),
        None => format!("- Scope: none{roles}"),
    });
    if !operation.shop {
        code.doc("- It acts for no shop, and needs no access token");
    }
    code.doc(format!("- Quota: group `{}`, weight {}", operation.quota.group, operation.quota.weight));
    code.doc(match operation.retry {
        Retry::Safe => "- Retry: safe",
        Retry::Keyed => "- Retry: under its idempotency key",
        Retry::Never => "- Retry: never, once it may have been done",
    });
    if let Some(page) = operation.page {
        code.doc(match page {
            PageStyle::Cursor => "- Pages: by cursor",
            PageStyle::Number => "- Pages: by number",
            PageStyle::Changes => {
                "- Pages: by number, newest change first; reading forwards loses what changes meanwhile"
            }
        });
    }
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    if operation.errors.is_empty() {
        code.doc(
            "No codes of its own, only those that every call can have: see [`ErrorKind`](ecloud_core::ErrorKind).",
        );
    } else {
        code.doc("Besides what every call can have (see [`ErrorKind`](ecloud_core::ErrorKind)):");
        code.doc("");
        code.doc("| code | status | when |");
        code.doc("|---|---|---|");
        for error in &operation.errors {
            let when = doc::cell(&doc::full_stop(&error.when));
            code.doc(format!("| `{}` | {} | {when} |", error.code, error.status));
        }
    }
    code.doc("");
    code.doc("# Example");
    code.doc("");
    for line in example::of(domain, resource, operation) {
        code.doc(line);
    }
}

fn definition(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    code.line("#[derive(Clone, Debug)]");
    code.line("#[must_use = \"a call does nothing until it is sent\"]");
    let call = imports.core("Call");
    let mut fields = vec![format!("call: {call}")];
    for parameter in &operation.parameters {
        let ty = imports.ty(&whole(parameter));
        let optional = !parameter.required && !parameter.repeated;
        let ty = if optional { format!("Option<{ty}>") } else { ty };
        fields.push(format!("{}: {ty}", parameter.name));
    }
    if let Some(body) = &operation.body {
        let ty = imports.ty(&Ty::Model(body.model.clone()));
        let ty = if body.required { ty } else { format!("Option<{ty}>") };
        fields.push(format!("body: {ty}"));
    }
    code.line(format!("pub struct {} {{ {} }}", operation.type_name, fields.join(", ")));
}

fn setters(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.required) {
        let argument = imports.argument(&parameter.ty);
        let value = super::code::convert(&parameter.ty, &parameter.name);
        let name = &parameter.name;
        let set = if parameter.repeated {
            format!("self.{name}.push({value});")
        } else {
            format!("self.{name} = Some({value});")
        };
        let mut about = doc::full_stop(&parameter.doc);
        if parameter.repeated {
            about.push_str(" May be given several times.");
        }
        code.text(&about, NARROW);
        code.line(format!("pub fn {name}(mut self, {name}: {argument}) -> Self {{ {set} self }}"));
        code.gap();
    }
    if let Some(body) = operation.body.as_ref().filter(|body| !body.required) {
        let ty = imports.ty(&Ty::Model(body.model.clone()));
        let name = &body.name;
        code.doc("Sets the body; without it none is sent.");
        code.line(format!("pub fn {name}(mut self, {name}: {ty}) -> Self {{ self.body = Some({name}); self }}"));
        code.gap();
    }
}

fn streams(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    let output = output(imports, operation);
    imports.method("Operation");
    let (items, pages) = (imports.core("Items"), imports.core("Pages"));
    code.doc("Streams the items of all pages; each page is fetched when its first item is wanted.");
    code.line("#[inline]");
    code.line(format!("pub fn items(self) -> {items}<{output}> {{ {items}::new(self.request()) }}"));
    code.gap();
    code.doc("Streams the pages; each is fetched when it is wanted.");
    code.line("#[inline]");
    code.line(format!("pub fn pages(self) -> {pages}<{output}> {{ {pages}::new(self.request()) }}"));
    code.gap();
}

fn output(imports: &mut Imports, operation: &Operation) -> String {
    match &operation.output {
        Some(model) => imports.ty(&Ty::Model(model.clone())),
        None => "()".to_owned(),
    }
}

fn sends(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    imports.method("Operation");
    let output = output(imports, operation);
    let sending = imports.core("Sending");
    let (answer, raw) = (imports.core("Answer"), imports.core("RawAnswer"));
    match &operation.output {
        Some(_) if operation.page.is_some() => code.doc("Sends the call and answers with one page."),
        Some(_) => code.doc(format!("Sends the call and answers with the [`{output}`].")),
        None => code.doc("Sends the call; a success has nothing to say."),
    }
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    code.doc("Those of [the operation](Self#errors).");
    code.line("#[inline]");
    code.line(format!("pub fn send(self) -> {sending}<{output}> {{ self.request().send() }}"));
    code.gap();
    code.doc("Like [`send`](Self::send), with status, request id, headers and attempts beside the answer.");
    code.line("#[inline]");
    code.line(format!(
        "pub fn send_with_meta(self) -> {sending}<{answer}<{output}>> {{ self.request().send_with_meta() }}"
    ));
    code.gap();
    code.doc("Like [`send`](Self::send), with the answer's bytes as they came.");
    code.line("#[inline]");
    code.line(format!("pub fn send_raw(self) -> {sending}<{raw}> {{ self.request().send_raw() }}"));
    code.gap();
}

fn options(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    let duration = imports.of("std::time", "Duration");
    code.doc("Limits the whole call, waits and retries included.");
    code.line("#[inline]");
    code.line(format!(
        "pub fn with_timeout(mut self, timeout: {duration}) -> Self {{ self.call.set_timeout(timeout); self }}"
    ));
    code.gap();
    code.doc("Colours the call's traffic with a routing tag.");
    code.line("#[inline]");
    code.line("pub fn with_tag(mut self, tag: impl Into<String>) -> Self { self.call.set_tag(tag); self }");
    if !operation.verb.is_read() {
        code.gap();
        code.doc("Makes the call under a key of the caller's own, so that it is done once however often it is made.");
        code.line("#[inline]");
        code.line(
            "pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self { self.call.set_idempotency_key(key); self }",
        );
    }
}

fn implementation(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    let name = imports.method("Operation");
    let (info, method, request) = (imports.core("OperationInfo"), imports.core("Method"), imports.core("Request"));
    code.gap();
    code.line(format!("impl {name} for {} {{", operation.type_name));
    code.line(format!("type Output = {};", output(imports, operation)));
    code.gap();
    let mut facts =
        format!("{info}::new({:?}, {method}::{}, {:?})", operation.id, operation.verb.as_str(), operation.path);
    if let Some(scope) = &operation.scope {
        facts.push_str(&format!(".scope({scope:?})"));
    }
    facts.push_str(&format!(".quota({:?}, {})", operation.quota.group, operation.quota.weight));
    if operation.retry != Retry::of(operation.verb) {
        let safety = imports.core("RetrySafety");
        facts.push_str(&format!(".retry({safety}::{})", variant(operation.retry)));
    }
    if !operation.shop {
        facts.push_str(".without_shop()");
    }
    if let Some(page) = operation.page {
        let style = imports.core("PageStyle");
        let page = match page {
            PageStyle::Cursor => "Cursor",
            PageStyle::Number => "Number",
            PageStyle::Changes => "Changes",
        };
        facts.push_str(&format!(".page({style}::{page})"));
    }
    code.line(format!("const INFO: &'static {info} = &{facts};"));
    code.gap();
    code.line(format!("fn request(&self) -> {request} {{"));
    if operation.parameters.is_empty() && operation.body.is_none() {
        code.line("self.call.request(Self::INFO) } }");
        return;
    }
    code.line("let mut request = self.call.request(Self::INFO);");
    for parameter in &operation.parameters {
        write_parameter(code, parameter);
    }
    match &operation.body {
        Some(body) if body.required => code.line("request.set_json(&self.body);"),
        Some(_) => code.line("if let Some(body) = &self.body { request.set_json(body); }"),
        None => {}
    }
    code.line("request } }");
}

fn variant(retry: Retry) -> &'static str {
    match retry {
        Retry::Safe => "Safe",
        Retry::Keyed => "Keyed",
        Retry::Never => "Never",
    }
}

fn write_parameter(code: &mut Code, parameter: &Parameter) {
    let (wire, name) = (&parameter.wire, &parameter.name);
    code.line(match (parameter.in_path, parameter.repeated, parameter.required) {
        (true, ..) => format!("request.set_path({wire:?}, &self.{name});"),
        (_, true, _) => format!("for {name} in &self.{name} {{ request.push_query({wire:?}, {name}); }}"),
        (_, _, true) => format!("request.push_query({wire:?}, &self.{name});"),
        _ => format!("if let Some({name}) = &self.{name} {{ request.push_query({wire:?}, {name}); }}"),
    });
}
