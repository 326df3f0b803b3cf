//! How often and after how long a failed attempt is tried again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::record::AttemptReason;
use crate::Error;

/// When failed attempts are tried again.
///
/// Between attempts the call waits for a random time from zero up to a bound that doubles each time ("full jitter": Marc Brooker,
/// "Exponential Backoff And Jitter", 2015), at least as long as the server asks. Three things are not the policy's to say: what may be
/// sent twice at all is the operation's, the whole call's time is the caller's, and all retries of a client together are paid from
/// [its budget](crate::Client::retry_budget).
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    max_attempts: u32,
    waits: Waits,
    adaptive: bool,
}

#[derive(Clone, Debug)]
enum Waits {
    Doubling { base: Duration, longest: Duration },
    Own(Arc<dyn Backoff>),
}

/// A caller's own rule of how long to wait between attempts.
///
/// ```
/// use std::time::Duration;
///
/// use ecloud_core::{Backoff, FailedAttempt, RetryPolicy};
///
/// /// Waits for a second each time, and gives up where the platform is in trouble for longer.
/// #[derive(Debug)]
/// struct Steady;
///
/// impl Backoff for Steady {
///     fn wait(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
///         (failed.number < 10).then_some(Duration::from_secs(1))
///     }
/// }
///
/// let policy = RetryPolicy::own(Steady).with_max_attempts(20);
/// ```
pub trait Backoff: fmt::Debug + Send + Sync + 'static {
    /// How long to wait before the next attempt; `None` ends the call with the attempt's error. Where the platform asks for a longer
    /// wait, that one counts.
    fn wait(&self, failed: &FailedAttempt<'_>) -> Option<Duration>;
}

/// An attempt that failed, and that the operation allows to be made again.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// Which attempt of the call it was, from 1.
    pub number: u32,
    /// What it met with.
    pub reason: AttemptReason,
    /// The error that the call would end with.
    pub error: &'a Error,
    /// What is left of the call's time.
    pub remaining: Duration,
    /// A random number from 0 up to and without 1, of the client's own source.
    pub random: f64,
}

impl RetryPolicy {
    /// Up to 5 attempts, with bounds of 100 ms, 200 ms, 400 ms and 800 ms between them.
    pub const fn standard() -> Self {
        let waits = Waits::Doubling { base: Duration::from_millis(100), longest: Duration::from_secs(10) };
        Self { max_attempts: 5, waits, adaptive: false }
    }

    /// Like [`standard`](Self::standard), and while the platform throttles, all attempts of the client are slowed down together: to
    /// 0.7 of their rate at each refusal, and up again along a cubic curve (as in the AWS SDKs' adaptive mode, after RFC 9438).
    ///
    /// It is for platforms that don't tell their limits; where a [quota](crate::ClientBuilder::quota) is known, that is the better guard.
    pub const fn adaptive() -> Self {
        let mut policy = Self::standard();
        policy.adaptive = true;
        policy
    }

    /// One attempt only. (The one correction of the clock, which is no retry, is still made.)
    pub const fn none() -> Self {
        let mut policy = Self::standard();
        policy.max_attempts = 1;
        policy
    }

    /// Up to 5 attempts, with waits of a rule of your own.
    pub fn own(backoff: impl Backoff) -> Self {
        Self { waits: Waits::Own(Arc::new(backoff)), ..Self::standard() }
    }

    /// Limits the attempts, the first included; at least 1.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the bound of the first wait, and the largest bound that doubling reaches. It replaces a rule of your own.
    #[must_use]
    pub fn with_backoff(mut self, base: Duration, longest: Duration) -> Self {
        self.waits = Waits::Doubling { base, longest };
        self
    }

    pub(super) fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    pub(super) fn is_adaptive(&self) -> bool {
        self.adaptive
    }

    /// The wait after an attempt that failed.
    pub(super) fn wait(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        match &self.waits {
            Waits::Doubling { base, longest } => {
                let factor = 2_u32.checked_pow(failed.number.saturating_sub(1));
                let bound = factor.and_then(|factor| base.checked_mul(factor)).unwrap_or(*longest).min(*longest);
                let wait = bound.as_secs_f64() * failed.random.clamp(0.0, 1.0);
                Some(Duration::try_from_secs_f64(wait).unwrap_or(bound))
            }
            Waits::Own(backoff) => backoff.wait(failed),
        }
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
    use crate::ErrorKind;

    fn wait(policy: &RetryPolicy, number: u32, random: f64) -> Duration {
        let error = Error::new(ErrorKind::Unavailable, "down");
        let remaining = Duration::from_secs(60);
        let failed = FailedAttempt { number, reason: AttemptReason::Transient, error: &error, remaining, random };
        policy.wait(&failed).unwrap()
    }

    #[test]
    fn bounds_double_up_to_the_longest() {
        let policy = RetryPolicy::standard();
        let bound = |failed| wait(&policy, failed, 1.0).as_millis();
        assert_eq!(
            [bound(1), bound(2), bound(3), bound(7), bound(8), bound(u32::MAX)],
            [100, 200, 400, 6400, 10_000, 10_000]
        );
        assert_eq!(wait(&policy, 3, 0.25), Duration::from_millis(100));
        assert_eq!(wait(&policy, 3, 0.0), Duration::ZERO);
        assert_eq!(wait(&policy, 3, -1.0), Duration::ZERO);
    }

    #[test]
    fn bounds_of_any_size_don_t_overflow() {
        let policy = RetryPolicy::standard().with_backoff(Duration::MAX, Duration::MAX);
        assert!(wait(&policy, 1, 0.5) > Duration::from_secs(1));
        assert_eq!(wait(&policy, 1, 1.0), Duration::MAX);
        assert_eq!(wait(&policy.with_backoff(Duration::ZERO, Duration::ZERO), u32::MAX, 1.0), Duration::ZERO);
    }

    #[test]
    fn there_is_always_one_attempt() {
        assert_eq!(RetryPolicy::none().max_attempts(), 1);
        assert_eq!(RetryPolicy::standard().with_max_attempts(0).max_attempts(), 1);
    }
}
