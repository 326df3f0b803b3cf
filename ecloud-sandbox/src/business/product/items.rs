//! Items: created, changed, put on sale and taken off it again.

use std::collections::BTreeSet;

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::audits;
use super::barcodes;
use super::brands;
use super::categories::leaf;
use super::category_rules::{self, Draft};
use super::ledger::{self, MovementReason};
use super::prices::{self, PriceReason};
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
pub(super) struct ItemView<'a> {
    #[serde(flatten)]
    item: &'a Item,
    skus: Vec<SkuView<'a>>,
    price_from: Money,
    price_to: Money,
    available: u64,
}

/// An item as it is answered.
pub(super) fn answer<'a>(shop: &'a Shop, item: &'a Item) -> ItemView<'a> {
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
        "replaceItem" => replace,
        "copyItem" => copy,
        "listItemChanges" => changes,
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
    encode(&Numbered::of(&call.query)?.cut(&all, |item| answer(call.shop, item)))
}

/// `listItemChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |item: &Item| call.shop.shows_change(&item.item_id, item.version, item.modified_at, call.now);
    call.changes_page(&call.shop.items, visible, |item| answer(call.shop, item))
}

/// `getItem`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&answer(call.shop, call.shop.item(call.path("item_id"))?))
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
    encode(&answer(call.shop, call.shop.item(&item_id)?))
}

/// Takes an item in: a draft, and waiting for the platform's look at it.
pub(crate) fn add(shop: &mut Shop, input: ItemInput, now: Timestamp) -> Result<String, Refusal> {
    let category = leaf(&shop.categories, &input.category_id)?;
    category_rules::check(category, &Draft::from(&input))?;
    check_item_outer_id(shop, input.outer_id.as_deref(), None)?;
    brands::check(shop, input.brand.as_deref())?;
    check_variants(shop, &input.skus)?;

    let item_id = shop.next_id("I");
    let mut sku_ids = Vec::new();
    for (index, sku) in input.skus.into_iter().enumerate() {
        let sku_id = new_sku(shop, &item_id, index + 1, sku, now);
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
        skus_made: sku_ids.len(),
        sku_ids,
        stock_deduction: input.stock_deduction.unwrap_or(StockDeduction::AtOrder),
        images: input.images,
        description: input.description,
        weight_grams: input.weight_grams,
        ship_within_hours: input.ship_within_hours,
        created_at: now,
        listed_at: None,
        publish_at: None,
        modified_at: now,
        version: 1,
    });
    Ok(item_id)
}

/// Takes the variant of an item in, the `number`th that it ever had, with its stock.
pub(super) fn new_sku(shop: &mut Shop, item_id: &str, number: usize, input: SkuInput, now: Timestamp) -> String {
    let sku_id = format!("S{}-{number}", &item_id[1..]);
    let stock = Stock {
        sku_id: sku_id.clone(),
        item_id: item_id.to_owned(),
        available: input.available,
        reserved: 0,
        version: 1,
        modified_at: now,
    };
    ledger::note(shop, None, &stock, MovementReason::Initial);
    shop.stock.put(stock);
    let sku = Sku {
        sku_id: sku_id.clone(),
        item_id: item_id.to_owned(),
        properties: input.properties,
        outer_id: input.outer_id,
        barcode: input.barcode,
        price: input.price,
        list_price: input.list_price,
        status: SkuStatus::Enabled,
        image: input.image,
        created_at: now,
        modified_at: now,
        version: 1,
    };
    prices::note(shop, None, &sku, PriceReason::Initial.into());
    shop.skus.put(sku);
    sku_id
}

fn check_variants(shop: &Shop, skus: &[SkuInput]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let (mut outer_ids, mut barcodes) = (BTreeSet::new(), BTreeSet::new());
    for sku in skus {
        if !seen.insert(sorted(&sku.properties)) {
            return Err(Refusal::rule("product.sku_properties_repeated", "two SKUs have the same properties"));
        }
        if let Some(outer_id) = &sku.outer_id {
            check_outer_id(shop, outer_id, None)?;
            if !outer_ids.insert(outer_id) {
                return Err(Refusal::rule("product.outer_id_taken", "two SKUs have the same outer code"));
            }
        }
        check_price(shop, sku.price, sku.list_price)?;
        barcodes::check(shop, sku.barcode.as_deref(), None)?;
        if sku.barcode.as_ref().is_some_and(|barcode| !barcodes.insert(barcode)) {
            return Err(Refusal::rule("product.barcode_taken", "two SKUs have the same barcode"));
        }
    }
    Ok(())
}

/// Properties in an order of their own: two variants with the same ones are the same variant.
pub(super) fn sorted(properties: &[Property]) -> Vec<&Property> {
    let mut properties: Vec<&Property> = properties.iter().collect();
    properties.sort();
    properties
}

