//! The first difference between a value and what became of it, as far as its schema makes one.
//!
//! No difference is: a property that was `null` and is gone, or came as `null`; a number spelled otherwise; a property that is gone and that
//! no schema which holds for the value declares.

use serde_json::{Map, Value};

use crate::document::below;
use crate::validator::Validators;

/// How many schemas are laid together before the rest is left out.
const MOST: usize = 200;

/// Where two values differ, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where, as a pointer into the value.
    pub(crate) pointer: String,
    /// How.
    pub(crate) how: String,
}

/// The first difference between `before`, a value of `schema`, and `after`.
pub(crate) fn difference<'a>(
    validators: &Validators<'a>,
    schema: &'a Value,
    before: &Value,
    after: &Value,
) -> Option<Difference> {
    compare(validators, &[schema], before, after, String::new())
}

fn compare<'a>(
    validators: &Validators<'a>,
    schemas: &[&'a Value],
    before: &Value,
    after: &Value,
    pointer: String,
) -> Option<Difference> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => objects(validators, schemas, before, after, &pointer),
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let known = Known::of(validators, schemas, before);
            let pairs = ours.iter().zip(theirs).enumerate();
            pairs.into_iter().find_map(|(index, (ours, theirs))| {
                let inner = known.item(index);
                compare(validators, &inner, ours, theirs, format!("{pointer}/{index}"))
            })
        }
        (Value::Number(_), Value::Number(_)) if same_number(before, after) => None,
        _ if before == after => None,
        _ => Some(Difference { pointer, how: format!("{} became {}", shown(before), shown(after)) }),
    }
}

fn objects<'a>(
    validators: &Validators<'a>,
    schemas: &[&'a Value],
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    pointer: &str,
) -> Option<Difference> {
    let known = Known::of(validators, schemas, &Value::Object(before.clone()));
    for (name, ours) in before {
        let declared = known.property(name);
        match after.get(name) {
            Some(theirs) => {
                let inner = declared.unwrap_or_default();
                if let found @ Some(_) = compare(validators, &inner, ours, theirs, below(pointer, name)) {
                    return found;
                }
            }
            None if ours.is_null() || declared.is_none() => {}
            None => return Some(Difference { pointer: below(pointer, name), how: format!("{} is gone", shown(ours)) }),
        }
    }
    let added = after.iter().find(|(name, value)| !value.is_null() && !before.contains_key(*name))?;
    Some(Difference { pointer: below(pointer, added.0), how: format!("{} came out of nothing", shown(added.1)) })
}

/// What the schemas that hold for a value say about its parts.
#[derive(Debug, Default)]
struct Known<'a> {
    properties: Vec<(&'a str, &'a Value)>,
    patterns: Vec<&'a Value>,
    additional: Vec<&'a Value>,
    items: Vec<&'a Value>,
    first_items: Vec<&'a Value>,
    laid: usize,
}

impl<'a> Known<'a> {
    fn of(validators: &Validators<'a>, schemas: &[&'a Value], value: &Value) -> Self {
        let mut known = Self::default();
        for schema in schemas {
            known.lay(validators, schema, value);
        }
        known
    }

    fn lay(&mut self, validators: &Validators<'a>, schema: &'a Value, value: &Value) {
        self.laid += 1;
        let Some(map) = schema.as_object().filter(|_| self.laid < MOST) else { return };
        let target = map.get("$ref").and_then(Value::as_str).and_then(|text| validators.schemas().target(text));
        if let Some(target) = target {
            self.lay(validators, target, value);
        }
        let list = |key: &str| map.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for part in list("allOf") {
            self.lay(validators, part, value);
        }
        for choices in [list("oneOf"), list("anyOf")] {
            let valid: Vec<&Value> = choices.iter().filter(|choice| validators.is_valid(choice, value)).collect();
            let all: Vec<&Value> = choices.iter().collect();
            for choice in if valid.is_empty() { all } else { valid } {
                self.lay(validators, choice, value);
            }
        }
        let properties = map.get("properties").and_then(Value::as_object).into_iter().flatten();
        self.properties.extend(properties.map(|(name, schema)| (name.as_str(), schema)));
        self.patterns.extend(map.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::values));
        self.additional.extend(map.get("additionalProperties").filter(|schema| **schema != Value::Bool(false)));
        self.items.extend(map.get("items"));
        self.first_items.extend(list("prefixItems"));
    }

    /// The schemas of a property; `None` if it isn't declared.
    fn property(&self, name: &str) -> Option<Vec<&'a Value>> {
        let own: Vec<&Value> =
            self.properties.iter().filter(|(other, _)| *other == name).map(|(_, inner)| *inner).collect();
        if !own.is_empty() {
            return Some(own);
        }
        // Where nothing is declared at all, everything is meant to be kept: it's an object of any content.
        let any = self.properties.is_empty() || !self.additional.is_empty() || !self.patterns.is_empty();
        any.then(|| self.additional.iter().chain(&self.patterns).copied().collect())
    }

    fn item(&self, index: usize) -> Vec<&'a Value> {
        self.first_items.get(index).map_or_else(|| self.items.clone(), |first| vec![*first])
    }
}

