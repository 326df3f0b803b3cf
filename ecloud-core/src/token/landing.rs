//! What becomes of a refresh that has ended.

use std::sync::Arc;
use std::time::Duration;

use super::flight::{Ended, Flight};
use super::refresh::Failure;
use super::slot::{Current, Failed};
use super::tokens::Inner;
use super::{ReauthRequired, StoredToken};

/// How often a shop that has to authorise again is looked up in the store, where another process may have put its new pair.
const RECHECK: Duration = Duration::from_secs(10);

/// Puts what came of a refresh where it belongs, and tells those who wait; also where its task ends without an outcome.
pub(super) struct Landing {
    inner: Arc<Inner>,
    shop: Arc<str>,
    flight: Arc<Flight>,
    has_landed: bool,
}

impl Landing {
    pub(super) fn new(inner: Arc<Inner>, shop: Arc<str>, flight: Arc<Flight>) -> Self {
        Self { inner, shop, flight, has_landed: false }
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(super) fn shop(&self) -> &str {
        &self.shop
    }

    pub(super) fn land(mut self, outcome: Result<StoredToken, Failure>) {
        let taken = outcome.and_then(|stored| self.inner.current(stored).map_err(Failure::from));
        let (ended, event) = match taken {
            Ok(current) => (Ended::Done(self.succeed(current)), None),
            Err(failure) => self.fail(failure),
        };
        if let (Some(event), Some(listener)) = (&event, &self.inner.listener) {
            listener(event);
        }
        self.has_landed = true;
        self.leave();
        self.flight.end(ended);
    }

    fn succeed(&self, current: Arc<Current>) -> Arc<Current> {
        tracing::debug!("token refreshed");
        let clock = self.inner.clock();
        let mut shops = self.inner.shops();
        let slot = shops.slot(&self.shop, clock.now());
        let current = slot.take(current);
        // One that is still due, since somebody else refreshes it or nothing can, isn't looked at with each call.
        slot.failed = (clock.now() >= current.advisory_at).then(|| Failed {
            error: None,
            not_before: clock.monotonic().saturating_add(self.inner.pause(0)),
            times: 0,
            reason: None,
        });
        current
    }

    fn fail(&self, failure: Failure) -> (Ended, Option<ReauthRequired>) {
        let Failure { error, reason, stored, waits_for_end } = failure;
        let is_named = error.message().contains(&*self.shop);
        let error =
            if is_named { error } else { error.with_note(&format!("no new access token for shop `{}`", self.shop)) };
        let clock = self.inner.clock();
        let (now, monotonic) = (clock.now(), clock.monotonic());
        let seen = stored.and_then(|stored| self.inner.current(*stored).ok());
        let mut shops = self.inner.shops();
        let slot = shops.slot(&self.shop, now);
        if let (Some(seen), Some(current)) = (&seen, &slot.current)
            && current.stored.version > seen.stored.version
            && current.pair() != seen.pair()
        {
            // Meanwhile the shop was authorised anew.
            return (Ended::Done(current.clone()), None);
        }
        if let Some(seen) = seen {
            let is_dead = slot.current.as_ref().is_some_and(|current| current.is_dead && current.pair() == seen.pair());
            slot.current = Some(if is_dead { Arc::new(seen.due(true)) } else { seen });
        }
        let (times, was_told) =
            slot.failed.as_ref().map_or((0, false), |failed| (failed.times, failed.reason.is_some()));
        let times = times.saturating_add(1);
        let pause = if reason.is_some() { RECHECK } else { self.inner.pause(times - 1) };
        let living = slot.current.as_ref().filter(|current| current.lives(now));
        let left = living.and_then(|current| current.pair().expires_at()).and_then(|end| end.duration_since(now));
        let pause = if waits_for_end { left.unwrap_or(pause).max(pause) } else { pause };
        let served_until = left.map(|left| now + left);
        tracing::debug!(error.type = error.kind().as_str(), times, "token not refreshed");
        slot.failed =
            Some(Failed { error: Some(error.copy()), not_before: monotonic.saturating_add(pause), times, reason });
        let event = reason.filter(|_| !was_told).map(|reason| {
            tracing::warn!(%reason, "a shop has to authorise the application again");
            let (app, shop) = (self.inner.oauth.app().to_owned(), self.shop.to_string());
            ReauthRequired { app, shop, reason, at: now, served_until }
        });
        (Ended::Failed(Arc::new(error)), event)
    }

    /// The shop's next refresh may begin.
    fn leave(&self) {
        if let Some(slot) = self.inner.shops().get_mut(&self.shop)
            && slot.flight.as_ref().is_some_and(|flight| Arc::ptr_eq(flight, &self.flight))
        {
            slot.flight = None;
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if !self.has_landed {
            self.leave();
            self.flight.end(Ended::Abandoned);
        }
    }
}
