//! One exchange while it is being recorded.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header, request, response};
use http_body::{Body as _, Frame, SizeHint};

use super::line::{Line, RecordedBody, RecordedError, RecordedRequest, RecordedResponse, VERSION};
use super::recorder::{Rules, Tape};
use crate::Timestamp;
use crate::transport::{Body, TransportError};

/// An exchange, whose line is written when it is dropped: however it ends, there is one line.
pub(super) struct Exchange {
    rules: Arc<Rules>,
    tape: Arc<Mutex<Tape>>,
    started: Option<(Timestamp, Duration)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    request: Arc<Mutex<Copied>>,
    outcome: Outcome,
}

enum Outcome {
    /// Nobody waits for an answer any more.
    GivenUp,
    Failed(RecordedError),
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Copied,
    },
}

/// What there is of a body.
#[derive(Default)]
struct Copied {
    bytes: Vec<u8>,
    is_too_large: bool,
    /// How it ended before its end.
    cut: Option<RecordedError>,
}

impl Exchange {
    pub(super) fn new(rules: Arc<Rules>, tape: Arc<Mutex<Tape>>, head: &request::Parts) -> Self {
        Self {
            started: rules.clock.as_ref().map(|clock| (clock.now(), clock.monotonic())),
            rules,
            tape,
            method: head.method.clone(),
            uri: head.uri.clone(),
            headers: head.headers.clone(),
            request: Arc::default(),
            outcome: Outcome::GivenUp,
        }
    }

    /// The request's body, of which a copy is kept.
    pub(super) fn copy_request(&mut self, body: Body) -> Body {
        match body.try_into_bytes() {
            Ok(bytes) => {
                self.request.lock().unwrap_or_else(PoisonError::into_inner).add(&bytes, self.rules.body_limit);
                bytes.into()
            }
            Err(chunks) => {
                Body::new(CopiedRequest { chunks, copied: self.request.clone(), limit: self.rules.body_limit })
            }
        }
    }

    /// The answer's body, of which a copy is kept; the exchange ends with it.
    pub(super) fn copy_answer(mut self, head: &response::Parts, body: Body) -> Body {
        let mut copied = Copied::default();
        let whole = body.try_into_bytes().inspect(|bytes| copied.add(bytes, self.rules.body_limit));
        if whole.as_ref().is_err_and(|chunks| !chunks.is_end_stream()) {
            // Until the last chunk has come.
            copied.cut = Some(RecordedError { sent: true, message: "the answer wasn't read to its end".to_owned() });
        }
        self.outcome = Outcome::Answered { status: head.status, headers: head.headers.clone(), body: copied };
        match whole {
            Ok(bytes) => bytes.into(),
            Err(chunks) => Body::new(CopiedAnswer { chunks, exchange: Some(self) }),
        }
    }

    /// Ends it without an answer.
    pub(super) fn fail(mut self, sent: bool, message: String) {
        self.outcome = Outcome::Failed(RecordedError { sent, message });
    }

    fn line(&self) -> Line {
        let redactor = &self.rules.redactor;
        let elapsed = self
            .rules
            .clock
            .as_ref()
            .zip(self.started)
            .map(|(clock, (_, began))| clock.monotonic().saturating_sub(began));
        let (mut response, mut error) = (None, None);
        match &self.outcome {
            Outcome::Answered { status, headers, body } => {
                response = Some(RecordedResponse {
                    status: status.as_u16(),
                    headers: redactor.headers(headers),
                    body: self.body(headers, body),
                    cut: body.cut.as_ref().map(|cut| self.failure(cut)),
                });
            }
            Outcome::Failed(failure) => error = Some(self.failure(failure)),
            Outcome::GivenUp => {
                error = Some(RecordedError { sent: true, message: "the caller gave up".to_owned() });
            }
        }
        Line {
            v: VERSION,
            salt: redactor.salt_check(),
            at: self.started.map(|(at, _)| at),
            elapsed_ms: elapsed.map(|elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
            request: RecordedRequest {
                method: self.method.as_str().to_owned(),
                path: redactor.path(self.uri.path()),
                query: redactor.pairs(self.uri.query().unwrap_or_default()),
                headers: redactor.headers(&self.headers),
                body: self.body(&self.headers, &self.request.lock().unwrap_or_else(PoisonError::into_inner)),
            },
            response,
            error,
        }
    }

    fn body(&self, headers: &HeaderMap, copied: &Copied) -> RecordedBody {
        if copied.is_too_large {
            return RecordedBody::Omitted(format!("larger than {} bytes", self.rules.body_limit));
        }
        if copied.bytes.is_empty() {
            return RecordedBody::Empty;
        }
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match self.rules.redactor.body(content_type, &copied.bytes) {
            Some(text) => RecordedBody::Text(text),
            None => {
                let hash = self.rules.redactor.hash(&copied.bytes);
                RecordedBody::Binary { length: copied.bytes.len(), hash }
            }
        }
    }

    fn failure(&self, failure: &RecordedError) -> RecordedError {
        let message = self.rules.redactor.text(&failure.message).into_owned();
        RecordedError { sent: failure.sent, message }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // Twice: what the second reading finds by its name in an answer stands in the request, too.
        self.line();
        let line = self.line();
        self.tape.lock().unwrap_or_else(PoisonError::into_inner).write(&line);
    }
}

impl Copied {
    fn add(&mut self, bytes: &[u8], limit: usize) {
        if self.is_too_large || self.bytes.len() + bytes.len() > limit {
            self.is_too_large = true;
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Notes what came of a body, and whether there is more.
    fn note(&mut self, frame: Option<&Result<Frame<Bytes>, TransportError>>, is_last: bool, limit: usize) {
        match frame {
            Some(Ok(frame)) => {
                self.add(frame.data_ref().map_or(&[], |data| data), limit);
                if is_last {
                    self.cut = None;
                }
            }
            Some(Err(error)) => {
                let source = std::error::Error::source(error).map(ToString::to_string);
                let message = source.unwrap_or_else(|| error.to_string());
                self.cut = Some(RecordedError { sent: error.is_outcome_unknown(), message });
            }
            None => self.cut = None,
        }
    }
}

/// A request's chunks, of which a copy is kept.
struct CopiedRequest {
    chunks: Body,
    copied: Arc<Mutex<Copied>>,
    limit: usize,
}

impl http_body::Body for CopiedRequest {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let polled = Pin::new(&mut self.chunks).poll_frame(context);
        if let Poll::Ready(Some(frame)) = &polled {
            self.copied.lock().unwrap_or_else(PoisonError::into_inner).note(Some(frame), false, self.limit);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.chunks.size_hint()
    }
}

/// An answer's chunks, of which a copy is kept until the last has come.
struct CopiedAnswer {
    chunks: Body,
    exchange: Option<Exchange>,
}

impl http_body::Body for CopiedAnswer {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let polled = Pin::new(&mut self.chunks).poll_frame(context);
        if let Poll::Ready(frame) = &polled {
            let is_last = self.chunks.is_end_stream();
            if let Some(exchange) = &mut self.exchange {
                let limit = exchange.rules.body_limit;
                if let Outcome::Answered { body, .. } = &mut exchange.outcome {
                    body.note(frame.as_ref(), is_last, limit);
                }
            }
            if is_last || !matches!(frame, Some(Ok(_))) {
                self.exchange = None;
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.chunks.size_hint()
    }
}