/// An outer code names one item of the shop.
pub(super) fn check_item_outer_id(shop: &Shop, outer_id: Option<&str>, own: Option<&str>) -> Result<(), Refusal> {
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
    check_version(&item, patch.version)?;
    check_item_outer_id(call.shop, patch.outer_id.as_deref(), Some(&item.item_id))?;
    if let Some(category_id) = patch.category_id {
        leaf(&call.shop.categories, &category_id)?;
        item.category_id = category_id;
    }
    brands::check(call.shop, patch.brand.as_deref())?;
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
    category_rules::check_item(call.shop, &item, None)?;
    changed(call, item, audit)
}

/// What a seller wrote of an item has changed; the platform looks at it again where `audit` leads there.
fn changed(call: &mut Call<'_>, mut item: Item, audit: &[String]) -> Result<Option<Bytes>, Refusal> {
    if audit.iter().any(|status| status == AuditStatus::Pending.as_str()) {
        item.audit_status = AuditStatus::Pending;
        item.audit_reason = None;
        call.shop.due.insert((call.now.offset_by_millis(AUDIT_MILLIS), Due::Audit(item.item_id.clone())));
    }
    let item = keep(call.shop, item, call.now);
    encode(&answer(call.shop, &item))
}

#[derive(Deserialize)]
struct ItemReplacement {
    version: u64,
    outer_id: Option<String>,
    title: String,
    subtitle: Option<String>,
    category_id: String,
    brand: Option<String>,
    #[serde(default)]
    properties: Vec<Property>,
    stock_deduction: Option<StockDeduction>,
    #[serde(default)]
    images: Vec<String>,
    description: Option<String>,
    weight_grams: Option<u32>,
    ship_within_hours: Option<u32>,
}

/// `replaceItem`
pub(crate) fn replace(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ItemReplacement = call.input()?;
    let mut item = Item::clone(call.shop.item(call.path("item_id"))?);
    if !call.shop.categories.iter().any(|category| category.category_id == input.category_id) {
        leaf(&call.shop.categories, &input.category_id)?;
    }
    check_version(&item, input.version)?;
    let machines = Description::get();
    machines.machine("ListingStatus").operation("replaceItem", item.listing_status.as_str())?;
    let audit = machines.machine("AuditStatus").operation("replaceItem", item.audit_status.as_str())?;
    // A category that was closed since keeps the items that stand in it.
    if item.category_id != input.category_id {
        leaf(&call.shop.categories, &input.category_id)?;
    }
    check_item_outer_id(call.shop, input.outer_id.as_deref(), Some(&item.item_id))?;
    // One whose authorisation is over keeps its items.
    if item.brand != input.brand {
        brands::check(call.shop, input.brand.as_deref())?;
    }
    item.outer_id = input.outer_id;
    item.title = input.title;
    item.subtitle = input.subtitle;
    item.category_id = input.category_id;
    item.brand = input.brand;
    item.properties = input.properties;
    item.stock_deduction = input.stock_deduction.unwrap_or(StockDeduction::AtOrder);
    item.images = input.images;
    item.description = input.description;
    item.weight_grams = input.weight_grams;
    item.ship_within_hours = input.ship_within_hours;
    category_rules::check_item(call.shop, &item, None)?;
    changed(call, item, audit)
}

#[derive(Deserialize)]
struct ItemCopy {
    title: Option<String>,
    outer_id: Option<String>,
}

/// `copyItem`
pub(crate) fn copy(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ItemCopy = call.input()?;
    let item = Item::clone(call.shop.item(call.path("item_id"))?);
    let skus = item.sku_ids.iter().filter_map(|id| call.shop.skus.get(id)).map(|sku| SkuInput {
        properties: sku.properties.clone(),
        outer_id: None,
        barcode: None,
        price: sku.price,
        list_price: sku.list_price,
        available: 0,
        image: sku.image.clone(),
    });
    let copy = ItemInput {
        outer_id: input.outer_id,
        title: input.title.unwrap_or(item.title),
        subtitle: item.subtitle,
        category_id: item.category_id,
        brand: item.brand,
        properties: item.properties,
        skus: skus.collect(),
        stock_deduction: Some(item.stock_deduction),
        images: item.images,
        description: item.description,
        weight_grams: item.weight_grams,
        ship_within_hours: item.ship_within_hours,
    };
    let item_id = add(call.shop, copy, call.now)?;
    encode(&answer(call.shop, call.shop.item(&item_id)?))
}

/// Absent keeps a text, an empty one removes it.
fn replace_text(field: &mut Option<String>, patch: Option<String>) {
    if let Some(text) = patch {
        *field = Some(text).filter(|text| !text.is_empty());
    }
}

/// The item must be as the caller has seen it.
pub(super) fn check_version(item: &Item, version: u64) -> Result<(), Refusal> {
    if item.version == version {
        return Ok(());
    }
    let message = format!("the item has changed since version {version}; it is at {} now", item.version);
    Err(Refusal::rule("product.item_conflict", message))
}

/// Keeps what an item has become.
pub(super) fn keep(shop: &mut Shop, mut item: Item, now: Timestamp) -> Item {
    item.version += 1;
    item.modified_at = now;
    shop.items.put(item.clone());
    item
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
    audits::note(shop, &item, now);
    shop.items.put(item);
    Ok(true)
}
