//! What buyers of the seeded shop ask for besides their money back.

use ecloud_core::Timestamp;

use super::people;
use crate::business::Shop;
use crate::business::trade::address_changes::{apply, ask, withdraw};
use crate::platform::Refusal;

const HOUR_MILLIS: i64 = 3_600_000;

/// Some buyers ask for another receiver of their paid order: one in three waits for the seller, has the new receiver, or has thought better
/// of it.
pub(super) fn another_address(
    shop: &mut Shop,
    index: usize,
    order_id: &str,
    at: Timestamp,
    hour: Timestamp,
) -> Result<(), Refusal> {
    let at = at.max(hour.offset_by_millis(-20 * HOUR_MILLIS));
    let receiver = people::some_receiver(&shop.safe);
    let change = ask(shop, order_id, receiver, at)?;
    let later = at.offset_by_millis(HOUR_MILLIS / 2).min(hour);
    match index % 3 {
        0 => Ok(()),
        1 => apply(shop, change, later).map(drop),
        _ => withdraw(shop, &change.address_change_id, later).map(drop),
    }
}
