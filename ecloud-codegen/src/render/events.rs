//! The module of events: one enum of all that the platform tells by itself.

use std::collections::BTreeSet;

use super::code::{Code, Homes, Imports, NARROW};
use super::{doc, head_of};
use crate::model::{Domain, Event, Resource, Shape, Ty};
use crate::names;

/// What the module takes from the core; data of such a name is said by its path instead.
const TAKEN: [&str; 5] = ["Error", "EventData", "EventObject", "RawData", "UntypedEvent"];

/// `events.rs`.
pub(super) fn module(domain: &Domain) -> String {
    let mut page = Code::default();
    page_of(&mut page, domain);
    let mut own: BTreeSet<String> = domain.events.iter().map(|event| event.data.clone()).collect();
    own.retain(|name| TAKEN.contains(&name.as_str()));
    own.insert(domain.event_type());
    let mut imports = Imports::new(own, &Homes::default());
    let mut code = Code::default();
    declaration(&mut code, &mut imports, domain);
    methods(&mut code, domain);
    data(&mut code, &mut imports, domain);
    format!("{}{}\n{}{}", head_of(domain), page.into_text(), imports.into_lines(), code.into_text())
}

/// The table of a resource's own events, on its page.
pub(super) fn of_resource(page: &mut Code, domain: &Domain, resource: &Resource) {
    let own: Vec<&Event> = domain.events.iter().filter(|event| event.resource == resource.name).collect();
    if own.is_empty() {
        return;
    }
    page.page("");
    page.page("| event | when it is sent |");
    page.page("|---|---|");
    for event in own {
        let (name, variant) = (&event.event_type, &event.variant);
        let link = format!("crate::{}::{}::{variant}", Domain::EVENTS, domain.event_type());
        page.page(format!("| [`{name}`]({link}) | {} |", doc::cell(&doc::full_stop(&event.summary))));
    }
}

fn page_of(page: &mut Code, domain: &Domain) {
    page.page("What the platform tells by itself.");
    page.page("");
    page.page("| event | when it is sent | data |");
    page.page("|---|---|---|");
    for event in &domain.events {
        let (name, variant) = (&event.event_type, &event.variant);
        let summary = doc::cell(&doc::full_stop(&event.summary));
        let link = format!("{}::{variant}", domain.event_type());
        // What is imported needs no path, and rustdoc wants none.
        let data = match TAKEN.contains(&event.data.as_str()) {
            true => format!("[`{}`]({})", event.data, path(domain, event)),
            false => format!("[`{}`]", event.data),
        };
        page.page(format!("| [`{name}`]({link}) | {summary} | {data} |"));
    }
    let Some((event, example)) = domain.events.iter().find_map(|event| Some((event, event.example.as_ref()?))) else {
        return;
    };
    let (package, enumeration) = (names::snake(&domain.package).unwrap_or_default(), domain.event_type());
    let (field, ty) = object(domain, event);
    let text = if matches!(ty, Ty::Id(_)) { ".as_str()" } else { "" };
    page.page("");
    page.page("# Example");
    page.page("");
    page.page("```");
    page.page("use ecloud_core::event::Event;");
    page.page(format!("use {package}::{}::{enumeration};", Domain::EVENTS));
    page.page("");
    page.page("# fn main() -> Result<(), ecloud_core::Error> {");
    page.page("// A body that was found genuine; a `WebhookHandler` does both.");
    let body = example.pretty();
    let hashes = hashes(&body);
    page.page(format!("let body = r{hashes}\"{}\"{hashes};", body.trim_end().replace('\n', "\n//! ")));
    page.page(format!("match Event::<{enumeration}>::read(body.as_bytes())?.data {{"));
    page.page(format!(
        "    {enumeration}::{}(data) => println!(\"{} {{}}\", data.{field}{text}),",
        event.variant, event.kind
    ));
    page.page(format!("    {enumeration}::Unknown(event) => println!(\"something new: {{}}\", event.event_type),"));
    page.page("    _ => {}");
    page.page("}");
    page.page("# Ok(()) }");
    page.page("```");
}

/// The signs that a raw string with this text in it needs.
fn hashes(text: &str) -> String {
    let behind_quotes = text.split('"').skip(1).map(|piece| piece.len() - piece.trim_start_matches('#').len());
    "#".repeat(1 + behind_quotes.max().unwrap_or(0))
}

