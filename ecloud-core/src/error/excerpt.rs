//! What an error may show of a text that the platform sent: short, one line, without secrets and personal data.

use super::markup;

/// The longest excerpt, in characters.
const LONGEST: usize = 200;

/// Members and elements whose text values tell what went wrong and hold nothing personal. All others are hidden.
const SHOWN: [&str; 10] =
    ["code", "domain", "error", "field", "message", "reason", "request_id", "status", "title", "type"];

/// The beginning of a body in one line: the values of JSON members and XML elements are hidden unless their names are known to be harmless.
pub(crate) fn excerpt(body: &[u8]) -> String {
    // Four bytes are the longest character, and hiding only shortens.
    let beginning = &body[..body.len().min(4 * LONGEST)];
    let text = String::from_utf8_lossy(beginning);
    let shown = match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[' | b'"') => hide_values(&text),
        _ if markup::is_xml(&text) => markup::hide_texts(&text, |name| SHOWN.contains(&name)),
        _ => text.into_owned(),
    };
    let mut line = redact(&shown);
    if body.len() > beginning.len() && !line.ends_with('…') {
        line.push('…');
    }
    line
}

/// Hides the string values of a JSON text, which may be cut off or broken anywhere.
fn hide_values(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut name = "";
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let (before, quoted) = rest.split_at(start);
        shown.push_str(before);
        let end = closing_quote(quoted);
        let (string, after) = quoted.split_at(end.unwrap_or(quoted.len()));
        let content = &string[1..end.map_or(string.len(), |end| end - 1)];
        if end.is_some() && after.trim_start().starts_with(':') {
            name = content;
            shown.push_str(string);
        } else if SHOWN.contains(&name) {
            shown.push_str(string);
        } else {
            shown.push_str("\"…\"");
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The offset behind the quote that ends the string which begins `text`.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// One line of at most 200 characters in which long numbers, e-mail addresses and long tokens are masked.
pub(crate) fn redact(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_inclusive(|c: char| !is_word(c)) {
        let (word, separator) = match word.chars().next_back() {
            Some(last) if !is_word(last) => word.split_at(word.len() - last.len_utf8()),
            _ => (word, ""),
        };
        for part in [mask_word(word), separator.replace(char::is_control, " ")] {
            for character in part.chars() {
                if length == LONGEST {
                    line.push('…');
                    return line;
                }
                line.push(character);
                length += 1;
            }
        }
    }
    line
}

/// What telephone numbers, addresses of mail and tokens are made of.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | '/' | '=' | '~')
}

fn mask_word(word: &str) -> String {
    if let Some((name, domain)) = word.split_once('@') {
        let first = name.get(..1).unwrap_or_default();
        return format!("{first}***@{domain}");
    }
    // Identifiers such as `trade.order_not_found` or `/trade/v1/orders` are made of short pieces; secrets are long and unbroken.
    let longest_piece = word.split(['.', '/', '_', '-']).map(str::len).max().unwrap_or(0);
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    if longest_piece >= 20 && has_digit || longest_piece >= 40 {
        return format!("{}…", &word[..4]);
    }
    mask_long_numbers(word)
}

/// `13800138000` becomes `138****8000`; numbers of up to ten digits stay.
fn mask_long_numbers(word: &str) -> String {
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        shown.push_str(before);
        if number.len() >= 11 {
            shown.push_str(&number[..3]);
            shown.push_str("****");
            shown.push_str(&number[number.len() - 4..]);
        } else {
            shown.push_str(number);
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn personal_values_and_secrets_are_hidden() {
        let body = r#"{"error":{"code":"x.y","message":"call 13800138000"},"receiver":{"name":"张伟","phone":"13800138000",
            "email":"zhang.wei@example.com"},"access_token":"eyJhbGciOiJFZERTQSJ9abcdefgh0123","n":[13800138000,"秘密"]}"#;
        let shown = excerpt(body.as_bytes());
        for hidden in ["张伟", "13800138000", "zhang", "eyJhbG", "秘密"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(shown.contains(r#""code":"x.y""#) && shown.contains("call 138****8000"), "{shown}");
    }

    #[test]
    fn a_string_that_is_cut_off_is_hidden_too() {
        assert_eq!(excerpt(r#"{"name":"张伟"#.as_bytes()), r#"{"name":"…""#);
        assert_eq!(excerpt(r#"{"na"#.as_bytes()), r#"{"…""#);
    }

    #[test]
    fn plain_text_stays_readable_on_one_line() {
        assert_eq!(excerpt(b"<html>\n502 Bad Gateway"), "<html> 502 Bad Gateway");
        assert_eq!(redact("order T1001 of a@b.cn at /trade/v1/orders"), "order T1001 of a***@b.cn at /trade/v1/orders");
        assert_eq!(redact("secret AKIAIOSFODNN7EXAMPLEKEYS"), "secret AKIA…");
        assert_eq!(redact(&"x ".repeat(300)).chars().count(), LONGEST + 1);
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_short_line(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let shown = excerpt(&body);
            prop_assert!(shown.chars().count() <= LONGEST + 2);
            prop_assert!(!shown.contains(char::is_control));
        }

        #[test]
        fn quoted_text_never_panics(text in "[\"\\\\{}:,a-z张 ]{0,60}") {
            excerpt(text.as_bytes());
            redact(&text);
        }
    }
}
