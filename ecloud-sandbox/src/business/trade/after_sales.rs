//! Operations on after-sale cases.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::after_sale::{AfterSale, AfterSaleKind, AfterSaleRefusalNote, AfterSaleStatus, ReplacementParcel};
use super::refund::RefusalReason;
use crate::business::logistics::shipments::check_free;
use crate::business::logistics::{AddressUse, addresses, carriers};
use crate::business::product::inventory::{Movement, shift};
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listAfterSales" => list,
        "listAfterSaleChanges" => changes,
        "getAfterSale" => get,
        "agreeAfterSale" => agree,
        "refuseAfterSale" => refuse,
        "confirmAfterSaleReturn" => confirm_return,
        "sendReplacement" => send_replacement,
        "closeAfterSale" => close,
        _ => return None,
    })
}

/// `listAfterSales`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |case: &AfterSale| {
        order.is_none_or(|order| case.order_id == order)
            && call.query.wants("status", case.status.as_str())
            && call.query.wants("kind", case.kind.as_str())
    };
    call.cursor_page(&call.shop.after_sales, wanted, |case| &**case)
}

/// `listAfterSaleChanges`
fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |case: &AfterSale| call.shop.shows_change(&case.after_sale_id, case.version, case.modified_at, call.now);
    call.changes_page(&call.shop.after_sales, visible, |case| &***case)
}

/// `getAfterSale`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.after_sale(call.path("after_sale_id"))?)
}

#[derive(Deserialize)]
struct AfterSaleAgreement {
    version: u64,
    return_address_id: Option<String>,
}

/// `agreeAfterSale`
fn agree(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AfterSaleAgreement = call.input()?;
    let returns_goods = call.shop.after_sale(call.path("after_sale_id"))?.returns_goods();
    if let Some(address_id) = input.return_address_id.as_deref().filter(|_| returns_goods) {
        call.shop.address(address_id)?;
    }
    let case = for_change(call, "agreeAfterSale", input.version)?;
    let address = input.return_address_id.or_else(|| addresses::default_for(call.shop, AddressUse::Return));
    if returns_goods && address.is_none() {
        let message = "the goods are to be returned, but the shop has no default return address";
        return Err(Refusal::rule("trade.return_address_required", message));
    }
    encode(&case.agree(call.shop, address, call.now))
}

#[derive(Deserialize)]
struct AfterSaleRefusal {
    version: u64,
    reason: RefusalReason,
    explanation: String,
    #[serde(default)]
    media_ids: Vec<String>,
}

/// `refuseAfterSale`
fn refuse(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AfterSaleRefusal = call.input()?;
    call.shop.after_sale(call.path("after_sale_id"))?;
    for media_id in &input.media_ids {
        call.shop.medium(media_id)?;
    }
    let mut case = for_change(call, "refuseAfterSale", input.version)?;
    case.refusal = Some(AfterSaleRefusalNote {
        reason: input.reason,
        explanation: input.explanation,
        media_ids: input.media_ids,
        refused_at: call.now,
    });
    encode(&case.go_to(call.shop, AfterSaleStatus::Refused, call.now))
}

#[derive(Deserialize)]
struct AfterSaleReturnConfirmation {
    version: u64,
}

/// `confirmAfterSaleReturn`
fn confirm_return(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AfterSaleReturnConfirmation = call.input()?;
    let case = for_change(call, "confirmAfterSaleReturn", input.version)?;
    encode(&case.go_to(call.shop, AfterSaleStatus::WaitSellerShipment, call.now))
}

#[derive(Deserialize)]
struct ReplacementInput {
    version: u64,
    carrier_code: String,
    tracking_number: String,
}

/// `sendReplacement`
fn send_replacement(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReplacementInput = call.input()?;
    call.shop.after_sale(call.path("after_sale_id"))?;
    let carrier = carriers::find(call.shop, &input.carrier_code)?;
    let case = for_change(call, "sendReplacement", input.version)?;
    carrier.check_number(&input.tracking_number)?;
    check_free(call.shop, &input.carrier_code, &input.tracking_number, None)?;
    let parcel = ReplacementParcel {
        carrier_code: input.carrier_code,
        tracking_number: input.tracking_number,
        sent_at: call.now,
    };
    encode(&send(call.shop, case, parcel, call.now)?)
}

/// What is exchanged or resent leaves the stock and, like repaired goods, goes to the buyer.
pub(crate) fn send(
    shop: &mut Shop,
    mut case: AfterSale,
    parcel: ReplacementParcel,
    now: Timestamp,
) -> Result<AfterSale, Refusal> {
    if case.kind != AfterSaleKind::Repair {
        shift(shop, &case.wanted_sku_id, Movement::Reserve, case.quantity, now)?;
        shift(shop, &case.wanted_sku_id, Movement::Ship, case.quantity, now)?;
    }
    case.replacement = Some(parcel);
    Ok(case.go_to(shop, AfterSaleStatus::WaitBuyerReceipt, now))
}

#[derive(Deserialize)]
struct AfterSaleClosing {
    version: u64,
    note: Option<String>,
}

/// `closeAfterSale`
fn close(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AfterSaleClosing = call.input()?;
    let mut case = for_change(call, "closeAfterSale", input.version)?;
    case.close_note = input.note;
    encode(&case.go_to(call.shop, AfterSaleStatus::Closed, call.now))
}

/// The case of the path, if the caller has seen its latest version and `operation` may be done in its status.
fn for_change(call: &Call<'_>, operation: &str, version: u64) -> Result<AfterSale, Refusal> {
    let case = call.shop.after_sale(call.path("after_sale_id"))?;
    if case.version != version {
        let message = format!("the case has changed since version {version}; it is at {} now", case.version);
        return Err(Refusal::rule("trade.after_sale_conflict", message));
    }
    Description::get().machine("AfterSaleStatus").operation(operation, case.status.as_str())?;
    Ok(AfterSale::clone(case))
}
