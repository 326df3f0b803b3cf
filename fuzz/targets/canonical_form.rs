//! The canonical form of a request, and the reader of requests in front of it.
//!
//! Lines: the target, then a header each. Whatever they hold, nothing panics; two requests have one string to sign only if they say the same; and
//! no request that is well formed lacks one.

#![no_main]

use ecloud_core::dialect::ecloud::{Incoming, mask_string_to_sign, string_to_sign};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let target = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    let body = text.as_bytes();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let signed = string_to_sign("POST", path, query, "1767225600", &headers);
    if Incoming::parse(&Method::POST, target, &headers, body).is_ok() {
        assert!(signed.is_ok(), "well formed, and can't be signed");
    }
    let Ok(signed) = signed else { return };
    say_the_same(&signed, path, query, &headers);
    forwards_or_backwards(&signed, path, query, &headers);
    if headers.get_all("authorization").iter().count() <= 1 {
        token_is_masked(&signed, &headers);
    }
});

/// The parameters of the string, decoded, are those of the request: nothing is lost, added, or moved between query and headers.
fn say_the_same(signed: &str, path: &str, query: Option<&str>, headers: &HeaderMap) {
    let head = format!("POST|{}|1767225600|", if path.is_empty() { "/" } else { path });
    let parameters = signed.strip_prefix(&head).expect("method, path and timestamp come first");
    let mut read: Vec<(Vec<u8>, Vec<u8>)> = parameters
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').expect("each pair has its `=`");
            match name.strip_prefix(':') {
                Some(header) => ([b":", &decoded(header)[..]].concat(), decoded(value)),
                None => (decoded(name), decoded(value)),
            }
        })
        .collect();
    let mut said: Vec<(Vec<u8>, Vec<u8>)> = query
        .unwrap_or_default()
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    for (name, value) in headers {
        let name = name.as_str();
        let is_own = name.starts_with("x-ecloud-") && name != "x-ecloud-signature" && name != "x-ecloud-timestamp";
        if is_own || name == "authorization" || name == "idempotency-key" {
            let value = value.to_str().expect("what is signed is ASCII").trim_matches([' ', '\t']);
            said.push((format!(":{name}").into_bytes(), value.as_bytes().to_vec()));
        }
    }
    read.sort();
    said.sort();
    assert_eq!(read, said);
}

/// `%` and two digits are a byte, and a `+` is a blank, which the string to sign has none of; everything else is itself.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(if byte == b'+' { b' ' } else { byte });
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte.expect("two digits")).to_digit(16).expect("a digit") as u8;
        decoded.push(digit(bytes.next()) * 16 + digit(bytes.next()));
    }
    decoded
}

/// The order in which a query's pairs stand is not signed.
fn forwards_or_backwards(signed: &str, path: &str, query: Option<&str>, headers: &HeaderMap) {
    let backwards = query.map(|query| query.split('&').rev().collect::<Vec<_>>().join("&"));
    let again = string_to_sign("POST", path, backwards.as_deref(), "1767225600", headers);
    assert_eq!(again.as_deref().ok(), Some(signed));
}

/// A string that may be shown doesn't have the token's value.
fn token_is_masked(signed: &str, headers: &HeaderMap) {
    let Some(token) = headers.get("authorization").and_then(|value| value.to_str().ok()) else { return };
    let token = token.trim_matches([' ', '\t']);
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let elsewhere = signed.matches(token).count() > 1;
    if token.len() >= 24 && is_plain && !elsewhere {
        assert!(!mask_string_to_sign(signed).contains(token), "the token is shown");
    }
}
