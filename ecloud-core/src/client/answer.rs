//! Answers with what stood around them.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::Format;
use crate::call::AttemptRecord;

/// A success with its metadata.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What the operation answers with.
    pub value: T,
    /// What stood around it.
    pub meta: Meta,
}

/// A success as bytes, undecoded.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawAnswer {
    /// The body.
    pub body: Bytes,
    /// What stood around it.
    pub meta: Meta,
}

impl std::fmt::Debug for RawAnswer {
    /// The body's size, never its content, which may be personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawAnswer").field("bytes", &self.body.len()).field("meta", &self.meta).finish()
    }
}

/// What stood around an answer.
#[derive(Clone)]
pub struct Meta {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The format that was asked for.
    pub(crate) format: Format,
    pub(crate) earlier_attempts: Vec<AttemptRecord>,
    pub(crate) elapsed: Duration,
}

/// What is left of a quota group, as the platform counted when it answered.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct QuotaLeft<'a> {
    /// The group.
    pub group: &'a str,
    /// Whole tokens left.
    pub remaining: u64,
    /// Tokens that the bucket holds when it is full.
    pub capacity: u64,
}

impl Meta {
    /// The operation, for example `trade.orders.get`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The platform's id of the request, to be given to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.text("x-ecloud-request-id").or_else(|| self.text("x-request-id"))
    }

    /// The answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How many attempts it took, this one included.
    pub fn attempts(&self) -> usize {
        self.earlier_attempts.len() + 1
    }

    /// The attempts that failed before this one, first to last.
    pub fn earlier_attempts(&self) -> &[AttemptRecord] {
        &self.earlier_attempts
    }

    /// How long the call took, waits and retries included.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether the write was done by an earlier attempt, and this is its answer given again.
    pub fn is_idempotent_replay(&self) -> bool {
        self.text("x-ecloud-idempotent-replay") == Some("true")
    }

    /// What is left of the quota group, where the platform says it.
    pub fn quota(&self) -> Option<QuotaLeft<'_>> {
        Some(QuotaLeft {
            group: self.text("x-ecloud-quota-group")?,
            remaining: self.whole_number("x-ecloud-quota-remaining")?,
            capacity: self.whole_number("x-ecloud-quota-capacity")?,
        })
    }

    /// A number of digits alone.
    fn whole_number(&self, name: &'static str) -> Option<u64> {
        self.text(name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl std::fmt::Debug for Meta {
    /// An allow-list: headers may hold anything.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meta")
            .field("operation", &self.operation)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts())
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
