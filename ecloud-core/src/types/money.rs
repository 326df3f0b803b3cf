//! Money in minor units, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Currency;

/// An amount of money: a whole number of the currency's minor unit (12990 CNY is 129.90 yuan).
///
/// On the wire it is `{"amount": 12990, "currency": "CNY"}`. Arithmetic is checked: it yields `None` where the currencies
/// differ or the result doesn't fit 64 bits.
///
/// ```
/// use ecloud_core::{Currency, Money};
///
/// let price = Money::new(12990, Currency::CNY);
/// assert_eq!(price.to_string(), "129.90 CNY");
/// assert_eq!(price.checked_mul(3), Some(Money::new(38970, Currency::CNY)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in the currency's minor unit; may be negative.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount in the currency's minor unit.
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum, or `None` for two currencies or on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.with(other, i64::checked_add)
    }

    /// The difference, or `None` for two currencies or on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.with(other, i64::checked_sub)
    }

    /// This amount `factor` times, or `None` on overflow.
    #[must_use]
    pub fn checked_mul(self, factor: i64) -> Option<Self> {
        Some(Self::new(self.amount.checked_mul(factor)?, self.currency))
    }

    /// The sum of all amounts, or `None` if there are none, their currencies differ or the sum doesn't fit.
    #[must_use]
    pub fn try_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut amounts = amounts.into_iter();
        let first = amounts.next()?;
        amounts.try_fold(first, Self::checked_add)
    }

    fn with(self, other: Self, combine: fn(i64, i64) -> Option<i64>) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        Some(Self::new(combine(self.amount, other.amount)?, self.currency))
    }
}

impl fmt::Display for Money {
    /// The amount in the major unit with the currency's digits, a blank, the code: `129.90 CNY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let unit = 10_u64.pow(digits);
        let amount = self.amount.unsigned_abs();
        let sign = if self.amount < 0 { "-" } else { "" };
        write!(f, "{sign}{}", amount / unit)?;
        if digits > 0 {
            write!(f, ".{:0width$}", amount % unit, width = digits as usize)?;
        }
        write!(f, " {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_prints_the_digits_of_its_currency() {
        assert_eq!(Money::new(5, Currency::CNY).to_string(), "0.05 CNY");
        assert_eq!(Money::new(-12990, Currency::USD).to_string(), "-129.90 USD");
        assert_eq!(Money::new(500, Currency::JPY).to_string(), "500 JPY");
        assert_eq!(Money::new(1234, "KWD".parse().unwrap()).to_string(), "1.234 KWD");
        assert_eq!(Money::new(i64::MIN, Currency::CNY).to_string(), "-92233720368547758.08 CNY");
    }

    #[test]
    fn sums_refuse_mixed_currencies_and_overflow() {
        let yuan = Money::new(1, Currency::CNY);
        assert_eq!(yuan.checked_add(Money::new(1, Currency::USD)), None);
        assert_eq!(Money::new(i64::MAX, Currency::CNY).checked_add(yuan), None);
        assert_eq!(Money::new(i64::MIN, Currency::CNY).checked_sub(yuan), None);
        assert_eq!(Money::try_sum([yuan, yuan, yuan]), Some(Money::new(3, Currency::CNY)));
        assert_eq!(Money::try_sum([]), None);
    }

    #[test]
    fn its_wire_form_is_minor_units_and_a_code() {
        let text = r#"{"amount":12990,"currency":"CNY"}"#;
        let money: Money = serde_json::from_str(text).unwrap();
        assert_eq!(money, Money::new(12990, Currency::CNY));
        assert_eq!(serde_json::to_string(&money).unwrap(), text);
        for refused in [
            r#"{"amount":129.9,"currency":"CNY"}"#,
            r#"{"amount":"1","currency":"CNY"}"#,
            r#"{"amount":1,"currency":"yuan"}"#,
            r#"{"amount":9223372036854775808,"currency":"CNY"}"#,
        ] {
            assert!(serde_json::from_str::<Money>(refused).is_err(), "{refused}");
        }
    }
}
