//! What comes in at a door and what goes out of it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request as it came over the wire, whichever door it came through.
///
/// `Debug` shows neither headers nor body, which may hold secrets.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, byte for byte as sent.
    pub target: String,
    /// All headers, repeated ones too.
    pub headers: HeaderMap,
    /// What was sent as the body.
    pub body: RequestBody,
    /// Headers that came after the body; the protocol's own are refused there.
    pub trailers: HeaderMap,
    /// Whether the other side is this machine: only then the control interface answers.
    pub from_loopback: bool,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

/// The body of a request.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// All of it; empty where there is none.
    Whole(Bytes),
    /// It is larger than [`Request::BODY_LIMIT`], so the door didn't read it.
    TooLarge,
    /// The connection ended or stalled before all of it was there.
    Incomplete,
}

impl Request {
    /// The largest body that the platform reads, in bytes.
    pub const BODY_LIMIT: usize = 10 * 1024 * 1024;
    /// The largest snapshot that the control interface reads, in bytes. A larger one is restored from its file.
    pub const SNAPSHOT_LIMIT: usize = 256 * 1024 * 1024;

    /// The largest body that is read of a request for this target, in bytes.
    pub(crate) fn limit_of(target: &str, from_loopback: bool) -> usize {
        let is_snapshot = from_loopback && target == "/sandbox/v1/restore";
        if is_snapshot { Self::SNAPSHOT_LIMIT } else { Self::BODY_LIMIT }
    }

    /// A request from this machine, without headers and body.
    pub fn new(method: Method, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: RequestBody::Whole(Bytes::new()),
            trailers: HeaderMap::new(),
            from_loopback: true,
        }
    }
}

/// What the platform answers, and how its door is to send it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status, headers and the whole body.
    pub response: http::Response<Bytes>,
    /// How long the door waits before it sends anything.
    pub delay: Duration,
    /// Where the door cuts the answer off; it sends all of it where this is `None`.
    pub cut: Option<Cut>,
    /// How slowly the door sends the body; at once where this is `None`.
    pub pace: Option<Pace>,
}

/// Where an answer ends too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The connection closes before any byte of the answer.
    Connection,
    /// The connection closes after this many bytes of the body.
    Body {
        /// How many bytes of the body are still sent.
        after: usize,
    },
}

/// How slowly a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes sent at a time; at least one.
    pub bytes: usize,
    /// The wait before each piece.
    pub pause: Duration,
}

impl Pace {
    /// How long the whole of a body of `length` bytes takes.
    pub fn total(&self, length: usize) -> Duration {
        let pieces = length.div_ceil(self.bytes.max(1));
        self.pause.saturating_mul(u32::try_from(pieces).unwrap_or(u32::MAX))
    }
}
