//! HTTP/2: one connection for all exchanges with a server.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;

use super::origin::Origin;
use super::stream::Stream;
use super::{Body, Failed, TransportError};

/// The largest head of an answer, in bytes.
const HEAD_LIMIT: u32 = 64 * 1024;

/// A connection that many exchanges share. It ends with the last of its clones and their exchanges.
#[derive(Clone)]
pub(super) struct Shared {
    sender: http2::SendRequest<Body>,
}

impl Shared {
    pub(super) async fn open(stream: Stream) -> hyper::Result<Self> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.adaptive_window(true).max_header_list_size(HEAD_LIMIT);
        let (sender, driver) = builder.handshake(stream).await?;
        // Its error is told to each exchange.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    pub(super) async fn exchange(
        mut self,
        origin: &Origin,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Failed> {
        if let Err(error) = origin.complete(&mut request) {
            return Err(Failed { unsent: Some(request), error: error.into() });
        }
        // The address says it, and twice would be once too often.
        request.headers_mut().remove(header::HOST);
        match self.sender.try_send_request(request).await {
            Ok(answer) if answer.body().is_end_stream() => Ok(answer.map(|_| Body::empty())),
            Ok(answer) => Ok(answer.map(|chunks| Body::new(Chunks { chunks }))),
            Err(mut error) => Err(Failed { unsent: error.take_message(), error: error.into_error().into() }),
        }
    }
}

/// A body whose chunks come in. Dropped before its end, it ends its stream, not the connection.
struct Chunks {
    chunks: Incoming,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.chunks).poll_frame(context).map_err(TransportError::outcome_unknown)
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.chunks.size_hint()
    }
}
