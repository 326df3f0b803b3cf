//! Histories of orders: what has happened to them, when, and who did it.
//!
//! Nothing is announced: an entry is what an order was and what it has become, so whatever changes one leaves its entry.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::promises::PromiseExtensionStatus;
use super::{CloseReason, Line, Order, OrderStatus, RiskStatus};
use crate::business::actor::Actor;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

wire_enum! {
    /// What can happen to an order.
    HistoryKind {
        Placed = "placed",
        CameOfSplit = "came_of_split",
        CameOfMerge = "came_of_merge",
        Paid = "paid",
        PriceChanged = "price_changed",
        ReceiverChanged = "receiver_changed",
        MemoChanged = "memo_changed",
        TagsChanged = "tags_changed",
        ReviewStarted = "review_started",
        ReviewPassed = "review_passed",
        ReviewFailed = "review_failed",
        PromiseExtensionRequested = "promise_extension_requested",
        PromiseExtensionEnded = "promise_extension_ended",
        PromiseExtended = "promise_extended",
        PromiseBroken = "promise_broken",
        Shipped = "shipped",
        ShipmentCancelled = "shipment_cancelled",
        Delivered = "delivered",
        ReceiptDelayed = "receipt_delayed",
        RefundRequested = "refund_requested",
        RefundClosed = "refund_closed",
        Refunded = "refunded",
        Finished = "finished",
        Closed = "closed",
        Split = "split",
        Merged = "merged",
    }
}

/// Something that has happened to an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HistoryEntry {
    kind: HistoryKind,
    actor: Actor,
    occurred_at: Timestamp,
    version: u64,
    status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment_id: Option<Box<str>>,
}

/// What does an operation on histories.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listOrderHistory" => list,
        _ => return None,
    })
}

/// `listOrderHistory`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.shop.order(call.path("order_id"))?;
    let entries: Vec<&HistoryEntry> = order.history.iter().collect();
    encode(&Numbered::of(&call.query)?.cut(&entries, |entry| *entry))
}

/// Writes into an order's history what has become of it; `before` is what it was, nothing where it is new.
pub(super) fn note(before: Option<&Order>, order: &mut Order, actor: Actor) {
    let mut notes = Notes { order, actor, entries: Vec::new() };
    match before {
        Some(before) if before.version == notes.order.version => return,
        Some(before) => notes.compare(before),
        None if notes.order.split_from.is_some() => notes.add(HistoryKind::CameOfSplit),
        None if !notes.order.merged_from.is_empty() => notes.add(HistoryKind::CameOfMerge),
        None => notes.add(HistoryKind::Placed),
    }
    let entries = notes.entries;
    // Of the many orders of a shop, most have few entries.
    order.history.reserve_exact(entries.len());
    order.history.extend(entries);
}

struct Notes<'a> {
    order: &'a Order,
    actor: Actor,
    entries: Vec<HistoryEntry>,
}

