//! Items: created, changed, put on sale and taken off it again.

use std::collections::BTreeSet;

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::categories::leaf;
use super::skus::{SkuView, check_outer_id, check_price, views};
use super::{AuditStatus, Item, ListingStatus, Property, Sku, SkuStatus, Stock, StockDeduction};
use crate::business::{Call, Shop, encode};
use crate::business::{Handler, due::Due};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// How long the platform takes to look at an item, in milliseconds.
const AUDIT_MILLIS: i64 = 60_000;

/// An item as it is answered, with its variants and what follows from them.
#[derive(Serialize)]
struct ItemView<'a> {
    #[serde(flatten)]
    item: &'a Item,
    skus: Vec<SkuView<'a>>,
    price_from: Money,
    price_to: Money,
    available: u64,
}

fn view<'a>(shop: &'a Shop, item: &'a Item) -> ItemView<'a> {
    let skus: Vec<&Sku> = item.sku_ids.iter().filter_map(|id| shop.skus.get(id)).map(|sku| &**sku).collect();
    // Where none is enabled, all of them say what the item would cost.
    let any_enabled = skus.iter().any(|sku| sku.status == SkuStatus::Enabled);
    let prices = skus.iter().filter(|sku| !any_enabled || sku.status == SkuStatus::Enabled).map(|sku| sku.price);
    let zero = Money::zero(shop.currency);
    ItemView {
        item,
        skus: views(shop, &item.sku_ids),
        price_from: prices.clone().min_by_key(|price| price.amount).unwrap_or(zero),
        price_to: prices.max_by_key(|price| price.amount).unwrap_or(zero),
        available: item
            .sku_ids
            .iter()
            .filter_map(|id| shop.stock.get(id))
            .map(|stock| u64::from(stock.available))
            .sum(),
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listItems" => list,
        "createItem" => create,
        "getItem" => get,
        "updateItem" => update,
        "deleteItem" => delete,
        "publishItem" => publish,
        "unpublishItem" => unpublish,
        _ => return None,
    })
}

/// `listItems`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let status = call.query.one("status");
    let keyword = call.query.one("keyword");
    let folded = keyword.map(str::to_lowercase);
    let category = call.query.one("category_id");
    let wanted = |item: &Item| {
        status.map_or(item.listing_status != ListingStatus::Deleted, |status| item.listing_status.as_str() == status)
            && category.is_none_or(|category| item.category_id == category)
            && folded.as_ref().is_none_or(|folded| {
                item.title.to_lowercase().contains(folded.as_str()) || item.outer_id.as_deref() == keyword
            })
    };
    let all: Vec<_> = call.shop.items.oldest_first(None).rev().filter(|item| wanted(item)).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |item| view(call.shop, item)))
}

/// `getItem`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&view(call.shop, call.shop.item(call.path("item_id"))?))
}

#[derive(Deserialize)]
pub(crate) struct ItemInput {
    pub(crate) outer_id: Option<String>,
    pub(crate) title: String,
    pub(crate) subtitle: Option<String>,
    pub(crate) category_id: String,
    pub(crate) brand: Option<String>,
    #[serde(default)]
    pub(crate) properties: Vec<Property>,
    pub(crate) skus: Vec<SkuInput>,
    pub(crate) stock_deduction: Option<StockDeduction>,
    #[serde(default)]
    pub(crate) images: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) weight_grams: Option<u32>,
    pub(crate) ship_within_hours: Option<u32>,
}

#[derive(Deserialize)]
pub(crate) struct SkuInput {
    #[serde(default)]
    pub(crate) properties: Vec<Property>,
    pub(crate) outer_id: Option<String>,
    pub(crate) barcode: Option<String>,
    pub(crate) price: Money,
    pub(crate) list_price: Option<Money>,
    pub(crate) available: u32,
    pub(crate) image: Option<String>,
}

/// `createItem`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input = call.input()?;
    let item_id = add(call.shop, input, call.now)?;
    encode(&view(call.shop, call.shop.item(&item_id)?))
}

