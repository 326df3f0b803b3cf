//! Interceptions: carriers are asked to stop parcels that are on their way.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ShipmentStatus, TrackingAction, carriers, journey};
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// How long a carrier takes to say whether he could stop a parcel.
const DECISION_MILLIS: i64 = 2 * 3_600_000;

wire_enum! {
    /// Where an interception stands.
    InterceptionStatus { Requested = "requested", Succeeded = "succeeded", Failed = "failed", Cancelled = "cancelled" }
}

wire_enum! {
    /// Why a shipment is intercepted.
    InterceptionReason {
        BuyerRequest = "buyer_request",
        Refunded = "refunded",
        WrongAddress = "wrong_address",
        WrongGoods = "wrong_goods",
        Other = "other",
    }
}

/// That a shipment is to be stopped and brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interception {
    interception_id: String,
    shipment_id: String,
    order_id: String,
    carrier_code: String,
    tracking_number: String,
    reason: InterceptionReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    status: InterceptionStatus,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    decide_by: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for Interception {
    fn id(&self) -> &str {
        &self.interception_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for Interception {
    const CREATED: &'static str = "logistics.interception.created";
    const CHANGED: &'static str = "logistics.interception.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "interception_id": self.interception_id,
            "shipment_id": self.shipment_id,
            "order_id": self.order_id,
            "carrier_code": self.carrier_code,
            "tracking_number": self.tracking_number,
            "status": self.status,
            "modified_at": self.modified_at,
        })
    }
}

impl Interception {
    /// Ends it, and answers with it.
    fn ended(mut self, shop: &mut Shop, status: InterceptionStatus, now: Timestamp) -> Self {
        self.status = status;
        self.decide_by = None;
        self.finished_at = Some(now);
        self.version += 1;
        self.modified_at = now;
        shop.interceptions.put(self.clone());
        self
    }
}

/// Which shipment is to be stopped, and why.
#[derive(Debug, Deserialize)]
pub(crate) struct InterceptionInput {
    pub(crate) shipment_id: String,
    pub(crate) reason: InterceptionReason,
    pub(crate) note: Option<String>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listInterceptions" => list,
        "listInterceptionChanges" => changes,
        "createInterception" => create,
        "getInterception" => get,
        "cancelInterception" => cancel,
        _ => return None,
    })
}

/// `listInterceptions`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let shipment = call.query.one("shipment_id");
    let wanted = |it: &Interception| {
        shipment.is_none_or(|shipment| it.shipment_id == shipment) && call.query.wants("status", it.status.as_str())
    };
    call.cursor_page(&call.shop.interceptions, wanted, |interception| &**interception)
}

/// `listInterceptionChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &Interception| call.shop.shows_change(&it.interception_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.interceptions, visible, |row| &***row)
}

/// `createInterception`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: InterceptionInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Asks a carrier to stop a shipment.
pub(crate) fn add(shop: &mut Shop, input: InterceptionInput, now: Timestamp) -> Result<Interception, Refusal> {
    let shipment = shop.shipment(&input.shipment_id)?.clone();
    let on_its_way = matches!(shipment.status, ShipmentStatus::InTransit | ShipmentStatus::Delivering);
    if !on_its_way || shipment.carrier_code == carriers::SELF {
        let message = "the shipment isn't on its way with a carrier";
        return Err(Refusal::rule("logistics.shipment_not_interceptable", message));
    }
    if decides_at(shop, &input.shipment_id).is_some() {
        let message = "the carrier is asked to stop the shipment already";
        return Err(Refusal::rule("logistics.interception_exists", message));
    }
    let decide_by = now.offset_by_millis(DECISION_MILLIS);
    let interception = Interception {
        interception_id: shop.next_id("IC"),
        shipment_id: input.shipment_id,
        order_id: shipment.order_id.clone(),
        carrier_code: shipment.carrier_code.clone(),
        tracking_number: shipment.tracking_number.clone(),
        reason: input.reason,
        note: input.note,
        status: InterceptionStatus::Requested,
        created_at: now,
        decide_by: Some(decide_by),
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    shop.due.insert((decide_by, Due::Interception(interception.interception_id.clone())));
    shop.interceptions.put(interception.clone());
    Ok(interception)
}

/// `getInterception`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("interception_id"))?)
}

/// `cancelInterception`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let interception = find(call.shop, call.path("interception_id"))?.clone();
    let machine = Description::get().machine("InterceptionStatus");
    machine.operation("cancelInterception", interception.status.as_str())?;
    encode(&interception.ended(call.shop, InterceptionStatus::Cancelled, call.now))
}

/// When the carrier says whether he could stop a shipment; `None` where he isn't asked.
pub(super) fn decides_at(shop: &Shop, shipment_id: &str) -> Option<Timestamp> {
    shop.interceptions.iter().filter(|it| it.shipment_id == shipment_id).find_map(|it| it.decide_by)
}

/// The carrier says whether he could stop a shipment.
pub(crate) fn is_due(shop: &mut Shop, id: &str, at: Timestamp) -> Result<(), Refusal> {
    let interception = find(shop, id)?.clone();
    if interception.status != InterceptionStatus::Requested {
        return Ok(());
    }
    let stopped = journey::happens(shop, &interception.shipment_id, TrackingAction::Returned, at)?;
    let status = if stopped { InterceptionStatus::Succeeded } else { InterceptionStatus::Failed };
    interception.ended(shop, status, at);
    Ok(())
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a Interception, Refusal> {
    let found = shop.interceptions.get(id).map(|interception| &**interception);
    found.ok_or_else(|| Refusal::rule("logistics.interception_not_found", "the shop has no such interception"))
}
