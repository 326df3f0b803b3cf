//! How a platform signs its requests, and wraps its answers and errors.

mod auth;
pub mod ecloud;
mod rest;
mod server_delay;

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode};

pub use self::auth::{Auth, KeyLocation, Security, SecurityScheme};
pub use self::ecloud::Ecloud;
use self::ecloud::SignatureTrace;
pub use self::rest::Rest;
pub use self::server_delay::server_delay;

use crate::client::AccessToken;
use crate::{Error, RetrySafety, Timestamp};

/// How a platform wants to be spoken to: what proves who calls, and what its refusals mean.
pub trait Dialect: fmt::Debug + Send + Sync + 'static {
    /// Whether a write that doesn't say so itself may be sent twice.
    fn write_safety(&self) -> RetrySafety;

    /// Whether an operation that acts for a shop needs the shop's access token.
    fn needs_access_token(&self) -> bool;

    /// The digest of a body that is not empty, where requests carry one; asked for once a call.
    fn body_digest(&self, body: &[u8]) -> Option<HeaderValue>;

    /// What proves who calls and stands in the query, encoded (`key=…`); asked for once a call, only for operations that say what they
    /// take. Nothing unless a dialect has such credentials.
    fn query_credentials(&self, _security: Security, _access_token: Option<&AccessToken>) -> Option<String> {
        None
    }

    /// Adds to the headers what proves who calls. It comes last: nothing is added to a signed request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) where the request can't be signed.
    fn authorize(&self, attempt: &Attempt<'_>, headers: &mut HeaderMap) -> Result<(), Error>;

    /// What the attempt signs; nothing where a dialect has no string to sign.
    ///
    /// # Errors
    ///
    /// Those of [`authorize`](Self::authorize).
    fn explain(&self, _attempt: &Attempt<'_>) -> Result<Option<SignatureTrace>, Error> {
        Ok(None)
    }

    /// What the answer refuses; `None` where it is a success.
    fn refusal(&self, attempt: &Attempt<'_>, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal>;
}

/// One attempt, as a dialect sees it. `Debug` shows method and path alone.
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The path as sent, with the prefix of the endpoint.
    pub path: &'a str,
    /// The query as sent.
    pub query: Option<&'a str>,
    /// The time by the corrected clock.
    pub now: Timestamp,
    /// By how much the clock was corrected, in milliseconds.
    pub clock_offset_millis: i64,
    /// Thirty-two hexadecimal digits that were never used before.
    pub nonce: &'a str,
    /// The access token of the shop, where the operation acts for one.
    pub access_token: Option<&'a AccessToken>,
    /// The key under which a write is done once.
    pub idempotency_key: Option<&'a HeaderValue>,
    /// The routing tag.
    pub tag: Option<&'a HeaderValue>,
    /// The header that the operation wants the key in, if it says so.
    pub idempotency_header: Option<&'static str>,
    /// What can prove who calls the operation, if it says so.
    pub security: Option<Security>,
    /// What [`Dialect::body_digest`] gave.
    pub body_digest: Option<&'a HeaderValue>,
}

impl fmt::Debug for Attempt<'_> {
    /// An allow-list: the query may hold keys and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// An answer that is no success.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// What the pipeline makes of it.
    pub class: RefusalClass,
    /// What the caller is told if the call ends with it.
    pub error: Error,
    /// How long the platform asks to wait.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal without a delay.
    pub fn new(class: RefusalClass, error: Error) -> Self {
        Self { class, error, retry_after: None }
    }

    /// Says how long the platform asks to wait.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self.error = self.error.with_retry_after(retry_after);
        self
    }
}

/// What the pipeline makes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalClass {
    /// The clock is wrong: learn the platform's time and try once more.
    Clock,
    /// Somebody repeated the request: make one new attempt.
    Replayed,
    /// The access token has ended: refresh it and try once more.
    TokenExpired,
    /// The quota is used up: nothing was done, wait.
    Throttled,
    /// The same call is under way: wait for it.
    InProgress,
    /// The platform is in trouble: something may have been done, wait.
    Transient,
    /// Trying again is no use.
    Final,
}
