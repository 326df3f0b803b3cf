//! The rules of this seller: what is decided without a person.

use ecloud::prelude::*;
use ecloud::product::inventory::Stock;
use ecloud::trade::after_sales::{AfterSale, AfterSaleKind, AfterSaleStatus};
use ecloud::trade::refunds::{Refund, RefundKind, RefundReason, RefundStatus, RefusalReason};
use ecloud::types::ShipmentId;

use crate::returns::Inspection;

/// How far the job may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Up to this amount a refund is agreed to where the goods are with the seller, or come back.
    pub(crate) agree_up_to: Money,
    /// Up to this amount the buyer may keep what isn't good.
    pub(crate) goodwill_up_to: Money,
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// The buyer gets what he asks for; goods, if they are to be returned, go to the returns desk.
    Agree,
    /// He doesn't, and may read why.
    Refuse { reason: RefusalReason, explanation: String, photograph: Option<Vec<u8>> },
    /// What he returned has come, as it was sold.
    ConfirmReturn,
    /// The carrier hasn't the parcel yet: it stays here.
    TakeBack(ShipmentId),
    /// The carrier has it, and is asked to bring it back.
    Intercept(ShipmentId),
    /// What he is to get instead is sent.
    SendReplacement,
    /// It is somebody else's turn.
    Wait(&'static str),
    /// A person decides.
    ForPerson(&'static str),
}

/// Where the goods of a line are.
#[derive(Debug)]
pub(crate) enum Whereabouts {
    WithSeller,
    WaitForPickup(ShipmentId),
    OnTheirWay(ShipmentId),
    /// The carrier is asked to bring them back.
    BeingStopped,
    WithBuyer,
    Lost,
}

impl Rules {
    /// What is to be done about a refund.
    pub(crate) fn refund(&self, refund: &Refund, goods: Whereabouts, inspection: Option<Inspection>) -> Step {
        match (&refund.status, &refund.kind) {
            (RefundStatus::WaitSellerReceipt, _) => returned(inspection),
            (RefundStatus::WaitSeller, RefundKind::RefundOnly) => self.money_only(refund, goods),
            (RefundStatus::WaitSeller, RefundKind::ReturnAndRefund) => Step::Agree,
            (RefundStatus::WaitSeller, _) => Step::ForPerson("a kind of refund that the job doesn't know"),
            _ => Step::Wait("it isn't the seller's turn"),
        }
    }

    fn money_only(&self, refund: &Refund, goods: Whereabouts) -> Step {
        if !is_within(refund.amount, self.agree_up_to) {
            return Step::ForPerson("more than is agreed to without a person");
        }
        match goods {
            Whereabouts::WithSeller | Whereabouts::Lost => Step::Agree,
            Whereabouts::WaitForPickup(shipment_id) => Step::TakeBack(shipment_id),
            Whereabouts::OnTheirWay(shipment_id) => Step::Intercept(shipment_id),
            Whereabouts::BeingStopped => Step::Wait("the carrier is asked to bring the parcel back"),
            Whereabouts::WithBuyer => match refund.reason {
                RefundReason::Damaged | RefundReason::Quality | RefundReason::WrongGoods
                    if is_within(refund.amount, self.goodwill_up_to) =>
                {
                    Step::Agree
                }
                RefundReason::ChangedMind => Step::Refuse {
                    reason: RefusalReason::AlreadyShipped,
                    explanation: "The parcel was delivered. Please return the goods, and you get your money."
                        .to_owned(),
                    photograph: None,
                },
                _ => Step::ForPerson("the buyer has the goods and wants to keep them"),
            },
        }
    }

    /// What is to be done about an after-sale case; `stock` is that of the SKU that the buyer is to get.
    pub(crate) fn case(&self, case: &AfterSale, stock: &Stock, inspection: Option<Inspection>) -> Step {
        match (&case.status, &case.kind) {
            (AfterSaleStatus::WaitSellerReceipt, _) => returned(inspection),
            (AfterSaleStatus::WaitSellerShipment, AfterSaleKind::Repair) => Step::ForPerson("the workshop sends it"),
            (AfterSaleStatus::WaitSellerShipment, _) => Step::SendReplacement,
            (AfterSaleStatus::WaitSeller, AfterSaleKind::Exchange) if stock.available >= case.quantity => Step::Agree,
            (AfterSaleStatus::WaitSeller, AfterSaleKind::Exchange) => Step::Refuse {
                reason: RefusalReason::Other,
                explanation: "We have none left. Please return the goods, and you get your money.".to_owned(),
                photograph: None,
            },
            (AfterSaleStatus::WaitSeller, AfterSaleKind::Resend) if case.quantity == 1 => Step::Agree,
            (AfterSaleStatus::WaitSeller, _) => Step::ForPerson("a case for the service desk"),
            _ => Step::Wait("it isn't the seller's turn"),
        }
    }
}

fn returned(inspection: Option<Inspection>) -> Step {
    match inspection {
        None => Step::Wait("the returned goods haven't come"),
        Some(Inspection { complete: true, .. }) => Step::ConfirmReturn,
        Some(Inspection { finding, photograph, .. }) => {
            Step::Refuse { reason: RefusalReason::GoodsIncomplete, explanation: finding, photograph: Some(photograph) }
        }
    }
}

/// Amounts of two currencies can't be compared: what isn't known to be less isn't.
fn is_within(amount: Money, limit: Money) -> bool {
    amount.currency == limit.currency && amount.amount <= limit.amount
}
