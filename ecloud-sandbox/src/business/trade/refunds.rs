//! Operations on refunds.

use bytes::Bytes;
use ecloud_core::Money;
use serde::Deserialize;

use super::refund::{Refund, RefundKind, RefundStatus, RefusalNote, RefusalReason};
use crate::business::logistics::{AddressUse, addresses};
use crate::business::{Call, Handler, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listRefunds" => list,
        "getRefund" => get,
        "agreeRefund" => agree,
        "refuseRefund" => refuse,
        "confirmReturn" => confirm_return,
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

/// `getRefund`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.refund(call.path("refund_id"))?)
}

#[derive(Deserialize)]
struct RefundAgreement {
    version: u64,
    amount: Money,
    return_address_id: Option<String>,
}

/// `agreeRefund`
pub(crate) fn agree(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RefundAgreement = call.input()?;
    let refund = for_change(call, "agreeRefund", input.version)?;
    if refund.amount != input.amount {
        return Err(Refusal::rule("trade.refund_amount_mismatch", format!("the refund is about {}", refund.amount)));
    }
    let address = match (refund.kind, input.return_address_id) {
        (RefundKind::RefundOnly, _) => None,
        (RefundKind::ReturnAndRefund, Some(address_id)) => Some(call.shop.address(&address_id)?.address_id.clone()),
        (RefundKind::ReturnAndRefund, None) => {
            let message = "the goods are to be returned, but the shop has no default return address";
            let address = addresses::default_for(call.shop, AddressUse::Return);
            Some(address.ok_or_else(|| Refusal::rule("trade.return_address_required", message))?)
        }
    };
    encode(&refund.agree(call.shop, address, call.now)?)
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
    let mut refund = for_change(call, "refuseRefund", input.version)?;
    refund.refusal = Some(RefusalNote { reason: input.reason, explanation: input.explanation, refused_at: call.now });
    encode(&refund.go_to(call.shop, RefundStatus::Refused, call.now)?)
}

#[derive(Deserialize)]
struct ReturnConfirmation {
    version: u64,
}

/// `confirmReturn`
pub(crate) fn confirm_return(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReturnConfirmation = call.input()?;
    let refund = for_change(call, "confirmReturn", input.version)?;
    encode(&refund.succeed(call.shop, call.now)?)
}

/// The refund of the path, if `operation` may be done in its status and the caller has seen its latest version.
fn for_change(call: &Call<'_>, operation: &str, version: u64) -> Result<Refund, Refusal> {
    let refund = call.shop.refund(call.path("refund_id"))?;
    Description::get().machine("RefundStatus").operation(operation, refund.status.as_str())?;
    if refund.version != version {
        let message = format!("the refund has changed since version {version}; it is at {} now", refund.version);
        return Err(Refusal::rule("trade.refund_conflict", message));
    }
    Ok(Refund::clone(refund))
}
