//! Whether what a token says covers an operation: scope first, then role.

use std::fmt;

use super::{Claims, Role, shown};
use crate::dialect::ecloud::Rejection;
use crate::{Error, ErrorKind, OperationInfo};

/// Why a token doesn't cover an operation: what that needs, and what the token has.
///
/// An [`Error`] of a call that was refused before it was sent [has it](Error::denial).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// The token lacks the operation's scope: `auth.scope_denied`.
    Scope {
        /// The operation's id: `trade.orders.close`.
        operation: &'static str,
        /// The scope that it needs.
        needed: &'static str,
        /// The scopes that the token has.
        granted: Vec<String>,
    },
    /// The token's role isn't among the operation's: `auth.role_denied`.
    Role {
        /// The operation's id: `trade.orders.close`.
        operation: &'static str,
        /// The roles that may call it.
        allowed: &'static [&'static str],
        /// The role that the token acts for.
        role: Role,
    },
}

impl Denial {
    /// The platform's code for it: `auth.scope_denied` or `auth.role_denied`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scope { .. } => "auth.scope_denied",
            Self::Role { .. } => "auth.role_denied",
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope { operation, needed, granted } => {
                let granted: Vec<&str> = granted.iter().map(|scope| shown(scope)).collect();
                let granted = if granted.is_empty() { "none".to_owned() } else { granted.join(" ") };
                write!(f, "{operation} needs the scope {needed}; the access token has {granted}")
            }
            Self::Role { operation, allowed, role } => {
                let role = shown(role.as_str());
                write!(f, "{operation} is for the roles {}; the access token acts as {role}", allowed.join(", "))
            }
        }
    }
}

impl std::error::Error for Denial {}

impl Claims {
    /// Whether the token covers an operation: scope first, then role. An operation that names neither is covered.
    ///
    /// # Errors
    ///
    /// [`Denial`], which says what the operation needs and what the token has; as a [`Rejection`] it is the platform's answer, 403.
    ///
    /// ```
    /// use ecloud_core::jwt::Claims;
    /// use ecloud_core::{Method, OperationInfo};
    ///
    /// const CLOSE: OperationInfo = OperationInfo::new("trade.orders.close", Method::POST, "/trade/v1/orders/{order_id}/close")
    ///     .scope("trade:write")
    ///     .roles(&["business"]);
    ///
    /// # let token = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJwIiwiYXVkIjoiYXBwIiwic3ViIjoic2hvcCIsImV4cCI6MSwiaWF0IjowLCJzY29wZSI6InRyYWRlOnJlYWQiLCJyb2xlIjoiYnVzaW5lc3MifQ.c2ln";
    /// let claims = Claims::of(token).expect("it is a JWT");
    /// let denial = claims.permit(&CLOSE).unwrap_err();
    /// assert_eq!(denial.code(), "auth.scope_denied");
    /// assert_eq!(denial.to_string(), "trade.orders.close needs the scope trade:write; the access token has trade:read");
    /// ```
    pub fn permit(&self, operation: &OperationInfo) -> Result<(), Denial> {
        if let Some(needed) = operation.scope
            && !self.scopes.iter().any(|granted| granted == needed)
        {
            return Err(Denial::Scope { operation: operation.id, needed, granted: self.scopes.clone() });
        }
        if !operation.roles.is_empty() && !operation.roles.contains(&self.role.as_str()) {
            let (allowed, role) = (operation.roles, self.role.clone());
            return Err(Denial::Role { operation: operation.id, allowed, role });
        }
        Ok(())
    }
}

impl From<Denial> for Rejection {
    fn from(denial: Denial) -> Self {
        Self::new(403, denial.code(), denial.to_string())
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self::new(ErrorKind::Denied, format!("{denial}; nothing was sent")).with_code(denial.code()).with_denial(denial)
    }
}
