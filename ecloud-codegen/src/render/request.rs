//! Operations as requests: their facts, and how their parameters and body are written.

use super::code::{Code, Imports};
use super::operation::output;
use crate::model::{
    Body, Domain, FormStyle, Location, Media, Operation, Output, PageStyle, Paging, Parameter, Platform, Presence,
    Retry, SchemeKind, Shape, Style, Ty,
};

/// Writes the implementation of the core's `Operation`.
pub(super) fn implementation(code: &mut Code, imports: &mut Imports, domain: &Domain, operation: &Operation) {
    let name = imports.method("Operation");
    let (info, request) = (imports.core("OperationInfo"), imports.core("Request"));
    code.gap();
    code.line(format!("impl {name} for {} {{", operation.type_name));
    code.line(format!("type Output = {};", output(imports, operation)));
    code.gap();
    let facts = facts(imports, domain, operation);
    code.line(format!("const INFO: &'static {info} = &{facts};"));
    code.gap();
    code.line("#[inline]");
    code.line(format!("fn request(&self) -> {request} {{"));
    if operation.parameters.is_empty() && operation.body.is_none() {
        code.line("self.call.request(Self::INFO) } }");
        return;
    }
    code.line("let mut request = self.call.request(Self::INFO);");
    for parameter in &operation.parameters {
        write_parameter(code, imports, domain, parameter);
    }
    if let Some(body) = &operation.body {
        write_body(code, imports, domain, body);
    }
    code.line("request } }");
}

/// What never changes from call to call.
fn facts(imports: &mut Imports, domain: &Domain, operation: &Operation) -> String {
    let (info, method) = (imports.core("OperationInfo"), imports.core("Method"));
    let mut facts =
        format!("{info}::new({:?}, {method}::{}, {:?})", operation.id, operation.verb.as_str(), operation.path);
    if let Some(scope) = &operation.scope {
        facts.push_str(&format!(".scope({scope:?})"));
    }
    if !operation.roles.is_empty() {
        facts.push_str(&format!(".roles(&{:?})", operation.roles));
    }
    if let Some(quota) = &operation.quota {
        facts.push_str(&format!(".quota({:?}, {})", quota.group, quota.weight));
    }
    // The ecloud protocol has a key for each write; other platforms say so or have none, which the client's dialect knows.
    let usual = match domain.platform {
        Some(_) if operation.verb.is_read() => Retry::Safe,
        Some(_) => Retry::Never,
        None => Retry::of(operation.verb),
    };
    if let Some(header) = &operation.idempotency_header {
        facts.push_str(&format!(".idempotency_header({header:?})"));
    } else if operation.retry != usual {
        let safety = imports.core("RetrySafety");
        facts.push_str(&format!(".retry({safety}::{})", variant(operation.retry)));
    }
    if !operation.shop {
        facts.push_str(".without_shop()");
    }
    if let Some(accept) = &operation.accept {
        facts.push_str(&format!(".accept({accept:?})"));
    }
    if let (Some(platform), Some(security)) = (&domain.platform, &operation.security) {
        facts.push_str(&self::security(imports, platform, security));
    }
    if let Some(page) = &operation.page {
        facts.push_str(&paging(imports, page));
    }
    facts
}

fn paging(imports: &mut Imports, page: &Paging) -> String {
    let style = page.style;
    if page.parameter.is_none() && matches!(style, PageStyle::Cursor | PageStyle::Number | PageStyle::Changes) {
        let style = match style {
            PageStyle::Cursor => "Cursor",
            PageStyle::Number => "Number",
            _ => "Changes",
        };
        return format!(".page({}::{style})", imports.core("PageStyle"));
    }
    let name = imports.core("Paging");
    let parameter = page.parameter.as_deref().unwrap_or_default();
    let mut text = match style {
        PageStyle::Cursor => format!("{name}::cursor({parameter:?})"),
        PageStyle::Number | PageStyle::Changes => format!("{name}::number({parameter:?})"),
        PageStyle::Offset => format!("{name}::offset({parameter:?})"),
        PageStyle::Link => format!("{name}::link()"),
        PageStyle::Url => format!("{name}::url()"),
    };
    if let Some(size) = &page.size {
        text.push_str(&format!(".size({size:?})"));
    }
    if page.first != 1 {
        text.push_str(&format!(".first({})", page.first));
    }
    format!(".paging(&{text})")
}

