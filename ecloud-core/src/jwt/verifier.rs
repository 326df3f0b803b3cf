//! Whether a token is one of the platform's.

use std::time::Duration;

use super::compact::Compact;
use super::header::Header;
use super::key_set::KeySet;
use super::{Claims, TOKEN_LIMIT};
use crate::Timestamp;
use crate::dialect::ecloud::Rejection;

/// Tells whether an access token is one that the platform gave to an application, and still holds.
///
/// It holds no keys and no state: they come from a [`KeySet`], which [`Jwks`](super::Jwks) keeps up to date. [The room's page](super) lists
/// what is verified, in the order in which it happens.
///
/// ```
/// use ecloud_core::Timestamp;
/// use ecloud_core::jwt::{KeySet, Verifier};
///
/// let verifier = Verifier::new("https://open.example.com");
/// let rejection = verifier.verify(&KeySet::default(), "opaque", "demo-app", Timestamp::UNIX_EPOCH).unwrap_err();
/// assert_eq!((rejection.status(), rejection.code()), (401, "auth.token_invalid"));
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    leeway: Duration,
}

impl Verifier {
    /// For the tokens of the platform that calls itself so in `iss`, without any leeway, as the protocol asks of a platform.
    pub fn new(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), leeway: Duration::ZERO }
    }

    /// How far the own clock may be from the platform's: so long after `exp` and before `nbf` a token is still taken. For those who only
    /// share the platform's keys; a minute at most is usual.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Verifies a token that an application sent at `now`.
    ///
    /// # Errors
    ///
    /// [`Rejection`], 401: `auth.token_expired` where all is right but the time, `auth.token_invalid` otherwise. Its message says what is wrong
    /// and holds nothing of the token but what is harmless.
    pub fn verify(&self, keys: &KeySet, token: &str, app_key: &str, now: Timestamp) -> Result<Claims, Rejection> {
        let claims = self.verify_undated(keys, token, app_key)?;
        self.check_time(&claims, now)?;
        Ok(claims)
    }

    /// All but the time.
    pub(crate) fn verify_undated(&self, keys: &KeySet, token: &str, app_key: &str) -> Result<Claims, Rejection> {
        let claims = signed_claims(keys, token).map_err(|reason| invalid(&reason))?;
        if claims.issuer != self.issuer {
            return Err(invalid("it is another platform's (`iss`)"));
        }
        if claims.audience != [app_key] {
            return Err(invalid("it is another application's (`aud`)"));
        }
        Ok(claims)
    }

    /// Whether the token's time has come and isn't over.
    pub(crate) fn check_time(&self, claims: &Claims, now: Timestamp) -> Result<(), Rejection> {
        let now = now.unix_millis();
        let leeway = i64::try_from(self.leeway.as_millis()).unwrap_or(i64::MAX);
        if claims.expires_at.unix_millis().saturating_add(leeway) <= now {
            return Err(Rejection::new(401, "auth.token_expired", "the access token has expired"));
        }
        if claims.not_before.is_some_and(|start| start.unix_millis() > now.saturating_add(leeway)) {
            return Err(invalid("its time has not come (`nbf`)"));
        }
        Ok(())
    }
}

/// The claims of a token whose signature is that of the key that it names.
fn signed_claims(keys: &KeySet, token: &str) -> Result<Claims, String> {
    if token.len() > TOKEN_LIMIT {
        return Err(format!("it is longer than {TOKEN_LIMIT} bytes"));
    }
    let compact = Compact::split(token).ok_or("it is no JWT: not three parts with dots between them")?;
    let header = compact.header().ok_or("its header is no JSON object in base64url, or a name stands twice in it")?;
    let header = Header::read(&header)?;
    let key = keys.key(&header.key_id, header.algorithm)?;
    let signature = compact.signature().ok_or("its signature is no base64url")?;
    if !key.verifies(compact.signing_input.as_bytes(), &signature) {
        return Err("its signature is not that of its key".to_owned());
    }
    let payload =
        compact.payload().ok_or("its payload is no JSON object in base64url, or a name stands twice in it")?;
    Ok(Claims::read(&payload)?)
}

fn invalid(reason: &str) -> Rejection {
    Rejection::new(401, "auth.token_invalid", format!("the access token is not valid: {reason}"))
}
