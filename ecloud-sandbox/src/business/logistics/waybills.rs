//! Electronic waybills: tracking numbers reserved before the goods are shipped.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::waybill_children::children_of;
use super::{
    AddressUse, Carrier, Shipment, TrackingAction, WaybillTemplate, addresses, carriers, waybill_accounts,
    waybill_batches, waybill_children, waybill_templates, waybill_updates,
};
use crate::business::table::{Mark, Row};
use crate::business::trade::orders::SealedField;
use crate::business::trade::{Receiver, Region};
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Waybill {
    pub(crate) waybill_id: String,
    pub(crate) parcel_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_waybill_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_id: Option<String>,
    pub(super) carrier_code: String,
    pub(super) waybill_account_id: String,
    pub(super) tracking_number: String,
    pub(crate) status: WaybillStatus,
    pub(super) sender_address_id: String,
    pub(super) receiver: Receiver,
    pub(super) contents: Vec<ParcelContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight_grams: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) volume_cm3: Option<u32>,
    pub(super) print_data: PrintData,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    modified_at: Timestamp,
    pub(super) version: u64,
    /// The content that it was applied for with.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    applied_for: [u8; 32],
}

/// One sort of thing in a parcel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ParcelContent {
    name: String,
    quantity: u32,
}

/// What a printing component needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PrintData {
    pub(super) waybill_template_id: String,
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

    fn marks(&self) -> Vec<Mark> {
        let parent = self.parent_waybill_id.iter().map(|waybill_id| ("parent", waybill_id.clone().into()));
        parent.chain([("parcel_key", self.parcel_key.clone().into())]).collect()
    }
}

impl Waybill {
    /// Whether the carrier doesn't have its parcel yet.
    pub(super) fn waits(&self) -> bool {
        matches!(self.status, WaybillStatus::Applied | WaybillStatus::Printed)
    }

    /// Whether a template is what it is printed by.
    pub(super) fn is_printed_by(&self, waybill_template_id: &str) -> bool {
        self.print_data.waybill_template_id == waybill_template_id
    }

