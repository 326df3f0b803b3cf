//! Telephone numbers.

use super::{HIDDEN, digit};

/// The most digits that a number has, extension apart: fifteen by E.164, and an access code.
const LONGEST: usize = 20;

/// Masks a telephone number: `13800138000` is `138****8000`, `18877771111-1234` is `188****1111-***`, `0571-87654321` is
/// `0571-****4321`, `+1 415 555 2671` is `+1 ****2671`.
///
/// The extension of a virtual number says who is meant, so nothing of it is shown.
pub fn phone(text: &str) -> String {
    let Some(number) = Number::read(text) else { return HIDDEN.to_owned() };
    let mut masked = number.masked();
    if number.has_extension {
        masked.push_str("-***");
    }
    masked
}

/// A number without its punctuation.
struct Number {
    is_international: bool,
    digits: String,
    has_extension: bool,
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let mut number = Self { is_international: false, digits: String::new(), has_extension: false };
        let mut between = String::new();
        for c in text.chars() {
            let Some(digit) = digit(c) else {
                number.is_international |= number.digits.is_empty() && matches!(c, '+' | '＋');
                between.push(c);
                continue;
            };
            if !between.is_empty() && !number.digits.is_empty() && number.ends_before(&between) {
                number.has_extension = true;
                break;
            }
            between.clear();
            number.digits.push(digit);
            if number.digits.len() > LONGEST {
                return None;
            }
        }
        if let Some(rest) = number.digits.strip_prefix("00") {
            number.digits = rest.to_owned();
            number.is_international = true;
        }
        Some(number)
    }

    /// Whether what comes after this punctuation is an extension: marked as one, or behind a number that is whole.
    fn ends_before(&self, between: &str) -> bool {
        !between.chars().all(|c| c.is_whitespace() || is_hyphen(c) || matches!(c, '(' | ')' | '（' | '）' | '.' | '/'))
            || (between.chars().any(is_hyphen) && self.is_whole())
    }

    fn is_whole(&self) -> bool {
        let national = self.digits.strip_prefix("86").filter(|_| self.digits.len() == 13).unwrap_or(&self.digits);
        is_mobile(national) || landline(national).is_some() || self.digits.len() > 13
    }

    fn masked(&self) -> String {
        let digits = &*self.digits;
        if let Some(mobile) = digits.strip_prefix("86").filter(|rest| is_mobile(rest)) {
            return format!("+86 {}****{}", &mobile[..3], &mobile[7..]);
        }
        if self.is_international {
            let (code, national) = digits.split_at(country_code(digits).min(digits.len()));
            return match tail(national) {
                "" => HIDDEN.to_owned(),
                tail => format!("+{code} {HIDDEN}{tail}"),
            };
        }
        if let Some((area, local)) = landline(digits) {
            return format!("{area}-{HIDDEN}{}", tail(local));
        }
        match digits.len() {
            11.. => format!("{}{HIDDEN}{}", &digits[..3], &digits[digits.len() - 4..]),
            _ => format!("{HIDDEN}{}", tail(digits)),
        }
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－')
}

/// A mobile number of mainland China.
fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1')
}

/// Area code and local number of a landline of mainland China.
fn landline(digits: &str) -> Option<(&str, &str)> {
    let code = match digits.as_bytes() {
        [b'0', b'1' | b'2', ..] => 3,
        [b'0', b'3'..=b'9', ..] => 4,
        _ => return None,
    };
    let (area, local) = digits.split_at_checked(code)?;
    (7..=8).contains(&local.len()).then_some((area, local))
}

/// The end of a local number that may be shown: four digits are hidden at least.
fn tail(digits: &str) -> &str {
    match digits.len() {
        0..=6 => "",
        7 => &digits[4..],
        length => &digits[length - 4..],
    }
}

/// The length of the country code that an international number begins with (ITU-T E.164, assigned zones).
fn country_code(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}
