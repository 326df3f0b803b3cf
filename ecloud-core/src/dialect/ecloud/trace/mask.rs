//! What of a string to sign may be shown, and how: every character keeps its place, so that two texts can be compared by eye.

use std::fmt::{self, Write};

use super::super::incoming::is_pchar;
use super::pairs;

/// Query parameters whose values are nobody's: pages, states, times, and identifiers of what is sold and shipped. All others may be personal.
const HARMLESS: [&str; 21] = [
    "carrier_code",
    "category_id",
    "created_from",
    "created_to",
    "item_id",
    "limit",
    "modified_from",
    "modified_to",
    "offset",
    "order_id",
    "page",
    "page_size",
    "parent_id",
    "refund_id",
    "shipment_id",
    "sku_id",
    "sort",
    "status",
    "type",
    "used_for",
    "warehouse_id",
];

/// The protocol's own headers that are neither secret nor personal.
const HEADERS: [&str; 5] =
    [":idempotency-key", ":x-ecloud-app-key", ":x-ecloud-content-sha256", ":x-ecloud-nonce", ":x-ecloud-tag"];

/// How much of a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Its ASCII characters as they stand; what is beyond ASCII only as a shape.
    Text,
    /// Its shape.
    Shape,
}

impl Shown {
    fn text_if(condition: bool) -> Self {
        if condition { Self::Text } else { Self::Shape }
    }

    /// What of a value is shown; `name` is as it stands in the string.
    pub(super) fn of_value(name: &str, value: &str) -> Self {
        Self::text_if(match name {
            ":authorization" => is_masked_token(value),
            _ => HEADERS.contains(&name) || HARMLESS.contains(&name),
        })
    }

    /// What of a name is shown, `ours` being the parameters that were signed. A platform that has another idea of where a name ends may
    /// have a value in it.
    pub(super) fn of_name(name: &str, ours: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b':' | b'_' | b'-' | b'.');
        Self::text_if(pairs(ours).any(|(our, _)| our == name) || (name.len() <= 40 && name.bytes().all(is_plain)))
    }

    /// What of a method is shown.
    pub(super) fn of_method(method: &str) -> Self {
        Self::text_if(method.len() <= 16 && method.bytes().all(|byte| byte.is_ascii_alphabetic()))
    }

    /// What of a path is shown.
    pub(super) fn of_path(path: &str) -> Self {
        Self::text_if(path.bytes().all(|byte| is_pchar(byte) || byte == b'/'))
    }

    /// What of a timestamp is shown: nanoseconds have the most digits.
    pub(super) fn of_timestamp(timestamp: &str) -> Self {
        Self::text_if(timestamp.len() <= 19 && timestamp.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// What is shown of two texts that are laid side by side.
    pub(super) fn least(self, other: Self) -> Self {
        Self::text_if(self == Self::Text && other == Self::Text)
    }
}

/// Whether a value of `:authorization` is of the form that may be shown.
pub(super) fn is_masked_token(value: &str) -> bool {
    let digits = value.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What stands for one character.
#[derive(Clone, Copy, Debug)]
pub(super) enum Glyph {
    Plain(char),
    /// A control character.
    Escaped(char),
}

impl Glyph {
    /// In columns.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped(character) => character.escape_default().len(),
        }
    }

    fn of(character: char, shown: Shown) -> Self {
        match (character, shown) {
            ('0'..='9', Shown::Shape) => Self::Plain('9'),
            ('a'..='z', Shown::Shape) => Self::Plain('x'),
            ('A'..='Z', Shown::Shape) => Self::Plain('X'),
            (' '..='~', _) => Self::Plain(character),
            (_, _) if character.is_ascii() => Self::Escaped(character),
            // It may be personal, turn the line around or be two columns wide.
            (_, _) => Self::Plain('?'),
        }
    }
}

impl fmt::Display for Glyph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(character) => f.write_char(*character),
            Self::Escaped(character) => write!(f, "{}", character.escape_default()),
        }
    }
}

/// What stands for a text, a glyph for each of its characters.
pub(super) fn glyphs(text: &str, shown: Shown) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(text.len());
    // Of the percent-encoded byte that is being read: how many digits are to come, and whether they are hidden.
    let (mut digits, mut hidden) = (0, false);
    for (at, character) in text.char_indices() {
        glyphs.push(match character {
            _ if digits > 0 => {
                digits -= 1;
                match hidden {
                    false => Glyph::Plain(character),
                    true if character.is_ascii_lowercase() => Glyph::Plain('x'),
                    true => Glyph::Plain('X'),
                }
            }
            '%' => {
                if let Some(byte) = encoded_byte(text, at) {
                    (digits, hidden) = (2, !byte.is_ascii() || shown == Shown::Shape && byte.is_ascii_alphanumeric());
                }
                Glyph::Plain('%')
            }
            _ => Glyph::of(character, shown),
        });
    }
    glyphs
}

/// The byte that is percent-encoded at this place.
fn encoded_byte(text: &str, at: usize) -> Option<u8> {
    let digits = text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// A text as it is shown.
pub(super) fn shown(text: &str, shown: Shown) -> String {
    glyphs(text, shown).into_iter().map(|glyph| glyph.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_keeps_punctuation_case_and_encoding_and_nothing_else() {
        for (text, shape) in [
            ("Zhang%20Wei+13800138000", "Xxxxx%20Xxx+99999999999"),
            ("%E5%BC%a0", "%XX%XX%xX"),
            ("%2B%2b%41", "%2B%2b%XX"),
            ("100%", "999%"),
            ("%zz", "%xx"),
            ("张\u{202e}\n", "??\\n"),
        ] {
            assert_eq!(shown(text, Shown::Shape), shape, "{text}");
        }
        assert_eq!(shown("T1001%2F%E5\u{1b}", Shown::Text), "T1001%2F%XX\\u{1b}");
    }

    #[test]
    fn only_what_is_known_to_be_harmless_is_shown() {
        assert_eq!(Shown::of_value("status", "paid"), Shown::Text);
        assert_eq!(Shown::of_value("keyword", "paid"), Shown::Shape);
        assert_eq!(Shown::of_value(":x-ecloud-nonce", "n"), Shown::Text);
        assert_eq!(Shown::of_value(":x-ecloud-other", "n"), Shown::Shape);
        assert_eq!(Shown::of_value(":authorization", "sha256:0123456789abcdef"), Shown::Text);
        assert_eq!(Shown::of_value(":authorization", "Bearer%20token"), Shown::Shape);
        assert_eq!(Shown::of_name("keyword%3D138", "keyword=138"), Shown::Shape);
    }
}
