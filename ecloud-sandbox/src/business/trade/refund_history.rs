//! What has happened to a refund: each step, by whom, and when.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::refund::{Refund, RefundStatus};
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

wire_enum! {
    /// Who does something in a refund.
    RefundActor { Buyer = "buyer", Seller = "seller", Platform = "platform" }
}

wire_enum! {
    /// What happens to a refund.
    RefundAction {
        Requested = "requested",
        Changed = "changed",
        Withdrawn = "withdrawn",
        Agreed = "agreed",
        Refused = "refused",
        AmountProposed = "amount_proposed",
        ProposalAccepted = "proposal_accepted",
        ProposalDeclined = "proposal_declined",
        GoodsShipped = "goods_shipped",
        GoodsReturned = "goods_returned",
        ReturnConfirmed = "return_confirmed",
        DeadlineExtended = "deadline_extended",
        TimedOut = "timed_out",
    }
}

impl RefundAction {
    /// Who alone does it.
    fn actor(self) -> RefundActor {
        match self {
            Self::Requested
            | Self::Changed
            | Self::Withdrawn
            | Self::ProposalAccepted
            | Self::ProposalDeclined
            | Self::GoodsReturned => RefundActor::Buyer,
            Self::Agreed
            | Self::Refused
            | Self::AmountProposed
            | Self::GoodsShipped
            | Self::ReturnConfirmed
            | Self::DeadlineExtended => RefundActor::Seller,
            Self::TimedOut => RefundActor::Platform,
        }
    }
}

/// One thing that has happened to a refund, and what the refund was like afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefundHistoryEntry {
    action: RefundAction,
    actor: RefundActor,
    status: RefundStatus,
    amount: Money,
    version: u64,
    occurred_at: Timestamp,
}

impl Refund {
    /// Counts a change of the refund and notes what it was.
    pub(crate) fn note(&mut self, action: RefundAction, now: Timestamp) {
        self.touch(now);
        self.history.push(RefundHistoryEntry {
            action,
            actor: action.actor(),
            status: self.status,
            amount: self.amount,
            version: self.version,
            occurred_at: now,
        });
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listRefundHistory" => list,
        _ => return None,
    })
}

/// `listRefundHistory`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let refund = call.shop.refund(call.path("refund_id"))?;
    encode(&Numbered::of(&call.query)?.cut(&refund.history, RefundHistoryEntry::clone))
}
