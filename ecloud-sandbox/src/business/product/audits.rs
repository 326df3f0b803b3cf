//! What the platform says of items: its verdicts, and the history of them.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuditStatus, Item};
use crate::business::{Call, Handler, Row, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// What does an operation on audits.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listItemAudits" => list,
        _ => return None,
    })
}

/// One look of the platform at an item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ItemAudit {
    audit_id: String,
    item_id: String,
    audit_status: AuditStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    item_version: u64,
    judged_at: Timestamp,
}

impl Row for ItemAudit {
    fn id(&self) -> &str {
        &self.audit_id
    }

    fn created_at(&self) -> Timestamp {
        self.judged_at
    }

    fn modified_at(&self) -> Timestamp {
        self.judged_at
    }
}

/// Notes what the platform has just said of an item.
pub(super) fn note(shop: &mut Shop, item: &Item, now: Timestamp) {
    let audit = ItemAudit {
        audit_id: shop.next_id("IA"),
        item_id: item.item_id.clone(),
        audit_status: item.audit_status,
        reason: item.audit_reason.clone(),
        item_version: item.version,
        judged_at: now,
    };
    shop.audits.put(audit);
}

/// `listItemAudits`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item_id = &call.shop.item(call.path("item_id"))?.item_id;
    let audits: Vec<_> = call.shop.audits.oldest_first(None).rev().filter(|audit| audit.item_id == *item_id).collect();
    encode(&Numbered::of(&call.query)?.cut(&audits, |audit| &***audit))
}
