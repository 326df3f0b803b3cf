//! One call as data.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::policy::RetryPolicy;
use crate::RetrySafety;
use crate::client::{AccessToken, Inner};
use crate::dialect::Security;

/// A call that is complete: nothing of it depends on the operation's type any more.
pub(crate) struct Outgoing {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Content type, and what the caller added.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) body_digest: Option<HeaderValue>,
    pub(crate) is_read: bool,
    pub(crate) safety: RetrySafety,
    pub(crate) quota: Option<(Cow<'static, str>, u32)>,
    /// What the shop is called on this side.
    pub(crate) shop: Option<Arc<str>>,
    pub(crate) timeout: Duration,
    /// The call's own policy, where it has one.
    pub(crate) retry: Option<Arc<RetryPolicy>>,
    pub(crate) access_token: Option<AccessToken>,
    pub(crate) tag: Option<HeaderValue>,
    pub(crate) idempotency_key: Option<HeaderValue>,
    pub(crate) idempotency_header: Option<&'static str>,
    pub(crate) security: Option<Security>,
}

impl Outgoing {
    pub(super) fn policy<'a>(&'a self, client: &'a Inner) -> &'a RetryPolicy {
        self.retry.as_deref().unwrap_or(&client.retry)
    }

    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().and_then(|key| key.to_str().ok())
    }

    /// Whether an attempt that may have taken effect leaves something to find out.
    pub(crate) fn has_effect(&self) -> bool {
        !self.is_read && self.safety != RetrySafety::Safe
    }
}
