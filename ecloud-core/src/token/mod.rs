//! Access tokens of thousands of shops: where they come from, where they are kept, and how they stay fresh.
//!
//! [`OAuth`] speaks OAuth 2.0 with the platform, a [`TokenStore`] keeps what came of it, and [`Tokens`] hands it to calls: it refreshes a
//! shop's token ahead of its end, once for all callers, and stores the new pair before anybody uses it.
//!
//! ```no_run
//! # async fn example(callback_query: &str) -> Result<(), ecloud_core::Error> {
//! use ecloud_core::token::FileTokenStore;
//! use ecloud_core::{Client, Json, Method, OAuth, Tokens};
//!
//! let oauth = OAuth::builder()
//!     .endpoint("https://open.example.com")
//!     .app("app-key", "app-secret")
//!     .redirect_uri("https://isv.example.com/callback")
//!     .build()?;
//! let tokens = Tokens::builder(oauth.clone())
//!     .store(FileTokenStore::open("/var/lib/isv/tokens")?)
//!     .on_reauth_required(|event| eprintln!("{} has to authorise again: {}", event.shop, event.reason))
//!     .build();
//!
//! // Once for each shop: send its owner to `pending.url()`, keep `pending` with the session, and take what comes back.
//! let pending = oauth.begin(["trade:read"])?;
//! let pair = oauth.exchange(pending.accept(callback_query)?).await?;
//! tokens.put("shop-42", pair).await?;
//!
//! // From then on.
//! let client = Client::builder().endpoint("https://open.example.com").app("app-key", "app-secret").tokens(tokens).build()?;
//! let order: Json = client.for_shop("shop-42").request(Method::GET, "/trade/v1/orders/T1001").send().await?;
//! # Ok(()) }
//! ```
//!
//! # What is never lost
//!
//! A refresh token that rotates is the shop's whole authorisation: between the platform's answer and the store there must be no gap. So
//! a refresh runs on a task of its own, which no caller's deadline, timeout or dropped future ends; the pair is stored before anybody
//! sees it; what can't be stored is kept in memory and stored before anything else is done; and an answer that got lost is asked for
//! again while the platform still allows it ([`TokenPolicy::old_token_grace`]). A process that ends in the middle leaves its lease in the
//! store, and whoever comes next waits until it is over and asks again. [`Tokens::settled`] waits for refreshes under way: call it before
//! the runtime is shut down, which is the one thing that ends them.
//!
//! # Several processes
//!
//! All processes that work for the same shops share one store. A refresh begins with a [`RefreshLease`], which only one of them gets, since it
//! is put in by compare-and-swap; the others serve the old token while it lives, and then wait for the new one.

mod builder;
mod file_store;
mod flight;
mod keep_fresh;
mod landing;
mod memory_store;
mod oauth;
mod pair;
mod policy;
mod reauth;
mod refresh;
mod slot;
mod store;
mod tokens;

pub use self::builder::TokensBuilder;
pub use self::file_store::FileTokenStore;
pub use self::keep_fresh::KeepFresh;
pub use self::memory_store::MemoryTokenStore;
pub use self::oauth::{AuthorizationCode, OAuth, OAuthBuilder, PendingAuthorization};
pub use self::pair::TokenPair;
pub use self::policy::{ForcedRefreshBudget, TokenPolicy};
pub use self::reauth::{ReauthReason, ReauthRequired};
pub use self::store::{RefreshLease, StoredToken, Swap, TokenKey, TokenRecord, TokenStore};
pub use self::tokens::Tokens;
