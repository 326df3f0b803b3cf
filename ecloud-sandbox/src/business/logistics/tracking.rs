//! Where parcels are.

use bytes::Bytes;
use serde::Serialize;

use super::{Shipment, ShipmentStatus, TrackingEvent};
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;

#[derive(Serialize)]
struct TrackingHistory<'a> {
    tracking_number: &'a str,
    carrier_code: &'a str,
    shipment_id: &'a str,
    order_id: &'a str,
    status: ShipmentStatus,
    events: &'a [TrackingEvent],
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getTracking" => get,
        _ => return None,
    })
}

/// `getTracking`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let number = call.path("tracking_number");
    let carrier = call.query.one("carrier_code");
    let fits = |shipment: &&Shipment| carrier.is_none_or(|carrier| shipment.carrier_code == carrier);
    let ids = call.shop.tracking.get(number).into_iter().flatten();
    let shipments = ids.filter_map(|id| call.shop.shipments.get(id)).map(|shipment| &**shipment);
    let newest = shipments.filter(fits).max_by_key(|shipment| (shipment.created_at, &shipment.shipment_id));
    let Some(shipment) = newest else {
        return Err(Refusal::rule("logistics.tracking_not_found", "no parcel of the shop has this tracking number"));
    };
    encode(&TrackingHistory {
        tracking_number: number,
        carrier_code: &shipment.carrier_code,
        shipment_id: &shipment.shipment_id,
        order_id: &shipment.order_id,
        status: shipment.status,
        events: &shipment.events,
    })
}
