//! `Tokens`: each shop's access token, fresh when it is needed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::Instrument;

use super::builder::TokensBuilder;
use super::flight::{Ended, Flight};
use super::landing::Landing;
use super::reauth::not_authorised;
use super::refresh::{Job, Refresh, Unsaved};
use super::slot::{Current, Shops, Slot, Windows};
use super::{OAuth, ReauthRequired, StoredToken, Swap, TokenKey, TokenPair, TokenPolicy, TokenRecord, TokenStore};
use crate::client::AccessToken;
use crate::{Clock, Error, ErrorKind};

/// The longest pause after refreshes that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often a caller begins a refresh anew whose runtime was shut down under it.
const MOST_ABANDONED: u32 = 3;

/// The access tokens of all shops that an application works for: read from a store, refreshed ahead of their end, once for all callers.
///
/// Give it to [`ClientBuilder::tokens`](crate::ClientBuilder::tokens), or ask for [`access_token`](Self::access_token) yourself. It is cheap to clone,
/// and clones are the same. Nothing runs in the background unless [`keep_fresh`](Self::keep_fresh) is called.
///
/// | the access token | what a caller gets |
/// |---|---|
/// | has time | the token |
/// | has less than the advisory window | the token, and a refresh begins |
/// | has less than the mandatory window, or has ended | the new token, after the refresh; if that fails, the old one while it lives |
///
/// The [room's page](super) says how it is kept safe.
#[derive(Clone)]
pub struct Tokens {
    pub(super) inner: Arc<Inner>,
}

pub(super) type Listener = Box<dyn Fn(&ReauthRequired) + Send + Sync>;

pub(super) struct Inner {
    pub(super) oauth: OAuth,
    pub(super) store: Box<dyn TokenStore>,
    pub(super) policy: TokenPolicy,
    pub(super) windows: Windows,
    /// How long a refresh may ask the platform.
    pub(super) timeout: Duration,
    /// Names this one in leases.
    pub(super) holder: String,
    pub(super) listener: Option<Listener>,
    pub(super) shops: Mutex<Shops>,
}

/// What a caller does next.
enum Step {
    Take(AccessToken),
    Wait(Arc<Flight>),
}

impl Tokens {
    /// Tokens that are refreshed by this authorisation server, to be configured.
    pub fn builder(oauth: OAuth) -> TokensBuilder {
        TokensBuilder::new(oauth)
    }

    /// The authorisation server.
    pub fn oauth(&self) -> &OAuth {
        &self.inner.oauth
    }

    /// Stores the pair of a shop that has authorised the application, in place of any other.
    ///
    /// # Errors
    ///
    /// Those of the store. The pair is stored nowhere then: store it again.
    pub async fn put(&self, shop: &str, pair: TokenPair) -> Result<(), Error> {
        let key = self.inner.key(shop);
        let record = TokenRecord::new(pair);
        // What can't be read is replaced, too: the store has kept it aside.
        let mut expected = self.inner.store.load(&key).await.ok().flatten().map(|stored| stored.version);
        let version = loop {
            match self.inner.store.compare_and_swap(&key, expected, &record).await? {
                Swap::Done(version) => break version,
                Swap::Changed(now) => expected = now.map(|now| now.version),
            }
        };
        let current = self.inner.current(StoredToken::new(version, record))?;
        let mut shops = self.inner.shops();
        let slot = shops.slot(shop, self.inner.clock().now());
        slot.take(current);
        (slot.failed, slot.unsaved) = (None, None);
        Ok(())
    }

    /// Takes the shop's authorisation back, at the platform and here.
    ///
    /// # Errors
    ///
    /// Those of [`OAuth::revoke`], with which nothing is forgotten, and those of the store.
    pub async fn revoke(&self, shop: &str) -> Result<(), Error> {
        let key = self.inner.key(shop);
        if let Some(stored) = self.inner.store.load(&key).await? {
            let pair = &stored.record.pair;
            self.inner.oauth.revoke(pair.refresh_token().unwrap_or(pair.access_token())).await?;
        }
        self.forget(shop).await
    }

