//! The values that shall survive: the document's examples, and values made at random.

use std::collections::HashSet;

use serde_json::Value;

use crate::document::{Document, below};
use crate::plan::Plan;
use crate::random::Random;
use crate::sample::{Sampler, Step};
use crate::schema::Schemas;
use crate::typed::Typed;
use crate::validator::Validators;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// An example of a request, an answer or a schema.
    Example,
    /// An example of a property or an item, within a small value of the schema around it.
    Part,
    /// Made at random.
    Random,
    /// Made at random, then given a property and texts that the document doesn't know.
    Unfamiliar,
}

impl Origin {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 4] = [Self::Example, Self::Part, Self::Random, Self::Unfamiliar];

    /// The word for it in a report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Example => "examples",
            Self::Part => "examples_of_parts",
            Self::Random => "random",
            Self::Unfamiliar => "unfamiliar",
        }
    }
}

/// A value and the type that it shall survive.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) origin: Origin,
    /// Where the value stands, or the schema that it was made from.
    pub(crate) pointer: String,
    /// The number of its schema.
    pub(crate) schema: usize,
    /// The number of its type.
    pub(crate) rust: usize,
    pub(crate) value: Value,
}

/// An example within a schema, before there is a value around it.
#[derive(Debug)]
struct Found {
    pointer: String,
    way: Vec<(usize, Step)>,
    value: Value,
}

/// A typed schema with its number and what was found in it.
#[derive(Debug)]
struct Source {
    schema: usize,
    rust: usize,
    pointer: String,
    found: Vec<Found>,
    /// Whether values are made of it; not where another one has the same schema and type.
    first: bool,
}

/// Everything that cases are made from.
#[derive(Debug)]
pub(crate) struct Sources {
    all: Vec<Source>,
    /// The types in the order of their numbers.
    pub(crate) types: Vec<String>,
}

impl Sources {
    /// Gathers examples and gives numbers to schemas and types.
    pub(crate) fn gather(document: &Document, typed: &[Typed], schemas: &mut Schemas<'_>) -> Self {
        let mut sources = Self { all: Vec::new(), types: Vec::new() };
        let mut seen = HashSet::new();
        for typed in typed {
            let Some((home, _)) = document.follow(&typed.pointer) else { continue };
            let rust = sources.types.iter().position(|other| *other == typed.rust).unwrap_or(sources.types.len());
            if rust == sources.types.len() {
                sources.types.push(typed.rust.clone());
            }
            let schema = schemas.number(&typed.pointer);
            let first = seen.insert((home.clone(), rust));
            // An answer that many operations share has its examples once.
            let beside = typed.examples.iter().filter(|(pointer, _)| seen.insert((pointer.clone(), rust)));
            let beside = beside.map(|(pointer, value)| Found {
                pointer: pointer.clone(),
                way: Vec::new(),
                value: value.clone(),
            });
            let mut found: Vec<Found> = beside.collect();
            if first {
                within(document, schemas, &home, &home, &mut Vec::new(), &mut found);
            }
            sources.all.push(Source { schema, rust, pointer: typed.pointer.clone(), found, first });
        }
        sources
    }

    /// All examples, and up to `random` values of each schema.
    pub(crate) fn cases<'a>(&self, validators: &Validators<'a>, random: usize) -> Vec<Case> {
        let mut cases = Vec::new();
        for source in &self.all {
            let mut add = |origin, pointer: &str, value| {
                let pointer = pointer.to_owned();
                cases.push(Case { origin, pointer, schema: source.schema, rust: source.rust, value });
            };
            for found in &source.found {
                let (origin, value) = around(validators, source.schema, found);
                add(origin, &found.pointer, value);
            }
            if source.first {
                for (origin, value) in made(validators, source, random) {
                    add(origin, &source.pointer, value);
                }
            }
        }
        cases
    }
}

/// The example itself, or a small valid value that holds it.
fn around(validators: &Validators<'_>, schema: usize, found: &Found) -> (Origin, Value) {
    if found.way.is_empty() {
        return (Origin::Example, found.value.clone());
    }
    let schemas = validators.schemas();
    let mut value = Value::Null;
    for seed in 0..4 {
        let mut sampler = Sampler::new(schemas, Random::of(&found.pointer, seed));
        sampler.least = true;
        value = sampler.around(&found.way, &found.value);
        if validators.is_valid(schemas.get(schema), &value) {
            break;
        }
    }
    (Origin::Part, value)
}

