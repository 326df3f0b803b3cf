//! How a client is configured; every setting has a default but endpoint and credentials.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{AccessToken, Client, Format, Inner};
use crate::call::{AdaptiveRate, RetryBudget, RetryPolicy};
use crate::dialect::{Dialect, Ecloud};
use crate::endpoint::{Endpoints, Upstreams};
use crate::jwt::TokenCheck;
#[cfg(feature = "jwt")]
use crate::jwt::{Jwks, Verification, Verifier};
use crate::quota::{Quota, Quotas};
use crate::random::Random;
use crate::sensitive::KeyCache;
use crate::transport::Transport;
use crate::{Clock, Error, ErrorKind, Tag, Tokens, clock};

/// Configures a [`Client`].
#[must_use]
pub struct ClientBuilder {
    endpoints: Option<Endpoints>,
    plain_hosts: Vec<String>,
    app: Option<(String, String)>,
    dialect: Option<Box<dyn Dialect>>,
    access_token: Option<String>,
    tokens: Option<Tokens>,
    checks_tokens: bool,
    #[cfg(feature = "jwt")]
    verification: Option<(Verifier, Jwks)>,
    tag: Option<String>,
    format: Format,
    transport: Option<Box<dyn Transport>>,
    proxy: Option<String>,
    clock: Option<Arc<dyn Clock>>,
    random: Option<Random>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    call_timeout: Duration,
    response_limit: usize,
    retry: RetryPolicy,
    quota: Quota,
    max_clock_offset: Duration,
    corrects_clock: bool,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            endpoints: None,
            tag: None,
            plain_hosts: Vec::new(),
            app: None,
            dialect: None,
            access_token: None,
            tokens: None,
            checks_tokens: true,
            #[cfg(feature = "jwt")]
            verification: None,
            format: Format::Json,
            transport: None,
            proxy: None,
            clock: None,
            random: None,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(15),
            call_timeout: Duration::from_secs(60),
            response_limit: 32 * 1024 * 1024,
            retry: RetryPolicy::standard(),
            quota: Quota::default(),
            max_clock_offset: Duration::from_secs(24 * 60 * 60),
            corrects_clock: true,
        }
    }

    /// Where the platform is: `https://open.example.com`, with a path before the operations' own perhaps. Required.
    ///
    /// Plain `http` is for this machine alone: `localhost`, 127.0.0.0/8 and `[::1]`.
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.endpoints(Endpoints::new([endpoint.into()]))
    }

    /// Where the platform is, at several addresses, each of the form that [`endpoint`](Self::endpoint) takes: shared by weight or ranked by
    /// priority, with a canary and a mirror perhaps. It replaces an endpoint that was set.
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = Some(endpoints);
        self
    }

    /// Allows plain `http` to this host, by its name. Whoever listens on the way can then read tokens and personal data.
    pub fn allow_plain_http(mut self, host: impl Into<String>) -> Self {
        self.plain_hosts.push(host.into());
        self
    }

    /// Which application calls, and its secret; requests are signed with it. Required, unless a [`dialect`](Self::dialect) is set.
    pub fn app(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.app = Some((key.into(), secret.into()));
        self
    }

    /// Speaks another protocol than ecloud's: [`Rest`](crate::dialect::Rest), or one of your own.
    pub fn dialect(mut self, dialect: impl Dialect) -> Self {
        self.dialect = Some(Box::new(dialect));
        self
    }

    /// The access token of the one shop that the application works for; with several shops each has
    /// [its own](super::Shop::access_token).
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// Where the access tokens of the application's shops come from: each shop that is [named](super::Client::for_shop) and has no token of
    /// [its own](super::Shop::access_token) takes it from there, and where the platform says that it has ended, it is refreshed and the call
    /// tried once more.
    pub fn tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Sends every call that has a token, whatever the token says of itself.
    ///
    /// Unless this is set, a call whose access token is a JWT is refused before it is sent where the token's own claims don't cover the
    /// operation: [`ErrorKind::Denied`] with the platform's code, `auth.scope_denied` or `auth.role_denied`, and [a denial](Error::denial) that
    /// says what the operation needs and what the token has. For that the claims are [only read](crate::jwt::Claims::of), not verified: the
    /// platform decides, and what it would refuse for certain isn't sent. Opaque tokens and requests by hand are not checked.
    pub fn without_token_check(mut self) -> Self {
        self.checks_tokens = false;
        self
    }

    /// Verifies access tokens that are JWTs before a call is sent: signature, `iss` and `aud` once a token, by the keys of `jwks`; and `exp` and
    /// `nbf` for each call, with the verifier's leeway, once the platform has taken a request of this client. Before that a wrong clock could
    /// neither be noticed nor corrected.
    ///
    /// What doesn't hold is refused as [`ErrorKind::Unauthenticated`] with the platform's code, `auth.token_invalid` or `auth.token_expired`. It finds
    /// tokens of another platform or application, and saves calls that can't succeed; it protects nothing, as the platform verifies them
    /// anyway. So it is left to the platform where keys can't be fetched or the token's key isn't among them.
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn verify_tokens(mut self, verifier: Verifier, jwks: Jwks) -> Self {
        self.verification = Some((verifier, jwks));
        self
    }

    /// Colours the traffic of all calls with a routing tag, 1 to 64 of `[0-9a-zA-Z._-]`; one [of a scope](Tag::scope) or [of the
    /// call](super::Request::with_tag) is used instead.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// How requests and answers are written; JSON unless set, here or for [one shop](super::Shop::with_format).
    #[cfg(feature = "xml")]
    #[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// How long connecting may take, TLS included; 5 seconds unless set. Only for the built-in transport.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt may take, from sending to the last byte of the answer; 15 seconds unless set.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a whole call may take, waits for quota and retries included; 60 seconds unless set, or set for
    /// [one call](super::Request::with_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes; 32 MiB unless set.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// When failed attempts are tried again; [`RetryPolicy::standard`] unless set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How fast calls may go until the platform says more: a [`QuotaLimit`](crate::QuotaLimit) for each operation group, or a [`Quota`]
    /// of several limits; [`QuotaLimit::STANDARD`](crate::QuotaLimit::STANDARD) unless set.
    pub fn quota(mut self, quota: impl Into<Quota>) -> Self {
        self.quota = quota.into();
        self
    }

    /// Sends everything through this proxy; unless set, those of the environment are used, but not where all endpoints are on
    /// this machine.
    /// Only for the built-in transport.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
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

    /// Another source of nonces, idempotency keys and jitter than the system's, for tests.
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// How far the platform's clock may be away before the difference is refused instead of learned; 24 hours unless set.
    pub fn max_clock_offset(mut self, offset: Duration) -> Self {
        self.max_clock_offset = offset;
        self
    }

    /// Signs with this machine's time alone: a platform that refuses it is an error, and nothing is learned of its clock.
    pub fn without_clock_correction(mut self) -> Self {
        self.corrects_clock = false;
        self
    }

    /// Makes the client. It may be made outside a runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], whose message begins with the name of the setting.
    pub fn build(self) -> Result<Client, Error> {
        let refused = |message: &'static str| Error::new(ErrorKind::Configuration, message);
        let clock = self.clock.map_or_else(clock::system, Ok)?;
        let endpoints = self.endpoints.ok_or_else(|| refused("endpoint: missing"))?;
        let upstreams = Upstreams::new(endpoints, &self.plain_hosts, clock.monotonic())?;
        let tag = self.tag.map(Tag::new).transpose()?;
        let dialect = match (self.dialect, &self.app) {
            (Some(_), Some(_)) => {
                return Err(refused("app: a dialect of its own brings its own credentials; set one of the two"));
            }
            (Some(dialect), None) => dialect,
            (None, Some((key, secret))) => Box::new(Ecloud::new(key, secret)?),
            (None, None) => return Err(refused("app: key and secret are missing")),
        };
        let token_check = self.checks_tokens.then(TokenCheck::default);
        #[cfg(feature = "jwt")]
        let token_check = verifying(token_check, self.verification, self.app.as_ref())?;
        let access_token = match self.access_token.as_deref().map(AccessToken::new) {
            Some(None) => {
                return Err(refused("access token: empty, or not made of [A-Za-z0-9._~+/=-]"));
            }
            token => token.flatten(),
        };
        if let (Some(tokens), Some((key, _))) = (&self.tokens, &self.app)
            && tokens.oauth().app() != key
        {
            return Err(refused("tokens: of another application"));
        }
        for (name, timeout) in
            [("connect", self.connect_timeout), ("attempt", self.attempt_timeout), ("call", self.call_timeout)]
        {
            if timeout.is_zero() {
                return Err(Error::new(ErrorKind::Configuration, format!("{name} timeout: zero leaves no time")));
            }
        }
        if self.response_limit == 0 {
            return Err(refused("response limit: zero leaves no room"));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => built_in_transport(&upstreams, self.connect_timeout, self.proxy)?,
        };
        let inner = Inner {
            upstreams,
            dialect,
            transport,
            clock,
            random: self.random.unwrap_or_else(Random::system),
            access_token,
            tokens: self.tokens,
            token_check,
            tag,
            format: self.format,
            call_timeout: self.call_timeout,
            attempt_timeout: self.attempt_timeout,
            response_limit: self.response_limit,
            budget: RetryBudget::new(),
            adaptive: AdaptiveRate::default(),
            retry: self.retry,
            quota: Quotas::new(self.quota),
            data_keys: KeyCache::default(),
            max_clock_offset: self.max_clock_offset,
            corrects_clock: self.corrects_clock,
        };
        Ok(Client { inner: Arc::new(inner) })
    }
}

