//! Operations as Rust types: the parameters, the call.

use super::code::{Code, Imports, NARROW, convert};
use super::{doc, operation_page, request, steps};
use crate::model::{Domain, Operation, Output, PageStyle, Parameter, Resource, Retry, Ty};

/// The arguments of the handle's method, and the fields that they set: path parameters, what else is required, a required body.
pub(super) fn arguments(imports: &mut Imports, operation: &Operation) -> Vec<(String, String, String)> {
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let mut arguments = Vec::new();
    for parameter in required {
        let ty = whole(parameter);
        let value = convert(&ty, &parameter.name);
        arguments.push((parameter.name.clone(), imports.argument(&ty), assign(&parameter.name, &value)));
    }
    if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
        let value = convert(&body.ty, &body.name);
        arguments.push((body.name.clone(), imports.argument(&body.ty), assign("body", &value)));
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
    operation_page::page(code, imports, domain, resource, operation);
    definition(code, imports, operation);
    code.gap();
    code.line(format!("impl {} {{", operation.type_name));
    setters(code, imports, operation);
    match operation.page.as_ref().map(|page| page.style) {
        Some(PageStyle::Changes) => changes(code, imports, operation),
        Some(_) => streams(code, imports, operation),
        None => {}
    }
    sends(code, imports, domain, operation);
    steps::start(code, imports, resource, operation);
    if operation.output == Output::Bytes && domain.platform.is_none() {
        download(code, imports);
    }
    options(code, imports, domain, operation);
    code.line("}");
    request::implementation(code, imports, domain, operation);
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
        let ty = imports.ty(&body.ty);
        let ty = if body.required { ty } else { format!("Option<{ty}>") };
        fields.push(format!("body: {ty}"));
    }
    code.line(format!("pub struct {} {{ {} }}", operation.type_name, fields.join(", ")));
}

fn setters(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.required) {
        let argument = imports.argument(&parameter.ty);
        let value = convert(&parameter.ty, &parameter.name);
        let name = &parameter.name;
        let set = if parameter.repeated {
            format!("self.{name}.push({value});")
        } else {
            format!("self.{name} = Some({value});")
        };
        let mut about = match parameter.doc.as_str() {
            "" => format!("Sets `{}`.", doc::line(&parameter.wire)),
            doc => doc::full_stop(doc),
        };
        if parameter.repeated {
            about.push_str(" May be given several times.");
        }
        code.text(&about, NARROW);
        if parameter.deprecated {
            code.line("#[deprecated]");
        }
        code.line("#[inline]");
        code.line(format!("pub fn {name}(mut self, {name}: {argument}) -> Self {{ {set} self }}"));
        code.gap();
    }
    if let Some(body) = operation.body.as_ref().filter(|body| !body.required) {
        let ty = imports.argument(&body.ty);
        let (name, value) = (&body.name, convert(&body.ty, &body.name));
        code.doc("Sets the body; without it none is sent.");
        code.line(format!("pub fn {name}(mut self, {name}: {ty}) -> Self {{ self.body = Some({value}); self }}"));
        code.gap();
    }
}

