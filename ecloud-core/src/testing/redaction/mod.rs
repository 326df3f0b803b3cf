//! What of an exchange may reach a file: secrets and personal data are replaced, each by the same placeholder wherever it stands.

mod bodies;
mod json;
mod names;
mod patterns;
mod placeholder;
mod remembered;
mod target;
mod xml;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, header};

pub(super) use bodies::{Kind, kind_of};
use names::{Meaning, bare, meaning};
use patterns::Found;
use placeholder::Salt;
pub(super) use placeholder::{is_placeholder, skeleton};
use remembered::Remembered;
pub(super) use target::{decoded, is_oauth};

use crate::Timestamp;

/// Headers that are recorded. Of those that authenticate the placeholder is recorded, of all others nothing.
const HEADERS: &[&str] = &[
    "accept",
    "age",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-type",
    "date",
    "etag",
    "if-match",
    "if-none-match",
    "last-modified",
    "link",
    "location",
    "prefer",
    "retry-after",
    "x-ecloud-idempotent-replay",
    "x-ecloud-quota-capacity",
    "x-ecloud-quota-group",
    "x-ecloud-quota-rate",
    "x-ecloud-quota-remaining",
    "x-ecloud-request-id",
    "x-ecloud-retry-after-ms",
    "x-ecloud-tag",
    "x-request-id",
];

/// The rules by which one recording is written or compared.
#[derive(Clone)]
pub(super) struct Redactor {
    salt: Salt,
    /// Names of the caller's, in small letters without signs.
    names: Vec<String>,
    headers: Vec<HeaderName>,
    remembered: Arc<Remembered>,
}

/// Where a value stands: under which name, and below what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    meaning: Meaning,
    /// Below a secret or a personal datum.
    is_hidden: bool,
    /// Below somebody.
    is_of_person: bool,
}

impl Place {
    /// Under no name.
    pub(super) const TOP: Self = Self { meaning: Meaning::Other, is_hidden: false, is_of_person: false };

    /// Whether it is the place of a credential, which another environment has others of.
    pub(super) fn is_secret(self) -> bool {
        self.meaning == Meaning::Secret
    }

    fn hides(self, value: &str) -> bool {
        match self.meaning {
            Meaning::Secret | Meaning::Personal | Meaning::AnyName | Meaning::Person | Meaning::Prose => true,
            Meaning::Neutral | Meaning::Measure => false,
            Meaning::Other => self.is_hidden && value.parse::<Timestamp>().is_err(),
        }
    }

    /// Whether a value is nothing but what its name says, so that it is hidden wherever it turns up.
    fn is_telling(self) -> bool {
        match self.meaning {
            Meaning::Secret | Meaning::Personal | Meaning::Person => true,
            Meaning::AnyName => self.is_of_person || self.is_hidden,
            Meaning::Other => self.is_hidden,
            _ => false,
        }
    }
}

impl Redactor {
    pub(super) fn new(salt: &[u8]) -> Self {
        Self { salt: Salt::new(salt), names: Vec::new(), headers: Vec::new(), remembered: Arc::default() }
    }

    /// The same rules under another salt.
    pub(super) fn set_salt(&mut self, salt: &[u8]) {
        self.salt = Salt::new(salt);
    }

    /// Leaves placeholders as they are: for what comes back out of a recording.
    pub(super) fn keep_placeholders(&mut self) {
        self.salt.keep_placeholders();
    }

    /// Hides what stands under this name.
    pub(super) fn add_name(&mut self, name: &str) {
        self.names.push(bare(name));
    }

    /// Records this header.
    pub(super) fn add_header(&mut self, name: HeaderName) {
        self.headers.push(name);
    }

    /// What tells the salt from others.
    pub(super) fn salt_check(&self) -> String {
        self.salt.check()
    }

    /// What stands for these bytes.
    pub(super) fn hash(&self, bytes: &[u8]) -> String {
        self.salt.of_bytes(bytes)
    }

    /// What stands for a value, wherever it is, even for one that looks like a placeholder.
    pub(super) fn placeholder(&self, value: &str) -> String {
        self.salt.drawn(value)
    }

    /// What stands for a number, wherever it is.
    pub(super) fn number_placeholder(&self, number: &str) -> String {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        self.salt.of_digits(&digits)
    }

