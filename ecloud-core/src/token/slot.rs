//! What is known in memory of each shop.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::flight::Flight;
use super::policy::Forced;
use super::refresh::Unsaved;
use super::{ReauthReason, StoredToken, TokenPair, TokenPolicy};
use crate::client::AccessToken;
use crate::{Error, Timestamp};

/// When a refresh is due, before the access token's end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// From here on it is refreshed while the old token is served.
    pub(super) advisory: Duration,
    /// From here on callers wait for the new one.
    pub(super) mandatory: Duration,
}

impl Windows {
    /// The windows of one pair: at most a quarter and a tenth of its life, so that a new token is never due at once, and not where a refresh
    /// would change nothing.
    fn of(self, pair: &TokenPair, policy: &TokenPolicy) -> Self {
        let life = pair.expires_at().and_then(|end| end.duration_since(pair.issued_at())).unwrap_or_default();
        let changes = policy.refresh_extends && pair.refresh_token().is_some();
        let most = if changes { policy.early_refresh_is_noop.unwrap_or(Duration::MAX) } else { Duration::ZERO };
        Self { advisory: self.advisory.min(life / 4).min(most), mandatory: self.mandatory.min(life / 10).min(most) }
    }

    /// From when on callers wait for a new token.
    pub(super) fn mandatory_at(self, pair: &TokenPair, policy: &TokenPolicy) -> Timestamp {
        before_end(pair, self.of(pair, policy).mandatory)
    }

    /// From when on a new token is fetched ahead; `fraction` is from 0 to 1, and moves it through the first half of the window, so that
    /// tokens that were given together are not refreshed together.
    fn advisory_at(self, pair: &TokenPair, policy: &TokenPolicy, fraction: f64) -> Timestamp {
        let window = self.of(pair, policy);
        before_end(pair, window.advisory.mul_f64(1.0 - fraction / 2.0).max(window.mandatory))
    }
}

fn before_end(pair: &TokenPair, window: Duration) -> Timestamp {
    pair.expires_at().map_or(Timestamp::MAX, |end| end - window)
}

/// A token as it is handed out.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) token: AccessToken,
    pub(super) stored: StoredToken,
    pub(super) advisory_at: Timestamp,
    pub(super) mandatory_at: Timestamp,
    /// The platform has said that it has ended, whatever its expiry says.
    pub(super) is_dead: bool,
}

impl Current {
    /// Nothing for a pair whose access token fits in no header, which none is that was checked.
    pub(super) fn new(stored: StoredToken, windows: Windows, policy: &TokenPolicy, fraction: f64) -> Option<Self> {
        let pair = &stored.record.pair;
        Some(Self {
            token: AccessToken::new(pair.access_token().expose())?,
            advisory_at: windows.advisory_at(pair, policy, fraction),
            mandatory_at: windows.mandatory_at(pair, policy),
            is_dead: false,
            stored,
        })
    }

    /// The same, due at once; dead, if the platform has refused it.
    pub(super) fn due(&self, is_dead: bool) -> Self {
        Self {
            token: self.token.clone(),
            stored: self.stored.clone(),
            advisory_at: Timestamp::MIN,
            mandatory_at: Timestamp::MIN,
            is_dead,
        }
    }

    pub(super) fn pair(&self) -> &TokenPair {
        &self.stored.record.pair
    }

    pub(super) fn lives(&self, now: Timestamp) -> bool {
        !self.is_dead && self.pair().lives(now)
    }

    pub(super) fn is(&self, token: &AccessToken) -> bool {
        self.token.bearer() == token.bearer()
    }
}

/// The last refresh has failed, or has come to nothing: the next one waits a little.
#[derive(Debug)]
pub(super) struct Failed {
    /// What callers are told who have no other token.
    pub(super) error: Option<Error>,
    /// No refresh before, in monotonic time.
    pub(super) not_before: Duration,
    /// How many have failed in a row.
    pub(super) times: u32,
    /// The shop has to authorise the application again.
    pub(super) reason: Option<ReauthReason>,
}

/// What is known of a shop.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) current: Option<Arc<Current>>,
    pub(super) flight: Option<Arc<Flight>>,
    pub(super) failed: Option<Failed>,
    pub(super) forced: Forced,
    /// A pair that the platform has given and the store has not taken.
    pub(super) unsaved: Option<Arc<Unsaved>>,
}

impl Slot {
    /// Whether a refresh may begin now.
    pub(super) fn may_begin(&self, now: Timestamp, monotonic: Duration) -> bool {
        let pauses = self.failed.as_ref().is_some_and(|failed| {
            let has_answer = failed.error.is_some() || self.current.as_ref().is_some_and(|current| current.lives(now));
            has_answer && monotonic < failed.not_before
        });
        self.flight.is_none() && !pauses
    }

