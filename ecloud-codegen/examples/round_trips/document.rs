//! A document as JSON values, and the pointers into it.

use std::path::Path;

use ecloud_codegen::load::{self, Limits, Node, Sort};
use ecloud_codegen::problem::Problems;
use serde_json::{Map, Number, Value};

/// Which form of JSON Schema a document speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Swagger 2.0 and OpenAPI 3.0: a subset of draft 4, with `nullable`.
    Old,
    /// OpenAPI 3.1: JSON Schema 2020-12.
    New,
}

/// A document that was read.
#[derive(Debug)]
pub(crate) struct Document {
    /// The whole of it.
    pub(crate) root: Value,
    /// The form of its schemas.
    pub(crate) version: Version,
}

impl Document {
    /// Reads a file, JSON or YAML.
    pub(crate) fn open(path: &Path) -> Result<Self, Problems> {
        let document = load::file(path, &path.display().to_string(), &Limits::default())?;
        Ok(Self::of(value(document.root())))
    }

    /// A document that was read already.
    pub(crate) fn of(root: Value) -> Self {
        let new = root.get("openapi").and_then(Value::as_str).is_some_and(|text| !text.starts_with("3.0"));
        Self { version: if new { Version::New } else { Version::Old }, root }
    }

    /// The value at a pointer, references not followed.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// The value at a pointer and the pointer where it really stands, after at most 32 references.
    pub(crate) fn follow(&self, pointer: &str) -> Option<(String, &Value)> {
        let mut pointer = pointer.to_owned();
        for _ in 0..32 {
            let value = self.at(&pointer)?;
            match value.get("$ref").and_then(Value::as_str) {
                Some(reference) => pointer = local(reference)?,
                None => return Some((pointer, value)),
            }
        }
        None
    }
}

/// The pointer that a reference within the document has; `None` for one that leads elsewhere.
pub(crate) fn local(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// A pointer and one step more.
pub(crate) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn value(node: Node<'_>) -> Value {
    match node.sort() {
        Sort::Null => Value::Null,
        Sort::Bool => Value::Bool(node.bool().unwrap_or_default()),
        Sort::Number => number(node.number().unwrap_or_default()).map_or(Value::Null, Value::Number),
        Sort::Text => Value::String(node.text().unwrap_or_default().to_owned()),
        Sort::List => Value::Array(node.items().map(value).collect()),
        Sort::Map => {
            Value::Object(node.pairs().map(|(key, inner)| (key.to_owned(), value(inner))).collect::<Map<_, _>>())
        }
    }
}

/// YAML writes numbers in ways that JSON doesn't have: `.5`, `+1`, `0x1F`.
fn number(text: &str) -> Option<Number> {
    if let Ok(number) = serde_json::from_str(text) {
        return Some(number);
    }
    let plain = text.trim_start_matches('+').replace('_', "");
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(Number::from);
        }
    }
    plain.parse::<i64>().ok().map(Number::from).or_else(|| Number::from_f64(plain.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reference_is_followed_through_escapes() {
        let document = Document::of(json!({"a/b c": {"x": 1}, "d": {"$ref": "#/a~1b%20c"}}));
        assert_eq!(document.follow("/d"), Some(("/a~1b c".to_owned(), &json!({"x": 1}))));
    }

    #[test]
    fn a_circle_of_references_has_no_end() {
        let document = Document::of(json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}));
        assert_eq!(document.follow("/a"), None);
    }

    #[test]
    fn numbers_of_yaml_are_numbers_of_json() {
        assert_eq!(number("0x1F"), Some(Number::from(31)));
        assert_eq!(number("+7"), Some(Number::from(7)));
        assert_eq!(number(".5"), Number::from_f64(0.5));
    }
}
