//! Who has seen which personal data, and what for.
//!
//! Platforms ask for such a log, some for a year, and withdraw the right to decrypt where there is none. A [`Revealer`](super::Revealer) can't
//! be made without an [`AuditSink`]: [`AuditFile`] writes JSON Lines that [`verify`] checks, and a sink of your own writes to wherever your
//! logs go.

mod chain;
mod file;
mod verify;

use std::fmt;

use async_trait::async_trait;
use serde::{Serialize, Serializer};

use super::FieldKind;
use crate::Timestamp;

pub use file::AuditFile;
pub use verify::{AuditFault, AuditFaultReason, AuditSummary, verify, verify_keyed};

/// Takes down what was revealed.
///
/// It is asked before anything is handed out, once for at most a hundred fields. Where it fails, nothing is.
#[async_trait]
pub trait AuditSink: fmt::Debug + Send + Sync + 'static {
    /// Takes down one record. When it returns, the record is as safe as it is going to be.
    ///
    /// # Errors
    ///
    /// Whatever kept it from doing so; the fields of the record are not revealed then.
    async fn record(&self, record: &AuditRecord) -> Result<(), AuditError>;
}

/// Why a record could not be taken down.
pub type AuditError = Box<dyn std::error::Error + Send + Sync>;

/// That somebody has opened, or tried to open, personal fields. The fields' texts are not in it, neither in the clear nor as ciphertext.
///
/// Actor, purpose, objects and fields are what the caller says: keep personal data out of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditRecord {
    /// When, by the client's clock.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Whose data: the shop.
    pub shop: Option<String>,
    /// What for.
    pub purpose: String,
    /// How.
    pub means: AuditMeans,
    /// The platform's id of the request that opened them; `None` where they were opened here, or no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What: each field that the caller named, also those that turned out to be the same.
    pub items: Vec<AuditItem>,
}

/// How fields were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditMeans {
    /// With a data key, in this process.
    DataKey,
    /// By the platform.
    Platform,
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditItem {
    /// The object: `order T1001`.
    pub object: String,
    /// Its field: `receiver.phone`.
    pub field: String,
    /// The kind of field.
    #[serde(serialize_with = "by_name")]
    pub kind: FieldKind,
    /// `revealed`, or why not: the platform's code, or a kind of error.
    pub result: String,
}

fn by_name<S: Serializer>(kind: &FieldKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

#[cfg(test)]
mod tests;
