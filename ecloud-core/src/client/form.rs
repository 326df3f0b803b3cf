//! Bodies that are no single JSON value: forms in one line, forms in parts, text, bytes.

use std::fmt::Display;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;

use super::parameter::{deep, text};
use super::request::Request;
use crate::File;
use crate::codec::json;
use crate::dialect::ecloud::body_digest;

/// How a property that is a list or an object is written into a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormStyle {
    /// `id=1&id=2`
    Repeat,
    /// `id[]=1&id[]=2`
    Brackets,
    /// `id[0]=1&id[1]=2`
    Indexed,
    /// `id=1,2`
    Comma,
    /// `id=1 2`
    Space,
    /// `id=1|2`
    Pipe,
    /// `address[city]=Berlin`; in lists too: `items[0][id]=1`.
    Deep,
    /// `address={"city":"Berlin"}`
    Json,
}

impl Request {
    /// Sets a body of JSON under a media type of its own: `application/vnd.api+json`.
    pub fn set_json_as(&mut self, content_type: &str, value: &(impl Serialize + ?Sized)) {
        match json::request_body(value) {
            Ok(body) => self.set_bytes(content_type, body),
            Err(error) => self.note(format!("the body can't be written: {error}")),
        }
    }

    /// Sets a body of text.
    pub fn set_text(&mut self, content_type: &str, text: &str) {
        self.set_bytes(content_type, Bytes::copy_from_slice(text.as_bytes()));
    }

    /// Sets a body of bytes, and says what they are.
    pub fn set_bytes(&mut self, content_type: &str, bytes: impl Into<Bytes>) {
        match HeaderValue::from_str(content_type) {
            Ok(value) => {
                self.headers.insert(header::CONTENT_TYPE, value);
                self.body = bytes.into();
            }
            Err(_) => self.note("the content type is not of the form that headers have"),
        }
    }

    /// Sets a body that is a form in one line (`application/x-www-form-urlencoded`) of an object's properties.
    ///
    /// Null is left out. Lists of plain values repeat their name, objects and what holds some are named by their way (`a[b]`, `a[0][b]`),
    /// unless `styles` says otherwise for a property.
    pub fn set_form(&mut self, value: &impl Serialize, styles: &[(&str, FormStyle)]) {
        match self.value(value) {
            Some(Value::Object(fields)) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in &fields {
                    let style = styles.iter().find(|(wanted, _)| wanted == name).map(|(_, style)| *style);
                    form.extend_pairs(pairs(name, value, style));
                }
                self.set_bytes("application/x-www-form-urlencoded", form.finish());
            }
            Some(_) => self.note("a form is made of an object"),
            None => {}
        }
    }

    /// Sets a body that is a form in parts (`multipart/form-data`).
    pub fn set_multipart(&mut self, form: Multipart) {
        match form.mistake {
            Some(mistake) => self.note(mistake),
            None => {
                let (content_type, body) = form.finish();
                self.set_bytes(&content_type, body);
            }
        }
    }
}

/// The pairs of one property.
fn pairs(name: &str, value: &Value, style: Option<FormStyle>) -> Vec<(String, String)> {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    let repeated = |name: &str, items: &[Value]| {
        let items = items.iter().filter(|item| !item.is_null());
        items.map(|item| (name.to_owned(), text(item))).collect()
    };
    let joined = |items: &[Value], with: &str| {
        let texts: Vec<String> = items.iter().map(text).collect();
        vec![(name.to_owned(), texts.join(with))]
    };
    match (style, value) {
        (_, Value::Null) => Vec::new(),
        (Some(FormStyle::Json), value) => vec![(name.to_owned(), value.to_string())],
        (Some(FormStyle::Brackets), Value::Array(items)) => repeated(&format!("{name}[]"), items),
        (Some(FormStyle::Comma), Value::Array(items)) => joined(items, ","),
        (Some(FormStyle::Space), Value::Array(items)) => joined(items, " "),
        (Some(FormStyle::Pipe), Value::Array(items)) => joined(items, "|"),
        (None | Some(FormStyle::Repeat), Value::Array(items)) if items.iter().all(is_plain) => repeated(name, items),
        (_, value) => deep(name, value),
    }
}

/// A form in parts (RFC 7578): texts, JSON and files.
///
/// Its boundary is drawn from a digest of the parts, so that the same form is the same bytes.
#[derive(Clone, Default)]
pub struct Multipart {
    parts: Vec<(String, Bytes)>,
    mistake: Option<String>,
}

impl Multipart {
    /// A form without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, value: &dyn Display) {
        self.part(name, "", Bytes::from(value.to_string()));
    }

    /// Adds a value as JSON.
    pub fn json(&mut self, name: &str, value: &impl Serialize) {
        match json::request_body(value) {
            Ok(body) => self.part(name, "\r\nContent-Type: application/json", body),
            Err(error) => {
                self.mistake.get_or_insert(format!("a part of the form can't be written: {error}"));
            }
        }
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, file: &File) {
        if HeaderValue::from_str(file.content_type()).is_err() {
            self.mistake.get_or_insert("the content type of a file is not of the form that headers have".to_owned());
            return;
        }
        let more = format!("; filename=\"{}\"\r\nContent-Type: {}", escaped(file.name()), file.content_type());
        self.part(name, &more, file.bytes().clone());
    }

    fn part(&mut self, name: &str, more: &str, content: Bytes) {
        let head = format!("Content-Disposition: form-data; name=\"{}\"{more}\r\n\r\n", escaped(name));
        self.parts.push((head, content));
    }

    /// The media type with the boundary, and the body.
    fn finish(self) -> (String, Bytes) {
        let size = self.parts.iter().map(|(head, content)| head.len() + content.len() + 80).sum::<usize>() + 80;
        let mut all = BytesMut::with_capacity(size);
        for (head, content) in &self.parts {
            all.put(head.as_bytes());
            all.put(content.clone());
        }
        // A boundary must not occur in what it parts; a digest of it all doesn't, and if it did, its own digest wouldn't.
        let mut boundary = body_digest(&all).as_str()[..32].to_owned();
        while contains(&all, boundary.as_bytes()) {
            boundary = body_digest(boundary.as_bytes()).as_str()[..32].to_owned();
        }
        all.clear();
        for (head, content) in self.parts {
            all.put(format!("--{boundary}\r\n{head}").as_bytes());
            all.put(content);
            all.put(&b"\r\n"[..]);
        }
        all.put(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), all.freeze())
    }
}

impl std::fmt::Debug for Multipart {
    /// How many parts it has, never what is in them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Multipart").field("parts", &self.parts.len()).finish()
    }
}

/// A name within quotes, as browsers write it.
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
