//! What the seller notes about orders: memos and flags.

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::orders::batch_answer;
use super::progress::keep;
use super::{Order, OrderFlag};
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// What does an operation on memos.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "setOrderMemo" => set,
        "batchSetOrderMemos" => batch_set,
        _ => return None,
    })
}

#[derive(Deserialize)]
struct MemoInput {
    memo: String,
    flag: Option<OrderFlag>,
}

/// `setOrderMemo`
fn set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: MemoInput = call.input()?;
    let order_id = call.path("order_id").to_owned();
    encode(&*write(call.shop, &order_id, input, call.now)?)
}

#[derive(Deserialize)]
struct OrderMemoBatch {
    items: Vec<OrderMemoEntry>,
}

#[derive(Deserialize)]
struct OrderMemoEntry {
    order_id: String,
    #[serde(flatten)]
    input: MemoInput,
}

/// `batchSetOrderMemos`
fn batch_set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderMemoBatch = call.input()?;
    let now = call.now;
    let results = input.items.into_iter().map(|entry| {
        let done = write(call.shop, &entry.order_id, entry.input, now);
        (entry.order_id, done)
    });
    batch_answer(results.collect())
}

fn write(shop: &mut Shop, order_id: &str, input: MemoInput, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let mut order = Order::clone(shop.order(order_id)?);
    order.memo = Some(input.memo).filter(|memo| !memo.is_empty());
    order.flag = input.flag;
    order.settle(now);
    Ok(keep(shop, order))
}
