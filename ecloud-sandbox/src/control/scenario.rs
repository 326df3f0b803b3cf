//! Scenarios: what happens around one buyer, told in one go.
//!
//! A scenario is a list of [`Step`]s; Rust builds it with methods, over HTTP it is JSON. Each step is about the latest order, shipment,
//! refund and so on of the scenario, so that nothing has to be named.

use std::time::Duration;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::after_sale::AfterSaleRequest;
use super::buyer::{PlainReceiver, Purchase, RefundRequest};
use super::invoice::InvoiceRequest;
use super::operator::{self, Carriage, ReviewVerdict};
use super::payment::{FailedPaymentInput, PaymentInput};
use super::{ControlError, Payment, PaymentFailure};
use crate::business::buyer::{self, RefundStep, impossible};
use crate::business::logistics::shipments::{ShipmentInput, ship};
use crate::business::trade::after_sale_buyer;
use crate::business::trade::invoice::apply_for;
use crate::business::trade::refund_history::RefundAction;
use crate::business::trade::{Refund, RefundStatus, address_changes};
use crate::business::{Shop, actor::Actor};
use crate::platform::Refusal;
use crate::sandbox::Sandbox;

/// Tracking numbers of scenarios count from here: no seeded parcel has one of these.
const TRACKING_NUMBERS: u64 = 880_000_000_000;

