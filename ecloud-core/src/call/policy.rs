//! How often and after how long a failed attempt is tried again.

use std::time::Duration;

/// When failed attempts are tried again.
///
/// Between attempts the call waits for a random time from zero up to a bound that doubles each time ("full jitter": Marc Brooker,
/// "Exponential Backoff And Jitter", 2015), at least as long as the server asks. What may be sent twice at all is the operation's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    longest: Duration,
}

impl RetryPolicy {
    /// Up to 5 attempts, with bounds of 100 ms, 200 ms, 400 ms and 800 ms between them.
    pub const fn standard() -> Self {
        Self { max_attempts: 5, base: Duration::from_millis(100), longest: Duration::from_secs(10) }
    }

    /// One attempt only. (The one correction of the clock, which is no retry, is still made.)
    pub const fn none() -> Self {
        Self { max_attempts: 1, ..Self::standard() }
    }

    /// Limits the attempts, the first included; at least 1.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the bound of the first wait, and the largest bound that doubling reaches.
    #[must_use]
    pub const fn with_backoff(mut self, base: Duration, longest: Duration) -> Self {
        self.base = base;
        self.longest = longest;
        self
    }

    pub(crate) fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The wait after the `failed`-th attempt (from 1), for a random `fraction` from 0 to 1.
    pub(crate) fn backoff(&self, failed: u32, fraction: f64) -> Duration {
        let doubled = 2_u32.checked_pow(failed.saturating_sub(1)).and_then(|factor| self.base.checked_mul(factor));
        let bound = doubled.unwrap_or(self.longest).min(self.longest);
        bound.mul_f64(fraction.clamp(0.0, 1.0))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_up_to_the_longest() {
        let policy = RetryPolicy::standard();
        let bound = |failed| policy.backoff(failed, 1.0).as_millis();
        assert_eq!(
            [bound(1), bound(2), bound(3), bound(7), bound(8), bound(u32::MAX)],
            [100, 200, 400, 6400, 10_000, 10_000]
        );
        assert_eq!(policy.backoff(3, 0.25), Duration::from_millis(100));
        assert_eq!(policy.backoff(3, 0.0), Duration::ZERO);
    }

    #[test]
    fn there_is_always_one_attempt() {
        assert_eq!(RetryPolicy::none().max_attempts(), 1);
        assert_eq!(RetryPolicy::standard().with_max_attempts(0).max_attempts(), 1);
    }
}
