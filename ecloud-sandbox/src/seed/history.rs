//! The orders of the seeded shop, played as they would have happened: placed, paid, shipped, received, refunded.

use std::sync::Arc;

use ecloud_core::Timestamp;

use super::{Size, people, requests};
use crate::business::Shop;
use crate::business::buyer::{self, Basket, Claim, Discount, RefundStep, Review};
use crate::business::logistics::carriers::SELF;
use crate::business::logistics::shipments::{ShipmentInput, ShipmentLineInput, ship};
use crate::business::product::{ListingStatus, Sku, StockDeduction};
use crate::business::trade::after_sale::{AfterSaleKind, AfterSaleReason};
use crate::business::trade::after_sale_buyer::{self, AfterSaleStep, Complaint};
use crate::business::trade::payments::{Means, PaymentChannel, PaymentFailure};
use crate::business::trade::progress::keep;
use crate::business::trade::refund_history::RefundAction;
use crate::business::trade::{
    CloseReason, Order, OrderFlag, OrderKind, PaymentMethod, PromotionFunder, PromotionKind, Refund, RefundKind,
    RefundReason, RefundStatus,
};
use crate::dice::Dice;
use crate::platform::Refusal;

const MINUTE_MILLIS: i64 = 60_000;
const HOUR_MILLIS: i64 = 60 * MINUTE_MILLIS;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// What has become of an order by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    WaitPayment,
    Paid,
    UnderReview,
    PartlyShipped,
    Shipped,
    Finished,
    ClosedUnpaid,
    Refunded,
}

/// Of each hundred orders so many have this fate; how old they are, in hours.
const FATES: [(Fate, u32, (i64, i64)); 8] = [
    (Fate::WaitPayment, 8, (1, 20)),
    (Fate::Paid, 18, (2, 44)),
    (Fate::UnderReview, 1, (2, 30)),
    (Fate::PartlyShipped, 6, (12, 60)),
    (Fate::Shipped, 22, (14, 190)),
    (Fate::Finished, 32, (240, 1_000)),
    (Fate::ClosedUnpaid, 8, (48, 900)),
    (Fate::Refunded, 5, (72, 700)),
];

/// Plays the history of a shop up to `hour`, oldest order first.
pub(super) fn play(shop: &mut Shop, seed: u64, size: Size, hour: Timestamp) -> Result<(), Refusal> {
    let mut dice = Dice::for_purpose(seed, "history");
    let mut plan: Vec<(Timestamp, Fate)> = Vec::with_capacity(size.orders);
    for index in 0..size.orders {
        let (fate, (youngest, oldest)) = fate_of(index);
        let age = dice.between(youngest * HOUR_MILLIS, oldest * HOUR_MILLIS);
        plan.push((hour.offset_by_millis(-age), fate));
    }
    plan.sort_by_key(|(created_at, _)| *created_at);

    let for_sale: Vec<Arc<Sku>> = shop.skus.iter().filter(|sku| is_for_sale(shop, sku)).cloned().collect();
    for (index, (created_at, fate)) in plan.into_iter().enumerate() {
        Story { shop, dice: &mut dice, for_sale: &for_sale, index, hour }.tell(created_at, fate)?;
    }
    Ok(())
}

fn fate_of(index: usize) -> (Fate, (i64, i64)) {
    let mut place = (index % 100) as u32;
    for (fate, share, age) in FATES {
        if place < share {
            return (fate, age);
        }
        place -= share;
    }
    (Fate::Finished, (240, 1_000))
}

fn is_for_sale(shop: &Shop, sku: &Sku) -> bool {
    let on_sale = shop.items.get(&sku.item_id).is_some_and(|item| {
        // What is taken from the stock only when it is paid would make the story longer.
        item.listing_status == ListingStatus::OnSale && item.stock_deduction == StockDeduction::AtOrder
    });
    on_sale && shop.stock.get(&sku.sku_id).is_some_and(|stock| stock.available > 0)
}

