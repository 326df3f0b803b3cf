//! A platform's keys as they change.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;

use super::compact::Compact;
use super::fetch;
use super::header::Header;
use super::key_set::KeySet;
use crate::endpoint::Address;
use crate::transport::Transport;
use crate::{Clock, Error, ErrorKind};

/// How long after a failure nobody asks again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long keys are used at most when they can't be fetched again: a key that was withdrawn must come to an end.
const LONGEST_USE: Duration = Duration::from_secs(24 * 60 * 60);

/// A platform's keys: fetched once, kept, and fetched again for a key that isn't among them.
///
/// However many tokens name keys that nobody has, the platform is asked once in a while only ([`min_interval`](Self::min_interval)), and by one
/// caller for all. Keys that are older than [`max_age`](Self::max_age) are fetched again, and still used where that fails, for a day at most. There
/// is no task in the background: whoever needs keys fetches them, and a future that is dropped leaves it to the next one.
///
/// Clones share what was fetched.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use ecloud_core::SystemClock;
/// use ecloud_core::jwt::{Claims, Jwks, Verifier};
/// # use ecloud_core::{Clock, transport::Transport};
///
/// # async fn example(transport: impl Transport, token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Arc::new(SystemClock::new());
/// let jwks = Jwks::fetched("https://open.example.com/.well-known/jwks.json", transport, clock.clone())?;
/// let verifier = Verifier::new("https://open.example.com");
///
/// // For each request:
/// let keys = jwks.keys_for(token).await?;
/// let claims: Claims = verifier.verify(&keys, token, "demo-app", clock.now())?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Jwks {
    source: Option<Arc<Source>>,
    kept: Arc<Mutex<Kept>>,
    /// Held by the one who fetches.
    fetching: Arc<tokio::sync::Mutex<()>>,
    min_interval: Duration,
    max_age: Duration,
}

struct Source {
    uri: Uri,
    transport: Box<dyn Transport>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Kept {
    keys: Arc<KeySet>,
    /// When the keys came, in monotonic time; `None` until they have.
    fetched_at: Option<Duration>,
    asked_at: Option<Duration>,
    last_failed: bool,
}

/// What the kept keys are good for.
#[derive(PartialEq)]
enum Standing {
    /// The key is there.
    Good,
    /// The key is there, and it is time to look whether it still is.
    Aged,
    /// The key isn't there.
    Missing,
}

impl Jwks {
    /// Keys that never change.
    pub fn fixed(keys: KeySet) -> Self {
        let kept = Kept { keys: Arc::new(keys), ..Kept::default() };
        Self::new(None, kept)
    }

    /// Keys that are published at this address: `https`, or `http` on this machine. Nothing is fetched yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the address isn't one.
    pub fn fetched(address: &str, transport: impl Transport, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let refused = |error: &Error| {
            let reason = error.message().strip_prefix("endpoint: ").unwrap_or(error.message());
            Error::new(ErrorKind::Configuration, format!("key set: {reason}"))
        };
        let address = Address::parse(address, &[]).map_err(|error| refused(&error))?;
        let uri = address.to_string().parse();
        let uri = uri.map_err(|_| Error::new(ErrorKind::Configuration, "key set: the address is none"))?;
        let source = Source { uri, transport: Box::new(transport), clock };
        Ok(Self::new(Some(Arc::new(source)), Kept::default()))
    }

    fn new(source: Option<Arc<Source>>, kept: Kept) -> Self {
        Self {
            source,
            kept: Arc::new(Mutex::new(kept)),
            fetching: Arc::default(),
            min_interval: Duration::from_secs(30),
            max_age: Duration::from_secs(60 * 60),
        }
    }

    /// How long after the keys were fetched they aren't fetched again, whatever keys tokens name; 30 seconds unless set. A failure is tried
    /// again after 5 seconds, or after this if it is less.
    #[must_use]
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// After how long keys are fetched again although nothing is missing; an hour unless set.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// The keys to verify this token with. They are fetched if the token is a JWT that names a key which isn't among those that are kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unavailable`], [`ErrorKind::InvalidResponse`] or [`ErrorKind::ResponseTooLarge`] where there are no keys at all: that says
    /// nothing about the token.
    pub async fn keys_for(&self, token: &str) -> Result<Arc<KeySet>, Error> {
        let header = Compact::split(token).and_then(|compact| Header::read(&compact.header()?).ok());
        match (&self.source, header) {
            (Some(source), Some(header)) => self.keys_with(source, &header.key_id).await,
            // Keys are of no use for what is no JWT: nobody should have to wait for them.
            _ => Ok(self.kept().keys.clone()),
        }
    }

    async fn keys_with(&self, source: &Source, id: &str) -> Result<Arc<KeySet>, Error> {
        match self.standing(source, id) {
            Standing::Good => {}
            // One looks; the others go on with what there is.
            Standing::Aged => {
                if let Ok(_guard) = self.fetching.try_lock()
                    && self.is_due(source)
                {
                    self.fetch(source).await.ok();
                }
            }
            Standing::Missing => {
                let _guard = self.fetching.lock().await;
                if self.standing(source, id) == Standing::Missing
                    && self.is_due(source)
                    && let Err(error) = self.fetch(source).await
                    && !self.is_usable(source)
                {
                    return Err(error);
                }
            }
        }
        if !self.is_usable(source) {
            let message = "there are no keys: fetching them failed a moment ago";
            return Err(Error::new(ErrorKind::Unavailable, message).with_retry_after(Some(AFTER_FAILURE)));
        }
        Ok(self.kept().keys.clone())
    }

    fn standing(&self, source: &Source, id: &str) -> Standing {
        let age = self.age(source);
        match self.kept().keys.has(id) {
            true if age.is_some_and(|age| age < self.max_age) => Standing::Good,
            true if age.is_some_and(|age| age < LONGEST_USE) => Standing::Aged,
            _ => Standing::Missing,
        }
    }

    fn age(&self, source: &Source) -> Option<Duration> {
        Some(source.clock.monotonic().saturating_sub(self.kept().fetched_at?))
    }

    fn is_usable(&self, source: &Source) -> bool {
        self.age(source).is_some_and(|age| age < LONGEST_USE)
    }

    /// Whether the platform may be asked again.
    fn is_due(&self, source: &Source) -> bool {
        let kept = self.kept();
        let pause = if kept.last_failed { AFTER_FAILURE.min(self.min_interval) } else { self.min_interval };
        kept.asked_at.is_none_or(|at| source.clock.monotonic().saturating_sub(at) >= pause)
    }

    async fn fetch(&self, source: &Source) -> Result<(), Error> {
        {
            // Written down beforehand: a future that is dropped has asked, too.
            let mut kept = self.kept();
            kept.asked_at = Some(source.clock.monotonic());
            kept.last_failed = true;
        }
        let fetched = fetch::key_set(&*source.transport, &*source.clock, &source.uri).await;
        match &fetched {
            Ok(keys) => tracing::debug!(keys = ?keys, "key set fetched"),
            Err(error) => tracing::warn!(kind = ?error.kind(), reason = error.message(), "key set not fetched"),
        }
        let mut kept = self.kept();
        kept.keys = Arc::new(fetched?);
        kept.fetched_at = Some(source.clock.monotonic());
        kept.last_failed = false;
        Ok(())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwks").field("keys", &self.kept().keys).finish_non_exhaustive()
    }
}
