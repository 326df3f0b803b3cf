//! Tokens in memory: for tests, and for applications that get them anew at each start.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{StoredToken, Swap, TokenKey, TokenRecord, TokenStore};
use crate::Error;

/// Keeps tokens in memory, for this process alone.
#[derive(Default)]
pub struct MemoryTokenStore {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: HashMap<TokenKey, StoredToken>,
    last_version: u64,
}

impl MemoryTokenStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").field("shops", &self.state().records.len()).finish()
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error> {
        Ok(self.state().records.get(key).cloned())
    }

    async fn compare_and_swap(
        &self,
        key: &TokenKey,
        expected: Option<u64>,
        record: &TokenRecord,
    ) -> Result<Swap, Error> {
        let mut state = self.state();
        let stored = state.records.get(key);
        if stored.map(|stored| stored.version) != expected {
            return Ok(Swap::Changed(stored.cloned()));
        }
        state.last_version += 1;
        let version = state.last_version;
        state.records.insert(key.clone(), StoredToken::new(version, record.clone()));
        Ok(Swap::Done(version))
    }

    async fn remove(&self, key: &TokenKey) -> Result<(), Error> {
        self.state().records.remove(key);
        Ok(())
    }
}
