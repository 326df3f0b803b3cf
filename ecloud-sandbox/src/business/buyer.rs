//! What buyers do: place, pay and receive orders, and ask for their money back.

use std::sync::Arc;

use ecloud_core::Timestamp;

use super::Shop;
use super::actor::Actor;
use super::product::inventory::{Movement, shift};
use super::product::{ListingStatus, SkuStatus, StockDeduction};
use super::trade::after_sale::is_open;
use super::trade::orders::{can, has_no_refunds};
use super::trade::payments::{self, Means, PaymentChannel, PaymentFailure};
use super::trade::progress::{PAY_WITHIN_MILLIS, keep};
use super::trade::refund::{GoodsStatus, RefundPhase, ReturnParcel};
use super::trade::refund_history::RefundAction;
use super::trade::snapshots::Bought;
use super::trade::{
    Amounts, Deadlines, FulfilmentStatus, HeldBack, Line, LineStatus, Order, OrderKind, OrderStatus, PaymentInfo,
    PaymentMethod, PaymentStatus, Promotion, PromotionFunder, PromotionKind, Receiver, Refund, RefundKind,
    RefundProgress, RefundReason, RefundStatus, RiskStatus, allocate,
};
use crate::description::Description;
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;
/// Within how many hours a seller ships who has promised nothing.
const USUAL_SHIP_HOURS: u32 = 48;

/// An order that a buyer places.
#[derive(Clone, Debug)]
pub(crate) struct Basket {
    pub(crate) buyer_id: String,
    pub(crate) kind: OrderKind,
    /// What is bought: a variant and how many pieces of it.
    pub(crate) lines: Vec<(String, u32)>,
    pub(crate) receiver: Arc<Receiver>,
    /// In the minor unit.
    pub(crate) freight: i64,
    pub(crate) message: Option<String>,
    pub(crate) discounts: Vec<Discount>,
}

/// Something that a promotion takes off.
#[derive(Clone, Debug)]
pub(crate) struct Discount {
    pub(crate) promotion_id: String,
    pub(crate) name: String,
    pub(crate) kind: PromotionKind,
    pub(crate) funded_by: PromotionFunder,
    /// In the minor unit. No more is taken off than there is.
    pub(crate) amount: i64,
    /// Of which line, counted from 0; of the whole order where it is absent.
    pub(crate) line: Option<usize>,
}

/// A buyer places an order: stock falls, and the order waits for his payment.
pub(crate) fn place(shop: &mut Shop, basket: Basket, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let shop = &mut *shop.acting(Actor::Buyer);
    if basket.lines.is_empty() {
        return Err(Refusal::invalid_field("lines", "must have at least 1 entries"));
    }
    let mut lines = Vec::new();
    for (sku_id, quantity) in &basket.lines {
        if *quantity == 0 || *quantity > 9_999 {
            return Err(Refusal::invalid_field("lines.quantity", "must be at least 1 and at most 9999"));
        }
        if basket.lines.iter().filter(|(other, _)| other == sku_id).count() > 1 {
            return Err(Refusal::invalid_field("lines.sku_id", "stands there twice"));
        }
        lines.push(line(shop, sku_id, *quantity, now)?);
    }
    let order_id = shop.next_id("T");
    for (index, line) in lines.iter_mut().enumerate() {
        line.line_id = format!("{order_id}-{}", index + 1);
    }
    let promotions = take_off(shop, &mut lines, basket.discounts);
    for line in &mut lines {
        if !line.taken_at_payment {
            shift(shop, line.sku_id(), Movement::Reserve, line.quantity, now)?;
            line.reserved = line.quantity;
        }
    }
    let zero = shop.money(0);
    let freight = shop.money(basket.freight);
    let mut order = Order {
        order_id,
        shop_id: shop.id().to_owned(),
        buyer_id: basket.buyer_id,
        kind: basket.kind,
        status: OrderStatus::WaitPayment,
        payment_status: PaymentStatus::Unpaid,
        fulfilment_status: FulfilmentStatus::Unshipped,
        refund_status: RefundProgress::None,
        risk_status: RiskStatus::Clear,
        lines,
        amounts: Amounts {
            goods: zero,
            adjustment: zero,
            discount: zero,
            promotion: zero,
            freight,
            payment: zero,
            paid: zero,
            refunded: zero,
        },
        promotions,
        payment_info: None,
        receiver: HeldBack { receiver: basket.receiver, hidden: false },
        buyer_message: basket.message,
        memo: None,
        flag: None,
        tags: Vec::new(),
        shipment_ids: Vec::new(),
        close_reason: None,
        close_note: None,
        split_from: None,
        split_into: Vec::new(),
        merged_from: Vec::new(),
        merged_into: None,
        receipt_delay_days: 0,
        deadlines: Deadlines { pay_by: Some(now.offset_by_millis(PAY_WITHIN_MILLIS)), ..Deadlines::default() },
        late_at: None,
        created_at: now,
        paid_at: None,
        shipped_at: None,
        finished_at: None,
        modified_at: now,
        version: 0,
        delivered: false,
        extensions: Vec::new(),
        history: Vec::new(),
    };
    order.add_up();
    order.settle(now);
    Ok(keep(shop, order))
}

