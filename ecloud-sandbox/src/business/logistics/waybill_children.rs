//! Waybills of the further parcels of a shipment, under that of the first.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::waybills::{Draft, ParcelContent, Waybill, digest, known, reserve};
use super::{carriers, waybill_accounts, waybill_templates};
use crate::business::{Call, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How many waybills stand under one at most.
const MOST: usize = 50;

/// The waybills under one, the cancelled ones included.
pub(super) fn children_of<'a>(shop: &'a Shop, waybill_id: &str) -> impl Iterator<Item = &'a Waybill> {
    shop.waybills.marked([("parent", waybill_id.to_owned().into())], None).map(|waybill| &**waybill)
}

/// `listChildWaybills`
pub(super) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let parent = call.shop.waybill(call.path("waybill_id"))?;
    let children = |after| call.shop.waybills.marked([("parent", parent.waybill_id.clone().into())], after);
    call.cursor_page_of(children, |_| true, |waybill| &**waybill)
}

/// The further parcel that a waybill is applied for.
#[derive(Deserialize)]
pub(crate) struct ChildWaybillInput {
    parcel_key: String,
    contents: Vec<ParcelContent>,
    weight_grams: Option<u32>,
    volume_cm3: Option<u32>,
}

/// `appendWaybill`
pub(super) fn append(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ChildWaybillInput = call.input()?;
    let waybill_id = call.path("waybill_id").to_owned();
    encode(&append_to(call.shop, &waybill_id, input, call.now)?)
}

/// The waybill of a further parcel: a new one, or the one that was applied for with the same content.
pub(crate) fn append_to(
    shop: &mut Shop,
    waybill_id: &str,
    input: ChildWaybillInput,
    now: Timestamp,
) -> Result<Waybill, Refusal> {
    let parent = Waybill::clone(shop.waybill(waybill_id)?);
    let content = digest(&(&parent.waybill_id, &input.contents, input.weight_grams, input.volume_cm3))?;
    if let Some(waybill) = known(shop, &input.parcel_key, content)? {
        return Ok(waybill);
    }
    Description::get().machine("WaybillStatus").operation("appendWaybill", parent.status.as_str())?;
    if parent.parent_waybill_id.is_some() {
        return Err(Refusal::rule("logistics.waybill_is_child", "the waybill stands under another itself"));
    }
    let carrier = carriers::known(shop, &parent.carrier_code)?.clone();
    if !carrier.child_waybills {
        let message = "the carrier gives no waybills for further parcels";
        return Err(Refusal::rule("logistics.child_waybills_unsupported", message));
    }
    if children_of(shop, waybill_id).count() >= MOST {
        let message = format!("the waybill has {MOST} others under it");
        return Err(Refusal::rule("logistics.child_waybill_limit_exceeded", message));
    }
    waybill_accounts::find(shop, &parent.waybill_account_id)?.check_balance()?;
    let template = waybill_templates::find(shop, &parent.print_data.waybill_template_id)?;
    let draft = Draft {
        parcel_key: input.parcel_key,
        parent_waybill_id: Some(parent.waybill_id),
        order_id: parent.order_id,
        carrier,
        waybill_account_id: parent.waybill_account_id,
        template,
        sender_address_id: parent.sender_address_id,
        receiver: parent.receiver,
        contents: input.contents,
        weight_grams: input.weight_grams,
        volume_cm3: input.volume_cm3,
        applied_for: content,
    };
    reserve(shop, draft, now)
}
