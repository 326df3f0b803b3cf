//! How parameters that aren't one plain value are written: lists, objects, headers, cookies (OpenAPI 3.1, "Style Values").

use std::fmt::{self, Display, Write};

use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use super::add_cookie;
use super::request::{Encoder, Request, is_reserved};
use crate::sensitive::InRequest;

/// What joins the values of a list that is one query pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListStyle {
    /// `a,b`
    Comma,
    /// `a%20b`
    Space,
    /// `a%7Cb`
    Pipe,
    /// `a%09b`
    Tab,
}

impl ListStyle {
    fn delimiter(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Space => "%20",
            Self::Pipe => "%7C",
            Self::Tab => "%09",
        }
    }
}

/// How an object is written into the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectStyle {
    /// A pair a property: `status=paid&limit=2`.
    Form,
    /// One pair: `filter=status,paid,limit,2`.
    Comma,
    /// A pair a property, named by its way: `filter[status]=paid`.
    Deep,
}

impl Request {
    /// Fills in a path parameter with a list: its values percent-encoded, with commas between them.
    pub fn set_path_list(&mut self, name: &str, values: &[impl Display]) {
        match encoded(values, ",") {
            Ok(text) => self.fill_path(name, text),
            Err(_) => self.note(format!("the path parameter `{name}` can't be written")),
        }
    }

    /// Adds a list as one query pair; nothing where the list is empty.
    pub fn push_query_list(&mut self, name: &str, style: ListStyle, values: &[impl Display]) {
        match encoded(values, style.delimiter()) {
            Ok(_) if values.is_empty() => {}
            Ok(text) => self.push_encoded(name, &text),
            Err(_) => self.note(format!("the query parameter `{name}` can't be written")),
        }
    }

    /// Adds an object to the query; null in it is left out.
    ///
    /// A list in it repeats its name with [`ObjectStyle::Form`] and is named by its way with [`ObjectStyle::Deep`]. A value that is no
    /// object is written under the parameter's own name.
    pub fn push_query_object(&mut self, name: &str, style: ObjectStyle, value: &impl Serialize) {
        if let Some(value) = self.value(value) {
            self.push_object(name, style, &value);
        }
    }

    /// Adds a query pair whose value is JSON text.
    pub fn push_query_json(&mut self, name: &str, value: &impl Serialize) {
        let _request = InRequest::enter();
        match serde_json::to_string(value) {
            Ok(text) => self.push_query(name, &text),
            Err(error) => self.note(format!("the query parameter `{name}` can't be written: {error}")),
        }
    }

    /// Adds a header that isn't the protocol's own, as [`header`](Self::header) does.
    pub fn set_header(&mut self, name: &str, value: &dyn Display) {
        self.add_header(name, &[value]);
    }

    /// Adds a header that is a list, with commas between its values; nothing where the list is empty.
    pub fn set_header_list(&mut self, name: &str, values: &[impl Display]) {
        if !values.is_empty() {
            self.add_header(name, values);
        }
    }

    fn add_header(&mut self, name: &str, values: &[impl Display]) {
        let value = joined(values, ",").ok().and_then(|text| HeaderValue::from_str(&text).ok());
        match (HeaderName::from_bytes(name.as_bytes()), value) {
            (Ok(name), Some(_)) if is_reserved(&name) || self.is_idempotency_header(&name) => {
                self.note(format!("the header `{name}` is set by the client"));
            }
            (Ok(name), Some(value)) => _ = self.headers.append(name, value),
            _ => self.note("a header's name or value is not of the form that headers have"),
        }
    }

    /// Adds a cookie; its value is percent-encoded.
    pub fn push_cookie(&mut self, name: &str, value: &dyn Display) {
        let is_added = encoded(&[value], "").is_ok_and(|value| add_cookie(&mut self.headers, name, &value));
        if !is_added {
            self.note("a cookie's name or value is not of the form that cookies have");
        }
    }

    /// A value as JSON; what is wrong with it is noted.
    pub(super) fn value(&mut self, value: &impl Serialize) -> Option<Value> {
        let _request = InRequest::enter();
        match serde_json::to_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(format!("a parameter can't be written: {error}"));
                None
            }
        }
    }

    fn push_object(&mut self, name: &str, style: ObjectStyle, value: &Value) {
        match (style, value) {
            (ObjectStyle::Form, Value::Object(fields)) => {
                for (key, value) in fields {
                    self.push_value(key, value);
                }
            }
            (ObjectStyle::Comma, Value::Object(_) | Value::Array(_)) => {
                self.push_query_list(name, ListStyle::Comma, &flat(value));
            }
            (ObjectStyle::Form, Value::Array(_)) => self.push_value(name, value),
            _ => self.push_deep(name, value),
        }
    }

    /// A plain value as a pair, a list as a pair an item, anything in it by its way.
    fn push_value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.push_value(name, item)),
            other => self.push_deep(name, other),
        }
    }

    fn push_deep(&mut self, name: &str, value: &Value) {
        for (name, text) in deep(name, value) {
            self.push_query(&name, &text);
        }
    }
}

/// The pairs of a value, each named by its way: `filter[status]`, `items[0][id]`. Null has none.
pub(super) fn deep(name: &str, value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    push_deep(name.to_owned(), value, &mut pairs);
    pairs
}

fn push_deep(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                push_deep(format!("{name}[{key}]"), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                push_deep(format!("{name}[{index}]"), value, pairs);
            }
        }
        plain => pairs.push((name, text(plain))),
    }
}

/// A plain value as text; anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What stands in a list, or an object's names and values one after the other; null in it is left out.
pub(super) fn flat(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            fields.flat_map(|(name, value)| [name.clone(), text(value)]).collect()
        }
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(text).collect(),
        Value::Null => Vec::new(),
        plain => vec![text(plain)],
    }
}

/// Values as they are, with something between them.
fn joined(values: &[impl Display], delimiter: &str) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(delimiter);
        }
        write!(text, "{value}")?;
    }
    Ok(text)
}

/// Values percent-encoded, with something between them that isn't.
fn encoded(values: &[impl Display], delimiter: &str) -> Result<String, fmt::Error> {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(delimiter);
        }
        write!(Encoder { text: &mut text }, "{value}")?;
    }
    Ok(text)
}
