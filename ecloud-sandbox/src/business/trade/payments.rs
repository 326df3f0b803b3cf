//! Payments: the money that moves between buyers and the shop, in step with orders and refunds.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::amounts::allocate;
use super::{Order, PaymentMethod, Refund};
use crate::business::due::Due;
use crate::business::table::{Mark, Row};
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

const MINUTE_MILLIS: i64 = 60_000;

wire_enum! {
    /// Which way money goes.
    PaymentKind { Payment = "payment", Refund = "refund" }
}

wire_enum! {
    /// Whether money has arrived.
    TransactionStatus { Pending = "pending", Succeeded = "succeeded", Failed = "failed" }
}

wire_enum! {
    /// Where a buyer pays.
    PaymentChannel { App = "app", Web = "web", MiniProgram = "mini_program" }
}

wire_enum! {
    /// Why a payment failed.
    PaymentFailure {
        InsufficientFunds = "insufficient_funds",
        Declined = "declined",
        Cancelled = "cancelled",
        TimedOut = "timed_out",
    }
}

/// Money that moves from a buyer to the shop, or back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) payment_id: String,
    pub(crate) kind: PaymentKind,
    pub(crate) status: TransactionStatus,
    method: PaymentMethod,
    channel: PaymentChannel,
    amount: Money,
    pub(crate) orders: Vec<PaymentShare>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<PaymentFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
}

/// What of a payment is one order's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PaymentShare {
    pub(crate) order_id: String,
    pub(crate) amount: Money,
}

impl Row for Payment {
    fn id(&self) -> &str {
        &self.payment_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn marks(&self) -> Vec<Mark> {
        let orders = self.orders.iter().map(|share| ("order", share.order_id.clone().into()));
        orders.chain(self.refund_of.iter().map(|payment_id| ("refund_of", payment_id.clone().into()))).collect()
    }
}

impl Payment {
    /// What of it is these orders', in the minor unit.
    fn share_of(&self, order_ids: &[&str]) -> i64 {
        let mine = self.orders.iter().filter(|share| order_ids.contains(&share.order_id.as_str()));
        mine.map(|share| share.amount.amount).sum()
    }

    /// Whether it brought the shop money.
    fn has_paid(&self) -> bool {
        self.kind == PaymentKind::Payment && self.status == TransactionStatus::Succeeded
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listPayments" => list,
        "listPaymentChanges" => changes,
        "getPayment" => get,
        _ => return None,
    })
}

/// `listPayments`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let (order, refund) = (call.query.one("order_id"), call.query.one("refund_id"));
    let wanted = |payment: &Payment| {
        call.query.wants("kind", payment.kind.as_str())
            && call.query.wants("status", payment.status.as_str())
            && order.is_none_or(|order| payment.orders.iter().any(|share| share.order_id == order))
            && refund.is_none_or(|refund| payment.refund_id.as_deref() == Some(refund))
    };
    match order {
        Some(order) => {
            let of_order = |after| call.shop.payments.marked([("order", order.to_owned().into())], after);
            call.cursor_page_of(of_order, wanted, |payment| &**payment)
        }
        None => call.cursor_page(&call.shop.payments, wanted, |payment| &**payment),
    }
}

/// `listPaymentChanges`
fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |payment: &Payment| call.shop.shows_change(&payment.payment_id, payment.version, payment.modified_at, call.now);
    call.changes_page(&call.shop.payments, visible, |payment| &***payment)
}

/// `getPayment`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("payment_id"))?)
}

fn find<'a>(shop: &'a Shop, payment_id: &str) -> Result<&'a Payment, Refusal> {
    let found = shop.payments.get(payment_id).map(|payment| &**payment);
    found.ok_or_else(|| Refusal::rule("trade.payment_not_found", "the shop has no such payment"))
}

/// By what means a buyer pays, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means {
    pub(crate) method: PaymentMethod,
    pub(crate) channel: PaymentChannel,
}

/// A buyer pays for an order, or tries to. Where there is nothing to pay, no money moves.
pub(crate) fn pay(
    shop: &mut Shop,
    order: &Order,
    means: Means,
    failure: Option<PaymentFailure>,
    now: Timestamp,
) -> Option<Payment> {
    let amount = order.amounts.payment;
    if amount.amount == 0 {
        return None;
    }
    let info = order.payment_info.as_ref().filter(|_| failure.is_none());
    let payment = Payment {
        payment_id: shop.next_id("PY"),
        kind: PaymentKind::Payment,
        status: if failure.is_some() { TransactionStatus::Failed } else { TransactionStatus::Succeeded },
        method: means.method,
        channel: means.channel,
        amount,
        orders: vec![PaymentShare { order_id: order.order_id.clone(), amount }],
        payment_number: info.map(|info| info.payment_number.clone()),
        refund_id: None,
        refund_of: None,
        failure,
        paid_at: Some(now).filter(|_| failure.is_none()),
        created_at: now,
        modified_at: now,
        version: 1,
    };
    shop.payments.put(payment.clone());
    Some(payment)
}

