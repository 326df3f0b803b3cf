//! What gives a secret or a personal datum away in any text: its form.

use std::borrow::Cow;
use std::ops::Range;

use super::names::{Meaning, meaning};

/// How a value stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// As it is.
    Plain,
    /// Percent-encoded perhaps.
    Encoded,
}

/// Places of a text, and how a value stands there.
pub(super) type Places = Vec<(Range<usize>, Found)>;

/// All places of a text that look secret or personal, `added` being names of the caller's. They may overlap.
pub(super) fn find(text: &str, added: &[String]) -> Places {
    let mut found = Vec::new();
    pairs(text, added, &mut found);
    credentials(text, &mut found);
    sealed(text, &mut found);
    mails(text, &mut found);
    numbers(text, &mut found);
    tokens(text, &mut found);
    found
}

/// Writes a text with something else in the places found. Places that overlap are one, so that no rest of a value stays.
pub(super) fn replace(text: &str, mut found: Places, by: impl Fn(&str, Found) -> String) -> Cow<'_, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    let mut found = found.into_iter().peekable();
    while let Some((mut range, how)) = found.next() {
        while let Some((next, _)) = found.next_if(|(next, _)| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        written.push_str(&text[at..range.start]);
        written.push_str(&by(&text[range.clone()], how));
        at = range.end;
    }
    written.push_str(&text[at..]);
    Cow::Owned(written)
}

/// `password=…` and `token: …`, in addresses, forms, cookies and prose.
fn pairs(text: &str, added: &[String], found: &mut Places) {
    let is_name = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | '[' | ']');
    let mut from = 0;
    for (at, sign) in text.match_indices(['=', ':']) {
        // What is within a value that was found is no name, and looking on from there would take quadratic time.
        if at < from {
            continue;
        }
        let name = text[..at].rsplit(|sign| !is_name(sign)).next().unwrap_or_default();
        let hides = match meaning(name, added) {
            Meaning::Secret => true,
            Meaning::Personal | Meaning::AnyName | Meaning::Person | Meaning::Prose => sign == "=",
            _ => false,
        };
        if !hides || name.is_empty() {
            continue;
        }
        let value = text[at + 1..].trim_start_matches(|blank| sign == ":" && blank == ' ');
        let start = text.len() - value.len();
        let end = value.find(ends_value).map_or(text.len(), |end| start + end);
        if start < end {
            found.push((start..end, Found::Encoded));
            from = end;
        }
    }
}

fn ends_value(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '&' | ';' | ',' | '"' | '\'' | '<' | '>' | ')' | '}' | '#')
}

/// What stands behind the name of an authentication scheme.
fn credentials(text: &str, found: &mut Places) {
    let small = text.to_ascii_lowercase();
    for scheme in ["bearer ", "basic "] {
        for (at, _) in small.match_indices(scheme) {
            let start = at + scheme.len();
            let end = text[start..].find(|sign| !is_word(sign)).map_or(text.len(), |end| start + end);
            // Words of prose, such as `basic price`, are short and have no digit.
            let value = &text[start..end];
            if scheme == "bearer " && !value.is_empty()
                || value.len() >= 8 && value.contains(|sign: char| !sign.is_lowercase())
            {
                found.push((start..end, Found::Plain));
            }
        }
    }
}

/// Ciphertexts of the protocol, `~1~<key id>~<base64url>~`, whole or cut off.
fn sealed(text: &str, found: &mut Places) {
    let mut from = 0;
    while let Some(at) = text[from..].find('~').map(|at| from + at) {
        let length = sealed_length(&text[at..]);
        if length > 0 {
            found.push((at..at + length, Found::Plain));
        }
        from = at + length.max(1);
    }
}