    /// Changes it, keeps it, and answers with it.
    pub(super) fn changed(mut self, shop: &mut Shop, now: Timestamp, change: impl FnOnce(&mut Self)) -> Self {
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
    waybill_account_id: Option<String>,
    waybill_template_id: Option<String>,
    sender_address_id: Option<String>,
    receiver: ReceiverInput,
    contents: Vec<ParcelContent>,
    weight_grams: Option<u32>,
    volume_cm3: Option<u32>,
}

/// Whom a parcel goes to, as it is sent.
#[derive(Deserialize)]
pub(super) struct ReceiverInput {
    name: SealedField,
    phone: SealedField,
    address: SealedField,
    #[serde(flatten)]
    region: Region,
}

impl ReceiverInput {
    /// The receiver that its ciphertexts mean.
    pub(super) fn open(self, shop: &Shop) -> Result<Receiver, Refusal> {
        Ok(Receiver {
            name: self.name.open(shop, Kind::Name)?,
            phone: self.phone.open(shop, Kind::Phone)?,
            address: self.address.open(shop, Kind::Address)?,
            region: self.region,
        })
    }
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
        "updateWaybill" => waybill_updates::update,
        "cancelWaybill" => cancel,
        "listChildWaybills" => waybill_children::list,
        "appendWaybill" => waybill_children::append,
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
    let receiver = input.receiver.open(shop)?;
    let content = digest(&(
        &input.order_id,
        (&input.carrier_code, &input.waybill_account_id, &input.waybill_template_id),
        &input.sender_address_id,
        &receiver,
        &input.contents,
        input.weight_grams,
        input.volume_cm3,
    ))?;
    if let Some(waybill) = known(shop, &input.parcel_key, content)? {
        return Ok(waybill);
    }
    let carrier = carriers::find(shop, &input.carrier_code)?;
    let account = input.waybill_account_id.as_deref().map(|id| waybill_accounts::find(shop, id)).transpose()?;
    let template = input.waybill_template_id.as_deref().map(|id| waybill_templates::find(shop, id)).transpose()?;
    if let Some(order_id) = &input.order_id {
        shop.order(order_id)?;
    }
    let sender = input.sender_address_id.map(|id| shop.address(&id).map(|it| it.address_id.clone())).transpose()?;
    if !carrier.waybills {
        return Err(Refusal::rule("logistics.waybills_unsupported", "the carrier gives no electronic waybills"));
    }
    let sender = sender.or_else(|| addresses::default_for(shop, AddressUse::Sender));
    let without = || Refusal::rule("logistics.sender_required", "no sender is given and the shop has no default");
    let draft = Draft {
        parcel_key: input.parcel_key,
        parent_waybill_id: None,
        order_id: input.order_id,
        sender_address_id: sender.ok_or_else(without)?,
        template: waybill_templates::for_carrier(&carrier, template)?,
        waybill_account_id: waybill_accounts::to_draw_from(shop, carrier.carrier_code, account)?,
        carrier,
        receiver,
        contents: input.contents,
        weight_grams: input.weight_grams,
        volume_cm3: input.volume_cm3,
        applied_for: content,
    };
    reserve(shop, draft, now)
}

/// The waybill that a parcel has already, if it was applied for with this content.
pub(super) fn known(shop: &Shop, parcel_key: &str, content: [u8; 32]) -> Result<Option<Waybill>, Refusal> {
    match shop.waybills.marked([("parcel_key", parcel_key.to_owned().into())], None).next() {
        Some(waybill) if waybill.applied_for != content => {
            Err(Refusal::rule("logistics.waybill_conflict", "the parcel key has a waybill with another content"))
        }
        found => Ok(found.map(|waybill| Waybill::clone(waybill))),
    }
}

/// A parcel that gets a waybill, with all that was looked up for it.
pub(super) struct Draft {
    pub(super) parcel_key: String,
    pub(super) parent_waybill_id: Option<String>,
    pub(super) order_id: Option<String>,
    pub(super) carrier: Carrier,
    pub(super) waybill_account_id: String,
    pub(super) template: WaybillTemplate,
    pub(super) sender_address_id: String,
    pub(super) receiver: Receiver,
    pub(super) contents: Vec<ParcelContent>,
    pub(super) weight_grams: Option<u32>,
    pub(super) volume_cm3: Option<u32>,
    pub(super) applied_for: [u8; 32],
}

/// Draws a number for a parcel.
pub(super) fn reserve(shop: &mut Shop, draft: Draft, now: Timestamp) -> Result<Waybill, Refusal> {
    let waybill_id = shop.next_id("W");
    // Far from the numbers that people make up in tests.
    let count = waybill_id[1..].parse::<u64>().unwrap_or_default();
    let tracking_number = draft.carrier.number(770_000_000_000 + count);
    waybill_accounts::draw(shop, &draft.waybill_account_id, &waybill_id, now)?;
    let waybill = Waybill {
        print_data: print_data(shop, &draft.template, &tracking_number, 1),
        waybill_id,
        parcel_key: draft.parcel_key,
        parent_waybill_id: draft.parent_waybill_id,
        order_id: draft.order_id,
        carrier_code: draft.carrier.carrier_code.to_owned(),
        waybill_account_id: draft.waybill_account_id,
        tracking_number,
        status: WaybillStatus::Applied,
        sender_address_id: draft.sender_address_id,
        receiver: draft.receiver,
        contents: draft.contents,
        weight_grams: draft.weight_grams,
        volume_cm3: draft.volume_cm3,
        created_at: now,
        cancelled_at: None,
        modified_at: now,
        version: 1,
        applied_for: draft.applied_for,
    };
    shop.waybills.put(waybill.clone());
    Ok(waybill)
}

/// All that makes two applications the same, whatever ciphertext their personal fields came in.
pub(super) fn digest(same: &impl Serialize) -> Result<[u8; 32], Refusal> {
    // Under the platform's own key, whoever is told what it is.
    let bytes = Caller::default().scope(|| encode(same))?.unwrap_or_default();
    Ok(Sha256::digest(&bytes).into())
}

/// What is printed on the parcel of a number, at a version of its waybill.
pub(super) fn print_data(shop: &Shop, template: &WaybillTemplate, tracking_number: &str, version: u64) -> PrintData {
    let sealed = shop.safe.vault.seal(Kind::Address, shop.id(), &format!("{tracking_number} {version}"));
    let signature = Sha256::new().chain_update("printed").chain_update(&sealed).finalize();
    PrintData {
        waybill_template_id: template.waybill_template_id.clone(),
        template_url: template.template_url.clone(),
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
    let machine = Description::get().machine("WaybillStatus");
    machine.operation("cancelWaybill", waybill.status.as_str())?;
    let standing = children_of(call.shop, &waybill.waybill_id).filter(|child| child.status != WaybillStatus::Cancelled);
    let children: Vec<Waybill> = standing.cloned().collect();
    for child in &children {
        machine.operation("cancelWaybill", child.status.as_str())?;
    }
    for child in children {
        cancelled(call.shop, child, call.now)?;
    }
    encode(&cancelled(call.shop, waybill, call.now)?)
}

/// Gives the number of a waybill back.
fn cancelled(shop: &mut Shop, waybill: Waybill, now: Timestamp) -> Result<Waybill, Refusal> {
    waybill_accounts::give_back(shop, &waybill.waybill_account_id, &waybill.waybill_id, now)?;
    Ok(waybill.changed(shop, now, |waybill| {
        waybill.status = WaybillStatus::Cancelled;
        waybill.cancelled_at = Some(now);
    }))
}

/// The waybills whose parcels the carrier doesn't have yet.
pub(super) fn waiting(shop: &Shop) -> impl Iterator<Item = &Waybill> {
    shop.waybills.iter().map(|waybill| &**waybill).filter(|waybill| waybill.waits())
}

/// Those of an order.
pub(crate) fn waiting_of<'a>(shop: &'a Shop, order_id: &str) -> impl Iterator<Item = &'a Waybill> {
    waiting(shop).filter(move |waybill| waybill.order_id.as_deref() == Some(order_id))
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
