//! Pickups: carriers come to the shop for its parcels.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::pickup_slots::{self, PickupSlot};
use super::{AddressUse, ShipmentStatus, TrackingAction, addresses, carriers, journey};
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;

wire_enum! {
    /// Where a pickup stands.
    PickupStatus { Scheduled = "scheduled", Collected = "collected", Failed = "failed", Cancelled = "cancelled" }
}

/// A time at which a carrier comes for parcels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pickup {
    pickup_id: String,
    carrier_code: String,
    address_id: String,
    pub(super) slot_id: String,
    shipment_ids: Vec<String>,
    pub(super) status: PickupStatus,
    pickup_from: Timestamp,
    pickup_to: Timestamp,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for Pickup {
    fn id(&self) -> &str {
        &self.pickup_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for Pickup {
    const CREATED: &'static str = "logistics.pickup.created";
    const CHANGED: &'static str = "logistics.pickup.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "pickup_id": self.pickup_id,
            "carrier_code": self.carrier_code,
            "slot_id": self.slot_id,
            "status": self.status,
            "modified_at": self.modified_at,
        })
    }
}

impl Pickup {
    /// Moves into a slot, and waits for its end.
    fn enter(&mut self, shop: &mut Shop, slot: PickupSlot) {
        self.slot_id = slot.slot_id;
        self.pickup_from = slot.pickup_from;
        self.pickup_to = slot.pickup_to;
        shop.due.insert((self.pickup_to, Due::Pickup(self.pickup_id.clone())));
    }

    /// Keeps it as changed, and answers with it.
    fn changed(mut self, shop: &mut Shop, status: PickupStatus, now: Timestamp) -> Self {
        self.status = status;
        self.finished_at = Description::get().machine("PickupStatus").ends_in(status.as_str()).then_some(now);
        self.version += 1;
        self.modified_at = now;
        shop.pickups.put(self.clone());
        self
    }
}

/// What a carrier is to fetch, where and when.
#[derive(Debug, Deserialize)]
pub(crate) struct PickupInput {
    pub(crate) carrier_code: String,
    pub(crate) slot_id: String,
    pub(crate) address_id: Option<String>,
    pub(crate) shipment_ids: Vec<String>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listPickupSlots" => pickup_slots::list,
        "listPickups" => list,
        "listPickupChanges" => changes,
        "createPickup" => create,
        "getPickup" => get,
        "reschedulePickup" => reschedule,
        "cancelPickup" => cancel,
        _ => return None,
    })
}

/// `listPickups`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let wanted = |pickup: &Pickup| call.query.wants("status", pickup.status.as_str());
    call.cursor_page(&call.shop.pickups, wanted, |pickup| &**pickup)
}

/// `listPickupChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &Pickup| call.shop.shows_change(&it.pickup_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.pickups, visible, |row| &***row)
}

/// `createPickup`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PickupInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Books a pickup.
pub(crate) fn add(shop: &mut Shop, input: PickupInput, now: Timestamp) -> Result<Pickup, Refusal> {
    let carrier = carriers::find(shop, &input.carrier_code)?;
    let slot = pickup_slots::find(shop, &input.carrier_code, &input.slot_id, now)?;
    let named = input.address_id.as_deref().map(|id| shop.address(id)).transpose()?;
    let shipments: Vec<_> = input.shipment_ids.iter().map(|id| shop.shipment(id)).collect::<Result<_, _>>()?;
    if named.is_some_and(|address| !address.uses.contains(&AddressUse::Sender)) {
        return Err(Refusal::rule("logistics.address_use_unsuitable", "goods aren't sent from the address"));
    }
    let named = named.map(|address| address.address_id.clone());
    let address_id = named
        .or_else(|| addresses::default_for(shop, AddressUse::Sender))
        .ok_or_else(|| Refusal::rule("logistics.sender_required", "no address is given and the shop has no default"))?;
    for shipment in shipments {
        if shipment.status != ShipmentStatus::WaitPickup || shipment.carrier_code != carrier.carrier_code {
            let message = "a shipment doesn't wait for this carrier";
            return Err(Refusal::rule("logistics.shipment_not_collectable", message));
        }
        let holds = |pickup: &Pickup| {
            pickup.status == PickupStatus::Scheduled && pickup.shipment_ids.contains(&shipment.shipment_id)
        };
        if shop.pickups.iter().any(|pickup| holds(pickup)) {
            let message = "a shipment is in another pickup that is scheduled";
            return Err(Refusal::rule("logistics.shipment_pickup_taken", message));
        }
    }
    slot.check_room()?;
    let mut pickup = Pickup {
        pickup_id: shop.next_id("PU"),
        carrier_code: input.carrier_code,
        address_id,
        slot_id: String::new(),
        shipment_ids: input.shipment_ids,
        status: PickupStatus::Scheduled,
        pickup_from: slot.pickup_from,
        pickup_to: slot.pickup_to,
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    pickup.enter(shop, slot);
    shop.pickups.put(pickup.clone());
    Ok(pickup)
}

/// `getPickup`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("pickup_id"))?)
}

/// When a carrier is to come instead.
#[derive(Deserialize)]
struct PickupReschedule {
    version: u64,
    slot_id: String,
}

/// `reschedulePickup`
pub(crate) fn reschedule(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PickupReschedule = call.input()?;
    let mut pickup = find(call.shop, call.path("pickup_id"))?.clone();
    let slot = pickup_slots::find(call.shop, &pickup.carrier_code, &input.slot_id, call.now)?;
    if pickup.version != input.version {
        let message =
            format!("the pickup has changed since version {}; it is at {} now", input.version, pickup.version);
        return Err(Refusal::rule("logistics.pickup_conflict", message));
    }
    Description::get().machine("PickupStatus").operation("reschedulePickup", pickup.status.as_str())?;
    if pickup.slot_id != slot.slot_id {
        slot.check_room()?;
    }
    pickup.enter(call.shop, slot);
    encode(&pickup.changed(call.shop, PickupStatus::Scheduled, call.now))
}

/// `cancelPickup`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let pickup = find(call.shop, call.path("pickup_id"))?.clone();
    Description::get().machine("PickupStatus").operation("cancelPickup", pickup.status.as_str())?;
    encode(&pickup.changed(call.shop, PickupStatus::Cancelled, call.now))
}

/// The slot of a pickup has come to its end: the carrier has been there.
pub(crate) fn is_due(shop: &mut Shop, pickup_id: &str, at: Timestamp) -> Result<(), Refusal> {
    let pickup = find(shop, pickup_id)?.clone();
    if pickup.status != PickupStatus::Scheduled || pickup.pickup_to > at {
        return Ok(());
    }
    let is_cancelled = |id: &String| shop.shipment(id).is_ok_and(|it| it.status == ShipmentStatus::Cancelled);
    if pickup.shipment_ids.iter().all(is_cancelled) {
        pickup.changed(shop, PickupStatus::Failed, at);
        return Ok(());
    }
    let pickup = pickup.changed(shop, PickupStatus::Collected, at);
    for shipment_id in &pickup.shipment_ids {
        journey::happens(shop, shipment_id, TrackingAction::PickedUp, at)?;
    }
    Ok(())
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a Pickup, Refusal> {
    let found = shop.pickups.get(id).map(|pickup| &**pickup);
    found.ok_or_else(|| Refusal::rule("logistics.pickup_not_found", "the shop has no such pickup"))
}
