//! The schemas of a document as JSON Schema 2020-12, whatever version the document has, so that one validator, one
//! maker of values and one comparison know what they mean.
//!
//! What isn't well formed is left out, as a reader of the document does: a pattern that is no regular expression, `required: true`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::document::{self, Document, Version};

const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];
const COUNTS: [&str; 6] = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// Schemas that were asked for, and all that they refer to; each by a number.
#[derive(Debug)]
pub(crate) struct Schemas<'a> {
    document: &'a Document,
    defs: Vec<Value>,
    by_pointer: HashMap<String, usize>,
    open: Vec<(String, usize)>,
    patterns: HashMap<String, bool>,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        Self { document, defs: Vec::new(), by_pointer: HashMap::new(), open: Vec::new(), patterns: HashMap::new() }
    }

    /// The number of the schema at a pointer.
    pub(crate) fn number(&mut self, pointer: &str) -> usize {
        let number = self.want(pointer);
        while let Some((pointer, number)) = self.open.pop() {
            // A schema that isn't there says nothing, and everything is valid.
            let schema = self.document.at(&pointer).map_or(Value::Bool(true), |node| self.translate(node));
            self.defs[number] = schema;
        }
        number
    }

    /// The schema with a number.
    pub(crate) fn get(&self, number: usize) -> &Value {
        &self.defs[number]
    }

    /// The schema that a translated `$ref` leads to.
    pub(crate) fn target(&self, reference: &str) -> Option<&Value> {
        self.defs.get(reference.rsplit('/').next()?.parse::<usize>().ok()?)
    }

    /// All of them in one document, for a validator.
    pub(crate) fn whole(&self) -> Value {
        let defs = self.defs.iter().enumerate().map(|(number, schema)| (number.to_string(), schema.clone()));
        json!({ "$defs": defs.collect::<Map<_, _>>() })
    }

    fn want(&mut self, pointer: &str) -> usize {
        if let Some(number) = self.by_pointer.get(pointer) {
            return *number;
        }
        let number = self.defs.len();
        self.defs.push(Value::Bool(true));
        self.by_pointer.insert(pointer.to_owned(), number);
        self.open.push((pointer.to_owned(), number));
        number
    }

    fn translate(&mut self, node: &Value) -> Value {
        let Some(node) = node.as_object() else {
            return Value::Bool(node.as_bool().unwrap_or(true));
        };
        let mut out = Map::new();
        let referred = node.get("$ref").and_then(Value::as_str);
        if let Some(pointer) = referred.and_then(document::local) {
            out.insert("$ref".to_owned(), format!("{}#/$defs/{}", ADDRESS, self.want(&pointer)).into());
        }
        if referred.is_none() || self.document.version == Version::New {
            for (key, value) in node {
                if let Some(value) = self.keyword(key, value, node) {
                    out.insert(key.clone(), value);
                }
            }
            if let Some(tuple) = node.get("items").and_then(Value::as_array) {
                out.remove("items");
                out.insert("prefixItems".to_owned(), self.list(tuple));
            }
        }
        let nullable = |key: &str| node.get(key).and_then(Value::as_bool) == Some(true);
        if self.document.version == Version::Old && (nullable("nullable") || nullable("x-nullable")) {
            return json!({ "anyOf": [{ "type": "null" }, out] });
        }
        Value::Object(out)
    }

    /// What a keyword becomes; nothing if it says nothing about what is valid.
    fn keyword(&mut self, key: &str, value: &Value, node: &Map<String, Value>) -> Option<Value> {
        match key {
            "type" => types(value),
            "enum" => value.as_array().filter(|values| !values.is_empty()).map(distinct),
            "const" => Some(value.clone()),
            "minimum" | "maximum" => {
                let exclusive = if key == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                let open = node.get(exclusive) == Some(&Value::Bool(true));
                (value.is_number() && !open).then(|| value.clone())
            }
            "exclusiveMinimum" | "exclusiveMaximum" => match value {
                Value::Bool(true) => {
                    let bound = if key == "exclusiveMinimum" { "minimum" } else { "maximum" };
                    node.get(bound).filter(|bound| bound.is_number()).cloned()
                }
                Value::Number(_) => Some(value.clone()),
                _ => None,
            },
            "multipleOf" => value.as_f64().filter(|number| *number > 0.0).map(|_| value.clone()),
            "uniqueItems" => value.as_bool().map(Value::Bool),
            "pattern" => value.as_str().filter(|text| self.is_pattern(text)).map(Value::from),
            "required" => Some(distinct(value.as_array()?.iter().filter(|name| name.is_string()))),
            "properties" => Some(self.map(value.as_object()?)),
            "patternProperties" => {
                let pairs = value.as_object()?.iter().filter(|(pattern, _)| self.is_pattern(pattern));
                let pairs: Map<String, Value> = pairs.map(|(key, value)| (key.clone(), value.clone())).collect();
                Some(self.map(&pairs))
            }
            "additionalProperties" | "items" | "not" | "if" | "then" | "else" | "contains" | "propertyNames"
                if value.is_object() || value.is_boolean() =>
            {
                Some(self.translate(value))
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                value.as_array().filter(|list| !list.is_empty()).map(|list| self.list(list))
            }
            _ if COUNTS.contains(&key) => value.as_u64().map(Value::from),
            _ => None,
        }
    }

    fn list(&mut self, list: &[Value]) -> Value {
        Value::Array(list.iter().map(|item| self.translate(item)).collect())
    }

    fn map(&mut self, map: &Map<String, Value>) -> Value {
        Value::Object(map.iter().map(|(key, value)| (key.clone(), self.translate(value))).collect())
    }

    fn is_pattern(&mut self, pattern: &str) -> bool {
        if let Some(known) = self.patterns.get(pattern) {
            return *known;
        }
        let sound = jsonschema::options().build(&json!({ "pattern": pattern })).is_ok();
        self.patterns.insert(pattern.to_owned(), sound);
        sound
    }
}

