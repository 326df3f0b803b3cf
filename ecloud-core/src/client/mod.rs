//! The client: one for each application, cheap for each shop.

mod access_token;
mod answer;
mod body;
mod builder;
mod cookie;
mod form;
mod format;
mod from_answer;
mod multipart;
mod parameter;
mod place;
mod request;
mod sending;
mod shop;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub use access_token::AccessToken;
pub use answer::{Answer, Meta, QuotaLeft, RawAnswer};
pub use builder::ClientBuilder;
pub(crate) use cookie::add_cookie;
pub use form::FormStyle;
#[cfg_attr(not(feature = "xml"), expect(unreachable_pub, reason = "there is nothing to choose"))]
pub use format::Format;
pub use from_answer::FromAnswer;
pub use multipart::Multipart;
pub use parameter::{ListStyle, ObjectStyle};
pub use request::{Call, Request};
pub use sending::Sending;
pub use shop::Shop;

use crate::call::{AdaptiveRate, RetryBudget, RetryPolicy};
use crate::dialect::Dialect;
use crate::dialect::ecloud::SignatureTrace;
use crate::endpoint::{EndpointCheck, EndpointStatus, MirrorCounts, Upstreams};
use crate::jwt::TokenCheck;
use crate::quota::{QuotaDraw, Quotas};
use crate::random::Random;
use crate::sensitive::KeyCache;
use crate::transport::Transport;
use crate::{Clock, Error, Tag, Tokens};

/// An application's way to the platform.
///
/// It is cheap to clone, and clones share connections, quota, retry budget and what was learned of the platform's clock. Make one for
/// each application, and a [`Shop`] of it for each shop. It can be made outside a runtime; its calls run on tokio.
///
/// ```no_run
/// # async fn example() -> Result<(), ecloud_core::Error> {
/// use ecloud_core::{Client, Method};
///
/// let client = Client::builder()
///     .endpoint("https://open.example.com")
///     .app("app-key", "app-secret")
///     .build()?;
/// let shop = client.for_shop("shop-42").access_token("the shop's token");
/// let order: serde_json::Value = shop.request(Method::GET, "/trade/v1/orders/T1001").send().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) upstreams: Upstreams,
    pub(crate) dialect: Box<dyn Dialect>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) access_token: Option<AccessToken>,
    pub(crate) tokens: Option<Tokens>,
    /// The check of tokens before a call is sent, unless it is off.
    pub(crate) token_check: Option<TokenCheck>,
    /// The traffic tag of calls that have none of their own.
    pub(crate) tag: Option<Tag>,
    pub(crate) format: Format,
    pub(crate) call_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) response_limit: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) adaptive: AdaptiveRate,
    pub(crate) quota: Quotas,
    pub(crate) data_keys: KeyCache,
    pub(crate) max_clock_offset: Duration,
    pub(crate) corrects_clock: bool,
}

impl Client {
    /// A client to be configured.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// What this client would sign if the request were sent now: by its clock, under a fresh nonce and, for a write, a fresh idempotency
    /// key unless the request has one. Nothing is sent.
    ///
    /// The request may be another client's, of another environment, say: it is explained as if it were this one's, with the access token
    /// of its shop, if that has one of its own.
    ///
    /// # Errors
    ///
    /// Those of [`Request::explain`].
    pub fn explain(&self, request: &Request) -> Result<SignatureTrace, Error> {
        request.clone().of_client(self).explain()
    }

    /// What the client may spend on retries, all its calls together.
    pub fn retry_budget(&self) -> &RetryBudget {
        &self.inner.budget
    }

    /// What the platform's clock is ahead of this one, in milliseconds, as far as it was learned: 0 until the platform refuses a
    /// request for its time. With several [endpoints](Self::endpoints) it is that of the one that has answered last.
    pub fn clock_offset_millis(&self) -> i64 {
        self.inner.upstreams.clock_offset().load(Ordering::Relaxed)
    }

    /// How the endpoints fare that calls are shared among, in the order in which they were given; a canary stands last.
    pub fn endpoints(&self) -> Vec<EndpointStatus> {
        self.inner.upstreams.status(self.inner.clock.monotonic())
    }

    /// Sends this read to each endpoint once, whatever its health, and tells what came of it; a canary's is the last. What an endpoint
    /// answers counts like any other answer, so that one that is back is known to be so.
    ///
    /// Each request is a call of its own: signed, in the quota's turn, without retries. Dropping the future ends them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) where the request is no read. What goes wrong at an endpoint is its
    /// [outcome](EndpointCheck::outcome).
    pub async fn check_endpoints(&self, request: &Request) -> Result<Vec<EndpointCheck>, Error> {
        let complete = || request.clone().of_client(self).complete().map(|(_, call)| call);
        crate::call::check(&self.inner, complete).await.map_err(|error| request.error(error))
    }

    /// How often reads were copied to the [mirror](crate::Mirror); `None` without one.
    pub fn mirror_counts(&self) -> Option<MirrorCounts> {
        self.inner.upstreams.mirror().map(|(_, mirror)| mirror.counts())
    }

    /// The quota of an operation group, for callers who send by other means, or want to know how long a call would wait.
    pub fn quota(&self, group: impl Into<Cow<'static, str>>) -> QuotaDraw {
        QuotaDraw::new(self.clone(), group.into())
    }

    /// The client as one shop uses it. `id` names the shop on this side: to the platform it is the access token that says which shop it is.
    pub fn for_shop(&self, id: impl Into<String>) -> Shop {
        Shop::new(self.clone(), Some(id.into()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", &self.inner.upstreams)
            .field("dialect", &self.inner.dialect)
            .field("transport", &self.inner.transport)
            .finish_non_exhaustive()
    }
}