    /// Takes a token in, unless it knows a newer one.
    pub(super) fn take(&mut self, new: Arc<Current>) -> Arc<Current> {
        match &self.current {
            Some(current) if current.stored.version > new.stored.version => current.clone(),
            _ => {
                self.current = Some(new.clone());
                new
            }
        }
    }

    /// Whether nothing is lost by forgetting it: what it knows stands in the store.
    fn is_idle(&self, now: Timestamp) -> bool {
        let is_ended = self.current.as_ref().is_none_or(|current| !current.lives(now));
        let is_told = self.failed.as_ref().is_some_and(|failed| failed.reason.is_some());
        is_ended && !is_told && self.flight.is_none() && self.unsaved.is_none()
    }
}

/// The shops in use.
#[derive(Default)]
pub(super) struct Shops {
    slots: HashMap<Arc<str>, Slot>,
    /// Those that are idle are forgotten when there are as many.
    sweep_at: usize,
}

/// So few are never swept.
const SMALLEST_SWEEP: usize = 1024;

impl Shops {
    pub(super) fn get(&self, shop: &str) -> Option<&Slot> {
        self.slots.get(shop)
    }

    pub(super) fn get_mut(&mut self, shop: &str) -> Option<&mut Slot> {
        self.slots.get_mut(shop)
    }

    /// The shop's slot, made where there is none.
    pub(super) fn slot(&mut self, shop: &str, now: Timestamp) -> &mut Slot {
        if !self.slots.contains_key(shop) {
            if self.slots.len() >= self.sweep_at.max(SMALLEST_SWEEP) {
                self.slots.retain(|_, slot| !slot.is_idle(now));
                self.sweep_at = 2 * self.slots.len();
            }
            self.slots.insert(shop.into(), Slot::default());
        }
        self.slots.get_mut(shop).expect("it was put in above")
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Slot)> {
        self.slots.iter()
    }
}

impl fmt::Debug for Shops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shops").field("count", &self.slots.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows { advisory: Duration::from_secs(600), mandatory: Duration::from_secs(60) };

    fn pair(life: i64) -> TokenPair {
        let pair = TokenPair::new("a", Timestamp::UNIX_EPOCH).unwrap().with_refresh_token("r").unwrap();
        pair.with_expiry(Timestamp::from_unix_seconds(life))
    }

    #[test]
    fn windows_shrink_with_the_tokens_life_and_where_a_refresh_changes_nothing() {
        let standard = TokenPolicy::default();
        let noop = TokenPolicy::default().with_early_refresh_noop(Duration::from_secs(300));
        let stays = TokenPolicy::default().without_extension();
        for (life, policy, advisory, mandatory) in [
            (7200, &standard, 6600, 7140),
            (60, &standard, 45, 54),
            (7200, &noop, 6900, 7140),
            (7200, &stays, 7200, 7200),
            (0, &standard, 0, 0),
        ] {
            let at = |moment: Timestamp| moment.unix_seconds();
            assert_eq!(at(WINDOWS.advisory_at(&pair(life), policy, 0.0)), advisory, "{life} {policy:?}");
            assert_eq!(at(WINDOWS.mandatory_at(&pair(life), policy)), mandatory, "{life} {policy:?}");
        }
        let forever = TokenPair::new("a", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(WINDOWS.advisory_at(&forever, &standard, 0.5), Timestamp::MAX);
    }

    #[test]
    fn jitter_stays_in_the_first_half_of_the_window() {
        let at = |fraction| WINDOWS.advisory_at(&pair(7200), &TokenPolicy::default(), fraction).unix_seconds();
        assert_eq!((at(0.0), at(0.5), at(0.999) <= 6900), (6600, 6750, true));
    }

    #[test]
    fn shops_that_are_idle_are_forgotten_and_others_are_not() {
        let mut shops = Shops::default();
        for number in 0..10_000 {
            let slot = shops.slot(&number.to_string(), Timestamp::UNIX_EPOCH);
            if number % 100 == 0 {
                let stored = StoredToken::new(1, super::super::TokenRecord::new(pair(7200)));
                slot.current = Current::new(stored, WINDOWS, &TokenPolicy::default(), 0.0).map(Arc::new);
            }
        }
        assert!(shops.slots.len() <= 2048, "{}", shops.slots.len());
        assert_eq!(shops.slots.values().filter(|slot| slot.current.is_some()).count(), 100);
    }
}