fn security(imports: &mut Imports, platform: &Platform, security: &[Vec<usize>]) -> String {
    // Where nothing has to be proved no scheme is named.
    let any = security.iter().flatten().any(|index| platform.schemes.get(*index).is_some());
    let name = if any { imports.core("SecurityScheme") } else { String::new() };
    let alternatives: Vec<String> = security
        .iter()
        .map(|schemes| {
            let each: Vec<String> = schemes
                .iter()
                .filter_map(|index| platform.schemes.get(*index))
                .map(|scheme| match &scheme.kind {
                    SchemeKind::Bearer => format!("{name}::Bearer"),
                    SchemeKind::Basic => format!("{name}::Basic"),
                    SchemeKind::ApiKey(location, key) => {
                        let place = imports.core("KeyLocation");
                        let place = match location {
                            Location::Query => format!("{place}::Query"),
                            Location::Cookie => format!("{place}::Cookie"),
                            _ => format!("{place}::Header"),
                        };
                        format!("{name}::ApiKey {{ name: {key:?}, location: {place} }}")
                    }
                })
                .collect();
            format!("&[{}]", each.join(", "))
        })
        .collect();
    format!(".security(&[{}])", alternatives.join(", "))
}

fn variant(retry: Retry) -> &'static str {
    match retry {
        Retry::Safe => "Safe",
        Retry::Keyed => "Keyed",
        Retry::Never => "Never",
    }
}

/// Whether a value of the type can be displayed, as plain parameters are.
fn is_plain(domain: &Domain, ty: &Ty) -> bool {
    match ty {
        Ty::Model(name) => domain.model(name).is_none_or(|(_, model)| matches!(model.shape, Shape::Enum(_))),
        Ty::List(_) | Ty::Map(_) | Ty::OrNull(_) | Ty::Json | Ty::Secret | Ty::File | Ty::Money | Ty::Sensitive(_) => {
            false
        }
        _ => true,
    }
}

fn write_parameter(code: &mut Code, imports: &mut Imports, domain: &Domain, parameter: &Parameter) {
    let (wire, name) = (&parameter.wire, &parameter.name);
    let optional = !parameter.required;
    let plain = is_plain(domain, &parameter.ty);
    // A list that isn't there is an empty one, and writes nothing.
    if parameter.repeated && plain {
        let all = format!("&self.{name}");
        return code.line(match (parameter.location, parameter.style) {
            (Location::Path, _) => format!("request.set_path_list({wire:?}, {all});"),
            (Location::Header, _) => format!("request.set_header_list({wire:?}, {all});"),
            (Location::Cookie, _) => format!("for {name} in {all} {{ request.push_cookie({wire:?}, {name}); }}"),
            (Location::Query, Style::Comma | Style::Space | Style::Pipe | Style::Tab) => {
                let style = imports.core("ListStyle");
                format!("request.push_query_list({wire:?}, {style}::{:?}, {all});", parameter.style)
            }
            (Location::Query, _) => format!("for {name} in {all} {{ request.push_query({wire:?}, {name}); }}"),
        });
    }
    let bind = optional && !parameter.repeated;
    let value = if bind { name.clone() } else { format!("&self.{name}") };
    let shown =
        if parameter.ty == Ty::Secret { format!("&{}.expose()", value.trim_start_matches('&')) } else { value.clone() };
    let call = match (parameter.location, parameter.style) {
        (Location::Query, Style::Json) => format!("request.push_query_json({wire:?}, {value});"),
        (Location::Query, _) if !plain && parameter.ty != Ty::Secret => {
            let style = imports.core("ObjectStyle");
            let word = match parameter.style {
                Style::Deep => "Deep",
                Style::FormComma => "Comma",
                _ => "Form",
            };
            format!("request.push_query_object({wire:?}, {style}::{word}, {value});")
        }
        (Location::Query, _) => format!("request.push_query({wire:?}, {shown});"),
        (Location::Path, _) => format!("request.set_path({wire:?}, {shown});"),
        (Location::Header, _) => format!("request.set_header({wire:?}, {shown});"),
        (Location::Cookie, _) => format!("request.push_cookie({wire:?}, {shown});"),
    };
    code.line(if bind { format!("if let Some({name}) = &self.{name} {{ {call} }}") } else { call });
}

