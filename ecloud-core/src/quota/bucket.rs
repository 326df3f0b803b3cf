//! One token bucket, shared by all calls of a quota group.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Limit;

/// What is kept back for requests that overtake each other on the way, in seconds of the rate: the platform counts when they arrive,
/// this side when they leave.
const RESERVE_SECONDS: f64 = 0.05;

/// A token bucket. Tokens are handed out in the order in which they are asked for: whoever comes when there are none takes them
/// in advance, which puts the bucket into debt, and waits until they would be there.
#[derive(Debug)]
pub(crate) struct Bucket {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: Limit,
    /// Below zero by what was taken in advance.
    tokens: f64,
    /// When `tokens` was right, in monotonic time.
    at: Duration,
    /// The platform said to wait until then.
    frozen_until: Duration,
}

/// Tokens taken, perhaps in advance: to be used after the wait, or else dropped, which gives them back.
#[derive(Debug)]
pub(crate) struct Reservation<'a> {
    bucket: &'a Bucket,
    tokens: f64,
    wait: Duration,
    used: bool,
}

/// The wait for the tokens is longer than the caller has time.
#[derive(Debug, PartialEq)]
pub(crate) struct WaitsTooLong(pub(crate) Duration);

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        let state = State { limit, tokens: f64::MAX, at: Duration::ZERO, frozen_until: Duration::ZERO };
        Self { state: Mutex::new(state) }
    }

    /// Takes `weight` tokens at monotonic time `now`, if they are there within `patience`.
    pub(crate) fn reserve(
        &self,
        weight: u32,
        now: Duration,
        patience: Duration,
    ) -> Result<Reservation<'_>, WaitsTooLong> {
        let mut state = self.state();
        state.refill(now);
        // More than the bucket holds is never there: it is let through when the bucket is full, and paid for afterwards.
        let needed = f64::from(weight).min(state.usable());
        let missing = (needed - state.tokens).max(0.0);
        let filled = Duration::try_from_secs_f64(missing / state.limit.rate).unwrap_or(Duration::MAX);
        let wait = filled.max(state.frozen_until.saturating_sub(now));
        if wait > patience {
            return Err(WaitsTooLong(wait));
        }
        state.tokens -= f64::from(weight);
        Ok(Reservation { bucket: self, tokens: f64::from(weight), wait, used: false })
    }

    /// Lets nobody through before monotonic time `until`.
    pub(crate) fn freeze(&self, until: Duration) {
        let mut state = self.state();
        state.frozen_until = state.frozen_until.max(until);
    }

    /// How long the group is still frozen.
    pub(crate) fn frozen_for(&self, now: Duration) -> Duration {
        self.state().frozen_until.saturating_sub(now)
    }

    /// Takes over what the platform says of the group.
    pub(crate) fn learn(&self, limit: Limit, now: Duration) {
        let mut state = self.state();
        if state.limit != limit {
            state.refill(now);
            // What the bucket lacked of being full it still lacks, so that a larger one opens at once by its whole difference.
            let spent = state.usable() - state.tokens;
            state.limit = limit;
            state.tokens = state.usable() - spent;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.limit.rate).min(self.usable());
        self.at = self.at.max(now);
    }

    /// The capacity without the reserve, and at least one token.
    fn usable(&self) -> f64 {
        (self.limit.capacity - (self.limit.rate * RESERVE_SECONDS).max(1.0)).max(1.0)
    }
}

impl Reservation<'_> {
    /// How long to wait before the tokens may be used.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// Uses the tokens.
    pub(crate) fn spend(mut self) {
        self.used = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.bucket.state().tokens += self.tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    fn bucket(rate: f64, capacity: f64) -> Bucket {
        Bucket::new(Limit { rate, capacity })
    }

    fn take(bucket: &Bucket, weight: u32, now: Duration) -> Duration {
        let reservation = bucket.reserve(weight, now, LONG).unwrap();
        let wait = reservation.wait();
        reservation.spend();
        wait
    }

    fn millis(duration: Duration) -> u128 {
        // Whole milliseconds, rounded: the bucket counts in floating point.
        (duration + Duration::from_micros(500)).as_millis()
    }

    #[test]
    fn a_full_bucket_lets_a_burst_through_and_then_one_each_interval() {
        let bucket = bucket(20.0, 40.0);
        let waits: Vec<_> = (0..42).map(|_| millis(take(&bucket, 1, Duration::ZERO))).collect();
        assert_eq!(waits[..39], [0; 39]);
        assert_eq!(waits[39..], [50, 100, 150]);
    }

    #[test]
    fn a_weight_takes_as_many_tokens_and_one_above_the_capacity_is_not_stuck() {
        let bucket = bucket(20.0, 40.0);
        assert_eq!(millis(take(&bucket, 30, Duration::ZERO)), 0);
        assert_eq!(millis(take(&bucket, 10, Duration::ZERO)), 50);
        assert_eq!(millis(take(&bucket, 40, LONG)), 0);
        assert_eq!(millis(take(&bucket, 1, LONG)), 100);
    }

    #[test]
    fn whoever_can_not_wait_takes_nothing() {
        let bucket = bucket(1.0, 2.0);
        take(&bucket, 1, Duration::ZERO);
        let refused = bucket.reserve(1, Duration::ZERO, Duration::from_millis(999)).unwrap_err();
        assert_eq!(refused, WaitsTooLong(Duration::from_secs(1)));
        assert_eq!(millis(take(&bucket, 1, Duration::ZERO)), 1000);
    }

    #[test]
    fn a_dropped_reservation_gives_its_tokens_back() {
        let bucket = bucket(1.0, 2.0);
        take(&bucket, 1, Duration::ZERO);
        drop(bucket.reserve(1, Duration::ZERO, LONG).unwrap());
        assert_eq!(millis(take(&bucket, 1, Duration::ZERO)), 1000);
    }

    #[test]
    fn a_frozen_bucket_lets_nobody_through() {
        let bucket = bucket(20.0, 40.0);
        bucket.freeze(Duration::from_secs(3));
        assert_eq!(millis(take(&bucket, 1, Duration::from_secs(1))), 2000);
        assert_eq!(millis(take(&bucket, 1, Duration::from_secs(3))), 0);
    }

    #[test]
    fn a_larger_limit_opens_at_once() {
        let bucket = bucket(20.0, 40.0);
        (0..39).for_each(|_| {
            take(&bucket, 1, Duration::ZERO);
        });
        bucket.learn(Limit { rate: 100.0, capacity: 200.0 }, Duration::ZERO);
        let waits: Vec<_> = (0..157).map(|_| millis(take(&bucket, 1, Duration::ZERO))).collect();
        assert_eq!((waits[0], waits[155], waits[156]), (0, 0, 10));
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let bucket = bucket(1.0, 2.0);
        take(&bucket, 1, Duration::from_secs(10));
        assert_eq!(millis(take(&bucket, 1, Duration::from_secs(5))), 1000);
    }
}
