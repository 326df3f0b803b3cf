//! Operations on orders.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::progress::keep;
use super::{CloseReason, HeldBack, Order, OrderStatus, Receiver, Region};
use crate::business::{BatchError, Call, Shop, encode};
use crate::business::{Handler, due::Due};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::sensitive::{Kind, Personal};

/// The most days by which a receipt can be delayed.
const MOST_DELAY_DAYS: u32 = 30;
const DAY_MILLIS: i64 = 86_400_000;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listOrders" => list,
        "listOrderChanges" => changes,
        "batchGetOrders" => batch_get,
        "getOrder" => get,
        "closeOrder" => close,
        "batchCloseOrders" => batch_close,
        "changeOrderReceiver" => change_receiver,
        "delayReceipt" => delay_receipt,
        _ => return None,
    })
}

/// `listOrders`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let statuses: Vec<_> =
        OrderStatus::ALL.iter().filter(|status| call.query.wants("status", status.as_str())).collect();
    if statuses.len() == OrderStatus::ALL.len() {
        return call.cursor_page(&call.shop.orders, |_| true, |order| &**order);
    }
    let in_them =
        |after| call.shop.orders.marked(statuses.iter().map(|status| ("status", status.as_str().into())), after);
    call.cursor_page_of(in_them, |_| true, |order| &**order)
}

/// `listOrderChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |order: &Order| call.shop.shows_change(&order.order_id, order.version, order.modified_at, call.now);
    call.changes_page(&call.shop.orders, visible, |order| &***order)
}

/// `getOrder`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.order(call.path("order_id"))?)
}

#[derive(Deserialize)]
struct OrderBatch {
    order_ids: Vec<String>,
}

#[derive(Serialize)]
struct OrderBatchResult<'a> {
    items: Vec<OrderResult<'a>>,
}

#[derive(Serialize)]
struct OrderResult<'a> {
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a Order>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// Answers one for one.
pub(super) fn batch_answer(results: Vec<(String, Result<Arc<Order>, Refusal>)>) -> Result<Option<Bytes>, Refusal> {
    let items = results.iter().map(|(order_id, result)| match result {
        Ok(order) => OrderResult { order_id, order: Some(order), error: None },
        Err(refusal) => OrderResult { order_id, order: None, error: Some(refusal.clone().into()) },
    });
    encode(&OrderBatchResult { items: items.collect() })
}

/// `batchGetOrders`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderBatch = call.input()?;
    let results = input.order_ids.into_iter().map(|order_id| {
        let found = call.shop.order(&order_id).cloned();
        (order_id, found)
    });
    batch_answer(results.collect())
}

#[derive(Deserialize)]
struct CloseOrderInput {
    reason: CloseReason,
    note: Option<String>,
}

/// `closeOrder`
pub(crate) fn close(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: CloseOrderInput = call.input()?;
    let order_id = call.path("order_id").to_owned();
    encode(&*close_one(call.shop, &order_id, input, call.now)?)
}

#[derive(Deserialize)]
struct OrderCloseBatch {
    items: Vec<OrderCloseEntry>,
}

#[derive(Deserialize)]
struct OrderCloseEntry {
    order_id: String,
    #[serde(flatten)]
    input: CloseOrderInput,
}

/// `batchCloseOrders`
pub(crate) fn batch_close(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderCloseBatch = call.input()?;
    let now = call.now;
    let results = input.items.into_iter().map(|entry| {
        let done = close_one(call.shop, &entry.order_id, entry.input, now);
        (entry.order_id, done)
    });
    batch_answer(results.collect())
}

fn close_one(shop: &mut Shop, order_id: &str, input: CloseOrderInput, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let mut order = changeable(shop, order_id, "closeOrder")?;
    if input.reason.is_platforms() {
        let message = format!("only the platform closes an order for the reason {}", input.reason.as_str());
        return Err(Refusal::rule("trade.close_reason_reserved", message));
    }
    order.close(shop, input.reason, input.note, now)?;
    Ok(keep(shop, order))
}

/// Personal fields as a request carries them: ciphertext that was checked before.
#[derive(Deserialize)]
pub(crate) struct SealedField {
    ciphertext: String,
}

impl SealedField {
    /// The field, opened for this shop.
    pub(crate) fn open(&self, shop: &Shop, kind: Kind) -> Result<Personal, Refusal> {
        shop.safe.open(kind, &self.ciphertext).ok_or_else(|| Refusal::plaintext(kind.as_str()))
    }
}

