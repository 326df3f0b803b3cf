//! Variants of items.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::items::{self, SkuInput, new_sku, sorted};
use super::prices::{self, Cause, PriceReason};
use super::{Item, Sku, SkuStatus, barcodes, category_rules};
use crate::business::trade::Order;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The highest price that the platform takes, in the minor unit.
const HIGHEST_PRICE: i64 = 1_000_000_000_000;
/// The most variants of an item.
pub(super) const MOST_SKUS: usize = 100;

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
        "createSku" => create,
        "deleteSku" => delete,
        "searchSkus" => search,
        "batchGetSkus" => batch_get,
        "batchUpdateSkus" => batch_update,
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
    let sku_id = call.path("sku_id").to_owned();
    let sku = change(call.shop, &sku_id, patch, call.now)?;
    encode(&view(call.shop, &sku))
}

/// Changes what is given of a variant.
fn change(shop: &mut Shop, sku_id: &str, patch: SkuPatch, now: Timestamp) -> Result<Sku, Refusal> {
    let mut sku = for_change(shop, sku_id, patch.version)?;
    if let Some(outer_id) = patch.outer_id {
        check_outer_id(shop, &outer_id, Some(&sku.sku_id))?;
        sku.outer_id = Some(outer_id).filter(|text| !text.is_empty());
    }
    if let Some(barcode) = patch.barcode {
        barcodes::check(shop, Some(&barcode), Some(&sku.sku_id))?;
        sku.barcode = Some(barcode).filter(|text| !text.is_empty());
    }
    sku.price = patch.price.unwrap_or(sku.price);
    sku.list_price = patch.list_price.or(sku.list_price);
    check_price(shop, sku.price, sku.list_price)?;
    sku.status = patch.status.unwrap_or(sku.status);
    if let Some(image) = patch.image {
        sku.image = Some(image).filter(|text| !text.is_empty());
    }
    Ok(keep(shop, sku, PriceReason::Updated.into(), now))
}

/// The variant, if the caller has seen its latest version.
pub(super) fn for_change(shop: &Shop, sku_id: &str, version: u64) -> Result<Sku, Refusal> {
    let sku = Sku::clone(find(shop, sku_id)?);
    if sku.version != version {
        let message = format!("the SKU has changed since version {version}; it is at {} now", sku.version);
        return Err(Refusal::rule("product.sku_conflict", message));
    }
    Ok(sku)
}

/// Keeps what a variant has become; `cause` is why it costs what it does, where that has changed.
pub(super) fn keep(shop: &mut Shop, mut sku: Sku, cause: Cause<'_>, now: Timestamp) -> Sku {
    sku.version += 1;
    sku.modified_at = now;
    let before = shop.skus.get(&sku.sku_id).cloned();
    prices::note(shop, before.as_deref(), &sku, cause);
    shop.skus.put(sku.clone());
    sku
}

/// `createSku`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SkuInput = call.input()?;
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    let machines = Description::get();
    machines.machine("ListingStatus").operation("createSku", item.listing_status.as_str())?;
    machines.machine("AuditStatus").operation("createSku", item.audit_status.as_str())?;
    if item.sku_ids.len() >= MOST_SKUS {
        return Err(Refusal::rule("product.sku_limit_exceeded", format!("the item has {MOST_SKUS} SKUs already")));
    }
    let same = |sku: &Arc<Sku>| sorted(&sku.properties) == sorted(&input.properties);
    if item.sku_ids.iter().filter_map(|id| call.shop.skus.get(id)).any(same) {
        let message = "another SKU of the item has the same properties";
        return Err(Refusal::rule("product.sku_properties_repeated", message));
    }
    category_rules::check_item(call.shop, &item, Some(&input.properties))?;
    check_outer_id(call.shop, input.outer_id.as_deref().unwrap_or_default(), None)?;
    check_price(call.shop, input.price, input.list_price)?;
    barcodes::check(call.shop, input.barcode.as_deref(), None)?;
    item.skus_made += 1;
    let sku_id = new_sku(call.shop, &item.item_id, item.skus_made, input, call.now);
    item.sku_ids.push(sku_id.clone());
    items::keep(call.shop, item, call.now);
    encode(&view(call.shop, find(call.shop, &sku_id)?))
}

/// `deleteSku`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku = Sku::clone(find(call.shop, call.path("sku_id"))?);
    let mut item = Item::clone(call.shop.item(&sku.item_id)?);
    if item.sku_ids.len() == 1 {
        return Err(Refusal::rule("product.sku_is_last", "it is the item's only SKU"));
    }
    let held = call.shop.stock.get(&sku.sku_id).is_some_and(|stock| stock.reserved > 0);
    let of_sku = |order: &Arc<Order>| order.lines.iter().any(|line| *line.sku_id() == sku.sku_id);
    if held || call.shop.orders.iter().any(|order| !order.has_ended() && of_sku(order)) {
        let message = "an order that hasn't ended or a reservation has pieces of it";
        return Err(Refusal::rule("product.sku_in_use", message));
    }
    item.sku_ids.retain(|id| *id != sku.sku_id);
    items::keep(call.shop, item, call.now);
    call.shop.skus.remove(&sku.sku_id);
    call.shop.stock.remove(&sku.sku_id);
    Ok(None)
}

/// `searchSkus`
pub(crate) fn search(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let (outer_id, barcode) = (call.query.one("outer_id"), call.query.one("barcode"));
    let wanted = |sku: &Sku| {
        outer_id.is_none_or(|outer_id| sku.outer_id.as_deref() == Some(outer_id))
            && barcode.is_none_or(|barcode| sku.barcode.as_deref() == Some(barcode))
            && call.query.wants("status", sku.status.as_str())
    };
    call.cursor_page(&call.shop.skus, wanted, |sku| view(call.shop, sku))
}

#[derive(Deserialize)]
struct SkuIds {
    sku_ids: Vec<String>,
}

/// `batchGetSkus`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SkuIds = call.input()?;
    let look_up = |sku_id: &String| result(call.shop, sku_id, find(call.shop, sku_id).map(|sku| Sku::clone(sku)));
    let results: Vec<Value> = input.sku_ids.iter().map(look_up).collect();
    encode(&json!({"items": results}))
}

#[derive(Deserialize)]
struct SkuBatch {
    items: Vec<SkuBatchEntry>,
}

#[derive(Deserialize)]
struct SkuBatchEntry {
    sku_id: String,
    #[serde(flatten)]
    patch: SkuPatch,
}

/// `batchUpdateSkus`
pub(crate) fn batch_update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SkuBatch = call.input()?;
    let mut results = Vec::new();
    for SkuBatchEntry { sku_id, patch } in input.items {
        let outcome = change(call.shop, &sku_id, patch, call.now);
        results.push(result(call.shop, &sku_id, outcome));
    }
    encode(&json!({"items": results}))
}

/// One result of many.
pub(super) fn result(shop: &Shop, sku_id: &str, outcome: Result<Sku, Refusal>) -> Value {
    match outcome {
        Ok(sku) => json!({"sku_id": sku_id, "sku": view(shop, &sku)}),
        Err(refusal) => json!({"sku_id": sku_id, "error": BatchError::from(refusal)}),
    }
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