struct Story<'a> {
    shop: &'a mut Shop,
    dice: &'a mut Dice,
    for_sale: &'a [Arc<Sku>],
    index: usize,
    hour: Timestamp,
}

impl Story<'_> {
    fn tell(&mut self, created_at: Timestamp, fate: Fate) -> Result<(), Refusal> {
        let basket = self.basket(fate);
        let order = buyer::place(self.shop, basket, created_at)?;
        match fate {
            Fate::WaitPayment => return Ok(()),
            Fate::ClosedUnpaid => return self.close(&order),
            _ => {}
        }
        let paid_at = created_at.offset_by_millis(self.dice.between(1, 50) * MINUTE_MILLIS);
        let method = *self.dice.pick(PaymentMethod::ALL);
        let channel = PaymentChannel::ALL[self.index % PaymentChannel::ALL.len()];
        let means = Means { method, channel };
        if self.index % 50 == 7 {
            // The first time, the provider doesn't allow it.
            buyer::fail_to_pay(self.shop, &order.order_id, means, PaymentFailure::Declined, created_at)?;
        }
        let order = buyer::pay_by(self.shop, &order.order_id, means, paid_at)?;
        self.write_memo(&order, paid_at)?;
        match fate {
            Fate::UnderReview => buyer::review(self.shop, &order.order_id, Review::Starts, paid_at).map(drop),
            Fate::Paid if self.index % 9 == 3 => {
                let asked_at = paid_at.offset_by_millis(HOUR_MILLIS);
                requests::another_address(self.shop, self.index / 9, &order.order_id, asked_at, self.hour)
            }
            Fate::Paid => self.maybe_claim(&order, paid_at),
            Fate::PartlyShipped => {
                let first = vec![ShipmentLineInput { line_id: order.lines[0].line_id.clone(), quantity: None }];
                self.ship(&order, Some(first), paid_at.offset_by_millis(8 * HOUR_MILLIS))
            }
            Fate::Shipped => {
                let shipped_at = paid_at.offset_by_millis(self.dice.between(2, 10) * HOUR_MILLIS);
                self.ship(&order, None, shipped_at)?;
                self.maybe_claim(&order, shipped_at)
            }
            Fate::Finished => {
                let shipped_at = paid_at.offset_by_millis(self.dice.between(4, 40) * HOUR_MILLIS);
                self.ship(&order, None, shipped_at)?;
                let received_at = shipped_at.offset_by_millis(self.dice.between(40, 150) * HOUR_MILLIS);
                buyer::confirm(self.shop, &order.order_id, received_at)?;
                self.maybe_complain(&order, received_at)?;
                self.maybe_claim_after_receipt(&order, received_at)?;
                self.maybe_ask_for_an_invoice(&order, received_at)
            }
            Fate::Refunded => self.refund_all(&order, paid_at),
            Fate::WaitPayment | Fate::ClosedUnpaid => Ok(()),
        }
    }

    fn basket(&mut self, fate: Fate) -> Basket {
        let count = if fate == Fate::PartlyShipped { 2 } else { self.dice.between(1, 3) };
        let mut lines: Vec<(String, u32)> = Vec::new();
        while lines.len() < count as usize {
            let sku = self.dice.pick(self.for_sale);
            if lines.iter().all(|(sku_id, _)| *sku_id != sku.sku_id) {
                lines.push((sku.sku_id.clone(), self.dice.between(1, 3) as u32));
            }
        }
        Basket {
            buyer_id: format!("b-{:04}", self.dice.between(1, 320)),
            kind: if self.index % 40 == 11 { OrderKind::GroupBuy } else { OrderKind::Normal },
            discounts: self.discounts(),
            lines,
            receiver: Arc::new(people::receiver(&self.shop.safe, self.dice)),
            freight: *self.dice.pick(&[0, 0, 600, 800, 1_200]),
            message: (self.index % 9 == 4).then(|| "请尽快发货，谢谢！".to_owned()),
        }
    }

    fn discounts(&mut self) -> Vec<Discount> {
        let mut discounts = Vec::new();
        if self.index.is_multiple_of(3) {
            discounts.push(Discount {
                promotion_id: "P100001".to_owned(),
                name: "Autumn price".to_owned(),
                kind: PromotionKind::ItemDiscount,
                funded_by: PromotionFunder::Seller,
                amount: self.dice.between(50, 400),
                line: Some(0),
            });
        }
        if self.index % 4 == 1 {
            discounts.push(Discount {
                promotion_id: "P100002".to_owned(),
                name: "5 off the whole order".to_owned(),
                kind: PromotionKind::PlatformCoupon,
                funded_by: PromotionFunder::Platform,
                amount: 500,
                line: None,
            });
        }
        discounts
    }

    fn close(&mut self, order: &Order) -> Result<(), Refusal> {
        // One in two isn't paid in time, which time itself brings.
        if self.index.is_multiple_of(2) {
            return Ok(());
        }
        let mut order = Order::clone(order);
        let reason = *self.dice.pick(&[CloseReason::OutOfStock, CloseReason::BuyerRequest, CloseReason::PriceError]);
        let closed_at = order.created_at.offset_by_millis(self.dice.between(1, 20) * HOUR_MILLIS);
        order.close(self.shop, reason, None, closed_at)?;
        keep(self.shop, order);
        Ok(())
    }

    fn write_memo(&mut self, order: &Order, now: Timestamp) -> Result<(), Refusal> {
        if self.index % 12 != 5 {
            return Ok(());
        }
        let mut order = Order::clone(self.shop.order(&order.order_id)?);
        order.memo = Some("Gift wrapping was promised.".to_owned());
        order.flag = Some(*self.dice.pick(OrderFlag::ALL));
        order.settle(now.offset_by_millis(MINUTE_MILLIS));
        keep(self.shop, order);
        Ok(())
    }

    fn ship(&mut self, order: &Order, lines: Option<Vec<ShipmentLineInput>>, at: Timestamp) -> Result<(), Refusal> {
        let carriers = Arc::clone(&self.shop.carriers);
        let carriers: Vec<_> = carriers.iter().filter(|carrier| carrier.carrier_code != SELF).collect();
        let carrier = loop {
            let carrier = self.dice.pick(&carriers);
            if carrier.enabled {
                break carrier;
            }
        };
        let input = ShipmentInput {
            order_id: order.order_id.clone(),
            carrier_code: carrier.carrier_code.to_owned(),
            tracking_number: carrier.number(100_000_000_000 + self.index as u64 * 7_919),
            lines,
            extra_parcels: Vec::new(),
            sender_address_id: None,
            note: None,
        };
        ship(self.shop, input, at.min(self.hour)).map(drop)
    }

    fn claim(&mut self, order: &Order, kind: RefundKind, at: Timestamp) -> Result<Refund, Refusal> {
        let claim = Claim {
            order_id: order.order_id.clone(),
            line_id: None,
            kind,
            quantity: None,
            amount: None,
            reason: *self.dice.pick(RefundReason::ALL),
            explanation: Some("请退款".to_owned()),
        };
        buyer::claim(self.shop, claim, at.min(self.hour))
    }

    /// Some of those who still wait ask for their money back, too short ago for an answer.
    fn maybe_claim(&mut self, order: &Order, after: Timestamp) -> Result<(), Refusal> {
        let lately = after.max(self.hour.offset_by_millis(-36 * HOUR_MILLIS));
        if self.index % 13 == 6 {
            self.claim(order, RefundKind::RefundOnly, lately.offset_by_millis(20 * MINUTE_MILLIS))?;
        }
        Ok(())
    }

    /// Some ask for their money back after the receipt, with all that can come of it.
    fn maybe_claim_after_receipt(&mut self, order: &Order, received_at: Timestamp) -> Result<(), Refusal> {
        if self.index % 6 != 2 {
            return Ok(());
        }
        let asked_at = received_at.max(self.hour.offset_by_millis(-40 * HOUR_MILLIS)).min(self.hour);
        let refund = self.claim(order, RefundKind::ReturnAndRefund, asked_at)?;
        let later = |hours: i64| asked_at.offset_by_millis(hours * HOUR_MILLIS).min(self.hour);
        match self.index / 6 % 5 {
            0 => Ok(()),
            1 => refund.go_to(self.shop, RefundStatus::Refused, RefundAction::Refused, later(1)).map(drop),
            2 => buyer::go_on(self.shop, &refund.refund_id, RefundStep::Withdraws, later(2)).map(drop),
            stage => {
                let address = self.shop.addresses.iter().next().map(|address| address.address_id.clone());
                let refund = refund.agree(self.shop, address, RefundAction::Agreed, later(1))?;
                if stage == 3 {
                    return Ok(());
                }
                let tracking_number = format!("SF{:013}", 900_000_000_000 + self.index as u64);
                let step = RefundStep::Returns { carrier_code: "sf".to_owned(), tracking_number };
                let refund = buyer::go_on(self.shop, &refund.refund_id, step, later(3))?;
                if (self.index / 30).is_multiple_of(2) {
                    refund.succeed(self.shop, RefundAction::ReturnConfirmed, later(5))?;
                }
                Ok(())
            }
        }
    }

    /// Some want an invoice once they have received everything.
    fn maybe_ask_for_an_invoice(&mut self, order: &Order, received_at: Timestamp) -> Result<(), Refusal> {
        if self.index % 8 != 5 {
            return Ok(());
        }
        requests::invoice(self.shop, self.index / 8, &order.order_id, received_at, self.hour)
    }

    /// Some want goods after the receipt, each case gone on with a step further than the one before.
    fn maybe_complain(&mut self, order: &Order, received_at: Timestamp) -> Result<(), Refusal> {
        if self.index % 12 != 5 {
            return Ok(());
        }
        let asked_at = received_at.max(self.hour.offset_by_millis(-44 * HOUR_MILLIS)).min(self.hour);
        let later = |hours: i64| asked_at.offset_by_millis(hours * HOUR_MILLIS).min(self.hour);
        let kind = AfterSaleKind::ALL[self.index / 12 % 3];
        let reason = match kind {
            AfterSaleKind::Exchange => AfterSaleReason::WrongSize,
            AfterSaleKind::Repair => AfterSaleReason::Quality,
            AfterSaleKind::Resend => AfterSaleReason::MissingGoods,
        };
        let complaint = Complaint {
            order_id: order.order_id.clone(),
            line_id: None,
            kind,
            quantity: None,
            wanted_sku_id: None,
            reason,
            explanation: None,
        };
        let case = after_sale_buyer::open(self.shop, complaint, asked_at)?;
        let stage = self.index / 36 % 3;
        if stage == 0 {
            return Ok(());
        }
        let address = self.shop.addresses.iter().next().map(|address| address.address_id.clone());
        let case = case.agree(self.shop, address, later(1));
        if stage == 2 && case.returns_goods() {
            let tracking_number = format!("SF{:013}", 910_000_000_000 + self.index as u64);
            let step = AfterSaleStep::Returns { carrier_code: "sf".to_owned(), tracking_number };
            after_sale_buyer::go_on(self.shop, &case.after_sale_id, step, later(3))?;
        }
        Ok(())
    }

    /// Every line is refunded before it is shipped: the order closes.
    fn refund_all(&mut self, order: &Order, paid_at: Timestamp) -> Result<(), Refusal> {
        let at = paid_at.offset_by_millis(DAY_MILLIS / 2);
        for _ in &order.lines {
            let refund = self.claim(order, RefundKind::RefundOnly, at)?;
            refund.agree(self.shop, None, RefundAction::Agreed, at.offset_by_millis(HOUR_MILLIS))?;
        }
        Ok(())
    }
}
