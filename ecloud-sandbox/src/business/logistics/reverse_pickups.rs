//! Reverse pickups: carriers fetch returned goods at the buyers'.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{carriers, pickup_slots};
use crate::business::buyer::{self, RefundStep};
use crate::business::due::Due;
use crate::business::table::Row;
use crate::business::trade::refund::RefundStatus;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, Told, encode};
use crate::description::Description;
use crate::platform::Refusal;

wire_enum! {
    /// Where a reverse pickup stands.
    ReversePickupStatus { Scheduled = "scheduled", Collected = "collected", Failed = "failed", Cancelled = "cancelled" }
}

/// A carrier sent to a buyer for returned goods.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReversePickup {
    reverse_pickup_id: String,
    refund_id: String,
    order_id: String,
    carrier_code: String,
    tracking_number: String,
    pub(super) slot_id: String,
    pub(super) status: ReversePickupStatus,
    pickup_from: Timestamp,
    pickup_to: Timestamp,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    modified_at: Timestamp,
    version: u64,
}

impl Row for ReversePickup {
    fn id(&self) -> &str {
        &self.reverse_pickup_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for ReversePickup {
    const CREATED: &'static str = "logistics.reverse_pickup.created";
    const CHANGED: &'static str = "logistics.reverse_pickup.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "reverse_pickup_id": self.reverse_pickup_id,
            "refund_id": self.refund_id,
            "order_id": self.order_id,
            "carrier_code": self.carrier_code,
            "tracking_number": self.tracking_number,
            "status": self.status,
            "modified_at": self.modified_at,
        })
    }
}

impl ReversePickup {
    /// Ends it, and answers with it.
    fn ended(mut self, shop: &mut Shop, status: ReversePickupStatus, now: Timestamp) -> Self {
        self.status = status;
        self.finished_at = Some(now);
        self.version += 1;
        self.modified_at = now;
        shop.reverse_pickups.put(self.clone());
        self
    }
}

/// Which goods a carrier is to fetch, and when.
#[derive(Debug, Deserialize)]
pub(crate) struct ReversePickupInput {
    pub(crate) refund_id: String,
    pub(crate) carrier_code: String,
    pub(crate) slot_id: String,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listReversePickups" => list,
        "listReversePickupChanges" => changes,
        "createReversePickup" => create,
        "getReversePickup" => get,
        "cancelReversePickup" => cancel,
        _ => return None,
    })
}

/// `listReversePickups`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let refund = call.query.one("refund_id");
    let wanted = |pickup: &ReversePickup| {
        refund.is_none_or(|refund| pickup.refund_id == refund) && call.query.wants("status", pickup.status.as_str())
    };
    call.cursor_page(&call.shop.reverse_pickups, wanted, |pickup| &**pickup)
}

/// `listReversePickupChanges`
pub(crate) fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |it: &ReversePickup| call.shop.shows_change(&it.reverse_pickup_id, it.version, it.modified_at, call.now);
    call.changes_page(&call.shop.reverse_pickups, visible, |row| &***row)
}

/// `createReversePickup`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ReversePickupInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Sends a carrier to a buyer.
pub(crate) fn add(shop: &mut Shop, input: ReversePickupInput, now: Timestamp) -> Result<ReversePickup, Refusal> {
    let refund = shop.refund(&input.refund_id)?;
    let carrier = carriers::find(shop, &input.carrier_code)?;
    let slot = pickup_slots::find(shop, &input.carrier_code, &input.slot_id, now)?;
    if refund.status != RefundStatus::WaitBuyerReturn {
        let message = "the refund doesn't wait for the buyer to send the goods back";
        return Err(Refusal::rule("trade.refund_not_returnable", message));
    }
    let is_for_it =
        |other: &ReversePickup| other.refund_id == input.refund_id && other.status == ReversePickupStatus::Scheduled;
    if shop.reverse_pickups.iter().any(|other| is_for_it(other)) {
        return Err(Refusal::rule("logistics.reverse_pickup_exists", "a carrier is sent for the goods already"));
    }
    slot.check_room()?;
    let order_id = refund.order_id.clone();
    let reverse_pickup_id = shop.next_id("RP");
    // Far from the numbers that people make up in tests, and from those of waybills.
    let count = reverse_pickup_id[2..].parse::<u64>().unwrap_or_default();
    let pickup = ReversePickup {
        reverse_pickup_id: reverse_pickup_id.clone(),
        refund_id: input.refund_id,
        order_id,
        carrier_code: input.carrier_code,
        tracking_number: carrier.number(880_000_000_000 + count),
        slot_id: slot.slot_id,
        status: ReversePickupStatus::Scheduled,
        pickup_from: slot.pickup_from,
        pickup_to: slot.pickup_to,
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    shop.due.insert((pickup.pickup_to, Due::ReversePickup(reverse_pickup_id)));
    shop.reverse_pickups.put(pickup.clone());
    Ok(pickup)
}

/// `getReversePickup`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("reverse_pickup_id"))?)
}

/// `cancelReversePickup`
pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let pickup = find(call.shop, call.path("reverse_pickup_id"))?.clone();
    Description::get().machine("ReversePickupStatus").operation("cancelReversePickup", pickup.status.as_str())?;
    encode(&pickup.ended(call.shop, ReversePickupStatus::Cancelled, call.now))
}

/// The slot of a reverse pickup has come to its end: the carrier has been at the buyer's.
pub(crate) fn is_due(shop: &mut Shop, id: &str, at: Timestamp) -> Result<(), Refusal> {
    let pickup = find(shop, id)?.clone();
    if pickup.status != ReversePickupStatus::Scheduled {
        return Ok(());
    }
    if !shop.refund(&pickup.refund_id)?.can("buyer_returns_goods") {
        pickup.ended(shop, ReversePickupStatus::Failed, at);
        return Ok(());
    }
    let pickup = pickup.ended(shop, ReversePickupStatus::Collected, at);
    let step = RefundStep::Returns { carrier_code: pickup.carrier_code, tracking_number: pickup.tracking_number };
    buyer::go_on(shop, &pickup.refund_id, step, at).map(drop)
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a ReversePickup, Refusal> {
    let found = shop.reverse_pickups.get(id).map(|pickup| &**pickup);
    found.ok_or_else(|| Refusal::rule("logistics.reverse_pickup_not_found", "the shop has no such reverse pickup"))
}
