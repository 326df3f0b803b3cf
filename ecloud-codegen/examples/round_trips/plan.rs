//! What a value must be: a schema with its references, its `allOf` and one choice of each `oneOf` and `anyOf` laid together.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::random::Random;
use crate::schema::Schemas;

/// How many schemas may be laid together before the rest is left out: a circle of references ends there.
const MOST: usize = 200;

/// The schemas that hold for one value, laid together.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// The types that are allowed; all of them if nothing is said.
    pub(crate) types: Option<Vec<&'a str>>,
    /// The values that are allowed, if they are listed.
    pub(crate) values: Option<Vec<&'a Value>>,
    pub(crate) properties: BTreeMap<&'a str, Vec<&'a Value>>,
    pub(crate) patterns: Vec<(&'a str, &'a Value)>,
    pub(crate) required: Vec<&'a str>,
    /// What properties without a name must be, where the schema says that there are some.
    pub(crate) additional: Option<&'a Value>,
    pub(crate) items: Vec<&'a Value>,
    pub(crate) first_items: Vec<&'a Value>,
    pub(crate) pattern: Option<&'a str>,
    pub(crate) unique: bool,
    least: BTreeMap<&'a str, f64>,
    most: BTreeMap<&'a str, f64>,
    laid: usize,
}

impl<'a> Plan<'a> {
    /// Lays together what holds under all of some schemas.
    pub(crate) fn of(schemas: &'a Schemas<'a>, all: &[&'a Value], shallow: bool, random: &mut Random) -> Self {
        let mut plan = Self::default();
        for schema in all {
            plan.lay(schemas, schema, shallow, random);
        }
        plan
    }

    /// The largest of the lower bounds under a keyword.
    pub(crate) fn least(&self, keyword: &str) -> Option<f64> {
        self.least.get(keyword).copied()
    }

    /// The smallest of the upper bounds under a keyword.
    pub(crate) fn most(&self, keyword: &str) -> Option<f64> {
        self.most.get(keyword).copied()
    }

    /// Whether a value of a type may stand here.
    pub(crate) fn allows(&self, ty: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&ty))
    }

    fn lay(&mut self, schemas: &'a Schemas<'a>, schema: &'a Value, shallow: bool, random: &mut Random) {
        self.laid += 1;
        let Some(map) = schema.as_object().filter(|_| self.laid < MOST) else { return };
        if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|reference| schemas.target(reference)) {
            self.lay(schemas, target, shallow, random);
        }
        for (key, value) in map {
            match key.as_str() {
                "allOf" => {
                    for part in value.as_array().into_iter().flatten() {
                        self.lay(schemas, part, shallow, random);
                    }
                }
                "oneOf" | "anyOf" => {
                    let choices = value.as_array().map_or(&[][..], Vec::as_slice);
                    // A value that shall stay small takes the first way out; in a circle of references that is `null`.
                    let null = choices.iter().position(|choice| choice.get("type") == Some(&Value::from("null")));
                    let index = if shallow { null.unwrap_or(0) } else { random.below(choices.len()) };
                    if let Some(choice) = choices.get(index) {
                        self.lay(schemas, choice, shallow, random);
                    }
                }
                _ => self.take(key, value),
            }
        }
    }

    fn take(&mut self, key: &'a str, value: &'a Value) {
        match key {
            "type" => self.narrow_types(value),
            "enum" => self.narrow_values(value.as_array().into_iter().flatten().collect()),
            "const" => self.narrow_values(vec![value]),
            "properties" => {
                for (name, schema) in value.as_object().into_iter().flatten() {
                    self.properties.entry(name).or_default().push(schema);
                }
            }
            "patternProperties" => {
                let pairs = value.as_object().into_iter().flatten();
                self.patterns.extend(pairs.map(|(pattern, schema)| (pattern.as_str(), schema)));
            }
            "required" => self.required.extend(value.as_array().into_iter().flatten().filter_map(Value::as_str)),
            "additionalProperties" if *value != Value::Bool(false) => self.additional = Some(value),
            "items" => self.items.push(value),
            "prefixItems" => self.first_items = value.as_array().into_iter().flatten().collect(),
            "pattern" => self.pattern = value.as_str(),
            "uniqueItems" => self.unique = true,
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" | "multipleOf" => {
                let bound = value.as_f64().unwrap_or_default();
                self.least.entry(key).and_modify(|least| *least = least.max(bound)).or_insert(bound);
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                let bound = value.as_f64().unwrap_or_default();
                self.most.entry(key).and_modify(|most| *most = most.min(bound)).or_insert(bound);
            }
            _ => {}
        }
    }

    fn narrow_types(&mut self, value: &'a Value) {
        let mut types: Vec<&str> = match value {
            Value::String(name) => vec![name],
            _ => value.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        if let Some(before) = &self.types {
            types.retain(|ty| before.contains(ty) || (*ty == "integer" && before.contains(&"number")));
        }
        self.types = Some(types);
    }

    fn narrow_values(&mut self, mut values: Vec<&'a Value>) {
        if let Some(before) = &self.values {
            values.retain(|value| before.contains(value));
        }
        self.values = Some(values);
    }
}
