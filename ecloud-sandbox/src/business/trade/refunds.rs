//! Operations on refunds.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::refund::{ProposalNote, Refund, RefundKind, RefundStatus, RefusalNote, RefusalReason};
use super::refund_history::RefundAction;
use crate::business::logistics::{AddressUse, addresses};
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// By how much a seller extends his deadline.
const EXTENSION_MILLIS: i64 = 3 * 86_400_000;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listRefunds" => list,
        "listRefundChanges" => changes,
        "batchGetRefunds" => batch_get,
        "batchAgreeRefunds" => batch_agree,
        "getRefund" => get,
        "agreeRefund" => agree,
        "refuseRefund" => refuse,
        "confirmReturn" => confirm_return,
        "proposeRefundAmount" => propose,
        "extendRefundDeadline" => extend_deadline,
        "setRefundMemo" => set_memo,
        _ => return None,
    })
}

/// `listRefunds`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |refund: &Refund| {
        order.is_none_or(|order| refund.order_id == order) && call.query.wants("status", refund.status.as_str())
    };
    call.cursor_page(&call.shop.refunds, wanted, |refund| &**refund)
}

/// `listRefundChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |refund: &Refund| call.shop.shows_change(&refund.refund_id, refund.version, refund.modified_at, call.now);
    call.changes_page(&call.shop.refunds, visible, |refund| &***refund)
}

/// `getRefund`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.refund(call.path("refund_id"))?)
}

#[derive(Serialize)]
struct RefundResults {
    items: Vec<RefundResult>,
}

#[derive(Serialize)]
struct RefundResult {
    refund_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Refund>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

impl RefundResult {
    fn of(refund_id: String, outcome: Result<Refund, Refusal>) -> Self {
        match outcome {
            Ok(refund) => Self { refund_id, refund: Some(refund), error: None },
            Err(refusal) => Self { refund_id, refund: None, error: Some(refusal.into()) },
        }
    }
}

#[derive(Deserialize)]
struct RefundBatch {
    refund_ids: Vec<String>,
}

/// `batchGetRefunds`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundBatch = call.input()?;
    let result = |refund_id: String| {
        let found = call.shop.refund(&refund_id).map(|refund| Refund::clone(refund));
        RefundResult::of(refund_id, found)
    };
    encode(&RefundResults { items: input.refund_ids.into_iter().map(result).collect() })
}

#[derive(Deserialize)]
struct RefundAgreement {
    version: u64,
    amount: Money,
    return_address_id: Option<String>,
}

impl RefundAgreement {
    /// Agrees to a refund.
    fn give(self, shop: &mut Shop, refund_id: &str, now: Timestamp) -> Result<Refund, Refusal> {
        check_address(shop, refund_id, self.return_address_id.as_deref())?;
        let refund = for_change(shop, refund_id, "agreeRefund", self.version)?;
        if refund.amount != self.amount {
            return Err(Refusal::rule(
                "trade.refund_amount_mismatch",
                format!("the refund is about {}", refund.amount),
            ));
        }
        let address = return_address(shop, &refund, self.return_address_id)?;
        refund.agree(shop, address, RefundAction::Agreed, now)
    }
}

/// `agreeRefund`
pub(crate) fn agree(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundAgreement = call.input()?;
    let refund_id = call.path("refund_id").to_owned();
    encode(&input.give(call.shop, &refund_id, call.now)?)
}

#[derive(Deserialize)]
struct RefundAgreementBatch {
    items: Vec<RefundAgreementEntry>,
}

#[derive(Deserialize)]
struct RefundAgreementEntry {
    refund_id: String,
    #[serde(flatten)]
    agreement: RefundAgreement,
}

/// `batchAgreeRefunds`
pub(crate) fn batch_agree(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundAgreementBatch = call.input()?;
    let mut items = Vec::new();
    for RefundAgreementEntry { refund_id, agreement } in input.items {
        let outcome = agreement.give(call.shop, &refund_id, call.now);
        items.push(RefundResult::of(refund_id, outcome));
    }
    encode(&RefundResults { items })
}

#[derive(Deserialize)]
struct RefundRefusal {
    version: u64,
    reason: RefusalReason,
    explanation: String,
}

/// `refuseRefund`
pub(crate) fn refuse(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundRefusal = call.input()?;
    let mut refund = for_change(call.shop, call.path("refund_id"), "refuseRefund", input.version)?;
    refund.refusal = Some(RefusalNote { reason: input.reason, explanation: input.explanation, refused_at: call.now });
    encode(&refund.go_to(call.shop, RefundStatus::Refused, RefundAction::Refused, call.now)?)
}

