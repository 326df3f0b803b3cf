//! Subscriptions: parcels that weren't shipped through the platform, and are followed all the same.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::journey::{STEPS, status_after, words};
use super::{ShipmentStatus, TrackingAction, TrackingEvent, carriers, shipments};
use crate::business::due::Due;
use crate::business::table::{Mark, Row};
use crate::business::wire::wire_enum;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

wire_enum! {
    /// Where a subscription stands.
    TrackingSubscriptionStatus { Active = "active", Finished = "finished", Cancelled = "cancelled" }
}

/// That a parcel is followed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TrackingSubscription {
    tracking_subscription_id: String,
    carrier_code: String,
    tracking_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    status: TrackingSubscriptionStatus,
    parcel_status: ShipmentStatus,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<TrackingEvent>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    pub(crate) version: u64,
}

impl Row for TrackingSubscription {
    fn id(&self) -> &str {
        &self.tracking_subscription_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn marks(&self) -> Vec<Mark> {
        vec![("number", self.tracking_number.clone().into())]
    }
}

impl TrackingSubscription {
    /// What is told of something that has happened to its parcel.
    pub(crate) fn update(&self, event: &TrackingEvent) -> Value {
        json!({
            "tracking_subscription_id": self.tracking_subscription_id,
            "carrier_code": self.carrier_code,
            "tracking_number": self.tracking_number,
            "action": event.action,
            "parcel_status": self.parcel_status,
            "place": event.place,
            "next_place": event.next_place,
        })
    }

    fn follows(&self, carrier_code: &str, tracking_number: &str) -> bool {
        self.status == TrackingSubscriptionStatus::Active
            && self.carrier_code == carrier_code
            && self.tracking_number == tracking_number
    }

    /// Keeps it as changed, and answers with it.
    fn changed(mut self, shop: &mut Shop, status: TrackingSubscriptionStatus, now: Timestamp) -> Self {
        self.status = status;
        let ends = Description::get().machine("TrackingSubscriptionStatus").ends_in(status.as_str());
        self.finished_at = ends.then_some(now);
        self.version += 1;
        self.modified_at = now;
        shop.tracking_subscriptions.put(self.clone());
        self
    }
}

/// Which parcel is to be followed.
#[derive(Debug, Deserialize)]
pub(crate) struct TrackingSubscriptionInput {
    pub(crate) carrier_code: String,
    pub(crate) tracking_number: String,
    pub(crate) note: Option<String>,
}

/// What does an operation on subscriptions.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listTrackingSubscriptions" => list,
        "listTrackingSubscriptionChanges" => changes,
        "subscribeTracking" => subscribe,
        "batchSubscribeTracking" => batch_subscribe,
        "getTrackingSubscription" => get,
        "unsubscribeTracking" => unsubscribe,
        _ => return None,
    })
}

/// `listTrackingSubscriptions`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let carrier = call.query.one("carrier_code");
    let wanted = |it: &TrackingSubscription| {
        carrier.is_none_or(|carrier| it.carrier_code == carrier) && call.query.wants("status", it.status.as_str())
    };
    call.cursor_page(&call.shop.tracking_subscriptions, wanted, |subscription| &**subscription)
}

/// `listTrackingSubscriptionChanges`
fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible = |it: &TrackingSubscription| {
        call.shop.shows_change(&it.tracking_subscription_id, it.version, it.modified_at, call.now)
    };
    call.changes_page(&call.shop.tracking_subscriptions, visible, |subscription| &***subscription)
}

/// `getTrackingSubscription`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("tracking_subscription_id"))?)
}

