//! Tags: what the seller marks orders with, in words of his own.

use std::collections::BTreeMap;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Order;
use super::orders::done;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// As many tags can one order have.
const MOST_OF_ORDER: usize = 10;
/// As many different tags can the orders of a shop have.
const MOST_OF_SHOP: usize = 200;

/// What does an operation on tags.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listOrderTags" => list,
        "addOrderTags" => add,
        "removeOrderTags" => remove,
        _ => return None,
    })
}

/// A tag that orders have.
#[derive(Serialize)]
struct OrderTag<'a> {
    name: &'a str,
    order_count: u64,
}

/// `listOrderTags`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let tags: Vec<(&str, u64)> = counted(call.shop).into_iter().collect();
    encode(&Numbered::of(&call.query)?.cut(&tags, |(name, order_count)| OrderTag { name, order_count: *order_count }))
}

/// How many orders have each tag.
fn counted(shop: &Shop) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for tag in shop.orders.iter().flat_map(|order| &order.tags) {
        *counts.entry(tag.as_str()).or_default() += 1;
    }
    counts
}

#[derive(Deserialize)]
struct OrderTagsInput {
    tags: Vec<String>,
}

/// `addOrderTags`
fn add(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderTagsInput = call.input()?;
    let order = tagged(call.shop, call.path("order_id"), input.tags, call.now)?;
    done(call, order)
}

/// An order with more tags, if there is room for them.
pub(crate) fn tagged(shop: &Shop, order_id: &str, tags: Vec<String>, now: Timestamp) -> Result<Order, Refusal> {
    let mut order = Order::clone(shop.order(order_id)?);
    let mut known = counted(shop);
    for tag in &tags {
        known.entry(tag).or_default();
    }
    let of_shop = known.len();
    for tag in tags {
        if !order.tags.contains(&tag) {
            order.tags.push(tag);
        }
    }
    if order.tags.len() > MOST_OF_ORDER || of_shop > MOST_OF_SHOP {
        let message = format!("an order has {MOST_OF_ORDER} tags at most, a shop {MOST_OF_SHOP} different ones");
        return Err(Refusal::rule("trade.tag_limit_exceeded", message));
    }
    order.settle(now);
    Ok(order)
}

/// `removeOrderTags`
fn remove(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderTagsInput = call.input()?;
    let mut order = Order::clone(call.shop.order(call.path("order_id"))?);
    order.tags.retain(|tag| !input.tags.contains(tag));
    order.settle(call.now);
    done(call, order)
}