fn declaration(code: &mut Code, imports: &mut Imports, domain: &Domain) {
    let untyped = imports.of("ecloud_core::event", "UntypedEvent");
    code.doc("What the platform tells by itself, by type.");
    code.line("#[derive(Clone, Debug, PartialEq)]");
    code.line("#[non_exhaustive]");
    code.line(format!("pub enum {} {{", domain.event_type()));
    for event in &domain.events {
        code.text(&doc::full_stop(&event.summary), NARROW);
        if !event.description.is_empty() {
            code.doc("");
            code.text(&event.description, NARROW);
        }
        code.doc("");
        code.doc(format!("`{}`", event.event_type));
        if event.deprecated {
            code.line("#[deprecated]");
        }
        let data = data_type(imports, domain, event);
        code.line(format!("{}(Box<{data}>),", event.variant));
    }
    code.doc("A type that this version doesn't know; kept as it came.");
    code.line(format!("Unknown({untyped}), }}"));
}

fn methods(code: &mut Code, domain: &Domain) {
    code.gap();
    code.line(format!("impl {} {{", domain.event_type()));
    code.doc("The types that this version knows.");
    let types: Vec<String> = domain.events.iter().map(|event| format!("{:?}", event.event_type)).collect();
    code.line(format!("pub const TYPES: &'static [&'static str] = &[{}];", types.join(", ")));
    code.gap();
    code.doc("The type's name on the wire.");
    allow_deprecated(code, domain);
    code.line("#[inline]");
    code.line("pub fn event_type(&self) -> &str { match self {");
    for event in &domain.events {
        code.line(format!("Self::{}(_) => {:?},", event.variant, event.event_type));
    }
    code.line("Self::Unknown(event) => &event.event_type, } } }");
}

fn data(code: &mut Code, imports: &mut Imports, domain: &Domain) {
    let [error, event_data, event_object, raw, untyped] =
        TAKEN.map(|name| if name == "Error" { imports.core(name) } else { imports.of("ecloud_core::event", name) });
    code.gap();
    code.line(format!("impl {event_data} for {} {{", domain.event_type()));
    allow_deprecated(code, domain);
    code.line("#[inline]");
    code.line(format!("fn read(event_type: &str, data: {raw}) -> Result<Self, {error}> {{ Ok(match event_type {{"));
    for event in &domain.events {
        code.line(format!("{:?} => Self::{}(data.read()?),", event.event_type, event.variant));
    }
    code.line(format!("_ => Self::Unknown({untyped} {{ event_type: event_type.to_owned(), data }}), }}) }}"));
    code.gap();
    allow_deprecated(code, domain);
    code.line("#[inline]");
    code.line(format!("fn object(&self) -> Option<{event_object}<'_>> {{ match self {{"));
    let mut done: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for event in &domain.events {
        let about = |event: &Event| (event.data.clone(), event.kind.clone(), event.id.clone());
        if !done.insert((&event.data, &event.kind, &event.id)) {
            continue;
        }
        let alike = domain.events.iter().filter(|other| about(other) == about(event));
        let patterns: Vec<String> = alike.map(|other| format!("Self::{}(data)", other.variant)).collect();
        let (field, ty) = object(domain, event);
        let id = if matches!(ty, Ty::Id(_)) { format!("data.{field}.as_str()") } else { format!("&data.{field}") };
        code.line(format!("{} => Some({event_object} {{ kind: {:?}, id: {id} }}),", patterns.join(" | "), event.kind));
    }
    code.line("Self::Unknown(event) => event.object(), } } }");
}

/// Where an event is deprecated, the enum's own methods still know it.
fn allow_deprecated(code: &mut Code, domain: &Domain) {
    if domain.events.iter().any(|event| event.deprecated) {
        code.line("#[expect(deprecated, reason = \"what the platform may still send\")]");
    }
}

/// The field of an event's data that names its object, and its type.
fn object<'a>(domain: &'a Domain, event: &Event) -> (&'a str, &'a Ty) {
    let fields = match domain.model(&event.data).map(|(_, model)| &model.shape) {
        Some(Shape::Struct(shape)) => &shape.fields[..],
        _ => &[],
    };
    let field = fields.iter().find(|field| field.wire == event.id);
    field.map_or(("id", &Ty::Text), |field| (field.name.as_str(), &field.ty))
}

/// Where an event's data lives.
fn path(domain: &Domain, event: &Event) -> String {
    let module = domain.model(&event.data).map_or(Domain::SHARED, |(module, _)| module);
    format!("crate::{module}::{}", event.data)
}

fn data_type(imports: &mut Imports, domain: &Domain, event: &Event) -> String {
    let module = domain.model(&event.data).map_or(Domain::SHARED, |(module, _)| module);
    imports.of(&format!("crate::{module}"), &event.data)
}