    /// The place under a name within another.
    pub(super) fn under(&self, place: Place, name: &str) -> Place {
        Place {
            meaning: meaning(name, &self.names),
            is_hidden: place.is_hidden
                || matches!(place.meaning, Meaning::Secret | Meaning::Personal | Meaning::AnyName),
            is_of_person: place.is_of_person || place.meaning == Meaning::Person,
        }
    }

    /// A value as it is recorded.
    pub(super) fn value<'a>(&self, place: Place, value: &'a str) -> Cow<'a, str> {
        if value.is_empty() {
            return Cow::Borrowed(value);
        }
        if place.hides(value) {
            if place.is_telling() {
                self.remembered.add(value);
            }
            return Cow::Owned(self.salt.of(value));
        }
        let is_number = || value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if place.meaning == Meaning::Measure && is_number() { Cow::Borrowed(value) } else { self.text(value) }
    }

    /// A text as it is recorded: without what looks secret or personal, and without what was hidden elsewhere.
    pub(super) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = patterns::find(text, &self.names);
        found.extend(self.remembered.places_in(text).into_iter().map(|range| (range, Found::Plain)));
        patterns::replace(text, found, |value, found| match found {
            Found::Encoded => self.salt.of(&decoded(value, false)),
            Found::Plain => self.salt.of(value),
        })
    }

    /// The headers that are recorded.
    pub(super) fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let recorded = headers.iter().filter_map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let written = self.header(name, &text)?;
            Some((name.as_str().to_owned(), written))
        });
        recorded.collect()
    }

    /// A header as it is recorded; `None` for one that isn't.
    fn header(&self, name: &HeaderName, text: &str) -> Option<String> {
        let place = self.under(Place::TOP, name.as_str());
        if place.is_secret() {
            // What stands behind the scheme, or behind the name of a cookie, is what may turn up elsewhere.
            for piece in text.split([' ', ';']) {
                self.remembered.add(piece.split_once('=').map_or(piece, |(_, value)| value));
            }
            return Some(self.salt.of(text));
        }
        if !HEADERS.contains(&name.as_str()) && !self.headers.contains(name) {
            return None;
        }
        Some(match name {
            // The boundary may be a digest of what is in the parts.
            name if *name == header::CONTENT_TYPE => self.text(&bodies::without_boundary(text)).into_owned(),
            name if *name == header::LINK || *name == header::LOCATION => self.address(text),
            _ => self.value(place, text).into_owned(),
        })
    }
}

impl fmt::Debug for Redactor {
    /// Neither the salt nor what is remembered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn of_headers_the_allowed_are_recorded_and_the_secret_replaced() {
        let mut redactor = Redactor::new(b"salt");
        redactor.add_header(HeaderName::from_static("x-region"));
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer planted-token-1"),
            ("cookie", "session=planted-session"),
            ("set-cookie", "session=planted-session"),
            ("x-ecloud-app-key", "planted-app"),
            ("x-ecloud-nonce", "0123456789abcdef"),
            ("x-ecloud-signature", "planted-signature"),
            ("x-api-key", "planted-key"),
            ("idempotency-key", "planted-idempotency"),
            ("x-forwarded-for", "192.0.2.1"),
            ("user-agent", "planted-agent"),
            ("x-region", "cn-1"),
            ("x-ecloud-request-id", "r-1"),
            ("date", "Sun, 22 Nov 2026 08:30:00 GMT"),
            ("content-type", "multipart/form-data; boundary=0123456789abcdef0123456789abcdef"),
            ("link", "<https://h.example/v1/x?access_token=planted-1&page=2>; rel=\"next\""),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let recorded = redactor.headers(&headers);
        let names: Vec<_> = recorded.iter().map(|(name, _)| name.as_str()).collect();
        assert!(!names.contains(&"x-forwarded-for") && !names.contains(&"user-agent"), "{names:?}");
        assert_eq!(recorded.len(), 13);
        let shown = format!("{recorded:?}");
        assert!(!shown.contains("planted") && !shown.contains("0123456789"), "{shown}");
        for kept in ["cn-1", "r-1", "Sun, 22 Nov 2026 08:30:00 GMT", "boundary=boundary", "&page=2>; rel="] {
            assert!(shown.contains(kept), "{kept} in {shown}");
        }
        assert_eq!(
            redactor.text("planted-token-1 was refused"),
            redactor.placeholder("planted-token-1") + " was refused"
        );
    }
}
