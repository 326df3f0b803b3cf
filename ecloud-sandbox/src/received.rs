//! What came in: a bounded list of the latest requests, without secrets.

use std::collections::VecDeque;

use ecloud_core::Timestamp;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// Bodies up to this size are kept, in bytes.
const BODY_KEPT: usize = 16 * 1024;

/// A request that the platform received, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Received {
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// The identifier of the answer.
    pub request_id: String,
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Headers in the order in which they came; secrets are replaced by `***`.
    pub headers: Vec<(String, String)>,
    /// The body as JSON, where it was data, not long, and held no personal datum in the clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The operation that the request reached, for example `trade.orders.get`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The code of the error, where the answer was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether the answer was an idempotent replay.
    pub replayed: bool,
    /// Whether an injected fault happened to it.
    pub faulted: bool,
}

/// The latest requests.
#[derive(Debug)]
pub(crate) struct ReceivedLog {
    entries: VecDeque<Received>,
    capacity: usize,
}

impl ReceivedLog {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: VecDeque::new(), capacity }
    }

    pub(crate) fn push(&mut self, received: Received) {
        if self.capacity == 0 {
            return;
        }
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back(received);
    }

    pub(crate) fn is_off(&self) -> bool {
        self.capacity == 0
    }

    pub(crate) fn list(&self) -> Vec<Received> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

impl Part for ReceivedLog {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { entries, capacity: _ } = self;
        writer.rows("received", entries)
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        let is_own = record.kind() == "received";
        if is_own {
            self.push(record.read()?);
        }
        Ok(is_own)
    }
}

/// Headers as they may be shown: the token, the signature and cookies are secrets.
pub(crate) fn shown_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |name: &http::HeaderName, value: &http::HeaderValue| match name.as_str() {
        "authorization" | "proxy-authorization" | "cookie" | "x-ecloud-signature" => "***".to_owned(),
        _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(name, value))).collect()
}

/// A body as it may be shown.
pub(crate) fn shown_body(bytes: &[u8], read: impl FnOnce(&[u8]) -> Option<Value>) -> Option<Value> {
    if bytes.is_empty() || bytes.len() > BODY_KEPT { None } else { read(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer secret-token".parse().unwrap());
        headers.insert("x-ecloud-signature", "abcdef".parse().unwrap());
        headers.insert("x-ecloud-nonce", "nonce".parse().unwrap());
        let shown = format!("{:?}", shown_headers(&headers));
        assert!(!shown.contains("secret-token") && !shown.contains("abcdef") && shown.contains("nonce"), "{shown}");
    }
}
