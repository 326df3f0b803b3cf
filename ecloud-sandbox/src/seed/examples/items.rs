//! Items of the examples that the operations on items, SKUs, prices, stock and barcodes need.

use ecloud_core::Timestamp;

use super::catalogue::{approved, on_sale};
use crate::business::Shop;
use crate::business::product::reservations::{ReservationInput, hold};
use crate::business::product::{Item, ListingStatus, listing};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Drafts that are approved: `I1000101`, with two SKUs, and `I1000102`. `I1000103` is on sale, and three pieces of `S1000103-1` are reserved:
/// `RV1000101`. `I1000104` is deleted, and `I1000105` is to be published in a week.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    shop.number_from("I", 101);
    shop.number_from("RV", 101);
    approved(shop, "Bowl", "BOWL", &["red", "blue"], now)?;
    approved(shop, "Plate", "PLATE", &["white"], now)?;
    on_sale(shop, "Jug", "JUG", &["white"], now)?;
    let vase = approved(shop, "Vase", "VASE", &["blue"], now)?;
    let mut vase = Item::clone(shop.item(&vase)?);
    vase.listing_status = ListingStatus::Deleted;
    vase.version += 1;
    shop.items.put(vase);
    let lamp = approved(shop, "Lamp", "LAMP", &["white"], now)?;
    let mut lamp = Item::clone(shop.item(&lamp)?);
    let planned_at = now.offset_by_millis(-20 * HOUR_MILLIS);
    listing::plan(shop, &mut lamp, now.offset_by_millis(168 * HOUR_MILLIS), planned_at);
    let reservation = ReservationInput { quantity: 3, minutes: 180, reference: Some("till-7".to_owned()) };
    hold(shop, "S1000103-1", reservation, now.offset_by_millis(-HOUR_MILLIS)).map(drop)
}
