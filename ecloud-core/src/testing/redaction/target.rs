//! Paths, queries and forms as they are recorded: what isn't replaced stays byte for byte.

use super::{Meaning, Place, Redactor};
use crate::dialect::ecloud::encode;

impl Redactor {
    /// A path as it is recorded: segments in which something is found are written anew.
    pub(in crate::testing) fn path(&self, path: &str) -> String {
        let segments =
            path.split('/').map(|segment| self.encoded(segment, false, |plain| self.text(plain).into_owned()));
        segments.collect::<Vec<_>>().join("/")
    }

    /// A query or a form as it is recorded.
    pub(in crate::testing) fn pairs(&self, pairs: &str) -> String {
        let is_oauth = is_oauth(pairs);
        let pair = |pair: &str| {
            let plain_text = |plain: &str| self.text(plain).into_owned();
            let Some((name, value)) = pair.split_once('=') else {
                return self.encoded(pair, true, plain_text);
            };
            let place = self.place_of_pair(name, is_oauth);
            let value = self.encoded(value, true, |plain| self.string(place, plain));
            format!("{}={value}", self.encoded(name, true, plain_text))
        };
        pairs.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    /// Where the value of a pair stands, by its name as encoded.
    pub(in crate::testing) fn place_of_pair(&self, name: &str, is_oauth: bool) -> Place {
        let mut place = self.under(Place::TOP, &decoded(name, true));
        if is_oauth && name == "code" {
            place.meaning = Meaning::Secret;
        }
        place
    }

    /// An address or a `link` header as it is recorded.
    pub(super) fn address(&self, text: &str) -> String {
        let mut written = String::new();
        let mut rest = text;
        while let Some((path, after)) = rest.split_once('?') {
            let end = after.find(|sign: char| sign.is_whitespace() || matches!(sign, '>' | '"' | '#'));
            let (query, after) = after.split_at(end.unwrap_or(after.len()));
            written.push_str(&self.text(path));
            written.push('?');
            written.push_str(&self.pairs(query));
            rest = after;
        }
        written + &self.text(rest)
    }

    /// An encoded piece, written anew only where it is changed.
    fn encoded(&self, piece: &str, is_query: bool, by: impl Fn(&str) -> String) -> String {
        let plain = decoded(piece, is_query);
        let written = by(&plain);
        if written == plain {
            return piece.to_owned();
        }
        let mut text = String::new();
        encode(&written, &mut text);
        text
    }
}

/// Whether pairs are of an OAuth exchange, where `code` is a secret. Anywhere else it may be an error's or a carrier's.
pub(in crate::testing) fn is_oauth(pairs: &str) -> bool {
    pairs.split('&').any(|pair| ["grant_type=", "redirect_uri="].iter().any(|name| pair.starts_with(name)))
}

/// A percent-encoded text; what is no UTF-8 becomes replacement characters, what is no encoding stays.
pub(in crate::testing) fn decoded(text: &str, is_query: bool) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits =
            bytes.get(at + 1..at + 3).filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        plain.push(match value {
            Some(value) => value,
            None if byte == b'+' && is_query => b' ',
            None => byte,
        });
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_found_is_written_anew() {
        let redactor = Redactor::new(b"salt");
        let number = redactor.placeholder("13800138000");
        assert_eq!(redactor.path("/v1/a%2Fb/13800138000/x"), format!("/v1/a%2Fb/{number}/x"));
        assert_eq!(redactor.pairs("page=2&phone=138%2D00138000&empty="), format!("page=2&phone={number}&empty="));
        assert_eq!(redactor.pairs("q=a+b%20c"), "q=a+b%20c");
        let name = redactor.placeholder("张伟");
        assert_eq!(redactor.pairs("receiver%5Bname%5D=%E5%BC%A0%E4%BC%9F"), format!("receiver%5Bname%5D={name}"));
    }

    #[test]
    fn the_code_of_an_oauth_exchange_is_a_secret() {
        let redactor = Redactor::new(b"salt");
        assert_eq!(redactor.pairs("code=SF"), "code=SF");
        let written = redactor.pairs("grant_type=authorization_code&code=abc&code_verifier=def&client_secret=ghi");
        assert!(!["abc", "def", "ghi"].iter().any(|secret| written.contains(&format!("={secret}"))), "{written}");
    }

    proptest! {
        #[test]
        fn any_target_can_be_written(text in "[%0-9a-f&=+/张?>]{0,60}") {
            let redactor = Redactor::new(b"salt");
            redactor.path(&text);
            redactor.pairs(&text);
            redactor.address(&text);
        }
    }
}
