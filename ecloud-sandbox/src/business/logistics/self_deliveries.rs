//! Self-deliveries: the seller brings an order to its buyer with a courier of his own.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shipments::{ShipmentInput, ship_with};
use super::{Shipment, TrackingAction, carriers, journey};
use crate::business::table::{Mark, Row};
use crate::business::trade::orders::SealedField;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::sensitive::{Kind, Personal};

wire_enum! {
    /// Where a self-delivery stands.
    SelfDeliveryStatus {
        WaitCourier = "wait_courier",
        Delivering = "delivering",
        Delivered = "delivered",
        Cancelled = "cancelled",
    }
}

/// A delivery of an order by the seller himself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SelfDelivery {
    pub(crate) self_delivery_id: String,
    order_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment_id: Option<String>,
    status: SelfDeliveryStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    courier: Option<Courier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

/// A courier of the seller's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Courier {
    pub(crate) name: Personal,
    pub(crate) phone: Personal,
}

impl Row for SelfDelivery {
    fn id(&self) -> &str {
        &self.self_delivery_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn marks(&self) -> Vec<Mark> {
        self.shipment_id.iter().map(|shipment_id| ("shipment", shipment_id.clone().into())).collect()
    }
}

impl Told for SelfDelivery {
    const CREATED: &'static str = "logistics.self_delivery.created";
    const CHANGED: &'static str = "logistics.self_delivery.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "self_delivery_id": self.self_delivery_id,
            "order_id": self.order_id,
            "shipment_id": self.shipment_id,
            "status": self.status,
            "modified_at": self.modified_at,
        })
    }
}

impl SelfDelivery {
    /// Refuses a caller who hasn't seen its latest version.
    fn check_version(&self, version: u64) -> Result<(), Refusal> {
        if self.version == version {
            return Ok(());
        }
        let message = format!("the self-delivery has changed since version {version}; it is at {} now", self.version);
        Err(Refusal::rule("logistics.self_delivery_conflict", message))
    }

    /// Refuses what its status doesn't allow.
    fn check_status(&self, operation: &str) -> Result<(), Refusal> {
        Description::get().machine("SelfDeliveryStatus").operation(operation, self.status.as_str()).map(drop)
    }

    /// Keeps it as changed, and answers with it.
    fn changed(mut self, shop: &mut Shop, status: SelfDeliveryStatus, now: Timestamp) -> Self {
        self.status = status;
        self.finished_at = Description::get().machine("SelfDeliveryStatus").ends_in(status.as_str()).then_some(now);
        self.version += 1;
        self.modified_at = now;
        shop.self_deliveries.put(self.clone());
        self
    }
}

/// Which order the seller delivers himself.
#[derive(Debug, Deserialize)]
pub(crate) struct SelfDeliveryInput {
    pub(crate) order_id: String,
    pub(crate) note: Option<String>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listSelfDeliveries" => list,
        "listSelfDeliveryChanges" => changes,
        "createSelfDelivery" => create,
        "getSelfDelivery" => get,
        "assignCourier" => assign_courier,
        "confirmSelfDelivery" => confirm,
        "cancelSelfDelivery" => cancel,
        _ => return None,
    })
}

/// `listSelfDeliveries`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |delivery: &SelfDelivery| {
        order.is_none_or(|order| delivery.order_id == order) && call.query.wants("status", delivery.status.as_str())
    };
    call.cursor_page(&call.shop.self_deliveries, wanted, |delivery| &**delivery)
}

/// `listSelfDeliveryChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |it: &SelfDelivery| call.shop.shows_change(&it.self_delivery_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.self_deliveries, visible, |row| &***row)
}

/// `createSelfDelivery`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SelfDeliveryInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Plans a self-delivery.
pub(crate) fn add(shop: &mut Shop, input: SelfDeliveryInput, now: Timestamp) -> Result<SelfDelivery, Refusal> {
    let order = shop.order(&input.order_id)?;
    let machines = Description::get();
    machines.machine("OrderStatus").operation("createShipment", order.status.as_str())?;
    machines.machine("RiskStatus").operation("createShipment", order.risk_status.as_str())?;
    let waits =
        |other: &SelfDelivery| other.order_id == input.order_id && other.status == SelfDeliveryStatus::WaitCourier;
    if shop.self_deliveries.iter().any(|other| waits(other)) {
        let message = "the order has a self-delivery that waits for its courier already";
        return Err(Refusal::rule("logistics.self_delivery_exists", message));
    }
    let delivery = SelfDelivery {
        self_delivery_id: shop.next_id("SD"),
        order_id: input.order_id,
        shipment_id: None,
        status: SelfDeliveryStatus::WaitCourier,
        courier: None,
        note: input.note,
        created_at: now,
        assigned_at: None,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    shop.self_deliveries.put(delivery.clone());
    Ok(delivery)
}

/// `getSelfDelivery`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("self_delivery_id"))?)
}

