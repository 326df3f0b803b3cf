//! What a platform that refuses our clock teaches about its own.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use super::quota::once;
use super::sign::Signed;
use crate::Timestamp;
use crate::client::Inner;

/// An answer that took longer says too little about when it was written.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(15);

/// A smaller difference from the offset in use is none: the header is cut off to whole seconds.
const SMALLEST_CHANGE_MILLIS: i64 = 1000;

/// What the platform's clock is ahead of ours by an answer that has just come, in milliseconds; or why it can't be told.
pub(super) fn measure(client: &Inner, signed: &Signed<'_>, headers: &HeaderMap) -> Result<i64, &'static str> {
    if !client.corrects_clock {
        return Err("the client is told not to correct its clock");
    }
    let took = client.clock.monotonic().saturating_sub(signed.at);
    if took > LONGEST_EXCHANGE {
        return Err("the answer took too long to learn the platform's time from");
    }
    if headers.get_all(header::AGE).iter().any(|age| age.as_bytes() != b"0") {
        return Err("the answer comes from a cache, whose date is not the platform's time");
    }
    let Some(date) = server_time(headers) else {
        return Err("the answer has no readable date to learn the platform's time from");
    };
    // The answer was written halfway between sending and receiving, and the middle of its second is nearest.
    let halfway = i64::try_from(took.as_millis() / 2).unwrap_or(i64::MAX);
    let ours = client.clock.now().unix_millis().saturating_sub(halfway);
    let offset = date.unix_millis().saturating_add(500).saturating_sub(ours);
    if offset.unsigned_abs() > u64::try_from(client.max_clock_offset.as_millis()).unwrap_or(u64::MAX) {
        return Err("the platform's clock is further away than the client may correct");
    }
    if offset.abs_diff(signed.clock_offset.load(Ordering::Relaxed)) < SMALLEST_CHANGE_MILLIS.unsigned_abs() {
        return Err("the platform's date is the time that the request was signed with");
    }
    Ok(offset)
}

fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let date: SystemTime = httpdate::parse_http_date(once(headers, &header::DATE)?).ok()?;
    Some(date.into())
}
