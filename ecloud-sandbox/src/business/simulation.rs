//! A shop that lives through thousands of random events: whatever happens, it adds up.

use std::collections::BTreeMap;
use std::sync::Arc;

use ecloud_core::Timestamp;

use super::Shop;
use super::buyer::{self, Basket, Claim, RefundStep, Review};
use super::logistics::shipments::{ShipmentInput, ShipmentLineInput, ship};
use super::logistics::{TrackingAction, journey};
use super::trade::account::available;
use super::trade::address_changes::{self, AddressChangeStatus};
use super::trade::after_sale::{AfterSale, AfterSaleKind, AfterSaleReason, AfterSaleStatus, ReplacementParcel};
use super::trade::after_sale_buyer::{self, AfterSaleStep, Complaint};
use super::trade::after_sales;
use super::trade::invoice::{Application, InvoiceKind, InvoiceStatus, Title, apply_for};
use super::trade::invoices::{InvoiceIssue, issued};
use super::trade::merge::{MergedOrder, OrderMerge, unite};
use super::trade::payments::{PaymentKind, TransactionStatus};
use super::trade::progress::keep;
use super::trade::refund::{RefundKind, RefundReason, RefundStatus};
use super::trade::refund_history::RefundAction;
use super::trade::settlements::commission;
use super::trade::split::{OrderSplit, OrderSplitLine, divide};
use super::trade::{CloseReason, Order, OrderKind, OrderStatus, PaymentMethod, Refund};
use crate::dice::Dice;
use crate::platform::{Market, Refusal, Settings};
use crate::protocol::sensitive::Kind;
use crate::seed::some_receiver;

struct Life {
    dice: Dice,
    now: Timestamp,
    parcels: u64,
    invoices: u64,
}

impl Life {
    fn pick(&mut self, ids: &[String]) -> String {
        self.dice.pick(ids).clone()
    }

    /// Something happens, or is refused.
    fn happen(&mut self, shop: &mut Shop) -> Result<(), Refusal> {
        self.now = self.now.offset_by_millis(self.dice.between(0, 3_600_000));
        shop.catch_up(self.now)?;
        // The latest orders, where most is going on.
        let orders: Vec<String> =
            shop.orders.newest_change_first().take(40).map(|order| order.order_id.clone()).collect();
        let refunds: Vec<String> =
            shop.refunds.newest_change_first().take(20).map(|refund| refund.refund_id.clone()).collect();
        let (order_id, refund_id) = (self.pick(&orders), self.pick(&refunds));
        match self.dice.below(17) {
            0 | 1 => self.buy(shop).map(drop),
            2 | 3 => buyer::pay(shop, &order_id, PaymentMethod::Wallet, self.now).map(drop),
            4 | 5 => self.ship(shop, &order_id),
            6 => buyer::confirm(shop, &order_id, self.now).map(drop),
            7 => self.claim(shop, order_id),
            8 | 9 => self.answer(shop, &refund_id),
            10 => self.move_parcel(shop),
            11 => self.split(shop, &orders),
            12 => self.merge(shop, &orders),
            13 => self.request(shop, &order_id),
            14 => self.complain(shop, order_id),
            15 => self.serve(shop),
            _ => self.disturb(shop, &order_id),
        }
    }

    fn buy(&mut self, shop: &mut Shop) -> Result<Arc<Order>, Refusal> {
        let skus: Vec<String> = shop.skus.iter().map(|sku| sku.sku_id.clone()).collect();
        let lines = (0..self.dice.between(1, 3)).map(|_| (self.pick(&skus), self.dice.between(1, 4) as u32)).collect();
        let basket = Basket {
            buyer_id: "b-life".to_owned(),
            kind: OrderKind::Normal,
            lines,
            receiver: Arc::new(some_receiver(&shop.safe)),
            freight: self.dice.between(0, 900),
            message: None,
            discounts: Vec::new(),
        };
        buyer::place(shop, basket, self.now)
    }

    fn ship(&mut self, shop: &mut Shop, order_id: &str) -> Result<(), Refusal> {
        self.parcels += 1;
        let line = |line: &super::trade::Line| ShipmentLineInput { line_id: line.line_id.clone(), quantity: Some(1) };
        let part = self.dice.happens(0.5);
        let lines = if part { Some(vec![line(&shop.order(order_id)?.lines[0])]) } else { None };
        let input = ShipmentInput {
            order_id: order_id.to_owned(),
            carrier_code: "sf".to_owned(),
            tracking_number: format!("SF{:013}", self.parcels),
            lines,
            extra_parcels: Vec::new(),
            sender_address_id: None,
            note: None,
        };
        ship(shop, input, self.now).map(drop)
    }

