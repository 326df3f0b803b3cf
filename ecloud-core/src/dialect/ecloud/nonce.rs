//! Nonces that were seen: a request is taken once.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::NONCE_SECONDS;
use super::rejection::Rejection;
use crate::Timestamp;

/// Remembers the nonces of each application for 900 seconds.
///
/// Looking up and recording are one atomic step, and nothing is forgotten early: when it is full, requests are refused with
/// `server.unavailable` until the oldest have expired.
pub struct NonceMemory {
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    known: HashSet<Box<str>>,
    by_age: VecDeque<(Timestamp, Box<str>)>,
    latest: Option<Timestamp>,
}

impl NonceMemory {
    /// A memory for `capacity` nonces of all applications together.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, seen: Mutex::default() }
    }

    /// Records a nonce at the platform's time.
    ///
    /// # Errors
    ///
    /// [`Rejection`]: `auth.replayed` where this application used it within the last 900 seconds, `server.unavailable` where there is no room.
    pub fn record(&self, app_key: &str, nonce: &str, now: Timestamp) -> Result<(), Rejection> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back must not shorten what is remembered.
        let now = seen.latest.map_or(now, |latest| latest.max(now));
        seen.latest = Some(now);
        while let Some((recorded, _)) = seen.by_age.front() {
            if now.duration_since(*recorded).is_none_or(|age| age.as_millis() <= u128::from(NONCE_SECONDS) * 1000) {
                break;
            }
            if let Some((_, key)) = seen.by_age.pop_front() {
                seen.known.remove(&key);
            }
        }
        // Neither part can hold a blank.
        let key: Box<str> = format!("{app_key} {nonce}").into();
        if seen.known.contains(&key) {
            return Err(Rejection::new(401, "auth.replayed", "this nonce was used before"));
        }
        if seen.known.len() >= self.capacity {
            return Err(Rejection::new(503, "server.unavailable", "too many requests to remember their nonces"));
        }
        seen.by_age.push_back((now, key.clone()));
        seen.known.insert(key);
        Ok(())
    }

    /// Shows each nonce that is remembered, oldest first, with its application and when it was recorded: what is [recorded](Self::record)
    /// in another memory in this order is remembered there as it is here.
    pub fn each(&self, mut see: impl FnMut(&str, &str, Timestamp)) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (recorded, key) in &seen.by_age {
            if let Some((app_key, nonce)) = key.split_once(' ') {
                see(app_key, nonce, *recorded);
            }
        }
    }
}

impl fmt::Debug for NonceMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceMemory").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(outcome: Result<(), Rejection>) -> Option<&'static str> {
        outcome.err().map(|rejection| rejection.code())
    }

    #[test]
    fn a_nonce_is_taken_once_in_900_seconds_by_each_application() {
        let memory = NonceMemory::new(10);
        let at = Timestamp::from_unix_seconds;
        assert_eq!(code(memory.record("a", "n", at(0))), None);
        assert_eq!(code(memory.record("b", "n", at(0))), None);
        assert_eq!(code(memory.record("a", "n", at(900))), Some("auth.replayed"));
        assert_eq!(code(memory.record("a", "n", at(901))), None);
    }

    #[test]
    fn what_one_memory_shows_another_can_record() {
        let (memory, other) = (NonceMemory::new(10), NonceMemory::new(10));
        let at = Timestamp::from_unix_seconds;
        for (nonce, seconds) in [("1", 0), ("2", 500)] {
            assert_eq!(code(memory.record("a", nonce, at(seconds))), None);
        }
        memory.each(|app_key, nonce, recorded| assert_eq!(code(other.record(app_key, nonce, recorded)), None));
        for memory in [memory, other] {
            assert_eq!(code(memory.record("a", "1", at(901))), None);
            assert_eq!(code(memory.record("a", "2", at(901))), Some("auth.replayed"));
        }
    }

    #[test]
    fn full_memory_forgets_nothing_early() {
        let memory = NonceMemory::new(1);
        let at = Timestamp::from_unix_seconds;
        assert_eq!(code(memory.record("a", "1", at(0))), None);
        assert_eq!(code(memory.record("a", "2", at(1))), Some("server.unavailable"));
        assert_eq!(code(memory.record("a", "1", at(2))), Some("auth.replayed"));
        assert_eq!(code(memory.record("a", "2", at(1000))), None);
    }

    #[test]
    fn a_clock_that_is_set_back_shortens_nothing() {
        let memory = NonceMemory::new(10);
        let at = Timestamp::from_unix_seconds;
        assert_eq!(code(memory.record("a", "1", at(1000))), None);
        assert_eq!(code(memory.record("a", "2", at(0))), None);
        assert_eq!(code(memory.record("a", "1", at(50))), Some("auth.replayed"));
    }
}
