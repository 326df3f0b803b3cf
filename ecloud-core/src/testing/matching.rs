//! Whether a request is the one that was recorded.

use http::{HeaderMap, Uri, header};
use serde_json::Value;

use super::line::{RecordedBody, RecordedRequest};
use super::redaction::{Kind, Place, Redactor, decoded, is_oauth, is_placeholder, kind_of, skeleton};

/// How well a request fits what was recorded. The least of its parts is that of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    No,
    /// A value stands where the recording has a placeholder that it can't be told from.
    Perhaps,
    Exactly,
}

impl Fit {
    fn exactly_if(condition: bool) -> Self {
        if condition { Self::Exactly } else { Self::No }
    }

    fn perhaps_if(condition: bool) -> Self {
        if condition { Self::Perhaps } else { Self::No }
    }
}

/// Compares requests with recorded ones.
#[derive(Clone)]
pub(super) struct Matcher {
    /// Leaves placeholders as they are, since what comes back out of a recording holds them.
    redactor: Redactor,
    /// Replaces them too, since a number may look like one and be none.
    replacing: Redactor,
    /// Whether placeholders are made with the recording's salt. Without it a placeholder fits any value.
    has_salt: bool,
}

impl Matcher {
    pub(super) fn new() -> Self {
        let replacing = Redactor::new(b"");
        let mut redactor = replacing.clone();
        redactor.keep_placeholders();
        Self { redactor, replacing, has_salt: false }
    }

    /// Compares with this salt, and gives the check of it.
    pub(super) fn set_salt(&mut self, salt: &[u8]) -> String {
        self.redactor.set_salt(salt);
        self.redactor.keep_placeholders();
        self.replacing.set_salt(salt);
        self.has_salt = true;
        self.redactor.salt_check()
    }

    pub(super) fn add_name(&mut self, name: &str) {
        self.redactor.add_name(name);
        self.replacing.add_name(name);
    }

    /// Looks a request through for values that stand in other places of it, too.
    pub(super) fn look_through(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) {
        self.redactor.pairs(uri.query().unwrap_or_default());
        self.redactor.body(content_type(headers), body);
    }

    /// A request's method, path and query without secrets and personal data, to be shown.
    pub(super) fn shown(&self, method: &str, uri: &Uri) -> String {
        target(method, &self.redactor.path(uri.path()), &self.redactor.pairs(uri.query().unwrap_or_default()))
    }

    /// How well method, path and query fit.
    pub(super) fn target(&self, recorded: &RecordedRequest, method: &str, uri: &Uri) -> Fit {
        if recorded.method != method {
            return Fit::No;
        }
        let segment =
            |(recorded, came): (&str, &str)| self.text(Place::TOP, &decoded(recorded, false), &decoded(came, false));
        let path = each(recorded.path.split('/'), uri.path().split('/'), segment);
        path.min(self.pairs(&recorded.query, uri.query().unwrap_or_default()))
    }

    fn pairs(&self, recorded: &str, came: &str) -> Fit {
        let is_oauth = is_oauth(came);
        each(recorded.split('&'), came.split('&'), |(recorded, came)| {
            let ((name, value), (came, came_value)) = (split(recorded), split(came));
            let place = self.redactor.place_of_pair(came, is_oauth);
            let name = self.text(Place::TOP, &decoded(name, true), &decoded(came, true));
            name.min(self.text(place, &decoded(value, true), &decoded(came_value, true)))
        })
    }

    /// How well a body fits, or how it differs, in words that may be shown.
    pub(super) fn body(&self, recorded: &RecordedBody, headers: &HeaderMap, came: &[u8]) -> Result<(), String> {
        match recorded {
            RecordedBody::Omitted(_) => Ok(()),
            RecordedBody::Empty if came.is_empty() => Ok(()),
            RecordedBody::Empty => Err(format!("no body was recorded, and one of {} bytes came", came.len())),
            RecordedBody::Binary { length, .. } if *length != came.len() => {
                Err(format!("a body of {length} bytes was recorded, and one of {} bytes came", came.len()))
            }
            RecordedBody::Binary { hash, .. } if self.has_salt && *hash != self.redactor.hash(came) => {
                Err("another body of the same size came".to_owned())
            }
            RecordedBody::Binary { .. } => Ok(()),
            RecordedBody::Text(_) if came.is_empty() => Err("a body was recorded, and none came".to_owned()),
            RecordedBody::Text(recorded) => self.text_body(recorded, content_type(headers), came),
        }
    }