/// Takes an item in: a draft, and waiting for the platform's look at it.
pub(crate) fn add(shop: &mut Shop, input: ItemInput, now: Timestamp) -> Result<String, Refusal> {
    leaf(&shop.categories, &input.category_id)?;
    check_item_outer_id(shop, input.outer_id.as_deref(), None)?;
    check_variants(shop, &input.skus)?;

    let item_id = shop.next_id("I");
    let mut sku_ids = Vec::new();
    for (index, sku) in input.skus.into_iter().enumerate() {
        let sku_id = format!("S{}-{}", &item_id[1..], index + 1);
        let stock = Stock {
            sku_id: sku_id.clone(),
            item_id: item_id.clone(),
            available: sku.available,
            reserved: 0,
            version: 1,
            modified_at: now,
        };
        shop.stock.put(stock);
        shop.skus.put(Sku {
            sku_id: sku_id.clone(),
            item_id: item_id.clone(),
            properties: sku.properties,
            outer_id: sku.outer_id,
            barcode: sku.barcode,
            price: sku.price,
            list_price: sku.list_price,
            status: SkuStatus::Enabled,
            image: sku.image,
            created_at: now,
            modified_at: now,
            version: 1,
        });
        sku_ids.push(sku_id);
    }
    shop.due.insert((now.offset_by_millis(AUDIT_MILLIS), Due::Audit(item_id.clone())));
    shop.items.put(Item {
        item_id: item_id.clone(),
        shop_id: shop.id().to_owned(),
        outer_id: input.outer_id,
        title: input.title,
        subtitle: input.subtitle,
        category_id: input.category_id,
        brand: input.brand,
        listing_status: ListingStatus::Draft,
        audit_status: AuditStatus::Pending,
        audit_reason: None,
        properties: input.properties,
        sku_ids,
        stock_deduction: input.stock_deduction.unwrap_or(StockDeduction::AtOrder),
        images: input.images,
        description: input.description,
        weight_grams: input.weight_grams,
        ship_within_hours: input.ship_within_hours,
        created_at: now,
        listed_at: None,
        modified_at: now,
        version: 1,
    });
    Ok(item_id)
}

fn check_variants(shop: &Shop, skus: &[SkuInput]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let mut outer_ids = BTreeSet::new();
    for sku in skus {
        let mut properties: Vec<&Property> = sku.properties.iter().collect();
        properties.sort();
        if !seen.insert(properties) {
            return Err(Refusal::rule("product.sku_properties_repeated", "two SKUs have the same properties"));
        }
        if let Some(outer_id) = &sku.outer_id {
            check_outer_id(shop, outer_id, None)?;
            if !outer_ids.insert(outer_id) {
                return Err(Refusal::rule("product.outer_id_taken", "two SKUs have the same outer code"));
            }
        }
        check_price(shop, sku.price, sku.list_price)?;
    }
    Ok(())
}

fn check_item_outer_id(shop: &Shop, outer_id: Option<&str>, own: Option<&str>) -> Result<(), Refusal> {
    let Some(outer_id) = outer_id.filter(|text| !text.is_empty()) else { return Ok(()) };
    if shop.items.iter().any(|item| item.outer_id.as_deref() == Some(outer_id) && Some(item.item_id.as_str()) != own) {
        return Err(Refusal::rule("product.outer_id_taken", "another item of the shop has this outer code"));
    }
    Ok(())
}

#[derive(Deserialize)]
struct ItemPatch {
    version: u64,
    outer_id: Option<String>,
    title: Option<String>,
    subtitle: Option<String>,
    category_id: Option<String>,
    brand: Option<String>,
    properties: Option<Vec<Property>>,
    stock_deduction: Option<StockDeduction>,
    images: Option<Vec<String>>,
    description: Option<String>,
    weight_grams: Option<u32>,
    ship_within_hours: Option<u32>,
}

