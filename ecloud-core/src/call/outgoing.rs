//! One call as data.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method};

use super::policy::RetryPolicy;
use crate::client::{AccessToken, Format, Inner};
use crate::dialect::Security;
use crate::{OperationInfo, RetrySafety};

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// To the endpoint that is best for it.
    Choice,
    /// To this one, to see how it fares.
    Check(usize),
    /// To the mirror, which has this number: nobody waits for it, and it waits for nothing.
    Mirror(usize),
}

/// A call that is complete: nothing of it depends on the operation's type any more.
pub(crate) struct Outgoing {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: Method,
    /// The path with its parameters in braces; `None` where it was put together at run time.
    pub(crate) template: Option<&'static str>,
    /// Path and query, below the endpoint.
    pub(crate) target: PathAndQuery,
    pub(crate) route: Route,
    /// Content type, and what the caller added.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) body_digest: Option<HeaderValue>,
    /// The format that is asked for, where the headers ask for nothing else.
    pub(crate) format: Format,
    pub(crate) is_read: bool,
    pub(crate) safety: RetrySafety,
    pub(crate) quota: Option<(Cow<'static, str>, u32)>,
    /// The operation, where it is a described one.
    pub(crate) info: Option<&'static OperationInfo>,
    /// What the shop is called on this side.
    pub(crate) shop: Option<Arc<str>>,
    pub(crate) timeout: Duration,
    /// The call's own policy, where it has one.
    pub(crate) retry: Option<Arc<RetryPolicy>>,
    pub(crate) access_token: Option<AccessToken>,
    /// Each attempt takes the shop's token from the client's `Tokens`.
    pub(crate) takes_token: bool,
    pub(crate) tag: Option<HeaderValue>,
    pub(crate) idempotency_key: Option<HeaderValue>,
    pub(crate) idempotency_header: Option<&'static str>,
    pub(crate) security: Option<Security>,
}

impl Outgoing {
    pub(super) fn policy<'a>(&'a self, client: &'a Inner) -> &'a RetryPolicy {
        self.retry.as_deref().unwrap_or(&client.retry)
    }

    /// What the operation is called where others can see it.
    pub(super) fn shown(&self) -> &str {
        super::shown(&self.operation, self.template, &self.method)
    }

    /// Whether it is a copy to the mirror: what becomes of it there is nothing to the client's other calls.
    pub(super) fn is_copy(&self) -> bool {
        matches!(self.route, Route::Mirror(_))
    }

    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().and_then(|key| key.to_str().ok())
    }

    /// Whether it may go to a second endpoint after an attempt that left: a read, or a write that is done once under its key.
    pub(super) fn may_move(&self) -> bool {
        self.is_read || self.idempotency_key.is_some()
    }

    /// Whether an attempt that may have taken effect leaves something to find out.
    pub(crate) fn has_effect(&self) -> bool {
        !self.is_read && self.safety != RetrySafety::Safe
    }
}
