//! Stage, with an adaptive policy alone: attempts are slowed down together while the platform throttles.
//!
//! The curve is CUBIC's (RFC 9438) with the constants of the AWS SDKs' adaptive retry mode.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::again::Failure;
use super::record::{AttemptReason, Progress};
use crate::client::Inner;
use crate::{Error, ErrorKind};

/// What is left of the rate after a refusal.
const BETA: f64 = 0.7;
/// How steeply the rate grows again.
const SCALE: f64 = 0.4;
/// The weight of the last half second in the measured rate.
const SMOOTH: f64 = 0.8;
/// The lowest rate, in attempts a second.
const LOWEST: f64 = 0.5;
/// Over what the rate is measured, in seconds.
const WINDOW: f64 = 0.5;

/// How fast a client's attempts go, and may go.
#[derive(Debug, Default)]
pub(crate) struct AdaptiveRate {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Attempts a second.
    measured: f64,
    window: f64,
    in_window: u32,
    /// Nothing until the platform throttles for the first time.
    limit: Option<Limit>,
}

#[derive(Debug)]
struct Limit {
    /// Attempts a second.
    rate: f64,
    /// Below zero by what was taken in advance.
    tokens: f64,
    at: f64,
    /// The rate at which the platform throttled last, and when.
    peak: f64,
    throttled_at: f64,
}

impl AdaptiveRate {
    /// Takes a turn; tells how long to wait for it.
    fn turn(&self, now: Duration) -> Duration {
        let mut state = self.state();
        let now = now.as_secs_f64();
        state.measure(now);
        let Some(limit) = &mut state.limit else {
            return Duration::ZERO;
        };
        limit.refill(now);
        limit.tokens -= 1.0;
        Duration::try_from_secs_f64((-limit.tokens / limit.rate).max(0.0)).unwrap_or(Duration::MAX)
    }

    /// Gives back a turn that wasn't used.
    fn give_back(&self) {
        if let Some(limit) = &mut self.state().limit {
            limit.tokens += 1.0;
        }
    }

    /// The platform has throttled.
    pub(super) fn throttled(&self, now: Duration) {
        let mut state = self.state();
        let now = now.as_secs_f64();
        let peak = state.limit.as_ref().map_or(state.measured, |limit| limit.rate.min(state.measured)).max(LOWEST);
        let rate = (peak * BETA).max(LOWEST);
        match &mut state.limit {
            Some(limit) => {
                limit.refill(now);
                *limit = Limit { rate, peak, throttled_at: now, ..*limit };
            }
            none => *none = Some(Limit { rate, tokens: 0.0, at: now, peak, throttled_at: now }),
        }
    }

    /// The platform has answered.
    pub(super) fn answered(&self, now: Duration) {
        let mut state = self.state();
        let now = now.as_secs_f64();
        let measured = state.measured;
        if let Some(limit) = &mut state.limit {
            limit.refill(now);
            // How long the curve takes back to the peak.
            let back = (limit.peak * (1.0 - BETA) / SCALE).cbrt();
            let grown = SCALE * (now - limit.throttled_at - back).powi(3) + limit.peak;
            limit.rate = grown.min(2.0 * measured).max(LOWEST);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an attempt, and takes over the rate of each window that has passed.
    fn measure(&mut self, now: f64) {
        self.in_window += 1;
        let passed = now - self.window;
        if passed >= WINDOW {
            self.measured = f64::from(self.in_window) / passed * SMOOTH + self.measured * (1.0 - SMOOTH);
            self.window = now;
            self.in_window = 0;
        }
    }
}

impl Limit {
    fn refill(&mut self, now: f64) {
        let passed = (now - self.at).max(0.0);
        self.tokens = (self.tokens + passed * self.rate).min(self.rate.max(1.0));
        self.at = self.at.max(now);
    }
}

/// Waits for the attempt's turn, never past the deadline. A dropped future gives its turn back.
pub(super) async fn turn(client: &Inner, progress: &Progress) -> Result<(), Failure> {
    let wait = client.adaptive.turn(client.clock.monotonic());
    if wait.is_zero() {
        return Ok(());
    }
    let turn = Turn { rate: &client.adaptive, used: false };
    if wait > progress.remaining(client) {
        let error = Error::new(
            ErrorKind::Throttled,
            "the platform throttles, and the client's turn comes after the call's deadline",
        );
        return Err(Failure::last(AttemptReason::NoQuota, error.with_retry_after(Some(wait))));
    }
    client.clock.sleep(wait).await;
    turn.spend();
    Ok(())
}

/// A turn that is waited for.
struct Turn<'a> {
    rate: &'a AdaptiveRate,
    used: bool,
}

impl Turn<'_> {
    fn spend(mut self) {
        self.used = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.rate.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// A rate that was measured at ten attempts a second.
    fn measured() -> AdaptiveRate {
        let rate = AdaptiveRate::default();
        for step in 1..=200 {
            assert_eq!(rate.turn(seconds(f64::from(step) * 0.1)), Duration::ZERO);
        }
        rate
    }

    #[test]
    fn nothing_is_slowed_down_before_the_platform_throttles() {
        let rate = measured();
        assert!((rate.state().measured - 10.0).abs() < 0.5, "{}", rate.state().measured);
        rate.answered(seconds(21.0));
        assert_eq!(rate.turn(seconds(21.0)), Duration::ZERO);
    }

    #[test]
    fn a_refusal_takes_the_rate_to_seven_tenths_and_answers_bring_it_back() {
        let rate = measured();
        rate.throttled(seconds(20.0));
        let slowed = rate.state().limit.as_ref().unwrap().rate;
        assert!((6.5..7.5).contains(&slowed), "{slowed}");
        let wait = rate.turn(seconds(20.0));
        assert!((0.12..0.16).contains(&wait.as_secs_f64()), "{wait:?}");
        // After the time that the curve takes, the peak is reached again.
        let back = (10.0_f64 * 0.3 / 0.4).cbrt();
        rate.answered(seconds(20.0 + back));
        let grown = rate.state().limit.as_ref().unwrap().rate;
        assert!((9.5..10.5).contains(&grown), "{grown}");
    }

    #[test]
    fn however_often_it_throttles_there_is_one_attempt_in_two_seconds() {
        let rate = measured();
        (0..1000).for_each(|_| rate.throttled(seconds(20.0)));
        assert!((rate.state().limit.as_ref().unwrap().rate - LOWEST).abs() < 1e-9);
        assert_eq!(rate.turn(seconds(20.0)), Duration::from_secs(2));
    }

    #[test]
    fn a_turn_that_is_given_back_is_the_next_ones() {
        let rate = measured();
        rate.throttled(seconds(20.0));
        let first = rate.turn(seconds(20.0));
        rate.give_back();
        assert_eq!(rate.turn(seconds(20.0)), first);
    }
}
