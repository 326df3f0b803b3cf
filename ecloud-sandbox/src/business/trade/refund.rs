//! What a buyer wants back, and what happens when he gets it.

use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payments::give_back;
use super::progress::{keep, release};
use super::refund_history::{RefundAction, RefundHistoryEntry};
use super::settlements::refund_paid;
use super::{CloseReason, Line, Order};
use crate::business::due::Due;
use crate::business::logistics::AddressUse;
use crate::business::logistics::addresses::default_for;
use crate::business::logistics::journey::has_arrived;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Shop, Told};
use crate::description::Description;
use crate::platform::Refusal;

const DAY_MILLIS: i64 = 86_400_000;

wire_enum! {
    /// What a buyer offers for his money.
    RefundKind { RefundOnly = "refund_only", ReturnAndRefund = "return_and_refund" }
}

wire_enum! {
    /// Whether a refund was asked for before or after the receipt.
    RefundPhase { BeforeReceipt = "before_receipt", AfterReceipt = "after_receipt" }
}

wire_enum! {
    /// Where the goods of a refund are.
    GoodsStatus { Unshipped = "unshipped", NotReceived = "not_received", Received = "received", Returned = "returned" }
}

wire_enum! {
    /// Where a refund stands.
    RefundStatus {
        WaitSeller = "wait_seller",
        WaitBuyerAnswer = "wait_buyer_answer",
        WaitBuyerReturn = "wait_buyer_return",
        WaitSellerReceipt = "wait_seller_receipt",
        Refused = "refused",
        Succeeded = "succeeded",
        Closed = "closed",
    }
}

wire_enum! {
    /// Why a buyer wants his money back.
    RefundReason {
        ChangedMind = "changed_mind",
        LateDelivery = "late_delivery",
        NotArrived = "not_arrived",
        WrongGoods = "wrong_goods",
        Damaged = "damaged",
        Quality = "quality",
        NotAsDescribed = "not_as_described",
        Other = "other",
    }
}

wire_enum! {
    /// Why a seller refuses a refund.
    RefusalReason {
        AlreadyShipped = "already_shipped",
        GoodsInUse = "goods_in_use",
        GoodsIncomplete = "goods_incomplete",
        GoodsNotReturned = "goods_not_returned",
        NoFault = "no_fault",
        Other = "other",
    }
}

/// A refund of one line of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) refund_id: String,
    pub(crate) order_id: String,
    pub(crate) line_id: String,
    pub(crate) item_id: String,
    pub(crate) sku_id: String,
    pub(crate) buyer_id: String,
    pub(crate) title: String,
    pub(crate) kind: RefundKind,
    pub(crate) phase: RefundPhase,
    pub(crate) goods_status: GoodsStatus,
    pub(crate) status: RefundStatus,
    pub(crate) quantity: u32,
    pub(crate) amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) freight: Option<Money>,
    pub(crate) reason: RefundReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<RefusalNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<ProposalNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_address_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_parcel: Option<ReturnParcel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) respond_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memo: Option<String>,
    pub(crate) created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    pub(crate) history: Vec<RefundHistoryEntry>,
}

/// What a seller answered when he refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefusalNote {
    pub(crate) reason: RefusalReason,
    pub(crate) explanation: String,
    pub(crate) refused_at: Timestamp,
}

/// What a seller proposed to the buyer instead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ProposalNote {
    pub(crate) amount: Money,
    pub(crate) explanation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_address_id: Option<String>,
    pub(crate) proposed_at: Timestamp,
}

/// A parcel with returned goods.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReturnParcel {
    pub(crate) carrier_code: String,
    pub(crate) tracking_number: String,
    pub(crate) sent_at: Timestamp,
}

impl Row for Refund {
    fn id(&self) -> &str {
        &self.refund_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for Refund {
    const CREATED: &'static str = "trade.refund.created";
    const CHANGED: &'static str = "trade.refund.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "refund_id": self.refund_id,
            "order_id": self.order_id,
            "line_id": self.line_id,
            "status": self.status,
            "amount": self.amount,
            "respond_by": self.respond_by,
            "modified_at": self.modified_at,
        })
    }
}

impl RefundStatus {
    /// How long the one whose turn it is may take.
    fn patience_millis(self) -> Option<i64> {
        match self {
            Self::WaitSeller => Some(2 * DAY_MILLIS),
            Self::WaitBuyerAnswer | Self::WaitBuyerReturn | Self::Refused => Some(7 * DAY_MILLIS),
            Self::WaitSellerReceipt => Some(10 * DAY_MILLIS),
            Self::Succeeded | Self::Closed => None,
        }
    }

    /// Whether nothing more happens to the refund.
    pub(crate) fn has_ended(self) -> bool {
        Description::get().machine("RefundStatus").ends_in(self.as_str())
    }
}

