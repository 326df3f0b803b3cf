//! Which requests go through which proxy.

use std::sync::Arc;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::{Error, ErrorKind};

/// The proxies that are set, or those of the environment.
#[derive(Clone)]
pub(super) struct Proxies {
    matcher: Arc<Matcher>,
}

/// The proxy of one address.
pub(super) struct Proxy {
    found: Intercept,
}

impl Proxies {
    /// One proxy for everything.
    pub(super) fn all(url: &str) -> Result<Self, Error> {
        // The address may hold a password, so it isn't repeated.
        let refused = |reason: &'static str| Error::new(ErrorKind::Configuration, reason);
        let proxies = Self { matcher: Arc::new(Matcher::builder().all(url.to_owned()).build()) };
        let proxy = proxies
            .of(&Uri::from_static("https://proxied.invalid"))
            .ok_or_else(|| refused("proxy: not the address of a proxy"))?;
        if !proxy.is_http() {
            return Err(refused("proxy: this transport speaks to proxies of HTTP without TLS alone"));
        }
        Ok(proxies)
    }

    /// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say; `None` where they name no proxy.
    pub(super) fn of_environment() -> Option<Self> {
        let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let is_any_set = names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        is_any_set.then(|| Self { matcher: Arc::new(Matcher::from_env()) })
    }

    pub(super) fn of(&self, target: &Uri) -> Option<Proxy> {
        self.matcher.intercept(target).map(|found| Proxy { found })
    }
}

impl Proxy {
    pub(super) fn is_http(&self) -> bool {
        self.address().scheme() == Some(&Scheme::HTTP) && self.address().host().is_some_and(|host| !host.is_empty())
    }

    pub(super) fn address(&self) -> &Uri {
        self.found.uri()
    }

    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.found.basic_auth()
    }
}
