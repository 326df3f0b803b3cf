//! One line of a recording.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::transport::TransportError;

/// The version of the format that is written, and the only one that is read.
pub(super) const VERSION: u64 = 1;

/// One exchange, as the documentation of [`testing`](super) has it.
#[derive(Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) v: u64,
    pub(super) salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) elapsed_ms: Option<u64>,
    pub(super) request: RecordedRequest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<RecordedResponse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<RecordedError>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RecordedRequest {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) query: String,
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "RecordedBody::is_empty")]
    pub(super) body: RecordedBody,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RecordedResponse {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "RecordedBody::is_empty")]
    pub(super) body: RecordedBody,
    /// How the body broke off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cut: Option<RecordedError>,
}

/// A body, without secrets and personal data.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RecordedBody {
    #[default]
    Empty,
    Text(String),
    Binary {
        length: usize,
        hash: String,
    },
    /// A body that isn't in the recording, and why.
    Omitted(String),
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RecordedError {
    pub(super) sent: bool,
    pub(super) message: String,
}

impl RecordedBody {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl RecordedError {
    /// The error as a transport tells it.
    pub(super) fn to_transport_error(&self) -> TransportError {
        let message = self.message.clone();
        if self.sent { TransportError::outcome_unknown(message) } else { TransportError::not_sent(message) }
    }
}
