//! One bucket: a shape, and the pauses that the platform asked for.

use std::time::Duration;

use super::limit::{Limit, Shape};
use super::moment::Moment;
use super::tokens::{self, Tokens};
use super::window::Window;

/// The longest pause that is believed: whatever a platform asks for, it is asked again after a day.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// What all calls of one key share.
#[derive(Debug)]
pub(super) struct Bucket {
    level: Level,
    /// The platform said to wait until then, in monotonic time.
    frozen_until: Duration,
    /// How many have taken something and not left yet.
    waiting: u32,
    /// Whether the platform's figures have replaced ours.
    has_learned: bool,
}

#[derive(Debug)]
enum Level {
    Tokens(Tokens),
    Window(Window),
}

/// What was taken in advance.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Tokens(tokens::Place),
    Window(i64),
}

/// What an answer says of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(super) limit: Option<Limit>,
    /// Whole tokens left when the platform counted, rounded down.
    pub(super) remaining: Option<u64>,
}

impl Heard {
    /// What headers say: rate and capacity, and what remains; of each what can be believed.
    pub(crate) fn read(rate_and_capacity: Option<(&str, &str)>, remaining: Option<&str>) -> Self {
        let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = rate_and_capacity.and_then(|(rate, capacity)| Limit::believed(rate, capacity));
        Self { limit, remaining: remaining.map(str::trim).filter(is_number).and_then(|text| text.parse().ok()) }
    }
}

impl Bucket {
    pub(super) fn new(shape: Shape, reserve: Duration, now: Moment) -> Self {
        let level = match shape {
            Shape::Tokens(limit) => Level::Tokens(Tokens::new(limit, reserve, now.monotonic)),
            Shape::Window(limit) => Level::Window(Window::new(limit, reserve)),
        };
        Self { level, frozen_until: Duration::ZERO, waiting: 0, has_learned: false }
    }

    /// How long who comes now would wait.
    pub(super) fn wait(&mut self, weight: u32, now: Moment) -> Duration {
        let thaw = self.frozen_until.saturating_sub(now.monotonic);
        match &mut self.level {
            Level::Tokens(tokens) => {
                tokens.fill(now.monotonic);
                // Nothing fills before the thaw.
                thaw.saturating_add(tokens.wait(weight.into()))
            }
            Level::Window(window) => window.wait(weight.into(), thaw, now).1,
        }
    }

    /// Takes `weight` in advance, to be used after [`wait`](Self::wait).
    pub(super) fn take(&mut self, weight: u32, now: Moment) -> Place {
        let wait = self.wait(weight, now);
        self.waiting = self.waiting.saturating_add(1);
        match &mut self.level {
            Level::Tokens(tokens) => Place::Tokens(tokens.take(weight.into(), wait, now.monotonic)),
            Level::Window(window) => {
                let thaw = self.frozen_until.saturating_sub(now.monotonic);
                let (number, _) = window.wait(weight.into(), thaw, now);
                window.take(number, weight.into(), now);
                Place::Window(number)
            }
        }
    }

    /// How long until what was taken may be used; `None` where it is too late for that.
    pub(super) fn ready_in(&mut self, place: Place, weight: u32, now: Moment) -> Option<Duration> {
        let thaw = self.frozen_until.saturating_sub(now.monotonic);
        let wait = match (&mut self.level, place) {
            (Level::Tokens(tokens), Place::Tokens(place)) => {
                tokens.fill(now.monotonic);
                tokens.ready_in(place, weight.into(), now.monotonic)
            }
            (Level::Window(window), Place::Window(number)) => window.ready_in(number, now)?,
            _ => return None,
        };
        Some(wait.max(thaw))
    }

    /// What was taken is used now.
    pub(super) fn leave(&mut self, place: Place, weight: u32, now: Moment) {
        self.waiting = self.waiting.saturating_sub(1);
        match (&mut self.level, place) {
            (Level::Tokens(tokens), Place::Tokens(_)) => tokens.leave(weight.into()),
            (Level::Window(window), Place::Window(number)) => window.leave(number, now),
            _ => {}
        }
    }

    /// What was taken is not used.
    pub(super) fn give_back(&mut self, place: Place, weight: u32) {
        self.waiting = self.waiting.saturating_sub(1);
        match (&mut self.level, place) {
            (Level::Tokens(tokens), Place::Tokens(_)) => tokens.give_back(weight.into()),
            (Level::Window(window), Place::Window(number)) => window.give_back(number, weight.into()),
            _ => {}
        }
    }

    /// Takes and uses `weight` at once; [`wait`](Self::wait) has just said that there is no wait.
    pub(super) fn spend(&mut self, weight: u32, now: Moment) {
        match &mut self.level {
            Level::Tokens(tokens) => tokens.spend(weight.into()),
            Level::Window(window) => {
                let (number, _) = window.wait(weight.into(), Duration::ZERO, now);
                window.take(number, weight.into(), now);
                window.leave(number, now);
            }
        }
    }

    /// What was used at `then` has cost less by `weight`.
    pub(super) fn refund(&mut self, weight: u32, then: Moment, now: Moment) {
        match &mut self.level {
            Level::Tokens(tokens) => {
                tokens.fill(now.monotonic);
                tokens.refund(weight.into());
            }
            Level::Window(window) => window.refund(weight.into(), then, now),
        }
    }

    /// The platform has refused a call of this weight, and wants none for `pause`: then it has room for that one, and no more is
    /// counted upon. A pause of more than a day is a day.
    pub(super) fn freeze(&mut self, weight: u32, pause: Duration, now: Moment) {
        let until = now.monotonic.saturating_add(pause.min(LONGEST_PAUSE)).max(self.frozen_until);
        let extension = until.saturating_sub(self.frozen_until.max(now.monotonic));
        if let Level::Tokens(tokens) = &mut self.level {
            tokens.fill(now.monotonic);
            tokens.freeze(weight.into(), until, extension);
        }
        self.frozen_until = until;
    }

    /// The bucket, if it is of a shape that the platform's figures speak of: windows have theirs from the configuration alone.
    pub(super) fn as_learner(&mut self) -> Option<&mut Self> {
        matches!(self.level, Level::Tokens(_)).then_some(self)
    }

    /// Takes over what the platform says, in an answer to a request that left `round_trip` ago.
    pub(super) fn learn(&mut self, heard: Heard, round_trip: Duration, reserve: Duration, now: Moment) {
        let Level::Tokens(tokens) = &mut self.level else {
            return;
        };
        tokens.fill(now.monotonic);
        if let Some(limit) = heard.limit {
            self.has_learned |= tokens.learn(limit, reserve, LONGEST_PAUSE);
        }
        if let Some(remaining) = heard.remaining {
            // At most as much as if it had been counted at once and rounded down by a whole token.
            tokens.lower(remaining as f64 + 1.0 + tokens.rate() * round_trip.as_secs_f64());
        }
    }

    /// Whether it is as if it had never been used.
    pub(super) fn is_at_rest(&mut self, now: Moment) -> bool {
        if self.waiting > 0 || self.has_learned || self.frozen_until > now.monotonic {
            return false;
        }
        match &mut self.level {
            Level::Tokens(tokens) => {
                tokens.fill(now.monotonic);
                tokens.is_full()
            }
            Level::Window(window) => window.is_full(now),
        }
    }
}