    fn text_body(&self, recorded: &str, content_type: &str, came: &[u8]) -> Result<(), String> {
        let differs = || Err("the body differs".to_owned());
        match kind_of(content_type, came) {
            Kind::Json => {
                let read = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
                if let Some((recorded, came)) = read(recorded.as_bytes()).zip(read(came)) {
                    return self.json(Place::TOP, &recorded, &came, "");
                }
            }
            Kind::Form => {
                let came = String::from_utf8_lossy(came);
                return if self.pairs(recorded, &came) == Fit::No { differs() } else { Ok(()) };
            }
            Kind::Multipart | Kind::Markup | Kind::Text => {}
        }
        let written = |redactor: &Redactor| redactor.body(content_type, came);
        if self.fits(recorded, written) == Fit::No { differs() } else { Ok(()) }
    }

    /// How well a text fits that is written with placeholders.
    fn fits(&self, recorded: &str, written: impl Fn(&Redactor) -> Option<String>) -> Fit {
        let as_it_came = written(&self.redactor);
        if self.has_salt {
            let is_same = |written: Option<String>| written.is_some_and(|written| written == recorded);
            return Fit::exactly_if(is_same(as_it_came) || is_same(written(&self.replacing)));
        }
        // A text without placeholders is its own skeleton, and fits nothing but itself.
        Fit::perhaps_if(as_it_came.is_some_and(|written| skeleton(recorded) == skeleton(&written)))
    }

    /// Compares two values; the order of members doesn't matter.
    fn json(&self, place: Place, recorded: &Value, came: &Value, at: &str) -> Result<(), String> {
        match (recorded, came) {
            (Value::Array(recorded), Value::Array(came)) if recorded.len() == came.len() => {
                recorded.iter().zip(came).enumerate().try_for_each(|(index, (recorded, came))| {
                    self.json(place, recorded, came, &format!("{at}/{index}"))
                })
            }
            (Value::Object(recorded), Value::Object(came)) => {
                if let Some(name) = came.keys().find(|name| !recorded.keys().any(|known| self.is_name(known, name))) {
                    return Err(format!(
                        "the body has a member that wasn't recorded: {at}/{}",
                        self.redactor.text(name)
                    ));
                }
                for (name, recorded) in recorded {
                    let found = came.iter().find(|(known, _)| self.is_name(name, known));
                    let (_, came) = found.ok_or_else(|| format!("the body lacks {at}/{name}"))?;
                    self.json(self.redactor.under(place, name), recorded, came, &format!("{at}/{name}"))?;
                }
                Ok(())
            }
            _ if self.leaf(place, recorded, came) != Fit::No => Ok(()),
            _ => {
                let came = self.redactor.json(&came.to_string());
                Err(format!(
                    "the body differs at {at}: {} was expected, {} came",
                    short(&recorded.to_string()),
                    short(&came)
                ))
            }
        }
    }

    fn is_name(&self, recorded: &str, came: &str) -> bool {
        self.text(Place::TOP, recorded, came) != Fit::No
    }

    fn leaf(&self, place: Place, recorded: &Value, came: &Value) -> Fit {
        match (recorded, came) {
            (Value::String(recorded), Value::String(came)) => self.text(place, recorded, came),
            (Value::Number(recorded), Value::Number(came)) if recorded != came => {
                let (recorded, came) = (recorded.to_string(), came.to_string());
                if self.has_salt && !place.is_secret() {
                    return Fit::exactly_if(recorded == self.replacing.number_placeholder(&came));
                }
                Fit::perhaps_if(is_placeholder(&recorded))
            }
            _ => Fit::exactly_if(recorded == came),
        }
    }

