//! A body that comes slowly, or ends too early.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use ecloud_core::{Clock, Pause};
use http_body::{Body, Frame, SizeHint};

use crate::platform::{Answer, Cut, Pace};

/// The body of an answer as its door sends it: at once, in pieces with a pause before each, or not all of it.
pub(super) struct PacedBody {
    left: Bytes,
    pace: Option<Pace>,
    /// Whether the connection breaks after what is left.
    breaks: bool,
    /// Whether something was handed over that the connection has had no chance to send yet.
    unflushed: bool,
    /// The size that the head promised, less what was sent.
    promised: u64,
    clock: Arc<dyn Clock>,
    pause: Option<std::sync::Mutex<Pause>>,
}

impl PacedBody {
    pub(super) fn new(answer: &Answer, clock: Arc<dyn Clock>) -> Self {
        let body = answer.response.body();
        let (left, breaks) = match answer.cut {
            Some(Cut::Body { after }) if after < body.len() => (body.slice(..after), true),
            Some(Cut::Connection) => (Bytes::new(), true),
            _ => (body.clone(), false),
        };
        Self { left, pace: answer.pace, breaks, unflushed: false, promised: body.len() as u64, clock, pause: None }
    }

    /// Waits before the next piece; ready at once where there is no pace.
    fn poll_pause(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(pace) = self.pace else { return Poll::Ready(()) };
        let pause = self.pause.get_or_insert_with(|| std::sync::Mutex::new(self.clock.sleep(pace.pause)));
        let pause = pause.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        ready!(pause.as_mut().poll(context));
        self.pause = None;
        Poll::Ready(())
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.left.is_empty() {
            // hyper sends what it has when the body makes it wait; what is still unsent when the body breaks is lost.
            if this.breaks && std::mem::take(&mut this.unflushed) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let broken = || io::Error::new(io::ErrorKind::ConnectionAborted, "a fault cut the body off");
            return Poll::Ready(std::mem::take(&mut this.breaks).then(|| Err(broken())));
        }
        ready!(this.poll_pause(context));
        let size = this.pace.map_or(this.left.len(), |pace| pace.bytes.min(this.left.len()));
        let piece = this.left.split_to(size);
        this.promised -= piece.len() as u64;
        this.unflushed = true;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
