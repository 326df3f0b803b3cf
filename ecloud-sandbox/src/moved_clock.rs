//! The system's clock, moved to another moment, from which it goes on.

use std::time::Duration;

use ecloud_core::{Clock, Pause, SystemClock, Timestamp};

/// A clock that shows a moment of one's choice when it is made, and then goes as fast as the system's.
///
/// For a client of a sandbox in another process whose time isn't ours: `ecloud-sandbox --examples` plays on 1 March 2026, which is further
/// away than a client corrects its clock.
#[derive(Debug)]
pub struct MovedClock {
    system: SystemClock,
    ahead_millis: i64,
}

impl MovedClock {
    /// A clock that shows `moment` now.
    pub fn starting_at(moment: Timestamp) -> Self {
        let system = SystemClock::new();
        let ahead_millis = moment.unix_millis().saturating_sub(system.now().unix_millis());
        Self { system, ahead_millis }
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        self.system.now().offset_by_millis(self.ahead_millis)
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Pause {
        self.system.sleep(duration)
    }

    fn expiry(&self, at: Duration) -> Pause {
        self.system.expiry(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_moment_that_it_starts_at() {
        let moment = Timestamp::from_unix_seconds(1_772_352_000);
        let now = MovedClock::starting_at(moment).now();
        assert!((0..60_000).contains(&(now.unix_millis() - moment.unix_millis())), "{now}");
    }
}
