//! From an address to a connection: name resolution, TCP, proxy, TLS.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::origin::Origin;
use super::proxy::{Proxies, Proxy};
use super::stream::Stream;
use super::{BoxError, TransportError};
use crate::Clock;

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    http: HttpConnector,
    timeout: Duration,
    pub(super) proxies: Option<Proxies>,
    #[cfg(feature = "rustls")]
    tls: std::sync::Arc<rustls::ClientConfig>,
}

impl Connector {
    pub(super) fn new(
        timeout: Duration,
        proxies: Option<Proxies>,
        #[cfg(feature = "rustls")] tls: rustls::ClientConfig,
    ) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        // The time is shared among the addresses of a name, so that one that doesn't answer leaves some for the others.
        http.set_connect_timeout(Some(timeout));
        Self {
            http,
            timeout,
            proxies,
            #[cfg(feature = "rustls")]
            tls: tls.into(),
        }
    }

    /// Connects, under the time limit. What goes wrong here was never sent.
    pub(super) async fn connect(&self, origin: &Origin, clock: &dyn Clock) -> Result<Stream, TransportError> {
        let mut expiry = clock.expiry(clock.monotonic().saturating_add(self.timeout));
        let mut stream = pin!(self.open(origin));
        let outcome = poll_fn(|context| match stream.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => expiry.as_mut().poll(context).map(|()| None),
        })
        .await;
        let timeout = || format!("no connection within {} ms", self.timeout.as_millis()).into();
        outcome.unwrap_or_else(|| Err(timeout())).map_err(TransportError::not_sent)
    }

    async fn open(&self, origin: &Origin) -> Result<Stream, BoxError> {
        let target = origin.uri()?;
        let proxy = self.proxies.as_ref().and_then(|proxies| proxies.of(&target));
        let stream = match proxy {
            None => self.tcp(target).await?,
            Some(proxy) => self.through(proxy, target, origin.tls).await?,
        };
        if origin.tls { self.encrypted(origin, stream).await } else { Ok(Stream::Plain(stream)) }
    }

    async fn tcp(&self, address: Uri) -> Result<TokioIo<TcpStream>, BoxError> {
        Ok(self.http.clone().call(address).await?)
    }

    /// A plain request is the proxy's to pass on, an encrypted one goes through a tunnel.
    async fn through(&self, proxy: Proxy, target: Uri, tls: bool) -> Result<TokioIo<TcpStream>, BoxError> {
        if !proxy.is_http() {
            return Err("the proxy that the environment names is none of HTTP without TLS".into());
        }
        if !tls {
            return self.tcp(proxy.address().clone()).await;
        }
        let mut tunnel = Tunnel::new(proxy.address().clone(), self.http.clone());
        if let Some(authorization) = proxy.authorization() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        Ok(tunnel.call(target).await?)
    }

    #[cfg(feature = "rustls")]
    async fn encrypted(&self, origin: &Origin, stream: TokioIo<TcpStream>) -> Result<Stream, BoxError> {
        let host = origin.authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = rustls::pki_types::ServerName::try_from(host)?.to_owned();
        let connector = tokio_rustls::TlsConnector::from(self.tls.clone());
        let stream = connector.connect(name, stream.into_inner()).await?;
        Ok(Stream::Tls(Box::new(TokioIo::new(stream))))
    }

    #[cfg(not(feature = "rustls"))]
    async fn encrypted(&self, _: &Origin, _: TokioIo<TcpStream>) -> Result<Stream, BoxError> {
        Err("https needs the feature `rustls`".into())
    }

    /// What a plain request to `target` tells the proxy that passes it on; `None` where there is none.
    pub(super) fn forwarding(&self, target: &Uri) -> Option<Option<HeaderValue>> {
        let proxy = self.proxies.as_ref()?.of(target)?;
        Some(proxy.authorization().cloned())
    }
}

impl fmt::Debug for Connector {
    /// Not the proxies, whose addresses may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
