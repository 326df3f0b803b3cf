//! Stage: the endpoint of an attempt; what its outcome says of the endpoint, and where that leaves the call.

use std::time::Duration;

use super::again::Failure;
use super::outgoing::{Outgoing, Route};
use super::record::AttemptReason;
use crate::ErrorKind;
use crate::client::{Inner, RawAnswer};
use crate::endpoint::{Chosen, Verdict, Wish};

/// What a call remembers of the endpoints that it has been at.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// The one that the attempt is or was made at.
    pub(super) current: usize,
    /// Those that have failed it, a bit each.
    failed: u64,
    /// The next attempt is for the same one, if that is healthy: what was refused there concerns it alone.
    stays: bool,
    /// All further attempts are for the same one: a second might do once more what the first has done.
    is_bound: bool,
}

/// Chooses the attempt's endpoint, as things stand now, in monotonic time.
pub(super) fn choose<'a>(client: &'a Inner, call: &Outgoing, visited: &mut Visited, now: Duration) -> Chosen<'a> {
    let only = match call.route {
        Route::Choice => visited.is_bound.then_some(visited.current),
        Route::Check(number) | Route::Mirror(number) => Some(number),
    };
    let wish = Wish {
        only,
        stay: visited.stays.then_some(visited.current),
        tried: visited.failed,
        may_probe: call.may_move(),
        shop: call.shop.as_deref(),
    };
    let chosen = client.upstreams.choose(wish, now, || client.random.fraction());
    visited.current = chosen.number();
    chosen
}

/// Tells the endpoint how the attempt has ended there. `began` is when, in monotonic time.
pub(super) fn conclude(client: &Inner, chosen: Chosen<'_>, began: Duration, outcome: &Result<RawAnswer, Failure>) {
    let now = client.clock.monotonic();
    // An attempt that had less than half of what the client gives one, at the end of a call or in one in a hurry, may just not have waited.
    let was_patient = now.saturating_sub(began) >= client.attempt_timeout.min(client.call_timeout) / 2;
    let verdict = match outcome {
        Ok(_) => Verdict::Healthy,
        Err(failure) => verdict(failure, was_patient),
    };
    chosen.conclude(verdict, now);
}

fn verdict(failure: &Failure, was_patient: bool) -> Verdict {
    match failure.reason {
        AttemptReason::NoQuota | AttemptReason::NoToken | AttemptReason::TokenUnfit | AttemptReason::NotSendable => {
            Verdict::Unknown
        }
        AttemptReason::OutcomeUnknown if failure.error.kind() == ErrorKind::Timeout && !was_patient => Verdict::Unknown,
        AttemptReason::NotSent | AttemptReason::OutcomeUnknown => Verdict::Failed,
        AttemptReason::Transient => match failure.status {
            Some(502..=504) => Verdict::Failed,
            _ => Verdict::Unknown,
        },
        _ => Verdict::Healthy,
    }
}

impl Visited {
    /// Notes how an attempt has failed.
    pub(super) fn note(&mut self, call: &Outgoing, failure: &Failure) {
        use AttemptReason::{NoQuota, NoToken, NotSendable, NotSent, TokenUnfit};
        let was_sent = !matches!(failure.reason, NoQuota | NoToken | TokenUnfit | NotSendable | NotSent);
        self.is_bound |= was_sent && !call.may_move();
        let has_failed =
            matches!(failure.reason, AttemptReason::NotSent | AttemptReason::OutcomeUnknown | AttemptReason::Transient);
        self.failed |= u64::from(has_failed) << self.current;
        self.stays = was_sent && !has_failed;
    }

    /// Whether the next attempt goes to another, healthy endpoint, which need not be spared by a back-off: no answer has come of this one.
    pub(super) fn moves_on(&self, client: &Inner, call: &Outgoing, reason: AttemptReason) -> bool {
        matches!(reason, AttemptReason::NotSent | AttemptReason::OutcomeUnknown)
            && call.route == Route::Choice
            && !self.is_bound
            && client.upstreams.has_another(self.failed, client.clock.monotonic())
    }
}
