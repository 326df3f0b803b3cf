//! How tokens are configured.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::slot::Windows;
use super::tokens::{Inner, Listener};
use super::{MemoryTokenStore, OAuth, ReauthRequired, TokenPolicy, TokenStore, Tokens};

/// Configures [`Tokens`].
#[must_use]
pub struct TokensBuilder {
    oauth: OAuth,
    store: Option<Box<dyn TokenStore>>,
    policy: TokenPolicy,
    windows: Windows,
    timeout: Duration,
    listener: Option<Listener>,
}

impl TokensBuilder {
    pub(super) fn new(oauth: OAuth) -> Self {
        Self {
            oauth,
            store: None,
            policy: TokenPolicy::default(),
            windows: Windows { advisory: Duration::from_secs(600), mandatory: Duration::from_secs(60) },
            timeout: Duration::from_secs(30),
            listener: None,
        }
    }

    /// Where tokens are kept; in memory unless set.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// What the platform's refresh does; the ecloud protocol's unless set.
    pub fn policy(mut self, policy: TokenPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// When a token is refreshed, before its end: from `advisory` on while the old one is served, from `mandatory` on callers wait. 10 minutes
    /// and one minute unless set, at most a quarter and a tenth of the token's life. The advisory window begins up to half of it later
    /// by chance, for each token anew.
    pub fn windows(mut self, advisory: Duration, mandatory: Duration) -> Self {
        self.windows = Windows { advisory: advisory.max(mandatory), mandatory };
        self
    }

    /// How long a refresh may go on asking a platform that fails; 30 seconds unless set. It should be well below the policy's
    /// [`old_token_grace`](TokenPolicy::old_token_grace). A call's own deadline ends its waiting, never the refresh.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Is told once when a shop has to authorise the application again. It is called on the task of the refresh, and must not block.
    pub fn on_reauth_required(mut self, listener: impl Fn(&ReauthRequired) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Makes them. They may be made outside a runtime.
    pub fn build(self) -> Tokens {
        let holder = self.oauth.random().hex().unwrap_or([b'0'; 32]);
        let inner = Inner {
            holder: String::from_utf8_lossy(&holder).into_owned(),
            store: self.store.unwrap_or_else(|| Box::new(MemoryTokenStore::new())),
            oauth: self.oauth,
            policy: self.policy,
            windows: self.windows,
            timeout: self.timeout,
            listener: self.listener,
            shops: Mutex::default(),
        };
        Tokens { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for TokensBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokensBuilder")
            .field("app", &self.oauth.app())
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
