//! Splits: one paid order becomes two, to be shipped on their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::amounts::{allocate, divide_promotions};
use super::orders::check_version;
use super::payments::hand_over;
use super::progress::keep;
use super::succession::{check_replaceable, give_way, successor};
use super::{CloseReason, Line, Order};
use crate::business::logistics::waybills;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// What does an operation that splits.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "splitOrder" => split,
        _ => return None,
    })
}

/// What goes into an order of its own.
#[derive(Deserialize)]
pub(crate) struct OrderSplit {
    pub(crate) version: u64,
    pub(crate) lines: Vec<OrderSplitLine>,
}

/// A line, or some pieces of it.
#[derive(Deserialize)]
pub(crate) struct OrderSplitLine {
    pub(crate) line_id: String,
    pub(crate) quantity: Option<u32>,
}

#[derive(Serialize)]
struct OrderSplitResult<'a> {
    order_id: &'a str,
    orders: [&'a Order; 2],
}

/// `splitOrder`
fn split(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: OrderSplit = call.input()?;
    let order_id = call.path("order_id").to_owned();
    let [first, second] = divide(call.shop, &order_id, input, call.now)?;
    encode(&OrderSplitResult { order_id: &order_id, orders: [&first, &second] })
}

/// Puts two orders in the place of one.
pub(crate) fn divide(
    shop: &mut Shop,
    order_id: &str,
    input: OrderSplit,
    now: Timestamp,
) -> Result<[Arc<Order>; 2], Refusal> {
    let named = named(&input)?;
    let mut order = Order::clone(shop.order(order_id)?);
    for line_id in named.keys() {
        order.line(line_id)?;
    }
    check_version(&order, input.version)?;
    check_replaceable(shop, &order, "splitOrder")?;
    check_waybills(shop, order_id)?;
    let parts = parts(&order, &named)?;

    let freights = freights(&order, &parts);
    let promotions = divide_promotions(&order.promotions, &parts);
    let mut made = Vec::new();
    for ((lines, promotions), freight) in parts.into_iter().zip(promotions).zip(freights) {
        let mut part = successor(shop, &order, (lines, promotions), freight, now);
        part.split_from = Some(order.order_id.clone());
        made.push(keep(shop, part));
    }
    let after: Vec<&Order> = made.iter().map(|part| &**part).collect();
    hand_over(shop, &[order_id], &after, now);
    order.split_into = made.iter().map(|part| part.order_id.clone()).collect();
    give_way(shop, order, CloseReason::Split, now)?;
    made.try_into().map_err(|_| invalid("it has two parts"))
}

/// A waybill says in words what its parcel holds, so that nobody knows to which of the two orders it would belong.
fn check_waybills(shop: &Shop, order_id: &str) -> Result<(), Refusal> {
    if waybills::waiting_of(shop, order_id).next().is_some() {
        let message = format!("a waybill of {order_id} waits for the carrier: cancel it first");
        return Err(Refusal::rule("trade.order_has_waybills", message));
    }
    Ok(())
}

/// How many pieces are named of each line; no number for all of them.
fn named(input: &OrderSplit) -> Result<BTreeMap<&str, Option<u32>>, Refusal> {
    let mut named = BTreeMap::new();
    for (index, line) in input.lines.iter().enumerate() {
        if named.insert(line.line_id.as_str(), line.quantity).is_some() {
            return Err(Refusal::invalid_field(format!("lines[{index}].line_id"), "stands there twice"));
        }
    }
    Ok(named)
}

/// The lines of both orders: those that are named, and the rest.
fn parts(order: &Order, named: &BTreeMap<&str, Option<u32>>) -> Result<[Vec<Line>; 2], Refusal> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for line in &order.lines {
        let taken = match named.get(line.line_id.as_str()) {
            Some(quantity) => quantity.unwrap_or(line.quantity),
            None => 0,
        };
        if taken > line.quantity {
            let message = format!("line {} has {} pieces, fewer than {taken}", line.line_id, line.quantity);
            return Err(invalid(&message));
        }
        if taken == 0 {
            second.push(line.clone());
        } else if taken == line.quantity {
            first.push(line.clone());
        } else {
            let [part, rest] = line.divide(taken);
            first.push(part);
            second.push(rest);
        }
    }
    if first.is_empty() || second.is_empty() {
        return Err(invalid("one of the orders would have nothing in it"));
    }
    Ok([first, second])
}

/// What of the freight each order bears: in proportion to what its lines cost, or by pieces where they cost nothing.
fn freights(order: &Order, parts: &[Vec<Line>; 2]) -> [i64; 2] {
    let sums = |of: fn(&Line) -> i64| parts.each_ref().map(|lines| lines.iter().map(of).sum::<i64>());
    let costs = sums(|line| line.price_now());
    let weights = if costs == [0, 0] { sums(|line| i64::from(line.quantity)) } else { costs };
    let shares = allocate(order.amounts.freight.amount, &weights);
    [shares[0], shares[1]]
}

fn invalid(message: &str) -> Refusal {
    Refusal::rule("trade.split_invalid", message)
}
