//! What to answer a delivery.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::Error;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventOutcome {
    /// The function has handled it: 204.
    Handled,
    /// It was handled before: 204, without calling the function.
    Duplicate,
    /// A newer version of its object was handled before, and such events are to be skipped: 204, without calling the function.
    Skipped,
    /// Another delivery of it, or another event of its object, is just being handled and may fail: 503, so that it comes again.
    UnderWay,
    /// The function failed: 500, so that it comes again.
    Failed,
    /// It isn't genuine, or can't be read: 400, 401, 413 or 422. See [`refusal`](Acknowledgement::refusal).
    Refused,
}

/// What to answer a delivery, and why.
///
/// A platform takes any 2xx as an acknowledgement and sends everything else again. `Debug` and `Display` show outcome and status, and a
/// refusal's code.
#[must_use = "the platform waits for the answer"]
pub struct Acknowledgement {
    outcome: EventOutcome,
    status: StatusCode,
    refusal: Option<Error>,
    failure: Option<Source>,
    retry_after: Option<Duration>,
}

impl Acknowledgement {
    pub(super) fn done(outcome: EventOutcome) -> Self {
        Self { outcome, status: StatusCode::NO_CONTENT, refusal: None, failure: None, retry_after: None }
    }

    pub(super) fn under_way() -> Self {
        let retry_after = Some(Duration::from_secs(1));
        Self { status: StatusCode::SERVICE_UNAVAILABLE, retry_after, ..Self::done(EventOutcome::UnderWay) }
    }

    pub(super) fn failed(failure: Source) -> Self {
        let failure = Some(failure);
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, failure, ..Self::done(EventOutcome::Failed) }
    }

    pub(super) fn refused(refusal: Error) -> Self {
        let status = match refusal.code() {
            Some("event.timestamp_skew" | "event.signature_version" | "event.signature_mismatch") => {
                StatusCode::UNAUTHORIZED
            }
            Some("event.body_too_large") => StatusCode::PAYLOAD_TOO_LARGE,
            Some("event.data_invalid") => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, refusal: Some(refusal), ..Self::done(EventOutcome::Refused) }
    }

    /// What became of it.
    pub fn outcome(&self) -> EventOutcome {
        self.outcome
    }

    /// The status to answer with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Why it was refused.
    pub fn refusal(&self) -> Option<&Error> {
        self.refusal.as_ref()
    }

    /// What the function failed with. It is the application's own, and is shown nowhere else.
    pub fn failure(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.failure.as_deref()
    }

    /// The whole answer: a status, perhaps a `retry-after`, and no body, since a stranger needn't know why he was refused.
    pub fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = self.status;
        if let Some(delay) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(delay.as_secs()));
        }
        response
    }
}

impl fmt::Display for Acknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            EventOutcome::Handled => "handled",
            EventOutcome::Duplicate => "handled before",
            EventOutcome::Skipped => "skipped, as a newer one was handled",
            EventOutcome::UnderWay => "under way",
            EventOutcome::Failed => "failed",
            EventOutcome::Refused => "refused",
        };
        write!(f, "{outcome} (status {})", self.status.as_u16())?;
        self.refusal.as_ref().map_or(Ok(()), |refusal| write!(f, ": {refusal}"))
    }
}

impl fmt::Debug for Acknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledgement")
            .field("outcome", &self.outcome)
            .field("status", &self.status)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}