#[derive(Deserialize)]
struct SeenVersion {
    version: u64,
}

/// `confirmReturn`
pub(crate) fn confirm_return(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SeenVersion = call.input()?;
    let refund = for_change(call.shop, call.path("refund_id"), "confirmReturn", input.version)?;
    encode(&refund.succeed(call.shop, RefundAction::ReturnConfirmed, call.now)?)
}

#[derive(Deserialize)]
struct RefundProposal {
    version: u64,
    amount: Money,
    explanation: String,
    return_address_id: Option<String>,
}

/// `proposeRefundAmount`
pub(crate) fn propose(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundProposal = call.input()?;
    let refund_id = call.path("refund_id").to_owned();
    check_address(call.shop, &refund_id, input.return_address_id.as_deref())?;
    let mut refund = for_change(call.shop, &refund_id, "proposeRefundAmount", input.version)?;
    let left = call.shop.money(call.shop.order(&refund.order_id)?.line(&refund.line_id)?.refundable());
    let possible = input.amount.currency == left.currency && (1..=left.amount).contains(&input.amount.amount);
    if !possible || input.amount == refund.amount {
        let message = format!("the buyer asks for {}, and {left} is left of the line's payment", refund.amount);
        return Err(Refusal::rule("trade.refund_proposal_invalid", message));
    }
    refund.proposal = Some(ProposalNote {
        amount: input.amount,
        explanation: input.explanation,
        return_address_id: return_address(call.shop, &refund, input.return_address_id)?,
        proposed_at: call.now,
    });
    encode(&refund.go_to(call.shop, RefundStatus::WaitBuyerAnswer, RefundAction::AmountProposed, call.now)?)
}

/// `extendRefundDeadline`
pub(crate) fn extend_deadline(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SeenVersion = call.input()?;
    let mut refund = for_change(call.shop, call.path("refund_id"), "extendRefundDeadline", input.version)?;
    if let Some(before) = refund.extended_at {
        let message = format!("the deadline was extended at {before} already");
        return Err(Refusal::rule("trade.refund_extended_already", message));
    }
    refund.extended_at = Some(call.now);
    refund.respond_by = refund.respond_by.map(|at| at.offset_by_millis(EXTENSION_MILLIS));
    refund.note(RefundAction::DeadlineExtended, call.now);
    encode(&refund.wait(call.shop))
}

#[derive(Deserialize)]
struct RefundMemoInput {
    memo: String,
}

/// `setRefundMemo`
pub(crate) fn set_memo(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundMemoInput = call.input()?;
    let mut refund = Refund::clone(call.shop.refund(call.path("refund_id"))?);
    refund.memo = Some(input.memo).filter(|memo| !memo.is_empty());
    refund.touch(call.now);
    encode(&*call.shop.refunds.put(refund))
}

/// A refund, if the caller has seen its latest version and `operation` may be done in its status.
fn for_change(shop: &Shop, refund_id: &str, operation: &str, version: u64) -> Result<Refund, Refusal> {
    let refund = shop.refund(refund_id)?;
    if refund.version != version {
        let message = format!("the refund has changed since version {version}; it is at {} now", refund.version);
        return Err(Refusal::rule("trade.refund_conflict", message));
    }
    Description::get().machine("RefundStatus").operation(operation, refund.status.as_str())?;
    Ok(Refund::clone(refund))
}

/// The address that the caller names is there, if goods are to go to it.
fn check_address(shop: &Shop, refund_id: &str, address_id: Option<&str>) -> Result<(), Refusal> {
    let refund = shop.refund(refund_id)?;
    match address_id {
        Some(address_id) if refund.kind == RefundKind::ReturnAndRefund => shop.address(address_id).map(drop),
        _ => Ok(()),
    }
}

/// Where the goods of a refund go back to: the address named, or the default; nowhere if nothing is returned.
fn return_address(shop: &Shop, refund: &Refund, named: Option<String>) -> Result<Option<String>, Refusal> {
    if refund.kind == RefundKind::RefundOnly {
        return Ok(None);
    }
    let address = named.or_else(|| addresses::default_for(shop, AddressUse::Return));
    let message = "the goods are to be returned, but the shop has no default return address";
    address.map(Some).ok_or_else(|| Refusal::rule("trade.return_address_required", message))
}
