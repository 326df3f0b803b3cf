//! Bodies as they are recorded, each kind by its own structure.

use std::borrow::Cow;

use super::{Place, Redactor};

/// What a body is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) enum Kind {
    /// JSON, whole or cut off; lines of it, too.
    Json,
    /// Pairs of a form.
    Form,
    /// A form in parts.
    Multipart,
    /// XML or HTML.
    Markup,
    /// Any other text.
    Text,
}

/// What a body is read as, by its media type and its first sign.
pub(in crate::testing) fn kind_of(content_type: &str, body: &[u8]) -> Kind {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    // The first sign goes before the media type, since platforms send JSON as text and errors as anything.
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        _ if media.starts_with("multipart/") && boundary(content_type).is_some() => Kind::Multipart,
        Some(b'{' | b'[' | b'"') => Kind::Json,
        Some(b'<') => Kind::Markup,
        _ if media == "application/x-www-form-urlencoded" => Kind::Form,
        _ if media.ends_with("json") => Kind::Json,
        _ => Kind::Text,
    }
}

impl Redactor {
    /// A body as it is recorded; `None` for one that is no text.
    pub(in crate::testing) fn body(&self, content_type: &str, body: &[u8]) -> Option<String> {
        let kind = kind_of(content_type, body);
        if let (Kind::Multipart, Some(boundary)) = (kind, boundary(content_type)) {
            return Some(self.parts(body, boundary));
        }
        let text = text_of(body)?;
        Some(match kind {
            Kind::Json => self.json(&text),
            Kind::Form => self.pairs(&text),
            Kind::Markup => self.markup(&text),
            Kind::Multipart | Kind::Text => self.text(&text).into_owned(),
        })
    }

    fn parts(&self, body: &[u8], boundary: &str) -> String {
        let delimiter = format!("--{boundary}");
        let part = |part: &[u8]| match find(part, b"\r\n\r\n") {
            Some(at) => {
                let head = String::from_utf8_lossy(&part[..at]);
                let content = &part[at + 4..];
                let content = self.part(&head, content.strip_suffix(b"\r\n").unwrap_or(content));
                format!("{}\r\n\r\n{content}\r\n", self.part_head(&head))
            }
            None => self.text(&String::from_utf8_lossy(part)).into_owned(),
        };
        let mut parts = Vec::new();
        let mut rest = body;
        while let Some(at) = find(rest, delimiter.as_bytes()) {
            parts.push(part(&rest[..at]));
            rest = &rest[at + delimiter.len()..];
        }
        parts.push(part(rest));
        parts.join("--boundary")
    }

    /// The headers of one part; a file's name may be its owner's.
    fn part_head(&self, head: &str) -> String {
        match quoted(head, "filename=\"") {
            Some(file) if !file.is_empty() => self.text(&head.replace(file, &self.placeholder(file))).into_owned(),
            _ => self.text(head).into_owned(),
        }
    }

    /// The content of one part: of files the size and the hash.
    fn part(&self, head: &str, content: &[u8]) -> String {
        match std::str::from_utf8(content) {
            Ok(text) if quoted(head, "filename=\"").is_none() => {
                let place = self.under(Place::TOP, quoted(head, "name=\"").unwrap_or_default());
                self.string(place, text)
            }
            _ => format!("{} bytes, {}", content.len(), self.hash(content)),
        }
    }
}

/// The text that a body is; one that ends in the middle of a character is a text, too.
fn text_of(body: &[u8]) -> Option<Cow<'_, str>> {
    match std::str::from_utf8(body) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(error) if error.error_len().is_none() => Some(String::from_utf8_lossy(body)),
        Err(_) => None,
    }
}

/// What stands between the end of `name` and the next quote.
fn quoted<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    // The name of a part stands behind a blank or a semicolon: `filename="` holds `name="`.
    let (_, rest) = head.match_indices(name).find_map(|(at, _)| {
        let is_own = head[..at].ends_with([' ', ';', '\t']);
        is_own.then(|| head.split_at(at + name.len()))
    })?;
    rest.split('"').next()
}

/// The boundary that a media type names.
fn boundary(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("boundary=")?;
    let value = content_type[at + "boundary=".len()..].split(';').next().unwrap_or_default();
    Some(value.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// A media type with a boundary that says nothing of the body.
pub(super) fn without_boundary(content_type: &str) -> String {
    match content_type.to_ascii_lowercase().find("boundary=") {
        Some(at) => format!("{}boundary=boundary", &content_type[..at]),
        None => content_type.to_owned(),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_form_in_parts_is_recorded_without_its_files_and_its_boundary() {
        let redactor = Redactor::new(b"salt");
        let mut body =
            b"--XyZ\r\nContent-Disposition: form-data; name=\"receiver_name\"\r\n\r\n\xe5\xbc\xa0\xe4\xbc\x9f\r\n"
                .to_vec();
        body.extend_from_slice(b"--XyZ\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nlamp\r\n");
        body.extend_from_slice(b"--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"planted.jpg\"\r\n\r\n\xff\xfe\r\n--XyZ--\r\n");
        let written = redactor.body("multipart/form-data; boundary=XyZ", &body).unwrap();
        for hidden in ["张伟", "XyZ", "planted"] {
            assert!(!written.contains(hidden), "{hidden} in {written}");
        }
        for kept in ["\r\n\r\nlamp\r\n", "2 bytes, ", "--boundary--\r\n", &redactor.placeholder("张伟")] {
            assert!(written.contains(kept), "{kept} in {written}");
        }
    }

    #[test]
    fn a_body_that_is_no_text_is_none() {
        let redactor = Redactor::new(b"salt");
        assert_eq!(redactor.body("image/png", b"\x89PNG\xff"), None);
        assert!(redactor.body("text/plain", "cut off: 张".as_bytes().split_last().unwrap().1).is_some());
    }

    proptest! {
        // A panic here would be one while an exchange is dropped.
        #[test]
        fn any_bytes_of_any_kind_can_be_recorded(
            kind in "application/json|text/xml|multipart/x; boundary=-|application/x-www-form-urlencoded|\\PC{0,20}",
            beginning in "|\\{|<a>|\"|---",
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            Redactor::new(b"salt").body(&kind, &[beginning.as_bytes(), &bytes].concat());
        }
    }
}
