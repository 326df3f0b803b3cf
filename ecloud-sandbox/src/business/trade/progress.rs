//! Where an order stands: its statuses follow from what has happened to its lines.

use std::sync::Arc;

use ecloud_core::Timestamp;

use super::address_changes;
use super::history::note;
use super::settlements::order_ended;
use super::{
    FulfilmentStatus, Line, LineStatus, Order, OrderStatus, PaymentStatus, RefundProgress, RiskStatus, invoice,
};
use crate::business::Shop;
use crate::business::due::Due;
use crate::business::product::inventory::{Movement, shift};
use crate::business::trade::CloseReason;
use crate::description::Description;
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// How long a buyer may take to pay.
pub(crate) const PAY_WITHIN_MILLIS: i64 = DAY_MILLIS;
/// How long a carrier may take to pick up what was shipped.
const COLLECT_WITHIN_MILLIS: i64 = DAY_MILLIS;
/// How long goods may be under way.
const DELIVER_WITHIN_MILLIS: i64 = 7 * DAY_MILLIS;
/// After how long an order counts as received.
const CONFIRM_WITHIN_MILLIS: i64 = 10 * DAY_MILLIS;

impl Order {
    /// Works the statuses out again and counts the change. Call it once after each change, before the order is put back.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        let paid = self.paid_at.is_some();
        for line in &mut self.lines {
            line.settle(paid, self.finished_at.is_some() && self.status == OrderStatus::Finished, now);
        }
        self.status = self.status_now();
        self.settle_shipping(now);
        self.settle_promise(now);
        self.payment_status = match (paid, self.amounts.refunded.amount) {
            (false, _) => PaymentStatus::Unpaid,
            (true, 0) => PaymentStatus::Paid,
            (true, refunded) if refunded < self.amounts.paid.amount => PaymentStatus::PartlyRefunded,
            (true, _) => PaymentStatus::Refunded,
        };
        self.refund_status = progress(
            self.lines.iter().any(|line| line.refund_open),
            self.amounts.refunded.amount,
            self.amounts.paid.amount,
        );
        self.receiver.hidden = self.risk_status != RiskStatus::Clear;
        self.modified_at = self.modified_at.max(now);
        self.version += 1;
    }

    fn status_now(&self) -> OrderStatus {
        let waiting = self.lines.iter().any(|line| line.waiting() > 0);
        let shipped = self.lines.iter().any(|line| line.shipped_quantity > 0);
        if self.lines.iter().all(|line| line.closed) {
            OrderStatus::Closed
        } else if self.status == OrderStatus::Finished {
            OrderStatus::Finished
        } else if self.paid_at.is_none() {
            OrderStatus::WaitPayment
        } else if !waiting {
            OrderStatus::Shipped
        } else if shipped {
            OrderStatus::PartlyShipped
        } else {
            OrderStatus::Paid
        }
    }

    fn settle_shipping(&mut self, now: Timestamp) {
        let shipped = self.lines.iter().any(|line| line.shipped_quantity > 0);
        let waiting = self.lines.iter().any(|line| line.waiting() > 0);
        self.fulfilment_status = match (shipped, waiting) {
            (false, _) => FulfilmentStatus::Unshipped,
            (true, true) => FulfilmentStatus::PartlyShipped,
            (true, false) if self.delivered => FulfilmentStatus::Delivered,
            (true, false) => FulfilmentStatus::Shipped,
        };
        match self.status {
            OrderStatus::Shipped if self.shipped_at.is_none() => {
                self.shipped_at = Some(now);
                self.deadlines.collect_by = Some(now.offset_by_millis(COLLECT_WITHIN_MILLIS));
                self.deadlines.deliver_by = Some(now.offset_by_millis(DELIVER_WITHIN_MILLIS));
                self.deadlines.confirm_by = Some(now.offset_by_millis(CONFIRM_WITHIN_MILLIS));
            }
            OrderStatus::Paid | OrderStatus::PartlyShipped => {
                self.shipped_at = None;
                self.deadlines.collect_by = None;
                self.deadlines.deliver_by = None;
                self.deadlines.confirm_by = None;
            }
            _ => {}
        }
    }

    /// The line of this name.
    pub(crate) fn line(&self, line_id: &str) -> Result<&Line, Refusal> {
        self.lines
            .iter()
            .find(|line| line.line_id == line_id)
            .ok_or_else(|| Refusal::rule("trade.line_not_found", "the order has no such line"))
    }

    pub(crate) fn line_mut(&mut self, line_id: &str) -> Result<&mut Line, Refusal> {
        self.lines
            .iter_mut()
            .find(|line| line.line_id == line_id)
            .ok_or_else(|| Refusal::rule("trade.line_not_found", "the order has no such line"))
    }

    /// Ends the order without a sale: all lines close, and what they reserved can be sold again.
    pub(crate) fn close(
        &mut self,
        shop: &mut Shop,
        reason: CloseReason,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for line in &mut self.lines {
            release(shop, line, now)?;
            line.closed = true;
            line.finished_at = line.finished_at.or(Some(now));
        }
        self.close_reason = Some(reason);
        self.close_note = note;
        self.finished_at = Some(now);
        self.settle(now);
        Ok(())
    }

    /// The buyer has the goods, or counts as having them.
    pub(crate) fn finish(&mut self, now: Timestamp) {
        self.status = OrderStatus::Finished;
        self.delivered = true;
        self.finished_at = Some(now);
        for line in self.lines.iter_mut().filter(|line| !line.closed) {
            line.finished_at = Some(now);
        }
        self.settle(now);
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        Description::get().machine("OrderStatus").ends_in(self.status.as_str())
    }
}