/// A line of a new order, if the variant can be bought.
fn line(shop: &Shop, sku_id: &str, quantity: u32, now: Timestamp) -> Result<Line, Refusal> {
    let not_found = || Refusal::rule("product.sku_not_found", "the shop has no such SKU");
    let sku = shop.skus.get(sku_id).ok_or_else(not_found)?;
    let item = shop.items.get(&sku.item_id).ok_or_else(not_found)?;
    if item.listing_status != ListingStatus::OnSale || sku.status != SkuStatus::Enabled {
        return Err(Refusal::rule("trade.sku_not_for_sale", format!("{sku_id} isn't for sale")));
    }
    let available = shop.stock.get(sku_id).map_or(0, |stock| stock.available);
    if available < quantity {
        let message = format!("{available} pieces of {sku_id} can be sold, fewer than {quantity}");
        return Err(Refusal::rule("product.stock_insufficient", message));
    }
    let zero = shop.money(0);
    Ok(Line {
        line_id: String::new(),
        quantity,
        shipped_quantity: 0,
        refunded_quantity: 0,
        price: sku.price,
        adjustment: zero,
        discount: zero,
        allocated_promotion: zero,
        payment: zero,
        refunded: zero,
        status: LineStatus::WaitPayment,
        refund_status: RefundProgress::None,
        refund_id: None,
        gift: false,
        ship_by: None,
        shipped_at: None,
        finished_at: None,
        bought: Bought { item: Arc::clone(item), sku: Arc::clone(sku), at: now },
        promised_by: None,
        ship_within_hours: item.ship_within_hours.unwrap_or(USUAL_SHIP_HOURS),
        taken_at_payment: item.stock_deduction == StockDeduction::AtPayment,
        reserved: 0,
        refund_open: false,
        closed: false,
    })
}

/// Applies discounts: first those of single lines, then those of the whole order, divided among its lines.
fn take_off(shop: &Shop, lines: &mut [Line], discounts: Vec<Discount>) -> Vec<Promotion> {
    let mut promotions = Vec::new();
    let (of_lines, of_order): (Vec<_>, Vec<_>) = discounts.into_iter().partition(|discount| discount.line.is_some());
    for discount in of_lines.into_iter().chain(of_order) {
        let line = discount.line.and_then(|index| lines.get_mut(index));
        let (amount, line_id) = match line {
            Some(line) => {
                let amount = discount.amount.clamp(0, line.price_now());
                line.discount.amount += amount;
                (amount, Some(line.line_id.clone()))
            }
            None => {
                let worth: Vec<i64> = lines.iter().map(Line::price_now).collect();
                let amount = discount.amount.clamp(0, worth.iter().sum());
                for (line, share) in lines.iter_mut().zip(allocate(amount, &worth)) {
                    line.allocated_promotion.amount += share;
                }
                (amount, None)
            }
        };
        promotions.push(Promotion {
            promotion_id: discount.promotion_id,
            name: discount.name,
            kind: discount.kind,
            funded_by: discount.funded_by,
            amount: shop.money(amount),
            line_id,
        });
    }
    promotions
}

/// The buyer pays in the platform's application.
pub(crate) fn pay(
    shop: &mut Shop,
    order_id: &str,
    method: PaymentMethod,
    now: Timestamp,
) -> Result<Arc<Order>, Refusal> {
    pay_by(shop, order_id, Means { method, channel: PaymentChannel::App }, now)
}

/// The buyer tries to pay, and can't.
pub(crate) fn fail_to_pay(
    shop: &mut Shop,
    order_id: &str,
    means: Means,
    failure: PaymentFailure,
    now: Timestamp,
) -> Result<payments::Payment, Refusal> {
    let order = happening(shop, order_id, "buyer_pays")?;
    let nothing = || impossible("a payment of nothing", order.status.as_str());
    payments::pay(shop, &order, means, Some(failure), now).ok_or_else(nothing)
}