/// A refund has succeeded: its amount goes back the way that it came, the money of the earliest payment first.
pub(super) fn give_back(shop: &mut Shop, refund: &Refund, now: Timestamp) {
    let order_id = refund.order_id.as_str();
    let mut left = refund.amount.amount;
    let paid: Vec<Payment> = shop
        .payments
        .marked([("order", order_id.to_owned().into())], None)
        .filter(|payment| payment.has_paid() && payment.share_of(&[order_id]) > 0)
        .map(|payment| Payment::clone(payment))
        .collect();
    for payment in paid {
        let gone_back = shop.payments.marked([("refund_of", payment.payment_id.clone().into())], None);
        let gone_back: i64 = gone_back.map(|other| other.share_of(&[order_id])).sum();
        let amount = left.min(payment.share_of(&[order_id]) - gone_back);
        if amount > 0 {
            left -= amount;
            send_back(shop, refund, payment, amount, now);
        }
    }
    debug_assert_eq!(left, 0, "{} gives back more than {order_id} has brought", refund.refund_id);
}

/// Money of a payment is on its way back to the buyer.
fn send_back(shop: &mut Shop, refund: &Refund, payment: Payment, amount: i64, now: Timestamp) {
    let payment_id = shop.next_id("PY");
    let amount = shop.money(amount);
    let minutes = if payment.method == PaymentMethod::Wallet { 10 } else { 24 * 60 };
    shop.due.insert((now.offset_by_millis(minutes * MINUTE_MILLIS), Due::Payout(payment_id.clone())));
    shop.payments.put(Payment {
        kind: PaymentKind::Refund,
        status: TransactionStatus::Pending,
        amount,
        orders: vec![PaymentShare { order_id: refund.order_id.clone(), amount }],
        payment_number: Some(format!("P{}{}", now.unix_seconds(), &payment_id[2..])),
        payment_id,
        refund_id: Some(refund.refund_id.clone()),
        refund_of: Some(payment.payment_id.clone()),
        paid_at: None,
        created_at: now,
        modified_at: now,
        version: 1,
        ..payment
    });
}

/// Money has arrived at the buyer's.
pub(crate) fn is_due(shop: &mut Shop, payment_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let mut payment = find(shop, payment_id)?.clone();
    if Description::get().machine("TransactionStatus").event("money_arrives", payment.status.as_str()).is_some() {
        payment.status = TransactionStatus::Succeeded;
        payment.paid_at = Some(at);
        payment.version += 1;
        payment.modified_at = at;
        shop.payments.put(payment);
    }
    Ok(())
}

/// Orders have taken the place of others: what was paid for those is paid for them, as much as each of them costs.
pub(super) fn hand_over(shop: &mut Shop, before: &[&str], after: &[&Order], now: Timestamp) {
    let paid: Vec<Payment> = shop
        .payments
        .marked(before.iter().map(|order_id| ("order", (*order_id).to_owned().into())), None)
        .filter(|payment| payment.has_paid() && payment.share_of(before) > 0)
        .map(|payment| Payment::clone(payment))
        .collect();
    let mut left: Vec<i64> = paid.iter().map(|payment| payment.share_of(before)).collect();
    let mut shares: Vec<Vec<PaymentShare>> = vec![Vec::new(); paid.len()];
    for order in after {
        for (index, share) in allocate(order.amounts.paid.amount, &left).into_iter().enumerate() {
            left[index] -= share;
            if share > 0 {
                shares[index].push(PaymentShare { order_id: order.order_id.clone(), amount: shop.money(share) });
            }
        }
    }
    debug_assert!(left.iter().all(|left| *left == 0), "{before:?} hand over all that was paid for them");
    for (mut payment, shares) in paid.into_iter().zip(shares) {
        payment.orders.retain(|share| !before.contains(&share.order_id.as_str()));
        payment.orders.extend(shares);
        payment.version += 1;
        payment.modified_at = payment.modified_at.max(now);
        shop.payments.put(payment);
    }
}
