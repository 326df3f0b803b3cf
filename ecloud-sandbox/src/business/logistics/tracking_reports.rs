//! Reports of what has happened to parcels that no carrier reports about.

use std::borrow::Cow;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Deserialize;

use super::tracking::{history, newest};
use super::{TrackingAction, TrackingEvent, carriers, journey};
use crate::business::{Call, encode};
use crate::platform::Refusal;

/// What has happened to a parcel.
#[derive(Deserialize)]
struct TrackingReport {
    carrier_code: String,
    occurred_at: Timestamp,
    action: TrackingAction,
    place: Option<String>,
    next_place: Option<String>,
    description: String,
}

/// `reportTracking`
pub(super) fn report(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: TrackingReport = call.input()?;
    let number = call.path("tracking_number").to_owned();
    let shipment = newest(call.shop, &number, Some(&input.carrier_code))?;
    let shipment_id = shipment.shipment_id.clone();
    let latest = shipment.events.last().map(|event| event.occurred_at);
    if !carriers::known(call.shop, &input.carrier_code)?.partner_reports {
        return Err(Refusal::rule("logistics.tracking_not_reportable", "the carrier reports himself"));
    }
    if journey::status_after(shipment.status, input.action).is_none() {
        let message = format!("{} can't happen to a shipment in this status", input.action.as_str());
        return Err(Refusal::rule("logistics.tracking_action_unsuitable", message));
    }
    if input.occurred_at > call.now || latest.is_some_and(|latest| input.occurred_at < latest) {
        let message = "it lies before the latest event of the parcel or in the future";
        return Err(Refusal::rule("logistics.tracking_time_unsuitable", message));
    }
    let event = TrackingEvent {
        occurred_at: input.occurred_at,
        action: input.action,
        place: input.place,
        next_place: input.next_place,
        description: Cow::Owned(input.description),
    };
    journey::is_reported(call.shop, &shipment_id, event, call.now)?;
    encode(&history(call.shop, &number, Some(&input.carrier_code))?)
}
