//! Where parcels are.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Shipment, ShipmentStatus, TrackingEvent, tracking_reports};
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// What has happened to a parcel so far.
#[derive(Serialize)]
pub(super) struct TrackingHistory<'a> {
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
        "batchGetTracking" => batch_get,
        "reportTracking" => tracking_reports::report,
        _ => return None,
    })
}

/// `getTracking`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&history(call.shop, call.path("tracking_number"), call.query.one("carrier_code"))?)
}

#[derive(Deserialize)]
struct TrackingNumbers {
    tracking_numbers: Vec<String>,
}

#[derive(Serialize)]
struct TrackingBatch<'a> {
    items: Vec<TrackingResult<'a>>,
}

#[derive(Serialize)]
struct TrackingResult<'a> {
    tracking_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<TrackingHistory<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchGetTracking`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: TrackingNumbers = call.input()?;
    let results = input.tracking_numbers.iter().map(|tracking_number| {
        let (history, error) = match history(call.shop, tracking_number, None) {
            Ok(history) => (Some(history), None),
            Err(refusal) => (None, Some(refusal.into())),
        };
        TrackingResult { tracking_number, history, error }
    });
    encode(&TrackingBatch { items: results.collect() })
}

/// The newest shipment that has a parcel's number.
pub(super) fn newest<'a>(shop: &'a Shop, number: &str, carrier: Option<&str>) -> Result<&'a Shipment, Refusal> {
    let fits = |shipment: &&Shipment| carrier.is_none_or(|carrier| shipment.carrier_code == carrier);
    let ids = shop.tracking.get(number).into_iter().flatten();
    let shipments = ids.filter_map(|id| shop.shipments.get(id)).map(|shipment| &**shipment);
    let newest = shipments.filter(fits).max_by_key(|shipment| (shipment.created_at, &shipment.shipment_id));
    newest
        .ok_or_else(|| Refusal::rule("logistics.tracking_not_found", "no parcel of the shop has this tracking number"))
}

/// What has happened to a parcel, of the newest shipment that has its number.
pub(super) fn history<'a>(
    shop: &'a Shop,
    number: &'a str,
    carrier: Option<&str>,
) -> Result<TrackingHistory<'a>, Refusal> {
    let shipment = newest(shop, number, carrier)?;
    Ok(TrackingHistory {
        tracking_number: number,
        carrier_code: &shipment.carrier_code,
        shipment_id: &shipment.shipment_id,
        order_id: &shipment.order_id,
        status: shipment.status,
        events: &shipment.events,
    })
}