    /// Forgets the shop's pair, here and in the store. At the platform it goes on living.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn forget(&self, shop: &str) -> Result<(), Error> {
        self.inner.store.remove(&self.inner.key(shop)).await?;
        if let Some(slot) = self.inner.shops().get_mut(shop) {
            (slot.current, slot.failed, slot.unsaved) = (None, None, None);
        }
        Ok(())
    }

    /// The shop's access token, with time enough for a call.
    ///
    /// Dropping the future loses nothing: a refresh that it waits for goes on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ReauthRequired`] where the shop has to authorise the application (again), [`ErrorKind::TokenStore`] where the store fails,
    /// [`ErrorKind::Timeout`] where a refresh takes too long, and those of [`OAuth::refresh`]. All name the shop.
    pub async fn access_token(&self, shop: &str) -> Result<AccessToken, Error> {
        self.current(shop, None).await
    }

    /// Refreshes the shop's token now, whatever its age, within the policy's
    /// [`forced_refresh_budget`](TokenPolicy::forced_refresh_budget), and waits for the new one.
    ///
    /// # Errors
    ///
    /// Those of [`access_token`](Self::access_token); [`ErrorKind::Throttled`] where the budget is used up.
    pub async fn refresh(&self, shop: &str) -> Result<AccessToken, Error> {
        let old = self.current(shop, None).await?;
        self.give_up(shop, &old, false)?;
        self.obtain(shop, None, false).await
    }

    /// Waits until no refresh is under way: to be called before the runtime is shut down.
    pub async fn settled(&self) {
        loop {
            let flights: Vec<_> = self.inner.shops().iter().filter_map(|(_, slot)| slot.flight.clone()).collect();
            if flights.is_empty() {
                return;
            }
            for flight in flights {
                flight.ended().await;
            }
        }
    }

    /// The token at once, if it has time.
    pub(crate) fn ready(&self, shop: &str) -> Option<AccessToken> {
        let shops = self.inner.shops();
        let current = shops.get(shop)?.current.as_ref()?;
        (self.inner.clock().now() < current.advisory_at).then(|| current.token.clone())
    }

    /// The token, waited for no longer than `within`.
    pub(crate) async fn current(&self, shop: &str, within: Option<Duration>) -> Result<AccessToken, Error> {
        self.obtain(shop, within, true).await
    }

    /// Another token than the one that the platform says has ended.
    pub(crate) async fn replace(
        &self,
        shop: &str,
        ended: &AccessToken,
        within: Duration,
    ) -> Result<AccessToken, Error> {
        self.give_up(shop, ended, true)?;
        self.obtain(shop, Some(within), true).await
    }

    /// The platform doesn't know this token: the next call takes another one, from the store, where somebody else may have put it, or by a
    /// refresh, which tells whether the shop still wants this application.
    pub(crate) fn doubt(&self, shop: &str, token: &AccessToken) {
        // Without a refresh left in the budget it stays in use.
        let _ = self.give_up(shop, token, true);
    }

    /// Makes a token due at once, if it is still the one in use.
    fn give_up(&self, shop: &str, token: &AccessToken, is_dead: bool) -> Result<(), Error> {
        let monotonic = self.inner.clock().monotonic();
        let mut shops = self.inner.shops();
        let slot = shops.slot(shop, self.inner.clock().now());
        let Some(current) = slot.current.clone().filter(|current| current.is(token) && !current.is_dead) else {
            return Ok(());
        };
        if slot.flight.is_none() && !slot.forced.take(&self.inner.policy.forced_refresh_budget, monotonic) {
            let message = format!("shop `{shop}`: no forced refresh of its token is left in the policy's budget");
            return Err(Error::new(ErrorKind::Throttled, message));
        }
        slot.current = Some(Arc::new(current.due(is_dead)));
        if slot.failed.as_ref().is_some_and(|failed| failed.reason.is_none()) {
            slot.failed = None;
        }
        Ok(())
    }

    async fn obtain(&self, shop: &str, within: Option<Duration>, serve_old: bool) -> Result<AccessToken, Error> {
        let clock = self.inner.clock();
        let deadline = within.map(|within| clock.monotonic().saturating_add(within));
        for _ in 0..MOST_ABANDONED {
            let flight = match self.step(shop)? {
                Step::Take(token) => return Ok(token),
                Step::Wait(flight) => flight,
            };
            let ended = flight.wait(&**clock, deadline).await;
            let old = || {
                let now = clock.now();
                let shops = self.inner.shops();
                let current = shops.get(shop)?.current.as_ref().filter(|current| serve_old && current.lives(now))?;
                Some(current.token.clone())
            };
            match ended {
                Some(Ended::Done(current)) => return Ok(current.token.clone()),
                Some(Ended::Failed(error)) => return old().ok_or_else(|| error.copy()),
                None => {
                    let message = format!("shop `{shop}`: no new access token came in time");
                    return old().ok_or_else(|| Error::new(ErrorKind::Timeout, message));
                }
                Some(Ended::Abandoned) => {}
            }
        }
        let message = format!("shop `{shop}`: the refresh of its token was broken off");
        Err(Error::new(ErrorKind::OutcomeUnknown, message))
    }

    /// Looks at what is known of the shop, and begins a refresh where one is due.
    fn step(&self, shop: &str) -> Result<Step, Error> {
        let clock = self.inner.clock();
        let (now, monotonic) = (clock.now(), clock.monotonic());
        let mut shops = self.inner.shops();
        let slot = shops.slot(shop, now);
        if let Some(current) = slot.current.as_ref().filter(|current| now < current.advisory_at) {
            return Ok(Step::Take(current.token.clone()));
        }
        let begun = if slot.may_begin(now, monotonic) { self.begin(shop, slot) } else { Ok(()) };
        let living = slot.current.as_ref().filter(|current| current.lives(now));
        match (living, &slot.flight) {
            (Some(current), flight) if now < current.mandatory_at || flight.is_none() => {
                Ok(Step::Take(current.token.clone()))
            }
            (_, Some(flight)) => Ok(Step::Wait(flight.clone())),
            (_, None) => {
                begun?;
                let error = slot.failed.as_ref().and_then(|failed| failed.error.as_ref());
                Err(error.map_or_else(|| not_authorised(shop), Error::copy))
            }
        }
    }

    /// Begins a refresh, on a task of its own.
    fn begin(&self, shop: &str, slot: &mut Slot) -> Result<(), Error> {
        let outside =
            |_| Error::new(ErrorKind::Configuration, "tokens are refreshed on a tokio runtime, and here is none");
        let runtime = Handle::try_current().map_err(outside)?;
        // Somebody else's refresh may have to be waited out before this one begins.
        let longest = self.inner.lease_length().saturating_mul(2);
        let flight = Arc::new(Flight::new(self.inner.clock().monotonic().saturating_add(longest)));
        slot.flight = Some(flight.clone());
        let job = Job {
            seen: slot.current.as_ref().map(|current| current.pair().access_token().clone()),
            is_dead: slot.current.as_ref().is_some_and(|current| current.is_dead),
            refused: slot.failed.as_ref().and_then(|failed| failed.reason),
            unsaved: slot.unsaved.clone(),
        };
        let landing = Landing::new(self.inner.clone(), shop.into(), flight);
        let span = tracing::debug_span!("ecloud.token_refresh");
        runtime.spawn(
            async move {
                let outcome = Refresh::new(landing.inner(), landing.shop(), job).run().await;
                landing.land(outcome);
            }
            .instrument(span),
        );
        Ok(())
    }

    /// Begins a refresh for each of the shops in memory whose token is due, at most as many, and hands out what to wait for.
    pub(super) fn begin_due(&self, most: usize) -> Vec<Arc<Flight>> {
        let clock = self.inner.clock();
        let (now, monotonic) = (clock.now(), clock.monotonic());
        let mut shops = self.inner.shops();
        let is_due = |slot: &Slot| {
            let is_due = slot
                .current
                .as_ref()
                .is_some_and(|current| now >= current.advisory_at && current.pair().refresh_token().is_some());
            let is_over = slot.failed.as_ref().is_some_and(|failed| failed.reason.is_some());
            (is_due && !is_over || slot.unsaved.is_some()) && slot.may_begin(now, monotonic)
        };
        let due: Vec<_> =
            shops.iter().filter(|(_, slot)| is_due(slot)).map(|(shop, _)| shop.clone()).take(most).collect();
        due.iter()
            .filter_map(|shop| {
                let slot = shops.get_mut(shop)?;
                self.begin(shop, slot).ok()?;
                slot.flight.clone()
            })
            .collect()
    }
}

