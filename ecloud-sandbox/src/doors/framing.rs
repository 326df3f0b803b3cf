//! What hyper hides: a head that gives a body's length twice, as `content-length` and as `transfer-encoding`.
//!
//! Hyper takes the second and drops the first, so the platform would never see what protocol section 1 refuses. This looks at the
//! bytes of each head as they come in. Of requests that are sent before the one before them is answered it sees the first alone.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// No head is looked at beyond this; hyper refuses it anyway.
const HEAD_LIMIT: usize = 64 * 1024;

/// A stream whose heads are looked at.
pub(super) struct Watched<S> {
    stream: S,
    framing: Framing,
}

/// What was seen of the latest head.
#[derive(Clone, Default)]
pub(super) struct Framing {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    head: Vec<u8>,
    /// Whether what comes in now belongs to a body, or isn't HTTP/1 at all.
    past_head: bool,
    content_length: Option<String>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, framing: Framing) -> Self {
        Self { stream, framing }
    }
}

impl Framing {
    /// The length that the latest head gave although it named a transfer encoding.
    pub(super) fn hidden_length(&self) -> Option<String> {
        self.state().content_length.take()
    }

    /// The body has ended: what comes in next is a head.
    pub(super) fn next_head(&self) {
        let mut state = self.state();
        state.head.clear();
        state.past_head = false;
    }

    fn see(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.past_head || bytes.is_empty() {
            return;
        }
        state.head.extend_from_slice(bytes);
        if state.head.starts_with(b"PRI ") || state.head.len() > HEAD_LIMIT {
            state.past_head = true;
        } else if let Some(end) = state.head.windows(4).position(|window| window == b"\r\n\r\n") {
            state.content_length = ambiguous_length(&state.head[..end]);
            state.past_head = true;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ambiguous_length(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let fields = || head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    fields().find(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"))?;
    let (_, length) = fields().find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some(length.trim().to_owned())
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.framing.see(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
