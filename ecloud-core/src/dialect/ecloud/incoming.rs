//! A request as the platform reads it, and whether it is genuine.

use http::{HeaderMap, HeaderName, Method, header};

use super::MAX_SKEW_SECONDS;
use super::canonical::{decode, decode_query, is_unreserved, mask_string_to_sign, string_to_sign};
use super::header::{
    APP_KEY, CONTENT_SHA256, IDEMPOTENCY_KEY, NONCE, OWN_PREFIX, SIGNATURE, TAG, TIMESTAMP, is_access_token,
    is_app_key, is_idempotency_key, is_nonce, is_tag, read_timestamp,
};
use super::rejection::Rejection;
use super::signature::{SigningKey, body_digest};
use crate::Timestamp;

/// A request that is well formed by sections 1 and 2 of the protocol: headers, path and query. Whether it is genuine says
/// [`verify`](Self::verify).
///
/// What needs more than the request is the platform's: the body limit comes before, application, nonce, route, media types, token, quota
/// and idempotency after.
#[derive(Debug)]
pub struct Incoming<'a> {
    method: &'a Method,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a HeaderMap,
    body: &'a [u8],
    app_key: &'a str,
    timestamp: &'a str,
    timestamp_seconds: i64,
    nonce: &'a str,
    signature: &'a str,
    access_token: Option<&'a str>,
    idempotency_key: Option<&'a str>,
    segments: Vec<String>,
    pairs: Vec<(String, String)>,
}

impl<'a> Incoming<'a> {
    /// Reads a request: `target` is path and query as sent, byte for byte.
    ///
    /// # Errors
    ///
    /// [`Rejection`] `request.invalid`, whose message names the header, the path or the query.
    pub fn parse(
        method: &'a Method,
        target: &'a str,
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Result<Self, Rejection> {
        if ![Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method) {
            return Err(Rejection::invalid(format!(
                "the method {method} is not one of GET HEAD POST PUT PATCH DELETE"
            )));
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let segments = read_path(path)?;
        let pairs = read_query(query)?;
        check_framing(headers)?;
        let fields = Headers { headers };
        fields.check_all()?;
        let timestamp = fields.required(&TIMESTAMP)?;
        let timestamp_seconds =
            read_timestamp(timestamp).ok_or_else(|| malformed(&TIMESTAMP, "Unix seconds without a leading zero"))?;
        fields.required(&header::ACCEPT)?;
        fields.check_body(body)?;
        Ok(Self {
            method,
            path,
            query,
            headers,
            body,
            app_key: fields.checked(&APP_KEY, is_app_key, "1 to 64 of [0-9a-zA-Z._-]")?,
            timestamp,
            timestamp_seconds,
            nonce: fields.checked(&NONCE, is_nonce, "16 to 64 of [0-9a-zA-Z-]")?,
            signature: fields.checked(&SIGNATURE, is_digest, "64 lower-case hexadecimal digits")?,
            access_token: fields.access_token()?,
            idempotency_key: fields.idempotency_key(method)?,
            segments,
            pairs,
        })
    }

    /// Which application.
    pub fn app_key(&self) -> &str {
        self.app_key
    }

    /// The nonce, to be recorded once the signature is verified.
    pub fn nonce(&self) -> &str {
        self.nonce
    }

    /// The access token, unchecked.
    pub fn access_token(&self) -> Option<&str> {
        self.access_token
    }

    /// The key under which a write is done once; always there on a write.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key
    }

    /// The path's segments, each decoded once; none for `/`.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The query's pairs in the order as sent, decoded once.
    pub fn query(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Whether the request is genuine: timestamp, body digest and signature, in this order.
    ///
    /// # Errors
    ///
    /// [`Rejection`] `auth.timestamp_skew`, `auth.body_digest_mismatch` or `auth.signature_mismatch`; the last has the
    /// [string](Rejection::string_to_sign) that should have been signed.
    pub fn verify(&self, key: &SigningKey, now: Timestamp) -> Result<(), Rejection> {
        let skew = now.unix_millis() - self.timestamp_seconds * 1000;
        if skew.abs() > MAX_SKEW_SECONDS * 1000 {
            let message = format!("the timestamp is more than {MAX_SKEW_SECONDS} seconds from the platform's time");
            return Err(Rejection::new(401, "auth.timestamp_skew", message));
        }
        if let Some(digest) = self.headers.get(CONTENT_SHA256)
            && digest != body_digest(self.body).as_str()
        {
            return Err(Rejection::new(401, "auth.body_digest_mismatch", "the body is not the one that was signed"));
        }
        let text = string_to_sign(self.method.as_str(), self.path, self.query, self.timestamp, self.headers)?;
        if !key.verify(&text, self.signature) {
            return Err(Rejection::new(401, "auth.signature_mismatch", "the signature is not the one of this request")
                .with_string_to_sign(mask_string_to_sign(&text)));
        }
        Ok(())
    }
}

fn malformed(name: &HeaderName, form: &str) -> Rejection {
    Rejection::invalid(format!("`{name}` is not of the form: {form}"))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A body whose end can be understood in two ways is refused (RFC 9112, section 6.3).
fn check_framing(headers: &HeaderMap) -> Result<(), Rejection> {
    if headers.contains_key(header::CONTENT_LENGTH) && headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Rejection::invalid("`content-length` and `transfer-encoding` exclude each other"));
    }
    Ok(())
}

struct Headers<'a> {
    headers: &'a HeaderMap,
}

