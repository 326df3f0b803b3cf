//! What variants cost, and what they have cost.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::skus::{check_price, find, for_change};
use super::{Sku, price_schedules};
use crate::business::wire::wire_enum;
use crate::business::{BatchError, Call, Handler, Row, Shop, encode};
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listPrices" => list,
        "batchSetPrices" => batch_set,
        "listPriceHistory" => history,
        _ => return None,
    })
}

wire_enum! {
    /// How a variant came to a price.
    PriceReason {
        Initial = "initial",
        Updated = "updated",
        Set = "set",
        BulkSet = "bulk_set",
        Scheduled = "scheduled",
        Reverted = "reverted",
    }
}

/// A price that a variant has or had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PastPrice {
    price_record_id: String,
    sku_id: String,
    reason: PriceReason,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_before: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_schedule_id: Option<String>,
    version: u64,
    created_at: Timestamp,
}

impl Row for PastPrice {
    const IS_FINAL: bool = true;

    fn id(&self) -> &str {
        &self.price_record_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

/// Why a variant has another price, and by which plan, where one brought it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    pub(super) reason: PriceReason,
    pub(super) schedule: Option<&'a str>,
}

impl From<PriceReason> for Cause<'_> {
    fn from(reason: PriceReason) -> Self {
        Self { reason, schedule: None }
    }
}

/// Notes what a variant costs from now on, where that is new; `before` is what it was, nothing where it is new itself.
pub(super) fn note(shop: &mut Shop, before: Option<&Sku>, after: &Sku, cause: Cause<'_>) {
    if before.is_some_and(|before| before.price == after.price && before.list_price == after.list_price) {
        return;
    }
    let record = PastPrice {
        price_record_id: shop.next_id("PR"),
        sku_id: after.sku_id.clone(),
        reason: cause.reason,
        price: after.price,
        list_price: after.list_price,
        price_before: before.map(|before| before.price),
        price_schedule_id: cause.schedule.map(str::to_owned),
        version: after.version,
        created_at: after.modified_at,
    };
    shop.past_prices.put(record);
}

/// What a variant costs, and what comes next.
#[derive(Serialize)]
struct SkuPrice<'a> {
    sku_id: &'a str,
    item_id: &'a str,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_price_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

fn view<'a>(shop: &Shop, sku: &'a Sku) -> SkuPrice<'a> {
    let next = price_schedules::next(shop, &sku.sku_id);
    SkuPrice {
        sku_id: &sku.sku_id,
        item_id: &sku.item_id,
        price: sku.price,
        list_price: sku.list_price,
        next_price: next.map(|(_, price)| price),
        next_price_at: next.map(|(at, _)| at),
        modified_at: sku.modified_at,
        version: sku.version,
    }
}

/// `listPrices`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item_id = call.query.one("item_id");
    let bound = |name: &str| call.query.one(name).and_then(|text| text.parse::<i64>().ok());
    let (from, to) = (bound("price_from"), bound("price_to"));
    let wanted = |sku: &Sku| {
        item_id.is_none_or(|item_id| sku.item_id == item_id)
            && from.is_none_or(|from| from <= sku.price.amount)
            && to.is_none_or(|to| sku.price.amount < to)
    };
    call.cursor_page(&call.shop.skus, wanted, |sku| view(call.shop, sku))
}

#[derive(Deserialize)]
struct PriceBatch {
    items: Vec<PriceBatchEntry>,
}

/// All of a variant's price.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PriceBatchEntry {
    pub(super) sku_id: String,
    pub(super) version: u64,
    pub(super) price: Money,
    pub(super) list_price: Option<Money>,
}

/// `batchSetPrices`
pub(crate) fn batch_set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PriceBatch = call.input()?;
    let mut results: Vec<Value> = Vec::new();
    for entry in input.items {
        results.push(match set_one(call.shop, &entry, PriceReason::Set, call.now) {
            Ok(sku) => json!({"sku_id": sku.sku_id, "price": view(call.shop, &sku)}),
            Err(refusal) => json!({"sku_id": entry.sku_id, "error": BatchError::from(refusal)}),
        });
    }
    encode(&json!({"items": results}))
}

/// Sets all of a variant's price, if the caller has seen its latest version.
pub(super) fn set_one(
    shop: &mut Shop,
    entry: &PriceBatchEntry,
    reason: PriceReason,
    now: Timestamp,
) -> Result<Sku, Refusal> {
    let sku = for_change(shop, &entry.sku_id, entry.version)?;
    check_price(shop, entry.price, entry.list_price)?;
    Ok(set(shop, sku, (entry.price, entry.list_price), reason.into(), now))
}

/// Gives a variant a price, and the one that is struck through.
pub(super) fn set(
    shop: &mut Shop,
    mut sku: Sku,
    (price, list_price): (Money, Option<Money>),
    cause: Cause<'_>,
    now: Timestamp,
) -> Sku {
    sku.price = price;
    sku.list_price = list_price;
    super::skus::keep(shop, sku, cause, now)
}

/// `listPriceHistory`
pub(crate) fn history(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let sku_id = &find(call.shop, call.path("sku_id"))?.sku_id;
    call.cursor_page(&call.shop.past_prices, |record| record.sku_id == *sku_id, |record| &**record)
}
