//! Bodies of requests and answers: whole, or coming in chunks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::TransportError;

/// The body of a request or an answer: bytes that are all there, or chunks that come in.
///
/// It is an [`http_body::Body`], so that hyper and its kin take it as it is.
pub struct Body {
    content: Content,
}

enum Content {
    Whole(Option<Bytes>),
    Chunks(Pin<Box<dyn http_body::Body<Data = Bytes, Error = TransportError> + Send + Sync>>),
}

impl Body {
    /// No bytes.
    pub const fn empty() -> Self {
        Self { content: Content::Whole(None) }
    }

    /// Chunks that come in.
    pub fn new(chunks: impl http_body::Body<Data = Bytes, Error = TransportError> + Send + Sync + 'static) -> Self {
        Self { content: Content::Chunks(Box::pin(chunks)) }
    }

    /// The bytes, if they are all there.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Whole(bytes) => Some(bytes.as_deref().unwrap_or_default()),
            Content::Chunks(_) => None,
        }
    }

    /// Takes the bytes out if they are all there, or gives the body back.
    ///
    /// # Errors
    ///
    /// The body itself, whose chunks have yet to come in.
    pub fn try_into_bytes(self) -> Result<Bytes, Self> {
        match self.content {
            Content::Whole(bytes) => Ok(bytes.unwrap_or_default()),
            Content::Chunks(_) => Err(self),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { content: Content::Whole((!bytes.is_empty()).then_some(bytes)) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl fmt::Debug for Body {
    /// The size, never the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_bytes() {
            Some(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            None => f.write_str("Body(chunks)"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        match &mut self.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Chunks(chunks) => chunks.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Chunks(chunks) => chunks.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Content::Chunks(chunks) => chunks.size_hint(),
        }
    }
}
