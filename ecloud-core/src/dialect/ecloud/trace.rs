//! What was signed, and where the platform's side parts from it, in a form that may be shown.

use std::fmt;

use super::canonical::mask_string_to_sign;
use super::{SigningKey, body_digest};
use crate::Timestamp;
use crate::error::redact;

/// The longest string of a platform that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;
/// How much of a string is shown around the place where two part, in characters.
const SHOWN: usize = 60;

/// What was signed of a request, piece by piece; where the platform said what it had expected, also where the two part.
///
/// It may be shown and logged: the access token is replaced by `sha256:` and 16 hexadecimal digits, as the platform does it, and so is
/// every value of the query that looks personal (mail addresses, long numbers, tokens); the secret is there as a fingerprint alone. `Display`
/// draws one picture of it.
///
/// It comes with the error [`auth.signature_mismatch`](crate::Error::signature_trace), and from [`Request::explain`](crate::Request::explain).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureTrace {
    string_to_sign: String,
    expected: Option<String>,
    fingerprint: String,
    clock_offset_millis: i64,
}

/// A parameter of a string to sign, encoded as it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedParameter<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, masked where it may not be shown.
    pub value: &'a str,
    /// Whether it is a header; else it stands in the query.
    pub is_header: bool,
}

/// Where two strings to sign part first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureDifference<'a> {
    /// Which part of the string it is: `method`, `path`, `timestamp`, ``query `limit` ``, ``header `x-ecloud-tag` ``.
    pub part: String,
    /// What this side signed there; `None` where it has nothing of the kind.
    pub signed: Option<&'a str>,
    /// What the platform expected there; `None` where it has nothing of the kind.
    pub expected: Option<&'a str>,
    /// At which byte of the masked strings they part.
    pub at: usize,
}

impl SignatureTrace {
    pub(super) fn new(string_to_sign: &str, key: &SigningKey, clock_offset_millis: i64) -> Self {
        Self {
            string_to_sign: masked(string_to_sign),
            expected: None,
            fingerprint: key.fingerprint(),
            clock_offset_millis,
        }
    }

    /// Takes in what the platform expected; what is not of the canonical form is left out, since anything may stand there.
    pub(super) fn with_expected(mut self, expected: &str) -> Self {
        let is_canonical = expected.len() <= LONGEST && expected.bytes().all(|byte| byte.is_ascii_graphic());
        self.expected = is_canonical.then(|| masked(expected));
        self
    }

    /// What was signed, masked.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }

    /// What the platform expected, masked; `None` where it didn't say: only a sandbox does.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// The method.
    pub fn method(&self) -> &str {
        parts(&self.string_to_sign)[0]
    }

    /// The path, with the prefix of the endpoint.
    pub fn path(&self) -> &str {
        parts(&self.string_to_sign)[1]
    }

    /// The timestamp, in Unix seconds.
    pub fn timestamp(&self) -> &str {
        parts(&self.string_to_sign)[2]
    }

    /// The signed parameters in canonical order: headers and query.
    pub fn parameters(&self) -> impl Iterator<Item = SignedParameter<'_>> {
        parameters(&self.string_to_sign)
    }

    /// Sixteen hexadecimal digits that tell the secret from others and say nothing about it.
    pub fn key_fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// By how much this machine's clock was corrected for the timestamp, in milliseconds.
    pub fn clock_offset_millis(&self) -> i64 {
        self.clock_offset_millis
    }

    /// Where the two strings part first; `None` where they are the same, or the platform didn't say what it expected.
    pub fn difference(&self) -> Option<SignatureDifference<'_>> {
        let expected = self.expected.as_deref()?;
        let ours = &*self.string_to_sign;
        if ours == expected {
            return None;
        }
        let at = ours.bytes().zip(expected.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
        let (ours, theirs) = (parts(ours), parts(expected));
        for (number, part) in ["method", "path", "timestamp"].into_iter().enumerate() {
            if ours[number] != theirs[number] {
                let (signed, expected) = (Some(ours[number]), Some(theirs[number]));
                return Some(SignatureDifference { part: part.to_owned(), signed, expected, at });
            }
        }
        Some(self.parameter_difference(expected, at))
    }

    fn parameter_difference<'a>(&'a self, expected: &'a str, at: usize) -> SignatureDifference<'a> {
        let (mut ours, mut theirs) = (self.parameters(), parameters(expected));
        let (signed, wanted) = loop {
            match (ours.next(), theirs.next()) {
                (ours, theirs) if ours != theirs => break (ours, theirs),
                (None, None) => break (None, None),
                _ => {}
            }
        };
        let is_in = |string, parameter: SignedParameter<'_>| {
            parameters(string).any(|other| (other.name, other.is_header) == (parameter.name, parameter.is_header))
        };
        // Of two names that differ, the one that the other side doesn't have at all says more.
        let (signed, wanted) = match (signed, wanted) {
            (Some(signed), Some(wanted)) if signed.name != wanted.name || signed.is_header != wanted.is_header => {
                if is_in(expected, signed) {
                    (None, Some(wanted))
                } else {
                    (Some(signed), None)
                }
            }
            pair => pair,
        };
        let part = signed.or(wanted).map_or_else(
            || "end".to_owned(),
            |parameter| format!("{} `{}`", if parameter.is_header { "header" } else { "query" }, parameter.name),
        );
        let value = |parameter: Option<SignedParameter<'a>>| parameter.map(|parameter| parameter.value);
        SignatureDifference { part, signed: value(signed), expected: value(wanted), at }
    }

    /// One line: what differs, or that nothing does.
    pub(super) fn verdict(&self) -> String {
        let short = |value: Option<&str>| match value {
            Some(value) => format!("`{}`", value.chars().take(SHOWN).collect::<String>()),
            None => "nothing".to_owned(),
        };
        match (self.difference(), &self.expected) {
            (Some(difference), _) => format!(
                "{} differs: {} was signed, the platform expected {}",
                difference.part,
                short(difference.signed),
                short(difference.expected)
            ),
            (None, Some(_)) => {
                format!(
                    "both sides signed the same, so the secrets differ (this one's fingerprint: {})",
                    self.fingerprint
                )
            }
            (None, None) => "the platform doesn't say what it expected".to_owned(),
        }
    }
}

