//! Whether a delivery is genuine.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::CtOutput;
use http::HeaderMap;

use super::headers::WebhookHeaders;
use super::{WebhookSecret, refusal};
use crate::{Clock, Error, ErrorKind, Timestamp};

/// How far a delivery's timestamp may lie from our time (protocol, section 10).
const TOLERANCE: Duration = Duration::from_secs(300);
/// The largest body that is looked at; senders are asked to stay below 20 kB.
const BODY_LIMIT: usize = 1024 * 1024;
/// How many secrets are tried: two while they rotate, and room for more.
const SECRETS: usize = 16;

/// Checks that deliveries come from who shares a secret, and are not old ones sent again (Standard Webhooks 1.0).
///
/// It wants the body exactly as it came: JSON that was parsed and written again has another signature. Every secret is compared
/// with every signature of version 1, in constant time and without stopping at the first that fits. Signatures of other versions are
/// left out.
#[derive(Debug)]
pub struct WebhookVerifier {
    secrets: RwLock<Arc<[WebhookSecret]>>,
    tolerance: Duration,
    body_limit: usize,
    clock: Arc<dyn Clock>,
}

/// A delivery that is genuine: its headers and its body.
///
/// `Debug` doesn't show the body.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// The `webhook-id`: the same however often the event is delivered.
    pub id: &'a str,
    /// When it was sent; another time for each attempt.
    pub sent_at: Timestamp,
    /// The body that was signed.
    pub body: &'a [u8],
}

impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("id", &self.id).field("sent_at", &self.sent_at).finish_non_exhaustive()
    }
}

impl WebhookVerifier {
    /// A verifier that takes what any of these secrets signed, 1 to 16: while secrets rotate, the new one and the old. It goes by the system's
    /// clock, which `wasm32-unknown-unknown` doesn't have.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for no secret, or more than 16.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub fn new(secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<Self, Error> {
        Self::with_clock(secrets, Arc::new(crate::SystemClock::new()))
    }

    /// A verifier that goes by this clock.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for no secret, or more than 16.
    pub fn with_clock(secrets: impl IntoIterator<Item = WebhookSecret>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Ok(Self { secrets: RwLock::new(checked(secrets)?), tolerance: TOLERANCE, body_limit: BODY_LIMIT, clock })
    }

    /// How far a timestamp may lie from the clock's time, both ends included; 300 s unless given.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The largest body in bytes; 1 MiB unless given. Web frameworks have a limit of their own, which comes first.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Takes other secrets from now on. To rotate: the new one and the old; then, when the platform has stopped using the old, the new one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for no secret, or more than 16; then the secrets stay as they are.
    pub fn set_secrets(&self, secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<(), Error> {
        let secrets = checked(secrets)?;
        *self.secrets.write().unwrap_or_else(PoisonError::into_inner) = secrets;
        Ok(())
    }

    /// Checks a delivery: size, headers, timestamp, signature, in this order.
    ///
    /// # Errors
    ///
    /// One of the [codes](crate::event) of this module up to `event.signature_mismatch`.
    pub fn verify<'a>(&self, headers: &'a HeaderMap, body: &'a [u8]) -> Result<Delivery<'a>, Error> {
        if body.len() > self.body_limit {
            let message = format!("the body is larger than {} bytes", self.body_limit);
            return Err(refusal(ErrorKind::InvalidRequest, "event.body_too_large", message));
        }
        let headers = WebhookHeaders::read(headers, body.len())?;
        let sent_at = Timestamp::from_unix_seconds(headers.seconds);
        self.check_time(headers.seconds)?;
        self.check_signature(&headers, body)?;
        Ok(Delivery { id: headers.id, sent_at, body })
    }

    pub(super) fn the_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn check_time(&self, seconds: i64) -> Result<(), Error> {
        // Twelve digits of seconds fit in milliseconds; a `Timestamp` would stop at its ends.
        let distance = self.clock.now().unix_millis().abs_diff(seconds * 1000);
        if u128::from(distance) > self.tolerance.as_millis() {
            let message = format!("it was sent more than {} s before or after our time", self.tolerance.as_secs());
            return Err(refusal(ErrorKind::Unauthenticated, "event.timestamp_skew", message));
        }
        Ok(())
    }

    fn check_signature(&self, headers: &WebhookHeaders<'_>, body: &[u8]) -> Result<(), Error> {
        if headers.of_version_1().next().is_none() {
            let message = "none of the signatures is of version `v1`";
            return Err(refusal(ErrorKind::Unauthenticated, "event.signature_version", message));
        }
        let given: Vec<CtOutput<_>> =
            headers.of_version_1().filter_map(decode).map(|code| CtOutput::new(code.into())).collect();
        let secrets = Arc::clone(&self.secrets.read().unwrap_or_else(PoisonError::into_inner));
        let mut genuine = false;
        for secret in secrets.iter() {
            let expected = secret.code(headers.id, headers.timestamp, body);
            for code in &given {
                genuine |= expected == *code;
            }
        }
        if !genuine {
            let message = "none of the signatures was made with a secret of this receiver over this body";
            return Err(refusal(ErrorKind::Unauthenticated, "event.signature_mismatch", message));
        }
        Ok(())
    }
}

fn checked(secrets: impl IntoIterator<Item = WebhookSecret>) -> Result<Arc<[WebhookSecret]>, Error> {
    let secrets: Vec<WebhookSecret> = secrets.into_iter().take(SECRETS + 1).collect();
    if secrets.is_empty() || secrets.len() > SECRETS {
        return Err(Error::new(ErrorKind::Configuration, "a webhook's verifier has 1 to 16 secrets"));
    }
    Ok(secrets.into())
}

fn decode(signature: &str) -> Option<[u8; 32]> {
    STANDARD.decode(signature).ok()?.try_into().ok()
}
