//! Each rule that the descriptions set for a body, tried with a value on either side of it: what lies beyond is refused with the field's
//! name, and what lies on the limit isn't refused for that field.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Map, Value, json};
use support::{Served, described};

/// The longest text and list that are made up: beyond that a body only grows.
const LONGEST: u64 = 20_000;

/// A body that a rule speaks of.
struct Try {
    body: Value,
    /// What the platform calls the field.
    field: String,
    allowed: bool,
}

/// Makes bodies out of an example.
struct Rules<'a> {
    schemas: &'a Value,
    example: &'a Value,
    tries: Vec<Try>,
}

impl<'a> Rules<'a> {
    fn resolve(&self, mut schema: &'a Value) -> &'a Value {
        while let Some(name) = schema["$ref"].as_str() {
            schema = &self.schemas[name.trim_start_matches("#/schemas/")];
        }
        schema
    }

    /// The example with another value in a place; `None` takes the place away.
    fn add(&mut self, object: &str, name: &str, value: Option<Value>, allowed: bool) {
        let mut body = self.example.clone();
        let holder = body.pointer_mut(object).and_then(Value::as_object_mut).unwrap();
        match value {
            Some(value) => drop(holder.insert(name.to_owned(), value)),
            None => drop(holder.remove(name)),
        }
        let field = named(&format!("{object}/{name}"));
        self.tries.push(Try { body, field, allowed });
    }

    /// The rules of an object in the example, and of the objects in it.
    fn object(&mut self, schema: &'a Value, at: &str) {
        let schema = self.resolve(schema);
        let held: &Map<String, Value> = self.example.pointer(at).and_then(Value::as_object).unwrap();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) {
                self.add(at, name, None, false);
            }
            if property.get("x-ecloud-sensitive").is_none() {
                self.property(self.resolve(property), at, name, held.get(name));
            }
        }
        self.add(at, "no_such_property", Some(json!(1)), false);
    }

    fn property(&mut self, rules: &'a Value, at: &str, name: &str, held: Option<&'a Value>) {
        let limit = |keyword: &str| rules[keyword].as_i64();
        match rules["type"].as_str() {
            Some("string") => self.text(rules, at, name),
            Some("integer") => {
                for (limit, beyond) in [(limit("minimum"), -1), (limit("maximum"), 1)] {
                    let Some(limit) = limit else { continue };
                    self.add(at, name, Some(json!(limit)), true);
                    self.add(at, name, Some(json!(limit + beyond)), false);
                }
                self.add(at, name, Some(json!("1")), false);
            }
            Some("boolean") => self.add(at, name, Some(json!("true")), false),
            Some("array") => {
                if limit("minItems").is_some_and(|least| least > 0) {
                    self.add(at, name, Some(json!([])), false);
                }
                let first = held.and_then(|held| held.get(0));
                if let (Some(most), Some(first)) = (rules["maxItems"].as_u64().filter(|most| *most < LONGEST), first) {
                    let many = vec![first.clone(); usize::try_from(most).unwrap() + 1];
                    self.add(at, name, Some(many.into()), false);
                }
                if first.is_some_and(Value::is_object) {
                    self.object(&rules["items"], &format!("{at}/{name}/0"));
                }
            }
            Some("object") if held.is_some_and(Value::is_object) && rules.get("properties").is_some() => {
                self.object(rules, &format!("{at}/{name}"));
            }
            _ => {}
        }
    }

    fn text(&mut self, rules: &Value, at: &str, name: &str) {
        self.add(at, name, Some(json!(1)), false);
        if let Some(values) = rules["enum"].as_array() {
            values.iter().for_each(|value| self.add(at, name, Some(value.clone()), true));
            self.add(at, name, Some(json!("no_such_value")), false);
            return;
        }
        if rules["format"] == "date-time" {
            self.add(at, name, Some(json!("2026-03-02T08:00:00Z")), false);
            return;
        }
        let is_free = rules.get("pattern").is_none() && rules.get("format").is_none();
        if let Some(least) = rules["minLength"].as_u64().filter(|least| *least > 0) {
            self.add(at, name, Some(json!("长".repeat(usize::try_from(least).unwrap() - 1))), false);
            if is_free {
                self.add(at, name, Some(json!("长".repeat(usize::try_from(least).unwrap()))), true);
            }
        }
        if let Some(most) = rules["maxLength"].as_u64().filter(|most| *most <= LONGEST) {
            self.add(at, name, Some(json!("长".repeat(usize::try_from(most).unwrap() + 1))), false);
            if is_free {
                self.add(at, name, Some(json!("长".repeat(usize::try_from(most).unwrap()))), true);
            }
        }
        if !is_free {
            self.add(at, name, Some(json!("\u{7f}\u{7f}")), false);
        }
    }
}

/// What the platform calls the field at a pointer: `/rules/0/name` is `rules[0].name`.
fn named(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |mut field, part| {
        if part.parse::<usize>().is_ok() {
            field.push_str(&format!("[{part}]"));
        } else {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(part);
        }
        field
    })
}

fn is_refused_for(served: &Served, operation: &Value, one: &Try) -> bool {
    // A clock that stands still would use the quota up.
    served.clock.advance(Duration::from_millis(100));
    let target = described::example_target(operation);
    let answer = served.write(operation["method"].as_str().unwrap(), &target, one.body.clone());
    let details = || answer.json()["error"]["details"].as_array().cloned().unwrap_or_default();
    answer.status == 400
        && answer.code() == "request.invalid"
        && details().iter().any(|detail| detail["field"] == one.field.as_str())
}

#[test]
fn what_lies_beyond_a_rule_is_refused_by_its_fields_name_and_what_lies_on_it_is_not() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (document, operation) in described::documents() {
        let body = &operation["body"];
        if body["content_type"] != "application/json" || operation["id"].as_str().unwrap().starts_with("security.") {
            continue;
        }
        let mut rules = Rules { schemas: &document["schemas"], example: &body["example"], tries: Vec::new() };
        rules.object(&body["schema"], "");
        let served = Served::of_examples();
        for one in rules.tries {
            tried += 1;
            if is_refused_for(&served, operation, &one) == one.allowed {
                let allowed = if one.allowed { "is refused" } else { "isn't refused" };
                wrong.push(format!("{}: {} {allowed}", operation["operation_id"], one.field));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 1_500, "{tried} values were tried");
}
