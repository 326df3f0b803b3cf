//! The body of an answer, which gives its connection back when it is read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::connection::Connection;
use super::origin::Origin;
use super::pool::Pool;
use super::{Body, TransportError};

/// The connection of an exchange, and where it goes afterwards.
pub(super) struct Lease {
    pub(super) connection: Box<Connection>,
    pub(super) origin: Origin,
    pub(super) pool: Arc<Pool>,
}

impl Lease {
    fn give_back(self) {
        self.pool.give_back(&self.origin, self.connection);
    }
}

/// The answer, whole if its body came along with its head.
pub(super) async fn take_in(mut lease: Lease, answer: Response<Incoming>) -> Response<Body> {
    let (head, mut chunks) = answer.into_parts();
    if chunks.is_end_stream() {
        lease.give_back();
        return Response::from_parts(head, Body::empty());
    }
    let at_once = |context: &mut Context<'_>| Poll::Ready(lease.connection.poll_body(context, &mut chunks));
    let ahead = match std::future::poll_fn(at_once).await {
        Poll::Ready(Some(Ok(frame))) if chunks.is_end_stream() => {
            lease.give_back();
            return Response::from_parts(head, frame.into_data().map(Body::from).unwrap_or_else(|_| Body::empty()));
        }
        Poll::Ready(None) => {
            lease.give_back();
            return Response::from_parts(head, Body::empty());
        }
        Poll::Ready(Some(frame)) => Some(frame),
        Poll::Pending => None,
    };
    Response::from_parts(head, Body::new(Chunks { ahead, chunks, lease: Some(lease) }))
}

/// A body whose chunks come in. Dropped before its end, it closes its connection, which nobody else could use.
struct Chunks {
    /// What came along with the head.
    ahead: Option<hyper::Result<Frame<Bytes>>>,
    chunks: Incoming,
    lease: Option<Lease>,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let Self { ahead, chunks, lease } = &mut *self;
        let Some(held) = lease else {
            return Poll::Ready(None);
        };
        let frame = match ahead.take() {
            Some(frame) => Some(frame),
            None => ready!(held.connection.poll_body(context, chunks)),
        };
        match frame {
            Some(Ok(frame)) => {
                if chunks.is_end_stream() {
                    lease.take().into_iter().for_each(Lease::give_back);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                *lease = None;
                Poll::Ready(Some(Err(TransportError::outcome_unknown(error))))
            }
            None => {
                lease.take().into_iter().for_each(Lease::give_back);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.lease.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = match &self.ahead {
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.len() as u64),
            _ => 0,
        };
        let left = self.chunks.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(left.lower().saturating_add(ahead));
        if let Some(upper) = left.upper() {
            hint.set_upper(upper.saturating_add(ahead));
        }
        hint
    }
}
