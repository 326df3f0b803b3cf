//! Values made at random from a schema.

use serde_json::{Map, Number, Value, json};

use crate::plan::Plan;
use crate::random::Random;
use crate::schema::Schemas;

/// Below this depth values become as small as they may be.
const SHALLOW: usize = 4;
/// Below this depth nothing is made any more: no value of the schema ends.
const DEEPEST: usize = 24;
/// What stands for a value that the document doesn't know.
pub(crate) const UNFAMILIAR: &str = "something-unheard-of";

/// A maker of values.
#[derive(Debug)]
pub(crate) struct Sampler<'a> {
    schemas: &'a Schemas<'a>,
    random: Random,
    /// Whether texts that are one of some are now and then something else.
    pub(crate) unfamiliar: bool,
    /// Whether only what is required is made.
    pub(crate) least: bool,
}

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Property(String),
    Additional,
    Item,
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(schemas: &'a Schemas<'a>, random: Random) -> Self {
        Self { schemas, random, unfamiliar: false, least: false }
    }

    /// A value of a schema; it may still be invalid, so ask a validator.
    pub(crate) fn value(&mut self, schema: &'a Value) -> Value {
        self.all(&[schema], 0)
    }

    /// A small value that holds another one: each step starts from a schema.
    pub(crate) fn around(&mut self, way: &[(usize, Step)], inner: &Value) -> Value {
        let Some(((schema, step), rest)) = way.split_first() else { return inner.clone() };
        let inner = self.around(rest, inner);
        let name = match step {
            Step::Item => return json!([inner]),
            Step::Additional => "key",
            Step::Property(name) => name,
        };
        let schemas = self.schemas;
        match self.value(schemas.get(*schema)) {
            Value::Object(mut map) => {
                map.insert(name.to_owned(), inner);
                Value::Object(map)
            }
            _ => json!({ name: inner }),
        }
    }

    fn all(&mut self, schemas: &[&'a Value], depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let shallow = depth > SHALLOW || self.least;
        let plan = Plan::of(self.schemas, schemas, shallow, &mut self.random);
        if let Some(values) = &plan.values {
            let fitting: Vec<&Value> = values.iter().copied().filter(|value| fits(&plan, value)).collect();
            let texts = values.len() > 1 && values.iter().all(|value| value.is_string() || value.is_null());
            return match fitting.get(self.random.below(fitting.len())) {
                Some(_) if texts && self.unfamiliar && self.random.once_in(2) => UNFAMILIAR.into(),
                Some(value) => (*value).clone(),
                None => Value::Null,
            };
        }
        match self.kind(&plan, shallow) {
            "null" => Value::Null,
            "boolean" => Value::Bool(self.random.once_in(2)),
            "integer" => self.integer(&plan),
            "number" => self.number(&plan),
            "array" => self.list(&plan, depth, shallow),
            "object" => self.object(&plan, depth, shallow),
            _ => self.text(&plan).into(),
        }
    }

    fn kind(&mut self, plan: &Plan<'a>, shallow: bool) -> &'a str {
        if let Some(types) = &plan.types {
            // `null` is one of a type's values, not half of them.
            let others: Vec<&str> = types.iter().copied().filter(|ty| *ty != "null").collect();
            if others.is_empty() || types.len() > others.len() && (shallow || self.random.once_in(5)) {
                return "null";
            }
            return others[self.random.below(others.len())];
        }
        let object = !plan.properties.is_empty() || plan.additional.is_some() || !plan.required.is_empty();
        if object {
            "object"
        } else if !plan.items.is_empty() || !plan.first_items.is_empty() {
            "array"
        } else if plan.least("minimum").or(plan.most("maximum")).is_some() {
            "number"
        } else {
            ["string", "integer", "boolean", "string"][self.random.below(4)]
        }
    }

    fn integer(&mut self, plan: &Plan<'a>) -> Value {
        let step = plan.least("multipleOf").filter(|step| step.fract() == 0.0).unwrap_or(1.0) as i64;
        let least = plan.least("minimum").or_else(|| Some(plan.least("exclusiveMinimum")?.floor() + 1.0));
        let most = plan.most("maximum").or_else(|| Some(plan.most("exclusiveMaximum")?.ceil() - 1.0));
        // Without bounds most numbers are small, and some are larger than 32 bits.
        let wide = if self.random.once_in(8) { 9_000_000_000 } else { 1_000 };
        let least = least.map(|least| least.ceil() as i64).unwrap_or_else(|| most.map_or(0, |most| most as i64 - wide));
        let most = most.map_or(least.saturating_add(wide), |most| most.floor() as i64);
        let span = u64::try_from(most.saturating_sub(least)).unwrap_or_default();
        let picked = least.saturating_add_unsigned(self.random.next() % span.saturating_add(1));
        Value::from(picked.div_euclid(step).saturating_mul(step).max(least))
    }

    fn number(&mut self, plan: &Plan<'a>) -> Value {
        if plan.least("multipleOf").is_some() || self.random.once_in(3) {
            return self.integer(plan);
        }
        let least = plan.least("minimum").or(plan.least("exclusiveMinimum"));
        let most = plan.most("maximum").or(plan.most("exclusiveMaximum"));
        let least = least.unwrap_or_else(|| most.map_or(0.0, |most| most - 1_000.0));
        let most = most.unwrap_or(least + 1_000.0);
        let share = self.random.below(9_999) as f64 / 10_000.0 + 0.000_05;
        // Few digits, as amounts and rates have.
        let picked = ((least + (most - least) * share) * 10_000.0).round() / 10_000.0;
        Number::from_f64(picked).map_or(Value::Null, Value::Number)
    }

    fn text(&mut self, plan: &Plan<'a>) -> String {
        let least = plan.least("minLength").unwrap_or(0.0) as usize;
        let most = plan.most("maxLength").map_or(least + 12, |most| most as usize).min(least + 40);
        if let Some(pattern) = plan.pattern {
            let made = (0..8).find_map(|_| {
                let text = self.random.text_like(pattern)?;
                (least..=most.max(least)).contains(&text.chars().count()).then_some(text)
            });
            if let Some(text) = made.or_else(|| self.random.text_like(pattern)) {
                return text;
            }
        }
        const SIGNS: [char; 16] = ['a', 'Z', '0', '9', ' ', '-', '_', '"', '\\', '/', '\n', 'é', '中', '🛒', '.', '%'];
        let length = least + self.random.below(most.saturating_sub(least) + 1);
        (0..length).map(|_| SIGNS[self.random.below(SIGNS.len())]).collect()
    }

    fn list(&mut self, plan: &Plan<'a>, depth: usize, shallow: bool) -> Value {
        let least = plan.least("minItems").unwrap_or(0.0) as usize;
        let more = if shallow { 0 } else { self.random.below(4) };
        let most = plan.most("maxItems").map_or(usize::MAX, |most| most as usize);
        let length = (least + more).min(most).min(least.saturating_add(100));
        let mut items: Vec<Value> = Vec::new();
        for index in 0..length.max(if shallow { 0 } else { plan.first_items.len().min(most) }) {
            let item = match plan.first_items.get(index) {
                Some(schema) => self.all(&[*schema], depth + 1),
                None => self.all(&plan.items, depth + 1),
            };
            if !plan.unique || !items.contains(&item) {
                items.push(item);
            }
        }
        Value::Array(items)
    }

    fn object(&mut self, plan: &Plan<'a>, depth: usize, shallow: bool) -> Value {
        let mut map = Map::new();
        for (name, schemas) in &plan.properties {
            let required = plan.required.contains(name);
            if required || !shallow && !self.random.once_in(3) {
                map.insert((*name).to_owned(), self.all(schemas, depth + 1));
            }
        }
        for name in &plan.required {
            if !map.contains_key(*name) {
                let schemas: Vec<&Value> = plan.additional.into_iter().collect();
                map.insert((*name).to_owned(), self.all(&schemas, depth + 1));
            }
        }
        let least = plan.least("minProperties").unwrap_or(0.0) as usize;
        let more = if shallow { 0 } else { self.random.below(3) };
        let nameless = plan.properties.is_empty() && plan.types.is_some() && plan.additional.is_none();
        for index in 0..more.max(least.saturating_sub(map.len()).min(100)) {
            if let Some(schema) = plan.additional {
                let name = format!("key {index}");
                map.entry(name).or_insert_with(|| self.all(&[schema], depth + 1));
            } else if let Some((pattern, schema)) = plan.patterns.get(index) {
                let Some(name) = self.random.text_like(pattern) else { continue };
                map.entry(name).or_insert_with(|| self.all(&[*schema], depth + 1));
            } else if nameless {
                map.insert(format!("key {index}"), self.all(&[], DEEPEST));
            }
        }
        // Enough of them, whether or not chance took them.
        for (name, schemas) in &plan.properties {
            if map.len() < least && !map.contains_key(*name) {
                map.insert((*name).to_owned(), self.all(schemas, depth + 1));
            }
        }
        Value::Object(map)
    }
}

fn fits(plan: &Plan<'_>, value: &Value) -> bool {
    match value {
        Value::Null => plan.allows("null"),
        Value::Bool(_) => plan.allows("boolean"),
        Value::Number(number) => plan.allows("number") || plan.allows("integer") && !number.is_f64(),
        Value::String(_) => plan.allows("string"),
        Value::Array(_) => plan.allows("array"),
        Value::Object(_) => plan.allows("object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::validator::{self, Validators};

    /// How many of a hundred values made of a schema are valid under it.
    fn valid(schema: Value) -> usize {
        let document = Document::of(json!({ "openapi": "3.1.0", "s": schema }));
        let mut schemas = Schemas::new(&document);
        let number = schemas.number("/s");
        let whole = schemas.whole();
        let registry = validator::registry(&whole).expect("a registry");
        let validators = Validators::new(&schemas, &registry);
        let made = (0..100).map(|seed| Sampler::new(&schemas, Random::of("s", seed)).value(schemas.get(number)));
        made.filter(|value| validators.is_valid(schemas.get(number), value)).count()
    }

    #[test]
    fn values_of_plain_schemas_are_valid() {
        assert_eq!(valid(json!({ "type": "integer", "minimum": 3, "maximum": 9 })), 100);
        assert_eq!(valid(json!({ "type": "string", "minLength": 2, "maxLength": 3 })), 100);
        assert_eq!(valid(json!({ "type": "string", "pattern": "^[A-Z]{2}-[0-9]+$" })), 100);
        assert_eq!(valid(json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 })), 100);
        assert_eq!(valid(json!({ "type": ["string", "null"], "enum": ["a", null] })), 100);
    }

    #[test]
    fn values_of_composed_schemas_are_valid() {
        let composed = json!({
            "allOf": [{ "properties": { "a": { "const": 1 } } }, { "required": ["a", "b"] }],
            "type": "object",
            "properties": { "b": { "oneOf": [{ "type": "boolean" }, { "type": "array", "minItems": 2 }] } },
            "additionalProperties": { "type": "integer" },
        });
        assert_eq!(valid(composed), 100);
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let tree = json!({ "type": "object", "properties": { "next": { "$ref": "#/s" } } });
        assert_eq!(valid(tree), 100);
        assert_eq!(valid(json!({ "type": "object", "properties": { "n": { "$ref": "#/s" } }, "required": ["n"] })), 0);
    }
}
