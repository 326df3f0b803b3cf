//! Stage: a permit for each attempt, first come first served, never past the deadline; and what answers teach of the quota.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use super::again::Failure;
use super::outgoing::Outgoing;
use super::record::{AttemptReason, Progress};
use super::sign::Signed;
use crate::client::Inner;
use crate::quota::{Draw, Heard, Moment, WaitsTooLong, pass};
use crate::{Error, ErrorKind};

const GROUP: HeaderName = HeaderName::from_static("x-ecloud-quota-group");
const RATE: HeaderName = HeaderName::from_static("x-ecloud-quota-rate");
const CAPACITY: HeaderName = HeaderName::from_static("x-ecloud-quota-capacity");
const REMAINING: HeaderName = HeaderName::from_static("x-ecloud-quota-remaining");

/// Waits until the attempt may go. A dropped future gives its places back.
pub(super) async fn permit<'a>(
    client: &'a Inner,
    call: &Outgoing,
    progress: &Progress,
) -> Result<Option<Permit<'a>>, Failure> {
    let Some(draw) = draw(client, call) else {
        return Ok(None);
    };
    let deadline = if call.is_copy() { client.clock.monotonic() } else { progress.deadline };
    match pass(&client.quota, draw, &*client.clock, client.upstreams.clock_offset(), Some(deadline)).await {
        Ok(taken) => {
            let (group, weight) = call.quota.clone().unwrap_or_default();
            Ok(Some(Permit { client, group, shop: call.shop.clone(), weight, unused: Some(taken) }))
        }
        Err(WaitsTooLong(wait)) => {
            let message = format!("the quota group `{}` has no room before the call's deadline", draw.group);
            let error = Error::new(ErrorKind::Throttled, message).with_retry_after(Some(wait));
            Err(Failure::last(AttemptReason::NoQuota, error))
        }
    }
}

/// Quota that was drawn for a request that wasn't sent yet: dropped, it is given back. It knows by itself what was drawn, since the call gets its
/// token meanwhile.
pub(super) struct Permit<'a> {
    client: &'a Inner,
    group: Cow<'static, str>,
    shop: Option<Arc<str>>,
    weight: u32,
    unused: Option<Moment>,
}

impl Permit<'_> {
    /// The request is sent.
    pub(super) fn spend(mut self) {
        self.unused = None;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(taken) = self.unused.take() {
            let draw = Draw { group: &self.group, shop: self.shop.as_ref(), weight: self.weight };
            let Inner { quota, clock, upstreams, .. } = self.client;
            quota.refund(draw, taken, quota.moment(&**clock, upstreams.clock_offset().load(Ordering::Relaxed)));
        }
    }
}

/// The platform's own figures for the group replace ours; not the mirror's, which may have another quota. `at` is when
/// the answer was there, in monotonic time.
pub(super) fn learn(client: &Inner, call: &Outgoing, signed: &Signed<'_>, headers: &HeaderMap, at: Duration) {
    let Some(draw) = draw(client, call).filter(|_| !call.is_copy()) else {
        return;
    };
    let named = headers.get_all(GROUP);
    if named.iter().any(|named| named.as_bytes() != draw.group.as_bytes()) {
        return;
    }
    let rate_and_capacity = once(headers, &RATE).zip(once(headers, &CAPACITY));
    let heard = Heard::read(rate_and_capacity, once(headers, &REMAINING));
    if heard != Heard::default() {
        let offset = client.upstreams.clock_offset().load(Ordering::Relaxed);
        let now = client.quota.moment_at(at, &*client.clock, offset);
        client.quota.learn(draw, heard, at.saturating_sub(signed.at), now);
    }
}

/// No call of the key goes out before the platform wants one; what the mirror wants holds nobody back.
pub(super) fn freeze(client: &Inner, call: &Outgoing, pause: Duration) {
    if let Some(draw) = draw(client, call).filter(|_| !call.is_copy()) {
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
pub(super) fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}
