//! Orders that take the place of others, by a split or a merge: what both have in common.

use std::sync::Arc;

use ecloud_core::Timestamp;

use super::address_changes::open_of;
use super::invoice::current_of;
use super::progress::keep;
use super::{CloseReason, Line, Order, Promotion};
use crate::business::Shop;
use crate::description::Description;
use crate::platform::Refusal;

/// Refuses an order whose place no other can take: by its status, or as somebody has still to answer something about it.
pub(super) fn check_replaceable(shop: &Shop, order: &Order, operation: &str) -> Result<(), Refusal> {
    let machines = Description::get();
    machines.machine("OrderStatus").operation(operation, order.status.as_str())?;
    machines.machine("RiskStatus").operation(operation, order.risk_status.as_str())?;
    if order.amounts.refunded.amount > 0 || order.lines.iter().any(|line| line.refund_open || line.closed) {
        let message = format!("something of {} was refunded or is to be", order.order_id);
        return Err(Refusal::rule("trade.order_has_refunds", message));
    }
    if order.extension_lapses_at().is_some() || open_of(shop, &order.order_id).is_some() {
        let message = format!("an extension or an address change of {} has still to be answered", order.order_id);
        return Err(Refusal::rule("trade.order_has_requests", message));
    }
    if current_of(shop, &order.order_id).is_some() {
        let message = format!("{} has an invoice", order.order_id);
        return Err(Refusal::rule("trade.order_has_requests", message));
    }
    Ok(())
}

/// Makes a new order of lines and promotions, paid like the one that it is made after, whose notes it has, too.
pub(super) fn successor(
    shop: &mut Shop,
    model: &Order,
    (mut lines, mut promotions): (Vec<Line>, Vec<Promotion>),
    freight: i64,
    now: Timestamp,
) -> Order {
    let order_id = shop.next_id("T");
    for (index, line) in lines.iter_mut().enumerate() {
        let line_id = format!("{order_id}-{}", index + 1);
        for promotion in promotions.iter_mut().filter(|promotion| promotion.line_id.as_ref() == Some(&line.line_id)) {
            promotion.line_id = Some(line_id.clone());
        }
        line.line_id = line_id;
        // A refund that ended without money is told of the line that it was asked for.
        line.refund_id = None;
    }
    let mut order = Order {
        order_id,
        lines,
        promotions,
        split_from: None,
        split_into: Vec::new(),
        merged_from: Vec::new(),
        merged_into: None,
        created_at: now,
        version: 0,
        history: Vec::new(),
        ..model.clone()
    };
    order.deadlines.ship_by = order.lines.iter().filter_map(|line| line.ship_by).max();
    // An order is late only by a line of its own.
    order.late_at = order.late_at.filter(|late_at| order.lines.iter().any(|line| line.ship_by <= Some(*late_at)));
    order.amounts.freight.amount = freight;
    order.add_up();
    order.amounts.paid = order.amounts.payment;
    order.settle(now);
    order
}

/// Ends an order whose place others have taken: what it reserved and what was paid for it is theirs.
pub(super) fn give_way(
    shop: &mut Shop,
    mut order: Order,
    reason: CloseReason,
    now: Timestamp,
) -> Result<Arc<Order>, Refusal> {
    for line in &mut order.lines {
        line.reserved = 0;
    }
    order.amounts.paid.amount = 0;
    order.close(shop, reason, None, now)?;
    Ok(keep(shop, order))
}