/// The buyer pays.
pub(crate) fn pay_by(shop: &mut Shop, order_id: &str, means: Means, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let shop = &mut *shop.acting(Actor::Buyer);
    let mut order = happening(shop, order_id, "buyer_pays")?;
    let short = order
        .lines
        .iter()
        .filter(|line| line.taken_at_payment)
        .find(|line| shop.stock.get(line.sku_id()).is_none_or(|stock| stock.available < line.quantity));
    if let Some(line) = short {
        return Err(Refusal::rule("product.stock_insufficient", format!("{} is sold out", line.sku_id())));
    }
    for line in &mut order.lines {
        if line.taken_at_payment {
            shift(shop, line.sku_id(), Movement::Reserve, line.quantity, now)?;
            line.reserved = line.quantity;
        }
        line.promised_by = Some(now.offset_by_millis(i64::from(line.ship_within_hours) * HOUR_MILLIS));
        line.ship_by = line.promised_by;
    }
    order.deadlines.ship_by = order.lines.iter().filter_map(|line| line.ship_by).max();
    order.paid_at = Some(now);
    order.amounts.paid = order.amounts.payment;
    order.payment_info = Some(PaymentInfo {
        method: means.method,
        payment_number: format!("P{}{}", now.unix_seconds(), &order.order_id[1..]),
    });
    payments::pay(shop, &order, means, None, now);
    order.settle(now);
    Ok(keep(shop, order))
}

/// The buyer says that he has received everything.
pub(crate) fn confirm(shop: &mut Shop, order_id: &str, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let shop = &mut *shop.acting(Actor::Buyer);
    let mut order = happening(shop, order_id, "buyer_confirms")?;
    order.finish(now);
    Ok(keep(shop, order))
}

/// What the platform's risk control does with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Review {
    Starts,
    Passes,
    Fails,
}

/// The risk control looks at an order.
pub(crate) fn review(shop: &mut Shop, order_id: &str, review: Review, now: Timestamp) -> Result<Arc<Order>, Refusal> {
    let shop = &mut *shop.acting(Actor::Platform);
    let mut order = Order::clone(shop.order(order_id)?);
    let (event, status) = match review {
        Review::Starts => ("review_starts", RiskStatus::Reviewing),
        Review::Passes => ("review_passes", RiskStatus::Clear),
        Review::Fails => ("review_fails", RiskStatus::Blocked),
    };
    if Description::get().machine("RiskStatus").event(event, order.risk_status.as_str()).is_none() {
        return Err(impossible(event, order.risk_status.as_str()));
    }
    order.risk_status = status;
    order.settle(now);
    Ok(keep(shop, order))
}

/// A refund that a buyer asks for.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) order_id: String,
    /// The first line that can be refunded where it is absent.
    pub(crate) line_id: Option<String>,
    pub(crate) kind: RefundKind,
    /// All pieces of the line where it is absent.
    pub(crate) quantity: Option<u32>,
    /// In the minor unit; all that is left of the line's payment where it is absent.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: RefundReason,
    pub(crate) explanation: Option<String>,
}

/// The buyer asks for his money back for a line of an order.
pub(crate) fn claim(shop: &mut Shop, claim: Claim, now: Timestamp) -> Result<Refund, Refusal> {
    let shop = &mut *shop.acting(Actor::Buyer);
    let refused = |message: &str| Refusal::rule("trade.line_not_refundable", message);
    let mut order = Order::clone(shop.order(&claim.order_id)?);
    if has_no_refunds(&order) {
        return Err(refused("the order isn't paid, or has ended without a sale"));
    }
    let line_id = match claim.line_id {
        Some(line_id) => order.line(&line_id)?.line_id.clone(),
        None => {
            let refundable = order.lines.iter().find(|line| !line.closed && !line.refund_open && line.refundable() > 0);
            refundable.ok_or_else(|| refused("no line of the order can be refunded"))?.line_id.clone()
        }
    };
    let order_ended = order.has_ended();
    if is_open(shop, &order, &line_id) {
        return Err(refused("the buyer wants goods for the line instead of money"));
    }
    let goods_received = order_ended || order.delivered;
    let refund_id = shop.next_id("R");
    let buyer_id = order.buyer_id.clone();
    let line = order.line_mut(&line_id)?;
    let amount = claim.amount.unwrap_or(line.refundable());
    let quantity = claim.quantity.unwrap_or(line.quantity - line.refunded_quantity);
    if line.closed || line.refund_open || amount < 1 || amount > line.refundable() {
        return Err(refused("the line has ended, has an open refund, or has less left than is asked for"));
    }
    if quantity == 0 || quantity > line.quantity - line.refunded_quantity {
        return Err(Refusal::invalid_field("quantity", "must be at least 1 and at most what was bought"));
    }
    let goods_status = match (line.shipped_quantity, goods_received) {
        (0, _) => GoodsStatus::Unshipped,
        (_, true) => GoodsStatus::Received,
        (_, false) => GoodsStatus::NotReceived,
    };
    if claim.kind == RefundKind::ReturnAndRefund && goods_status == GoodsStatus::Unshipped {
        return Err(refused("what isn't shipped can't be returned"));
    }
    line.refund_id = Some(refund_id.clone());
    line.refund_open = true;
    let refund = Refund {
        refund_id,
        order_id: claim.order_id,
        line_id,
        item_id: line.item_id().clone(),
        sku_id: line.sku_id().clone(),
        buyer_id,
        title: line.title().clone(),
        kind: claim.kind,
        phase: if order_ended { RefundPhase::AfterReceipt } else { RefundPhase::BeforeReceipt },
        goods_status,
        status: RefundStatus::WaitSeller,
        quantity,
        amount: shop.money(amount),
        freight: None,
        reason: claim.reason,
        explanation: claim.explanation,
        refusal: None,
        proposal: None,
        return_address_id: None,
        return_parcel: None,
        respond_by: None,
        extended_at: None,
        memo: None,
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 0,
        history: Vec::new(),
    };
    order.settle(now);
    keep(shop, order);
    refund.go_to(shop, RefundStatus::WaitSeller, RefundAction::Requested, now)
}

