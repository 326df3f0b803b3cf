//! A call in line for all the buckets that it draws on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::bucket::Place;
use super::moment::Moment;
use super::table::{Draw, Quotas};
use crate::Clock;

/// A call in line: for each bucket that has no room it takes a place in turn, for the one with the longest wait first, and it goes when all
/// have room at once. Then all are charged, and before that none but those in which it waits.
///
/// So nothing is held of a bucket with room while another makes the call wait, and a shop with a long line of its own doesn't hold up
/// the others. A place comes up at its own time, whoever comes later, and is kept once it is reached (but for a window that has ended
/// meanwhile), so nobody starves; and each waits on a timer of his own, so there is no herd. Dropping it gives all places back, to
/// whoever comes next: those behind keep their times, which costs no rate unless nobody comes.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    quotas: &'a Quotas,
    draw: Draw<'a>,
    /// The places taken, by the bucket's number.
    held: Vec<(usize, Place)>,
    /// When it was asked last.
    asked: Moment,
}

/// Goes through the line, and is charged at its end; never past `deadline`, in monotonic time, and however long it takes without one.
/// Dropping it gives all places back.
pub(crate) async fn pass(
    quotas: &Quotas,
    draw: Draw<'_>,
    clock: &dyn Clock,
    offset_millis: &AtomicI64,
    deadline: Option<Duration>,
) -> Result<Moment, WaitsTooLong> {
    let mut line = Line::new(quotas, draw);
    loop {
        let now = quotas.moment(clock, offset_millis.load(Ordering::Relaxed));
        let patience = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_sub(now.monotonic));
        match line.ask(now, patience)? {
            Turn::Now => return Ok(now),
            Turn::In(wait) => clock.sleep(wait).await,
        }
    }
}

/// What whoever asks is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Everything is paid: go.
    Now,
    /// To be asked again after this long.
    In(Duration),
}

/// The wait is longer than the caller has time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitsTooLong(pub(crate) Duration);

impl<'a> Line<'a> {
    pub(crate) fn new(quotas: &'a Quotas, draw: Draw<'a>) -> Self {
        Self { quotas, draw, held: Vec::new(), asked: Moment::default() }
    }

    /// Whether it is the call's turn.
    pub(crate) fn ask(&mut self, now: Moment, patience: Duration) -> Result<Turn, WaitsTooLong> {
        if self.quotas.is_unlimited() {
            return Ok(Turn::Now);
        }
        self.asked = now;
        let weight = self.draw.weight;
        let mut locked = self.quotas.lock();
        let mut found = locked.find(self.draw, now);
        if self.held.is_empty() && found.iter_mut().all(|bucket| bucket.wait(weight, now).is_zero()) {
            found.iter_mut().for_each(|bucket| bucket.spend(weight, now));
            return Ok(Turn::Now);
        }
        let mut longest = Duration::ZERO;
        let mut to_take = None;
        for (number, bucket) in found.iter_mut().enumerate() {
            let held = self.held.iter().position(|(of, _)| *of == number);
            let ready = held.map(|at| (at, bucket.ready_in(self.held[at].1, weight, now)));
            let (wait, is_held) = match ready {
                Some((_, Some(wait))) => (wait, true),
                Some((at, None)) => {
                    bucket.give_back(self.held.swap_remove(at).1, weight);
                    (bucket.wait(weight, now), false)
                }
                None => (bucket.wait(weight, now), false),
            };
            if wait > longest {
                (longest, to_take) = (wait, (!is_held).then_some(number));
            }
        }
        if longest > patience {
            return Err(WaitsTooLong(longest));
        }
        for (number, bucket) in found.iter_mut().enumerate() {
            match self.held.iter().find(|(of, _)| *of == number) {
                _ if !longest.is_zero() => {
                    if to_take == Some(number) {
                        self.held.push((number, bucket.take(weight, now)));
                    }
                }
                Some((_, place)) => bucket.leave(*place, weight, now),
                None => bucket.spend(weight, now),
            }
        }
        if longest.is_zero() {
            self.held.clear();
            return Ok(Turn::Now);
        }
        Ok(Turn::In(longest))
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut locked = self.quotas.lock();
        let mut found = locked.find(self.draw, self.asked);
        for (number, bucket) in found.iter_mut().enumerate() {
            if let Some((_, place)) = self.held.iter().find(|(of, _)| *of == number) {
                bucket.give_back(*place, self.draw.weight);
            }
        }
    }
}
