//! Electronic waybills: tracking numbers reserved before the goods are shipped.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AddressUse, Shipment, TrackingAction, addresses, carriers, waybill_batches};
use crate::business::trade::orders::SealedField;
use crate::business::trade::{Receiver, Region};
use crate::business::wire::wire_enum;
use crate::business::{Call, Shop, encode};
use crate::business::{Handler, table::Row};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::sensitive::{Caller, Kind};

wire_enum! {
    /// Where a waybill stands.
    WaybillStatus {
        Applied = "applied",
        Printed = "printed",
        PickedUp = "picked_up",
        Delivered = "delivered",
        Returned = "returned",
        Cancelled = "cancelled",
    }
}

/// A tracking number of a carrier for one parcel, with what is printed on it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Waybill {
    pub(crate) waybill_id: String,
    pub(crate) parcel_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    carrier_code: String,
    tracking_number: String,
    pub(crate) status: WaybillStatus,
    sender_address_id: String,
    receiver: Receiver,
    contents: Vec<ParcelContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_grams: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_cm3: Option<u32>,
    pub(super) print_data: PrintData,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
    /// The content that it was applied for with.
    #[serde(skip)]
    applied_for: [u8; 32],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct ParcelContent {
    name: String,
    quantity: u32,
}

/// What a printing component needs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PrintData {
    template_url: String,
    payload: String,
    signature: String,
}

impl Row for Waybill {
    fn id(&self) -> &str {
        &self.waybill_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Waybill {
    /// Changes it, keeps it, and answers with it.
    fn changed(mut self, shop: &mut Shop, now: Timestamp, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.version += 1;
        self.modified_at = self.modified_at.max(now);
        shop.waybills.put(self.clone());
        self
    }
}

/// What a waybill is applied for with.
#[derive(Deserialize)]
pub(crate) struct WaybillInput {
    pub(super) parcel_key: String,
    order_id: Option<String>,
    carrier_code: String,
    sender_address_id: Option<String>,
    receiver: ReceiverInput,
    contents: Vec<ParcelContent>,
    weight_grams: Option<u32>,
    volume_cm3: Option<u32>,
}

#[derive(Deserialize)]
struct ReceiverInput {
    name: SealedField,
    phone: SealedField,
    address: SealedField,
    #[serde(flatten)]
    region: Region,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listWaybills" => list,
        "listWaybillChanges" => changes,
        "applyWaybill" => apply,
        "batchApplyWaybills" => waybill_batches::apply,
        "batchGetPrintData" => waybill_batches::print_data,
        "getWaybill" => get,
        "cancelWaybill" => cancel,
        _ => return None,
    })
}

/// `listWaybills`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |it: &Waybill| {
        order.is_none_or(|order| it.order_id.as_deref() == Some(order))
            && call.query.wants("status", it.status.as_str())
    };
    call.cursor_page(&call.shop.waybills, wanted, |waybill| &**waybill)
}

/// `listWaybillChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &Waybill| call.shop.shows_change(&it.waybill_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.waybills, visible, |waybill| &***waybill)
}

/// `applyWaybill`
pub(crate) fn apply(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillInput = call.input()?;
    encode(&apply_for(call.shop, input, call.now)?)
}

/// The waybill of a parcel: a new one, or the one that was applied for with the same content.
pub(crate) fn apply_for(shop: &mut Shop, input: WaybillInput, now: Timestamp) -> Result<Waybill, Refusal> {
    let receiver = Receiver {
        name: input.receiver.name.open(shop, Kind::Name)?,
        phone: input.receiver.phone.open(shop, Kind::Phone)?,
        address: input.receiver.address.open(shop, Kind::Address)?,
        region: input.receiver.region.clone(),
    };
    let content = digest(&input, &receiver)?;
    if let Some(waybill) = shop.waybills.iter().find(|waybill| waybill.parcel_key == input.parcel_key) {
        if waybill.applied_for == content {
            return Ok(Waybill::clone(waybill));
        }
        return Err(Refusal::rule("logistics.waybill_conflict", "the parcel key has a waybill with another content"));
    }
    let carrier = carriers::find(shop, &input.carrier_code)?;
    if !carrier.waybills {
        return Err(Refusal::rule("logistics.waybills_unsupported", "the carrier gives no electronic waybills"));
    }
    if let Some(order_id) = &input.order_id {
        shop.order(order_id)?;
    }
    let sender_address_id = match &input.sender_address_id {
        Some(address_id) => shop.address(address_id)?.address_id.clone(),
        None => addresses::default_for(shop, AddressUse::Sender).ok_or_else(|| {
            Refusal::rule("logistics.sender_required", "no sender is given and the shop has no default")
        })?,
    };
    let waybill_id = shop.next_id("W");
    // Far from the numbers that people make up in tests.
    let count = waybill_id[1..].parse::<u64>().unwrap_or_default();
    let tracking_number = carrier.number(770_000_000_000 + count);
    let waybill = Waybill {
        print_data: print_data(shop, carrier.carrier_code, &tracking_number),
        waybill_id,
        parcel_key: input.parcel_key,
        order_id: input.order_id,
        carrier_code: carrier.carrier_code.to_owned(),
        tracking_number,
        status: WaybillStatus::Applied,
        sender_address_id,
        receiver,
        contents: input.contents,
        weight_grams: input.weight_grams,
        volume_cm3: input.volume_cm3,
        created_at: now,
        cancelled_at: None,
        modified_at: now,
        version: 1,
        applied_for: content,
    };
    shop.waybills.put(waybill.clone());
    Ok(waybill)
}

