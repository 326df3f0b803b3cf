//! Searches for orders by what is in them.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::Deserialize;

use super::{Order, OrderFlag, OrderStatus, RefundProgress};
use crate::business::table::Mark;
use crate::business::{Call, Handler};
use crate::platform::Refusal;

/// What does an operation that searches.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "searchOrders" => search,
        _ => return None,
    })
}

/// Which orders are searched for.
#[derive(Deserialize)]
struct OrderSearch {
    item_ids: Option<Vec<String>>,
    sku_ids: Option<Vec<String>>,
    buyer_id: Option<String>,
    statuses: Option<Vec<OrderStatus>>,
    refund_statuses: Option<Vec<RefundProgress>>,
    flags: Option<Vec<OrderFlag>>,
    has_memo: Option<bool>,
    tags: Option<Vec<String>>,
    late: Option<bool>,
    payment_min: Option<Money>,
    payment_max: Option<Money>,
    created_from: Option<Timestamp>,
    created_to: Option<Timestamp>,
    paid_from: Option<Timestamp>,
    paid_to: Option<Timestamp>,
    ship_by_from: Option<Timestamp>,
    ship_by_to: Option<Timestamp>,
}

/// `searchOrders`
fn search(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let search: OrderSearch = call.criteria()?;
    for (field, amount) in [("payment_min", search.payment_min), ("payment_max", search.payment_max)] {
        if amount.is_some_and(|amount| amount.currency != call.shop.currency) {
            return Err(Refusal::invalid_field(field, "is in another currency than the shop's"));
        }
    }
    let orders = &call.shop.orders;
    // The buyer narrows it most, then the statuses.
    let marks: Vec<Mark> = match (&search.buyer_id, &search.statuses) {
        (Some(buyer_id), _) => vec![("buyer", buyer_id.clone().into())],
        (None, Some(statuses)) => statuses.iter().map(|status| ("status", status.as_str().into())).collect(),
        (None, None) => return call.cursor_page(orders, |order| search.finds(order), |order| &**order),
    };
    call.cursor_page_of(|after| orders.marked(marks, after), |order| search.finds(order), |order| &**order)
}

impl OrderSearch {
    fn finds(&self, order: &Order) -> bool {
        let any_line = |wanted: &Option<Vec<String>>, of: fn(&super::Line) -> &String| {
            wanted.as_ref().is_none_or(|wanted| order.lines.iter().any(|line| wanted.contains(of(line))))
        };
        any_line(&self.item_ids, |line| line.item_id())
            && any_line(&self.sku_ids, |line| line.sku_id())
            && self.buyer_id.as_ref().is_none_or(|buyer_id| *buyer_id == order.buyer_id)
            && one_of(&self.statuses, Some(&order.status))
            && one_of(&self.refund_statuses, Some(&order.refund_status))
            && one_of(&self.flags, order.flag.as_ref())
            && self.has_memo.is_none_or(|wanted| wanted == order.memo.is_some())
            && self.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| order.tags.contains(tag)))
            && self.late.is_none_or(|wanted| wanted == order.late_at.is_some())
            && self.payment_min.is_none_or(|least| least.amount <= order.amounts.payment.amount)
            && self.payment_max.is_none_or(|most| order.amounts.payment.amount <= most.amount)
            && within(self.created_from, self.created_to, Some(order.created_at))
            && within(self.paid_from, self.paid_to, order.paid_at)
            && within(self.ship_by_from, self.ship_by_to, order.deadlines.ship_by)
    }
}

fn one_of<T: PartialEq>(wanted: &Option<Vec<T>>, value: Option<&T>) -> bool {
    wanted.as_ref().is_none_or(|wanted| value.is_some_and(|value| wanted.contains(value)))
}

/// Whether a moment lies in a window; one that isn't there lies only in a window without ends.
fn within(from: Option<Timestamp>, to: Option<Timestamp>, at: Option<Timestamp>) -> bool {
    match at {
        Some(at) => from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to),
        None => from.is_none() && to.is_none(),
    }
}
