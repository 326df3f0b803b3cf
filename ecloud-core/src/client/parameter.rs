//! How parameters that aren't one plain value are written: lists, objects, headers, cookies (OpenAPI 3.1, "Style Values").

use std::fmt::{Display, Write};

use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::Value;

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
        self.fill_path(name, joined(values, ","));
    }

    /// Adds a list as one query pair; nothing where the list is empty.
    pub fn push_query_list(&mut self, name: &str, style: ListStyle, values: &[impl Display]) {
        if !values.is_empty() {
            self.push_encoded(name, &joined(values, style.delimiter()));
        }
    }

    /// Adds an object to the query. Null and absent properties are left out; a value that is no object is written as the same style
    /// writes a property of it.
    pub fn push_query_object(&mut self, name: &str, style: ObjectStyle, value: &impl Serialize) {
        if let Some(value) = self.value(value) {
            self.push_object(name, style, &value);
        }
    }

    /// Adds a query pair whose value is JSON text.
    pub fn push_query_json(&mut self, name: &str, value: &impl Serialize) {
        if let Some(value) = self.value(value) {
            self.push_query(name, &value);
        }
    }

    /// Sets a header that isn't the protocol's own, as [`header`](Self::header) does.
    pub fn set_header(&mut self, name: &str, value: &dyn Display) {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value.to_string())) {
            (Ok(name), Ok(value)) if !is_reserved(&name) => {
                self.headers.append(name, value);
            }
            (Ok(name), Ok(_)) => self.note(format!("the header `{name}` is set by the client")),
            _ => self.note("a header's name or value is not of the form that headers have"),
        }
    }

    /// Sets a header to a list, with commas between its values; nothing where the list is empty.
    pub fn set_header_list(&mut self, name: &str, values: &[impl Display]) {
        if !values.is_empty() {
            let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
            self.set_header(name, &texts.join(","));
        }
    }

    /// Adds a cookie; its value is percent-encoded.
    pub fn push_cookie(&mut self, name: &str, value: &dyn Display) {
        let mut text = match self.headers.get(header::COOKIE).and_then(|value| value.to_str().ok()) {
            Some(others) => format!("{others}; {name}="),
            None => format!("{name}="),
        };
        let written = write!(Encoder { text: &mut text }, "{value}");
        match HeaderValue::from_str(&text) {
            Ok(mut value) if written.is_ok() && is_token(name) => {
                value.set_sensitive(true);
                self.headers.insert(header::COOKIE, value);
            }
            _ => self.note("a cookie's name is not of the form that cookies have"),
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
            (ObjectStyle::Comma, Value::Object(fields)) => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                let texts: Vec<String> = fields.flat_map(|(key, value)| [key.clone(), text(value)]).collect();
                self.push_query_list(name, ListStyle::Comma, &texts);
            }
            (ObjectStyle::Comma, Value::Array(items)) => {
                let texts: Vec<String> = items.iter().map(text).collect();
                self.push_query_list(name, ListStyle::Comma, &texts);
            }
            (ObjectStyle::Deep, value) => {
                for (name, text) in deep(name, value) {
                    self.push_query(&name, &text);
                }
            }
            _ => self.push_value(name, value),
        }
    }

    /// A plain value as a pair, a list as a pair an item, anything in it by its way.
    fn push_value(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.push_value(name, item);
                }
            }
            other => {
                for (name, text) in deep(name, other) {
                    self.push_query(&name, &text);
                }
            }
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

/// Values percent-encoded, with something between them that isn't.
fn joined(values: &[impl Display], delimiter: &str) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(delimiter);
        }
        // Writing to a text fails only where `Display` itself does, which then has said nothing.
        let _ = write!(Encoder { text: &mut text }, "{value}");
    }
    text
}

/// RFC 9110's token, which the name of a cookie is.
fn is_token(name: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(sign)
}
