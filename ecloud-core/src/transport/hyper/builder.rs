//! How the transport is configured.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::HyperTransport;
use super::connect::Connector;
use super::pool::Pool;
use super::proxy::Proxies;
use crate::{Clock, Error, SystemClock};

/// Makes a [`HyperTransport`].
#[must_use]
pub struct HyperTransportBuilder {
    connect_timeout: Duration,
    proxy: Option<String>,
    environment_proxies: bool,
    tls: bool,
    clock: Option<Arc<dyn Clock>>,
}

impl HyperTransportBuilder {
    pub(super) fn new() -> Self {
        Self { connect_timeout: Duration::from_secs(5), proxy: None, environment_proxies: true, tls: true, clock: None }
    }

    /// How long connecting may take, name resolution, proxy and TLS included; 5 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sends everything through this proxy, instead of those that `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` name: plain requests for it to
    /// pass on, and TLS through a tunnel (`CONNECT`). The proxy itself is spoken to by HTTP without TLS; user name and password
    /// in its address are sent to it.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Ignores the proxies that the environment names. Where it names one that isn't of HTTP without TLS, no request that it is
    /// for is sent.
    pub fn without_environment_proxies(mut self) -> Self {
        self.environment_proxies = false;
        self
    }

    /// Does without certificates, and so without loading them: for an endpoint on this machine that is spoken to without TLS.
    pub fn without_tls(mut self) -> Self {
        self.tls = false;
        self
    }

    /// Measures the time of connecting and of being idle by another clock than the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Makes the transport. It may be made outside a runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) where the proxy can't be used or no certificates can be loaded.
    pub fn build(self) -> Result<HyperTransport, Error> {
        let proxies = match &self.proxy {
            Some(url) => Some(Proxies::all(url)?),
            None if self.environment_proxies => Proxies::of_environment(),
            None => None,
        };
        let connector = Connector::new(
            self.connect_timeout,
            proxies,
            #[cfg(feature = "rustls")]
            crate::transport::tls::config(self.tls)?,
        );
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        Ok(HyperTransport { connector, pool: Pool::new(clock) })
    }
}

impl fmt::Debug for HyperTransportBuilder {
    /// Not the proxy, whose address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
