//! Where data keys come from: fetched by whoever needs them first, for all shops of a client.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::Method;
use tokio::sync::Mutex;

use super::in_request::Sealer;
use super::key_ring::KeyRing;
use super::kind::Kind;
use super::{Sensitive, SensitiveState};
use crate::{Error, ErrorKind, Shop};

/// How long keys are used before [`DataKeys::load`] fetches them again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How often an unknown key id may make the keys be fetched again: whoever sends ciphertext chooses its ids.
const BETWEEN_REFETCHES: Duration = Duration::from_secs(30);
/// How many unknown ids are remembered.
const MOST_UNKNOWN: usize = 64;

/// The application's data keys, with which a shop's personal fields are encrypted when they are sent and opened when they come.
///
/// They are the client's, whichever of its shops fetched them, and stay in its memory. [Loaded](Self::load) once, they encrypt each
/// [plain](Sensitive::plain) field of each request on its way out; a request that holds one before is refused and never sent in the clear.
/// The shop's [id](Shop::id) is bound to each ciphertext, so it has to be the one that the platform knows the shop by.
///
/// Call `load` before each write of personal data if you like: it costs nothing while the keys are younger than an hour, and all callers
/// wait for one request.
///
/// ```no_run
/// # async fn example(client: ecloud_core::Client) -> Result<(), ecloud_core::Error> {
/// let shop = client.for_shop("shop-42").access_token("the shop's token");
/// shop.data_keys().load().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct DataKeys {
    shop: Shop,
}

/// What all shops of a client share.
#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    held: RwLock<Held>,
    /// The turn to fetch.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    ring: Option<Arc<KeyRing>>,
    fetched_at: Duration,
    /// When keys were last asked for, whatever came of it.
    asked_at: Option<Duration>,
    /// How often keys were asked for.
    count: u64,
    /// What came of the last time, if it failed.
    failure: Option<(ErrorKind, String)>,
    /// Key ids that were still unknown after keys had been fetched because of them: the platform's own, mostly.
    unknown: HashSet<Box<str>>,
}

impl KeyCache {
    pub(super) fn ring(&self) -> Option<Arc<KeyRing>> {
        self.read(|held| held.ring.clone())
    }

    /// Whether fetching keys may make this id known.
    pub(super) fn may_learn(&self, id: &str) -> bool {
        self.read(|held| held.ring.as_ref().is_some_and(|ring| ring.get(id).is_none()) && !held.unknown.contains(id))
    }

    /// Notes that keys were fetched and this id isn't among them.
    pub(super) fn note_unknown(&self, id: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let is_unknown = held.ring.as_ref().is_some_and(|ring| ring.get(id).is_none());
        if is_unknown && held.unknown.len() < MOST_UNKNOWN {
            held.unknown.insert(id.into());
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Held) -> T) -> T {
        read(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shop {
    /// The application's data keys, as this shop uses them.
    pub fn data_keys(&self) -> DataKeys {
        DataKeys { shop: self.clone() }
    }
}

impl DataKeys {
    /// Sees to it that keys are at hand: fetches them (`GET /security/v1/data-keys`, scope `security:data-keys`) unless some are there that
    /// are younger than an hour. Where fetching fails, older ones go on being used, since the platform reads them for ever.
    ///
    /// # Errors
    ///
    /// Those of the call, where there are no keys at all; [`ErrorKind::InvalidResponse`] where the platform's can't be used.
    pub async fn load(&self) -> Result<(), Error> {
        let now = self.now();
        let (is_fresh, is_held) = self
            .cache()
            .read(|held| (held.ring.is_some() && now.saturating_sub(held.fetched_at) < FRESH, held.ring.is_some()));
        if is_fresh {
            return Ok(());
        }
        match self.refresh().await {
            Err(error) if is_held => {
                tracing::warn!(error.kind = ?error.kind(), "the data keys could not be renewed; the old ones are used");
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Fetches the keys, however fresh they are. Callers who come while that is under way share its outcome.
    ///
    /// # Errors
    ///
    /// Those of the call; [`ErrorKind::InvalidResponse`] where the platform's keys can't be used.
    pub async fn refresh(&self) -> Result<(), Error> {
        let cache = self.cache();
        let before = cache.read(|held| held.count);
        let _turn = cache.turn.lock().await;
        if let Some(outcome) = cache.read(|held| (held.count != before).then(|| held.outcome())) {
            return outcome;
        }
        let fetched = self.fetch().await;
        let mut held = cache.held.write().unwrap_or_else(PoisonError::into_inner);
        held.count += 1;
        held.asked_at = Some(self.now());
        match fetched {
            Ok(ring) => {
                held.ring = Some(Arc::new(ring));
                held.fetched_at = self.now();
                held.failure = None;
                Ok(())
            }
            Err(error) => {
                held.failure = Some((error.kind(), error.to_string()));
                Err(error)
            }
        }
    }

    async fn fetch(&self) -> Result<KeyRing, Error> {
        let request = self.shop.request(Method::GET, "/security/v1/data-keys").quota("security.data_keys", 1);
        let answer = request.send_raw().await?;
        KeyRing::read(answer.body)
    }

    /// Fetches the keys again if one of these ids is unknown, unless that was done just now, or was of no use before.
    pub(super) async fn learn(&self, ids: impl Iterator<Item = &str> + Clone) {
        let cache = self.cache();
        let asked_at = cache.read(|held| held.asked_at);
        let is_early = asked_at.is_some_and(|at| self.now().saturating_sub(at) < BETWEEN_REFETCHES);
        if is_early || !ids.clone().any(|id| cache.may_learn(id)) {
            return;
        }
        // The platform opens what no key of ours does, so a failure costs no field.
        if self.refresh().await.is_ok() {
            ids.for_each(|id| cache.note_unknown(id));
        }
    }

    /// Whether keys are at hand, and so whether plain fields can be sent.
    pub fn is_loaded(&self) -> bool {
        self.cache().read(|held| held.ring.is_some())
    }

    /// The id of the key that plain fields are encrypted with; `None` before keys were loaded.
    pub fn active_key_id(&self) -> Option<String> {
        self.cache().ring().map(|ring| ring.active().id().to_owned())
    }

    /// Encrypts a plain field now instead of when it is sent, so that it can be stored: what comes of it is the same model field with mask and
    /// ciphertext. Any other field comes back as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where no keys are loaded or the shop has no id.
    pub fn seal<K: Kind>(&self, field: &Sensitive<K>) -> Result<Sensitive<K>, Error> {
        if field.state() != SensitiveState::Plain {
            return Ok(field.clone());
        }
        let _sealer = Sealer::enter(&self.shop);
        field.sealed().map_err(|reason| Error::new(ErrorKind::InvalidRequest, reason))
    }

    pub(super) fn cache(&self) -> &KeyCache {
        &self.shop.client().inner.data_keys
    }

    fn now(&self) -> Duration {
        self.shop.client().inner.clock.monotonic()
    }
}

impl Held {
    /// What those are told who waited for another's request.
    fn outcome(&self) -> Result<(), Error> {
        match &self.failure {
            None => Ok(()),
            Some((kind, message)) => {
                Err(Error::new(*kind, format!("another call for the data keys failed: {message}")))
            }
        }
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKeys").field("shop", &self.shop).field("active", &self.active_key_id()).finish()
    }
}
