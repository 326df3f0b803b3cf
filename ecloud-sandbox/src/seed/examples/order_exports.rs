//! Exports of the examples.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::trade::exports::{OrderExportInput, begin, is_due};
use crate::platform::Refusal;

const DAY_MILLIS: i64 = 86_400_000;

/// `E1000002` has just begun.
pub(super) fn set_off(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    begin(shop, input(now), now.offset_by_millis(-500)).map(drop)
}

/// `E1000001` has succeeded an hour ago.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let an_hour_ago = now.offset_by_millis(-DAY_MILLIS / 24);
    let export = begin(shop, input(now), an_hour_ago)?;
    is_due(shop, &export.order_export_id, an_hour_ago.offset_by_millis(2_000))?;
    is_due(shop, &export.order_export_id, an_hour_ago.offset_by_millis(3_000))
}

/// Of the orders of 30 days.
fn input(now: Timestamp) -> OrderExportInput {
    OrderExportInput { created_from: now.offset_by_millis(-30 * DAY_MILLIS), created_to: now }
}
