//! How an authorisation server is described.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use url::form_urlencoded::byte_serialize;

use super::{Inner, OAuth};
use crate::endpoint::Address;
use crate::random::Random;
use crate::transport::Transport;
use crate::{Clock, Error, ErrorKind, Secret, clock};

/// Configures an [`OAuth`].
#[must_use]
pub struct OAuthBuilder {
    endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    plain_hosts: Vec<String>,
    app: Option<(String, Secret)>,
    redirect_uri: Option<String>,
    transport: Option<Box<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    random: Option<Random>,
    timeout: Duration,
}

impl OAuthBuilder {
    pub(super) fn new() -> Self {
        Self {
            endpoint: None,
            authorization_endpoint: None,
            token_endpoint: None,
            revocation_endpoint: None,
            plain_hosts: Vec::new(),
            app: None,
            redirect_uri: None,
            transport: None,
            clock: None,
            random: None,
            timeout: Duration::from_secs(10),
        }
    }

    /// Where the platform is, as for a [client](crate::ClientBuilder::endpoint). Below it are `/oauth2/authorize`, `/oauth2/token` and
    /// `/oauth2/revoke`, unless they are set one by one.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The whole address of the page that asks the shop's owner.
    pub fn authorization_endpoint(mut self, address: impl Into<String>) -> Self {
        self.authorization_endpoint = Some(address.into());
        self
    }

    /// The whole address that gives tokens.
    pub fn token_endpoint(mut self, address: impl Into<String>) -> Self {
        self.token_endpoint = Some(address.into());
        self
    }

    /// The whole address that takes tokens back.
    pub fn revocation_endpoint(mut self, address: impl Into<String>) -> Self {
        self.revocation_endpoint = Some(address.into());
        self
    }

    /// Allows plain `http` to this host, by its name. Whoever listens on the way can then read secret and tokens.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_hosts.push(host.into());
        self
    }

    /// Which application it is, and its secret. Required.
    pub fn app(mut self, key: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.app = Some((key.into(), secret.into()));
        self
    }

    /// Where the platform sends the shop's owner back to, exactly as it is registered there. Required for
    /// [`begin`](OAuth::begin) alone.
    pub fn redirect_uri(mut self, address: impl Into<String>) -> Self {
        self.redirect_uri = Some(address.into());
        self
    }

    /// Another way to the network than the built-in transport, or none at all.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Another clock than the system's. Required on `wasm32-unknown-unknown`, which has none.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Another source of randomness than the system's, for tests.
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// How long one request may take, its answer included; 10 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes it. It may be made outside a runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], whose message begins with the name of the setting.
    pub fn build(self) -> Result<OAuth, Error> {
        let refused = |message: &'static str| Error::new(ErrorKind::Configuration, message);
        let (key, secret) = self.app.as_ref().ok_or_else(|| refused("app: key and secret are missing"))?;
        if key.is_empty() || secret.expose().is_empty() {
            return Err(refused("app: key or secret is empty"));
        }
        if self.timeout.is_zero() {
            return Err(refused("timeout: zero leaves no time"));
        }
        let token = self.location(&self.token_endpoint, "/oauth2/token")?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => built_in_transport(&token, self.timeout)?,
        };
        let inner = Inner {
            basic: basic(key, secret.expose()).ok_or_else(|| refused("app: key and secret fit in no header"))?,
            app: key.as_str().into(),
            app_secret: secret.clone(),
            authorize: Self::place(
                &self.endpoint,
                &self.plain_hosts,
                &self.authorization_endpoint,
                "/oauth2/authorize",
            )?,
            revoke: Self::place(&self.endpoint, &self.plain_hosts, &self.revocation_endpoint, "/oauth2/revoke")?,
            token,
            redirect_uri: self.redirect_uri,
            transport,
            clock: self.clock.map_or_else(clock::system, Ok)?,
            random: self.random.unwrap_or_else(Random::system),
            timeout: self.timeout,
        };
        Ok(OAuth { inner: Arc::new(inner) })
    }

    fn location(&self, own: &Option<String>, path: &str) -> Result<Uri, Error> {
        Self::place(&self.endpoint, &self.plain_hosts, own, path)
    }

    /// An address of its own, or the one below the endpoint.
    fn place(
        endpoint: &Option<String>,
        plain_hosts: &[String],
        own: &Option<String>,
        path: &str,
    ) -> Result<Uri, Error> {
        let (base, path) = match (own, endpoint) {
            (Some(own), _) => (own, ""),
            (None, Some(endpoint)) => (endpoint, path),
            (None, None) => return Err(Error::new(ErrorKind::Configuration, "endpoint: missing")),
        };
        let address = Address::parse(base, plain_hosts)?;
        let unusable = |_| Error::new(ErrorKind::Configuration, "endpoint: not of an address's form");
        format!("{address}{path}").parse().map_err(unusable)
    }
}

/// HTTP Basic with both parts form-encoded first (RFC 6749, section 2.3.1).
pub(super) fn basic(key: &str, secret: &str) -> Option<HeaderValue> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = STANDARD.encode(format!("{}:{}", encoded(key), encoded(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {credentials}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(feature = "reqwest")]
fn built_in_transport(token: &Uri, timeout: Duration) -> Result<Box<dyn Transport>, Error> {
    let mut builder = crate::transport::ReqwestTransport::builder().connect_timeout(timeout);
    let address = Address::parse(&token.to_string(), &[token.host().unwrap_or_default().to_owned()])?;
    if address.is_loopback() {
        builder = builder.without_environment_proxies();
    }
    if address.is_loopback() && address.is_plain() {
        builder = builder.without_tls();
    }
    Ok(Box::new(builder.build()?))
}

#[cfg(not(feature = "reqwest"))]
fn built_in_transport(_: &Uri, _: Duration) -> Result<Box<dyn Transport>, Error> {
    Err(Error::new(ErrorKind::Configuration, "transport: missing, since the feature `reqwest` is off"))
}

impl fmt::Debug for OAuthBuilder {
    /// An allow-list: no secret, and no address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthBuilder").field("app", &self.app.as_ref().map(|(key, _)| key)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_basic_are_form_encoded_first() {
        let value = basic("a b:c", "p%q+é").unwrap();
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), b"a+b%3Ac:p%25q%2B%C3%A9");
        assert!(value.is_sensitive());
    }

    #[test]
    fn what_is_missing_or_unsafe_is_named() {
        let builder = || OAuth::builder().endpoint("https://open.example.com").app("key", "planted-secret");
        assert!(!format!("{:?}", builder()).contains("planted"));
        for (builder, said) in [
            (OAuth::builder().app("key", "secret"), "endpoint: missing"),
            (OAuth::builder().endpoint("https://open.example.com"), "app: key and secret"),
            (builder().app("key", ""), "app: key or secret is empty"),
            (builder().timeout(Duration::ZERO), "timeout: zero"),
            (builder().endpoint("http://open.example.com"), "endpoint: http is for this machine"),
            (builder().token_endpoint("ftp://open.example.com"), "endpoint: ftp"),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().starts_with(said), "{error}");
        }
    }
}
