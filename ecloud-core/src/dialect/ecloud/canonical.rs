//! The canonical form of a request (protocol section 2): `METHOD|PATH|TIMESTAMP|PARAMS`.

use http::{HeaderMap, HeaderName, header};

use super::header::{IDEMPOTENCY_KEY, OWN_PREFIX, SIGNATURE, TIMESTAMP};
use super::rejection::Rejection;
use super::signature::body_digest;

/// What is signed of a request: `path` as sent with any prefix of the endpoint, `query` as sent without the `?`.
///
/// Of the headers it takes those that are signed; a header that occurs more than once counts as often.
///
/// # Errors
///
/// [`Rejection`] (`request.invalid`) where the query has a `%` without two hexadecimal digits, invalid UTF-8 or a byte outside
/// 0x21–0x7E, or a signed header's value is not printable ASCII.
pub fn string_to_sign(
    method: &str,
    path: &str,
    query: Option<&str>,
    timestamp: &str,
    headers: &HeaderMap,
) -> Result<String, Rejection> {
    let mut pairs = Pairs::with_capacity(64 + 2 * query.map_or(0, str::len));
    for piece in query.unwrap_or_default().split('&').filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        pairs.push_query(name, value)?;
    }
    for (name, value) in headers {
        if is_signed(name) {
            let value = value
                .to_str()
                .map_err(|_| Rejection::invalid(format!("the value of `{name}` is not printable ASCII")))?;
            pairs.push_header(name.as_str(), value.trim_matches([' ', '\t']));
        }
    }
    Ok(pairs.finish(method, if path.is_empty() { "/" } else { path }, timestamp))
}

/// The string to sign with its access token replaced by `sha256:` and 16 hexadecimal digits, so that it may be shown.
///
/// The digits are the first of the SHA-256 of the value as it stands in the string.
pub fn mask_string_to_sign(string_to_sign: &str) -> String {
    const NAME: &str = ":authorization=";
    let Some(start) = string_to_sign.find(NAME).map(|at| at + NAME.len()) else {
        return string_to_sign.to_owned();
    };
    let (before, rest) = string_to_sign.split_at(start);
    let (value, after) = rest.split_at(rest.find('&').unwrap_or(rest.len()));
    format!("{before}sha256:{}{after}", &body_digest(value.as_bytes()).as_str()[..16])
}

fn is_signed(name: &HeaderName) -> bool {
    if name.as_str().starts_with(OWN_PREFIX) {
        name != SIGNATURE && name != TIMESTAMP
    } else {
        name == header::AUTHORIZATION || name == IDEMPOTENCY_KEY
    }
}

/// Encoded pairs in one buffer.
struct Pairs {
    text: String,
    pairs: Vec<Pair>,
}

/// Where in the buffer a pair's name begins, its value begins, and it ends.
struct Pair {
    name: usize,
    value: usize,
    end: usize,
}

impl Pairs {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes + 192), pairs: Vec::with_capacity(12) }
    }

    fn push_query(&mut self, name: &str, value: &str) -> Result<(), Rejection> {
        let start = self.text.len();
        recode(name, &mut self.text)?;
        let middle = self.text.len();
        recode(value, &mut self.text)?;
        self.pairs.push(Pair { name: start, value: middle, end: self.text.len() });
        Ok(())
    }

    fn push_header(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        // No encoded query name begins with a colon, so nothing can be moved between query and headers under one signature.
        self.text.push(':');
        encode(name, &mut self.text);
        let middle = self.text.len();
        encode(value, &mut self.text);
        self.pairs.push(Pair { name: start, value: middle, end: self.text.len() });
    }

    fn finish(mut self, method: &str, path: &str, timestamp: &str) -> String {
        let text = &self.text;
        let key = |pair: &Pair| (&text[pair.name..pair.value], &text[pair.value..pair.end]);
        self.pairs.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let length = method.len() + path.len() + timestamp.len() + 3 + text.len() + 2 * self.pairs.len();
        let mut signed = String::with_capacity(length);
        for part in [method, "|", path, "|", timestamp, "|"] {
            signed.push_str(part);
        }
        for (at, pair) in self.pairs.iter().enumerate() {
            if at > 0 {
                signed.push('&');
            }
            signed.push_str(&text[pair.name..pair.value]);
            signed.push('=');
            signed.push_str(&text[pair.value..pair.end]);
        }
        signed
    }
}

/// RFC 3986, section 2.3.
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    UNRESERVED[byte as usize]
}

/// A look-up is a third of the work of comparing, and every byte that is signed goes through it.
const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

/// Percent-encodes a text; what needs no encoding is copied in one piece.
pub(crate) fn encode(plain: &str, text: &mut String) {
    let mut rest = plain;
    loop {
        let at = plain_length(rest.as_bytes());
        if at == rest.len() {
            break;
        }
        let (copied, others) = rest.split_at(at);
        text.push_str(copied);
        let escaped = others.chars().next().map_or(0, char::len_utf8);
        others.bytes().take(escaped).for_each(|byte| push_escaped(byte, text));
        rest = &others[escaped..];
    }
    text.push_str(rest);
}

/// How many of the first bytes need no encoding; eight at a time, since every byte that is signed is looked at.
fn plain_length(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| is_unreserved(*byte);
    let whole =
        bytes.chunks_exact(8).take_while(|eight| eight.iter().fold(true, |plain, byte| plain & is_plain(byte))).count()
            * 8;
    whole + bytes[whole..].iter().take_while(|byte| is_plain(byte)).count()
}

fn push_escaped(byte: u8, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Decodes a raw piece of a query once and encodes it canonically.
fn recode(raw: &str, text: &mut String) -> Result<(), Rejection> {
    if raw.bytes().all(is_unreserved) {
        text.push_str(raw);
        return Ok(());
    }
    encode(&decode_query(raw)?, text);
    Ok(())
}

/// Decodes a raw piece of a query: `+` is a blank, `%XX` a byte of UTF-8.
pub(super) fn decode_query(raw: &str) -> Result<String, Rejection> {
    if let Some(byte) = raw.bytes().find(|byte| !byte.is_ascii_graphic()) {
        return Err(Rejection::invalid(format!("the query has the raw byte 0x{byte:02X}")));
    }
    let bytes = raw.bytes().map(|byte| if byte == b'+' { b' ' } else { byte });
    decode(bytes).ok_or_else(|| Rejection::invalid("the query has an invalid percent-encoding"))
}

/// Percent-decodes once; `None` for a `%` without two hexadecimal digits, or for invalid UTF-8.
pub(super) fn decode(mut bytes: impl Iterator<Item = u8>) -> Option<String> {
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_replaces_the_token_alone() {
        let text = "GET|/|0|:authorization=Bearer%20secret&:x-ecloud-nonce=n";
        let digest = body_digest(b"Bearer%20secret");
        let digest = &digest.as_str()[..16];
        assert_eq!(mask_string_to_sign(text), format!("GET|/|0|:authorization=sha256:{digest}&:x-ecloud-nonce=n"));
        assert_eq!(mask_string_to_sign("GET|/|0|"), "GET|/|0|");
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for query in ["a=%", "a=%4", "a=%zz", "a=%ff", "a= b", "a=张", "a=\u{7f}", "%+1=2"] {
            let refused = string_to_sign("GET", "/", Some(query), "0", &HeaderMap::new()).unwrap_err();
            assert_eq!(refused.code(), "request.invalid", "{query}");
        }
    }
}
