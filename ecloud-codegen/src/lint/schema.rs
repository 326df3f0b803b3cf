//! Rules of models, enums and their properties.

use super::{Lint, example, is_lower, text};
use crate::load::{Document, Node, Sort};

/// Words that say of a number what it counts; any other counts pieces.
const UNITS: [&str; 10] =
    ["grams", "cm3", "mm", "millimetres", "seconds", "millis", "minutes", "hours", "days", "percent"];

/// Words that say that a number has a unit, without saying which.
const MEASURES: [&str; 8] = ["weight", "width", "height", "volume", "duration", "timeout", "age", "distance"];

/// What no schema of ours may have: it makes types that nobody can read.
const FORBIDDEN: [&str; 5] = ["allOf", "oneOf", "anyOf", "nullable", "not"];

/// Looks at the schemas of a document, and says how many there are.
pub(super) fn check<'a>(lint: &mut Lint<'a>, document: &'a Document) -> usize {
    let schemas = document.root().get("components").and_then(|components| components.get("schemas"));
    let mut count = 0;
    for (name, schema) in schemas.into_iter().flat_map(Node::pairs) {
        count += 1;
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) || !name.chars().all(char::is_alphanumeric) {
            lint.wrong(schema, format!("`{name}` isn't in upper camel case"));
        }
        text::description(lint, schema, &format!("`{name}`"));
        if schema.get("enum").is_some() {
            values(lint, schema);
        }
        any(lint, schema, true);
        for (property, node) in schema.get("properties").into_iter().flat_map(Node::pairs) {
            self::property(lint, property, node);
        }
    }
    count
}

/// What holds of a schema wherever it stands.
fn any<'a>(lint: &mut Lint<'a>, schema: Node<'a>, has_name: bool) {
    for key in FORBIDDEN {
        if schema.get(key).is_some() {
            lint.wrong(schema, format!("no schema has `{key}`"));
        }
    }
    let is = |wanted: &str| schema.get("type").and_then(Node::text) == Some(wanted);
    if schema.get("type").is_some_and(|ty| ty.sort() == Sort::List) {
        lint.wrong(schema, "a schema has one type: what isn't there is absent, not null");
    }
    // An object of whatever is in it has no properties that one could look up under its name.
    if !has_name && ((is("object") && schema.get("properties").is_some()) || schema.get("enum").is_some()) {
        lint.wrong(schema, "an object or an enum stands under a name of its own");
    }
    if is("array") {
        if schema.get("maxItems").is_none() {
            lint.wrong(schema, "the list has no `maxItems`");
        }
        if let Some(items) = schema.get("items") {
            any(lint, items, false);
        }
    }
    if is("string") && ["maxLength", "enum", "format", "pattern", "const"].iter().all(|key| schema.get(key).is_none()) {
        lint.wrong(schema, "the text has no `maxLength`");
    }
    if is("number") {
        lint.wrong(schema, "numbers are whole: the unit is chosen so that they are");
    }
    let format = schema.get("format").and_then(Node::text);
    if is("integer") && !matches!(format, Some("int32" | "int64")) {
        lint.wrong(schema, "a number's format is `int32` or `int64`");
    }
}

fn property<'a>(lint: &mut Lint<'a>, name: &str, node: Node<'a>) {
    if !is_lower(name, '_') {
        lint.wrong(node, format!("the property `{name}` isn't in lower snake case"));
    }
    text::description(lint, node, &format!("the property `{name}`"));
    any(lint, node, false);
    let schema = lint.follow(node);
    if schema.get("format").and_then(Node::text) == Some("date-time")
        && !["at", "by", "from", "to"].iter().any(|end| name.rsplit('_').next() == Some(end))
    {
        lint.wrong(node, format!("the time `{name}` doesn't end in `_at`, `_by`, `_from` or `_to`"));
    }
    let is_number = schema.get("type").and_then(Node::text) == Some("integer");
    let mut words = name.split('_');
    if is_number && words.clone().any(|word| MEASURES.contains(&word)) && !words.any(|word| UNITS.contains(&word)) {
        lint.wrong(node, format!("the unit of `{name}` doesn't stand in its name"));
    }
    for shown in ["example", "default"] {
        if let Some(value) = node.get(shown) {
            example::check(lint, value, node);
        }
    }
}

/// Each value of an enum is in lower snake case, and said what it means.
fn values<'a>(lint: &mut Lint<'a>, schema: Node<'a>) {
    let said = schema.get("x-ecloud-values");
    for value in schema.get("enum").into_iter().flat_map(Node::items) {
        let wire = value.text().unwrap_or_default();
        if !is_lower(wire, '_') {
            lint.wrong(value, format!("the value `{wire}` isn't in lower snake case"));
        }
        match said.and_then(|said| said.get(wire)).and_then(Node::text) {
            Some(text) => text::sentences(lint, value, &format!("what `{wire}` means"), text),
            None => lint.wrong(value, format!("`x-ecloud-values` doesn't say what `{wire}` means")),
        }
    }
}
