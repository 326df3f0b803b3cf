//! Numbers of identity documents.

use super::{HIDDEN, alphanumeric};

/// Masks the number of an identity card (of 18 or of 15 digits), a passport or a permit: `11010519491231002X` is `1****X`.
pub fn id_number(text: &str) -> String {
    match alphanumeric(text, 20) {
        Some(number) if number.len() >= 6 => format!("{}{HIDDEN}{}", &number[..1], &number[number.len() - 1..]),
        _ => HIDDEN.to_owned(),
    }
}
