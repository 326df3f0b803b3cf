//! JSON as plain data, and how it's written: keys in the order given, two blanks a level, a line break at the end.

use crate::load::{Node, Sort};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, by its text.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its keys in order.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// A map, its keys in the order given.
    pub fn map<const N: usize>(pairs: [(&str, Json); N]) -> Self {
        let owned = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
        Self::Map(owned.collect())
    }

    /// A list of texts.
    pub fn texts(texts: &[String]) -> Self {
        Self::List(texts.iter().map(|text| text.as_str().into()).collect())
    }

    /// A node as it stands in its document.
    pub fn of(node: Node<'_>) -> Self {
        match node.sort() {
            Sort::Null => Self::Null,
            Sort::Bool => Self::Bool(node.bool().unwrap_or_default()),
            Sort::Number => Self::Number(node.number().unwrap_or_default().to_owned()),
            Sort::Text => node.text().unwrap_or_default().into(),
            Sort::List => Self::List(node.items().map(Self::of).collect()),
            Sort::Map => {
                let pairs = node.pairs().map(|(key, value)| (key.to_owned(), Self::of(value)));
                Self::Map(pairs.collect())
            }
        }
    }

    /// The value under a key, if it's an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => Some(&pairs.iter().find(|(name, _)| name == key)?.1),
            _ => None,
        }
    }

    /// The text of a string or a number.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The whole text.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Map(pairs) if pairs.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    line(out, index, level + 1);
                    item.write(out, level + 1);
                }
                line(out, 0, level);
                out.push(']');
            }
            Self::Map(pairs) => {
                out.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    line(out, index, level + 1);
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out, level + 1);
                }
                line(out, 0, level);
                out.push('}');
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.to_string())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Begins a line; after a comma unless it's the first of its list or map, or its end.
fn line(out: &mut String, index: usize, level: usize) {
    if index > 0 {
        out.push(',');
    }
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_with_two_blanks_a_level() {
        let value = Json::map([
            ("a", Json::List(vec![true.into(), Json::Null])),
            ("b", Json::map([])),
            ("c\u{1}\"", "\n".into()),
        ]);
        let expected = "{\n  \"a\": [\n    true,\n    null\n  ],\n  \"b\": {},\n  \"c\\u0001\\\"\": \"\\n\"\n}\n";
        assert_eq!(value.pretty(), expected);
    }
}
