//! JSON to text, by schema.

use serde_json::Value;

use super::is_char;
use crate::description::Shapes;

/// Writes an answer.
///
/// # Errors
///
/// The path to what XML can't carry, with what it is.
pub(crate) fn write(value: &Value, schema: &Value, shapes: &Shapes) -> Result<String, String> {
    let mut text = DECLARATION.to_owned();
    let root = Shapes::name_of(schema).ok_or("the body: it is no named schema")?;
    Writer { text: &mut text, shapes: Some(shapes) }.property(root, value, schema, "")?;
    Ok(text)
}

/// Writes the body of an error, whatever it quotes.
pub(crate) fn write_error(error: &Value) -> String {
    let mut text = DECLARATION.to_owned();
    let carried = carriable(error.clone());
    // Texts and lists of objects, and no character that XML can't carry: nothing is left to refuse.
    let written = Writer { text: &mut text, shapes: None }.property("error", &carried, &Value::Null, "");
    debug_assert_eq!(written, Ok(()));
    text
}

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// A value with a mark in place of each character that XML can't carry.
fn carriable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(|c| !is_char(c), "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(carriable).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, carriable(value))).collect(),
        other => other,
    }
}

struct Writer<'a> {
    text: &'a mut String,
    shapes: Option<&'a Shapes>,
}

impl<'a> Writer<'a> {
    /// A property: an element, one for each item, or none.
    fn property(&mut self, name: &str, value: &Value, schema: &'a Value, at: &str) -> Result<(), String> {
        match value {
            Value::Null => Ok(()),
            Value::Array(items) => {
                let schema = &self.resolve(schema)["items"];
                for (index, item) in items.iter().enumerate() {
                    let at = format!("{at}[{index}]");
                    if item.is_null() || item.is_array() {
                        return Err(format!("{at}: null or a list inside of a list"));
                    }
                    self.element(name, item, schema, &at)?;
                }
                Ok(())
            }
            one => self.element(name, one, schema, at),
        }
    }

    fn element(&mut self, name: &str, value: &Value, schema: &'a Value, at: &str) -> Result<(), String> {
        self.tag("<", name);
        match value {
            Value::Object(members) => {
                let schema = self.resolve(schema);
                let is_map = schema.get("properties").is_none()
                    && schema.get("additionalProperties").is_some_and(Value::is_object);
                for (name, value) in members {
                    let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    if is_map {
                        self.entry(name, value, &schema["additionalProperties"], &at)?;
                    } else {
                        self.property(name, value, &schema["properties"][name], &at)?;
                    }
                }
            }
            Value::String(text) => self.escaped(text, at)?,
            other => self.text.push_str(&other.to_string()),
        }
        self.tag("</", name);
        Ok(())
    }

    fn entry(&mut self, key: &str, value: &Value, schema: &'a Value, at: &str) -> Result<(), String> {
        self.text.push_str("<entry><key>");
        self.escaped(key, at)?;
        self.text.push_str("</key>");
        self.property("value", value, schema, at)?;
        self.text.push_str("</entry>");
        Ok(())
    }

    fn tag(&mut self, begin: &str, name: &str) {
        for piece in [begin, name, ">"] {
            self.text.push_str(piece);
        }
    }

    fn escaped(&mut self, text: &str, at: &str) -> Result<(), String> {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '\r' => self.text.push_str("&#13;"),
                other if is_char(other) => self.text.push(other),
                _ => return Err(format!("{at}: a character that XML can't carry")),
            }
        }
        Ok(())
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        self.shapes.map_or(schema, |shapes| shapes.resolve(schema))
    }
}
