//! The shape that begins anew: fixed windows, of which a day is one.

use std::collections::VecDeque;
use std::time::Duration;

use super::limit::WindowLimit;
use super::moment::{Moment, millis_up};

/// A count in each window of time. Whoever comes when a window is full is counted in the first later one with room.
///
/// Windows have numbers; what is used of them is kept from the current one on. At the end of each is a quiet time as long as the reserve,
/// in which nothing leaves, since it might arrive in the next one. The platform begins a window that a call opens when that call
/// arrives, so on this side such a window is longer by the reserve, and quiet for that, too.
#[derive(Debug)]
pub(super) struct Window {
    count: u64,
    /// From one window's beginning to the next one's, in milliseconds.
    length: i64,
    /// How long after its beginning calls may leave, in milliseconds.
    open: i64,
    is_by_clock: bool,
    /// When window 0 begins, in milliseconds of the line that the windows lie on; `None` until a call opens one.
    origin: Option<i64>,
    /// The latest window that was the current one.
    current: i64,
    /// The latest window from which something has left.
    opened: i64,
    /// What is used, by window, in order; none before the current one.
    used: VecDeque<(i64, u64)>,
}

/// Before all windows.
const NONE: i64 = i64::MIN;

impl Window {
    pub(super) fn new(limit: WindowLimit, reserve: Duration) -> Self {
        let reserve = millis_up(reserve);
        let is_by_clock = limit.phase.is_some();
        Self {
            count: limit.count.into(),
            length: if is_by_clock { limit.length } else { limit.length.saturating_add(reserve) },
            open: limit.length.saturating_sub(reserve).max(1),
            is_by_clock,
            origin: limit.phase,
            current: NONE,
            opened: NONE,
            used: VecDeque::new(),
        }
    }

    /// The first window with room for `weight`, none before `thaw` has passed, and how long until then.
    pub(super) fn wait(&mut self, weight: u64, thaw: Duration, now: Moment) -> (i64, Duration) {
        self.turn(now);
        if self.origin.is_none() {
            return (self.next(), thaw);
        }
        let from = self.position(now);
        let thawed = from.saturating_add(millis_up(thaw));
        let mut number = self.number_at(thawed).max(self.current);
        if thawed.saturating_sub(self.begin(number)) >= self.open {
            number = number.saturating_add(1);
        }
        let room = self.count - self.needed(weight);
        for &(taken, used) in &self.used {
            if taken == number && used > room {
                number = number.saturating_add(1);
            } else if taken > number {
                break;
            }
        }
        (number, thaw.max(millis(self.begin(number).saturating_sub(from))))
    }

    /// Counts `weight` in the window of this number.
    pub(super) fn take(&mut self, number: i64, weight: u64, now: Moment) {
        if self.origin.is_none() {
            self.current = number;
            self.origin = Some(self.position(now).saturating_sub(number.saturating_mul(self.length)));
        }
        let weight = self.needed(weight);
        match self.at(number) {
            Ok(at) => self.used[at].1 = self.used[at].1.saturating_add(weight),
            Err(at) => self.used.insert(at, (number, weight)),
        }
    }

    /// How long until calls may leave in the window of this number; `None` once that is over, or where
    /// what was counted in it is counted elsewhere.
    pub(super) fn ready_in(&mut self, number: i64, now: Moment) -> Option<Duration> {
        self.turn(now);
        self.origin?;
        let passed = self.position(now).saturating_sub(self.begin(number));
        (self.at(number).is_ok() && passed < self.open).then(|| millis(passed.saturating_neg()))
    }

    /// What was counted leaves now.
    pub(super) fn leave(&mut self, number: i64, now: Moment) {
        if number <= self.opened {
            return;
        }
        self.opened = number;
        if !self.is_by_clock {
            // The first call opens the window, so if it comes late, that and all later ones begin later.
            let late = self.position(now).saturating_sub(self.begin(number)).max(0);
            self.origin = self.origin.map(|origin| origin.saturating_add(late));
        }
    }

    /// What was counted in the window of this number is not used.
    pub(super) fn give_back(&mut self, number: i64, weight: u64) {
        let weight = self.needed(weight);
        if let Ok(at) = self.at(number) {
            self.used[at].1 = self.used[at].1.saturating_sub(weight);
        }
    }

    /// What has left at `then` costs less by `weight`: that helps if its window is still the current one.
    pub(super) fn refund(&mut self, weight: u64, then: Moment, now: Moment) {
        self.turn(now);
        if self.origin.is_some() {
            self.give_back(self.number_at(self.position(then)), weight);
        }
    }

    pub(super) fn is_full(&mut self, now: Moment) -> bool {
        self.turn(now);
        self.used.iter().all(|&(_, used)| used == 0)
    }

    /// Forgets windows that are over.
    fn turn(&mut self, now: Moment) {
        if self.origin.is_none() {
            return;
        }
        let number = self.number_at(self.position(now));
        if self.is_by_clock && self.current != NONE && number < self.current.saturating_sub(1) {
            // The wall clock was set back by more than a window: what was used counts where it stands now.
            let back = self.current.saturating_sub(number);
            self.used.iter_mut().for_each(|(taken, _)| *taken = taken.saturating_sub(back));
            self.current = number;
            self.opened = NONE;
        }
        self.current = self.current.max(number);
        while self.used.front().is_some_and(|&(taken, _)| taken < self.current) {
            self.used.pop_front();
        }
        if !self.is_by_clock && self.used.is_empty() {
            self.origin = None;
        }
    }

    /// The number of the next window that a call opens: no number comes twice.
    fn next(&self) -> i64 {
        if self.current == NONE { 0 } else { self.current.saturating_add(1) }
    }

    /// Where a window is in `used`, or where it would be.
    fn at(&self, number: i64) -> Result<usize, usize> {
        self.used.binary_search_by_key(&number, |&(taken, _)| taken)
    }

    fn number_at(&self, position: i64) -> i64 {
        position.saturating_sub(self.origin.unwrap_or(position)).div_euclid(self.length)
    }

    fn begin(&self, number: i64) -> i64 {
        self.origin.unwrap_or_default().saturating_add(number.saturating_mul(self.length))
    }

    /// Where a moment is on the line that the windows lie on.
    fn position(&self, moment: Moment) -> i64 {
        match self.is_by_clock {
            true => moment.unix_millis,
            false => i64::try_from(moment.monotonic.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// More than the window takes is let through when it is empty.
    fn needed(&self, weight: u64) -> u64 {
        weight.min(self.count)
    }
}

/// No time where it is below zero.
fn millis(length: i64) -> Duration {
    Duration::from_millis(u64::try_from(length).unwrap_or(0))
}
