//! What carriers do: they pick parcels up, carry them from station to station and deliver them.

use std::borrow::Cow;

use ecloud_core::Timestamp;

use super::{Shipment, ShipmentStatus, TrackingAction, TrackingEvent, interceptions};
use crate::business::Shop;
use crate::business::due::Due;
use crate::business::trade::Order;
use crate::business::trade::progress::keep as keep_order;
use crate::description::Description;
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// The usual way of a parcel: what happens, and how long after the shipping.
pub(super) const STEPS: [(TrackingAction, i64); 6] = [
    (TrackingAction::PickedUp, 2 * HOUR_MILLIS),
    (TrackingAction::Arrived, 8 * HOUR_MILLIS),
    (TrackingAction::Departed, 10 * HOUR_MILLIS),
    (TrackingAction::Arrived, 26 * HOUR_MILLIS),
    (TrackingAction::OutForDelivery, 28 * HOUR_MILLIS),
    (TrackingAction::Delivered, 31 * HOUR_MILLIS),
];

/// A shipment waits for its carrier from now on.
pub(crate) fn begins(shop: &mut Shop, shipment_id: &str, now: Timestamp) {
    shop.due.insert((now.offset_by_millis(STEPS[0].1), Due::Journey(shipment_id.to_owned(), 0)));
}

/// Time has come for a step of a shipment's usual way, and for all that lie before `now`, unless somebody has led it elsewhere.
pub(crate) fn goes_on(shop: &mut Shop, shipment_id: &str, step: u8, now: Timestamp) -> Result<(), Refusal> {
    let mut shipment = Shipment::clone(shop.shipment(shipment_id)?);
    let mut delivered_at = None;
    // What lies behind the carrier's decision to stop it waits for that.
    let until = interceptions::decides_at(shop, shipment_id).map_or(now, |decision| decision.min(now));
    for (index, (action, after)) in STEPS.iter().enumerate().skip(usize::from(step)) {
        let at = shipment.created_at.offset_by_millis(*after);
        if at > until {
            shop.due.insert((at, Due::Journey(shipment_id.to_owned(), index as u8)));
            break;
        }
        if !moves(shop, &mut shipment, *action, at)? {
            break;
        }
        delivered_at = Some(at).filter(|_| *action == TrackingAction::Delivered);
    }
    let order_id = shipment.order_id.clone();
    shop.shipments.put(shipment);
    match delivered_at {
        Some(at) => tell_order(shop, &order_id, at),
        None => Ok(()),
    }
}

/// Lets something happen to a shipment; whether the description lets it happen in its status.
pub(crate) fn happens(
    shop: &mut Shop,
    shipment_id: &str,
    action: TrackingAction,
    now: Timestamp,
) -> Result<bool, Refusal> {
    happens_as(shop, shipment_id, action, now, |_| {})
}

/// The same, with something about it that only its teller knows.
fn happens_as(
    shop: &mut Shop,
    shipment_id: &str,
    action: TrackingAction,
    now: Timestamp,
    amend: impl FnOnce(&mut Shipment),
) -> Result<bool, Refusal> {
    let mut shipment = Shipment::clone(shop.shipment(shipment_id)?);
    let possible = moves(shop, &mut shipment, action, now)?;
    if possible {
        amend(&mut shipment);
        let order_id = shipment.order_id.clone();
        shop.shipments.put(shipment);
        if action == TrackingAction::Delivered {
            tell_order(shop, &order_id, now)?;
        }
    }
    Ok(possible)
}

/// Lets something happen that was reported; whether the description lets it happen in the shipment's status.
///
/// What follows from it follows now, but it has happened when the report says.
pub(super) fn is_reported(
    shop: &mut Shop,
    shipment_id: &str,
    report: TrackingEvent,
    now: Timestamp,
) -> Result<bool, Refusal> {
    happens_as(shop, shipment_id, report.action, now, |shipment| {
        match report.action {
            TrackingAction::PickedUp => shipment.picked_up_at = Some(report.occurred_at),
            TrackingAction::Delivered => shipment.delivered_at = Some(report.occurred_at),
            _ => {}
        }
        if let Some(event) = shipment.events.last_mut() {
            let [place, next_place] = [event.place.take(), event.next_place.take()];
            *event =
                TrackingEvent { place: report.place.or(place), next_place: report.next_place.or(next_place), ..report };
        }
    })
}