/// `subscribeTracking`
fn subscribe(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: TrackingSubscriptionInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Follows a parcel from now on.
pub(crate) fn add(
    shop: &mut Shop,
    input: TrackingSubscriptionInput,
    now: Timestamp,
) -> Result<TrackingSubscription, Refusal> {
    let carrier = carriers::find(shop, &input.carrier_code)?;
    carrier.check_number(&input.tracking_number)?;
    let is_shipped = shipments::has_number(shop, &input.carrier_code, &input.tracking_number, None);
    let is_followed = || {
        let mut subscriptions = with_number(shop, &input.tracking_number);
        subscriptions.any(|it| it.follows(&input.carrier_code, &input.tracking_number))
    };
    if is_shipped || is_followed() {
        return Err(Refusal::rule("logistics.tracking_followed", "the parcel is followed already"));
    }
    let subscription = TrackingSubscription {
        tracking_subscription_id: shop.next_id("TS"),
        carrier_code: input.carrier_code,
        tracking_number: input.tracking_number,
        note: input.note,
        status: TrackingSubscriptionStatus::Active,
        parcel_status: ShipmentStatus::WaitPickup,
        events: Vec::new(),
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    waits_for(shop, &subscription, 0);
    shop.tracking_subscriptions.put(subscription.clone());
    Ok(subscription)
}

#[derive(Deserialize)]
struct TrackingSubscriptionBatch {
    subscriptions: Vec<TrackingSubscriptionInput>,
}

#[derive(Serialize)]
struct TrackingSubscriptionBatchResult {
    items: Vec<TrackingSubscriptionResult>,
}

#[derive(Serialize)]
struct TrackingSubscriptionResult {
    tracking_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<TrackingSubscription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchSubscribeTracking`
fn batch_subscribe(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: TrackingSubscriptionBatch = call.input()?;
    let results = input.subscriptions.into_iter().map(|input| {
        let tracking_number = input.tracking_number.clone();
        let (subscription, error) = match add(call.shop, input, call.now) {
            Ok(subscription) => (Some(subscription), None),
            Err(refusal) => (None, Some(refusal.into())),
        };
        TrackingSubscriptionResult { tracking_number, subscription, error }
    });
    encode(&TrackingSubscriptionBatchResult { items: results.collect() })
}

/// `unsubscribeTracking`
fn unsubscribe(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let subscription = find(call.shop, call.path("tracking_subscription_id"))?.clone();
    let machine = Description::get().machine("TrackingSubscriptionStatus");
    machine.operation("unsubscribeTracking", subscription.status.as_str())?;
    encode(&subscription.changed(call.shop, TrackingSubscriptionStatus::Cancelled, call.now))
}

/// A shipment of the shop has a parcel's number from now on, so that its own events are told.
pub(super) fn shipped(shop: &mut Shop, carrier_code: &str, tracking_number: &str, now: Timestamp) {
    let following = with_number(shop, tracking_number).find(|it| it.follows(carrier_code, tracking_number));
    if let Some(subscription) = following.map(|subscription| TrackingSubscription::clone(subscription)) {
        subscription.changed(shop, TrackingSubscriptionStatus::Cancelled, now);
    }
}

/// Plans a step of a followed parcel's way, which is that of a shipment.
fn waits_for(shop: &mut Shop, subscription: &TrackingSubscription, step: u8) {
    if let Some((_, after)) = STEPS.get(usize::from(step)) {
        let at = subscription.created_at.offset_by_millis(*after);
        shop.due.insert((at, Due::Subscription(subscription.tracking_subscription_id.clone(), step)));
    }
}

/// Time has come for a step of a followed parcel's way.
pub(crate) fn goes_on(shop: &mut Shop, id: &str, step: u8, at: Timestamp) -> Result<(), Refusal> {
    let mut subscription = find(shop, id)?.clone();
    let Some((action, _)) = STEPS.get(usize::from(step)) else { return Ok(()) };
    let Some(parcel_status) = status_after(subscription.parcel_status, *action) else { return Ok(()) };
    let ends = Description::get().machine("ShipmentStatus").ends_in(parcel_status.as_str());
    let event = if ends { "parcel_ends" } else { "parcel_moves" };
    let machine = Description::get().machine("TrackingSubscriptionStatus");
    // Nobody follows it any more.
    let Some(next) = machine.event(event, subscription.status.as_str()) else { return Ok(()) };
    let Some(status) = next.first().and_then(|name| TrackingSubscriptionStatus::named(name)) else { return Ok(()) };
    let departed = subscription.events.iter().any(|event| event.action == TrackingAction::Departed);
    // The carrier knows the places; the platform, which has no order of the parcel's, doesn't.
    subscription.events.push(TrackingEvent {
        occurred_at: at,
        action: *action,
        place: None,
        next_place: None,
        description: Cow::Borrowed(words(*action, departed)),
    });
    subscription.parcel_status = parcel_status;
    waits_for(shop, &subscription, step + 1);
    subscription.changed(shop, status, at);
    Ok(())
}

fn with_number<'a>(
    shop: &'a Shop,
    tracking_number: &str,
) -> impl Iterator<Item = &'a Arc<TrackingSubscription>> + use<'a> {
    shop.tracking_subscriptions.marked([("number", tracking_number.to_owned().into())], None)
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a TrackingSubscription, Refusal> {
    let found = shop.tracking_subscriptions.get(id).map(|subscription| &**subscription);
    found.ok_or_else(|| Refusal::rule("logistics.tracking_subscription_not_found", "the shop has no such subscription"))
}
