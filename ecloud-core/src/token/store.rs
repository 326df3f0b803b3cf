//! The seam between tokens and where they are kept.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::TokenPair;
use crate::{Error, Timestamp};

/// Whose token it is: an application's for a shop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenKey {
    app: Arc<str>,
    shop: Arc<str>,
}

impl TokenKey {
    /// The key of this application's token for this shop.
    pub fn new(app: impl Into<Arc<str>>, shop: impl Into<Arc<str>>) -> Self {
        Self { app: app.into(), shop: shop.into() }
    }

    /// The application's key.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// What the shop is called on this side.
    pub fn shop(&self) -> &str {
        &self.shop
    }
}

/// What a store keeps for a shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenRecord {
    /// The pair.
    pub pair: TokenPair,
    /// Who is refreshing it, if somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<RefreshLease>,
}

impl TokenRecord {
    /// A pair that nobody is refreshing.
    pub fn new(pair: TokenPair) -> Self {
        Self { pair, lease: None }
    }
}

/// A note in the store that somebody is refreshing the pair, so that nobody else does: a refresh token that is used twice may cost the
/// shop's whole authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshLease {
    /// A random text of whoever holds it.
    pub holder: String,
    /// When it was taken, by the holder's clock.
    pub since: Timestamp,
    /// How long it holds, in milliseconds.
    pub millis: u64,
}

impl RefreshLease {
    pub(super) fn new(holder: String, since: Timestamp, length: Duration) -> Self {
        Self { holder, since, millis: u64::try_from(length.as_millis()).unwrap_or(u64::MAX) }
    }

    pub(super) fn length(&self) -> Duration {
        Duration::from_millis(self.millis)
    }

    /// Whether it has ended by the wall clock.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.since + self.length()
    }
}

/// A record and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredToken {
    /// It grows with each change of the record, and never comes twice.
    pub version: u64,
    /// What is stored.
    pub record: TokenRecord,
}

impl StoredToken {
    /// A record under its version.
    pub fn new(version: u64, record: TokenRecord) -> Self {
        Self { version, record }
    }
}

/// What came of a compare-and-swap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Swap {
    /// The record is stored under this version.
    Done(u64),
    /// Somebody else was faster: this is what is stored now, and nothing was changed.
    Changed(Option<StoredToken>),
}

/// Keeps tokens by application and shop, for all processes that work for them.
///
/// Three operations, the middle one atomic. [`MemoryTokenStore`](super::MemoryTokenStore) and [`FileTokenStore`](super::FileTokenStore) are here; one
/// over a database needs a column for the version and `UPDATE … WHERE version = …`. An error is best made with
/// [`ErrorKind::TokenStore`](crate::ErrorKind::TokenStore), and tells no token.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// What is stored for a shop; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// Where the store can't be read, or holds what is no record.
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error>;

    /// Stores a record if what is stored still has the version `expected`, or, with `None`, if nothing that can be read is stored.
    /// Once it answers [`Swap::Done`] the record survives the end of the process.
    ///
    /// # Errors
    ///
    /// Where the store can't be written.
    async fn compare_and_swap(
        &self,
        key: &TokenKey,
        expected: Option<u64>,
        record: &TokenRecord,
    ) -> Result<Swap, Error>;

    /// Forgets what is stored for a shop, whatever its version. A version that was used isn't used again.
    ///
    /// # Errors
    ///
    /// Where the store can't be written.
    async fn remove(&self, key: &TokenKey) -> Result<(), Error>;
}

#[async_trait]
impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error> {
        (**self).load(key).await
    }

    async fn compare_and_swap(
        &self,
        key: &TokenKey,
        expected: Option<u64>,
        record: &TokenRecord,
    ) -> Result<Swap, Error> {
        (**self).compare_and_swap(key, expected, record).await
    }

    async fn remove(&self, key: &TokenKey) -> Result<(), Error> {
        (**self).remove(key).await
    }
}