    /// Paid orders among these, as many as that; none where there is none.
    fn some_paid(&mut self, shop: &Shop, orders: &[String], count: usize) -> Vec<MergedOrder> {
        let found = orders.iter().filter_map(|order_id| shop.order(order_id).ok());
        let paid: Vec<_> = found.filter(|order| order.status == OrderStatus::Paid).collect();
        let picked = (0..count.min(paid.len())).map(|_| self.dice.pick(&paid));
        picked.map(|order| MergedOrder { order_id: order.order_id.clone(), version: order.version }).collect()
    }

    fn split(&mut self, shop: &mut Shop, orders: &[String]) -> Result<(), Refusal> {
        let nothing = || Refusal::invalid("there is nothing to split");
        let named = self.some_paid(shop, orders, 1).pop().ok_or_else(nothing)?;
        let lines = &shop.order(&named.order_id)?.lines;
        let first = lines[0].line_id.clone();
        let quantity = Some(lines[0].quantity.div_ceil(2)).filter(|_| self.dice.happens(0.7));
        let input = OrderSplit { version: named.version, lines: vec![OrderSplitLine { line_id: first, quantity }] };
        divide(shop, &named.order_id, input, self.now).map(drop)
    }

    fn merge(&mut self, shop: &mut Shop, orders: &[String]) -> Result<(), Refusal> {
        let count = self.dice.between(2, 3) as usize;
        let input = OrderMerge { orders: self.some_paid(shop, orders, count) };
        if input.orders.len() < 2 {
            return Err(Refusal::invalid("there is nothing to merge"));
        }
        unite(shop, input, self.now).map(drop)
    }

    fn request(&mut self, shop: &mut Shop, order_id: &str) -> Result<(), Refusal> {
        if self.dice.happens(0.5) {
            let receiver = some_receiver(&shop.safe);
            return address_changes::ask(shop, order_id, receiver, self.now).map(drop);
        }
        let title = Title::Person(shop.safe.personal(Kind::Name, "张伟"));
        let application = Application { kind: InvoiceKind::Electronic, title, email: None };
        let invoice = apply_for(shop, order_id, application, self.now)?;
        if self.dice.happens(0.5) {
            self.invoices += 1;
            let issue = InvoiceIssue::of(&invoice, format!("{:010}", self.invoices), shop)?;
            issued(shop, &invoice.invoice_id, issue, self.now)?;
        }
        Ok(())
    }

    fn claim(&mut self, shop: &mut Shop, order_id: String) -> Result<(), Refusal> {
        let claim = Claim {
            order_id,
            line_id: None,
            kind: *self.dice.pick(RefundKind::ALL),
            quantity: Some(self.dice.between(1, 2) as u32).filter(|_| self.parcels.is_multiple_of(2)),
            amount: Some(self.dice.between(1, 5_000)).filter(|_| self.parcels.is_multiple_of(3)),
            reason: RefundReason::Other,
            explanation: None,
        };
        buyer::claim(shop, claim, self.now).map(drop)
    }

    fn answer(&mut self, shop: &mut Shop, refund_id: &str) -> Result<(), Refusal> {
        let refund = Refund::clone(shop.refund(refund_id)?);
        match (refund.status, self.dice.below(3)) {
            (RefundStatus::WaitSeller, 0) => {
                refund.go_to(shop, RefundStatus::Refused, RefundAction::Refused, self.now).map(drop)
            }
            (RefundStatus::WaitSeller, _) => refund.agree(shop, None, RefundAction::Agreed, self.now).map(drop),
            (RefundStatus::WaitSellerReceipt, _) => {
                refund.succeed(shop, RefundAction::ReturnConfirmed, self.now).map(drop)
            }
            (RefundStatus::WaitBuyerReturn, 1) => {
                let step = RefundStep::Returns { carrier_code: "sf".to_owned(), tracking_number: "SF1".to_owned() };
                buyer::go_on(shop, refund_id, step, self.now).map(drop)
            }
            (_, 1) => buyer::go_on(shop, refund_id, RefundStep::Changes { amount: None }, self.now).map(drop),
            _ => buyer::go_on(shop, refund_id, RefundStep::Withdraws, self.now).map(drop),
        }
    }

