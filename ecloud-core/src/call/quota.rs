//! Stage: a permit for each attempt, first come first served, never past the deadline; and what answers teach of the quota.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderMap;

use super::again::Failure;
use super::outgoing::{Outgoing, Route};
use super::record::{AttemptReason, Progress};
use super::sign::Signed;
use crate::client::Inner;
use crate::quota::{Draw, Heard, WaitsTooLong, pass};
use crate::{Error, ErrorKind};

/// Waits until the attempt may go. A dropped future gives its places back.
pub(super) async fn permit(client: &Inner, call: &Outgoing, progress: &Progress) -> Result<(), Failure> {
    let Some(draw) = draw(client, call) else {
        return Ok(());
    };
    let deadline = match call.route {
        Route::Mirror(_) => client.clock.monotonic(),
        Route::Choice | Route::Check(_) => progress.deadline,
    };
    match pass(&client.quota, draw, &*client.clock, client.upstreams.clock_offset(), Some(deadline)).await {
        Ok(_) => Ok(()),
        Err(WaitsTooLong(wait)) => {
            let message = format!("the quota group `{}` has no room before the call's deadline", draw.group);
            let error = Error::new(ErrorKind::Throttled, message).with_retry_after(Some(wait));
            Err(Failure::last(AttemptReason::NoQuota, error))
        }
    }
}

/// The platform's own figures for the group replace ours.
pub(super) fn learn(client: &Inner, call: &Outgoing, signed: &Signed<'_>, headers: &HeaderMap) {
    let Some(draw) = draw(client, call) else {
        return;
    };
    let named = headers.get_all("x-ecloud-quota-group");
    if named.iter().any(|named| named.as_bytes() != draw.group.as_bytes()) {
        return;
    }
    let text = |name| once(headers, name);
    let rate_and_capacity = (text("x-ecloud-quota-rate"), text("x-ecloud-quota-capacity"));
    let heard = Heard::read(rate_and_capacity.0.zip(rate_and_capacity.1), text("x-ecloud-quota-remaining"));
    if heard != Heard::default() {
        let now = client.quota.moment(&*client.clock, client.upstreams.clock_offset().load(Ordering::Relaxed));
        client.quota.learn(draw, heard, now.monotonic.saturating_sub(signed.at), now);
    }
}

/// No call of the key goes out before the platform wants one.
pub(super) fn freeze(client: &Inner, call: &Outgoing, pause: Duration) {
    if let Some(draw) = draw(client, call) {
        let now = client.quota.moment(&*client.clock, client.upstreams.clock_offset().load(Ordering::Relaxed));
        client.quota.freeze(draw, pause, now);
    }
}

/// What the call draws; `None` where it draws nothing that is limited.
fn draw<'a>(client: &Inner, call: &'a Outgoing) -> Option<Draw<'a>> {
    let (group, weight) = call.quota.as_ref().filter(|_| !client.quota.is_unlimited())?;
    Some(Draw { group, shop: call.shop.as_ref(), weight: *weight })
}

/// The value of a header that comes once: of two nobody knows which one is meant.
pub(super) fn once<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}