impl fmt::Display for SignatureTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "method     {}", self.method())?;
        writeln!(f, "path       {}", self.path())?;
        write!(f, "timestamp  {}", self.timestamp())?;
        if let Ok(seconds) = self.timestamp().parse() {
            write!(f, "  {}", Timestamp::from_unix_seconds(seconds))?;
        }
        match self.clock_offset_millis {
            0 => writeln!(f, "  by this machine's clock")?,
            offset => writeln!(f, "  by this machine's clock and {offset:+} ms")?,
        }
        for SignedParameter { name, value, is_header } in self.parameters() {
            writeln!(f, "{}     {name}={value}", if is_header { "header" } else { "query " })?;
        }
        writeln!(f, "secret     fingerprint {}", self.fingerprint)?;
        match (&self.expected, self.difference()) {
            (Some(expected), Some(difference)) => {
                let from = difference.at.saturating_sub(SHOWN / 2);
                writeln!(f, "signed     {}", around(&self.string_to_sign, from))?;
                writeln!(f, "expected   {}", around(expected, from))?;
                let indent = difference.at - from + if from > 0 { '…'.len_utf8() - 2 } else { 0 };
                writeln!(f, "           {:indent$}^ byte {}", "", difference.at)?;
            }
            _ => writeln!(f, "signed     {}", self.string_to_sign)?,
        }
        write!(f, "           {}", self.verdict())
    }
}

/// The part of a string that is shown.
fn around(text: &str, from: usize) -> String {
    let (before, after) = (if from > 0 { "…" } else { "" }, if text.len() > from + SHOWN { "…" } else { "" });
    let shown: String = text.chars().skip(from).take(SHOWN).collect();
    format!("{before}{shown}{after}")
}

/// Method, path, timestamp and parameters.
fn parts(text: &str) -> [&str; 4] {
    let mut parts = text.splitn(4, '|');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn parameters(text: &str) -> impl Iterator<Item = SignedParameter<'_>> {
    parts(text)[3].split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (is_header, name) = name.strip_prefix(':').map_or((false, name), |name| (true, name));
        SignedParameter { name, value, is_header }
    })
}

