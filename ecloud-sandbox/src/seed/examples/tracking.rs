//! Parcels of the examples that weren't shipped through the platform.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::logistics::tracking_subscriptions::{self, TrackingSubscriptionInput};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// `TS1000001` follows a parcel that is in transit, `TS1000002` one that its carrier doesn't have yet.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for (carrier_code, tracking_number, hours) in [("zto", "ZT8010000000001", 9), ("yto", "YT8010000000002", 1)] {
        let input = TrackingSubscriptionInput {
            carrier_code: carrier_code.to_owned(),
            tracking_number: tracking_number.to_owned(),
            note: None,
        };
        tracking_subscriptions::add(shop, input, now.offset_by_millis(-hours * HOUR_MILLIS))?;
    }
    Ok(())
}
