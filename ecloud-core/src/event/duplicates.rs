//! Which events were handled: each is handled once, however often it is delivered.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::digest::{Name, name};
use crate::Clock;

/// Remembers which events were handled, and which are just being handled.
///
/// An event counts as handled when its [`Claim`] is [done](Claim::done); a claim that is dropped, because the work failed, panicked or was
/// cancelled, leaves no trace, and the next delivery is the first again.
///
/// Its memory is bounded: it remembers at most `capacity` events, for `window`, at about 100 bytes each. When it is full, the oldest are
/// forgotten, so a duplicate that comes after more than `capacity` others is handled again. It is this process's: several processes
/// behind one address, or one that was started anew, take what another has handled. Where that must not be, write the event's id in
/// the same transaction as its effect, under a unique key.
///
/// Clones are the same memory.
///
/// ```
/// use ecloud_core::ManualClock;
/// use ecloud_core::event::{Admission, DuplicateGuard};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// let clock = Arc::new(ManualClock::new(ecloud_core::Timestamp::UNIX_EPOCH));
/// let guard = DuplicateGuard::new(1000, Duration::from_secs(3600), clock);
/// if let Admission::First(claim) = guard.admit("E1") {
///     claim.done();
/// }
/// assert!(matches!(guard.admit("E1"), Admission::Done));
/// ```
#[derive(Clone)]
pub struct DuplicateGuard {
    shared: Arc<Shared>,
}

struct Shared {
    capacity: usize,
    window: Duration,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    known: HashMap<Name, State>,
    /// What is done, oldest first, by the monotonic clock: a clock that is set back changes nothing.
    by_age: VecDeque<(Duration, Name)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    UnderWay,
    Done,
}

/// Whether an event may be handled now.
#[derive(Debug)]
#[must_use = "a claim that is dropped leaves the event unhandled"]
pub enum Admission {
    /// Nobody has handled it.
    First(Claim),
    /// Another delivery of it is just being handled, and may still fail.
    UnderWay,
    /// It was handled.
    Done,
}

/// The right to handle an event, held by one at a time.
#[must_use = "a claim that is dropped leaves the event unhandled"]
pub struct Claim {
    shared: Arc<Shared>,
    name: Name,
    is_done: bool,
}

impl DuplicateGuard {
    /// A memory for at most `capacity` handled events, each for `window`.
    pub fn new(capacity: usize, window: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { shared: Arc::new(Shared { capacity, window, clock, seen: Mutex::default() }) }
    }

    /// Whether the event of this id may be handled. Asking and claiming are one step.
    pub fn admit(&self, id: &str) -> Admission {
        self.admit_name(name(&[id]))
    }

    pub(super) fn admit_name(&self, name: Name) -> Admission {
        let now = self.shared.clock.monotonic();
        let mut seen = self.shared.seen();
        seen.forget_before(now.saturating_sub(self.shared.window));
        match seen.known.get(&name) {
            Some(State::UnderWay) => Admission::UnderWay,
            Some(State::Done) => Admission::Done,
            None => {
                seen.known.insert(name, State::UnderWay);
                Admission::First(Claim { shared: Arc::clone(&self.shared), name, is_done: false })
            }
        }
    }

    /// How many events it knows, those under way too.
    pub fn len(&self) -> usize {
        self.shared.seen().known.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Claim {
    /// The event was handled: deliveries of it that come later are duplicates.
    pub fn done(mut self) {
        self.is_done = true;
        let now = self.shared.clock.monotonic();
        let mut seen = self.shared.seen();
        seen.known.insert(self.name, State::Done);
        seen.by_age.push_back((now, self.name));
        while seen.by_age.len() > self.shared.capacity {
            seen.forget_oldest();
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_done {
            self.shared.seen().known.remove(&self.name);
        }
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn forget_before(&mut self, moment: Duration) {
        while self.by_age.front().is_some_and(|(at, _)| *at < moment) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, name)) = self.by_age.pop_front() {
            self.known.remove(&name);
        }
    }
}

impl fmt::Debug for DuplicateGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DuplicateGuard")
            .field("capacity", &self.shared.capacity)
            .field("window", &self.shared.window)
            .field("known", &self.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, Timestamp};

    fn guard(capacity: usize) -> (DuplicateGuard, ManualClock) {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        (DuplicateGuard::new(capacity, Duration::from_secs(60), Arc::new(clock.clone())), clock)
    }

    fn handle(guard: &DuplicateGuard, id: &str) -> bool {
        match guard.admit(id) {
            Admission::First(claim) => {
                claim.done();
                true
            }
            Admission::UnderWay | Admission::Done => false,
        }
    }

    #[test]
    fn one_delivery_at_a_time_has_the_claim() {
        let (guard, _) = guard(10);
        let Admission::First(claim) = guard.admit("a") else { panic!("nobody has handled it") };
        assert!(matches!(guard.admit("a"), Admission::UnderWay));
        claim.done();
        assert!(matches!(guard.admit("a"), Admission::Done));
    }

    #[test]
    fn a_claim_that_is_dropped_leaves_no_trace() {
        let (guard, _) = guard(10);
        drop(guard.admit("a"));
        assert!(guard.is_empty() && handle(&guard, "a"));
    }

    #[test]
    fn a_claim_that_a_panic_drops_leaves_no_trace() {
        let (guard, _) = guard(10);
        let inside = guard.clone();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _claim = inside.admit("a");
            panic!("the work fails");
        }));
        assert!(outcome.is_err() && handle(&guard, "a"));
    }

    #[test]
    fn an_event_is_remembered_for_the_window_and_no_longer() {
        let (guard, clock) = guard(10);
        assert!(handle(&guard, "a"));
        clock.set_now(Timestamp::MIN);
        clock.advance(Duration::from_secs(60));
        assert!(!handle(&guard, "a"));
        clock.advance(Duration::from_millis(1));
        assert!(handle(&guard, "a"));
    }

    #[test]
    fn the_oldest_are_forgotten_when_it_is_full_and_nothing_that_is_under_way() {
        let (guard, _) = guard(3);
        let under_way = guard.admit("x");
        for id in ["a", "b", "c", "d"] {
            assert!(handle(&guard, id));
        }
        assert_eq!(guard.len(), 4, "three, and the one under way");
        assert!(!handle(&guard, "x") && !handle(&guard, "d") && !handle(&guard, "b"));
        assert!(handle(&guard, "a"));
        drop(under_way);
    }
}