/// The string without the token, and without what looks personal in the query.
fn masked(text: &str) -> String {
    let text = if text.contains(":authorization=sha256:") { text.to_owned() } else { mask_string_to_sign(text) };
    let [method, path, timestamp, _] = parts(&text);
    let mut out = format!("{method}|{path}|{timestamp}|");
    for (number, SignedParameter { name, value, is_header }) in parameters(&text).enumerate() {
        if number > 0 {
            out.push('&');
        }
        let is_plain = is_header || redact(value) == value;
        let sign = if is_header { ":" } else { "" };
        match is_plain {
            true => out.push_str(&format!("{sign}{name}={value}")),
            false => out.push_str(&format!("{name}=sha256:{}", &body_digest(value.as_bytes()).as_str()[..16])),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNED: &str = "GET|/trade/v1/orders|1795336200|:authorization=Bearer%20secret-token&:x-ecloud-app-key=demo&:x-ecloud-nonce=0123456789abcdef&limit=50&status=paid";

    fn trace(expected: &str) -> SignatureTrace {
        SignatureTrace::new(SIGNED, &SigningKey::new(b"planted-secret"), 1500).with_expected(expected)
    }

    #[test]
    fn the_first_difference_is_found_in_each_part() {
        let with = |from: &str, to: &str| SIGNED.replacen(from, to, 1);
        for (expected, part, ours, theirs) in [
            (with("GET", "POST"), "method", Some("GET"), Some("POST")),
            (with("/trade", "/gw/trade"), "path", Some("/trade/v1/orders"), Some("/gw/trade/v1/orders")),
            (with("1795336200", "1795336201"), "timestamp", Some("1795336200"), Some("1795336201")),
            (with("limit=50", "limit=5"), "query `limit`", Some("50"), Some("5")),
            (with("limit=50&", ""), "query `limit`", Some("50"), None),
            (with("limit=50", "label=a&limit=50"), "query `label`", None, Some("a")),
            (with("&status=paid", ""), "query `status`", Some("paid"), None),
            (format!("{SIGNED}&view=all"), "query `view`", None, Some("all")),
            (with("app-key=demo", "app-key=prod"), "header `x-ecloud-app-key`", Some("demo"), Some("prod")),
            (with(":x-ecloud-app-key=demo&", ""), "header `x-ecloud-app-key`", Some("demo"), None),
        ] {
            let trace = trace(&expected);
            let difference = trace.difference().unwrap();
            assert_eq!(
                (difference.part.as_str(), difference.signed, difference.expected),
                (part, ours, theirs),
                "{expected}"
            );
            assert!(trace.to_string().contains(&format!("{part} differs")), "{trace}");
        }
    }

    #[test]
    fn the_picture_is_one_a_person_reads() {
        let shown = trace(&SIGNED.replacen("/trade", "/gw/trade", 1)).to_string();
        let expected = "\
method     GET
path       /trade/v1/orders
timestamp  1795336200  2026-11-22T08:30:00.000Z  by this machine's clock and +1500 ms
header     authorization=sha256:c0ad14b54bba8b37
header     x-ecloud-app-key=demo
header     x-ecloud-nonce=0123456789abcdef
query      limit=50
query      status=paid
";
        let token = body_digest(b"Bearer%20secret-token");
        let expected = expected.replace("c0ad14b54bba8b37", &token.as_str()[..16]);
        assert!(shown.starts_with(&expected), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let column = |line: &str, what: &str| line.find(what).map(|at| line[..at].chars().count());
        let (signed, marker) = (lines[lines.len() - 4], lines[lines.len() - 2]);
        assert_eq!(column(signed, "trade"), column(marker, "^"), "{shown}");
    }

    #[test]
    fn the_same_string_means_another_secret_and_no_string_means_that_nobody_said() {
        assert_eq!(trace(SIGNED).difference(), None);
        assert!(trace(SIGNED).to_string().contains("so the secrets differ"));
        assert!(trace("not canonical, with blanks").to_string().contains("doesn't say what it expected"));
        assert!(trace(&"x".repeat(LONGEST + 1)).expected().is_none());
    }

    #[test]
    fn neither_secret_nor_token_nor_personal_values_are_in_it() {
        let personal = format!("{SIGNED}&z=buyer%40example.com&zz=13800138000");
        let trace = SignatureTrace::new(&personal, &SigningKey::new(b"planted-secret"), 0).with_expected(&personal);
        for text in [trace.to_string(), format!("{trace:?}")] {
            for planted in ["planted-secret", "secret-token", "13800138000"] {
                assert!(!text.contains(planted), "{planted}: {text}");
            }
        }
        assert_eq!(trace.difference(), None, "what is masked alike is alike");
    }

    #[test]
    fn fingerprints_tell_secrets_apart() {
        let of = |secret: &[u8]| SigningKey::new(secret).fingerprint();
        assert_eq!((of(b"a"), of(b"a").len()), (of(b"a"), 16));
        assert_ne!(of(b"a"), of(b"b"));
    }

    proptest! {
        #[test]
        fn whatever_a_platform_says_it_is_drawn_and_bounded(expected in "[ -~é|&=:]{0,300}") {
            let shown = trace(&expected).to_string();
            prop_assert!(shown.len() < 4_000);
        }

        #[test]
        fn any_canonical_string_is_drawn(expected in "[A-Z]{0,4}[|]?/?[a-z/]{0,40}[|]?[0-9]{0,12}[|]?([:a-z]{0,4}=[0-9a-z%]{0,90}&?){0,5}") {
            let trace = trace(&expected);
            prop_assert!(!trace.to_string().is_empty());
            prop_assert_eq!(trace.difference().is_none(), trace.expected() == Some(trace.string_to_sign()));
        }
    }
}