fn made(validators: &Validators<'_>, source: &Source, random: usize) -> Vec<(Origin, Value)> {
    let schemas = validators.schemas();
    let schema = schemas.get(source.schema);
    let mut made = Vec::new();
    for seed in 0..random * 2 {
        let value = Sampler::new(schemas, Random::of(&source.pointer, seed)).value(schema);
        if made.len() < random && validators.is_valid(schema, &value) {
            made.push((Origin::Random, value));
        }
    }
    if made.is_empty() {
        return made;
    }
    for seed in 0..random.div_ceil(4) {
        let mut sampler = Sampler::new(schemas, Random::of(&source.pointer, seed));
        sampler.unfamiliar = true;
        let mut value = sampler.value(schema);
        if let (Value::Object(map), true) = (&mut value, has_names(schemas, schema)) {
            map.insert("x unheard of".to_owned(), Value::from(vec![1, 2]));
        }
        made.push((Origin::Unfamiliar, value));
    }
    made
}

/// Whether a schema tells its properties by name, and nothing of others.
fn has_names<'a>(schemas: &'a Schemas<'a>, schema: &'a Value) -> bool {
    let plan = Plan::of(schemas, &[schema], true, &mut Random::of("", 0));
    !plan.properties.is_empty() && plan.additional.is_none() && plan.patterns.is_empty()
}

/// Collects the examples within a schema, references not followed: what they lead to has a type of its own.
fn within(
    document: &Document,
    schemas: &mut Schemas<'_>,
    pointer: &str,
    whole: &str,
    way: &mut Vec<(usize, Step)>,
    found: &mut Vec<Found>,
) {
    let Some(node) = document.at(pointer).filter(|node| node.get("$ref").is_none()) else { return };
    if let Some(value) = node.get("example") {
        found.push(Found { pointer: below(pointer, "example"), way: way.clone(), value: value.clone() });
    }
    for (index, value) in node.get("examples").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let pointer = format!("{pointer}/examples/{index}");
        found.push(Found { pointer, way: way.clone(), value: value.clone() });
    }
    // The parts of an `allOf` are about the whole value; a choice is about a value of its own.
    for (key, own) in [("allOf", false), ("oneOf", true), ("anyOf", true)] {
        for index in 0..node.get(key).and_then(Value::as_array).map_or(0, Vec::len) {
            let part = format!("{pointer}/{key}/{index}");
            let whole = if own { part.clone() } else { whole.to_owned() };
            within(document, schemas, &part, &whole, way, found);
        }
    }
    let mut steps: Vec<(String, Step)> = Vec::new();
    for name in node.get("properties").and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
        steps.push((below(&below(pointer, "properties"), name), Step::Property(name.clone())));
    }
    for (key, step) in [("items", Step::Item), ("additionalProperties", Step::Additional)] {
        if node.get(key).is_some_and(Value::is_object) {
            steps.push((below(pointer, key), step));
        }
    }
    for (inner, step) in steps {
        way.push((schemas.number(whole), step));
        within(document, schemas, &inner, &inner, way, found);
        way.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validator;
    use serde_json::json;

    #[test]
    fn examples_of_parts_get_a_valid_value_around_them() {
        let document = Document::of(json!({ "openapi": "3.0.0", "s": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": { "type": "integer" },
                "tags": { "type": "array", "items": { "type": "string", "example": "new" } },
            },
        } }));
        let typed = [Typed { pointer: "/s".to_owned(), rust: "a::S".to_owned(), examples: Vec::new() }];
        let mut schemas = Schemas::new(&document);
        let sources = Sources::gather(&document, &typed, &mut schemas);
        let whole = schemas.whole();
        let registry = validator::registry(&whole).expect("a registry");
        let validators = Validators::new(&schemas, &registry);
        let cases = sources.cases(&validators, 0);
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].origin, Origin::Part);
        assert_eq!(cases[0].pointer, "/s/properties/tags/items/example");
        assert_eq!(cases[0].value["tags"], json!(["new"]));
        assert!(cases[0].value["id"].is_i64());
    }
}
