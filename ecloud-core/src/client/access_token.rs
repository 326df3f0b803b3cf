//! A shop's access token, which nobody gets to see.

use std::fmt;

use http::HeaderValue;

use crate::dialect::ecloud::is_access_token;

/// The token with which an application acts for a shop. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AccessToken {
    bearer: HeaderValue,
    /// Whether it may be a JWT: an opaque token has seldom a dot.
    has_dots: bool,
}

impl AccessToken {
    /// A token made of `[A-Za-z0-9._~+/=-]`; `None` for anything else.
    pub fn new(token: &str) -> Option<Self> {
        if !is_access_token(token) {
            return None;
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        bearer.set_sensitive(true);
        Some(Self { bearer, has_dots: token.contains('.') })
    }

    /// The value of the `authorization` header, marked as sensitive.
    pub fn bearer(&self) -> &HeaderValue {
        &self.bearer
    }

    /// Whether it may be a JWT.
    pub(crate) fn has_dots(&self) -> bool {
        self.has_dots
    }

    /// The token itself.
    pub(crate) fn expose(&self) -> &str {
        self.bearer.to_str().ok().and_then(|bearer| bearer.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(***)")
    }
}
