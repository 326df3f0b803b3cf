//! Merges: several paid orders of one buyer become one.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::orders::check_version;
use super::payments::hand_over;
use super::progress::keep;
use super::succession::{check_replaceable, give_way, successor};
use super::{CloseReason, Order};
use crate::business::logistics::waybills;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// As many lines can one order have.
const MOST_LINES: usize = 100;
/// As long can a message of the buyer's be, in characters.
const LONGEST_MESSAGE: usize = 500;
/// As long can a memo be, in characters.
const LONGEST_MEMO: usize = 1_000;
/// As many tags can an order have.
const MOST_TAGS: usize = 10;

/// What does an operation that merges.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "mergeOrders" => merge,
        _ => return None,
    })
}

/// Which orders become one.
#[derive(Deserialize)]
pub(crate) struct OrderMerge {
    pub(crate) orders: Vec<MergedOrder>,
}

/// One of them.
#[derive(Deserialize)]
pub(crate) struct MergedOrder {
    pub(crate) order_id: String,
    pub(crate) version: u64,
}

/// `mergeOrders`
fn merge(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderMerge = call.input()?;
    encode(&*unite(call.shop, input, call.now)?)
}

/// Puts one order in the place of several.
pub(crate) fn unite(shop: &mut Shop, input: OrderMerge, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let orders = orders_of(shop, &input)?;
    check_alike(&orders)?;
    let lines = orders.iter().flat_map(|order| order.lines.clone()).collect();
    let promotions = orders.iter().flat_map(|order| order.promotions.clone()).collect();
    let freight = orders.iter().map(|order| order.amounts.freight.amount).sum();
    let mut united = successor(shop, &model(&orders), (lines, promotions), freight, now);
    united.merged_from = orders.iter().map(|order| order.order_id.clone()).collect();
    let united = keep(shop, united);
    let before: Vec<&str> = united.merged_from.iter().map(String::as_str).collect();
    hand_over(shop, &before, &[&united], now);
    for mut order in orders {
        waybills::hand_over(shop, &order.order_id, &united.order_id, now);
        order.merged_into = Some(united.order_id.clone());
        give_way(shop, order, CloseReason::Merged, now)?;
    }
    Ok(united)
}

/// The orders that are named, each of which can be merged.
fn orders_of(shop: &Shop, input: &OrderMerge) -> Result<Vec<Order>, Refusal> {
    let mut seen = BTreeSet::new();
    for (index, named) in input.orders.iter().enumerate() {
        if !seen.insert(&named.order_id) {
            return Err(Refusal::invalid_field(format!("orders[{index}].order_id"), "stands there twice"));
        }
    }
    let found = input.orders.iter().map(|named| shop.order(&named.order_id).map(|order| Order::clone(order)));
    let orders: Vec<Order> = found.collect::<Result<_, _>>()?;
    for (order, named) in orders.iter().zip(&input.orders) {
        check_version(order, named.version)?;
    }
    for order in &orders {
        check_replaceable(shop, order, "mergeOrders")?;
    }
    Ok(orders)
}

fn check_alike(orders: &[Order]) -> Result<(), Refusal> {
    let alike = |(a, b): (&Order, &Order)| {
        a.buyer_id == b.buyer_id && a.kind == b.kind && a.receiver.receiver.is_as(&b.receiver.receiver)
    };
    if !orders.iter().zip(&orders[1..]).all(alike) {
        return Err(Refusal::rule("trade.orders_not_alike", "the orders have different buyers, kinds or receivers"));
    }
    let lines: usize = orders.iter().map(|order| order.lines.len()).sum();
    if lines > MOST_LINES {
        let message = format!("the orders have {lines} lines together, more than {MOST_LINES}");
        return Err(Refusal::rule("trade.orders_not_alike", message));
    }
    Ok(())
}

/// What the new order is made after: the order that was paid first, with what is noted of all.
fn model(orders: &[Order]) -> Order {
    let mut model = orders.iter().min_by_key(|order| order.paid_at).cloned().unwrap_or_else(|| orders[0].clone());
    model.paid_at = orders.iter().filter_map(|order| order.paid_at).max();
    model.late_at = orders.iter().filter_map(|order| order.late_at).min();
    model.buyer_message = together(orders.iter().map(|order| &order.buyer_message), LONGEST_MESSAGE);
    model.memo = together(orders.iter().map(|order| &order.memo), LONGEST_MEMO);
    model.flag = orders.iter().find_map(|order| order.flag);
    let mut known = BTreeSet::new();
    let tags = orders.iter().flat_map(|order| &order.tags).filter(|tag| known.insert(tag.as_str()));
    model.tags = tags.take(MOST_TAGS).cloned().collect();
    model.extensions = orders.iter().flat_map(|order| order.extensions.clone()).collect();
    model
}

/// Texts below each other, as far as there is room.
fn together<'a>(texts: impl Iterator<Item = &'a Option<String>>, longest: usize) -> Option<String> {
    let texts: Vec<&str> = texts.flatten().map(String::as_str).collect();
    Some(texts.join("\n").chars().take(longest).collect()).filter(|text: &String| !text.is_empty())
}
