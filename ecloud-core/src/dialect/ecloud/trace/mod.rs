//! What was signed of a request, and where the platform's own string parts from it.

mod compare;
mod mask;
mod picture;

use std::fmt;

use http::HeaderValue;

pub use self::compare::{ParameterDifference, SignatureComparison, SignatureDifference};

use self::mask::{Shown, is_masked_token, shown};
use super::canonical::{encode, mask_string_to_sign};
use super::signature::body_digest;
use crate::Timestamp;
use crate::client::AccessToken;
use crate::dialect::Attempt;

/// What was signed of one request, or would be: from [`Client::explain`](crate::Client::explain), and with an
/// `auth.signature_mismatch` from [`Error::signature_trace`](crate::Error::signature_trace).
///
/// `Display` is a picture for a terminal of several lines: parameters in their order, key, clock, and, where the platform answered with its
/// own string, a mark under the first character at which the two part.
///
/// # What is shown
///
/// Neither `Display` nor `Debug` ever has the app secret, the access token or what a query asks for:
///
/// - The key is shown as its [fingerprint](Self::key_fingerprint), the access token as `sha256:` and 16 hexadecimal digits.
/// - Method, path, time and the protocol's other headers are shown as they stand.
/// - Of query values, numbers and words stand there only under names that are known to be harmless (`page`, `status`, `order_id`, …).
///   Of all others only the shape is shown: `x` for a letter, `9` for a digit, `%XX` for an encoded one or a byte beyond ASCII. So a
///   blank that became a `+`, a wrong case or a second encoding can be seen, and a name or a telephone number can't.
/// - What the platform sent is cut short, its control characters are escaped, and the same rules are applied to it.
///
/// [`string_to_sign`](Self::string_to_sign) and [`expected`](Self::expected) hand the strings over whole, query values included: they may
/// hold personal data, though no token.
#[derive(Clone)]
pub struct SignatureTrace {
    signed: Canonical,
    key_fingerprint: Box<str>,
    timestamp: Timestamp,
    clock_offset_millis: i64,
    answer: Answer,
}

/// What the platform said of the request.
#[derive(Clone)]
enum Answer {
    /// It wasn't asked.
    None,
    /// It refused the signature, and didn't say what it expected.
    Silent,
    /// Its string holds the access token, so it isn't kept.
    Careless,
    /// The string that it expected.
    Expected(Box<str>),
}

/// As much of a platform's string as is kept, in bytes: more than a client can sign, whose requests have an address of 64 KiB at most.
const LONGEST_EXPECTED: usize = 256 * 1024;

impl SignatureTrace {
    /// What an attempt signs: `string_to_sign` and the timestamp in it.
    pub(super) fn new(
        attempt: &Attempt<'_>,
        timestamp: &HeaderValue,
        string_to_sign: &str,
        key_fingerprint: String,
    ) -> Self {
        let path = if attempt.path.is_empty() { "/" } else { attempt.path };
        let lengths = [attempt.method.as_str().len(), path.len(), timestamp.len()];
        Self {
            signed: Canonical::new(mask_string_to_sign(string_to_sign), lengths),
            key_fingerprint: key_fingerprint.into(),
            timestamp: Timestamp::from_unix_seconds(attempt.now.unix_seconds().max(0)),
            clock_offset_millis: attempt.clock_offset_millis,
            answer: Answer::None,
        }
    }

    /// Adds what the platform expected, which was sent with this token.
    pub(super) fn refused(mut self, expected: Option<String>, token: Option<&AccessToken>) -> Self {
        self.answer = match expected {
            None => Answer::Silent,
            Some(expected) => {
                let masked = mask_tokens(cut(&expected, LONGEST_EXPECTED));
                if token.is_some_and(|token| is_careless(&masked, &self.signed.text, token)) {
                    Answer::Careless
                } else {
                    Answer::Expected(masked.into())
                }
            }
        };
        self
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.signed.parts().method
    }

    /// The path as signed: percent-encoded, with the prefix of the endpoint.
    pub fn path(&self) -> &str {
        self.signed.parts().path
    }

    /// The time that was signed, in whole seconds: the client's clock and [what it is corrected by](Self::clock_offset_millis).
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// What the client had added to its own clock, in milliseconds, as it had learned from the platform: 0 as long as it had learned nothing.
    pub fn clock_offset_millis(&self) -> i64 {
        self.clock_offset_millis
    }

    /// The fingerprint of the app secret that signs: 16 hexadecimal digits, from which nobody gets to the secret.
    ///
    /// Two clients with one secret have one fingerprint; [`SigningKey::fingerprint`](super::SigningKey::fingerprint) gives that of a secret
    /// at hand.
    pub fn key_fingerprint(&self) -> &str {
        &self.key_fingerprint
    }

