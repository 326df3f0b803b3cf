//! Elements to JSON, by schema. What doesn't fit stays what it is, for the schema to refuse as it would in JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::tree::{self, Node, is_blank};
use crate::description::{Shapes, field};
use crate::platform::Refusal;

/// Reads a request's body.
pub(crate) fn read(bytes: &[u8], schema: &Value, shapes: &Shapes) -> Result<Value, Refusal> {
    let root = tree::parse(bytes)
        .map_err(|reason| Refusal::invalid(format!("the body isn't such XML as is taken here: {reason}")))?;
    let wanted = Shapes::name_of(schema).unwrap_or_default();
    if root.name != wanted {
        return Err(Refusal::invalid(format!("the root element must be `{wanted}`")));
    }
    value(&[&root], schema, shapes, "")
}

/// The value of all elements of one name.
fn value(nodes: &[&Node], schema: &Value, shapes: &Shapes, at: &str) -> Result<Value, Refusal> {
    let schema = shapes.resolve(schema);
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind == "array" {
        let items = schema.get("items").unwrap_or(&Value::Null);
        let items =
            nodes.iter().enumerate().map(|(index, node)| value(&[node], items, shapes, &format!("{at}/{index}")));
        return items.collect::<Result<_, _>>().map(Value::Array);
    }
    let [node] = nodes else { return Err(Refusal::invalid_field(field(at), "may stand only once")) };
    let is_object = kind == "object" && is_blank(&node.text);
    if is_object || !node.children.is_empty() {
        return object(node, schema, shapes, at);
    }
    Ok(scalar(&node.text, kind))
}

fn object(node: &Node, schema: &Value, shapes: &Shapes, at: &str) -> Result<Value, Refusal> {
    let properties = schema.get("properties").and_then(Value::as_object);
    if let (None, Some(values)) = (properties, schema.get("additionalProperties").filter(|values| values.is_object())) {
        return entries(node, values, shapes, at);
    }
    let mut groups: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for child in &node.children {
        groups.entry(&child.name).or_default().push(child);
    }
    let mut object = Map::new();
    for (name, nodes) in groups {
        let schema = properties.and_then(|properties| properties.get(name)).unwrap_or(&Value::Null);
        object.insert(name.to_owned(), value(&nodes, schema, shapes, &format!("{at}/{name}"))?);
    }
    // An absent array reads as an empty one; where it need not be there, it is the description's to say what its absence means.
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let schema = properties.and_then(|properties| properties.get(name)).unwrap_or(&Value::Null);
        if !object.contains_key(name) && shapes.type_of(schema) == "array" {
            object.insert(name.to_owned(), Value::Array(Vec::new()));
        }
    }
    Ok(Value::Object(object))
}

/// A map: `<entry><key/><value/></entry>` for each entry.
fn entries(node: &Node, values: &Value, shapes: &Shapes, at: &str) -> Result<Value, Refusal> {
    let refused =
        |index: usize, reason: &str| Err(Refusal::invalid_field(field(&format!("{at}/entry/{index}")), reason));
    let mut map = Map::new();
    for (index, entry) in node.children.iter().enumerate() {
        let named = |name: &str| entry.children.iter().filter(|child| child.name == name).collect::<Vec<_>>();
        let (keys, found) = (named("key"), named("value"));
        let [key] = &keys[..] else { return refused(index, "must have one key") };
        if entry.name != "entry" || keys.len() + found.len() < entry.children.len() {
            return refused(index, "must be an entry of a key and a value");
        }
        let read =
            if found.is_empty() { Value::Null } else { value(&found, values, shapes, &format!("{at}/{}", key.text))? };
        if map.insert(key.text.clone(), read).is_some() {
            return refused(index, "has a key that stood before");
        }
    }
    Ok(Value::Object(map))
}

/// A text as its type: numbers and truth as JSON writes them.
fn scalar(text: &str, kind: &str) -> Value {
    let word = text.trim_matches([' ', '\t', '\r', '\n']);
    let read = match kind {
        "integer" | "number" => serde_json::from_str(word).ok().filter(Value::is_number),
        "boolean" => serde_json::from_str(word).ok().filter(Value::is_boolean),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}
