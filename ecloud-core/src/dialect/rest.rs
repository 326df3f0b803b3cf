//! Plain REST platforms: a bearer token or an API key, and errors by status.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{Attempt, Auth, Dialect, Refusal, RefusalClass, Security, server_delay};
use crate::client::AccessToken;
use crate::error::excerpt;
use crate::{Error, ErrorKind, RetrySafety};

/// A platform without signatures: a credential in a header, and errors by status.
///
/// Writes are sent twice only where the operation says so or the caller gives an idempotency key, which goes out in the header that
/// the operation names, else as `idempotency-key`.
#[derive(Clone, Default)]
pub struct Rest {
    credential: Option<(HeaderName, HeaderValue)>,
    auth: Auth,
}

impl Rest {
    /// A platform that wants no credential, or takes the shop's access token as a bearer token.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends `authorization: Bearer <token>` with each request that has no shop's token of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the token is empty or doesn't fit into a header.
    pub fn bearer(token: &str) -> Result<Self, Error> {
        Self::with_credential(header::AUTHORIZATION, &format!("Bearer {token}"), token)
    }

    /// Sends the key in a header of this name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where name or key are empty or don't fit into a header.
    pub fn api_key(header: &str, key: &str) -> Result<Self, Error> {
        let name = HeaderName::from_bytes(header.as_bytes())
            .map_err(|_| Error::new(ErrorKind::Configuration, "api_key: not the name of a header"))?;
        Self::with_credential(name, key, key)
    }

    /// Attaches these credentials, each where the operation's description wants it.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    fn with_credential(name: HeaderName, text: &str, secret: &str) -> Result<Self, Error> {
        let refused = || Error::new(ErrorKind::Configuration, "credential: empty, or not printable ASCII");
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused());
        }
        let mut value = HeaderValue::from_str(text).map_err(|_| refused())?;
        value.set_sensitive(true);
        Ok(Self { credential: Some((name, value)), auth: Auth::none() })
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.credential.as_ref().map(|(name, _)| name);
        f.debug_struct("Rest").field("credential_header", &header).field("auth", &self.auth).finish()
    }
}

impl Dialect for Rest {
    fn write_safety(&self) -> RetrySafety {
        RetrySafety::Never
    }

    fn needs_access_token(&self) -> bool {
        false
    }

    fn body_digest(&self, _body: &[u8]) -> Option<HeaderValue> {
        None
    }

    fn authorize(&self, attempt: &Attempt<'_>, headers: &mut HeaderMap) -> Result<(), Error> {
        if let Some((name, value)) = &self.credential {
            headers.insert(name, value.clone());
        }
        if let Some(token) = attempt.access_token.filter(|_| attempt.security.is_none()) {
            headers.insert(header::AUTHORIZATION, token.bearer().clone());
        } else {
            self.auth.authorize(attempt.security, attempt.access_token, headers)?;
        }
        if let Some(key) = attempt.idempotency_key {
            let name = HeaderName::from_bytes(attempt.idempotency_header.unwrap_or("idempotency-key").as_bytes());
            let unnamed = |_| Error::new(ErrorKind::Configuration, "idempotency header: not the name of a header");
            headers.insert(name.map_err(unnamed)?, key.clone());
        }
        Ok(())
    }

    fn query_credentials(&self, security: Security, access_token: Option<&AccessToken>) -> Option<String> {
        self.auth.query(Some(security), access_token.is_some())
    }

    fn refusal(&self, _attempt: &Attempt<'_>, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        if status.is_success() {
            return None;
        }
        let (class, kind) = by_status(status);
        let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok());
        let message = match excerpt(body) {
            said if said.is_empty() => status.canonical_reason().unwrap_or("refused").to_owned(),
            said => said,
        };
        let error = Error::new(kind, message).with_answer(status.as_u16(), request_id);
        Some(Refusal::new(class, error).with_retry_after(server_delay(headers)))
    }
}

/// What a status means where nothing else is known.
pub(super) fn by_status(status: StatusCode) -> (RefusalClass, ErrorKind) {
    match status.as_u16() {
        401 => (RefusalClass::Final, ErrorKind::Unauthenticated),
        403 => (RefusalClass::Final, ErrorKind::Denied),
        404 | 410 => (RefusalClass::Final, ErrorKind::NotFound),
        409 | 412 => (RefusalClass::Final, ErrorKind::Conflict),
        422 => (RefusalClass::Final, ErrorKind::Rejected),
        429 => (RefusalClass::Throttled, ErrorKind::Throttled),
        500 | 502 | 503 | 504 => (RefusalClass::Transient, ErrorKind::Unavailable),
        400..=499 => (RefusalClass::Final, ErrorKind::InvalidRequest),
        501.. => (RefusalClass::Final, ErrorKind::Unavailable),
        // A redirect, or an answer before the answer: neither is followed.
        _ => (RefusalClass::Final, ErrorKind::InvalidResponse),
    }
}
