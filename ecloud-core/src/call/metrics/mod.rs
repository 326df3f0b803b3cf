//! What the pipeline counts and times; the names and all labels stand in [`crate::metrics`].
//!
//! `off.rs` has the same for builds without the feature, and nothing in it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use ::metrics::{Label, SharedString, counter, gauge, histogram};
use http::Uri;
use http::uri::Authority;

use super::again::Failure;
use super::outgoing::Outgoing;
use super::record::AttemptReason;
use super::watch;
use crate::Error;
use crate::client::{Inner, RawAnswer};
use crate::metrics as names;

const SUCCESS: &str = "success";
const CANCELLED: &str = "cancelled";
/// The states of a breaker, as [`endpoint_state`] is told them.
const STATES: [&str; 3] = ["closed", "open", "half_open"];

/// A call that is counted when it ends, or is dropped.
pub(super) struct CallMeter {
    operation: SharedString,
    start: Duration,
    took: Option<Duration>,
    is_counted: bool,
}

impl CallMeter {
    pub(super) fn begin(client: &Inner, call: &Outgoing) -> Self {
        Self { operation: operation(call), start: client.clock.monotonic(), took: None, is_counted: false }
    }

    /// The pipeline is through; what is left is to read the answer.
    pub(super) fn answered(&mut self, client: &Inner) {
        self.took = Some(client.clock.monotonic().saturating_sub(self.start));
        gauge!(names::RETRY_TOKENS).set(f64::from(client.budget.available()));
    }

    pub(super) fn end(mut self, error: Option<&Error>) {
        self.count(error.map_or(SUCCESS, |error| error.kind().as_str()));
    }

    fn count(&mut self, outcome: &'static str) {
        self.is_counted = true;
        let labels = || vec![label("operation", self.operation.clone()), label("outcome", outcome)];
        if let Some(took) = self.took {
            histogram!(names::CALL_DURATION, labels()).record(took);
        }
        counter!(names::CALLS, labels()).increment(1);
    }
}

impl Drop for CallMeter {
    fn drop(&mut self) {
        if !self.is_counted {
            self.took = None;
            self.count(CANCELLED);
        }
    }
}

/// Counts a call that was found wrong before there was anything to send.
pub(super) fn refused(operation: String, error: &Error) {
    let mut meter = CallMeter { operation: operation.into(), start: Duration::ZERO, took: None, is_counted: false };
    meter.count(error.kind().as_str());
}

/// An attempt that is counted when it ends, or is dropped.
pub(super) struct AttemptMeter {
    operation: SharedString,
    endpoint: SharedString,
    start: Duration,
    is_counted: bool,
}

impl AttemptMeter {
    pub(super) fn begin(client: &Inner, call: &Outgoing, uri: &Uri, clock_offset_millis: i64) -> Self {
        let endpoint = SharedString::from_shared(uri.authority().map_or("", Authority::as_str).into());
        gauge!(names::CLOCK_OFFSET, vec![label("endpoint", endpoint.clone())]).set(clock_offset_millis as f64 / 1000.0);
        Self { operation: operation(call), endpoint, start: client.clock.monotonic(), is_counted: false }
    }

    pub(super) fn end(mut self, client: &Inner, outcome: &Result<RawAnswer, Failure>) {
        let outcome = outcome.as_ref().map_or_else(|failure| failure.reason.as_str(), |_| SUCCESS);
        let took = client.clock.monotonic().saturating_sub(self.start);
        let labels = vec![label("endpoint", self.endpoint.clone()), label("outcome", outcome)];
        histogram!(names::ATTEMPT_DURATION, labels).record(took);
        self.count(outcome);
    }

    fn count(&mut self, outcome: &'static str) {
        self.is_counted = true;
        let labels = vec![
            label("operation", self.operation.clone()),
            label("endpoint", self.endpoint.clone()),
            label("outcome", outcome),
        ];
        counter!(names::ATTEMPTS, labels).increment(1);
    }
}

impl Drop for AttemptMeter {
    fn drop(&mut self) {
        if !self.is_counted {
            self.count(CANCELLED);
        }
    }
}

/// How long an attempt waits for its turn.
pub(super) struct WaitMeter {
    start: Duration,
}

impl WaitMeter {
    pub(super) fn begin(client: &Inner) -> Self {
        Self { start: client.clock.monotonic() }
    }

    /// The attempt may go.
    pub(super) fn end(self, client: &Inner, call: &Outgoing) {
        if let Some(group) = watch::quota_group(call) {
            let took = client.clock.monotonic().saturating_sub(self.start);
            histogram!(names::QUOTA_WAIT, vec![label("quota_group", group)]).record(took);
        }
    }
}

/// There will be another attempt.
pub(super) fn retry(call: &Outgoing, reason: AttemptReason) {
    let labels = vec![label("operation", operation(call)), label("reason", reason.as_str())];
    counter!(names::RETRIES, labels).increment(1);
}

/// An endpoint's breaker is in this state: `closed`, `open` or `half_open`.
pub(crate) fn endpoint_state(endpoint: &str, state: &'static str) {
    let endpoint = SharedString::from_shared(endpoint.into());
    for known in STATES {
        let labels = vec![label("endpoint", endpoint.clone()), label("state", known)];
        gauge!(names::ENDPOINT_STATE, labels).set(if known == state { 1.0 } else { 0.0 });
    }
}

/// What the operation is called where others can see it.
fn operation(call: &Outgoing) -> SharedString {
    match &call.operation {
        Cow::Borrowed(operation) if call.template.is_some() => SharedString::const_str(operation),
        _ => SharedString::from_shared(call.shown().into()),
    }
}

fn label(name: &'static str, value: impl Into<SharedString>) -> Label {
    Label::new(name, value)
}
