//! Examples fit their schemas, as far as the schemas of the descriptions go.

use super::Lint;
use crate::load::{Node, Sort};

/// Holds a value against a schema.
pub(super) fn check<'a>(lint: &mut Lint<'a>, value: Node<'a>, schema: Node<'a>) {
    let schema = lint.follow(schema);
    match schema.get("type").and_then(Node::text).unwrap_or_default() {
        "object" => object(lint, value, schema),
        "array" => list(lint, value, schema),
        "string" => string(lint, value, schema),
        "integer" => integer(lint, value, schema),
        "boolean" if value.bool().is_none() => lint.wrong(value, "the example is neither true nor false"),
        _ => {}
    }
}

fn object<'a>(lint: &mut Lint<'a>, value: Node<'a>, schema: Node<'a>) {
    if value.sort() != Sort::Map {
        return lint.wrong(value, "the example isn't an object");
    }
    for required in schema.get("required").into_iter().flat_map(Node::items).filter_map(Node::text) {
        if value.get(required).is_none() {
            lint.wrong(value, format!("the example has no `{required}`"));
        }
    }
    let properties = schema.get("properties");
    for (name, inner) in value.pairs() {
        match properties.and_then(|properties| properties.get(name)) {
            Some(property) => check(lint, inner, property),
            None => lint.wrong(inner, format!("the example has `{name}`, which isn't described")),
        }
    }
}

fn list<'a>(lint: &mut Lint<'a>, value: Node<'a>, schema: Node<'a>) {
    if value.sort() != Sort::List {
        // A filter that takes several values may be shown with one.
        if let Some(items) = schema.get("items") {
            check(lint, value, items);
        }
        return;
    }
    let count = value.items().count();
    within(lint, value, schema, count as i128, ["minItems", "maxItems"], "items");
    for item in value.items() {
        if let Some(items) = schema.get("items") {
            check(lint, item, items);
        }
    }
}

fn string<'a>(lint: &mut Lint<'a>, value: Node<'a>, schema: Node<'a>) {
    let Some(text) = value.text() else {
        return lint.wrong(value, "the example isn't a text");
    };
    within(lint, value, schema, text.chars().count() as i128, ["minLength", "maxLength"], "characters");
    if let Some(values) = schema.get("enum")
        && !values.items().filter_map(Node::text).any(|other| other == text)
    {
        lint.wrong(value, format!("`{text}` is none of the values"));
    }
}

fn integer<'a>(lint: &mut Lint<'a>, value: Node<'a>, schema: Node<'a>) {
    match value.number().and_then(|number| number.parse::<i128>().ok()) {
        Some(number) => within(lint, value, schema, number, ["minimum", "maximum"], ""),
        None => lint.wrong(value, "the example isn't a whole number"),
    }
}

fn within(lint: &mut Lint<'_>, value: Node<'_>, schema: Node<'_>, number: i128, keys: [&str; 2], unit: &str) {
    let limit = |key: &str| schema.get(key).and_then(Node::number).and_then(|text| text.parse::<i128>().ok());
    let [least, most] = keys.map(limit);
    if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
        lint.wrong(value, format!("the example is outside of the limits: {number} {unit}").trim_end().to_owned());
    }
}
