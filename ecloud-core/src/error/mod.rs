//! What can go wrong, in one small type.

mod excerpt;
mod kind;
mod markup;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

pub(crate) use excerpt::{excerpt, redact};
pub use kind::ErrorKind;

use crate::call::AttemptRecord;
use crate::client::Format;
use crate::dialect::ecloud::SignatureTrace;
use crate::jwt::Denial;

/// Why a call did not succeed.
///
/// [`kind`](Self::kind) says what to do about it, [`code`](Self::code) what exactly the platform said, [`attempts`](Self::attempts) how
/// it came to that. `Display` is one line with operation, code, message and request id. Neither secrets nor personal data are ever
/// in it: what the platform wrote is cut short and masked first.
///
/// It is one word on the stack, `Send` and `Sync`.
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Default)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    operation: Option<Cow<'static, str>>,
    code: Option<Box<str>>,
    status: Option<u16>,
    request_id: Option<Box<str>>,
    details: Vec<FieldError>,
    attempts: Vec<AttemptRecord>,
    retry_after: Option<Duration>,
    outcome_unknown: bool,
    idempotency_key: Option<Box<str>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    answer: Option<(HeaderMap, Bytes)>,
    trace: Option<Box<SignatureTrace>>,
    denial: Option<Box<Denial>>,
}

/// The most of a body that an error keeps, in bytes; of a larger one it keeps nothing.
const BODY_LIMIT: usize = 64 * 1024;

/// One field of a request that the platform refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where in the request: `items[0].quantity`.
    pub field: String,
    /// What is wrong with it: `must be at least 1`.
    pub reason: String,
}

