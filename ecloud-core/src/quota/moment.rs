//! A moment as quotas see it.

use std::time::Duration;

/// A moment, in both ways of counting: what fills at a rate goes by monotonic time, what begins anew at midnight by the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) monotonic: Duration,
    /// By the platform's clock, as far as it is known; 0 where no quota goes by it.
    pub(crate) unix_millis: i64,
}

/// Whole milliseconds, rounded up.
pub(super) fn millis_up(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}