impl Refund {
    /// Whether the description lets something happen to it in its status.
    pub(crate) fn can(&self, event: &str) -> bool {
        Description::get().machine("RefundStatus").event(event, self.status.as_str()).is_some()
    }

    /// Whether the buyer gets his money as soon as the seller agrees, without sending anything back.
    fn pays_at_once(&self) -> bool {
        self.kind == RefundKind::RefundOnly
    }

    /// Both sides agree: the seller says so, or says nothing for too long, or the buyer accepts what the seller proposed.
    pub(crate) fn agree(
        mut self,
        shop: &mut Shop,
        return_address_id: Option<String>,
        action: RefundAction,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if self.pays_at_once() {
            return self.succeed(shop, action, now);
        }
        self.return_address_id = return_address_id;
        self.go_to(shop, RefundStatus::WaitBuyerReturn, action, now)
    }

    /// The buyer gets his money back.
    pub(crate) fn succeed(self, shop: &mut Shop, action: RefundAction, now: Timestamp) -> Result<Self, Refusal> {
        let mut order = Order::clone(shop.order(&self.order_id)?);
        // An order that has ended stays as it is, whenever the refund was asked for.
        let open = !order.has_ended();
        let freight = self.freight.map_or(0, |freight| freight.amount);
        let line = order.line_mut(&self.line_id)?;
        line.refunded.amount += self.amount.amount - freight;
        line.refund_open = false;
        if open {
            let cancelled = self.cancelled_pieces(line);
            let mut freed = Line { reserved: cancelled.min(line.reserved), ..line.clone() };
            line.reserved -= freed.reserved;
            line.refunded_quantity += cancelled;
            if line.refundable() == 0 || line.refunded_quantity == line.quantity {
                line.closed = true;
                line.finished_at = Some(now);
            }
            release(shop, &mut freed, now)?;
        }
        order.amounts.refunded.amount += self.amount.amount;
        if order.lines.iter().all(|line| line.closed) {
            order.close(shop, CloseReason::Refunded, None, now)?;
        } else {
            order.delivered |= has_arrived(shop, &order);
            order.settle(now);
        }
        if !open {
            refund_paid(shop, &order, &self.refund_id, self.amount, now);
        }
        keep(shop, order);
        give_back(shop, &self, now);
        self.go_to(shop, RefundStatus::Succeeded, action, now)
    }

    /// How many pieces of its line are not to be shipped any more: all that wait where nothing is left to be refunded, those that
    /// the refund is about where it pays for them, and none where it only lowers the price.
    fn cancelled_pieces(&self, line: &Line) -> u32 {
        if line.refundable() == 0 {
            return line.waiting();
        }
        let paid_for = i128::from(self.amount.amount) * i128::from(line.quantity)
            >= i128::from(line.payment.amount) * i128::from(self.quantity);
        if self.goods_status == GoodsStatus::Unshipped && paid_for { line.waiting().min(self.quantity) } else { 0 }
    }

    /// Ends without money.
    pub(crate) fn close(self, shop: &mut Shop, action: RefundAction, now: Timestamp) -> Result<Self, Refusal> {
        let mut order = Order::clone(shop.order(&self.order_id)?);
        order.line_mut(&self.line_id)?.refund_open = false;
        order.settle(now);
        keep(shop, order);
        self.go_to(shop, RefundStatus::Closed, action, now)
    }

    /// Moves on to another status, and keeps it.
    pub(crate) fn go_to(
        mut self,
        shop: &mut Shop,
        status: RefundStatus,
        action: RefundAction,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        debug_assert!(Description::get().machine("RefundStatus").leads(self.status.as_str(), status.as_str()));
        self.status = status;
        self.respond_by = status.patience_millis().map(|millis| now.offset_by_millis(millis));
        if status.has_ended() {
            self.finished_at = Some(now);
        }
        self.note(action, now);
        Ok(self.wait(shop))
    }

    /// Keeps it, and what time will bring to it.
    pub(crate) fn wait(self, shop: &mut Shop) -> Self {
        if let Some(at) = self.respond_by {
            shop.due.insert((at, Due::Refund(self.refund_id.clone())));
        }
        shop.refunds.put(self.clone());
        self
    }

    /// Counts a change.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.modified_at = self.modified_at.max(now);
    }
}

/// Time has come for a refund whose next step nobody took.
pub(crate) fn is_due(shop: &mut Shop, refund_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let refund = Refund::clone(shop.refund(refund_id)?);
    if refund.respond_by.is_none_or(|deadline| deadline > at) {
        return Ok(());
    }
    if refund.can("seller_times_out") {
        if refund.status == RefundStatus::WaitSellerReceipt {
            refund.succeed(shop, RefundAction::TimedOut, at)?;
        } else {
            let address = default_for(shop, AddressUse::Return);
            refund.agree(shop, address, RefundAction::TimedOut, at)?;
        }
    } else if refund.can("buyer_times_out") {
        refund.close(shop, RefundAction::TimedOut, at)?;
    }
    Ok(())
}
