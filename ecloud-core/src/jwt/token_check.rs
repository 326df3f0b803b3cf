//! What a client knows of the tokens that it sends: read once a token, however often it is sent.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;

use super::Claims;
#[cfg(feature = "jwt")]
use super::{Jwks, Verifier};
use crate::client::AccessToken;
#[cfg(feature = "jwt")]
use crate::{Error, ErrorKind, Timestamp};

/// How many tokens a generation holds; two of them are kept.
const GENERATION: usize = 4096;

/// The check of tokens before a call is sent.
#[derive(Default)]
pub(crate) struct TokenCheck {
    seen: Mutex<Seen>,
    /// Whether the platform has taken a request, so that this machine's clock is known to be right, or was corrected.
    clock_is_known: AtomicBool,
    #[cfg(feature = "jwt")]
    pub(crate) verification: Option<Verification>,
}

/// What tokens are verified with.
#[cfg(feature = "jwt")]
pub(crate) struct Verification {
    pub(crate) verifier: Verifier,
    pub(crate) jwks: Jwks,
    pub(crate) app_key: String,
}

/// The tokens that were read lately.
#[derive(Default)]
struct Seen {
    young: HashMap<Key, Arc<Known>>,
    old: HashMap<Key, Arc<Known>>,
}

/// A token as it is sent: the header, which shares its bytes with the token's holder.
#[derive(Clone, PartialEq, Eq)]
struct Key(HeaderValue);

impl Hash for Key {
    /// By its end alone: that is a piece of the signature, which no two tokens share, and hashing all of it would cost more than all the
    /// rest of the check.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.0.as_bytes();
        bytes[bytes.len().saturating_sub(32)..].hash(state);
    }
}

/// A token that was read.
pub(crate) struct Known {
    /// `None` for a token that can't be read.
    pub(crate) claims: Option<Claims>,
    #[cfg_attr(not(feature = "jwt"), expect(dead_code, reason = "without the feature nothing is verified"))]
    verified: AtomicBool,
}

impl TokenCheck {
    /// What a token says; `None` for one that is opaque at first sight.
    pub(crate) fn known(&self, token: &AccessToken) -> Option<Arc<Known>> {
        if !token.has_dots() {
            return None;
        }
        let key = Key(token.bearer().clone());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.young.get(&key) {
            return Some(known.clone());
        }
        let known = seen.old.remove(&key);
        let known = known.unwrap_or_else(|| {
            let claims = Claims::of(token.expose());
            Arc::new(Known { claims, verified: AtomicBool::new(false) })
        });
        if seen.young.len() >= GENERATION {
            seen.old = std::mem::take(&mut seen.young);
        }
        seen.young.insert(key, known.clone());
        Some(known)
    }

    /// The platform has taken a request.
    pub(crate) fn clock_is_known(&self) {
        if !self.clock_is_known.load(Ordering::Relaxed) {
            self.clock_is_known.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(feature = "jwt")]
impl TokenCheck {
    /// The check with what tokens are verified with.
    pub(crate) fn verifying(mut self, verification: Verification) -> Self {
        self.verification = Some(verification);
        self
    }

    /// Refuses a token that the platform would refuse for certain; one whose key can't be had is left to the platform.
    pub(crate) async fn verify(&self, token: &AccessToken, known: &Known, now: Timestamp) -> Result<(), Error> {
        let (Some(verification), Some(claims)) = (&self.verification, &known.claims) else {
            return Ok(());
        };
        let refused = |rejection: crate::dialect::ecloud::Rejection| {
            let message = format!("{}; nothing was sent", rejection.message());
            Error::new(ErrorKind::Unauthenticated, message).with_code(rejection.code())
        };
        if !known.verified.load(Ordering::Relaxed) {
            let token = token.expose();
            match verification.jwks.keys_for(token).await {
                Ok(keys) if keys.has_key_of(token) => {
                    let Verification { verifier, app_key, .. } = verification;
                    verifier.verify_undated(&keys, token, app_key).map_err(refused)?;
                    known.verified.store(true, Ordering::Relaxed);
                }
                Ok(_) => tracing::debug!("the access token's key isn't known: the platform decides"),
                Err(error) => tracing::debug!(kind = ?error.kind(), "no keys for access tokens: the platform decides"),
            }
        }
        // A wrong clock is learned from the platform, so it has to be asked before the clock is believed.
        if self.clock_is_known.load(Ordering::Relaxed) {
            verification.verifier.check_time(claims, now).map_err(refused)?;
        }
        Ok(())
    }
}

impl fmt::Debug for TokenCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCheck")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_are_not_sent_any_more_are_forgotten() {
        let check = TokenCheck::default();
        let token = |number: usize| AccessToken::new(&format!("a.{number}.c")).unwrap();
        let first = check.known(&token(0)).unwrap();
        for number in 0..10 * GENERATION {
            check.known(&token(number));
            if number % 1000 == 0 {
                assert!(Arc::ptr_eq(&first, &check.known(&token(0)).unwrap()), "one that is in use stays");
            }
        }
        let seen = check.seen.lock().unwrap();
        assert!(seen.young.len() + seen.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn an_opaque_token_is_not_looked_at() {
        let check = TokenCheck::default();
        assert!(check.known(&AccessToken::new("opaque").unwrap()).is_none());
        assert!(check.known(&AccessToken::new("a.b.c").unwrap()).unwrap().claims.is_none());
    }
}
