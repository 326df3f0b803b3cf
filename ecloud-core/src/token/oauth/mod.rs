//! OAuth 2.0 over our own transport (RFC 6749, 7636, 7009; protocol section 5).

mod answer;
mod authorization;
mod builder;
mod exchange;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use url::form_urlencoded::Serializer;

pub use self::authorization::{AuthorizationCode, PendingAuthorization};
pub use self::builder::OAuthBuilder;

use self::exchange::Form;
use super::TokenPair;
use crate::random::Random;
use crate::transport::Transport;
use crate::{Clock, Error, Secret};

/// An application's way to the platform's authorisation server: each method sends one request, under one deadline, and tries nothing
/// again. [`Tokens`](super::Tokens) decides about that.
///
/// Clones share the transport.
#[derive(Clone)]
pub struct OAuth {
    inner: Arc<Inner>,
}

struct Inner {
    app: Arc<str>,
    app_secret: Secret,
    /// `Basic …`.
    basic: HeaderValue,
    redirect_uri: Option<String>,
    authorize: Uri,
    token: Uri,
    revoke: Uri,
    transport: Box<dyn Transport>,
    clock: Arc<dyn Clock>,
    random: Random,
    timeout: Duration,
}

impl OAuth {
    /// An authorisation server to be described.
    pub fn builder() -> OAuthBuilder {
        OAuthBuilder::new()
    }

    /// Begins an authorisation: where the shop's owner is to be sent, and what has to be kept until the owner comes back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) without a redirect address, or without randomness.
    pub fn begin<'a>(&self, scopes: impl IntoIterator<Item = &'a str>) -> Result<PendingAuthorization, Error> {
        PendingAuthorization::begin(&self.inner, &joined(scopes))
    }

    /// Exchanges the code that came back for a pair.
    ///
    /// # Errors
    ///
    /// Those of [`refresh`](Self::refresh); a code that was used, or is older than the platform allows, is `invalid_grant`.
    pub async fn exchange(&self, code: AuthorizationCode) -> Result<TokenPair, Error> {
        let mut form = Form::grant("oauth.exchange", "authorization_code");
        form.secret("code", code.code.expose());
        form.secret("code_verifier", code.verifier.expose());
        form.plain("redirect_uri", &code.redirect_uri);
        self.inner.ask(form).await
    }

    /// Exchanges a refresh token for a new pair. Where the platform rotates refresh tokens, the old one is spent, and the pair is all there is:
    /// store it before anything else.
    ///
    /// # Errors
    ///
    /// [`code`](Error::code) is that of RFC 6749, section 5.2: `invalid_grant`, `invalid_client`, …. Without one the
    /// [kind](Error::kind) says what happened: no connection, no answer, or one that is malformed
    /// ([`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse)).
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<TokenPair, Error> {
        let mut form = Form::grant("oauth.refresh", "refresh_token");
        form.secret("refresh_token", refresh_token.expose());
        self.inner.ask(form).await
    }

    /// Asks for a token of the application itself, for operations that act for no shop.
    ///
    /// # Errors
    ///
    /// Those of [`refresh`](Self::refresh).
    pub async fn client_credentials<'a>(&self, scopes: impl IntoIterator<Item = &'a str>) -> Result<TokenPair, Error> {
        let mut form = Form::grant("oauth.client_credentials", "client_credentials");
        let scopes = joined(scopes);
        if !scopes.is_empty() {
            form.plain("scope", &scopes);
        }
        self.inner.ask(form).await
    }

    /// Takes a token back: a refresh token with all that came of it, or an access token. One that the platform doesn't know is no error.
    ///
    /// # Errors
    ///
    /// Those of [`refresh`](Self::refresh).
    pub async fn revoke(&self, token: &Secret) -> Result<(), Error> {
        let mut form = Form::new("oauth.revoke");
        form.secret("token", token.expose());
        self.inner.send(&self.inner.revoke, form).await.map(drop)
    }

    /// The application's key.
    pub fn app(&self) -> &str {
        &self.inner.app
    }

    pub(super) fn shared_app(&self) -> Arc<str> {
        self.inner.app.clone()
    }

    pub(super) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    pub(super) fn random(&self) -> &Random {
        &self.inner.random
    }
}

impl Inner {
    /// Asks the token endpoint.
    async fn ask(&self, form: Form) -> Result<TokenPair, Error> {
        let operation = form.operation();
        let (asked_at, body) = self.send(&self.token, form).await?;
        let pair = answer::pair(&body, asked_at);
        pair.map_err(|error| error.of_call(operation.into(), None, Vec::new()))
    }

    /// The page that asks the shop's owner.
    fn authorize_url(&self, query: Serializer<'_, String>) -> String {
        let mut query = query;
        let separator = if self.authorize.query().is_some() { '&' } else { '?' };
        format!("{}{separator}{}", self.authorize, query.finish())
    }
}

fn joined<'a>(scopes: impl IntoIterator<Item = &'a str>) -> String {
    scopes.into_iter().collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for OAuth {
    /// An allow-list: no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("app", &self.inner.app)
            .field("token_endpoint", &self.inner.token)
            .finish_non_exhaustive()
    }
}