/// What a buyer does with a refund that he has asked for.
#[derive(Clone, Debug)]
pub(crate) enum RefundStep {
    /// He sends the goods back.
    Returns { carrier_code: String, tracking_number: String },
    /// He answers a refusal with another amount, in the minor unit, or with the same.
    Changes { amount: Option<i64> },
    /// He accepts the amount that the seller proposed.
    Accepts,
    /// He stands by his own amount.
    Declines,
    /// He wants it no more.
    Withdraws,
}

/// The buyer goes on with a refund.
pub(crate) fn go_on(shop: &mut Shop, refund_id: &str, step: RefundStep, now: Timestamp) -> Result<Refund, Refusal> {
    let shop = &mut *shop.acting(Actor::Buyer);
    let mut refund = Refund::clone(shop.refund(refund_id)?);
    let event = match &step {
        RefundStep::Returns { .. } => "buyer_returns_goods",
        RefundStep::Changes { .. } => "buyer_changes_refund",
        RefundStep::Accepts => "buyer_accepts_proposal",
        RefundStep::Declines => "buyer_declines_proposal",
        RefundStep::Withdraws => "buyer_withdraws",
    };
    if !refund.can(event) {
        return Err(impossible(event, refund.status.as_str()));
    }
    match step {
        RefundStep::Returns { carrier_code, tracking_number } => {
            refund.return_parcel = Some(ReturnParcel { carrier_code, tracking_number, sent_at: now });
            refund.goods_status = GoodsStatus::Returned;
            refund.go_to(shop, RefundStatus::WaitSellerReceipt, RefundAction::GoodsReturned, now)
        }
        RefundStep::Changes { amount } => {
            if let Some(amount) = amount {
                let refundable = shop.order(&refund.order_id)?.line(&refund.line_id)?.refundable();
                if !(1..=refundable).contains(&amount) {
                    return Err(Refusal::rule("trade.line_not_refundable", "the line has less left than is asked for"));
                }
                refund.amount.amount = amount;
            }
            refund.go_to(shop, RefundStatus::WaitSeller, RefundAction::Changed, now)
        }
        RefundStep::Accepts => {
            let address = refund.proposal.as_ref().and_then(|proposal| proposal.return_address_id.clone());
            refund.amount = refund.proposal.as_ref().map_or(refund.amount, |proposal| proposal.amount);
            refund.agree(shop, address, RefundAction::ProposalAccepted, now)
        }
        RefundStep::Declines => refund.go_to(shop, RefundStatus::WaitSeller, RefundAction::ProposalDeclined, now),
        RefundStep::Withdraws => refund.close(shop, RefundAction::Withdrawn, now),
    }
}

fn happening(shop: &Shop, order_id: &str, event: &str) -> Result<Order, Refusal> {
    let order = shop.order(order_id)?;
    if can(order, event) { Ok(Order::clone(order)) } else { Err(impossible(event, order.status.as_str())) }
}

pub(crate) fn impossible(event: &str, status: &str) -> Refusal {
    Refusal::rule("sandbox.impossible", format!("`{event}` can't happen while the status is {status}"))
}
