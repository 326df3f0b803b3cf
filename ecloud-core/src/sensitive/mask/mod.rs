//! What may be shown of a personal text: enough for its owner to recognise it, too little for anybody else to use it.
//!
//! | kind | what stays | example |
//! |---|---|---|
//! | [`name`] | of a Chinese name the surname, of any other the first letter | `张**`, `欧阳**`, `买**·**`, `J***` |
//! | [`phone`] | three digits and the last four of a mobile number; code and last digits of any other; no extension | `138****8000`, `0571-****4321`, `+1 ****2671` |
//! | [`address`] | province, city, district and town; nothing of what follows, or where none is recognised | `浙江省杭州市余杭区****` |
//! | [`email`] | the first letter and the domain | `a****@example.com` |
//! | [`id_number`] | the first and the last character | `1****X` |
//! | [`bank_account`] | the last four digits | `****3445` |
//!
//! A text that isn't what its kind says is hidden as a whole: a mask never shows more than its rule. What stays ends at a boundary between
//! grapheme clusters (Unicode Annex 29), so that no mask shows half an emoji or a letter without its accent. The length of what is hidden
//! shows at most in a Chinese name of two or three characters, as everybody writes it.

mod address;
mod bank_account;
mod email;
mod id_number;
mod name;
mod phone;

pub use address::address;
pub use bank_account::bank_account;
pub use email::email;
pub use id_number::id_number;
pub use name::name;
pub use phone::phone;

use unicode_segmentation::UnicodeSegmentation;

/// In the place of what is hidden.
const HIDDEN: &str = "****";

/// The largest grapheme that a mask shows, in bytes: a family of four with skin tones has 41. Marks can be stacked without end.
const LARGEST_GRAPHEME: usize = 48;

/// The first grapheme cluster, if it may be shown: of a bearable size, and not one that steers the text around it.
fn first_grapheme(text: &str) -> Option<&str> {
    let first = text.graphemes(true).next()?;
    let steers =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let leads = first.chars().next().is_some_and(|c| !c.is_control() && !steers(c));
    (leads && first.len() <= LARGEST_GRAPHEME).then_some(first)
}

/// A digit of this or of the full width, as ASCII.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10),
        _ => None,
    }
}

/// The letters and digits of a number that is written with blanks and hyphens perhaps; `None` for any other text.
fn alphanumeric(text: &str, longest: usize) -> Option<String> {
    let mut characters = String::new();
    for c in text.chars() {
        match digit(c).unwrap_or(c) {
            c if c.is_ascii_alphanumeric() && characters.len() < longest => characters.push(c),
            c if c.is_whitespace() || c == '-' => {}
            _ => return None,
        }
    }
    Some(characters)
}

#[cfg(test)]
mod tests;
