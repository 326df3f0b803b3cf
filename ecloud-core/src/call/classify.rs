//! Stage: what an answer means, and what it teaches about quota and clock.

use std::borrow::Cow;
use std::time::Duration;

use super::again::Failure;
use super::outgoing::Outgoing;
use super::quota;
use super::record::AttemptReason;
use super::sign::Signed;
use super::skew;
use super::transport::Received;
use crate::client::{Inner, Meta, RawAnswer};
use crate::dialect::RefusalClass;
use crate::error::excerpt;
use crate::{Error, ErrorKind};

/// Tells a success from a refusal.
pub(super) fn classify(
    client: &Inner,
    call: &Outgoing,
    signed: &Signed<'_>,
    received: Received,
) -> Result<RawAnswer, Failure> {
    let Received { status, headers, body, at, .. } = received;
    quota::learn(client, call, signed, &headers, at);
    let Some(mut refusal) = client.dialect.refusal(&signed.attempt(call), status, &headers, &body) else {
        let meta = Meta {
            operation: call.operation.clone(),
            status,
            headers,
            format: call.format,
            earlier_attempts: Vec::new(),
            elapsed: Duration::ZERO,
        };
        return Ok(RawAnswer { body, meta });
    };
    let clock_offset = (refusal.class == RefusalClass::Clock).then(|| skew::measure(client, signed, &headers));
    refusal.error = refusal.error.with_body(headers, &body);
    let reason = match refusal.class {
        RefusalClass::Clock => AttemptReason::Clock,
        RefusalClass::Replayed => AttemptReason::Replayed,
        RefusalClass::TokenExpired => AttemptReason::TokenExpired,
        RefusalClass::Throttled => AttemptReason::Throttled,
        RefusalClass::InProgress => AttemptReason::InProgress,
        RefusalClass::Transient => AttemptReason::Transient,
        RefusalClass::Final => AttemptReason::Refused,
    };
    if reason == AttemptReason::Throttled
        && let Some(delay) = refusal.retry_after
    {
        quota::freeze(client, call, delay);
    }
    if status.is_redirection() {
        refusal.error = refusal.error.with_note("redirects are not followed");
    }
    let failure = match reason {
        AttemptReason::Refused => Failure::last(reason, refusal.error),
        _ => Failure::again(reason, refusal.error),
    };
    let failure = match clock_offset {
        Some(offset) => failure.with_clock_offset(offset),
        None => failure,
    };
    Err(failure.with_status(status.as_u16()).with_server_delay(refusal.retry_after))
}

/// The error of a success whose body is not what the operation promises.
pub(crate) fn unreadable(answer: &RawAnswer, reason: impl Into<Cow<'static, str>>) -> Error {
    let meta = &answer.meta;
    let message = format!("{}; it begins with: {}", reason.into(), excerpt(&answer.body));
    Error::new(ErrorKind::InvalidResponse, message)
        .with_answer(meta.status(), meta.request_id())
        .with_body(meta.headers.clone(), &answer.body)
        .of_call(meta.operation.clone(), None, meta.earlier_attempts.clone())
}