/// Who delivers an order.
#[derive(Deserialize)]
struct CourierAssignment {
    version: u64,
    name: SealedField,
    phone: SealedField,
}

/// `assignCourier`
pub(crate) fn assign_courier(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: CourierAssignment = call.input()?;
    let delivery = find(call.shop, call.path("self_delivery_id"))?.clone();
    delivery.check_version(input.version)?;
    delivery.check_status("assignCourier")?;
    let courier =
        Courier { name: input.name.open(call.shop, Kind::Name)?, phone: input.phone.open(call.shop, Kind::Phone)? };
    encode(&set_out(call.shop, delivery, courier, call.now)?)
}

/// A courier sets out with what waits of an order, or takes over from another.
pub(crate) fn set_out(
    shop: &mut Shop,
    mut delivery: SelfDelivery,
    courier: Courier,
    now: Timestamp,
) -> Result<SelfDelivery, Refusal> {
    if delivery.shipment_id.is_none() {
        let input = ShipmentInput {
            order_id: delivery.order_id.clone(),
            carrier_code: carriers::SELF.to_owned(),
            tracking_number: delivery.self_delivery_id.clone(),
            lines: None,
            extra_parcels: Vec::new(),
            sender_address_id: None,
            note: delivery.note.clone(),
        };
        let shipment = ship_with(shop, input, Some(carriers::the_seller()), now)?;
        for action in [TrackingAction::PickedUp, TrackingAction::OutForDelivery] {
            journey::happens(shop, &shipment.shipment_id, action, now)?;
        }
        delivery.shipment_id = Some(shipment.shipment_id);
    }
    delivery.courier = Some(courier);
    delivery.assigned_at = Some(now);
    Ok(delivery.changed(shop, SelfDeliveryStatus::Delivering, now))
}

/// That an order is delivered.
#[derive(Deserialize)]
struct SelfDeliveryConfirmation {
    version: u64,
}

/// `confirmSelfDelivery`
pub(crate) fn confirm(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: SelfDeliveryConfirmation = call.input()?;
    let delivery = find(call.shop, call.path("self_delivery_id"))?.clone();
    delivery.check_version(input.version)?;
    delivery.check_status("confirmSelfDelivery")?;
    let shipment_id = delivery.shipment_id.clone().unwrap_or_default();
    if !journey::happens(call.shop, &shipment_id, TrackingAction::Delivered, call.now)? {
        let message = "its shipment isn't on its last way";
        return Err(Refusal::rule("logistics.self_delivery_not_confirmable", message));
    }
    encode(find(call.shop, &delivery.self_delivery_id)?)
}

/// A delivered shipment has delivered what the seller brings himself, whoever says so.
pub(super) fn shipment_moved(shop: &mut Shop, shipment: &Shipment, action: TrackingAction, now: Timestamp) {
    if action != TrackingAction::Delivered {
        return;
    }
    let machine = Description::get().machine("SelfDeliveryStatus");
    let of_it = |it: &&SelfDelivery| machine.event("courier_delivers", it.status.as_str()).is_some();
    let delivery = shop
        .self_deliveries
        .marked([("shipment", shipment.shipment_id.clone().into())], None)
        .map(|delivery| &**delivery)
        .find(of_it)
        .cloned();
    if let Some(delivery) = delivery {
        delivery.changed(shop, SelfDeliveryStatus::Delivered, now);
    }
}

/// `cancelSelfDelivery`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let delivery = find(call.shop, call.path("self_delivery_id"))?.clone();
    delivery.check_status("cancelSelfDelivery")?;
    encode(&delivery.changed(call.shop, SelfDeliveryStatus::Cancelled, call.now))
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a SelfDelivery, Refusal> {
    let found = shop.self_deliveries.get(id).map(|delivery| &**delivery);
    found.ok_or_else(|| Refusal::rule("logistics.self_delivery_not_found", "the shop has no such self-delivery"))
}
