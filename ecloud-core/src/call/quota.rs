//! Stage: a permit for each attempt, first come first served, never past the deadline.

use super::again::Failure;
use super::outgoing::Outgoing;
use super::record::{AttemptReason, Progress};
use crate::client::Inner;
use crate::quota::WaitsTooLong;
use crate::{Error, ErrorKind};

/// Waits until the attempt may go. A dropped future gives its tokens back.
pub(super) async fn permit(client: &Inner, call: &Outgoing, progress: &Progress) -> Result<(), Failure> {
    let Some((group, weight)) = &call.quota else {
        return Ok(());
    };
    let Some(bucket) = client.quota.of(group) else {
        return Ok(());
    };
    let patience = progress.remaining(client);
    let reservation = bucket.reserve(*weight, client.clock.monotonic(), patience).map_err(|WaitsTooLong(wait)| {
        let message = format!("the quota group `{group}` has no room before the call's deadline");
        let error = Error::new(ErrorKind::Throttled, message).with_retry_after(Some(wait));
        Failure::last(AttemptReason::NoQuota, error)
    })?;
    let mut wait = reservation.wait();
    // Whoever waited may find that the platform has asked for a pause meanwhile.
    while !wait.is_zero() {
        client.clock.sleep(wait).await;
        wait = bucket.frozen_for(client.clock.monotonic());
        if wait > progress.remaining(client) {
            let error = Error::new(
                ErrorKind::Throttled,
                "the platform asked for a pause that is longer than the call's deadline",
            );
            return Err(Failure::last(AttemptReason::NoQuota, error.with_retry_after(Some(wait))));
        }
    }
    reservation.spend();
    Ok(())
}
