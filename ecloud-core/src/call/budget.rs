//! What a client may spend on retries, all its calls together.

use std::sync::Mutex;
use std::sync::PoisonError;

use super::record::AttemptReason;

/// What the budget holds at first and at most.
const CAPACITY: u32 = 500;
/// What a success at the first attempt pays in.
const PAID_IN: u32 = 1;

/// A bucket of tokens that retries empty and successes fill: while everything fails, retries soon stop, so that a platform in trouble
/// doesn't get several times its load (as in the AWS SDKs' standard retry mode).
///
/// A retry costs 5 tokens, 10 after an attempt whose outcome is unknown, which has cost the platform most. A retry that
/// succeeds pays its price back, a call that succeeds at its first attempt pays in 1. A call whose retry can't be paid ends with its error.
#[derive(Debug)]
pub struct RetryBudget {
    tokens: Mutex<u32>,
}

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self { tokens: Mutex::new(CAPACITY) }
    }

    /// The tokens that are left, from 0 to [`capacity`](Self::capacity).
    pub fn available(&self) -> u32 {
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it holds at first and at most.
    pub fn capacity(&self) -> u32 {
        CAPACITY
    }

    /// Pays for one retry after a failure of this kind, and tells the price; nothing where there isn't enough left.
    pub(super) fn take(&self, reason: AttemptReason) -> Option<u32> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let price = price(reason);
        *tokens = tokens.checked_sub(price)?;
        Some(price)
    }

    /// A call has succeeded; `price` is what its last retry has cost, if it had one.
    pub(super) fn pay_back(&self, price: Option<u32>) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = (*tokens + price.unwrap_or(PAID_IN)).min(CAPACITY);
    }
}

/// The price of a retry that wasn't sent yet: dropped, it is paid back.
pub(super) struct Unspent<'a> {
    budget: &'a RetryBudget,
    price: u32,
}

impl<'a> Unspent<'a> {
    pub(super) fn new(budget: &'a RetryBudget, price: u32) -> Self {
        Self { budget, price }
    }

    /// The retry is sent.
    pub(super) fn spend(mut self) {
        self.price = 0;
    }
}

impl Drop for Unspent<'_> {
    fn drop(&mut self) {
        self.budget.pay_back(Some(self.price));
    }
}

/// An attempt that timed out has cost the platform most.
fn price(reason: AttemptReason) -> u32 {
    match reason {
        AttemptReason::OutcomeUnknown => 10,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_out_and_successes_fill_it_again() {
        let budget = RetryBudget::new();
        let paid = || budget.take(AttemptReason::Transient).is_some();
        assert_eq!(std::iter::repeat_with(paid).take_while(|paid| *paid).count(), 100);
        (0..4).for_each(|_| budget.pay_back(None));
        assert!(!paid());
        budget.pay_back(None);
        assert!(paid() && !paid());
        budget.pay_back(Some(10));
        assert!(paid() && paid() && !paid());
        (0..10_000).for_each(|_| budget.pay_back(None));
        assert!((0..50).all(|_| budget.take(AttemptReason::OutcomeUnknown).is_some()));
        assert_eq!(budget.take(AttemptReason::OutcomeUnknown), None);
    }
}