/// How long the ciphertext is that a text begins with; 0 for none.
fn sealed_length(text: &str) -> usize {
    let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    let bytes = text.as_bytes();
    let mut at = 1;
    for part in 0..3 {
        let length = bytes[at..].iter().take_while(|byte| is_id(byte)).count();
        at += length;
        let is_closed = bytes.get(at) == Some(&b'~');
        if part == 2 && length >= 16 {
            return at + usize::from(is_closed);
        }
        if length == 0 || length > 32 || !is_closed {
            return 0;
        }
        at += 1;
    }
    0
}

/// Whether a whole text is a ciphertext.
pub(super) fn is_sealed(text: &str) -> bool {
    text.starts_with('~') && text.ends_with('~') && sealed_length(text) == text.len()
}

fn mails(text: &str, found: &mut Places) {
    for (at, _) in text.match_indices('@') {
        let start = at - side(text[..at].chars().rev());
        let end = at + 1 + side(text[at + 1..].chars());
        if start < at && at + 1 < end {
            found.push((start..end, Found::Plain));
        }
    }
}

/// How long one side of an address of mail is, in bytes: letters of other scripts belong to it only where the nearest sign is one, since
/// texts in those scripts have no blanks.
fn side(signs: impl Iterator<Item = char>) -> usize {
    let mut ascii_only = None;
    let mut length = 0;
    for sign in signs {
        let is_ascii_part = sign.is_ascii_alphanumeric() || "._%+-".contains(sign);
        if !(is_ascii_part || !*ascii_only.get_or_insert(sign.is_ascii()) && sign.is_alphanumeric()) {
            break;
        }
        ascii_only.get_or_insert(true);
        length += sign.len_utf8();
    }
    length
}

/// Whether a whole text is an address of mail.
pub(super) fn is_mail(text: &str) -> bool {
    let mut found = Vec::new();
    mails(text, &mut found);
    found.iter().any(|(range, _)| *range == (0..text.len()))
}

/// The digit that a character is, in ASCII or as wide as a Chinese character.
fn digit(sign: char) -> Option<char> {
    match sign {
        '0'..='9' => Some(sign),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(sign) - 0xff10, 10),
        _ => None,
    }
}

/// The digits of a text that is a number and nothing else, however it is grouped: five at least.
pub(super) fn phone_digits(text: &str) -> Option<String> {
    let is_one = text.chars().all(|sign| digit(sign).is_some() || is_separator(sign) || sign == '+' || sign == '(');
    let digits: String = text.chars().filter_map(digit).collect();
    (is_one && digits.len() >= 5).then_some(digits)
}

fn is_separator(sign: char) -> bool {
    matches!(sign, ' ' | '-' | '.' | ')' | '(')
}

/// Numbers of telephones, cards and identity documents: eleven digits or more in one piece, ten or more in several, seven or more behind
/// a `+`. Dates aren't among them.
fn numbers(text: &str, found: &mut Places) {
    let mut rest = text;
    while let Some(start) = rest.find(|sign: char| digit(sign).is_some()) {
        let at = text.len() - rest.len() + start;
        let run = &text[at..];
        let date = date_length(run);
        if date > 0 {
            rest = &run[date..];
            continue;
        }
        let (length, groups) = groups(run);
        let digits: usize = groups.iter().map(|group| group.0).sum();
        let before = &text[..at];
        let open = before.trim_end_matches('(');
        let is_international = open.ends_with('+');
        let is_number = is_international && digits >= 7
            || groups.len() > 1 && digits >= 10 && groups.iter().all(|group| group.0 <= 5);
        if is_number {
            let start = if is_international { open.len() - 1 } else { at };
            found.push((start..at + length, Found::Plain));
        } else {
            let long = groups.iter().filter(|group| group.0 >= 11);
            found.extend(long.map(|(_, range)| (at + range.start..at + range.end, Found::Plain)));
        }
        rest = &run[length..];
    }
}

