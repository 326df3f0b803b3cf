//! What calls do and take, as metrics of the facade crate [metrics](https://docs.rs/metrics); behind the feature `metrics`.
//!
//! The facade hands them to the recorder that the application has installed: Prometheus, StatsD, OpenTelemetry. Without one they go nowhere.
//! Names follow Prometheus' rules; times are in seconds. These are all of them:
//!
//! | name | kind | labels | what it is |
//! |---|---|---|---|
//! | `ecloud_calls_total` | counter | `operation`, `outcome` | calls that have ended |
//! | `ecloud_call_duration_seconds` | histogram | `operation`, `outcome` | how long they took, waits and retries included, reading the answer not |
//! | `ecloud_attempts_total` | counter | `operation`, `endpoint`, `outcome` | requests handed to the transport that have ended |
//! | `ecloud_attempt_duration_seconds` | histogram | `endpoint`, `outcome` | how long they took, to the last byte of the answer |
//! | `ecloud_retries_total` | counter | `operation`, `reason` | decisions to try again, by what the attempt before met with |
//! | `ecloud_quota_wait_seconds` | histogram | `quota_group` | how long attempts waited for their turn, those that didn't wait included |
//! | `ecloud_retry_tokens` | gauge |  | what is left of the [retry budget](crate::RetryBudget), at the end of a call |
//! | `ecloud_clock_offset_seconds` | gauge | `endpoint` | what the platform's clock is ahead of this one, as an attempt was signed with it |
//! | `ecloud_endpoint_state` | gauge | `endpoint`, `state` | of a client with several endpoints: 1 for the state that the endpoint's breaker is in, as of its last attempt, 0 for the others |
//!
//! And these are all labels, each with as many values as the program and its configuration have:
//!
//! | label | values |
//! |---|---|
//! | `operation` | the operation's id, `trade.orders.get`; of a request by hand its method, and its path if that is a literal |
//! | `outcome` | `success`, `cancelled` if the future was dropped, else [`ErrorKind::as_str`](crate::ErrorKind::as_str) of a call and [`AttemptReason::as_str`](crate::AttemptReason::as_str) of an attempt |
//! | `reason` | [`AttemptReason::as_str`](crate::AttemptReason::as_str) |
//! | `quota_group` | the group, `trade.orders`; `_OTHER` for one whose name was put together at run time |
//! | `endpoint` | the endpoint's host, with its port if that was given |
//! | `state` | `closed`, `open`, `half_open` |
//!
//! There is no shop, no key, no path and no text of the platform among them, so nothing personal, and no more time series than these.
//!
//! Calls are successes and failures by kind, a request that was refused before it was sent included; a call without an answer in time is a failure
//! whatever became of its attempts. The platform has seen all attempts but those that were `not_sent`. Calls and attempts that were cancelled
//! are counted and not timed. Two clients of one process count together, and of their gauges the last one written stands.
//!
//! Install the recorder, call [`describe`], and make calls: what is described before there is a recorder is lost. A histogram's buckets are the
//! recorder's to choose.

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Calls that have ended, by operation and outcome.
pub const CALLS: &str = "ecloud_calls_total";
/// How long calls took, by operation and outcome, in seconds.
pub const CALL_DURATION: &str = "ecloud_call_duration_seconds";
/// Requests handed to the transport that have ended, by operation, endpoint and outcome.
pub const ATTEMPTS: &str = "ecloud_attempts_total";
/// How long attempts took, by endpoint and outcome, in seconds.
pub const ATTEMPT_DURATION: &str = "ecloud_attempt_duration_seconds";
/// Decisions to try again, by operation and reason.
pub const RETRIES: &str = "ecloud_retries_total";
/// How long attempts waited for quota, by quota group, in seconds.
pub const QUOTA_WAIT: &str = "ecloud_quota_wait_seconds";
/// What is left of the retry budget.
pub const RETRY_TOKENS: &str = "ecloud_retry_tokens";
/// What the platform's clock is ahead, by endpoint, in seconds.
pub const CLOCK_OFFSET: &str = "ecloud_clock_offset_seconds";
/// 1 for the state that an endpoint's breaker is in, 0 for the others, by endpoint and state.
pub const ENDPOINT_STATE: &str = "ecloud_endpoint_state";

/// Tells the recorder in force what each metric is; call it once, when the recorder is installed.
pub fn describe() {
    describe_counter!(CALLS, Unit::Count, "Calls that have ended.");
    describe_histogram!(CALL_DURATION, Unit::Seconds, "How long calls took, waits and retries included.");
    describe_counter!(ATTEMPTS, Unit::Count, "Requests handed to the transport that have ended.");
    describe_histogram!(ATTEMPT_DURATION, Unit::Seconds, "How long attempts took, to the last byte of the answer.");
    describe_counter!(RETRIES, Unit::Count, "Decisions to try again, by what the attempt before met with.");
    describe_histogram!(QUOTA_WAIT, Unit::Seconds, "How long attempts waited for their turn.");
    describe_gauge!(RETRY_TOKENS, Unit::Count, "What is left of the retry budget.");
    describe_gauge!(CLOCK_OFFSET, Unit::Seconds, "What the platform's clock is ahead of this one.");
    describe_gauge!(ENDPOINT_STATE, Unit::Count, "1 for the state that the endpoint's breaker is in.");
}