impl<'a> Headers<'a> {
    /// The table's headers and all `x-ecloud-*` ones: printable, not empty, once.
    fn check_all(&self) -> Result<(), Rejection> {
        for name in self.headers.keys() {
            let in_table =
                [&header::AUTHORIZATION, &IDEMPOTENCY_KEY, &header::ACCEPT, &header::CONTENT_TYPE].contains(&name);
            if !in_table && !name.as_str().starts_with(OWN_PREFIX) {
                continue;
            }
            if self.headers.get_all(name).iter().nth(1).is_some() {
                return Err(Rejection::invalid(format!("`{name}` occurs twice")));
            }
            let value = self.headers.get(name).map(|value| value.as_bytes()).unwrap_or_default();
            let printable = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
            if !printable || value.trim_ascii().is_empty() {
                return Err(Rejection::invalid(format!("the value of `{name}` is empty or not printable ASCII")));
            }
        }
        match self.optional(&TAG) {
            Some(tag) if !is_tag(tag) => Err(malformed(&TAG, "1 to 64 of [0-9a-zA-Z._-]")),
            _ => Ok(()),
        }
    }

    fn optional(&self, name: &HeaderName) -> Option<&'a str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(|value| value.trim_matches([' ', '\t']))
    }

    fn required(&self, name: &HeaderName) -> Result<&'a str, Rejection> {
        self.optional(name).ok_or_else(|| Rejection::invalid(format!("`{name}` is missing")))
    }

    fn checked(&self, name: &HeaderName, is_valid: fn(&str) -> bool, form: &str) -> Result<&'a str, Rejection> {
        self.required(name).and_then(|value| if is_valid(value) { Ok(value) } else { Err(malformed(name, form)) })
    }

    fn check_body(&self, body: &[u8]) -> Result<(), Rejection> {
        if self.optional(&CONTENT_SHA256).is_some_and(|digest| !is_digest(digest)) {
            return Err(malformed(&CONTENT_SHA256, "64 lower-case hexadecimal digits"));
        }
        if !body.is_empty() {
            self.required(&CONTENT_SHA256)?;
            self.required(&header::CONTENT_TYPE)?;
        }
        Ok(())
    }

    fn access_token(&self) -> Result<Option<&'a str>, Rejection> {
        let Some(value) = self.optional(&header::AUTHORIZATION) else {
            return Ok(None);
        };
        match value.strip_prefix("Bearer ") {
            Some(token) if is_access_token(token) => Ok(Some(token)),
            _ => Err(malformed(&header::AUTHORIZATION, "Bearer, one blank, the access token")),
        }
    }

    fn idempotency_key(&self, method: &Method) -> Result<Option<&'a str>, Rejection> {
        let is_read = method == Method::GET || method == Method::HEAD;
        if is_read && self.optional(&IDEMPOTENCY_KEY).is_none() {
            return Ok(None);
        }
        self.checked(&IDEMPOTENCY_KEY, is_idempotency_key, "1 to 128 of [0-9a-zA-Z._:-]").map(Some)
    }
}

/// Splits at `/`, then decodes each segment once; a path that could be read in two ways is refused.
fn read_path(path: &str) -> Result<Vec<String>, Rejection> {
    let refused = |reason: &str| Err(Rejection::invalid(format!("the path {reason}")));
    let Some(rest) = path.strip_prefix('/') else {
        return refused("doesn't begin with `/`");
    };
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let mut segments = Vec::new();
    for segment in rest.split('/') {
        if !segment.bytes().all(is_pchar) {
            return refused("has a character that must be percent-encoded");
        }
        let Some(decoded) = decode(segment.bytes()) else {
            return refused("has an invalid percent-encoding");
        };
        if decoded.bytes().any(|byte| byte.is_ascii_control()) {
            return refused("has a control character");
        }
        if matches!(decoded.as_str(), "" | "." | "..") {
            return refused("has an empty segment, or one that is `.` or `..`");
        }
        segments.push(decoded);
    }
    Ok(segments)
}

/// RFC 3986, section 3.3; a `%` is looked at when it is decoded.
pub(crate) fn is_pchar(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'%' | b':' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
        )
}

fn read_query(query: Option<&str>) -> Result<Vec<(String, String)>, Rejection> {
    let pieces = query.unwrap_or_default().split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Ok((decode_query(name)?, decode_query(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_can_be_read_in_two_ways_is_refused() {
        for path in [
            "",
            "a",
            "//",
            "/a//b",
            "/a/",
            "/.",
            "/a/../b",
            "/%2e",
            "/%2E%2e/a",
            "/a%",
            "/%zz",
            "/%ff",
            "/%00",
            "/a b",
            "/a\"",
            "/张",
        ] {
            assert!(read_path(path).is_err(), "{path}");
        }
        assert_eq!(read_path("/").unwrap(), Vec::<String>::new());
        assert_eq!(read_path("/a%2Fb/%E5%BC%A0").unwrap(), ["a/b", "张"]);
    }
}