/// Whole numbers are the same or not; others may differ in their last digit, which is how exactly JSON is read without more effort.
fn same_number(before: &Value, after: &Value) -> bool {
    if before.is_f64() || after.is_f64() {
        let (before, after) = (before.as_f64().unwrap_or_default(), after.as_f64().unwrap_or_default());
        return (before - after).abs() <= before.abs() * 4.0 * f64::EPSILON;
    }
    before == after
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::schema::Schemas;
    use crate::validator;
    use serde_json::json;

    fn between(schema: Value, before: Value, after: Value) -> Option<String> {
        let document = Document::of(json!({ "openapi": "3.1.0", "s": schema }));
        let mut schemas = Schemas::new(&document);
        let number = schemas.number("/s");
        let whole = schemas.whole();
        let registry = validator::registry(&whole).expect("a registry");
        let validators = Validators::new(&schemas, &registry);
        let found = difference(&validators, schemas.get(number), &before, &after)?;
        Some(format!("{} {}", found.pointer, found.how))
    }

    #[test]
    fn nulls_number_spelling_and_undeclared_properties_make_no_difference() {
        let schema = json!({ "properties": { "a": {}, "b": {} } });
        let before = json!({ "a": 1, "b": null, "c": true });
        assert_eq!(between(schema, before, json!({ "a": 1.0, "d": null })), None);
    }

    #[test]
    fn a_declared_property_that_is_gone_makes_one() {
        let schema = json!({ "allOf": [{ "properties": { "a": { "properties": { "b/c": {} } } } }] });
        let gone = between(schema, json!({ "a": { "b/c": 1 } }), json!({ "a": {} }));
        assert_eq!(gone.as_deref(), Some("/a/b~1c 1 is gone"));
    }

    #[test]
    fn additional_properties_are_kept_where_they_are_declared_and_in_objects_of_any_content() {
        let declared = json!({ "properties": { "a": {} }, "additionalProperties": true });
        assert!(between(declared, json!({ "x": 1 }), json!({})).is_some());
        assert!(between(json!({ "type": "object" }), json!({ "x": 1 }), json!({})).is_some());
        let closed = json!({ "properties": { "a": {} }, "additionalProperties": false });
        assert_eq!(between(closed, json!({ "x": 1 }), json!({})), None);
    }

    #[test]
    fn only_the_choices_that_a_value_is_valid_under_declare_something() {
        let schema = json!({ "oneOf": [
            { "properties": { "a": { "type": "string" } }, "required": ["a"] },
            { "properties": { "b": { "type": "string" } }, "required": ["b"] },
        ] });
        assert_eq!(between(schema.clone(), json!({ "a": "x", "c": 1 }), json!({ "a": "x" })), None);
        assert!(between(schema, json!({ "b": "x" }), json!({})).is_some());
    }

    #[test]
    fn whole_numbers_are_compared_exactly() {
        assert!(between(json!({}), json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64)).is_some());
    }
}
