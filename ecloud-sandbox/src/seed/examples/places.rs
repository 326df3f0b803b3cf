//! Warehouses and freight templates of the examples.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::logistics::freight_templates::{self, FreightBasis, FreightRule, FreightTemplateInput};
use crate::business::logistics::warehouses::{self, WarehouseInput, WarehouseStatus};
use crate::platform::Refusal;

/// `WH1000001` serves Zhejiang, at version 2; `WH1000002` is disabled. `FT1000001` goes by weight, `FT1000002` by pieces.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let since = now.offset_by_millis(-30 * 86_400_000);
    let first = warehouse(shop, "HZ", "杭州仓", since)?;
    let first = warehouses::covering(shop, first, vec!["330000".to_owned()], since);
    debug_assert_eq!(crate::business::Row::id(&first), "WH1000001");
    let second = warehouse(shop, "SH", "上海仓", since)?;
    warehouses::turned(shop, second, WarehouseStatus::Disabled, since);
    template(shop, "通用运费模板", FreightBasis::Weight, 1_000, since)?;
    template(shop, "按件计费", FreightBasis::Piece, 1, since)
}

fn warehouse(shop: &mut Shop, code: &str, name: &str, at: Timestamp) -> Result<warehouses::Warehouse, Refusal> {
    let input = WarehouseInput {
        version: None,
        code: code.to_owned(),
        name: name.to_owned(),
        address_id: "A1000001".to_owned(),
        priority: Some(10),
    };
    warehouses::add(shop, input, at)
}

fn template(shop: &mut Shop, name: &str, basis: FreightBasis, unit: u32, at: Timestamp) -> Result<(), Refusal> {
    let rule = |region_codes: &[&str], first_fee, next_fee, free_from: Option<i64>| FreightRule {
        region_codes: region_codes.iter().map(|code| (*code).to_owned()).collect(),
        first: unit,
        first_fee: shop.money(first_fee),
        next: unit,
        next_fee: shop.money(next_fee),
        free_from: free_from.map(|amount| shop.money(amount)),
    };
    let rules = vec![
        rule(&[], 1_000, 500, None),
        rule(&["310000", "320000", "330000"], 600, 150, Some(9_900)),
        rule(&["540000", "650000"], 2_000, 1_200, None),
    ];
    let input = FreightTemplateInput { version: None, name: name.to_owned(), basis, rules };
    freight_templates::add(shop, input, at).map(drop)
}
