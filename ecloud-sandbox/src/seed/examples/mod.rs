//! The shop in which the descriptions' examples play: whatever their parameters and bodies name is there, in a state that allows the call.
//!
//! All of them play at one moment, [`NOW`], in one shop, [`SHOP_ID`]. Each resource sets out its own objects, under identifiers from a
//! range of its own, so that one may be added without renaming the others.

mod catalogue;
mod claims;
mod items;
mod media;
mod order_exports;
mod orders;
mod places;
mod sales;
mod shelf;
mod tracking;
mod waybills;
mod ways;

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::platform::Refusal;

/// The shop of the examples.
pub(crate) const SHOP_ID: &str = "example-shop";
/// The moment of the examples: 1 March 2026, 16:00 in Shanghai.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_millis(1_772_352_000_000);

/// Sets off what takes seconds only, and is under way in the examples: it has just begun at `now`.
pub(super) fn set_off(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    order_exports::set_off(shop, now)
}

/// Sets out everything else, as it stands at `now`.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    catalogue::set_out(shop, now)?;
    media::set_out(shop, now)?;
    sales::set_out(shop, now)?;
    order_exports::set_out(shop, now)?;
    items::set_out(shop, now)?;
    shelf::set_out(shop, now)?;
    orders::set_out(shop, now)?;
    claims::set_out(shop, now)?;
    places::set_out(shop, now)?;
    ways::set_out(shop, now)?;
    waybills::set_out(shop, now)?;
    tracking::set_out(shop, now)
}
