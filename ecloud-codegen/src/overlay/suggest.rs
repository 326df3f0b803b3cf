//! An overlay that says what is guessed without one, to be looked through and kept.

use std::collections::HashMap;
use std::fmt::Write;

use crate::model::{Domain, Model, Operation, Page, Position, Retry, Shape, Ty, Verb};

/// What the file says about itself.
const HEAD: &str = "\
# What the generator guesses about this document. Keep what is right, mend what isn't, and give the file to
# `ecloud-codegen new --overlay FILE`. Keys are described in the overlay's JSON Schema, overlay.schema.json.
ecloud-overlay: 1
";

/// When a call that changes something may be made again.
const REPEATABLE: &str = "if twice is as good as once";

/// The overlay that says about a document what was guessed in reading it: pages, idempotency keys, secrets; and, as comments, where
/// somebody who knows the platform may allow more retries.
pub fn suggest(domain: &Domain) -> String {
    let models: HashMap<&str, &Model> = domain.models().map(|(_, model)| (model.name.as_str(), model)).collect();
    let mut text = HEAD.to_owned();
    let mut operations = String::new();
    for (_, operation) in domain.operations() {
        one(&mut operations, &models, operation);
    }
    if !operations.is_empty() {
        text.push_str("\noperations:\n");
        text.push_str(&operations);
    }
    let mut schemas = String::new();
    for (_, model) in domain.models() {
        secrets(&mut schemas, model);
    }
    if !schemas.is_empty() {
        text.push_str("\nschemas:\n");
        text.push_str(&schemas);
    }
    text
}

fn one(out: &mut String, models: &HashMap<&str, &Model>, operation: &Operation) {
    let mut facts = String::new();
    if let Some(header) = &operation.idempotency_header {
        line(&mut facts, 2, &format!("idempotency-header: {}", quoted(header)));
    }
    if let Some(page) = page(models, operation) {
        line(&mut facts, 2, &page);
    }
    // HTTP calls these idempotent; whether the platform keeps to it is for somebody to know.
    let repeatable = matches!(operation.verb, Verb::Put | Verb::Delete) && operation.retry == Retry::Never;
    if repeatable && facts.is_empty() {
        line(out, 1, &format!("# {}: {{ retry: safe }}  # {REPEATABLE}", key(operation)));
    } else if repeatable {
        line(&mut facts, 2, &format!("# retry: safe  # {REPEATABLE}"));
    }
    if facts.is_empty() {
        return;
    }
    if !operation.summary.is_empty() {
        line(out, 1, &format!("# {}", comment(&operation.summary)));
    }
    line(out, 1, &format!("{}:", key(operation)));
    out.push_str(&facts);
}

fn key(operation: &Operation) -> String {
    quoted(&format!("{} {}", operation.verb.as_str(), operation.path))
}

fn page(models: &HashMap<&str, &Model>, operation: &Operation) -> Option<String> {
    let paging = operation.page.as_ref()?;
    let mut facts = vec![format!("style: {}", paging.style.as_str())];
    for (name, value) in [("parameter", &paging.parameter), ("size", &paging.size)] {
        facts.extend(value.as_ref().map(|value| format!("{name}: {}", quoted(value))));
    }
    if paging.first != 1 {
        facts.push(format!("first: {}", paging.first));
    }
    let model = operation.output.model().and_then(|name| models.get(name).copied());
    if let Some((model, page)) = model.and_then(|model| Some((model, page_of(model)?))) {
        let pointer = |way: &[String]| quoted(&pointer(models, model, way));
        facts.push(format!("items: {}", pointer(&page.items)));
        facts.extend(match &page.position {
            Position::Cursor(way) | Position::Url(way) => Some(format!("next: {}", pointer(way))),
            Position::More(way) => Some(format!("more: {}", pointer(way))),
            Position::Total(way) => Some(format!("total: {}", pointer(way))),
            Position::Number | Position::Open => None,
        });
    }
    Some(format!("page: {{ {} }}", facts.join(", ")))
}

fn page_of(model: &Model) -> Option<&Page> {
    match &model.shape {
        Shape::Struct(shape) => shape.page.as_ref(),
        _ => None,
    }
}

/// The pointer on the wire for a way by the names of fields.
fn pointer(models: &HashMap<&str, &Model>, model: &Model, way: &[String]) -> String {
    let mut pointer = String::new();
    let mut at = Some(model);
    for name in way {
        let field = at.and_then(|model| match &model.shape {
            Shape::Struct(shape) => shape.fields.iter().find(|field| field.name == *name),
            _ => None,
        });
        let wire = field.map_or(name.as_str(), |field| &field.wire);
        pointer.push('/');
        pointer.push_str(&wire.replace('~', "~0").replace('/', "~1"));
        at = field.and_then(|field| models.get(field.ty.model()?).copied());
    }
    pointer
}

fn secrets(out: &mut String, model: &Model) {
    let Shape::Struct(shape) = &model.shape else {
        return;
    };
    let secret: Vec<&str> =
        shape.fields.iter().filter(|field| field.ty == Ty::Secret).map(|field| field.wire.as_str()).collect();
    if secret.is_empty() {
        return;
    }
    line(out, 1, &format!("{}:", quoted(&format!("#{}", model.place.pointer))));
    line(out, 2, "properties:");
    for wire in secret {
        line(out, 3, &format!("{}: {{ type: secret }}", quoted(wire)));
    }
}

fn line(out: &mut String, level: usize, text: &str) {
    let _ = writeln!(out, "{}{text}", "  ".repeat(level));
}

/// A text in double quotes, which YAML reads as JSON does.
fn quoted(text: &str) -> String {
    crate::json::Json::from(text).pretty().trim_end().to_owned()
}

/// A text as the end of a line.
fn comment(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "")
}