/// `updateItem`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let patch: ItemPatch = call.input()?;
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    let machines = Description::get();
    machines.machine("ListingStatus").operation("updateItem", item.listing_status.as_str())?;
    let audit = machines.machine("AuditStatus").operation("updateItem", item.audit_status.as_str())?;
    if item.version != patch.version {
        let message = format!("the item has changed since version {}; it is at {} now", patch.version, item.version);
        return Err(Refusal::rule("product.item_conflict", message));
    }
    check_item_outer_id(call.shop, patch.outer_id.as_deref(), Some(&item.item_id))?;
    if let Some(category_id) = patch.category_id {
        leaf(&call.shop.categories, &category_id)?;
        item.category_id = category_id;
    }
    replace_text(&mut item.outer_id, patch.outer_id);
    replace_text(&mut item.subtitle, patch.subtitle);
    replace_text(&mut item.brand, patch.brand);
    replace_text(&mut item.description, patch.description);
    item.title = patch.title.unwrap_or(item.title);
    item.properties = patch.properties.unwrap_or(item.properties);
    item.images = patch.images.unwrap_or(item.images);
    item.stock_deduction = patch.stock_deduction.unwrap_or(item.stock_deduction);
    item.weight_grams = patch.weight_grams.or(item.weight_grams);
    item.ship_within_hours = patch.ship_within_hours.or(item.ship_within_hours);
    if audit.iter().any(|status| status == AuditStatus::Pending.as_str()) {
        item.audit_status = AuditStatus::Pending;
        item.audit_reason = None;
        call.shop.due.insert((call.now.offset_by_millis(AUDIT_MILLIS), Due::Audit(item.item_id.clone())));
    }
    keep(call, item)
}

/// Absent keeps a text, an empty one removes it.
fn replace_text(field: &mut Option<String>, patch: Option<String>) {
    if let Some(text) = patch {
        *field = Some(text).filter(|text| !text.is_empty());
    }
}

/// `publishItem`
pub(crate) fn publish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    let machines = Description::get();
    machines.machine("ListingStatus").operation("publishItem", item.listing_status.as_str())?;
    machines.machine("AuditStatus").operation("publishItem", item.audit_status.as_str())?;
    item.listing_status = ListingStatus::OnSale;
    item.listed_at = Some(call.now);
    keep(call, item)
}

/// `unpublishItem`
pub(crate) fn unpublish(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    Description::get().machine("ListingStatus").operation("unpublishItem", item.listing_status.as_str())?;
    item.listing_status = ListingStatus::Draft;
    keep(call, item)
}

/// `deleteItem`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    Description::get().machine("ListingStatus").operation("deleteItem", item.listing_status.as_str())?;
    item.listing_status = ListingStatus::Deleted;
    keep(call, item)?;
    Ok(None)
}

fn keep(call: &mut Call<'_>, mut item: Item) -> Result<Option<Bytes>, Refusal> {
    item.version += 1;
    item.modified_at = call.now;
    call.shop.items.put(item.clone());
    encode(&view(call.shop, &item))
}

/// What the platform's look at an item ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Approve,
    Reject(String),
    Ban(String),
}

/// The platform has looked at an item; whether that was possible in its state.
pub(crate) fn judge(shop: &mut Shop, item_id: &str, verdict: Verdict, now: Timestamp) -> Result<bool, Refusal> {
    let mut item = Item::clone(shop.item(item_id)?);
    let (event, status, reason) = match verdict {
        Verdict::Approve => ("platform_approves", AuditStatus::Approved, None),
        Verdict::Reject(reason) => ("platform_rejects", AuditStatus::Rejected, Some(reason)),
        Verdict::Ban(reason) => ("platform_bans", AuditStatus::Banned, Some(reason)),
    };
    let machines = Description::get();
    if machines.machine("AuditStatus").event(event, item.audit_status.as_str()).is_none() {
        return Ok(false);
    }
    if machines.machine("ListingStatus").event(event, item.listing_status.as_str()).is_some() {
        item.listing_status = ListingStatus::Draft;
    }
    item.audit_status = status;
    item.audit_reason = reason;
    item.version += 1;
    item.modified_at = now;
    shop.items.put(item);
    Ok(true)
}
