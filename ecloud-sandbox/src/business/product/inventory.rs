//! Stock: what can be sold, and what orders hold.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Stock;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// The most pieces of one variant that can be for sale.
const MOST: i64 = 99_999_999;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getInventory" => get,
        "setInventory" => set,
        "adjustInventory" => adjust,
        "batchSetInventory" => batch_set,
        _ => return None,
    })
}

/// `getInventory`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("sku_id"))?)
}

#[derive(Deserialize)]
struct StockInput {
    available: u32,
    version: u64,
}

/// `setInventory`
pub(crate) fn set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: StockInput = call.input()?;
    let sku_id = call.path("sku_id").to_owned();
    encode(&set_one(call.shop, &sku_id, input.available, input.version, call.now)?)
}

#[derive(Deserialize)]
struct StockAdjustment {
    delta: i64,
}

/// `adjustInventory`
pub(crate) fn adjust(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: StockAdjustment = call.input()?;
    let mut stock = find(call.shop, call.path("sku_id"))?.clone();
    let available = i64::from(stock.available) + input.delta;
    if available < 0 {
        let message = format!("{} pieces can be sold, fewer than are to be taken off", stock.available);
        return Err(Refusal::rule("product.stock_insufficient", message));
    }
    if available > MOST {
        return Err(Refusal::rule(
            "product.stock_limit_exceeded",
            format!("more than {MOST} pieces would be for sale"),
        ));
    }
    stock.available = u32::try_from(available).unwrap_or(u32::MAX);
    encode(&keep(call.shop, stock, call.now))
}

#[derive(Deserialize)]
struct StockBatch {
    items: Vec<StockBatchEntry>,
}

#[derive(Deserialize)]
struct StockBatchEntry {
    sku_id: String,
    available: u32,
    version: u64,
}

#[derive(Serialize)]
struct StockBatchResult {
    items: Vec<StockResult>,
}

#[derive(Serialize)]
struct StockResult {
    sku_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<Stock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchSetInventory`
pub(crate) fn batch_set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: StockBatch = call.input()?;
    let now = call.now;
    let mut set = |entry: StockBatchEntry| match set_one(call.shop, &entry.sku_id, entry.available, entry.version, now)
    {
        Ok(stock) => StockResult { sku_id: entry.sku_id, stock: Some(stock), error: None },
        Err(refusal) => StockResult { sku_id: entry.sku_id, stock: None, error: Some(refusal.into()) },
    };
    let items = input.items.into_iter().map(&mut set).collect();
    encode(&StockBatchResult { items })
}

fn find<'a>(shop: &'a Shop, sku_id: &str) -> Result<&'a Stock, Refusal> {
    match shop.stock.get(sku_id) {
        Some(stock) => Ok(stock),
        None => Err(Refusal::rule("product.sku_not_found", "the shop has no such SKU")),
    }
}

fn set_one(shop: &mut Shop, sku_id: &str, available: u32, version: u64, now: Timestamp) -> Result<Stock, Refusal> {
    let mut stock = find(shop, sku_id)?.clone();
    if stock.version != version {
        let message = format!("the stock has changed since version {version}; it is at {} now", stock.version);
        return Err(Refusal::rule("product.inventory_conflict", message));
    }
    stock.available = available;
    Ok(keep(shop, stock, now))
}

fn keep(shop: &mut Shop, mut stock: Stock, now: Timestamp) -> Stock {
    stock.version += 1;
    stock.modified_at = stock.modified_at.max(now);
    shop.stock.put(stock.clone());
    stock
}

/// What an order does to the stock of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Movement {
    /// Pieces that could be sold are held for an order.
    Reserve,
    /// Held pieces can be sold again.
    Release,
    /// Held pieces leave the house.
    Ship,
    /// Pieces that had left are held again.
    TakeBack,
}

/// Moves `pieces` of a variant; nothing happens where it would leave fewer than none.
pub(crate) fn shift(
    shop: &mut Shop,
    sku_id: &str,
    movement: Movement,
    pieces: u32,
    now: Timestamp,
) -> Result<(), Refusal> {
    if pieces == 0 {
        return Ok(());
    }
    let mut stock = find(shop, sku_id)?.clone();
    let moved = match movement {
        Movement::Reserve => stock.available.checked_sub(pieces).zip(stock.reserved.checked_add(pieces)),
        Movement::Release => stock.available.checked_add(pieces).zip(stock.reserved.checked_sub(pieces)),
        Movement::Ship => Some(stock.available).zip(stock.reserved.checked_sub(pieces)),
        Movement::TakeBack => Some(stock.available).zip(stock.reserved.checked_add(pieces)),
    };
    let (available, reserved) = moved.ok_or_else(|| {
        let message = format!("{} pieces of {sku_id} can be sold, fewer than {pieces}", stock.available);
        Refusal::rule("product.stock_insufficient", message)
    })?;
    stock.available = available;
    stock.reserved = reserved;
    keep(shop, stock, now);
    Ok(())
}
