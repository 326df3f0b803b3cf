//! The decision after an attempt that failed: once more, after how long, or not.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::metrics;
use super::outgoing::Outgoing;
use super::policy::FailedAttempt;
use super::record::{AttemptReason, Progress};
use crate::client::Inner;
use crate::{Error, ErrorKind, RetrySafety};

/// An attempt that failed.
pub(super) struct Failure {
    pub(super) reason: AttemptReason,
    pub(super) error: Error,
    pub(super) status: Option<u16>,
    /// Whether its reason allows another attempt at all.
    may_try_again: bool,
    server_delay: Option<Duration>,
    /// What the platform's clock is ahead, in milliseconds, or why it isn't known; only where the clock is the reason.
    clock_offset: Option<Result<i64, &'static str>>,
}

impl Failure {
    /// Another attempt may mend it.
    pub(super) fn again(reason: AttemptReason, error: Error) -> Self {
        Self { reason, error, status: None, may_try_again: true, server_delay: None, clock_offset: None }
    }

    /// No attempt will mend it.
    pub(super) fn last(reason: AttemptReason, error: Error) -> Self {
        Self { may_try_again: false, ..Self::again(reason, error) }
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn with_server_delay(mut self, delay: Option<Duration>) -> Self {
        self.server_delay = delay;
        self
    }

    pub(super) fn with_clock_offset(mut self, offset: Result<i64, &'static str>) -> Self {
        self.clock_offset = Some(offset);
        self
    }
}

/// What happens next.
pub(super) enum Again {
    /// One more attempt, after this long.
    After(Duration),
    /// The call ends.
    No(Error),
}

/// Decides after a failure, and writes it down.
pub(super) fn decide(client: &Inner, call: &Outgoing, progress: &mut Progress, failure: Failure) -> Again {
    let (reason, status) = (failure.reason, failure.status);
    note_effect(progress, reason, failure.error.kind());
    progress.visited.note(call, &failure);
    let decision = match reason {
        AttemptReason::Clock => correct_clock(client, progress, failure),
        AttemptReason::Replayed => answer_replay(progress, failure),
        AttemptReason::TokenExpired => replace_token(call, progress, failure),
        _ => retry(client, call, progress, failure),
    };
    let delay = if let Again::After(delay) = &decision { *delay } else { Duration::ZERO };
    progress.record(status, reason, delay);
    if matches!(decision, Again::After(_)) {
        metrics::retry(call, reason);
    }
    tracing::debug!(
        ecloud.operation = call.shown(),
        error.type = reason.as_str(),
        http.response.status_code = status,
        ecloud.again = matches!(decision, Again::After(_)),
        ecloud.delay_ms = delay.as_millis() as u64,
        "attempt failed"
    );
    decision
}

/// Keeps in mind whether the call may have taken effect.
fn note_effect(progress: &mut Progress, reason: AttemptReason, kind: ErrorKind) {
    match reason {
        AttemptReason::OutcomeUnknown | AttemptReason::Transient | AttemptReason::InProgress => {
            progress.may_have_effect = true
        }
        // The operation itself has answered, or the same answer was given again.
        AttemptReason::Refused if matches!(kind, ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Rejected) => {
            progress.may_have_effect = false;
        }
        _ => {}
    }
}

/// Learns the clock's offset and tries once more, without counting it as a retry (protocol section 2).
fn correct_clock(client: &Inner, progress: &mut Progress, failure: Failure) -> Again {
    let offset = match failure.clock_offset {
        Some(Ok(offset)) => offset,
        Some(Err(reason)) => return Again::No(failure.error.with_note(reason)),
        None => return Again::No(failure.error),
    };
    client.upstreams.get(progress.visited.current).clock_offset.store(offset, Ordering::Relaxed);
    if std::mem::replace(&mut progress.clock_corrected, true) {
        return Again::No(failure.error);
    }
    Again::After(Duration::ZERO)
}

/// Somebody repeated the request before the platform saw ours: one new attempt, once (protocol section 2).
fn answer_replay(progress: &mut Progress, failure: Failure) -> Again {
    // The repeated request may have been ours, and may have taken effect.
    progress.may_have_effect = true;
    if std::mem::replace(&mut progress.replay_answered, true) {
        return Again::No(failure.error);
    }
    Again::After(Duration::ZERO)
}

/// One refresh and one new attempt, without counting it as a retry, where the token is ours to refresh (protocol section 3).
fn replace_token(call: &Outgoing, progress: &mut Progress, failure: Failure) -> Again {
    if !call.takes_token || std::mem::replace(&mut progress.token_replaced, true) {
        return Again::No(failure.error);
    }
    progress.token_ended = true;
    Again::After(Duration::ZERO)
}

fn retry(client: &Inner, call: &Outgoing, progress: &mut Progress, failure: Failure) -> Again {
    progress.counted += 1;
    let Failure { reason, error, may_try_again, server_delay, .. } = failure;
    let policy = call.policy(client);
    if policy.is_adaptive() && reason == AttemptReason::Throttled {
        client.adaptive.throttled(client.clock.monotonic());
    }
    if !may_try_again || !is_safe(call.safety, reason) || progress.counted >= policy.max_attempts() {
        return Again::No(error);
    }
    let remaining = progress.remaining(client);
    let random = client.random.fraction();
    let failed = FailedAttempt { number: progress.counted, reason, error: &error, remaining, random };
    let Some(backoff) = policy.wait(&failed) else {
        return Again::No(error);
    };
    let moves_on = progress.visited.moves_on(client, call, reason);
    let backoff = if moves_on { Duration::ZERO } else { backoff };
    let delay = match server_delay {
        Some(asked) if asked >= remaining => {
            return Again::No(error.with_note("the platform asks for a longer wait than the call's deadline leaves"));
        }
        // What the server asks for is waited out in full. The jitter comes on top, so that not everybody comes back at once, and leaves
        // the attempt at least half of the time that is left.
        Some(asked) => asked + backoff.min(asked).min((remaining - asked) / 2),
        None if backoff >= remaining => {
            return Again::No(error.with_note("the call's deadline leaves no time for another attempt"));
        }
        None => backoff,
    };
    let Some(price) = client.budget.take(reason) else {
        return Again::No(error.with_note("the client's retry budget is used up"));
    };
    progress.paid = Some(price);
    progress.unspent = Some(price);
    Again::After(delay)
}

/// Whether a call of this safety may be sent again after this.
fn is_safe(safety: RetrySafety, reason: AttemptReason) -> bool {
    match reason {
        AttemptReason::NotSent | AttemptReason::Throttled => true,
        _ => safety != RetrySafety::Never,
    }
}
