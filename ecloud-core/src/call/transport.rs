//! Stage: the exchange, under the attempt's deadline and the limit of the answer's size.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use http_body::Body as _;

use super::again::Failure;
use super::record::{AttemptReason, Progress};
use crate::client::Inner;
use crate::error::excerpt;
use crate::transport::{Body, TransportError};
use crate::{Error, ErrorKind};

/// As much memory is set aside because an answer says that it is so long, in bytes; beyond that it has to come.
const BELIEVED: u64 = 1024 * 1024;

/// An answer with its whole body.
pub(super) struct Received {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// When it was there, in monotonic time.
    pub(super) at: Duration,
}

/// An answer on its way.
type Pending<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, TransportError>> + Send + 'a>>;

/// An exchange that came to no whole answer.
enum Broken {
    /// Before there was an answer.
    NoAnswer(TransportError),
    /// In the middle of the answer's body.
    CutOff {
        error: TransportError,
        beginning: Beginning,
    },
    TooLarge {
        beginning: Beginning,
    },
}

/// What there was of an answer.
struct Beginning {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// A call whose time was over before its turn came sends nothing: no answer would be in time.
pub(super) fn in_time(progress: &Progress, now: Duration) -> Result<(), Failure> {
    if now < progress.deadline {
        return Ok(());
    }
    let error = Error::new(ErrorKind::Timeout, "the call's deadline passed before the request was sent");
    Err(Failure::last(AttemptReason::NotSent, error))
}

/// Sends the request, which was signed at that moment of monotonic time, and takes in the whole answer.
///
/// Not an async function, whose future would keep the request that the transport has already.
pub(super) fn exchange<'a>(
    client: &'a Inner,
    progress: &'a Progress,
    at: Duration,
    request: Request<Body>,
) -> impl Future<Output = Result<Received, Failure>> + Send + use<'a> {
    let answer = client.transport.send(request);
    within_deadline(client, progress, at, answer)
}

async fn within_deadline(
    client: &Inner,
    progress: &Progress,
    at: Duration,
    answer: Pending<'_>,
) -> Result<Received, Failure> {
    let deadline = progress.attempt_deadline(at);
    let mut expiry = client.clock.expiry(deadline);
    let mut exchange = pin!(receive(answer, client));
    let outcome = poll_fn(|context| match exchange.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => expiry.as_mut().poll(context).map(|()| None),
    })
    .await;
    match outcome {
        Some(Ok(received)) if received.at <= deadline => Ok(received),
        Some(Err(broken)) => Err(broken.into_failure(client.response_limit)),
        Some(Ok(_)) | None => Err(late(deadline == progress.deadline, client.attempt_timeout)),
    }
}

async fn receive(answer: Pending<'_>, client: &Inner) -> Result<Received, Broken> {
    let (version, status, headers, body) = answer.await.map(parts).map_err(Broken::NoAnswer)?;
    match collect(body, &headers, client.response_limit).await {
        Ok(body) => Ok(Received { version, status, headers, body, at: client.clock.monotonic() }),
        Err((Some(error), body)) => Err(Broken::CutOff { error, beginning: Beginning { status, headers, body } }),
        Err((None, body)) => Err(Broken::TooLarge { beginning: Beginning { status, headers, body } }),
    }
}

fn parts(answer: Response<Body>) -> (Version, StatusCode, HeaderMap, Body) {
    let (head, body) = answer.into_parts();
    (head.version, head.status, head.headers, body)
}

/// The whole body, or what there was of it: with the error that cut it off, or without one where it is larger than the limit, which is
/// noticed before more than the limit is kept.
pub(crate) fn collect(
    mut body: Body,
    headers: &HeaderMap,
    limit: usize,
) -> impl Future<Output = Result<Bytes, (Option<TransportError>, Bytes)>> + Send + use<> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let is_too_long = announced.is_some_and(|length| length > limit as u64);
    async move {
        let mut first = Bytes::new();
        let mut whole = BytesMut::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let so_far = || if whole.is_empty() { first.clone() } else { Bytes::copy_from_slice(&whole) };
            let chunk = match frame.map(|frame| frame.into_data()) {
                Ok(Ok(chunk)) => chunk,
                Ok(Err(_trailers)) => continue,
                Err(error) => return Err((Some(error), so_far())),
            };
            if is_too_long || first.len() + whole.len() + chunk.len() > limit {
                return Err((None, if first.is_empty() && whole.is_empty() { chunk } else { so_far() }));
            }
            // Most answers come in one chunk, which is then handed on as it is.
            if first.is_empty() && whole.is_empty() {
                first = chunk;
                continue;
            }
            if whole.is_empty() {
                whole.reserve(announced.map_or(2 * first.len(), |length| length.min(BELIEVED) as usize));
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(if whole.is_empty() { first } else { whole.freeze() })
    }
}

impl Broken {
    fn into_failure(self, limit: usize) -> Failure {
        match self {
            Self::NoAnswer(error) if error.is_outcome_unknown() => Failure::again(
                AttemptReason::OutcomeUnknown,
                Error::new(ErrorKind::OutcomeUnknown, "the connection broke off before an answer was there")
                    .with_source(error),
            ),
            Self::NoAnswer(error) => Failure::again(
                AttemptReason::NotSent,
                Error::new(ErrorKind::NotSent, "the request could not be sent").with_source(error),
            ),
            Self::CutOff { error, beginning } => {
                let told =
                    beginning.tell(ErrorKind::OutcomeUnknown, "the answer was cut off".into()).with_source(error);
                Failure::again(AttemptReason::OutcomeUnknown, told).with_status(beginning.status.as_u16())
            }
            Self::TooLarge { beginning } => {
                let message = format!("the answer is larger than the limit of {limit} bytes");
                let told = beginning.tell(ErrorKind::ResponseTooLarge, message);
                Failure::last(AttemptReason::Unreadable, told).with_status(beginning.status.as_u16())
            }
        }
    }
}

impl Beginning {
    /// An error with what is known of the answer.
    fn tell(&self, kind: ErrorKind, message: String) -> Error {
        let request_id =
            ["x-ecloud-request-id", "x-request-id"].iter().find_map(|name| self.headers.get(*name)?.to_str().ok());
        let message = format!("{message}; it begins with: {}", excerpt(&self.body));
        let error = Error::new(kind, message).with_answer(self.status.as_u16(), request_id);
        error.with_body(self.headers.clone(), &Bytes::new())
    }
}

/// No answer in time: the attempt's time ends the attempt, the call's ends the call.
fn late(call_is_over: bool, attempt_timeout: Duration) -> Failure {
    if call_is_over {
        let error = Error::new(ErrorKind::Timeout, "no answer came before the call's deadline");
        return Failure::last(AttemptReason::OutcomeUnknown, error);
    }
    let message = format!("no answer came within {} ms", attempt_timeout.as_millis());
    Failure::again(AttemptReason::OutcomeUnknown, Error::new(ErrorKind::OutcomeUnknown, message))
}