/// Something that somebody does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Another buyer acts from here on.
    Buyer(String),
    Places(Purchase),
    Pays,
    PaysBy(PaymentInput),
    FailsToPay(FailedPaymentInput),
    AsksForAddress(PlainReceiver),
    AsksForInvoice(InvoiceRequest),
    Confirms,
    Refunds(RefundRequest),
    Returns(ParcelInput),
    Changes(AmountInput),
    Accepts,
    Declines,
    Withdraws,
    Complains(AfterSaleRequest),
    SellerShips,
    SellerShipsBy(CarrierInput),
    SellerAgrees,
    SellerRefuses,
    SellerReceivesReturn,
    Carries(Carriage),
    Reviews(ReviewVerdict),
    Waits(WaitInput),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParcelInput {
    carrier_code: String,
    tracking_number: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AmountInput {
    amount: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CarrierInput {
    carrier_code: String,
    #[serde(default)]
    tracking_number: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaitInput {
    pub(super) seconds: u64,
}

/// What has come of a scenario: the identifiers of what its steps made, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Told {
    /// The orders.
    pub order_ids: Vec<String>,
    /// The address changes that buyers asked for.
    pub address_change_ids: Vec<String>,
    /// The invoices that buyers applied for.
    pub invoice_ids: Vec<String>,
    /// The shipments.
    pub shipment_ids: Vec<String>,
    /// The refunds.
    pub refund_ids: Vec<String>,
    /// The after-sale cases.
    pub after_sale_ids: Vec<String>,
}

impl Told {
    /// The latest order; empty where there is none.
    pub fn order_id(&self) -> &str {
        self.order_ids.last().map_or("", String::as_str)
    }

    /// The latest shipment; empty where there is none.
    pub fn shipment_id(&self) -> &str {
        self.shipment_ids.last().map_or("", String::as_str)
    }

    /// The latest refund; empty where there is none.
    pub fn refund_id(&self) -> &str {
        self.refund_ids.last().map_or("", String::as_str)
    }
}

/// A scenario while it is told.
pub(super) struct Teller {
    buyer_id: String,
    told: Told,
}

impl Teller {
    pub(super) fn new(buyer_id: Option<String>) -> Self {
        Self { buyer_id: buyer_id.unwrap_or_else(|| "b-sandbox".to_owned()), told: Told::default() }
    }

    pub(super) fn end(self) -> Told {
        self.told
    }

    /// Tells one step, at the platform's time; the passing of time is the caller's.
    pub(super) fn tell(&mut self, shop: &mut Shop, step: Step, now: Timestamp) -> Result<(), Refusal> {
        match step {
            Step::Buyer(buyer_id) => self.buyer_id = buyer_id,
            Step::Waits(_) => {}
            Step::Places(purchase) => {
                let basket = purchase.of_buyer(&self.buyer_id).into_basket(shop);
                self.told.order_ids.push(buyer::place(shop, basket, now)?.order_id.clone());
            }
            Step::Pays => drop(buyer::pay_by(shop, self.order()?, PaymentInput::default().means(), now)?),
            Step::PaysBy(input) => drop(buyer::pay_by(shop, self.order()?, input.means(), now)?),
            Step::FailsToPay(input) => drop(input.fail(shop, self.order()?, now)?),
            Step::AsksForAddress(receiver) => {
                let change = address_changes::ask(shop, self.order()?, receiver.sealed(shop), now)?;
                self.told.address_change_ids.push(change.address_change_id);
            }
            Step::AsksForInvoice(request) => {
                let application = request.into_application(shop)?;
                let invoice = apply_for(shop, self.order()?, application, now)?;
                self.told.invoice_ids.push(invoice.invoice_id);
            }
            Step::Confirms => drop(buyer::confirm(shop, self.order()?, now)?),
            Step::Refunds(request) => {
                let refund = buyer::claim(shop, request.into_claim(self.order()?), now)?;
                self.told.refund_ids.push(refund.refund_id);
            }
            Step::Complains(request) => {
                let case = after_sale_buyer::open(shop, request.into_complaint(self.order()?), now)?;
                self.told.after_sale_ids.push(case.after_sale_id);
            }
            Step::Returns(ParcelInput { carrier_code, tracking_number }) => {
                self.go_on(shop, RefundStep::Returns { carrier_code, tracking_number }, now)?;
            }
            Step::Changes(AmountInput { amount }) => self.go_on(shop, RefundStep::Changes { amount }, now)?,
            Step::Accepts => self.go_on(shop, RefundStep::Accepts, now)?,
            Step::Declines => self.go_on(shop, RefundStep::Declines, now)?,
            Step::Withdraws => self.go_on(shop, RefundStep::Withdraws, now)?,
            Step::SellerShips => self.ship(shop, None, now)?,
            Step::SellerShipsBy(carrier) => self.ship(shop, Some(carrier), now)?,
            Step::SellerAgrees | Step::SellerRefuses | Step::SellerReceivesReturn => self.answer(shop, &step, now)?,
            Step::Carries(carriage) => drop(operator::carry(shop, self.shipment()?, carriage, now)?),
            Step::Reviews(verdict) => drop(operator::review(shop, self.order()?, verdict, now)?),
        }
        Ok(())
    }

    fn order(&self) -> Result<&str, Refusal> {
        latest(&self.told.order_ids, "order")
    }

    fn shipment(&self) -> Result<&str, Refusal> {
        latest(&self.told.shipment_ids, "shipment")
    }

    fn refund(&self) -> Result<&str, Refusal> {
        latest(&self.told.refund_ids, "refund")
    }

    fn go_on(&self, shop: &mut Shop, step: RefundStep, now: Timestamp) -> Result<(), Refusal> {
        buyer::go_on(shop, self.refund()?, step, now).map(drop)
    }

    /// The seller ships all that waits of the order.
    fn ship(&mut self, shop: &mut Shop, carrier: Option<CarrierInput>, now: Timestamp) -> Result<(), Refusal> {
        let (carrier_code, tracking_number) = match carrier {
            Some(carrier) => (carrier.carrier_code, carrier.tracking_number),
            None => ("sf".to_owned(), None),
        };
        let order_id = self.order()?.to_owned();
        // A whole order is shipped once, so its number is its parcel's.
        let count = TRACKING_NUMBERS + order_id[1..].parse::<u64>().unwrap_or_default();
        let own = shop.carriers.iter().find(|carrier| carrier.carrier_code == carrier_code);
        let tracking_number = tracking_number.or_else(|| own.map(|carrier| carrier.number(count)));
        let input = ShipmentInput {
            order_id,
            carrier_code,
            tracking_number: tracking_number.unwrap_or_default(),
            lines: None,
            extra_parcels: Vec::new(),
            sender_address_id: None,
            note: None,
        };
        let shipment = ship(&mut shop.acting(Actor::Seller), input, now)?;
        self.told.shipment_ids.push(shipment.shipment_id.clone());
        Ok(())
    }

    /// The seller answers the refund.
    fn answer(&self, shop: &mut Shop, step: &Step, now: Timestamp) -> Result<(), Refusal> {
        let shop = &mut *shop.acting(Actor::Seller);
        let refund = Refund::clone(shop.refund(self.refund()?)?);
        match (step, refund.status) {
            (Step::SellerAgrees, RefundStatus::WaitSeller) => {
                let address = shop.addresses.iter().next().map(|address| address.address_id.clone());
                refund.agree(shop, address, RefundAction::Agreed, now).map(drop)
            }
            (Step::SellerRefuses, RefundStatus::WaitSeller) => {
                refund.go_to(shop, RefundStatus::Refused, RefundAction::Refused, now).map(drop)
            }
            (Step::SellerReceivesReturn, RefundStatus::WaitSellerReceipt) => {
                refund.succeed(shop, RefundAction::ReturnConfirmed, now).map(drop)
            }
            (_, status) => Err(impossible("the seller's answer", status.as_str())),
        }
    }
}

fn latest<'a>(ids: &'a [String], what: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::rule("sandbox.impossible", format!("the scenario has no {what} yet"));
    ids.last().map(String::as_str).ok_or_else(missing)
}

/// What is wrong with a step, with its place among the others.
pub(super) fn at_step(number: usize, refusal: Refusal) -> Refusal {
    let message = format!("step {number}: {}", refusal.message());
    refusal.with_message(message)
}

/// What happens around one buyer, in the order in which it is said: see [`Sandbox::scenario`].
///
/// Each step is about the latest order, shipment, refund of the scenario.
#[derive(Clone, Debug)]
#[must_use = "a scenario does nothing until it is played"]
pub struct Scenario {
    sandbox: Sandbox,
    shop_id: String,
    buyer_id: String,
    steps: Vec<Step>,
}

impl Scenario {
    pub(crate) fn new(sandbox: Sandbox, shop_id: String, buyer_id: String) -> Self {
        Self { sandbox, shop_id, buyer_id, steps: Vec::new() }
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// In this shop, instead of the demo shop.
    pub fn in_shop(mut self, shop_id: impl Into<String>) -> Self {
        self.shop_id = shop_id.into();
        self
    }

    /// Another buyer acts from here on.
    pub fn buyer(self, buyer_id: impl Into<String>) -> Self {
        self.step(Step::Buyer(buyer_id.into()))
    }

    /// The buyer places an order.
    pub fn places(self, purchase: Purchase) -> Self {
        self.step(Step::Places(purchase))
    }

    /// The buyer pays the order, from his wallet.
    pub fn pays(self) -> Self {
        self.step(Step::Pays)
    }

    /// The buyer pays the order by this means.
    pub fn pays_by(self, method: Payment) -> Self {
        self.step(Step::PaysBy(PaymentInput::by(method)))
    }

    /// The buyer tries to pay, and can't.
    pub fn fails_to_pay(self, failure: PaymentFailure) -> Self {
        self.step(Step::FailsToPay(FailedPaymentInput::with(failure)))
    }

    /// The buyer asks for another receiver: name, phone number, and street with house and door.
    pub fn asks_for_address(
        self,
        name: impl Into<String>,
        phone: impl Into<String>,
        address: impl Into<String>,
    ) -> Self {
        let receiver = PlainReceiver { name: name.into(), phone: phone.into(), address: address.into() };
        self.step(Step::AsksForAddress(receiver))
    }

    /// The buyer applies for an invoice.
    pub fn asks_for_invoice(self, request: InvoiceRequest) -> Self {
        self.step(Step::AsksForInvoice(request))
    }

    /// The buyer confirms that everything has come.
    pub fn confirms(self) -> Self {
        self.step(Step::Confirms)
    }

    /// The buyer asks for money back.
    pub fn refunds(self, request: RefundRequest) -> Self {
        self.step(Step::Refunds(request))
    }

    /// The buyer sends the goods of the refund back.
    pub fn returns(self, carrier_code: impl Into<String>, tracking_number: impl Into<String>) -> Self {
        let parcel = ParcelInput { carrier_code: carrier_code.into(), tracking_number: tracking_number.into() };
        self.step(Step::Returns(parcel))
    }

    /// The buyer answers a refusal: he wants `amount` in the minor unit, or the same as before.
    pub fn changes(self, amount: Option<i64>) -> Self {
        self.step(Step::Changes(AmountInput { amount }))
    }

    /// The buyer accepts the amount that the seller proposed.
    pub fn accepts(self) -> Self {
        self.step(Step::Accepts)
    }

    /// The buyer declines the amount that the seller proposed.
    pub fn declines(self) -> Self {
        self.step(Step::Declines)
    }

    /// The buyer withdraws the refund.
    pub fn withdraws(self) -> Self {
        self.step(Step::Withdraws)
    }

    /// The buyer wants goods instead of his money.
    pub fn complains(self, request: AfterSaleRequest) -> Self {
        self.step(Step::Complains(request))
    }

    /// The seller ships all that waits of the order, with the carrier `sf`.
    pub fn seller_ships(self) -> Self {
        self.step(Step::SellerShips)
    }

    /// The seller ships all that waits of the order, with this carrier.
    pub fn seller_ships_by(self, carrier_code: impl Into<String>) -> Self {
        self.step(Step::SellerShipsBy(CarrierInput { carrier_code: carrier_code.into(), tracking_number: None }))
    }

    /// The seller agrees to the refund.
    pub fn seller_agrees(self) -> Self {
        self.step(Step::SellerAgrees)
    }

    /// The seller refuses the refund.
    pub fn seller_refuses(self) -> Self {
        self.step(Step::SellerRefuses)
    }

    /// The seller has the returned goods.
    pub fn seller_receives_return(self) -> Self {
        self.step(Step::SellerReceivesReturn)
    }

    /// The carrier does something with the shipment.
    pub fn carries(self, carriage: Carriage) -> Self {
        self.step(Step::Carries(carriage))
    }

    /// The risk control looks at the order.
    pub fn reviews(self, verdict: ReviewVerdict) -> Self {
        self.step(Step::Reviews(verdict))
    }

    /// Time passes, in whole seconds: the platform's clock is put forward, as by [`Sandbox::advance`].
    pub fn waits(self, duration: Duration) -> Self {
        self.step(Step::Waits(WaitInput { seconds: duration.as_secs() }))
    }

    /// Lets it all happen, step by step.
    ///
    /// # Errors
    ///
    /// The first step that can't happen, with its place counted from 1; those before it have happened.
    pub fn play(self) -> Result<Told, ControlError> {
        let mut teller = Teller::new(Some(self.buyer_id));
        for (index, step) in self.steps.into_iter().enumerate() {
            if let Step::Waits(WaitInput { seconds }) = step {
                self.sandbox.advance(Duration::from_secs(seconds));
                continue;
            }
            let tell =
                |shop: &mut Shop, now| teller.tell(shop, step, now).map_err(|refusal| at_step(index + 1, refusal));
            self.sandbox.platform().within(&self.shop_id, self.sandbox.outside_now(), tell)?;
        }
        Ok(teller.end())
    }
}
