//! Quotas against platforms of a few lines, on a time that the tests hold.

mod composition;
mod feedback;
mod reference;
mod shapes;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::line::{Line, Turn};
use super::moment::Moment;
use super::{Draw, Quota, QuotaLimit, Quotas};

const GROUP: &str = "trade.orders";
const EVER: Duration = Duration::MAX;

/// A moment: on the wall clock it is 2026-11-22, some time before 08:30 UTC.
fn at(millis: u64) -> Moment {
    let unix_millis = 1_795_336_200_000 + i64::try_from(millis).unwrap();
    Moment { monotonic: Duration::from_millis(millis), unix_millis }
}

fn after(moment: Moment, wait: Duration) -> Moment {
    let millis = i64::try_from(wait.as_millis()).unwrap();
    Moment { monotonic: moment.monotonic + wait, unix_millis: moment.unix_millis + millis }
}

fn draw(weight: u32) -> Draw<'static> {
    Draw { group: GROUP, shop: None, weight }
}

/// Quotas of which nothing is kept back but one token.
fn quotas(quota: impl Into<Quota>) -> Quotas {
    Quotas::new(quota.into().reserve(Duration::ZERO))
}

fn limit(rate: f64, capacity: f64) -> QuotaLimit {
    QuotaLimit::new(rate, capacity).unwrap()
}

/// Takes a place for good, and says in how many milliseconds it comes up (rounded: buckets count in floating point).
fn take(quotas: &Quotas, draw: Draw<'static>, now: Moment) -> u128 {
    let mut line = Line::new(quotas, draw);
    match line.ask(now, EVER).unwrap() {
        Turn::Now => 0,
        Turn::In(wait) => {
            std::mem::forget(line);
            (wait + Duration::from_micros(500)).as_millis()
        }
    }
}

/// When each call leaves that comes at its time, and how often all have asked.
fn departures(quotas: &Quotas, calls: &[(u64, Draw<'_>)]) -> (Vec<Moment>, usize) {
    let mut lines: Vec<_> = calls.iter().map(|(_, draw)| Line::new(quotas, *draw)).collect();
    let coming = calls.iter().enumerate();
    let mut events: BinaryHeap<_> =
        coming.map(|(call, (come, _))| Reverse((Duration::from_millis(*come), call))).collect();
    let mut left = vec![Moment::default(); calls.len()];
    let mut asked = 0;
    while let Some(Reverse((time, call))) = events.pop() {
        asked += 1;
        let now = after(at(0), time);
        match lines[call].ask(now, EVER).unwrap() {
            Turn::Now => left[call] = now,
            Turn::In(wait) => events.push(Reverse((time + wait, call))),
        }
    }
    (left, asked)
}

fn shops(count: usize) -> Vec<Arc<str>> {
    (0..count).map(|number| format!("shop-{number}").into()).collect()
}