fn write_body(code: &mut Code, imports: &mut Imports, domain: &Domain, body: &Body) {
    let value = if body.required { "&self.body" } else { "body" };
    let media = &body.content_type;
    let mut lines = Vec::new();
    match &body.media {
        Media::Json if media == "application/json" => lines.push(format!("request.set_json({value});")),
        Media::Json => lines.push(format!("request.set_json_as({media:?}, {value});")),
        Media::Form(styles) => {
            let name = if styles.is_empty() { String::new() } else { imports.core("FormStyle") };
            let each: Vec<String> =
                styles.iter().map(|(key, style)| format!("({key:?}, {name}::{})", form_style(*style))).collect();
            lines.push(format!("request.set_form({value}, &[{}]);", each.join(", ")));
        }
        Media::Multipart => lines = multipart(imports, domain, body),
        Media::Text => lines.push(format!("request.set_text({media:?}, {value});")),
        // The body is a file; its bytes alone are sent.
        Media::Bytes => {
            let file = value.trim_start_matches('&');
            lines.push(format!("request.set_bytes({media:?}, {file}.bytes().clone());"));
        }
    }
    if body.required {
        lines.iter().for_each(|line| code.line(line));
    } else {
        code.line(format!("if let Some(body) = &self.body {{ {} }}", lines.join("\n")));
    }
}

fn form_style(style: FormStyle) -> &'static str {
    match style {
        FormStyle::Repeat => "Repeat",
        FormStyle::Brackets => "Brackets",
        FormStyle::Indexed => "Indexed",
        FormStyle::Comma => "Comma",
        FormStyle::Space => "Space",
        FormStyle::Pipe => "Pipe",
        FormStyle::Deep => "Deep",
        FormStyle::Json => "Json",
    }
}

/// A part for each field of the body.
fn multipart(imports: &mut Imports, domain: &Domain, body: &Body) -> Vec<String> {
    let name = imports.core("Multipart");
    let owner = if body.required { "self.body" } else { "body" };
    let mut lines = vec![format!("let mut form = {name}::new();")];
    let shape = match &body.ty {
        Ty::Model(model) => domain.model(model).map(|(_, model)| &model.shape),
        _ => None,
    };
    let Some(Shape::Struct(shape)) = shape else {
        lines.push(format!("form.json(\"body\", &{owner});"));
        lines.push("request.set_multipart(form);".to_owned());
        return lines;
    };
    for field in &shape.fields {
        let part = |ty: &Ty, value: &str| {
            let wire = &field.wire;
            match ty {
                Ty::File => format!("form.file({wire:?}, {value});"),
                Ty::Secret => format!("form.text({wire:?}, &{}.expose());", value.trim_start_matches('&')),
                ty if is_plain(domain, ty) => format!("form.text({wire:?}, {value});"),
                _ => format!("form.json({wire:?}, {value});"),
            }
        };
        let all = |value: &str| match &field.ty {
            Ty::List(inner) if is_plain(domain, inner) || **inner == Ty::File => {
                format!("for part in {value} {{ {} }}", part(inner, "part"))
            }
            ty => part(ty, value),
        };
        let here = format!("{owner}.{}", field.name);
        lines.push(match field.presence {
            Presence::Required | Presence::Empty => all(&format!("&{here}")),
            Presence::OptionalOrNull => format!("if let Some(part) = {here}.as_option() {{ {} }}", all("part")),
            _ => format!("if let Some(part) = &{here} {{ {} }}", all("part")),
        });
    }
    lines.push("request.set_multipart(form);".to_owned());
    lines
}

/// Whether the answer is read by something else than JSON alone.
pub(super) fn is_read_otherwise(operation: &Operation, platform: bool) -> bool {
    match operation.output {
        Output::Json(_) => false,
        // Other people's platforms may say something where the document has nothing.
        Output::Nothing => platform,
        _ => true,
    }
}