/// A list of changes is read as a stream of its own: page by page it would lose some.
fn changes(code: &mut Code, imports: &mut Imports, operation: &Operation) {
    let output = output(imports, operation);
    imports.method("Operation");
    let changes = imports.core("Changes");
    code.doc("Streams everything that changed since `modified_from`, oldest change first, up to five minutes ago, and loses nothing;");
    code.doc(format!("where the next stream begins is said by [`watermark`]({changes}::watermark)."));
    code.line("#[inline]");
    code.line(format!("pub fn items(self) -> {changes}<{output}> {{ {changes}::new(self.request()) }}"));
    code.gap();
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

/// A file is read as a stream, too.
fn download(code: &mut Code, imports: &mut Imports) {
    let download = imports.of("ecloud_core::transfer", "Download");
    code.doc("Reads the file as a stream, by ranges: an interrupted one goes on where it stopped, and its hash is compared at the end.");
    code.line("#[inline]");
    code.line(format!("pub fn download(self) -> {download} {{ self.request().download() }}"));
    code.gap();
}

/// The type that a success is read as.
pub(super) fn output(imports: &mut Imports, operation: &Operation) -> String {
    match &operation.output {
        Output::Nothing => "()".to_owned(),
        Output::Json(ty) => imports.ty(ty),
        Output::Maybe(ty) => format!("Option<{}>", imports.ty(ty)),
        Output::Text => "String".to_owned(),
        Output::Bytes => imports.core("Bytes"),
        Output::ByStatus(model) => imports.ty(&Ty::Model(model.clone())),
    }
}

fn sends(code: &mut Code, imports: &mut Imports, domain: &Domain, operation: &Operation) {
    imports.method("Operation");
    let output = output(imports, operation);
    let sending = imports.core("Sending");
    let (answer, raw) = (imports.core("Answer"), imports.core("RawAnswer"));
    match &operation.output {
        _ if operation.page.is_some() => code.doc("Sends the call and answers with one page."),
        Output::Nothing => code.doc("Sends the call; a success has nothing to say."),
        Output::Json(Ty::Model(name)) | Output::ByStatus(name) => {
            code.doc(format!("Sends the call and answers with the [`{name}`]."));
        }
        Output::Maybe(_) => code.doc("Sends the call and answers with what the platform says, if it says something."),
        Output::Text => code.doc("Sends the call and answers with the text."),
        Output::Bytes => code.doc("Sends the call and answers with the bytes."),
        Output::Json(_) => code.doc("Sends the call and answers with what the platform says."),
    }
    code.doc("");
    code.doc("# Errors");
    code.doc("");
    code.doc("Those of [the operation](Self#errors).");
    code.line("#[inline]");
    let (send, with_meta) = match request::is_read_otherwise(operation, domain.platform.is_some()) {
        true => ("send_as", "send_as_with_meta"),
        false => ("send", "send_with_meta"),
    };
    code.line(format!("pub fn send(self) -> {sending}<{output}> {{ self.request().{send}() }}"));
    code.gap();
    code.doc("Like [`send`](Self::send), with status, request id, headers and attempts beside the answer.");
    code.line("#[inline]");
    code.line(format!(
        "pub fn send_with_meta(self) -> {sending}<{answer}<{output}>> {{ self.request().{with_meta}() }}"
    ));
    code.gap();
    code.doc("Like [`send`](Self::send), with the answer's bytes as they came.");
    code.line("#[inline]");
    code.line(format!("pub fn send_raw(self) -> {sending}<{raw}> {{ self.request().send_raw() }}"));
    code.gap();
}

fn options(code: &mut Code, imports: &mut Imports, domain: &Domain, operation: &Operation) {
    let duration = imports.of("std::time", "Duration");
    code.doc("Limits the whole call, waits and retries included.");
    code.line("#[inline]");
    code.line(format!(
        "pub fn with_timeout(mut self, timeout: {duration}) -> Self {{ self.call.set_timeout(timeout); self }}"
    ));
    let policy = imports.core("RetryPolicy");
    code.gap();
    code.doc("Says when failed attempts are tried again, instead of the client's policy.");
    code.line("#[inline]");
    code.line(format!("pub fn with_retry(mut self, policy: {policy}) -> Self {{ self.call.set_retry(policy); self }}"));
    if domain.platform.is_none() {
        code.gap();
        code.doc("Colours the call's traffic with a routing tag.");
        code.line("#[inline]");
        code.line("pub fn with_tag(mut self, tag: impl Into<String>) -> Self { self.call.set_tag(tag); self }");
    }
    let keyed = match domain.platform {
        Some(_) => operation.retry == Retry::Keyed,
        None => !operation.verb.is_read(),
    };
    if keyed {
        code.gap();
        code.doc("Makes the call under a key of the caller's own, so that it is done once however often it is made.");
        code.line("#[inline]");
        code.line(
            "pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self { self.call.set_idempotency_key(key); self }",
        );
    }
}
