//! What the examples of prices, brands, barcodes, the shop's own categories, reviews, size charts, bundles, reports and bulk jobs need.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::product::price_schedules::{self, PriceScheduleInput};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Under numbers from 201: the price of `S1000103-1` falls in three days (`PS1000201`).
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    shop.number_from("PS", 201);
    prices(shop, now)
}

fn prices(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let input = PriceScheduleInput {
        sku_id: "S1000103-1".to_owned(),
        price: shop.money(4_900),
        list_price: Some(shop.money(5_900)),
        apply_at: now.offset_by_millis(72 * HOUR_MILLIS),
        revert_at: None,
    };
    price_schedules::add(shop, input, now.offset_by_millis(-2 * HOUR_MILLIS)).map(drop)
}
