//! Forms in parts (RFC 7578).

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderValue;
use serde::Serialize;

use crate::File;
use crate::codec::json;
use crate::dialect::ecloud::body_digest;

/// A form in parts: texts, JSON and files.
///
/// Its boundary is drawn from a digest of the parts, so that the same form is the same bytes. Several parts may have one name.
#[derive(Clone, Default)]
pub struct Multipart {
    /// Each part's headers with the empty line after them, and its content.
    parts: Vec<(String, Bytes)>,
    /// The first thing that is wrong with it.
    mistake: Option<Cow<'static, str>>,
}

impl Multipart {
    /// A form without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, value: &dyn Display) {
        let mut text = String::new();
        match write!(text, "{value}") {
            Ok(()) => self.part(name, "", text.into()),
            Err(_) => self.note(format!("the part `{name}` can't be written")),
        }
    }

    /// Adds a value as JSON.
    pub fn json(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        match json::request_body(&value) {
            Ok(body) => self.part(name, "\r\nContent-Type: application/json", body),
            Err(error) => self.note(format!("the part `{name}` can't be written: {error}")),
        }
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, file: &File) {
        if HeaderValue::from_str(file.content_type()).is_err() {
            return self.note("the content type of a file is not of the form that headers have");
        }
        let more = format!("; filename=\"{}\"\r\nContent-Type: {}", escaped(file.name()), file.content_type());
        self.part(name, &more, file.bytes().clone());
    }

    fn part(&mut self, name: &str, more: &str, content: Bytes) {
        let head = format!("Content-Disposition: form-data; name=\"{}\"{more}\r\n\r\n", escaped(name));
        self.parts.push((head, content));
    }

    fn note(&mut self, mistake: impl Into<Cow<'static, str>>) {
        self.mistake.get_or_insert(mistake.into());
    }

    /// The media type with the boundary, and the body; or what is wrong with it.
    pub(super) fn finish(self) -> Result<(String, Bytes), Cow<'static, str>> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let size = self.parts.iter().map(|(head, content)| head.len() + content.len() + 80).sum::<usize>() + 80;
        let mut all = BytesMut::with_capacity(size);
        for (head, content) in &self.parts {
            all.put(head.as_bytes());
            all.put(&content[..]);
        }
        let boundary = beyond(&all, digits(&all));
        all.clear();
        for (head, content) in self.parts {
            all.put(format!("--{boundary}\r\n{head}").as_bytes());
            all.put(content);
            all.put(&b"\r\n"[..]);
        }
        all.put(format!("--{boundary}--\r\n").as_bytes());
        Ok((format!("multipart/form-data; boundary={boundary}"), all.freeze()))
    }
}

impl fmt::Debug for Multipart {
    /// How many parts it has, never what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart").field("parts", &self.parts.len()).finish()
    }
}

/// A name within quotes, as browsers write it.
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

/// A boundary that doesn't occur in the content: the drawn one, or else one drawn from it, a few digits longer. It stays below the 70
/// characters that RFC 2046 allows.
fn beyond(content: &[u8], drawn: String) -> String {
    let mut boundary = drawn;
    while content.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
        boundary = format!("{}{}", digits(boundary.as_bytes()), &boundary[..boundary.len().min(8)]);
    }
    boundary
}

/// 32 hexadecimal digits of a digest.
fn digits(content: &[u8]) -> String {
    body_digest(content).as_str().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_that_occurs_in_the_content_is_drawn_anew() {
        let content = b"before --00112233445566778899aabbccddeeff after";
        let drawn = beyond(content, "00112233445566778899aabbccddeeff".to_owned());
        assert_eq!((drawn.len(), &drawn[32..]), (40, "00112233"));
        let both = [&content[..], drawn.as_bytes()].concat();
        let again = beyond(&both, "00112233445566778899aabbccddeeff".to_owned());
        assert!(again != drawn && again.len() == 40);
        assert_eq!(beyond(b"", drawn.clone()), drawn);
    }

    #[test]
    fn its_debug_shows_no_part() {
        let mut form = Multipart::new();
        form.text("phone", &"13800138000");
        assert_eq!(format!("{form:?}"), "Multipart { parts: 1 }");
    }
}
