//! What a platform has given for a shop.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dialect::ecloud::is_access_token;
use crate::{Error, ErrorKind, Secret, Timestamp};

/// An access token and the refresh token that came with it. `Debug` shows times and scopes alone; `Serialize` writes the tokens, for a
/// [store](super::TokenStore).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct TokenPair {
    access_token: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Secret>,
    issued_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop_id: Option<String>,
}

/// A pair as it was written, unchecked.
#[derive(Deserialize)]
struct Written {
    access_token: Secret,
    refresh_token: Option<Secret>,
    issued_at: Timestamp,
    expires_at: Option<Timestamp>,
    refresh_expires_at: Option<Timestamp>,
    scope: Option<String>,
    shop_id: Option<String>,
}

impl TokenPair {
    /// An access token without an end, given at `issued_at`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a token that is empty or not made of `[A-Za-z0-9._~+/=-]`: one with a line break from a file, say.
    pub fn new(access_token: impl Into<Secret>, issued_at: Timestamp) -> Result<Self, Error> {
        let access_token = access_token.into();
        if !is_access_token(access_token.expose()) {
            return Err(malformed("access token: empty, or not made of [A-Za-z0-9._~+/=-]"));
        }
        Ok(Self {
            access_token,
            refresh_token: None,
            issued_at,
            expires_at: None,
            refresh_expires_at: None,
            scope: None,
            shop_id: None,
        })
    }

    /// With this refresh token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a token that is empty or holds other characters than printable ASCII.
    pub fn with_refresh_token(mut self, refresh_token: impl Into<Secret>) -> Result<Self, Error> {
        let refresh_token = refresh_token.into();
        if !is_refresh_token(refresh_token.expose()) {
            return Err(malformed("refresh token: empty, or not of printable ASCII"));
        }
        self.refresh_token = Some(refresh_token);
        Ok(self)
    }

    /// The access token ends at this moment, by this machine's clock.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The refresh token ends at this moment, by this machine's clock.
    #[must_use]
    pub fn with_refresh_expiry(mut self, expires_at: Timestamp) -> Self {
        self.refresh_expires_at = Some(expires_at);
        self
    }

    /// With these scopes, blank-separated.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    pub(super) fn with_shop_id(mut self, shop_id: Option<String>) -> Self {
        self.shop_id = shop_id;
        self
    }

    /// The access token.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The refresh token, if there is one.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// When the pair was asked for.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// When the access token ends; `None` where the platform doesn't say.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// When the refresh token ends; `None` where the platform doesn't say.
    pub fn refresh_expires_at(&self) -> Option<Timestamp> {
        self.refresh_expires_at
    }

    /// What the access token allows, blank-separated; `None` where the platform doesn't say, and it is what was asked for.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The shop that has authorised the application, where the platform names it beside the tokens (`shop_id`).
    pub fn shop_id(&self) -> Option<&str> {
        self.shop_id.as_deref()
    }

    /// Whether the access token lives at `now`.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// What a refresh leaves out stays as it was (RFC 6749, section 6).
    pub(super) fn after(mut self, old: &Self) -> Self {
        if self.refresh_token.is_none() {
            self.refresh_token.clone_from(&old.refresh_token);
            self.refresh_expires_at = self.refresh_expires_at.or(old.refresh_expires_at);
        }
        self.scope = self.scope.or_else(|| old.scope.clone());
        self.shop_id = self.shop_id.or_else(|| old.shop_id.clone());
        self
    }
}

/// RFC 6749, appendix A.17: one or more of the printable ASCII characters and the blank.
fn is_refresh_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

fn malformed(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

impl TryFrom<Written> for TokenPair {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let mut pair =
            Self::new(written.access_token, written.issued_at).map_err(|_| "the access token is malformed")?;
        if let Some(refresh_token) = written.refresh_token {
            pair = pair.with_refresh_token(refresh_token).map_err(|_| "the refresh token is malformed")?;
        }
        Ok(Self {
            expires_at: written.expires_at,
            refresh_expires_at: written.refresh_expires_at,
            scope: written.scope,
            shop_id: written.shop_id,
            ..pair
        })
    }
}

impl fmt::Debug for TokenPair {
    /// An allow-list: no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> TokenPair {
        TokenPair::new("planted-access", Timestamp::UNIX_EPOCH).unwrap().with_refresh_token("planted-refresh").unwrap()
    }

    #[test]
    fn debug_shows_no_token_and_json_keeps_everything() {
        let pair = pair().with_expiry(Timestamp::from_unix_seconds(60)).with_scope("trade:read");
        assert!(!format!("{pair:?}").contains("planted"), "{pair:?}");
        let written = serde_json::to_string(&pair).unwrap();
        assert_eq!(serde_json::from_str::<TokenPair>(&written).unwrap(), pair);
    }

    #[test]
    fn tokens_with_line_breaks_are_refused_wherever_they_come_from() {
        for token in ["", "a\n", "a b", "\r\n", "é"] {
            assert!(TokenPair::new(token, Timestamp::UNIX_EPOCH).is_err(), "{token:?}");
            let written = serde_json::json!({"access_token": token, "issued_at": "2026-11-22T08:30:00.000Z"});
            assert!(serde_json::from_value::<TokenPair>(written).is_err(), "{token:?}");
        }
        for token in ["", "a\nb", "\u{7f}", "é"] {
            let error = pair().with_refresh_token(token).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{token:?}");
        }
    }

    #[test]
    fn what_a_refresh_leaves_out_stays() {
        let old = pair().with_scope("a").with_refresh_expiry(Timestamp::from_unix_seconds(9));
        let new = TokenPair::new("second", Timestamp::UNIX_EPOCH).unwrap().after(&old);
        assert_eq!(new.refresh_token(), old.refresh_token());
        assert_eq!((new.scope(), new.refresh_expires_at()), (Some("a"), Some(Timestamp::from_unix_seconds(9))));
        let rotated = TokenPair::new("third", Timestamp::UNIX_EPOCH).unwrap().with_refresh_token("r3").unwrap();
        assert_eq!(rotated.after(&old).refresh_expires_at(), None, "another refresh token, another end");
    }
}