/// The address that all schemas together have for the validator.
pub(crate) const ADDRESS: &str = "urn:document";

fn types(value: &Value) -> Option<Value> {
    let known = |name: &str| match name {
        "file" => Some("string"),
        _ => TYPES.into_iter().find(|known| *known == name),
    };
    match value {
        Value::String(name) => known(name).map(Value::from),
        Value::Array(names) => {
            let names: Vec<Value> = names.iter().filter_map(|name| known(name.as_str()?)).map(Value::from).collect();
            (!names.is_empty()).then(|| distinct(&names))
        }
        _ => None,
    }
}

fn distinct<'v>(values: impl IntoIterator<Item = &'v Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for value in values {
        if !kept.contains(value) {
            kept.push(value.clone());
        }
    }
    Value::Array(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(version: &str, schema: Value) -> Value {
        let document = Document::of(json!({ "openapi": version, "s": schema, "t": { "type": "string" } }));
        let mut schemas = Schemas::new(&document);
        let number = schemas.number("/s");
        schemas.get(number).clone()
    }

    #[test]
    fn an_exclusive_bound_of_3_0_is_a_number_in_2020_12() {
        let schema = json!({ "type": "integer", "minimum": 3, "exclusiveMinimum": true });
        assert_eq!(translated("3.0.3", schema), json!({ "type": "integer", "exclusiveMinimum": 3 }));
    }

    #[test]
    fn nullable_stands_beside_a_reference_and_other_siblings_do_not() {
        let schema = json!({ "$ref": "#/t", "nullable": true, "maxLength": 3 });
        let expected = json!({ "anyOf": [{ "type": "null" }, { "$ref": "urn:document#/$defs/1" }] });
        assert_eq!(translated("3.0.3", schema), expected);
        let schema = json!({ "$ref": "#/t", "maxLength": 3 });
        assert_eq!(translated("3.1.0", schema), json!({ "$ref": "urn:document#/$defs/1", "maxLength": 3 }));
    }

    #[test]
    fn what_is_no_keyword_is_left_out() {
        let schema =
            json!({ "type": "thing", "required": true, "pattern": "(", "items": "x", "enum": [], "discriminator": {} });
        assert_eq!(translated("3.0.0", schema), json!({}));
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        let schema = json!({ "properties": { "required": { "type": "boolean" } } });
        assert_eq!(translated("3.0.0", schema.clone()), schema);
    }
}
