//! Bodies of answers that break off, or come slowly.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};

use crate::transport::{Body, TransportError};
use crate::{Clock, Pause};

/// A body that breaks off.
pub(super) struct Truncated {
    body: Body,
    /// How many bytes are to come; `None` where nobody knows how many there are.
    left: Option<u64>,
    is_over: bool,
}

impl Truncated {
    pub(super) fn new(body: Body, left: Option<u64>) -> Self {
        Self { body, left, is_over: false }
    }

    fn break_off(&mut self) -> Option<Result<Frame<Bytes>, TransportError>> {
        let was_over = std::mem::replace(&mut self.is_over, true);
        (!was_over).then(|| Err(TransportError::outcome_unknown("injected: the body was cut off")))
    }
}

impl http_body::Body for Truncated {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        if self.is_over || self.left == Some(0) {
            return Poll::Ready(self.break_off());
        }
        let Some(mut frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
            return Poll::Ready(self.break_off());
        };
        if let (Ok(chunk), Some(left)) = (&mut frame, &mut self.left)
            && let Some(data) = chunk.data_mut()
        {
            data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= data.len() as u64;
        }
        Poll::Ready(Some(frame))
    }
}

/// A body that comes in small chunks, each after a pause.
pub(super) struct Slow {
    body: Body,
    /// What came and wasn't handed on.
    held: Bytes,
    chunk: usize,
    length: Duration,
    /// In a mutex, since bodies are `Sync` and pauses aren't; nobody ever waits for it.
    pause: Mutex<Option<Pause>>,
    clock: Arc<dyn Clock>,
}

impl Slow {
    pub(super) fn new(body: Body, chunk: usize, length: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { body, held: Bytes::new(), chunk, length, pause: Mutex::default(), clock }
    }
}

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        if !this.held.has_remaining() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => this.held = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let pause = this.pause.get_mut().unwrap_or_else(PoisonError::into_inner);
        let waiting = pause.get_or_insert_with(|| this.clock.sleep(this.length));
        ready!(waiting.as_mut().poll(context));
        *pause = None;
        let length = this.held.len().min(this.chunk);
        Poll::Ready(Some(Ok(Frame::data(this.held.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let held = self.held.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(held));
        }
        hint.set_lower(hint.lower().saturating_add(held));
        hint
    }
}