/// All that makes two applications the same, whatever ciphertext their personal fields came in.
fn digest(input: &WaybillInput, receiver: &Receiver) -> Result<[u8; 32], Refusal> {
    let same = (
        &input.order_id,
        &input.carrier_code,
        &input.sender_address_id,
        receiver,
        &input.contents,
        input.weight_grams,
        input.volume_cm3,
    );
    // Under the platform's own key, whoever is told what it is.
    let bytes = Caller::default().scope(|| encode(&same))?.unwrap_or_default();
    Ok(Sha256::digest(&bytes).into())
}

fn print_data(shop: &Shop, carrier_code: &str, tracking_number: &str) -> PrintData {
    let sealed = shop.safe.vault.seal(Kind::Address, shop.id(), tracking_number);
    let signature = Sha256::new().chain_update("printed").chain_update(&sealed).finalize();
    PrintData {
        template_url: format!("https://templates.example.com/{carrier_code}/76x130"),
        payload: BASE64_STANDARD.encode(&sealed),
        signature: BASE64_STANDARD.encode(signature),
    }
}

/// `getWaybill`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.waybill(call.path("waybill_id"))?)
}

/// `cancelWaybill`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let waybill = Waybill::clone(call.shop.waybill(call.path("waybill_id"))?);
    Description::get().machine("WaybillStatus").operation("cancelWaybill", waybill.status.as_str())?;
    encode(&waybill.changed(call.shop, call.now, |waybill| {
        waybill.status = WaybillStatus::Cancelled;
        waybill.cancelled_at = Some(call.now);
    }))
}

/// The waybills of an order whose parcels the carrier doesn't have yet.
pub(crate) fn waiting_of<'a>(shop: &'a Shop, order_id: &str) -> impl Iterator<Item = &'a Waybill> {
    let waits = |it: &&Waybill| {
        it.order_id.as_deref() == Some(order_id) && matches!(it.status, WaybillStatus::Applied | WaybillStatus::Printed)
    };
    shop.waybills.iter().map(|waybill| &**waybill).filter(waits)
}

/// Gives the waybills of an order, except for those that have ended, to the order that takes its place.
pub(crate) fn hand_over(shop: &mut Shop, before: &str, after: &str, now: Timestamp) {
    let waiting: Vec<Waybill> = waiting_of(shop, before).cloned().collect();
    for waybill in waiting {
        waybill.changed(shop, now, |waybill| waybill.order_id = Some(after.to_owned()));
    }
}

/// The seller has printed a waybill; whether the description lets him in its status.
pub(crate) fn printed(shop: &mut Shop, waybill_id: &str, now: Timestamp) -> Result<bool, Refusal> {
    let waybill = Waybill::clone(shop.waybill(waybill_id)?);
    Ok(goes_on(shop, waybill, "printer_prints", now))
}

/// What happens to a shipment happens to the waybills whose numbers its parcels have.
pub(super) fn parcel_moved(shop: &mut Shop, shipment: &Shipment, action: TrackingAction, now: Timestamp) {
    let event = match action {
        TrackingAction::PickedUp => "carrier_picks_up",
        TrackingAction::Delivered => "carrier_delivers",
        TrackingAction::Returned => "carrier_returns",
        _ => return,
    };
    let is_meant = |waybill: &Waybill| {
        waybill.carrier_code == shipment.carrier_code
            && shipment.parcels.iter().any(|parcel| parcel.tracking_number == waybill.tracking_number)
    };
    let meant: Vec<Waybill> =
        shop.waybills.iter().filter(|waybill| is_meant(waybill)).map(|waybill| Waybill::clone(waybill)).collect();
    for waybill in meant {
        goes_on(shop, waybill, event, now);
    }
}

fn goes_on(shop: &mut Shop, waybill: Waybill, event: &str, now: Timestamp) -> bool {
    let next = Description::get().machine("WaybillStatus").event(event, waybill.status.as_str());
    let Some(status) = next.and_then(|states| WaybillStatus::named(states.first()?)) else { return false };
    waybill.changed(shop, now, |waybill| waybill.status = status);
    true
}
