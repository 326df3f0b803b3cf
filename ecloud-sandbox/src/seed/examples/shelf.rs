//! What the examples of prices, brands, barcodes, the shop's own categories, reviews, size charts, bundles, reports and bulk jobs need.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::product::barcodes;
use crate::business::product::brand_authorizations::{self, BrandAuthorizationInput, BrandSellerKind};
use crate::business::product::price_schedules::{self, PriceScheduleInput};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Under numbers from 201: the price of `S1000103-1` falls in three days (`PS1000201`), and it has a barcode of the shop's own,
/// 2000010002016. The shop may sell the brand BR1006 (`BA1000201`).
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for kind in ["PS", "BA", "BC"] {
        shop.number_from(kind, 201);
    }
    prices(shop, now)?;
    brand(shop, now)?;
    barcodes::make(shop, "S1000103-1", now.offset_by_millis(-HOUR_MILLIS)).map(drop)
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

fn brand(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let proof = |name: &str| format!("https://img.example.com/silk-road-{name}.jpg");
    let input = BrandAuthorizationInput {
        brand_id: "BR1006".to_owned(),
        kind: BrandSellerKind::SoleAgent,
        valid_to: now.offset_by_millis(300 * 24 * HOUR_MILLIS),
        proofs: vec![proof("letter"), proof("contract")],
    };
    brand_authorizations::add(shop, input, now.offset_by_millis(-240 * HOUR_MILLIS)).map(drop)
}
