//! Changes of waybills whose parcels the carrier doesn't have yet.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::waybill_children::children_of;
use super::waybills::{ParcelContent, ReceiverInput, Waybill, WaybillStatus, print_data};
use super::{carriers, waybill_templates};
use crate::business::trade::Receiver;
use crate::business::{Call, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What changes of a waybill.
#[derive(Deserialize)]
struct WaybillPatch {
    version: u64,
    sender_address_id: Option<String>,
    receiver: Option<ReceiverInput>,
    contents: Option<Vec<ParcelContent>>,
    weight_grams: Option<u32>,
    volume_cm3: Option<u32>,
    waybill_template_id: Option<String>,
}

/// `updateWaybill`
pub(super) fn update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillPatch = call.input()?;
    let waybill_id = call.path("waybill_id").to_owned();
    let shop = &mut *call.shop;
    let receiver = input.receiver.map(|receiver| receiver.open(shop)).transpose()?;
    let mut waybill = Waybill::clone(shop.waybill(&waybill_id)?);
    let sender = input.sender_address_id.map(|id| shop.address(&id).map(|it| it.address_id.clone())).transpose()?;
    let template = input.waybill_template_id.map(|id| waybill_templates::find(shop, &id)).transpose()?;
    if waybill.version != input.version {
        let message =
            format!("the waybill has changed since version {}; it is at {} now", input.version, waybill.version);
        return Err(Refusal::rule("logistics.waybill_conflict", message));
    }
    Description::get().machine("WaybillStatus").operation("updateWaybill", waybill.status.as_str())?;
    let children = match sender.is_some() || receiver.is_some() {
        true => children_to_follow(shop, &waybill)?,
        false => Vec::new(),
    };
    let carrier = carriers::known(shop, &waybill.carrier_code)?;
    let template = match template {
        Some(template) => Some(waybill_templates::for_carrier(carrier, Some(template))?),
        None => None,
    };
    for child in children {
        readdressed(shop, child, sender.as_deref(), receiver.as_ref(), call.now)?;
    }
    if let Some(template) = template {
        waybill.print_data.waybill_template_id = template.waybill_template_id;
    }
    waybill.contents = input.contents.unwrap_or(waybill.contents);
    waybill.weight_grams = input.weight_grams.or(waybill.weight_grams);
    waybill.volume_cm3 = input.volume_cm3.or(waybill.volume_cm3);
    encode(&readdressed(shop, waybill, sender.as_deref(), receiver.as_ref(), call.now)?)
}

/// The waybills that get another sender or receiver with this one: those under it that aren't cancelled, none of which may be on its way.
fn children_to_follow(shop: &Shop, waybill: &Waybill) -> Result<Vec<Waybill>, Refusal> {
    if waybill.parent_waybill_id.is_some() {
        let message = "a waybill under another has the sender and the receiver of that";
        return Err(Refusal::rule("logistics.waybill_is_child", message));
    }
    let standing = children_of(shop, &waybill.waybill_id).filter(|child| child.status != WaybillStatus::Cancelled);
    let children: Vec<Waybill> = standing.cloned().collect();
    if children.iter().any(|child| !child.waits()) {
        let message = "the parcel of a waybill under it is picked up";
        return Err(Refusal::rule("logistics.child_waybill_picked_up", message));
    }
    Ok(children)
}

/// Keeps a waybill with its new print data, which somebody has to print.
fn readdressed(
    shop: &mut Shop,
    waybill: Waybill,
    sender: Option<&str>,
    receiver: Option<&Receiver>,
    now: Timestamp,
) -> Result<Waybill, Refusal> {
    let template = waybill_templates::find(shop, &waybill.print_data.waybill_template_id)?;
    let print_data = print_data(shop, &template, &waybill.tracking_number, waybill.version + 1);
    Ok(waybill.changed(shop, now, |waybill| {
        waybill.sender_address_id = sender.map_or(std::mem::take(&mut waybill.sender_address_id), str::to_owned);
        if let Some(receiver) = receiver {
            waybill.receiver = receiver.clone();
        }
        waybill.status = WaybillStatus::Applied;
        waybill.print_data = print_data;
    }))
}
