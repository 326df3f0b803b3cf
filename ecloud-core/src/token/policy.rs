//! How platforms differ in what a refresh does.

use std::time::Duration;

/// What a platform's refresh does. [`TokenPolicy::default`] is the ecloud protocol's; a platform whose documentation is unclear is best
/// taken at its strictest.
///
/// ```
/// use std::time::Duration;
///
/// use ecloud_core::token::TokenPolicy;
///
/// // A platform that gives the same pair again unless the token has less than an hour to live.
/// let policy = TokenPolicy::default().with_early_refresh_noop(Duration::from_secs(3600));
/// assert!(policy.refresh_rotates);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPolicy {
    /// A refresh spends the refresh token and gives another one. Then only one refresh at a time may run, all processes together, and one whose answer was
    /// lost is sent again only within [`old_token_grace`](Self::old_token_grace). True unless set.
    pub refresh_rotates: bool,
    /// A refresh gives the access token a new life. Where it doesn't, nothing is refreshed ahead of the end, and at the end the shop has
    /// to authorise the application again. True unless set.
    pub refresh_extends: bool,
    /// A refresh that comes earlier than this before the access token's end gives the same pair again, so that none is sent before.
    /// `None` unless set: it always gives a new one.
    pub early_refresh_is_noop: Option<Duration>,
    /// How long the old pair still works after a refresh: so long a refresh whose answer was lost may be sent again. 60 seconds unless set.
    pub old_token_grace: Duration,
    /// How many refreshes of a shop may be made before the token's time: because the platform refused it, or the caller asked for one.
    pub forced_refresh_budget: ForcedRefreshBudget,
}

/// How many refreshes of a shop may be forced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForcedRefreshBudget {
    /// As many at most,
    pub count: u32,
    /// within this time,
    pub within: Duration,
    /// and no two closer together than this.
    pub apart: Duration,
}

impl Default for ForcedRefreshBudget {
    /// 60 an hour, a second apart: enough for any real trouble, and an end to a loop.
    fn default() -> Self {
        Self { count: 60, within: Duration::from_secs(3600), apart: Duration::from_secs(1) }
    }
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            refresh_rotates: true,
            refresh_extends: true,
            early_refresh_is_noop: None,
            old_token_grace: Duration::from_secs(60),
            forced_refresh_budget: ForcedRefreshBudget::default(),
        }
    }
}

impl TokenPolicy {
    /// A refresh leaves the refresh token as it is.
    #[must_use]
    pub fn without_rotation(mut self) -> Self {
        self.refresh_rotates = false;
        self
    }

    /// A refresh doesn't lengthen the access token's life.
    #[must_use]
    pub fn without_extension(mut self) -> Self {
        self.refresh_extends = false;
        self
    }

    /// A refresh earlier than `before_end` gives the same pair again.
    #[must_use]
    pub fn with_early_refresh_noop(mut self, before_end: Duration) -> Self {
        self.early_refresh_is_noop = Some(before_end);
        self
    }

    /// The old pair works this long after a refresh; zero: not at all.
    #[must_use]
    pub fn with_old_token_grace(mut self, grace: Duration) -> Self {
        self.old_token_grace = grace;
        self
    }

    /// At most so many forced refreshes of a shop.
    #[must_use]
    pub fn with_forced_refresh_budget(mut self, budget: ForcedRefreshBudget) -> Self {
        self.forced_refresh_budget = budget;
        self
    }
}

/// What a shop has spent of its forced refreshes.
#[derive(Debug, Default)]
pub(super) struct Forced {
    window_start: Duration,
    count: u32,
    last: Option<Duration>,
}

impl Forced {
    /// Takes one out of the budget, if there is one; times are monotonic.
    pub(super) fn take(&mut self, budget: &ForcedRefreshBudget, now: Duration) -> bool {
        if now.saturating_sub(self.window_start) >= budget.within {
            (self.window_start, self.count) = (now, 0);
        }
        let is_too_soon = self.last.is_some_and(|last| now.saturating_sub(last) < budget.apart);
        if is_too_soon || self.count >= budget.count {
            return false;
        }
        self.count += 1;
        self.last = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forced_refreshes_are_rationed_by_number_and_distance() {
        let budget = ForcedRefreshBudget { count: 2, within: Duration::from_secs(100), apart: Duration::from_secs(30) };
        let mut forced = Forced::default();
        let taken = [0, 29, 30, 60, 99, 100, 129, 130].map(|at| forced.take(&budget, Duration::from_secs(at)));
        assert_eq!(taken, [true, false, true, false, false, true, false, true]);
    }
}