impl Inner {
    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        self.oauth.clock()
    }

    pub(super) fn key(&self, shop: &str) -> TokenKey {
        TokenKey::new(self.oauth.shared_app(), shop)
    }

    pub(super) fn shops(&self) -> MutexGuard<'_, Shops> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn current(&self, stored: StoredToken) -> Result<Arc<Current>, Error> {
        let fraction = self.oauth.random().fraction();
        let current = Current::new(stored, self.windows, &self.policy, fraction);
        current.map(Arc::new).ok_or_else(|| Error::new(ErrorKind::TokenStore, "the stored access token is malformed"))
    }

    /// How long a refresh may take: as long as it may ask, and until the last answer is there.
    pub(super) fn lease_length(&self) -> Duration {
        self.timeout.saturating_add(self.oauth.timeout())
    }

    /// Keeps a pair in mind until it is stored.
    pub(super) fn hold(&self, shop: &str, unsaved: Option<Arc<Unsaved>>) {
        self.shops().slot(shop, self.clock().now()).unsaved = unsaved;
    }

    /// How long until a refresh is tried again that has failed so often.
    pub(super) fn pause(&self, times: u32) -> Duration {
        let bound = Duration::from_secs(1).saturating_mul(1 << times.min(6)).min(LONGEST_PAUSE);
        bound.mul_f64(0.5 + self.oauth.random().fraction() / 2.0)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("app", &self.inner.oauth.app())
            .field("store", &self.inner.store)
            .field("shops", &*self.inner.shops())
            .finish_non_exhaustive()
    }
}
