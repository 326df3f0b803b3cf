//! Values as the descriptions have them, and a writer of XML that knows nothing of the one that is tested.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Texts that a format may lose something of.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "  a  ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "a\nb\r\nc",
    "<b>&amp;</b>",
    "]]>",
    "\"'",
    "张伟 🎁",
    "\u{a0}\u{85}\u{2028}",
    "true",
];

/// The resolved description of a domain.
pub(crate) struct Description {
    document: Value,
}

impl Description {
    pub(crate) fn of(domain: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("ecloud-sandbox/api/{domain}.json"));
        Self { document: serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() }
    }

    /// The names of all schemas that are objects.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &str> {
        let schemas = self.document["schemas"].as_object().unwrap();
        schemas.iter().filter(|(_, schema)| schema["type"] == "object").map(|(name, _)| name.as_str())
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(path) => self.resolve(&self.document["schemas"][path.strip_prefix("#/schemas/").unwrap()]),
            None => schema,
        }
    }

    /// A value of a named schema.
    pub(crate) fn value(&self, name: &str, random: &mut Random) -> Value {
        self.any(&self.document["schemas"][name], true, random)
    }

    fn any(&self, schema: &Value, is_required: bool, random: &mut Random) -> Value {
        let schema = self.resolve(schema);
        match schema["type"].as_str().unwrap() {
            "object" => self.object(schema, random),
            "array" => {
                // An optional list that is empty is none of what XML carries; the codec's own tests say so.
                let least = usize::from(!is_required);
                (0..least + random.below(3)).map(|_| self.any(&schema["items"], true, random)).collect()
            }
            "integer" => integer(schema, random),
            "boolean" => Value::Bool(random.below(2) == 0),
            "string" => text(schema, random),
            other => panic!("a type that no description has: {other}"),
        }
    }

    fn object(&self, schema: &Value, random: &mut Random) -> Value {
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.iter().any(|required| required == name);
            if is_required || random.below(2) == 0 {
                object.insert(name.clone(), self.any(property, is_required, random));
            }
        }
        Value::Object(object)
    }
}

fn integer(schema: &Value, random: &mut Random) -> Value {
    let is_short = schema["format"] == "int32";
    let least = schema["minimum"].as_i64().unwrap_or(if is_short { i64::from(i32::MIN) } else { i64::MIN });
    let most = schema["maximum"].as_i64().unwrap_or(if is_short { i64::from(i32::MAX) } else { i64::MAX });
    let few = (random.next() % 1000) as i64;
    [json!(least), json!(most), json!(least.saturating_add(few).min(most))][random.below(3)].clone()
}

fn text(schema: &Value, random: &mut Random) -> Value {
    if let Some(values) = schema["enum"].as_array() {
        let unknown = json!("something-unheard-of");
        return values.get(random.below(values.len() + 1)).unwrap_or(&unknown).clone();
    }
    if schema["format"] == "date-time" {
        return json!(random.one_of(&[
            "2026-11-22T08:30:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z"
        ]));
    }
    if schema["pattern"] == "^[A-Z]{3}$" {
        return json!(random.one_of(&["CNY", "JPY", "XXX"]));
    }
    json!(random.one_of(&TEXTS))
}

/// A value as XML in an order of its own: properties from the last to the first, with the items of lists between others, and elements that nobody
/// knows.
pub(crate) fn shuffled(name: &str, value: &Value, random: &mut Random) -> String {
    let inside = match value {
        Value::Object(members) => {
            let mut lists: Vec<(&str, Vec<&Value>)> = members
                .iter()
                .rev()
                .map(|(name, value)| {
                    (name.as_str(), value.as_array().map_or_else(|| vec![value], |items| items.iter().rev().collect()))
                })
                .collect();
            let mut text = String::from("\n  ");
            while !lists.is_empty() {
                let next = random.below(lists.len());
                match lists[next].1.pop() {
                    Some(value) => text.push_str(&shuffled(lists[next].0, value, random)),
                    None => _ = lists.remove(next),
                }
                text.push_str(random.one_of(&[
                    "",
                    "\n",
                    " <!-- a note --> ",
                    "<later xmlns='urn:x'>1</later>",
                    "<later><x/><y>2</y></later>",
                ]));
            }
            text
        }
        Value::String(text) => {
            text.chars().map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("&#{};", c as u32) }).collect()
        }
        other => other.to_string(),
    };
    format!("<{name}>{inside}</{name}>")
}
