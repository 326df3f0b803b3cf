//! Delivery exceptions: what went wrong with the delivery of shipments, and what is done about it.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Shipment, TrackingAction, journey};
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;
/// When a carrier sets out again after he was told to.
const SETS_OUT_MILLIS: i64 = 18 * HOUR_MILLIS;
/// How long he needs then.
const DELIVERS_MILLIS: i64 = 3 * HOUR_MILLIS;

wire_enum! {
    /// What went wrong with a delivery.
    DeliveryExceptionKind { DeliveryFailed = "delivery_failed", Lost = "lost" }
}

wire_enum! {
    /// Whether a delivery exception is resolved.
    DeliveryExceptionStatus { Open = "open", Resolved = "resolved" }
}

wire_enum! {
    /// What is to be done about a delivery exception.
    DeliveryResolution { Redeliver = "redeliver", ReturnToSender = "return_to_sender", Claim = "claim" }
}

/// What went wrong with the delivery of a shipment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeliveryException {
    delivery_exception_id: String,
    shipment_id: String,
    order_id: String,
    carrier_code: String,
    tracking_number: String,
    kind: DeliveryExceptionKind,
    status: DeliveryExceptionStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<DeliveryResolution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for DeliveryException {
    fn id(&self) -> &str {
        &self.delivery_exception_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for DeliveryException {
    const CREATED: &'static str = "logistics.delivery_exception.created";
    const CHANGED: &'static str = "logistics.delivery_exception.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "delivery_exception_id": self.delivery_exception_id,
            "shipment_id": self.shipment_id,
            "order_id": self.order_id,
            "carrier_code": self.carrier_code,
            "tracking_number": self.tracking_number,
            "kind": self.kind,
            "resolution": self.resolution,
            "status": self.status,
            "modified_at": self.modified_at,
        })
    }
}

impl DeliveryException {
    /// Resolves it, and answers with it.
    fn resolved(mut self, shop: &mut Shop, now: Timestamp) -> Self {
        self.status = DeliveryExceptionStatus::Resolved;
        self.resolved_at = Some(now);
        self.version += 1;
        self.modified_at = self.modified_at.max(now);
        shop.delivery_exceptions.put(self.clone());
        self
    }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listDeliveryExceptions" => list,
        "listDeliveryExceptionChanges" => changes,
        "getDeliveryException" => get,
        "resolveDeliveryException" => resolve,
        _ => return None,
    })
}

/// `listDeliveryExceptions`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let shipment = call.query.one("shipment_id");
    let wanted = |it: &DeliveryException| {
        shipment.is_none_or(|shipment| it.shipment_id == shipment) && call.query.wants("status", it.status.as_str())
    };
    call.cursor_page(&call.shop.delivery_exceptions, wanted, |exception| &**exception)
}

/// `listDeliveryExceptionChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &DeliveryException| {
        call.shop.shows_change(&it.delivery_exception_id, it.version, it.modified_at, call.now)
    };
    call.changes_page(&call.shop.delivery_exceptions, visible, |exception| &***exception)
}

/// `getDeliveryException`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("delivery_exception_id"))?)
}

/// What is to be done.
#[derive(Deserialize)]
struct ExceptionResolution {
    version: u64,
    resolution: DeliveryResolution,
    note: Option<String>,
}

/// `resolveDeliveryException`
pub(crate) fn resolve(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ExceptionResolution = call.input()?;
    let mut exception = find(call.shop, call.path("delivery_exception_id"))?.clone();
    if exception.version != input.version {
        let message =
            format!("the exception has changed since version {}; it is at {} now", input.version, exception.version);
        return Err(Refusal::rule("logistics.delivery_exception_conflict", message));
    }
    let machine = Description::get().machine("DeliveryExceptionStatus");
    machine.operation("resolveDeliveryException", exception.status.as_str())?;
    let lost = exception.kind == DeliveryExceptionKind::Lost;
    if lost != (input.resolution == DeliveryResolution::Claim) {
        let message = "what is lost can only be claimed, and what isn't lost can't";
        return Err(Refusal::rule("logistics.resolution_unsuitable", message));
    }
    exception.resolution = Some(input.resolution);
    exception.note = input.note;
    let exception = exception.resolved(call.shop, call.now);
    match input.resolution {
        DeliveryResolution::Redeliver => {
            let at = call.now.offset_by_millis(SETS_OUT_MILLIS);
            call.shop.due.insert((at, Due::Redelivery(exception.shipment_id.clone(), false)));
        }
        DeliveryResolution::ReturnToSender => {
            journey::happens(call.shop, &exception.shipment_id, TrackingAction::Returned, call.now)?;
        }
        DeliveryResolution::Claim => {}
    }
    encode(&exception)
}

/// The carrier tries again: he sets out first, and delivers then.
pub(crate) fn redelivers(shop: &mut Shop, shipment_id: &str, out: bool, at: Timestamp) -> Result<(), Refusal> {
    let action = if out { TrackingAction::Delivered } else { TrackingAction::OutForDelivery };
    if journey::happens(shop, shipment_id, action, at)? && !out {
        let delivers_at = at.offset_by_millis(DELIVERS_MILLIS);
        shop.due.insert((delivers_at, Due::Redelivery(shipment_id.to_owned(), true)));
    }
    Ok(())
}

/// What happens to a shipment makes exceptions and settles them.
pub(super) fn shipment_moved(shop: &mut Shop, shipment: &Shipment, action: TrackingAction, now: Timestamp) {
    let kind = match action {
        TrackingAction::Failed => Some(DeliveryExceptionKind::DeliveryFailed),
        TrackingAction::Lost => Some(DeliveryExceptionKind::Lost),
        TrackingAction::Delivered | TrackingAction::Returned => None,
        _ => return,
    };
    let machine = Description::get().machine("DeliveryExceptionStatus");
    // A second failure leaves the first as it is, where nobody has answered it.
    let open: Vec<DeliveryException> = shop
        .delivery_exceptions
        .iter()
        .filter(|it| it.shipment_id == shipment.shipment_id)
        .filter(|it| machine.event("shipment_ends", it.status.as_str()).is_some())
        .map(|it| DeliveryException::clone(it))
        .collect();
    if kind == Some(DeliveryExceptionKind::DeliveryFailed) && !open.is_empty() {
        return;
    }
    for exception in open {
        exception.resolved(shop, now);
    }
    let Some(kind) = kind else { return };
    let exception = DeliveryException {
        delivery_exception_id: shop.next_id("DX"),
        shipment_id: shipment.shipment_id.clone(),
        order_id: shipment.order_id.clone(),
        carrier_code: shipment.carrier_code.clone(),
        tracking_number: shipment.tracking_number.clone(),
        kind,
        status: DeliveryExceptionStatus::Open,
        resolution: None,
        note: None,
        created_at: now,
        resolved_at: None,
        modified_at: now,
        version: 1,
    };
    shop.delivery_exceptions.put(exception);
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a DeliveryException, Refusal> {
    let message = "the shop has no such delivery exception";
    let found = shop.delivery_exceptions.get(id).map(|exception| &**exception);
    found.ok_or_else(|| Refusal::rule("logistics.delivery_exception_not_found", message))
}
