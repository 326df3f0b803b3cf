//! Numbers of bank accounts and cards.

use super::{HIDDEN, alphanumeric};

/// Masks the number of a card or an account, or an IBAN: `6222 0202 0011 2233 445` is `****3445`.
pub fn bank_account(text: &str) -> String {
    match alphanumeric(text, 34) {
        Some(number) if number.len() >= 8 => format!("{HIDDEN}{}", &number[number.len() - 4..]),
        _ => HIDDEN.to_owned(),
    }
}
