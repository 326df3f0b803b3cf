//! Stock: what can be sold, and what orders hold.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Stock;
use super::ledger::{self, MovementReason};
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The most pieces of one variant that can be for sale.
const MOST: i64 = 99_999_999;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getInventory" => get,
        "setInventory" => set,
        "adjustInventory" => adjust,
        "batchSetInventory" => batch_set,
        "listInventory" => list,
        "listInventoryChanges" => changes,
        "batchGetInventory" => batch_get,
        _ => return None,
    })
}

/// `getInventory`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("sku_id"))?)
}

/// `listInventory`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let item_id = call.query.one("item_id");
    let below: Option<u32> = call.query.one("available_below").and_then(|text| text.parse().ok());
    let wanted = |stock: &Stock| {
        item_id.is_none_or(|item_id| stock.item_id == item_id) && below.is_none_or(|below| stock.available < below)
    };
    let all: Vec<_> = call.shop.stock.iter().filter(|stock| wanted(stock)).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |stock| &***stock))
}

/// `listInventoryChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |stock: &Stock| call.shop.shows_change(&stock.sku_id, stock.version, stock.modified_at, call.now);
    call.changes_page(&call.shop.stock, visible, |stock| &***stock)
}

#[derive(Deserialize)]
struct StockSkuIds {
    sku_ids: Vec<String>,
}

/// `batchGetInventory`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: StockSkuIds = call.input()?;
    let look_up = |sku_id: String| match find(call.shop, &sku_id) {
        Ok(stock) => StockResult { stock: Some(stock.clone()), error: None, sku_id },
        Err(refusal) => StockResult { stock: None, error: Some(refusal.into()), sku_id },
    };
    encode(&StockBatchResult { items: input.sku_ids.into_iter().map(look_up).collect() })
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
    encode(&keep(call.shop, stock, MovementReason::Adjusted, call.now))
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

/// The stock of a variant.
pub(super) fn find<'a>(shop: &'a Shop, sku_id: &str) -> Result<&'a Stock, Refusal> {
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
    Ok(keep(shop, stock, MovementReason::Set, now))
}

/// Keeps what a stock has become, and notes why in the ledger.
pub(super) fn keep(shop: &mut Shop, mut stock: Stock, reason: MovementReason, now: Timestamp) -> Stock {
    stock.version += 1;
    stock.modified_at = stock.modified_at.max(now);
    let before = shop.stock.get(&stock.sku_id).cloned();
    ledger::note(shop, before.as_deref(), &stock, reason);
    shop.stock.put(stock.clone());
    stock
}

/// What an order or a reservation does to the stock of a variant.
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
    /// The shop holds pieces back by itself.
    Hold,
    /// The shop lets pieces go that it held back.
    LetGo,
    /// Pieces that the shop held back can be sold again, because their time ran out.
    Expire,
}

impl Movement {
    /// What the ledger calls it.
    fn reason(self) -> MovementReason {
        match self {
            Self::Reserve => MovementReason::OrderReserved,
            Self::Release => MovementReason::OrderReleased,
            Self::Ship => MovementReason::Shipped,
            Self::TakeBack => MovementReason::ShipmentCancelled,
            Self::Hold => MovementReason::Reserved,
            Self::LetGo => MovementReason::ReservationReleased,
            Self::Expire => MovementReason::ReservationExpired,
        }
    }
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
        Movement::Reserve | Movement::Hold => {
            stock.available.checked_sub(pieces).zip(stock.reserved.checked_add(pieces))
        }
        Movement::Release | Movement::LetGo | Movement::Expire => {
            stock.available.checked_add(pieces).zip(stock.reserved.checked_sub(pieces))
        }
        Movement::Ship => Some(stock.available).zip(stock.reserved.checked_sub(pieces)),
        Movement::TakeBack => Some(stock.available).zip(stock.reserved.checked_add(pieces)),
    };
    let (available, reserved) = moved.ok_or_else(|| {
        let message = format!("{} pieces of {sku_id} can be sold, fewer than {pieces}", stock.available);
        Refusal::rule("product.stock_insufficient", message)
    })?;
    stock.available = available;
    stock.reserved = reserved;
    keep(shop, stock, movement.reason(), now);
    Ok(())
}
