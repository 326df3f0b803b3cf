//! The door without a network: the sandbox as a transport of `ecloud_core`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use ecloud_core::transport::{Body, Transport, TransportError};
use http_body_util::BodyExt;

use super::paced::PacedBody;
use crate::platform::{Request, RequestBody};
use crate::sandbox::Sandbox;

/// The sandbox as a [`Transport`]: requests never leave the process, and delays are those of the sandbox's clock.
///
/// A request is acted upon when its future is polled for the first time: dropped later, during a delay or a slow body, it has had its
/// effect and nobody hears of it, as on a network.
#[derive(Clone)]
pub struct MemoryDoor {
    sandbox: Sandbox,
}

impl MemoryDoor {
    pub(crate) fn new(sandbox: Sandbox) -> Self {
        Self { sandbox }
    }
}

impl fmt::Debug for MemoryDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryDoor")
    }
}

#[async_trait]
impl Transport for MemoryDoor {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let (body, trailers) = match body.try_into_bytes() {
            Ok(bytes) => (bytes, http::HeaderMap::new()),
            Err(chunks) => {
                let collected = chunks.collect().await?;
                let trailers = collected.trailers().cloned().unwrap_or_default();
                (collected.to_bytes(), trailers)
            }
        };
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let limit = Request::limit_of(&target, true);
        let body = if body.len() > limit { RequestBody::TooLarge } else { RequestBody::Whole(body) };
        let request =
            Request { method: head.method, target, headers: head.headers, body, trailers, from_loopback: true };

        let clock = self.sandbox.clock();
        let answer = self.sandbox.platform().answer(&request, clock.now());
        // The control interface may have set a callback; without tokio there is nobody to send to it.
        if request.target.starts_with("/sandbox/") && tokio::runtime::Handle::try_current().is_ok() {
            self.sandbox.open_callbacks();
        }
        if !answer.delay.is_zero() {
            clock.sleep(answer.delay).await;
            // A manual clock has jumped: whoever waits for a moment that has passed meanwhile comes first.
            tokio::task::yield_now().await;
        }
        if answer.is_dropped() {
            return Err(TransportError::outcome_unknown("a fault dropped the connection"));
        }
        if answer.cut.is_none() && answer.pace.is_none() {
            return Ok(answer.response.map(Body::from));
        }
        let body = PacedBody::new(&answer, clock.clone());
        Ok(answer.response.map(|_| Body::new(Chunks(body))))
    }
}

/// A paced body with the transport's own error.
struct Chunks(PacedBody);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.0).poll_frame(context).map_err(TransportError::outcome_unknown)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}