    fn complain(&mut self, shop: &mut Shop, order_id: String) -> Result<(), Refusal> {
        let complaint = Complaint {
            order_id,
            line_id: None,
            kind: *self.dice.pick(AfterSaleKind::ALL),
            quantity: None,
            wanted_sku_id: None,
            reason: AfterSaleReason::Other,
            explanation: None,
        };
        after_sale_buyer::open(shop, complaint, self.now).map(drop)
    }

    /// The next step is taken in one of the open cases, by whoever's turn it is.
    fn serve(&mut self, shop: &mut Shop) -> Result<(), Refusal> {
        let Some(case) = shop.after_sales.iter().find(|case| !case.status.has_ended()) else { return Ok(()) };
        let case = AfterSale::clone(case);
        let parcel = ("sf".to_owned(), "SF1".to_owned());
        let step = match case.status {
            AfterSaleStatus::WaitSeller => {
                case.agree(shop, None, self.now);
                return Ok(());
            }
            AfterSaleStatus::WaitSellerReceipt => {
                case.go_to(shop, AfterSaleStatus::WaitSellerShipment, self.now);
                return Ok(());
            }
            AfterSaleStatus::WaitSellerShipment => {
                let (carrier_code, tracking_number) = parcel;
                let parcel = ReplacementParcel { carrier_code, tracking_number, sent_at: self.now };
                return after_sales::send(shop, case, parcel, self.now).map(drop);
            }
            AfterSaleStatus::WaitBuyerReturn => {
                let (carrier_code, tracking_number) = parcel;
                AfterSaleStep::Returns { carrier_code, tracking_number }
            }
            AfterSaleStatus::WaitBuyerReceipt => AfterSaleStep::Confirms,
            _ => AfterSaleStep::AsksAgain,
        };
        after_sale_buyer::go_on(shop, &case.after_sale_id, step, self.now).map(drop)
    }

    fn move_parcel(&mut self, shop: &mut Shop) -> Result<(), Refusal> {
        let shipments: Vec<String> =
            shop.shipments.newest_change_first().take(20).map(|shipment| shipment.shipment_id.clone()).collect();
        let action = *self.dice.pick(TrackingAction::ALL);
        let shipment_id = self.pick(&shipments);
        journey::happens(shop, &shipment_id, action, self.now).map(drop)
    }

    fn disturb(&mut self, shop: &mut Shop, order_id: &str) -> Result<(), Refusal> {
        if self.dice.happens(0.5) {
            let review = *self.dice.pick(&[Review::Starts, Review::Passes, Review::Passes]);
            return buyer::review(shop, order_id, review, self.now).map(drop);
        }
        let mut order = Order::clone(shop.order(order_id)?);
        if order.paid_at.is_none() && !order.has_ended() {
            order.close(shop, CloseReason::Other, None, self.now)?;
            keep(shop, order);
        }
        Ok(())
    }
}