    /// The signed parameters in their canonical order.
    pub fn parameters(&self) -> impl Iterator<Item = SignedParameter<'_>> {
        pairs(self.signed.parts().parameters).map(|(name, value)| SignedParameter::new(name, value))
    }

    /// The string to sign, with the access token in its masked form (protocol section 3).
    ///
    /// It has the query's values as they were sent, and they may be personal data: `Display` is for logs, this is not.
    pub fn string_to_sign(&self) -> &str {
        &self.signed.text
    }

    /// The string that the platform expected to be signed, in the same form; `None` where it didn't say, as production platforms don't, or
    /// was so careless as to show the access token.
    ///
    /// It is what the platform sent, whatever that is: at most 256 KiB of it, and no log is a place for it.
    pub fn expected(&self) -> Option<&str> {
        if let Answer::Expected(text) = &self.answer { Some(text) } else { None }
    }

    /// Where the two strings part.
    pub fn comparison(&self) -> SignatureComparison {
        match self.expected() {
            Some(expected) => compare::compare(&self.signed, expected),
            None => SignatureComparison::Unknown,
        }
    }
}

impl fmt::Debug for SignatureTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown_name = |(name, _)| shown(cut(name, 64), Shown::Text);
        let names: Vec<_> = pairs(self.signed.parts().parameters).take(picture::LISTED).map(shown_name).collect();
        f.debug_struct("SignatureTrace")
            .field("method", &self.method())
            .field("path", &shown(cut(self.path(), 1000), Shown::of_path(self.path())))
            .field("timestamp", &self.timestamp)
            .field("clock_offset_millis", &self.clock_offset_millis)
            .field("key_fingerprint", &self.key_fingerprint)
            .field("parameters", &names)
            .field("comparison", &self.comparison())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SignatureTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        picture::draw(self, f)
    }
}

/// One signed parameter, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedParameter<'a> {
    /// Where in the request it stands.
    pub place: ParameterPlace,
    /// Its name as signed: percent-encoded, without the colon of a header.
    pub name: &'a str,
    /// Its value as signed, percent-encoded; of one that may be secret or personal only the shape.
    pub value: String,
    /// Whether the value is only a shape.
    pub is_masked: bool,
}

impl<'a> SignedParameter<'a> {
    fn new(name: &'a str, value: &str) -> Self {
        let how = Shown::of_value(name, value);
        let (place, name) = ParameterPlace::split(name);
        Self { place, name, value: shown(value, how), is_masked: how == Shown::Shape }
    }
}

/// Where in a request a signed parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParameterPlace {
    /// In a header.
    Header,
    /// In the query.
    Query,
}

impl ParameterPlace {
    /// Tells from the colon that stands before a header's name.
    fn split(name: &str) -> (Self, &str) {
        match name.strip_prefix(':') {
            Some(name) => (Self::Header, name),
            None => (Self::Query, name),
        }
    }
}

impl fmt::Display for ParameterPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if *self == Self::Header { "header" } else { "query" })
    }
}

/// A string to sign, and where its parts end.
#[derive(Clone)]
struct Canonical {
    text: Box<str>,
    ends: [usize; 3],
}

impl Canonical {
    /// A string whose first three parts have these lengths; a path may have a `|` of its own.
    fn new(text: String, [method, path, timestamp]: [usize; 3]) -> Self {
        Self { text: text.into(), ends: [method, method + 1 + path, method + path + timestamp + 2] }
    }

    fn parts(&self) -> Parts<'_> {
        let [method, path, timestamp] = self.ends;
        let part = |range| self.text.get(range).unwrap_or_default();
        Parts {
            method: part(0..method),
            path: part(method + 1..path),
            timestamp: part(path + 1..timestamp),
            parameters: part(timestamp + 1..self.text.len()),
        }
    }
}

/// The four parts of a string to sign.
#[derive(Clone, Copy)]
struct Parts<'a> {
    method: &'a str,
    path: &'a str,
    timestamp: &'a str,
    parameters: &'a str,
}

impl<'a> Parts<'a> {
    /// Reads a string that somebody else wrote; `None` where it has fewer parts.
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(4, '|');
        let mut next = || parts.next();
        Some(Self { method: next()?, path: next()?, timestamp: next()?, parameters: next()? })
    }
}

/// The pairs of signed parameters, as they stand.
fn pairs(parameters: &str) -> impl Iterator<Item = (&str, &str)> {
    let pieces = parameters.split('&').filter(move |_| !parameters.is_empty());
    pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

/// The beginning of a text, of at most so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// Masks every access token that a platform forgot to mask.
fn mask_tokens(expected: &str) -> String {
    let masked = expected.split('&').map(|piece| {
        // The first parameter stands behind the timestamp's `|`.
        match piece.split_once(":authorization=") {
            Some((before, value)) if !is_masked_token(value) => {
                format!("{before}:authorization=sha256:{}", &body_digest(value.as_bytes()).as_str()[..16])
            }
            _ => piece.to_owned(),
        }
    });
    masked.collect::<Vec<_>>().join("&")
}

/// Whether a platform's string has the token where ours doesn't.
fn is_careless(expected: &str, signed: &str, token: &AccessToken) -> bool {
    let Some(token) = token.bearer().to_str().ok().and_then(|bearer| bearer.strip_prefix("Bearer ")) else {
        return false;
    };
    let mut encoded = String::new();
    encode(token, &mut encoded);
    [token, &encoded].iter().any(|token| expected.contains(*token) && !signed.contains(*token))
}
