//! The published vectors of protocol section 2, in both directions.
//!
//! `signature_vectors.json` was produced by an independent program.

use ecloud_core::Timestamp;
use ecloud_core::dialect::ecloud::{Incoming, SigningKey, string_to_sign};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("signature_vectors.json")).expect("the vectors are JSON")
}

fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().unwrap_or_else(|| panic!("{member} in {vector}"))
}

fn headers(vector: &Value) -> HeaderMap {
    let pair = |(name, value): (&String, &Value)| {
        let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()).expect("a header's name");
        (name, HeaderValue::from_str(value.as_str().expect("a text")).expect("a header's value"))
    };
    vector["headers"].as_object().expect("headers").iter().map(pair).collect()
}

fn query(vector: &Value) -> Option<&str> {
    Some(text(vector, "query")).filter(|query| !query.is_empty())
}

#[test]
fn the_bare_formula_gives_the_published_signatures() {
    let vectors = vectors();
    let raw = vectors["raw"].as_array().expect("raw");
    for vector in raw {
        let [method, path, timestamp, params] =
            ["method", "path", "timestamp", "params"].map(|member| text(vector, member));
        let signed = format!("{method}|{path}|{timestamp}|{params}");
        assert_eq!(signed, text(vector, "string_to_sign"));
        let key = SigningKey::new(text(vector, "app_secret").as_bytes());
        assert_eq!(key.sign(&signed).as_str(), text(vector, "signature"), "{vector}");
        assert!(key.verify(&signed, text(vector, "signature")), "{vector}");
    }
    assert_eq!(raw.len(), 5);
}

#[test]
fn whole_requests_are_signed_as_published() {
    let vectors = vectors();
    let requests = vectors["requests"].as_array().expect("requests");
    for vector in requests {
        let headers = headers(vector);
        let timestamp = headers["x-ecloud-timestamp"].to_str().expect("a timestamp");
        let signed = string_to_sign(text(vector, "method"), text(vector, "path"), query(vector), timestamp, &headers)
            .unwrap_or_else(|refused| panic!("{refused} in {vector}"));
        assert_eq!(signed, text(vector, "string_to_sign"), "{}", text(vector, "name"));
        let signature = SigningKey::new(text(vector, "app_secret").as_bytes()).sign(&signed);
        assert_eq!(signature.as_str(), text(vector, "signature"), "{}", text(vector, "name"));
    }
    assert_eq!(requests.len(), 14);
}

#[test]
fn whole_requests_are_verified_as_published_and_refused_when_anything_is_changed() {
    let vectors = vectors();
    for vector in vectors["requests"].as_array().expect("requests") {
        let name = text(vector, "name");
        let mut headers = headers(vector);
        headers.insert("x-ecloud-signature", HeaderValue::from_str(text(vector, "signature")).expect("hexadecimal"));
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let method: Method = text(vector, "method").parse().expect("a method");
        let path = text(vector, "path");
        let target = query(vector).map_or(path.to_owned(), |query| format!("{path}?{query}"));
        let body = text(vector, "body").as_bytes();
        let seconds = headers["x-ecloud-timestamp"].to_str().expect("ASCII").parse().expect("seconds");
        let now = Timestamp::from_unix_seconds(seconds);
        let key = SigningKey::new(text(vector, "app_secret").as_bytes());
        let verify = |target: &str, headers: &HeaderMap, key: &SigningKey, now| {
            Incoming::parse(&method, target, headers, body)
                .and_then(|incoming| incoming.verify(key, now))
                .map_err(|refused| refused.code())
        };

        assert_eq!(verify(&target, &headers, &key, now), Ok(()), "{name}");
        let other_target = if target.contains('?') { format!("{target}&x=1") } else { format!("{target}?x=1") };
        assert_eq!(verify(&other_target, &headers, &key, now), Err("auth.signature_mismatch"), "{name}");
        let other_key = SigningKey::new(b"another secret");
        assert_eq!(verify(&target, &headers, &other_key, now), Err("auth.signature_mismatch"), "{name}");
        let mut tagged = headers.clone();
        tagged.insert("x-ecloud-added", HeaderValue::from_static("later"));
        assert_eq!(verify(&target, &tagged, &key, now), Err("auth.signature_mismatch"), "{name}");

        let at = |millis| Timestamp::from_unix_millis(seconds * 1000 + millis);
        assert_eq!(verify(&target, &headers, &key, at(300_000)), Ok(()), "{name}");
        assert_eq!(verify(&target, &headers, &key, at(300_001)), Err("auth.timestamp_skew"), "{name}");
        assert_eq!(verify(&target, &headers, &key, at(-300_000)), Ok(()), "{name}");
        assert_eq!(verify(&target, &headers, &key, at(-300_001)), Err("auth.timestamp_skew"), "{name}");
    }
}