/// What must be true of a shop whatever has happened.
fn check(shop: &Shop) {
    let mut reserved: BTreeMap<&str, u32> = BTreeMap::new();
    for order in shop.orders.iter() {
        let refunded: i64 = order.lines.iter().map(|line| line.refunded.amount).sum();
        let goods: i64 = order.lines.iter().map(|line| line.payment.amount).sum();
        assert_eq!(goods + order.amounts.freight.amount, order.amounts.payment.amount, "{}", order.order_id);
        let replaced = order.merged_into.is_some() || !order.split_into.is_empty();
        assert!(!replaced || (order.status == OrderStatus::Closed && order.amounts.paid.amount == 0));
        assert!(order.amounts.refunded.amount <= order.amounts.paid.amount, "{}", order.order_id);
        assert!(refunded <= order.amounts.refunded.amount, "{}", order.order_id);
        for line in &order.lines {
            assert!(line.shipped_quantity + line.refunded_quantity <= line.quantity, "{}", line.line_id);
            assert!((0..=line.payment.amount).contains(&line.refunded.amount), "{}", line.line_id);
            let held = line.reserved == line.waiting()
                || (line.taken_at_payment && order.paid_at.is_none() && line.reserved == 0);
            assert!(held, "{}: {} reserved, {} wait", line.line_id, line.reserved, line.waiting());
            *reserved.entry(line.sku_id()).or_default() += line.reserved;
        }
    }
    check_payments(shop);
    for change in shop.address_changes.iter().filter(|it| it.status == AddressChangeStatus::Requested) {
        assert!(shop.order(&change.order_id).is_ok_and(|order| order.status == OrderStatus::Paid));
    }
    for invoice in shop.invoices.iter().filter(|it| it.status == InvoiceStatus::Requested) {
        let amounts = &shop.order(&invoice.order_id).expect("an invoice has an order").amounts;
        assert!(amounts.refunded.amount < amounts.paid.amount, "{}", invoice.invoice_id);
    }
    let earned: i64 = shop
        .orders
        .iter()
        .filter(|order| order.has_ended())
        .map(|order| order.amounts.paid.amount - order.amounts.refunded.amount)
        .map(|net| net - commission(net))
        .sum();
    let settled: i64 = shop.settlements.iter().map(|settlement| settlement.total.amount).sum();
    let unsettled: i64 = shop.unsettled.iter().map(|line| line.amount.amount).sum();
    assert_eq!(settled + unsettled, earned, "what ended orders have left is settled, and nothing else");
    assert_eq!(available(shop).amount, settled, "the account holds what the statements say");
    for stock in shop.stock.iter() {
        assert_eq!(stock.reserved, reserved.get(stock.sku_id.as_str()).copied().unwrap_or(0), "{}", stock.sku_id);
    }
    for case in shop.after_sales.iter().filter(|case| !case.status.has_ended()) {
        let order = shop.order(&case.order_id).expect("a case has an order");
        let line = order.line(&case.line_id).expect("a case has a line");
        assert!(!line.refund_open, "{}: goods or money", case.after_sale_id);
        assert!(case.respond_by.is_some(), "{}: it is somebody's turn", case.after_sale_id);
    }
    for refund in shop.refunds.iter() {
        let line =
            shop.order(&refund.order_id).and_then(|order| order.line(&refund.line_id)).expect("a refund has a line");
        let latest = line.refund_id.as_deref() == Some(&refund.refund_id);
        assert!(!latest || line.refund_open != refund.status.has_ended(), "{}", refund.refund_id);
    }
}

/// What was paid and given back of each order is what its payments say.
fn check_payments(shop: &Shop) {
    let mut moved: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for payment in shop.payments.iter().filter(|payment| payment.status != TransactionStatus::Failed) {
        for share in &payment.orders {
            let (paid, refunded) = moved.entry(&share.order_id).or_default();
            match payment.kind {
                PaymentKind::Payment => *paid += share.amount.amount,
                PaymentKind::Refund => *refunded += share.amount.amount,
            }
        }
    }
    for order in shop.orders.iter() {
        let expected = (order.amounts.paid.amount, order.amounts.refunded.amount);
        assert_eq!(moved.get(order.order_id.as_str()).copied().unwrap_or_default(), expected, "{}", order.order_id);
    }
}

#[test]
fn whatever_happens_to_a_shop_it_adds_up() {
    let start = Timestamp::from_unix_millis(1_763_800_000_000);
    let (mut split, mut merged) = (0, 0);
    for seed in 0..4 {
        let mut market = Market::new(&Settings::default().with_seed(seed), start);
        let mut shop = market.shop("demo-shop", start).expect("the demo shop opens").clone();
        let mut life = Life { dice: Dice::for_purpose(seed, "life"), now: start, parcels: 0, invoices: 0 };
        let (mut done, mut refused) = (0, 0);
        for count in 0..1_500 {
            match life.happen(&mut shop) {
                Ok(()) => done += 1,
                Err(refusal) => {
                    assert!(!refusal.status().is_server_error(), "{refusal:?}");
                    refused += 1;
                }
            }
            if count % 25 == 0 {
                check(&shop);
            }
        }
        check(&shop);
        assert!(done > 300 && refused > 100, "{done} done, {refused} refused");
        split += shop.orders.iter().filter(|order| !order.split_into.is_empty()).count();
        merged += shop.orders.iter().filter(|order| order.merged_into.is_some()).count();
    }
    assert!(split > 40 && merged > 20, "{split} split, {merged} merged");
}
