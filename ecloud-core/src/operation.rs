//! What an operation is: its static facts, and how it becomes a request.

use http::Method;

use crate::Error;
use crate::client::Request;
use crate::dialect::Security;
use crate::dialect::ecloud::SignatureTrace;
use crate::page::Paging;

/// One operation of the platform with its parameters, ready to be sent.
///
/// The domain crates have one type for each operation; write your own for an operation that has none yet:
///
/// ```
/// use ecloud_core::{Call, Method, Operation, OperationInfo, Request};
///
/// struct Ping { call: Call }
///
/// impl Operation for Ping {
///     type Output = String;
///     const INFO: &'static OperationInfo = &OperationInfo::new("meta.ping.get", Method::GET, "/meta/v1/ping");
///
///     fn request(&self) -> Request {
///         self.call.request(Self::INFO)
///     }
/// }
/// ```
pub trait Operation {
    /// What a success answers with.
    type Output: Send + 'static;

    /// The facts that are the same for each call.
    const INFO: &'static OperationInfo;

    /// The request with its parameters. What is wrong with them comes to light when it is sent.
    fn request(&self) -> Request;

    /// What would be signed if it were sent now, without sending it.
    ///
    /// # Errors
    ///
    /// Those of [`Request::explain`].
    fn explain(&self) -> Result<SignatureTrace, Error> {
        self.request().explain()
    }
}

/// The facts of an operation that are the same for each call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationInfo {
    /// Domain, resource and method: `trade.orders.get`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path with its parameters in braces: `/trade/v1/orders/{order_id}`.
    pub path: &'static str,
    /// The scope that a token needs.
    pub scope: Option<&'static str>,
    /// The roles that may call it; empty where all may.
    pub roles: &'static [&'static str],
    /// The quota group that the operation draws on; `None` where it draws on none.
    pub quota_group: Option<&'static str>,
    /// What it costs in tokens of its quota group.
    pub quota_weight: u32,
    /// Whether it may be sent twice; `None` leaves that to the client's dialect.
    pub retry: Option<RetrySafety>,
    /// Whether it acts for a shop, and so needs an access token.
    pub needs_shop: bool,
    /// How its answers are paged.
    pub page: Option<PageStyle>,
    /// How it is paged where the platform isn't ecloud.
    pub paging: Option<&'static Paging>,
    /// What can prove who calls it, for the dialect of plain REST platforms; `None` where nothing is said.
    pub security: Option<Security>,
    /// The header for its idempotency key, for the dialect of plain REST platforms.
    pub idempotency_header: Option<&'static str>,
    /// The media type asked for; `None` for the one in which the client writes data, `application/json` unless it is told.
    pub accept: Option<&'static str>,
}

impl OperationInfo {
    /// An operation that acts for a shop, draws on no quota and isn't paged.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            scope: None,
            roles: &[],
            quota_group: None,
            quota_weight: 1,
            retry: None,
            needs_shop: true,
            page: None,
            paging: None,
            security: None,
            idempotency_header: None,
            accept: None,
        }
    }

    /// Names the scope that a token needs.
    #[must_use]
    pub const fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Names the roles that may call it.
    #[must_use]
    pub const fn roles(mut self, roles: &'static [&'static str]) -> Self {
        self.roles = roles;
        self
    }

    /// Names the quota group and what a call costs.
    #[must_use]
    pub const fn quota(mut self, group: &'static str, weight: u32) -> Self {
        self.quota_group = Some(group);
        self.quota_weight = weight;
        self
    }

    /// Says whether it may be sent twice.
    #[must_use]
    pub const fn retry(mut self, retry: RetrySafety) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Says that it acts for no shop.
    #[must_use]
    pub const fn without_shop(mut self) -> Self {
        self.needs_shop = false;
        self
    }

    /// Says how its answers are paged.
    #[must_use]
    pub const fn page(mut self, page: PageStyle) -> Self {
        self.page = Some(page);
        self
    }

    /// Says how its answers are paged, on a platform that isn't ecloud.
    #[must_use]
    pub const fn paging(mut self, paging: &'static Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Names what can prove who calls it: alternatives, each of schemes that are needed together.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = Some(security);
        self
    }

    /// Names the header for its idempotency key, under which it is done once.
    #[must_use]
    pub const fn idempotency_header(mut self, name: &'static str) -> Self {
        self.idempotency_header = Some(name);
        self.retry = Some(RetrySafety::Keyed);
        self
    }

    /// Names the media type to ask for.
    #[must_use]
    pub const fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = Some(media_type);
        self
    }
}

/// Whether an operation may be sent again although an attempt may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetrySafety {
    /// It changes nothing, or the same again.
    Safe,
    /// It is done once, however often it is sent under one idempotency key.
    Keyed,
    /// It might be done twice: it is sent again only if it certainly wasn't done.
    Never,
}

/// How a list is paged (protocol section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PageStyle {
    /// `cursor` and `limit`.
    Cursor,
    /// `page` and `page_size`.
    Number,
    /// `modified_from` and `modified_to`, by number, newest change first: reading forwards loses objects.
    Changes,
}