/// What a line still reserves can be sold again.
pub(crate) fn release(shop: &mut Shop, line: &mut Line, now: Timestamp) -> Result<(), Refusal> {
    shift(shop, line.sku_id(), Movement::Release, line.reserved, now)?;
    line.reserved = 0;
    Ok(())
}

impl Line {
    fn settle(&mut self, paid: bool, finished: bool, now: Timestamp) {
        self.status = if self.closed {
            LineStatus::Closed
        } else if finished {
            LineStatus::Finished
        } else if !paid {
            LineStatus::WaitPayment
        } else if self.waiting() == 0 {
            LineStatus::Shipped
        } else if self.shipped_quantity > 0 {
            LineStatus::PartlyShipped
        } else {
            LineStatus::Paid
        };
        match self.status {
            LineStatus::Shipped => self.shipped_at = self.shipped_at.or(Some(now)),
            LineStatus::Paid | LineStatus::PartlyShipped => self.shipped_at = None,
            _ => {}
        }
        self.refund_status = progress(self.refund_open, self.refunded.amount, self.payment.amount);
    }
}

fn progress(open: bool, refunded: i64, of: i64) -> RefundProgress {
    match (open, refunded) {
        (true, _) => RefundProgress::InProgress,
        (false, 0) => RefundProgress::None,
        (false, refunded) if refunded < of => RefundProgress::PartlyDone,
        (false, _) => RefundProgress::Done,
    }
}

/// Puts an order back and notes what time will bring to it.
pub(crate) fn keep(shop: &mut Shop, mut order: Order) -> Arc<Order> {
    let machine = Description::get().machine("OrderStatus");
    debug_assert!(
        match shop.orders.get(&order.order_id) {
            Some(before) => machine.leads(before.status.as_str(), order.status.as_str()),
            None => machine.starts_in(order.status.as_str()),
        },
        "{} can't become {}",
        order.order_id,
        order.status.as_str()
    );
    let before = shop.orders.get(&order.order_id).cloned();
    note(before.as_deref(), &mut order, shop.actor);
    if order.status == OrderStatus::WaitPayment
        && let Some(at) = order.deadlines.pay_by
    {
        shop.due.insert((at, Due::Payment(order.order_id.clone())));
    }
    if order.status == OrderStatus::Shipped
        && let Some(at) = order.deadlines.confirm_by
    {
        // A refund that was open at the deadline has put the receipt off: it comes now, not in the past.
        shop.due.insert((at.max(order.modified_at), Due::Receipt(order.order_id.clone())));
    }
    let ended_before = shop.orders.get(&order.order_id).is_some_and(|before| before.has_ended());
    if let Some(at) = order.finished_at.filter(|_| order.has_ended() && !ended_before) {
        order_ended(shop, &order, at);
    }
    for at in order.breaks_at().into_iter().chain(order.extension_lapses_at()) {
        shop.due.insert((at, Due::Promise(order.order_id.clone())));
    }
    let order = shop.orders.put(order);
    address_changes::order_moved(shop, &order);
    invoice::order_moved(shop, &order);
    order
}