    /// Compares two texts that stand at a place.
    fn text(&self, place: Place, recorded: &str, came: &str) -> Fit {
        if recorded == came || self.has_salt && recorded == self.redactor.placeholder(came) {
            return Fit::Exactly;
        }
        if place.is_secret() {
            return Fit::perhaps_if(is_placeholder(recorded) && !came.is_empty());
        }
        if !self.has_salt && is_placeholder(recorded) && !came.is_empty() {
            return Fit::Perhaps;
        }
        self.fits(recorded, |redactor| Some(redactor.string(place, came)))
    }
}

/// Method, path and query, short enough to be shown.
pub(super) fn target(method: &str, path: &str, query: &str) -> String {
    let question = if query.is_empty() { "" } else { "?" };
    short(&format!("{method} {path}{question}{query}"))
}

/// At most 200 characters, on one line.
pub(super) fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(200).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if text.chars().nth(200).is_some() {
        shown.push('…');
    }
    shown
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn split(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

/// How well pieces fit, one for one.
fn each<'a>(
    recorded: impl Iterator<Item = &'a str>,
    came: impl Iterator<Item = &'a str>,
    fit: impl Fn((&str, &str)) -> Fit,
) -> Fit {
    let (recorded, came): (Vec<_>, Vec<_>) = (recorded.collect(), came.collect());
    if recorded.len() != came.len() {
        return Fit::No;
    }
    recorded.into_iter().zip(came).map(fit).min().unwrap_or(Fit::Exactly)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    /// What a request is recorded as: looked through first, then written.
    fn record(redactor: &Redactor, target: &str, content_type: &str, body: &[u8]) -> (Uri, RecordedRequest) {
        let uri: Uri = target.parse().unwrap();
        let write = || RecordedRequest {
            method: "POST".to_owned(),
            path: redactor.path(uri.path()),
            query: redactor.pairs(uri.query().unwrap_or_default()),
            headers: Vec::new(),
            body: match redactor.body(content_type, body) {
                _ if body.is_empty() => RecordedBody::Empty,
                Some(text) => RecordedBody::Text(text),
                None => RecordedBody::Binary { length: body.len(), hash: redactor.hash(body) },
            },
        };
        write();
        (uri.clone(), write())
    }

    fn matchers() -> [Matcher; 2] {
        let mut salted = Matcher::new();
        salted.set_salt(b"salt");
        [salted, Matcher::new()]
    }

    /// Values as tests and platforms have them: personal ones, placeholders, words and what looks like neither.
    const VALUES: &str = "13800138000|redacted-[a-p]{16}|10[0-9]{9}|[a-z]{1,6}@b\\.cn|张伟|[a-z0-9 ,.:=&%+/-]{0,12}";
    const NAMES: &str = "name|phone|token|order_id|note|receiver|created_at|[a-z]{1,4}";

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![VALUES.prop_map(Value::from), any::<i64>().prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((NAMES, inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_request_fits_its_own_recording(
            segments in proptest::collection::vec(VALUES, 0..4),
            pairs in proptest::collection::vec((NAMES, VALUES), 0..4),
            body in json(),
            kind in 0..3,
        ) {
            let encoded = |text: &str| {
                let mut written = String::new();
                crate::dialect::ecloud::encode(text, &mut written);
                written
            };
            let path = segments.iter().map(|segment| format!("/{}", encoded(segment))).collect::<String>();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            let pairs = pairs.join("&");
            let (content_type, body) = match kind {
                0 => ("application/json", body.to_string()),
                1 => ("application/x-www-form-urlencoded", pairs.clone()),
                _ => ("text/plain", segments.join(" ")),
            };
            let target = format!("https://h.example/v1{path}?{pairs}");
            let (uri, recorded) = record(&Redactor::new(b"salt"), &target, content_type, body.as_bytes());
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            for matcher in matchers() {
                matcher.look_through(&uri, &headers, body.as_bytes());
                prop_assert_ne!(matcher.target(&recorded, "POST", &uri), Fit::No, "{} {}", recorded.path, recorded.query);
                prop_assert_eq!(matcher.body(&recorded.body, &headers, body.as_bytes()), Ok(()));
            }
        }
    }
}
