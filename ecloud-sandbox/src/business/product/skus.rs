//! Variants of items.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Money;
use serde::{Deserialize, Serialize};

use super::{Sku, SkuStatus};
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The highest price that the platform takes, in the minor unit.
const HIGHEST_PRICE: i64 = 1_000_000_000_000;

/// A variant as it is answered, with what can be sold of it.
#[derive(Serialize)]
pub(super) struct SkuView<'a> {
    #[serde(flatten)]
    sku: &'a Sku,
    available: u32,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listSkus" => list,
        "getSku" => get,
        "updateSku" => update,
        _ => return None,
    })
}

/// `listSkus`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item = call.shop.item(call.path("item_id"))?;
    let views = views(call.shop, &item.sku_ids);
    let page = Numbered::of(&call.query)?.cut(&views, |view| SkuView { ..*view });
    encode(&page)
}

/// `getSku`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku = find(call.shop, call.path("sku_id"))?;
    encode(&view(call.shop, sku))
}

#[derive(Deserialize)]
struct SkuPatch {
    version: u64,
    outer_id: Option<String>,
    barcode: Option<String>,
    price: Option<Money>,
    list_price: Option<Money>,
    status: Option<SkuStatus>,
    image: Option<String>,
}

/// `updateSku`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let patch: SkuPatch = call.input()?;
    let mut sku = Sku::clone(find(call.shop, call.path("sku_id"))?);
    if sku.version != patch.version {
        let message = format!("the SKU has changed since version {}; it is at {} now", patch.version, sku.version);
        return Err(Refusal::rule("product.sku_conflict", message));
    }
    if let Some(outer_id) = patch.outer_id {
        check_outer_id(call.shop, &outer_id, Some(&sku.sku_id))?;
        sku.outer_id = Some(outer_id).filter(|text| !text.is_empty());
    }
    if let Some(barcode) = patch.barcode {
        sku.barcode = Some(barcode).filter(|text| !text.is_empty());
    }
    sku.price = patch.price.unwrap_or(sku.price);
    sku.list_price = patch.list_price.or(sku.list_price);
    check_price(call.shop, sku.price, sku.list_price)?;
    sku.status = patch.status.unwrap_or(sku.status);
    if let Some(image) = patch.image {
        sku.image = Some(image).filter(|text| !text.is_empty());
    }
    sku.version += 1;
    sku.modified_at = call.now;
    call.shop.skus.put(sku.clone());
    encode(&view(call.shop, &sku))
}

/// A price is more than zero, not above the list price, and in the shop's currency.
pub(super) fn check_price(shop: &Shop, price: Money, list_price: Option<Money>) -> Result<(), Refusal> {
    let refused = |message: &str| Err(Refusal::rule("product.price_invalid", message));
    if price.currency != shop.currency || list_price.is_some_and(|list| list.currency != shop.currency) {
        return refused("the price is in another currency than the shop's");
    }
    if !(1..=HIGHEST_PRICE).contains(&price.amount) || list_price.is_some_and(|list| list.amount > HIGHEST_PRICE) {
        return refused("a price is more than zero and at most 10,000,000,000.00");
    }
    if list_price.is_some_and(|list| list.amount < price.amount) {
        return refused("the price is above the list price");
    }
    Ok(())
}

/// An outer code names one variant of the shop.
pub(super) fn check_outer_id(shop: &Shop, outer_id: &str, own: Option<&str>) -> Result<(), Refusal> {
    let taken = |sku: &Arc<Sku>| sku.outer_id.as_deref() == Some(outer_id) && Some(sku.sku_id.as_str()) != own;
    if !outer_id.is_empty() && shop.skus.iter().any(taken) {
        return Err(Refusal::rule("product.outer_id_taken", "another SKU of the shop has this outer code"));
    }
    Ok(())
}

pub(super) fn find<'a>(shop: &'a Shop, sku_id: &str) -> Result<&'a Arc<Sku>, Refusal> {
    shop.skus.get(sku_id).ok_or_else(|| Refusal::rule("product.sku_not_found", "the shop has no such SKU"))
}

pub(super) fn view<'a>(shop: &Shop, sku: &'a Sku) -> SkuView<'a> {
    SkuView { sku, available: shop.stock.get(&sku.sku_id).map_or(0, |stock| stock.available) }
}

pub(super) fn views<'a>(shop: &'a Shop, sku_ids: &[String]) -> Vec<SkuView<'a>> {
    sku_ids.iter().filter_map(|id| shop.skus.get(id)).map(|sku| view(shop, sku)).collect()
}