/// How long the date is that a text begins with; 0 for none.
fn date_length(text: &str) -> usize {
    let is_date = text.len() >= 10
        && text.bytes().take(10).enumerate().all(|(at, byte)| match at {
            4 | 7 => matches!(byte, b'-' | b'/' | b'.'),
            _ => byte.is_ascii_digit(),
        });
    if is_date && !text[10..].starts_with(|sign: char| sign.is_ascii_digit()) { 10 } else { 0 }
}

/// The groups of digits that a text begins with: how long they are with what separates them, and how many digits each has, and where.
fn groups(text: &str) -> (usize, Vec<(usize, Range<usize>)>) {
    let mut groups: Vec<(usize, Range<usize>)> = Vec::new();
    let mut separators = 1;
    let mut length = 0;
    for (at, sign) in text.char_indices() {
        if digit(sign).is_some() {
            if separators > 0 {
                groups.push((0, at..at));
            }
            separators = 0;
            length = at + sign.len_utf8();
            if let Some((digits, range)) = groups.last_mut() {
                *digits += 1;
                range.end = length;
            }
        } else if is_separator(sign) && separators < 2 {
            separators += 1;
        } else {
            break;
        }
    }
    (length, groups)
}

/// What telephone numbers, addresses of mail and tokens are made of.
fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.' | '+' | '/' | '=' | '~')
}

/// Long unbroken words: 20 characters with a digit, or 40 of any. Identifiers and paths are made of shorter pieces.
fn tokens(text: &str, found: &mut Places) {
    let mut at = 0;
    for run in text.split_inclusive(|sign| !is_word(sign)) {
        let word = run.trim_end_matches(|sign| !is_word(sign));
        // A path is told by its beginning; base64 may have a slash anywhere else.
        let separators: &[char] = if word.starts_with('/') { &['/'] } else { &[] };
        let mut start = at;
        for part in word.split(separators) {
            let longest = part.split(['.', '/', '_', '-']).map(str::len).max().unwrap_or(0);
            if longest >= 40 || longest >= 20 && part.bytes().any(|byte| byte.is_ascii_digit()) {
                found.push((start..start + part.len(), Found::Plain));
            }
            start += part.len() + 1;
        }
        at += run.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        replace(text, find(text, &[]), |_, _| "#".to_owned()).into_owned()
    }

    #[test]
    fn what_looks_secret_or_personal_is_found_anywhere() {
        for (text, expected) in [
            ("call 13800138000 now", "call # now"),
            ("电话13800138000，谢谢", "电话#，谢谢"),
            ("１３８００１３８０００", "#"),
            ("call 138-0013-8000, or +1 (415) 555-0123", "call #, or #"),
            ("(415) 555-0123", "(#"),
            ("+4915112345", "#"),
            ("11010519491231002X", "#X"),
            ("write to zhang.wei+x@example.com.", "write to #"),
            ("请写信给zhang@example.com谢谢", "请写信给#谢谢"),
            ("欧阳@例子.中国", "#"),
            ("Authorization: Bearer abc.def", "Authorization: # #"),
            ("https://a.example/x?access_token=t&page=2", "https://a.example/x?access_token=#&page=2"),
            ("password: hunter2, name=Zhang", "password: #, name=#"),
            ("eyJhbGciOiJFZERTQSJ9abcdefgh0123", "#"),
            ("/trade/v1/orders/0123456789abcdef0123", "/trade/v1/orders/#"),
            ("a ~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~ b", "a # b"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "order T1000001 at 2026-11-22T08:30:00.000Z",
            "2026-11-22 08:30:00",
            "trade.order_not_found",
            "/trade/v1/orders",
            "1795336200",
            "10.0.0.1",
            "basic price",
            "items[0].quantity: must be at least 1",
            "application/json; charset=utf-8",
            "a@ b",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_through(text in "[0-9０-９ .()+@~=:&张a-f/_-]{0,80}|\\PC{0,60}") {
            shown(&text);
            phone_digits(&text);
            is_mail(&text);
            is_sealed(&text);
        }
    }
}
