//! How new what was handled is: an event that comes late must not undo a later one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::EventObject;
use super::digest::{Name, name};

/// Remembers the newest version of each object that was handled.
///
/// Its memory is bounded: at most `capacity` objects, at about 150 bytes each. When it is full, the objects whose events were handled
/// longest ago are forgotten, and the next event of such an object counts as its newest. It is this process's, as a
/// [`DuplicateGuard`](super::DuplicateGuard) is: where an old state must never win, compare versions where you write.
///
/// ```
/// use ecloud_core::event::{EventObject, VersionGuard};
///
/// let guard = VersionGuard::new(1000);
/// let order = EventObject { kind: "order", id: "T1001" };
/// guard.handled("demo-shop", order, 3);
/// assert!(guard.is_stale("demo-shop", order, 2));
/// assert!(!guard.is_stale("demo-shop", order, 4));
/// ```
pub struct VersionGuard {
    capacity: usize,
    newest: Mutex<Newest>,
}

#[derive(Default)]
struct Newest {
    /// Version, and the turn at which it was handled.
    by_name: HashMap<Name, (u64, u64)>,
    by_turn: BTreeMap<u64, Name>,
    turn: u64,
}

impl VersionGuard {
    /// A memory for at most `capacity` objects.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, newest: Mutex::default() }
    }

    /// Whether a newer version of this object was handled. The same version is not stale: one change can make several events.
    pub fn is_stale(&self, shop_id: &str, object: EventObject<'_>, version: u64) -> bool {
        let newest = self.newest();
        newest.by_name.get(&named(shop_id, object)).is_some_and(|(handled, _)| version < *handled)
    }

    /// An event of this version of the object was handled.
    pub fn handled(&self, shop_id: &str, object: EventObject<'_>, version: u64) {
        let name = named(shop_id, object);
        let mut newest = self.newest();
        newest.turn += 1;
        let turn = newest.turn;
        let (before, forgotten) = match newest.by_name.get(&name) {
            Some((before, turn)) => (*before, Some(*turn)),
            None => (version, None),
        };
        if let Some(turn) = forgotten {
            newest.by_turn.remove(&turn);
        }
        newest.by_name.insert(name, (version.max(before), turn));
        newest.by_turn.insert(turn, name);
        while newest.by_name.len() > self.capacity {
            let Some((_, oldest)) = newest.by_turn.pop_first() else { break };
            newest.by_name.remove(&oldest);
        }
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn named(shop_id: &str, object: EventObject<'_>) -> Name {
    name(&[shop_id, object.kind, object.id])
}

impl fmt::Debug for VersionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VersionGuard").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: &str) -> EventObject<'_> {
        EventObject { kind: "order", id }
    }

    #[test]
    fn only_a_version_below_the_newest_is_stale() {
        let guard = VersionGuard::new(10);
        guard.handled("s", order("a"), 5);
        guard.handled("s", order("a"), 3);
        for (version, stale) in [(0, true), (4, true), (5, false), (u64::MAX, false)] {
            assert_eq!(guard.is_stale("s", order("a"), version), stale, "{version}");
        }
    }

    #[test]
    fn objects_of_another_kind_or_shop_have_versions_of_their_own() {
        let guard = VersionGuard::new(10);
        guard.handled("s", order("a"), 5);
        assert!(!guard.is_stale("t", order("a"), 1));
        assert!(!guard.is_stale("s", EventObject { kind: "refund", id: "a" }, 1));
        assert!(!guard.is_stale("sorder", EventObject { kind: "", id: "a" }, 1));
    }

    #[test]
    fn those_handled_longest_ago_are_forgotten_when_it_is_full() {
        let guard = VersionGuard::new(2);
        for id in ["a", "b", "a", "c"] {
            guard.handled("s", order(id), 5);
        }
        assert!(guard.is_stale("s", order("a"), 1) && guard.is_stale("s", order("c"), 1));
        assert!(!guard.is_stale("s", order("b"), 1));
        let newest = guard.newest();
        assert_eq!((newest.by_name.len(), newest.by_turn.len()), (2, 2));
    }
}