fn moves(shop: &mut Shop, shipment: &mut Shipment, action: TrackingAction, now: Timestamp) -> Result<bool, Refusal> {
    let Some(status) = status_after(shipment.status, action) else { return Ok(false) };
    let [place, next_place] = places(shop, shipment, action)?;
    let description = Cow::Borrowed(words(action, has_departed(shipment)));
    shipment.status = status;
    match action {
        TrackingAction::PickedUp => shipment.picked_up_at = Some(now),
        TrackingAction::Delivered => shipment.delivered_at = Some(now),
        _ => {}
    }
    shipment.events.push(TrackingEvent { occurred_at: now, action, place, next_place, description });
    shipment.version += 1;
    shipment.modified_at = shipment.modified_at.max(now);
    super::waybills::parcel_moved(shop, shipment, action, now);
    super::delivery_exceptions::shipment_moved(shop, shipment, action, now);
    super::self_deliveries::shipment_moved(shop, shipment, action, now);
    Ok(true)
}

/// The status that the description gives a parcel after something has happened to it; `None` where it can't happen.
pub(super) fn status_after(before: ShipmentStatus, action: TrackingAction) -> Option<ShipmentStatus> {
    let event = match action {
        TrackingAction::PickedUp => "carrier_picks_up",
        TrackingAction::OutForDelivery => "carrier_sets_out",
        TrackingAction::Failed => "carrier_fails",
        TrackingAction::Delivered => "carrier_delivers",
        TrackingAction::Returned => "carrier_returns",
        TrackingAction::Lost => "carrier_loses",
        // Stations lie on the way and change nothing.
        TrackingAction::Arrived | TrackingAction::Departed => {
            return Some(before).filter(|status| *status == ShipmentStatus::InTransit);
        }
        TrackingAction::Shipped | TrackingAction::Cancelled => return None,
    };
    let next = Description::get().machine("ShipmentStatus").event(event, before.as_str())?;
    ShipmentStatus::named(next.first()?)
}

/// Where something happens to a shipment, and where it goes next.
fn places(shop: &Shop, shipment: &Shipment, action: TrackingAction) -> Result<[Option<String>; 2], Refusal> {
    let order = shop.order(&shipment.order_id)?;
    let sender = shipment.sender_address_id.as_ref().and_then(|id| shop.addresses.get(id));
    let from = sender.map(|address| address.region.city.clone());
    let to = Some(order.receiver.receiver.region.city.clone());
    Ok(match action {
        TrackingAction::Arrived if has_departed(shipment) => [to, None],
        TrackingAction::Departed => [from, to],
        TrackingAction::OutForDelivery | TrackingAction::Failed | TrackingAction::Delivered => [to, None],
        TrackingAction::PickedUp | TrackingAction::Arrived | TrackingAction::Returned | TrackingAction::Shipped => {
            [from, None]
        }
        TrackingAction::Lost | TrackingAction::Cancelled => [None, None],
    })
}

fn has_departed(shipment: &Shipment) -> bool {
    shipment.events.iter().any(|event| event.action == TrackingAction::Departed)
}

/// What has happened, in the carrier's words; stations after the first departure are near the receiver.
pub(super) fn words(action: TrackingAction, departed: bool) -> &'static str {
    match action {
        TrackingAction::PickedUp => "The carrier has picked the parcel up.",
        TrackingAction::Arrived if departed => "The parcel has arrived at a station near the receiver.",
        TrackingAction::Arrived => "The parcel has arrived at a station near the sender.",
        TrackingAction::Departed => "The parcel has left the station.",
        TrackingAction::OutForDelivery => "The parcel is on its last way.",
        TrackingAction::Failed => "The carrier couldn't deliver the parcel and will try again.",
        TrackingAction::Delivered => "The parcel has been delivered.",
        TrackingAction::Returned => "The parcel has come back to the sender.",
        TrackingAction::Lost => "The carrier has lost the parcel.",
        TrackingAction::Shipped => "The seller has shipped the parcel.",
        TrackingAction::Cancelled => "The seller has cancelled the shipment.",
    }
}

/// Once all parcels of an order have arrived, the order knows.
fn tell_order(shop: &mut Shop, order_id: &str, now: Timestamp) -> Result<(), Refusal> {
    let order = shop.order(order_id)?;
    if has_arrived(shop, order) && !order.delivered && !order.has_ended() {
        let mut order = Order::clone(order);
        order.delivered = true;
        order.settle(now);
        keep_order(shop, order);
    }
    Ok(())
}

/// Whether nothing of an order waits to be shipped and all its parcels have reached the buyer.
pub(crate) fn has_arrived(shop: &Shop, order: &Order) -> bool {
    let mut shipments = order.shipment_ids.iter().filter_map(|id| shop.shipments.get(id)).peekable();
    shipments.peek().is_some()
        && shipments.all(|shipment| shipment.status == ShipmentStatus::Delivered)
        && order.lines.iter().all(|line| line.waiting() == 0)
}