/// The check of tokens with what they are verified with.
#[cfg(feature = "jwt")]
fn verifying(
    check: Option<TokenCheck>,
    verification: Option<(Verifier, Jwks)>,
    app: Option<&(String, String)>,
) -> Result<Option<TokenCheck>, Error> {
    let Some((verifier, jwks)) = verification else {
        return Ok(check);
    };
    let refused = |message: &'static str| Error::new(ErrorKind::Configuration, message);
    let check = check.ok_or_else(|| refused("verify tokens: the check of tokens is off"))?;
    let (app_key, _) = app.ok_or_else(|| refused("verify tokens: the application is unknown; set app"))?;
    let app_key = app_key.clone();
    Ok(Some(check.verifying(Verification { verifier, jwks, app_key })))
}

#[cfg(any(feature = "hyper", feature = "reqwest"))]
use crate::endpoint::Address;

#[cfg(any(feature = "hyper", feature = "reqwest"))]
fn built_in_transport(
    upstreams: &Upstreams,
    connect: Duration,
    proxy: Option<String>,
) -> Result<Box<dyn Transport>, Error> {
    #[cfg(not(feature = "reqwest"))]
    use crate::transport::HyperTransport as BuiltIn;
    #[cfg(feature = "reqwest")]
    use crate::transport::ReqwestTransport as BuiltIn;

    let mut builder = BuiltIn::builder().connect_timeout(connect);
    if upstreams.all().all(Address::is_loopback) {
        builder = builder.without_environment_proxies();
    }
    if upstreams.all().all(|address| address.is_loopback() && address.is_plain()) && proxy.is_none() {
        builder = builder.without_tls();
    }
    if let Some(proxy) = proxy {
        builder = builder.proxy(proxy);
    }
    Ok(Box::new(builder.build()?))
}

#[cfg(not(any(feature = "hyper", feature = "reqwest")))]
fn built_in_transport(_: &Upstreams, _: Duration, _: Option<String>) -> Result<Box<dyn Transport>, Error> {
    Err(Error::new(ErrorKind::Configuration, "transport: missing, since the features `reqwest` and `hyper` are off"))
}

impl fmt::Debug for ClientBuilder {
    /// An allow-list: no secret, no token, and no address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app_key = self.app.as_ref().map(|(key, _)| key);
        f.debug_struct("ClientBuilder").field("app_key", &app_key).finish_non_exhaustive()
    }
}