impl Notes<'_> {
    fn compare(&mut self, before: &Order) {
        self.compare_terms(before);
        self.compare_notes(before);
        self.compare_review(before);
        self.compare_promise(before);
        self.compare_goods(before);
        for (earlier, line) in before.lines.iter().zip(&self.order.lines) {
            self.compare_refund(earlier, line);
        }
        if before.status != self.order.status {
            match self.order.status {
                OrderStatus::Finished => self.add(HistoryKind::Finished),
                OrderStatus::Closed => self.add(match self.order.close_reason {
                    Some(CloseReason::Split) => HistoryKind::Split,
                    Some(CloseReason::Merged) => HistoryKind::Merged,
                    _ => HistoryKind::Closed,
                }),
                _ => {}
            }
        }
    }

    /// What the buyer pays, and whom the goods go to.
    fn compare_terms(&mut self, before: &Order) {
        let adjusted = before.lines.iter().zip(&self.order.lines).any(|(a, b)| a.adjustment != b.adjustment);
        if adjusted || before.amounts.freight != self.order.amounts.freight {
            self.add(HistoryKind::PriceChanged);
        }
        if before.paid_at.is_none() && self.order.paid_at.is_some() {
            self.add(HistoryKind::Paid);
        }
        if !before.receiver.receiver.is_as(&self.order.receiver.receiver) {
            self.add(HistoryKind::ReceiverChanged);
        }
    }

    /// What only the seller sees.
    fn compare_notes(&mut self, before: &Order) {
        if (&before.memo, before.flag) != (&self.order.memo, self.order.flag) {
            self.add(HistoryKind::MemoChanged);
        }
        if before.tags != self.order.tags {
            self.add(HistoryKind::TagsChanged);
        }
    }

    fn compare_review(&mut self, before: &Order) {
        if before.risk_status != self.order.risk_status {
            let kind = match self.order.risk_status {
                RiskStatus::Reviewing => HistoryKind::ReviewStarted,
                RiskStatus::Clear => HistoryKind::ReviewPassed,
                RiskStatus::Blocked => HistoryKind::ReviewFailed,
            };
            self.add_by(Actor::Platform, kind);
        }
    }

    fn compare_promise(&mut self, before: &Order) {
        for (index, extension) in self.order.extensions.iter().enumerate() {
            let earlier = before.extensions.get(index).map(|earlier| earlier.status);
            match (earlier, extension.status) {
                (None, _) => self.add(HistoryKind::PromiseExtensionRequested),
                (Some(earlier), now) if earlier == now => {}
                (Some(_), PromiseExtensionStatus::Agreed) => self.add(HistoryKind::PromiseExtended),
                (Some(_), _) => self.add(HistoryKind::PromiseExtensionEnded),
            }
        }
        if before.late_at.is_none() && self.order.late_at.is_some() {
            self.add_by(Actor::Platform, HistoryKind::PromiseBroken);
        }
    }

    fn compare_goods(&mut self, before: &Order) {
        let about = |kind, shipment_id: &String| (kind, shipment_id.as_str().into());
        let new = self.order.shipment_ids.iter().filter(|id| !before.shipment_ids.contains(id));
        let gone = before.shipment_ids.iter().filter(|id| !self.order.shipment_ids.contains(id));
        let shipments: Vec<_> = new
            .map(|id| about(HistoryKind::Shipped, id))
            .chain(gone.map(|id| about(HistoryKind::ShipmentCancelled, id)))
            .collect();
        for (kind, shipment_id) in shipments {
            let entry = self.entry(self.actor, kind);
            self.entries.push(HistoryEntry { shipment_id: Some(shipment_id), ..entry });
        }
        // A buyer who says that he has received it says so of the delivery, too.
        if !before.delivered && self.order.delivered && self.order.status != OrderStatus::Finished {
            self.add_by(Actor::Carrier, HistoryKind::Delivered);
        }
        if before.receipt_delay_days != self.order.receipt_delay_days {
            self.add(HistoryKind::ReceiptDelayed);
        }
    }

    fn compare_refund(&mut self, before: &Line, after: &Line) {
        let kind = match (before.refund_open, after.refund_open) {
            (false, true) => HistoryKind::RefundRequested,
            (true, false) if before.refunded == after.refunded => HistoryKind::RefundClosed,
            (true, false) => HistoryKind::Refunded,
            _ => return,
        };
        let entry = self.entry(self.actor, kind);
        let (line_id, refund_id) = (Some(after.line_id.as_str().into()), after.refund_id.as_deref().map(Box::from));
        self.entries.push(HistoryEntry { line_id, refund_id, ..entry });
    }

    fn add(&mut self, kind: HistoryKind) {
        self.add_by(self.actor, kind);
    }

    fn add_by(&mut self, actor: Actor, kind: HistoryKind) {
        let entry = self.entry(actor, kind);
        self.entries.push(entry);
    }

    fn entry(&self, actor: Actor, kind: HistoryKind) -> HistoryEntry {
        HistoryEntry {
            kind,
            actor,
            occurred_at: self.order.modified_at,
            version: self.order.version,
            status: self.order.status,
            line_id: None,
            refund_id: None,
            shipment_id: None,
        }
    }
}
