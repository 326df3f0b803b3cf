//! The times at which carriers can come: three windows a day, in Chinese time, from now to the day after tomorrow.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Serialize;

use super::carriers;
use super::pickups::PickupStatus;
use super::reverse_pickups::ReversePickupStatus;
use crate::business::china_day::{CHINA_MILLIS, DAY_MILLIS};
use crate::business::{Call, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

const HOUR_MILLIS: i64 = 3_600_000;
/// The hours of the day in which a window begins.
const HOURS: [i64; 3] = [9, 12, 15];
/// How long a window is.
const WINDOW_MILLIS: i64 = 3 * HOUR_MILLIS;
/// How many pickups of a shop fit in a slot.
const CAPACITY: usize = 10;

/// A time at which a carrier can come.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PickupSlot {
    pub(crate) slot_id: String,
    carrier_code: &'static str,
    pub(crate) pickup_from: Timestamp,
    pub(crate) pickup_to: Timestamp,
    remaining: usize,
}

/// `listPickupSlots`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let all = offered(call.shop, call.query.one("carrier_code").unwrap_or_default(), call.now)?;
    encode(&Numbered::of(&call.query)?.cut(&all, PickupSlot::clone))
}

/// The slots that a carrier offers.
fn offered(shop: &Shop, carrier_code: &str, now: Timestamp) -> Result<Vec<PickupSlot>, Refusal> {
    let carrier = carriers::find(shop, carrier_code)?;
    let here = now.unix_millis() + CHINA_MILLIS;
    let today = here - here.rem_euclid(DAY_MILLIS);
    let starts = (0..3).flat_map(|day| HOURS.map(|hour| today + day * DAY_MILLIS + hour * HOUR_MILLIS));
    let slot = |start: i64| {
        let date = Timestamp::from_unix_millis(start).to_string()[..13].replace('-', "").replace('T', "-");
        let slot_id = format!("{carrier_code}-{date}");
        let pickup_from = Timestamp::from_unix_millis(start - CHINA_MILLIS);
        PickupSlot {
            remaining: CAPACITY.saturating_sub(taken(shop, &slot_id)),
            slot_id,
            carrier_code: carrier.carrier_code,
            pickup_from,
            pickup_to: pickup_from.offset_by_millis(WINDOW_MILLIS),
        }
    };
    Ok(starts.map(slot).filter(|slot| slot.pickup_from > now).collect())
}

/// How many pickups are booked in a slot.
fn taken(shop: &Shop, slot_id: &str) -> usize {
    let pickups = shop.pickups.iter().filter(|it| it.slot_id == slot_id && it.status == PickupStatus::Scheduled);
    let reverse =
        shop.reverse_pickups.iter().filter(|it| it.slot_id == slot_id && it.status == ReversePickupStatus::Scheduled);
    pickups.count() + reverse.count()
}

/// The slot of this name, if the carrier still offers it.
pub(super) fn find(shop: &Shop, carrier_code: &str, slot_id: &str, now: Timestamp) -> Result<PickupSlot, Refusal> {
    let found = offered(shop, carrier_code, now)?.into_iter().find(|slot| slot.slot_id == slot_id);
    found.ok_or_else(|| {
        Refusal::rule("logistics.pickup_slot_not_found", "the carrier offers no such slot, or it has begun")
    })
}

impl PickupSlot {
    /// Refuses a slot that is full.
    pub(super) fn check_room(&self) -> Result<(), Refusal> {
        if self.remaining > 0 {
            return Ok(());
        }
        Err(Refusal::rule("logistics.pickup_slot_full", "the slot is full"))
    }
}