#[derive(Deserialize)]
struct ReceiverInput {
    version: u64,
    name: SealedField,
    phone: SealedField,
    address: SealedField,
    #[serde(flatten)]
    region: Region,
}

/// `changeOrderReceiver`
pub(crate) fn change_receiver(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReceiverInput = call.input()?;
    let mut order = for_change(call, "changeOrderReceiver")?;
    check_version(&order, input.version)?;
    let receiver = Receiver {
        name: input.name.open(call.shop, Kind::Name)?,
        phone: input.phone.open(call.shop, Kind::Phone)?,
        address: input.address.open(call.shop, Kind::Address)?,
        region: input.region,
    };
    order.receiver = HeldBack { receiver: Arc::new(receiver), hidden: false };
    order.settle(call.now);
    done(call, order)
}

#[derive(Deserialize)]
struct ReceiptDelay {
    days: u32,
}

/// `delayReceipt`
pub(crate) fn delay_receipt(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReceiptDelay = call.input()?;
    let mut order = for_change(call, "delayReceipt")?;
    let days = order.receipt_delay_days + input.days;
    if days > MOST_DELAY_DAYS {
        let message = format!(
            "the receipt was delayed by {} days already; {MOST_DELAY_DAYS} are the most",
            order.receipt_delay_days
        );
        return Err(Refusal::rule("trade.receipt_delay_exceeded", message));
    }
    order.receipt_delay_days = days;
    let later = |at: Timestamp| at.offset_by_millis(i64::from(input.days) * DAY_MILLIS);
    order.deadlines.confirm_by = order.deadlines.confirm_by.map(later);
    order.settle(call.now);
    done(call, order)
}

/// The order of the path, if `operation` may be done in its status.
pub(super) fn for_change(call: &Call<'_>, operation: &str) -> Result<Order, Refusal> {
    changeable(call.shop, call.path("order_id"), operation)
}

fn changeable(shop: &Shop, order_id: &str, operation: &str) -> Result<Order, Refusal> {
    let order = shop.order(order_id)?;
    Description::get().machine("OrderStatus").operation(operation, order.status.as_str())?;
    Ok(Order::clone(order))
}

/// An order whose latest version the caller has seen.
pub(super) fn seen(shop: &Shop, order_id: &str, version: u64) -> Result<Order, Refusal> {
    let order = shop.order(order_id)?;
    check_version(order, version)?;
    Ok(Order::clone(order))
}

pub(super) fn check_version(order: &Order, version: u64) -> Result<(), Refusal> {
    if order.version == version {
        return Ok(());
    }
    let message = format!("the order has changed since version {version}; it is at {} now", order.version);
    Err(Refusal::rule("trade.order_conflict", message))
}

/// Puts the order back and answers with it.
pub(super) fn done(call: &mut Call<'_>, order: Order) -> Result<Option<Bytes>, Refusal> {
    encode(&*keep(call.shop, order))
}

/// Time has come for an unpaid order, if it still waits.
pub(crate) fn payment_is_due(shop: &mut Shop, order_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let order = shop.order(order_id)?;
    let possible =
        Description::get().machine("OrderStatus").event("payment_times_out", order.status.as_str()).is_some();
    if possible && order.deadlines.pay_by.is_some_and(|deadline| deadline <= at) {
        let mut order = Order::clone(order);
        order.close(shop, CloseReason::PaymentTimeout, None, at)?;
        keep(shop, order);
    }
    Ok(())
}

/// Time has come for an order to count as received, unless that was delayed or a refund is open.
pub(crate) fn receipt_is_due(shop: &mut Shop, order_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let order = shop.order(order_id)?;
    let possible =
        Description::get().machine("OrderStatus").event("receipt_times_out", order.status.as_str()).is_some();
    if !possible || order.deadlines.confirm_by.is_none_or(|deadline| deadline > at) {
        return Ok(());
    }
    if order.lines.iter().any(|line| line.refund_open) {
        shop.due.insert((at.offset_by_millis(DAY_MILLIS), Due::Receipt(order_id.to_owned())));
        return Ok(());
    }
    let mut order = Order::clone(order);
    order.finish(at);
    keep(shop, order);
    Ok(())
}

/// Whether the description lets something happen to an order in its status.
pub(crate) fn can(order: &Order, event: &str) -> bool {
    Description::get().machine("OrderStatus").event(event, order.status.as_str()).is_some()
}

/// Whether goods of an order can't be refunded any more, or not yet.
pub(crate) fn has_no_refunds(order: &Order) -> bool {
    matches!(order.status, OrderStatus::WaitPayment | OrderStatus::Closed)
}
