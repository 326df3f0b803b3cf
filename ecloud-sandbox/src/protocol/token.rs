//! Section 5, as far as calls need it: an opaque token names the application, the shop, the scopes and the role.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use ecloud_core::Timestamp;
use http::StatusCode;

use crate::description::Operation;
use crate::platform::Refusal;

/// What a person does with the platform, as far as a token tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A shop's business: sells, ships, refunds.
    #[default]
    Business,
    /// An application's developer.
    Developer,
    /// The platform's operator.
    Operator,
}

impl Role {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a role is business, developer or operator")
    }
}

impl std::error::Error for UnknownRole {}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Business, Self::Developer, Self::Operator]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// What a token allows.
///
/// ```
/// use ecloud_sandbox::{Grant, Role};
///
/// let read_only = Grant::new("shop-2").scopes(["trade:read"]).role(Role::Developer);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub(crate) shop_id: String,
    pub(crate) scopes: Option<BTreeSet<String>>,
    pub(crate) role: Role,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Grant {
    /// Everything that the business of `shop_id` may do, for ever.
    pub fn new(shop_id: impl Into<String>) -> Self {
        Self { shop_id: shop_id.into(), scopes: None, role: Role::Business, expires_at: None }
    }

    /// Only these scopes, for example `trade:read`.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// For this role instead of the business.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Only before this moment, by the platform's clock.
    #[must_use]
    pub fn expires_at(mut self, moment: Timestamp) -> Self {
        self.expires_at = Some(moment);
        self
    }
}

/// The tokens that the platform has given out.
#[derive(Default)]
pub(crate) struct Tokens {
    grants: HashMap<String, (String, Grant)>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("count", &self.grants.len()).finish()
    }
}

impl Tokens {
    /// Gives `token` to an application.
    pub(crate) fn give(&mut self, token: String, app_key: &str, grant: Grant) {
        self.grants.insert(token, (app_key.to_owned(), grant));
    }

    /// Takes a token back; whether there was one.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.grants.remove(token).is_some()
    }

    /// The grant behind the request's token. A token is checked wherever one is sent, needed or not.
    pub(crate) fn check(
        &self,
        app_key: &str,
        token: Option<&str>,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<&Grant>, Refusal> {
        let refused = |code, message: &str| Err(Refusal::new(StatusCode::UNAUTHORIZED, code, message));
        let Some(token) = token else {
            return if operation.shop {
                refused(
                    "auth.token_missing",
                    "the operation acts for a shop: send its access token as `authorization: Bearer …`",
                )
            } else {
                Ok(None)
            };
        };
        match self.grants.get(token) {
            Some((owner, grant)) if owner == app_key => match grant.expires_at {
                Some(end) if end <= now => refused("auth.token_expired", "the access token has expired"),
                _ => Ok(Some(grant)),
            },
            _ => refused("auth.token_invalid", "the platform knows no such access token of this application"),
        }
    }
}

/// Whether what a token grants covers an operation: scope first, then role.
pub(crate) fn permit(grant: &Grant, operation: &Operation) -> Result<(), Refusal> {
    let refused = |code, message: String| Err(Refusal::new(StatusCode::FORBIDDEN, code, message));
    if let (Some(scope), Some(granted)) = (&operation.scope, &grant.scopes)
        && !granted.contains(scope)
    {
        return refused("auth.scope_denied", format!("the access token doesn't have the scope {scope}"));
    }
    if !operation.roles.is_empty() && !operation.roles.iter().any(|role| role == grant.role.as_str()) {
        return refused("auth.role_denied", format!("the role {} may not call this operation", grant.role.as_str()));
    }
    Ok(())
}
