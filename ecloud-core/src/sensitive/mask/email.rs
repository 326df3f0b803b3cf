//! E-mail addresses.

use super::{HIDDEN, first_grapheme};

/// The longest domain (RFC 1035).
const LONGEST_DOMAIN: usize = 253;

/// Masks an e-mail address: `ann@example.com` is `a****@example.com`.
///
/// A domain that may say who its owner is, by a telephone number for example, is hidden with the rest.
pub fn email(text: &str) -> String {
    let Some((local, domain)) = text.trim().rsplit_once('@') else { return HIDDEN.to_owned() };
    if !is_domain(domain) {
        return HIDDEN.to_owned();
    }
    let first = first_grapheme(local).filter(|first| first.len() < local.len());
    format!("{}{HIDDEN}@{domain}", first.unwrap_or_default())
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 7)
    };
    domain.len() <= LONGEST_DOMAIN && domain.contains('.') && domain.split('.').all(is_label)
}
