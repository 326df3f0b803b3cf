//! The ledger of stock: each movement, why it was and what came of it.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Stock;
use super::inventory::find;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Row, Shop};
use crate::platform::Refusal;

/// What does an operation on the ledger.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listInventoryLedger" => list,
        _ => return None,
    })
}

wire_enum! {
    /// Why the pieces of a stock moved.
    MovementReason {
        Initial = "initial",
        Set = "set",
        Adjusted = "adjusted",
        BulkSet = "bulk_set",
        OrderReserved = "order_reserved",
        OrderReleased = "order_released",
        Shipped = "shipped",
        ShipmentCancelled = "shipment_cancelled",
        Reserved = "reserved",
        ReservationReleased = "reservation_released",
        ReservationExpired = "reservation_expired",
    }
}

/// One movement of a stock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LedgerEntry {
    entry_id: String,
    pub(crate) sku_id: String,
    reason: MovementReason,
    available_delta: i64,
    reserved_delta: i64,
    available: u32,
    reserved: u32,
    version: u64,
    created_at: Timestamp,
}

impl Row for LedgerEntry {
    const IS_FINAL: bool = true;

    fn id(&self) -> &str {
        &self.entry_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

/// Notes what a stock has become; `before` is what it was, nothing where it is new.
pub(super) fn note(shop: &mut Shop, before: Option<&Stock>, after: &Stock, reason: MovementReason) {
    let (available, reserved) = before.map_or((0, 0), |before| (before.available, before.reserved));
    let entry = LedgerEntry {
        entry_id: shop.next_id("IL"),
        sku_id: after.sku_id.clone(),
        reason,
        available_delta: i64::from(after.available) - i64::from(available),
        reserved_delta: i64::from(after.reserved) - i64::from(reserved),
        available: after.available,
        reserved: after.reserved,
        version: after.version,
        created_at: after.modified_at,
    };
    shop.ledger.put(entry);
}

/// `listInventoryLedger`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku_id = &find(call.shop, call.path("sku_id"))?.sku_id;
    call.cursor_page(&call.shop.ledger, |entry| entry.sku_id == *sku_id, |entry| &**entry)
}
