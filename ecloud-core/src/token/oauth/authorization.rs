//! The way of a shop's owner to the platform and back: PKCE, `state`, code.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded::{Serializer, parse};

use super::Inner;
use crate::error::redact;
use crate::random::Random;
use crate::{Error, ErrorKind, Secret};

/// An authorisation that was begun: keep it with the owner's session, on the server, until the owner comes back.
///
/// `Debug` shows nothing of it; `Serialize` writes all of it, for a store of sessions.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingAuthorization {
    url: String,
    state: Secret,
    verifier: Secret,
    redirect_uri: String,
}

/// A code that came back, checked: to be [exchanged](super::OAuth::exchange) once.
pub struct AuthorizationCode {
    pub(super) code: Secret,
    pub(super) verifier: Secret,
    pub(super) redirect_uri: String,
}

impl PendingAuthorization {
    pub(super) fn begin(oauth: &Inner, scopes: &str) -> Result<Self, Error> {
        let Some(redirect_uri) = oauth.redirect_uri.clone() else {
            return Err(Error::new(ErrorKind::Configuration, "redirect uri: missing"));
        };
        let verifier = random_text(&oauth.random)?;
        let state = random_text(&oauth.random)?;
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &oauth.app)
            .append_pair("redirect_uri", &redirect_uri);
        if !scopes.is_empty() {
            query.append_pair("scope", scopes);
        }
        query
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &challenge(verifier.expose()))
            .append_pair("code_challenge_method", "S256");
        Ok(Self { url: oauth.authorize_url(query), state, verifier, redirect_uri })
    }

    /// Where the shop's owner is to be sent. It holds the state, so it is for the owner's browser alone.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What comes back with the owner: the session can be found by it.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Takes the query with which the owner came back, `code=…&state=…`: its state must be the one that was sent, so that nobody else's
    /// code is taken.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where the state is missing or another one, or there is no code; [`ErrorKind::Denied`] with the platform's
    /// [`code`](Error::code) (`access_denied`, say) where the owner or the platform refused.
    pub fn accept(&self, query: &str) -> Result<AuthorizationCode, Error> {
        let refused = |message: &'static str| Error::new(ErrorKind::InvalidRequest, message);
        let query = query.strip_prefix('?').unwrap_or(query);
        let (mut state, mut code, mut error, mut description) = (None, None, None, None);
        for (name, value) in parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut state,
                "code" => &mut code,
                "error" => &mut error,
                "error_description" => &mut description,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(refused("the answer to the authorisation has a parameter twice"));
            }
        }
        match state {
            None => return Err(refused("the answer to the authorisation has no state")),
            Some(state) if !is_same(state.as_bytes(), self.state.expose().as_bytes()) => {
                return Err(refused("the answer to the authorisation has another state than the one that was sent"));
            }
            Some(_) => {}
        }
        if let Some(error) = error {
            let message = description.map_or_else(|| "the authorisation was refused".to_owned(), |text| redact(&text));
            return Err(Error::new(ErrorKind::Denied, message).with_code(redact(&error)));
        }
        let code = code.filter(|code| !code.is_empty()).ok_or_else(|| refused("the answer has no code"))?;
        Ok(AuthorizationCode {
            code: code.into(),
            verifier: self.verifier.clone(),
            redirect_uri: self.redirect_uri.clone(),
        })
    }
}

/// 256 random bits in 43 characters, as RFC 7636 recommends for a verifier.
fn random_text(random: &Random) -> Result<Secret, Error> {
    let none = |error: getrandom::Error| {
        Error::new(ErrorKind::Configuration, "the operating system gives no randomness").with_source(error)
    };
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&random.bytes().map_err(none)?);
    bytes[16..].copy_from_slice(&random.bytes().map_err(none)?);
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// S256 (RFC 7636, section 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Compares in a time that depends on the lengths alone.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingAuthorization(***)")
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let bytes = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = URL_SAFE_NO_PAD.encode(bytes);
        assert_eq!(verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn states_and_verifiers_have_43_characters_and_do_not_repeat() {
        let random = Random::seeded(1);
        let drawn: std::collections::HashSet<_> = (0..100).map(|_| random_text(&random).unwrap()).collect();
        assert_eq!(drawn.len(), 100);
        assert!(drawn.iter().all(|text| text.expose().len() == 43));
    }
}
