//! One HTTP/1.1 connection, and an exchange on it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1;

use super::signal::Signal;
use super::stream::Stream;
use super::{Body, Failed};

/// The largest head of an answer, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;
/// How often a connection and its answer may spur each other on before other tasks have their turn.
const ROUNDS: usize = 32;

/// A connection that one exchange at a time uses. It has no task of its own: who waits for an answer drives it, which spares two
/// wake-ups a call, and who stops waiting ends it.
pub(super) struct Connection {
    sender: http1::SendRequest<Body>,
    /// `None` when it has come to its end.
    driver: Option<http1::Connection<Stream, Body>>,
    signal: Arc<Signal>,
    waker: Waker,
}

impl Connection {
    pub(super) async fn open(stream: Stream) -> hyper::Result<Box<Self>> {
        let (sender, driver) = http1::Builder::new().max_header_size(HEAD_LIMIT).handshake(stream).await?;
        let signal = Signal::new();
        let waker = Waker::from(signal.clone());
        Ok(Box::new(Self { sender, driver: Some(driver), signal, waker }))
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn exchange(&mut self, request: Request<Body>) -> Result<Response<Incoming>, Failed> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let outcome = std::future::poll_fn(|context| self.turn(context, |context| answer.as_mut().poll(context))).await;
        outcome.map_err(|mut error| Failed { unsent: error.take_message(), error: error.into_error().into() })
    }

    /// The next piece of an answer's body.
    pub(super) fn poll_body(
        &mut self,
        context: &mut Context<'_>,
        body: &mut Incoming,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        self.turn(context, |context| Pin::new(&mut *body).poll_frame(context))
    }

    /// Asks for `wanted` and drives the connection until neither gets any further.
    ///
    /// What is wanted comes of driving alone, so it needs no waker of its own.
    fn turn<T>(&mut self, context: &mut Context<'_>, mut wanted: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.signal.begin(context);
        let mut silent = Context::from_waker(Waker::noop());
        for round in 0..ROUNDS {
            if let Poll::Ready(wanted) = wanted(&mut silent) {
                return Poll::Ready(wanted);
            }
            if round > 0 && !self.signal.goes_on() {
                return Poll::Pending;
            }
            self.drive();
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn drive(&mut self) {
        if let Some(driver) = &mut self.driver
            && Pin::new(driver).poll(&mut Context::from_waker(&self.waker)).is_ready()
        {
            // Dropped, it tells those who still wait for something. Its own error is theirs, too, or nobody's.
            self.driver = None;
        }
    }

    /// Whether the connection can take a request now: it is open, and the exchange before is over on both sides.
    pub(super) fn is_idle(&mut self) -> bool {
        if self.driver.is_some() && !self.sender.is_ready() {
            self.drive();
        }
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Lets go of the task that has used it.
    pub(super) fn rest(&self) {
        self.signal.rest();
    }

    /// Whether the connection is still open after it has been idle: what the other side did meanwhile is looked at first.
    pub(super) fn is_still_idle(&mut self) -> bool {
        self.drive();
        self.driver.is_some() && self.sender.is_ready()
    }
}