impl Error {
    /// An error of this kind; `message` is shown as it is, so it must hold neither secrets nor personal data.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { inner: Box::new(Inner { kind, message: message.into(), ..Inner::default() }) }
    }

    /// Names what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The platform's code, for example `trade.order_not_found`; `None` where the platform gave none.
    pub fn code(&self) -> Option<&str> {
        self.inner.code.as_deref()
    }

    /// What happened, without operation, code and request id.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The HTTP status of the last attempt; `None` where no answer came.
    pub fn status(&self) -> Option<u16> {
        self.inner.status
    }

    /// The platform's id of the last attempt, to be given to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.request_id.as_deref()
    }

    /// The operation, for example `trade.orders.get`.
    pub fn operation(&self) -> Option<&str> {
        self.inner.operation.as_deref()
    }

    /// The fields that the platform refused.
    pub fn details(&self) -> &[FieldError] {
        &self.inner.details
    }

    /// Every attempt of the call, first to last.
    pub fn attempts(&self) -> &[AttemptRecord] {
        &self.inner.attempts
    }

    /// How long the platform asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        self.inner.kind.is_retryable()
    }

    /// Whether the operation may have taken effect although no answer says so.
    ///
    /// Send it again under the same [`idempotency_key`](Self::idempotency_key), or look whether it took effect.
    pub fn is_outcome_unknown(&self) -> bool {
        self.inner.outcome_unknown
    }

    /// The idempotency key of the call: sent again under it within 24 hours, a write is not done twice.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.inner.idempotency_key.as_deref()
    }

    /// The headers of the last answer; `None` where none came. They may hold anything, and are never shown.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.inner.answer.as_ref().map(|(headers, _)| headers)
    }

    /// The body of the last answer as it came; `None` where none came whole, or it was larger than 64 KiB. It may hold anything, personal
    /// data too, and is never shown.
    pub fn body(&self) -> Option<&[u8]> {
        let (_, body) = self.inner.answer.as_ref()?;
        (!body.is_empty()).then_some(body)
    }

    /// The body of the last answer, read as JSON, or in the format that it says it has; `None` where there is none, or it is of another form.
    pub fn body_as<T: DeserializeOwned>(&self) -> Option<T> {
        let (headers, body) = self.inner.answer.as_ref().filter(|(_, body)| !body.is_empty())?;
        // Error pages say all sorts of things of themselves, and are read for what they are.
        Format::of_answer(headers, Format::Json).unwrap_or_default().read(body).ok()
    }

    /// What was signed, beside what the platform expected: there where it refused the signature (`auth.signature_mismatch`). Print it.
    pub fn signature_trace(&self) -> Option<&SignatureTrace> {
        self.inner.trace.as_deref()
    }

    /// What the operation needs and what the access token has, where the call was refused before it was sent because the token doesn't
    /// cover it; `None` for any other error, and where it was the platform that refused.
    pub fn denial(&self) -> Option<&Denial> {
        self.inner.denial.as_deref()
    }

    pub(crate) fn with_denial(mut self, denial: Denial) -> Self {
        self.inner.denial = Some(Box::new(denial));
        self
    }

    pub(crate) fn with_trace(mut self, trace: SignatureTrace) -> Self {
        self.inner.trace = Some(Box::new(trace));
        self
    }

    pub(crate) fn with_body(mut self, headers: HeaderMap, body: &Bytes) -> Self {
        let kept = if body.len() <= BODY_LIMIT { body.clone() } else { Bytes::new() };
        self.inner.answer = Some((headers, kept));
        self
    }

    /// The same error once more, for another of several who wait for one thing. What caused it is kept as text, an answer's headers and body
    /// are not.
    pub(crate) fn copy(&self) -> Self {
        let inner = &*self.inner;
        Self {
            inner: Box::new(Inner {
                kind: inner.kind,
                message: inner.message.clone(),
                operation: inner.operation.clone(),
                code: inner.code.clone(),
                status: inner.status,
                request_id: inner.request_id.clone(),
                details: inner.details.clone(),
                retry_after: inner.retry_after,
                source: inner.source.as_ref().map(|source| source.to_string().into()),
                ..Inner::default()
            }),
        }
    }

    pub(crate) fn with_code(mut self, code: impl Into<Box<str>>) -> Self {
        self.inner.code = Some(code.into());
        self
    }

    pub(crate) fn with_answer(mut self, status: u16, request_id: Option<&str>) -> Self {
        self.inner.status = Some(status);
        self.inner.request_id = request_id.map(redact).map(String::into_boxed_str);
        self
    }

    pub(crate) fn with_details(mut self, details: Vec<FieldError>) -> Self {
        self.inner.details = details;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.inner.retry_after = retry_after;
        self
    }

    pub(crate) fn with_unknown_outcome(mut self, unknown: bool) -> Self {
        self.inner.outcome_unknown = unknown;
        self
    }

    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.inner.message = format!("{}; {note}", self.inner.message).into();
        self
    }

    /// Adds what only the call knows.
    pub(crate) fn of_call(
        mut self,
        operation: Cow<'static, str>,
        idempotency_key: Option<&str>,
        attempts: Vec<AttemptRecord>,
    ) -> Self {
        self.inner.operation = Some(operation);
        self.inner.idempotency_key = idempotency_key.map(Into::into);
        self.inner.attempts = attempts;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        for part in [inner.operation.as_deref(), inner.code.as_deref()].into_iter().flatten() {
            write!(f, "{part}: ")?;
        }
        f.write_str(&inner.message)?;
        match (inner.status, &inner.request_id) {
            (Some(status), Some(id)) => write!(f, " (status {status}, request id {id})")?,
            (Some(status), None) => write!(f, " (status {status})")?,
            (None, _) => {}
        }
        match inner.attempts.len() {
            0 | 1 => Ok(()),
            count => write!(f, " after {count} attempts"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("code", &inner.code)
            .field("message", &inner.message)
            .field("status", &inner.status)
            .field("request_id", &inner.request_id)
            .field("details", &inner.details)
            .field("attempts", &inner.attempts)
            .field("retry_after", &inner.retry_after)
            .field("outcome_unknown", &inner.outcome_unknown)
            .field("idempotency_key", &inner.idempotency_key)
            .field("source", &inner.source)
            .field("signature_trace", &inner.trace)
            .field("denial", &inner.denial.as_deref().map(ToString::to_string))
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_word_and_crosses_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn its_line_has_operation_code_message_and_request_id() {
        let error = Error::new(ErrorKind::NotFound, "no such order")
            .with_code("trade.order_not_found")
            .with_answer(404, Some("r-1"))
            .of_call("trade.orders.get".into(), None, Vec::new());
        assert_eq!(
            error.to_string(),
            "trade.orders.get: trade.order_not_found: no such order (status 404, request id r-1)"
        );
    }

    #[test]
    fn its_line_does_not_repeat_its_source() {
        let error = Error::new(ErrorKind::NotSent, "the request was not sent").with_source("connection refused");
        assert!(!error.to_string().contains("refused"));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "connection refused");
    }
}
