//! How a call came to its end: what each attempt met with.

use std::fmt;
use std::time::Duration;

use super::endpoint::Visited;
use super::outgoing::Outgoing;
use crate::Error;
use crate::client::{Inner, RawAnswer};

/// One attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptRecord {
    /// The status of its answer; `None` where none came.
    pub status: Option<u16>,
    /// What it met with.
    pub reason: AttemptReason,
    /// How long the call waited after it before the next attempt; zero after the last.
    pub delay: Duration,
}

/// What an attempt met with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttemptReason {
    /// There was no quota before the deadline; nothing was sent.
    NoQuota,
    /// There was no access token for the shop; nothing was sent.
    NoToken,
    /// The shop's access token was refused here: it doesn't cover the operation, or isn't what the client verifies; nothing was sent.
    TokenUnfit,
    /// The request could not be signed or built; nothing was sent.
    NotSendable,
    /// The request never left.
    NotSent,
    /// The request left and no whole answer came.
    OutcomeUnknown,
    /// The platform said that the clock is wrong.
    Clock,
    /// The platform had seen the nonce.
    Replayed,
    /// The platform said that the access token has ended.
    TokenExpired,
    /// The platform said that the quota is used up.
    Throttled,
    /// The platform said that the same call is under way.
    InProgress,
    /// The platform was in trouble.
    Transient,
    /// The platform refused for good.
    Refused,
    /// The answer is not what the operation promises.
    Unreadable,
}

impl AttemptReason {
    /// Its name in spans, events and metrics: `outcome_unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoQuota => "no_quota",
            Self::NoToken => "no_token",
            Self::TokenUnfit => "token_unfit",
            Self::NotSendable => "not_sendable",
            Self::NotSent => "not_sent",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Clock => "clock",
            Self::Replayed => "replayed",
            Self::TokenExpired => "token_expired",
            Self::Throttled => "throttled",
            Self::InProgress => "in_progress",
            Self::Transient => "transient",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for AttemptReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoQuota => "no quota",
            Self::NoToken => "no token",
            Self::TokenUnfit => "token unfit",
            Self::NotSendable => "not sendable",
            Self::NotSent => "not sent",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Clock => "wrong clock",
            Self::Replayed => "replayed",
            Self::TokenExpired => "token expired",
            Self::Throttled => "throttled",
            Self::InProgress => "in progress",
            Self::Transient => "transient",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        })
    }
}

/// What a call has behind it.
#[derive(Debug)]
pub(super) struct Progress {
    start: Duration,
    /// When the call has to be over, in monotonic time.
    pub(super) deadline: Duration,
    attempt_timeout: Duration,
    attempts: Vec<AttemptRecord>,
    /// An attempt may have taken effect, and nothing since has said that it didn't.
    pub(super) may_have_effect: bool,
    pub(super) clock_corrected: bool,
    pub(super) replay_answered: bool,
    /// An ended token was given up for another, which is done once a call.
    pub(super) token_replaced: bool,
    /// The token that the call has is over: the next attempt takes another.
    pub(super) token_ended: bool,
    /// Attempts that count against the limit.
    pub(super) counted: u32,
    /// What the last retry has cost.
    pub(super) paid: Option<u32>,
    /// The same, until the retry is under way.
    pub(super) unspent: Option<u32>,
    /// Which endpoints it has been at.
    pub(super) visited: Visited,
}

impl Progress {
    pub(super) fn begin(client: &Inner, call: &Outgoing) -> Self {
        let start = client.clock.monotonic();
        Self {
            start,
            deadline: start.saturating_add(call.timeout),
            attempt_timeout: client.attempt_timeout,
            attempts: Vec::new(),
            may_have_effect: false,
            clock_corrected: false,
            replay_answered: false,
            token_replaced: false,
            token_ended: false,
            counted: 0,
            paid: None,
            unspent: None,
            visited: Visited::default(),
        }
    }

    /// How many attempts have failed so far.
    pub(super) fn attempts(&self) -> usize {
        self.attempts.len()
    }

    /// What is left until the call has to be over.
    pub(super) fn remaining(&self, client: &Inner) -> Duration {
        self.deadline.saturating_sub(client.clock.monotonic())
    }

    /// When the attempt that begins then, in monotonic time, has to be over: after the attempt's time, but never after the call's.
    pub(super) fn attempt_deadline(&self, at: Duration) -> Duration {
        self.deadline.min(at.saturating_add(self.attempt_timeout))
    }

    pub(super) fn record(&mut self, status: Option<u16>, reason: AttemptReason, delay: Duration) {
        self.attempts.push(AttemptRecord { status, reason, delay });
    }

    pub(super) fn succeed(self, client: &Inner, call: &Outgoing, mut answer: RawAnswer) -> RawAnswer {
        if !call.is_copy() {
            client.budget.pay_back(self.paid);
        }
        if call.policy(client).is_adaptive() {
            client.adaptive.answered(client.clock.monotonic());
        }
        answer.meta.earlier_attempts = self.attempts;
        answer.meta.elapsed = client.clock.monotonic().saturating_sub(self.start);
        answer
    }

    /// Adds to the error what only the call knows.
    pub(super) fn end(&mut self, call: &Outgoing, error: Error) -> Error {
        error.with_unknown_outcome(self.may_have_effect && call.has_effect()).of_call(
            call.operation.clone(),
            call.idempotency_key(),
            std::mem::take(&mut self.attempts),
        )
    }
}
