//! Daily statements: what orders that ended and refunds that were paid afterwards have earned.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Order, account};
use crate::business::china_day::{DAY_MILLIS, day_of};
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// What the platform keeps of what a shop keeps of an order's payment, in hundredths of a percent.
const COMMISSION_BASIS_POINTS: i64 = 200;

wire_enum! {
    /// What a line of a statement stands for.
    SettlementLineKind { Order = "order", Refund = "refund" }
}

/// What a shop has earned in one day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settlement {
    pub(crate) settlement_id: String,
    period_from: Timestamp,
    period_to: Timestamp,
    line_count: usize,
    payment: Money,
    refunded: Money,
    commission: Money,
    pub(crate) total: Money,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) lines: Vec<SettlementLine>,
}

/// One order that ended, or one refund that was paid afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SettlementLine {
    settlement_line_id: String,
    kind: SettlementLineKind,
    pub(crate) order_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_id: Option<String>,
    payment: Money,
    refunded: Money,
    pub(crate) commission: Money,
    pub(crate) amount: Money,
    occurred_at: Timestamp,
}

impl Row for Settlement {
    fn id(&self) -> &str {
        &self.settlement_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listSettlements" => list,
        "getSettlement" => get,
        "listSettlementLines" => list_lines,
        _ => return None,
    })
}

/// `listSettlements`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    call.cursor_page(&call.shop.settlements, |_| true, |settlement| &**settlement)
}

/// `getSettlement`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call)?)
}

/// `listSettlementLines`
fn list_lines(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&Numbered::of(&call.query)?.cut(&find(call)?.lines, SettlementLine::clone))
}

fn find<'a>(call: &'a Call<'_>) -> Result<&'a Settlement, Refusal> {
    let found = call.shop.settlements.get(call.path("settlement_id")).map(|settlement| &**settlement);
    found.ok_or_else(|| Refusal::rule("trade.settlement_not_found", "the shop has no such statement"))
}

/// What the platform keeps where a shop keeps `net`, rounded half up to the minor unit.
pub(crate) fn commission(net: i64) -> i64 {
    let exact = i128::from(net.max(0)) * i128::from(COMMISSION_BASIS_POINTS);
    ((exact + 5_000) / 10_000) as i64
}

/// An order has ended: what is left of its payment goes to the shop.
pub(crate) fn order_ended(shop: &mut Shop, order: &Order, at: Timestamp) {
    let (paid, refunded) = (order.amounts.paid, order.amounts.refunded);
    let net = paid.amount - refunded.amount;
    if net > 0 {
        let kept = shop.money(commission(net));
        add(shop, SettlementLineKind::Order, order, None, (paid, refunded, kept), at);
    }
}

/// A refund was paid for an order that had ended before; the order counts it already.
pub(crate) fn refund_paid(shop: &mut Shop, order: &Order, refund_id: &str, refunded: Money, at: Timestamp) {
    let after = order.amounts.paid.amount - order.amounts.refunded.amount;
    let returned = shop.money(commission(after) - commission(after + refunded.amount));
    let nothing = shop.money(0);
    let refund_id = Some(refund_id.to_owned());
    add(shop, SettlementLineKind::Refund, order, refund_id, (nothing, refunded, returned), at);
}

/// Notes a line of payment, refund and commission for the statement of its day, which time makes at the day's end.
fn add(
    shop: &mut Shop,
    kind: SettlementLineKind,
    order: &Order,
    refund_id: Option<String>,
    (payment, refunded, commission): (Money, Money, Money),
    at: Timestamp,
) {
    let line = SettlementLine {
        settlement_line_id: shop.next_id("SL"),
        kind,
        order_id: order.order_id.clone(),
        refund_id,
        payment,
        refunded,
        commission,
        amount: shop.money(payment.amount - refunded.amount - commission.amount),
        occurred_at: at,
    };
    shop.unsettled.push(line);
    shop.due.insert((day_of(at).offset_by_millis(DAY_MILLIS), Due::Settlement));
}

/// A day has ended: what happened in it and before becomes a statement, and the account changes.
pub(crate) fn day_has_ended(shop: &mut Shop, midnight: Timestamp) {
    let waiting = std::mem::take(&mut shop.unsettled);
    let (mut lines, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|line| line.occurred_at < midnight);
    shop.unsettled = later;
    if lines.is_empty() {
        return;
    }
    lines.sort_by(|a, b| (a.occurred_at, &a.settlement_line_id).cmp(&(b.occurred_at, &b.settlement_line_id)));
    let sum = |of: fn(&SettlementLine) -> Money| shop.money(lines.iter().map(|line| of(line).amount).sum());
    let (payment, refunded) = (sum(|line| line.payment), sum(|line| line.refunded));
    let (commission, total) = (sum(|line| line.commission), sum(|line| line.amount));
    let settlement = Settlement {
        settlement_id: shop.next_id("ST"),
        period_from: midnight.offset_by_millis(-DAY_MILLIS),
        period_to: midnight,
        line_count: lines.len(),
        payment,
        refunded,
        commission,
        total,
        created_at: midnight,
        lines,
    };
    account::settle(shop, &settlement, midnight);
    shop.settlements.put(settlement);
}

#[cfg(test)]
mod tests {
    use super::commission;

    #[test]
    fn a_commission_is_rounded_half_up_to_the_minor_unit() {
        assert_eq!([0, 24, 25, 74, 75, 5_900].map(commission), [0, 0, 1, 1, 2, 118]);
        assert_eq!(commission(-100), 0);
    }
}
