//! The client's side of the protocol.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::canonical::string_to_sign;
use super::header::{APP_KEY, CONTENT_SHA256, IDEMPOTENCY_KEY, NONCE, SIGNATURE, TAG, TIMESTAMP, is_app_key};
use super::{SignatureTrace, SigningKey, body_digest, envelope};
use crate::dialect::{Attempt, Dialect, Refusal};
use crate::{Error, ErrorKind, RetrySafety};

/// The ecloud protocol as a client speaks it: it signs each attempt, and reads the platform's errors.
#[derive(Clone, Debug)]
pub struct Ecloud {
    app_key: HeaderValue,
    signing_key: SigningKey,
}

impl Ecloud {
    /// Speaks for an application.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the key is not 1 to 64 of `[0-9a-zA-Z._-]`, or the secret is empty or holds control characters, as
    /// one does that was read from a file with its line break.
    pub fn new(app_key: &str, app_secret: &str) -> Result<Self, Error> {
        let refused = |message: &'static str| Error::new(ErrorKind::Configuration, message);
        if !is_app_key(app_key) {
            return Err(refused("app key: not 1 to 64 of [0-9a-zA-Z._-]"));
        }
        if app_secret.is_empty() {
            return Err(refused("app secret: empty"));
        }
        if app_secret.chars().any(char::is_control) {
            return Err(refused("app secret: holds a line break or another control character"));
        }
        let app_key = HeaderValue::from_str(app_key).map_err(|_| refused("app key: doesn't fit into a header"))?;
        Ok(Self { app_key, signing_key: SigningKey::new(app_secret.as_bytes()) })
    }

    /// Adds everything but the signature, and gives the timestamp's text.
    fn add_facts(&self, attempt: &Attempt<'_>, headers: &mut HeaderMap) -> Result<HeaderValue, Error> {
        let unusable = |_| Error::new(ErrorKind::InvalidRequest, "a value doesn't fit into a header");
        let timestamp = HeaderValue::from(attempt.now.unix_seconds().max(0));
        headers.insert(APP_KEY, self.app_key.clone());
        headers.insert(TIMESTAMP, timestamp.clone());
        headers.insert(NONCE, HeaderValue::from_str(attempt.nonce).map_err(unusable)?);
        if let Some(digest) = attempt.body_digest {
            headers.insert(CONTENT_SHA256, digest.clone());
        }
        if let Some(token) = attempt.access_token {
            headers.insert(header::AUTHORIZATION, token.bearer().clone());
        }
        if let Some(key) = attempt.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, key.clone());
        }
        if let Some(tag) = attempt.tag {
            headers.insert(TAG, tag.clone());
        }
        Ok(timestamp)
    }

    fn string_to_sign(attempt: &Attempt<'_>, timestamp: &HeaderValue, headers: &HeaderMap) -> Result<String, Error> {
        let timestamp = timestamp.to_str().unwrap_or_default();
        string_to_sign(attempt.method.as_str(), attempt.path, attempt.query, timestamp, headers).map_err(|rejection| {
            Error::new(ErrorKind::InvalidRequest, "the request can't be signed").with_source(rejection)
        })
    }
}

impl Dialect for Ecloud {
    fn write_safety(&self) -> RetrySafety {
        RetrySafety::Keyed
    }

    fn needs_access_token(&self) -> bool {
        true
    }

    fn body_digest(&self, body: &[u8]) -> Option<HeaderValue> {
        HeaderValue::from_str(body_digest(body).as_str()).ok()
    }

    fn authorize(&self, attempt: &Attempt<'_>, headers: &mut HeaderMap) -> Result<(), Error> {
        let timestamp = self.add_facts(attempt, headers)?;
        let text = Self::string_to_sign(attempt, &timestamp, headers)?;
        let signature = self.signing_key.sign(&text);
        let unusable = |_| Error::new(ErrorKind::InvalidRequest, "a value doesn't fit into a header");
        headers.insert(SIGNATURE, HeaderValue::from_str(signature.as_str()).map_err(unusable)?);
        Ok(())
    }

    fn explain(&self, attempt: &Attempt<'_>) -> Result<Option<SignatureTrace>, Error> {
        let mut facts = HeaderMap::new();
        let timestamp = self.add_facts(attempt, &mut facts)?;
        let text = Self::string_to_sign(attempt, &timestamp, &facts)?;
        Ok(Some(SignatureTrace::new(attempt, &timestamp, &text, self.signing_key.fingerprint())))
    }

    fn refusal(&self, attempt: &Attempt<'_>, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        if status.is_success() {
            return None;
        }
        // A signature is a function of the attempt, so what was signed is told again only when somebody asks.
        let trace = |expected| Some(self.explain(attempt).ok()??.refused(expected, attempt.access_token));
        Some(envelope::read(status, headers, body, trace))
    }
}
