//! The header that all cookies of a request share (RFC 6265, section 5.4).

use http::{HeaderMap, HeaderValue, header};

/// Adds a cookie to those that are there; `false` where name or value is not of the form that cookies have.
pub(crate) fn add_cookie(headers: &mut HeaderMap, name: &str, value: &str) -> bool {
    if name.is_empty() || !name.bytes().all(is_token) || !value.bytes().all(is_cookie_octet) {
        return false;
    }
    let mut text = Vec::new();
    for others in headers.get_all(header::COOKIE) {
        text.extend_from_slice(others.as_bytes());
        text.extend_from_slice(b"; ");
    }
    text.extend_from_slice(name.as_bytes());
    text.push(b'=');
    text.extend_from_slice(value.as_bytes());
    let Ok(mut all) = HeaderValue::from_bytes(&text) else {
        return false;
    };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    true
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 6265, section 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_share_one_header_also_with_those_set_by_hand() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert!(add_cookie(&mut headers, "c", "x=y"));
        let all: Vec<_> = headers.get_all(header::COOKIE).iter().collect();
        assert_eq!(all, ["a=1; b=2; c=x=y"]);
        assert!(all[0].is_sensitive());
    }

    #[test]
    fn what_would_become_another_cookie_is_refused() {
        for (name, value) in [("", "1"), ("a b", "1"), ("a=b", "1"), ("a", "1; b=2"), ("a", "\"1\""), ("a", "é")] {
            let mut headers = HeaderMap::new();
            assert!(!add_cookie(&mut headers, name, value), "{name}={value}");
            assert!(headers.is_empty());
        }
    }
}
