//! What stands in the place of a value: the same for the same value, by a keyed digest, and of the value's own form.

use std::borrow::Cow;
use std::ops::Range;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::patterns::{self, Found, is_mail, is_sealed, phone_digits};

/// What a placeholder of a text begins with; sixteen letters from `a` to `p` follow.
const TEXT: &str = "redacted-";
const LETTERS: usize = 16;

/// What stands behind the placeholder of an address of mail.
const MAIL: &str = "@redacted.example";

/// What a placeholder of a ciphertext begins with: the key id says what it is.
const SEALED: &str = "~1~redacted~";

/// What a placeholder of a number begins with. Of the numbers of people none begins so.
const NUMBER: &str = "10";

/// How long numbers are at least that are placeholders, and at most, so that they stay below 2^64.
const DIGITS: Range<usize> = 11..20;

/// The key by which placeholders are made.
#[derive(Clone)]
pub(super) struct Salt {
    mac: Hmac<Sha256>,
    keeps_placeholders: bool,
}

impl Salt {
    pub(super) fn new(salt: &[u8]) -> Self {
        // HMAC takes keys of any length (RFC 2104, section 2).
        let mac = Hmac::new_from_slice(salt).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        Self { mac, keeps_placeholders: false }
    }

    pub(super) fn keep_placeholders(&mut self) {
        self.keeps_placeholders = true;
    }

    fn digest(&self, value: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(value);
        mac.finalize().into_bytes().into()
    }

    /// Letters of a value's digest, two a byte.
    fn letters(&self, value: &[u8], count: usize) -> String {
        let digest = self.digest(value);
        let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.take(count).map(|nibble| char::from(b'a' + nibble)).collect()
    }

    /// What tells this salt from others, and says nothing of it that a placeholder doesn't.
    pub(super) fn check(&self) -> String {
        self.letters(b"ecloud recording", 8)
    }

    /// What tells this content from others.
    pub(super) fn of_bytes(&self, bytes: &[u8]) -> String {
        self.letters(bytes, 32)
    }

    /// What stands for a whole value.
    pub(super) fn of(&self, value: &str) -> String {
        if self.keeps_placeholders && is_placeholder(value) { value.to_owned() } else { self.drawn(value) }
    }

    /// The placeholder of a value, whatever that is. Empty values stay, they say nothing.
    pub(super) fn drawn(&self, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        if is_sealed(value) {
            return format!("{SEALED}{}~", self.letters(value.as_bytes(), 64));
        }
        if let Some(digits) = phone_digits(value) {
            return self.drawn_digits(&digits);
        }
        let text = format!("{TEXT}{}", self.letters(value.as_bytes(), LETTERS));
        if is_mail(value) { text + MAIL } else { text }
    }

    /// What stands for a number: digits again.
    pub(super) fn of_digits(&self, digits: &str) -> String {
        if self.keeps_placeholders && is_placeholder(digits) {
            return digits.to_owned();
        }
        self.drawn_digits(digits)
    }

    fn drawn_digits(&self, digits: &str) -> String {
        let length = digits.len().clamp(DIGITS.start, DIGITS.end - 1);
        let digest = self.digest(digits.as_bytes());
        let drawn = digest.iter().map(|byte| char::from(b'0' + byte % 10));
        NUMBER.chars().chain(drawn).take(length).collect()
    }
}

/// Whether a whole text is what stands for another.
pub(in crate::testing) fn is_placeholder(text: &str) -> bool {
    let is_letters = |letters: &str| letters.bytes().all(|byte| (b'a'..=b'p').contains(&byte));
    if let Some(rest) = text.strip_prefix(TEXT) {
        let letters = rest.strip_suffix(MAIL).unwrap_or(rest);
        return letters.len() == LETTERS && is_letters(letters);
    }
    if let Some(letters) = text.strip_prefix(SEALED).and_then(|rest| rest.strip_suffix('~')) {
        return letters.len() == 64 && is_letters(letters);
    }
    DIGITS.contains(&text.len()) && text.starts_with(NUMBER) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text with a blank place for each placeholder in it and for all that a pattern finds: what is alike of two recordings of it
/// under different salts.
pub(in crate::testing) fn skeleton(text: &str) -> Cow<'_, str> {
    let mut found = patterns::find(text, &[]);
    for (at, _) in text.match_indices(TEXT) {
        let bare = at..at + TEXT.len() + LETTERS;
        let mail = at..bare.end + MAIL.len();
        let whole = [mail, bare].into_iter().find(|range| text.get(range.clone()).is_some_and(is_placeholder));
        found.extend(whole.map(|range| (range, Found::Plain)));
    }
    patterns::replace(text, found, |_, _| "\u{0}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIPHERTEXT: &str = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";

    #[test]
    fn a_placeholder_has_the_form_of_its_value() {
        let salt = Salt::new(b"salt");
        assert!(salt.of("张伟").starts_with("redacted-"));
        assert!(salt.of("zhang@example.com").ends_with("@redacted.example"));
        let number = salt.of("13800138000");
        assert!(number.len() == 11 && number.parse::<u64>().is_ok(), "{number}");
        assert!(salt.of(CIPHERTEXT).starts_with("~1~redacted~"));
        assert!(crate::Sensitive::<crate::sensitive::kind::Name>::from_ciphertext(salt.of(CIPHERTEXT)).is_ok());
        assert!(salt.of_digits(&"9".repeat(40)).parse::<u64>().is_ok());
        for value in ["张伟", "zhang@example.com", "13800138000", "1", CIPHERTEXT] {
            assert!(is_placeholder(&salt.of(value)), "{value}");
            assert!(!is_placeholder(value), "{value}");
            assert_eq!(salt.of(value), Salt::new(b"salt").of(value));
            assert_ne!(salt.of(value), Salt::new(b"other").of(value));
        }
        assert_eq!(salt.of("+86 138-0013-8000"), salt.of("8613800138000"), "one number, however it is written");
    }

    #[test]
    fn a_skeleton_is_the_same_under_any_salt() {
        let (one, other) = (Salt::new(b"1"), Salt::new(b"2"));
        for value in ["张伟", "zhang@example.com", "13800138000", CIPHERTEXT] {
            let text = |salt: &Salt| format!("for {}, soon", salt.of(value));
            assert_eq!(skeleton(&text(&one)), skeleton(&text(&other)), "{value}");
            assert_eq!(skeleton(&text(&one)), "for \0, soon", "{value}");
        }
    }
}
