//! The network, by reqwest.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderValue;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http_body::{Frame, SizeHint};
use reqwest::{Url, redirect};

use super::{Body, IDLE, Transport, TransportError};
use crate::{Error, ErrorKind};

/// The network transport: a pool of HTTP connections, by reqwest.
///
/// It follows no redirect, resends nothing, and keeps no cookies. Clones share the pool.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    known: Arc<[OnceLock<Address>; KNOWN]>,
}

/// Of so many endpoints the parsed address is kept; more are parsed for each request.
const KNOWN: usize = 8;

/// Where a request went, without path and query: a client speaks to few endpoints, and a host need not be parsed for each call.
#[derive(Debug)]
struct Address {
    scheme: Scheme,
    authority: Authority,
    url: Url,
    /// What `Host` says; `None` where HTTP/2 may be spoken, which has another way to say it.
    host: Option<HeaderValue>,
}

impl Address {
    fn new(scheme: Scheme, authority: Authority, mut url: Url) -> Self {
        url.set_query(None);
        let is_http1 = cfg!(not(feature = "http2")) || scheme == Scheme::HTTP;
        let host = url.host_str().filter(|_| is_http1).and_then(|host| match url.port() {
            Some(port) => HeaderValue::from_str(&format!("{host}:{port}")).ok(),
            None => HeaderValue::from_str(host).ok(),
        });
        Self { scheme, authority, url, host }
    }

    fn with(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        if query.is_some() {
            url.set_query(query);
        }
        url
    }

    fn is_of(&self, uri: &http::Uri) -> bool {
        // As texts: where the cases differ it is kept twice, and otherwise comparing is cheap.
        uri.authority().map(Authority::as_str) == Some(self.authority.as_str()) && uri.scheme() == Some(&self.scheme)
    }
}

/// Makes a [`ReqwestTransport`].
#[derive(Debug)]
#[must_use]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    proxy: Option<String>,
    environment_proxies: bool,
    tls: bool,
}

impl ReqwestTransport {
    /// A request's address as reqwest wants it, and what its `Host` says, where that is known.
    fn address(&self, uri: &http::Uri) -> Result<(Url, Option<HeaderValue>), TransportError> {
        if let Some(known) = self.known.iter().map_while(OnceLock::get).find(|known| known.is_of(uri)) {
            return Ok((known.with(uri.path(), uri.query()), known.host.clone()));
        }
        let url = Url::parse(&uri.to_string()).map_err(TransportError::not_sent)?;
        if let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) {
            let mut address = Address::new(scheme.clone(), authority.clone(), url.clone());
            // Each place is taken once, by whoever comes first.
            for place in self.known.iter() {
                match place.set(address) {
                    Ok(()) => break,
                    Err(refused) => address = refused,
                }
            }
        }
        Ok((url, None))
    }

    /// A transport to be configured.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder {
            connect_timeout: Duration::from_secs(5),
            proxy: None,
            environment_proxies: true,
            tls: true,
        }
    }
}

impl ReqwestTransportBuilder {
    /// How long connecting may take, TLS included; 5 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sends everything through this proxy, instead of those that `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` name.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Ignores the proxies that the environment names.
    pub fn without_environment_proxies(mut self) -> Self {
        self.environment_proxies = false;
        self
    }

    /// Does without TLS, and so without loading certificates: for an endpoint on this machine.
    pub fn without_tls(mut self) -> Self {
        self.tls = false;
        self
    }

    /// Makes the transport. It may be made outside a runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where the proxy's address can't be used or no certificates can be loaded.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            // Without retries there is still a copy of each request, for the first of them.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE)
            .connect_timeout(self.connect_timeout);
        if !self.environment_proxies {
            builder = builder.no_proxy();
        }
        if let Some(url) = &self.proxy {
            // The address may hold a password, so the source, which may repeat it, stays out.
            let proxy = reqwest::Proxy::all(url)
                .map_err(|_| Error::new(ErrorKind::Configuration, "proxy: not the address of a proxy"))?;
            builder = builder.proxy(proxy);
        }
        #[cfg(feature = "rustls")]
        {
            builder = builder.tls_backend_preconfigured(super::tls::config(self.tls)?);
        }
        let client = builder
            .build()
            .map_err(|error| Error::new(ErrorKind::Configuration, "transport: can't be built").with_source(error))?;
        Ok(ReqwestTransport { client, known: Arc::default() })
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let (mut head, body) = request.into_parts();
        let (url, host) = self.address(&head.uri)?;
        // Left to reqwest, it is put together again for each request, and the headers, laid out for those that are there, grow.
        if let Some(host) = host {
            head.headers.entry(HOST).or_insert(host);
        }
        let mut request = reqwest::Request::new(head.method, url);
        *request.headers_mut() = head.headers;
        let body = match body.try_into_bytes() {
            Ok(bytes) => reqwest::Body::from(bytes),
            Err(chunks) => reqwest::Body::wrap(chunks),
        };
        *request.body_mut() = Some(body);
        let answer =
            self.client.execute(request).await.map_err(|error| {
                if error.is_connect() || error.is_builder() { not_sent(error) } else { unknown(error) }
            })?;
        Ok(http::Response::from(answer).map(|chunks| Body::new(Incoming { chunks })))
    }
}

fn not_sent(error: reqwest::Error) -> TransportError {
    TransportError::not_sent(error.without_url())
}

fn unknown(error: reqwest::Error) -> TransportError {
    TransportError::outcome_unknown(error.without_url())
}

/// The chunks of an answer, their errors told in our words.
struct Incoming {
    chunks: reqwest::Body,
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.chunks).poll_frame(context).map_err(unknown)
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.chunks.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_a_port_where_it_is_not_the_schemes_own() {
        for (address, host) in [
            ("http://open.example.com/a?b=c", "open.example.com"),
            ("http://open.example.com:80/", "open.example.com"),
            ("http://open.example.com:443/", "open.example.com:443"),
            ("http://OPEN.example.com:8080/", "open.example.com:8080"),
            ("http://127.0.0.1:9/", "127.0.0.1:9"),
            ("http://[::1]/", "[::1]"),
            ("http://[::1]:8080/", "[::1]:8080"),
        ] {
            let uri: http::Uri = address.parse().unwrap();
            let (scheme, authority) = (uri.scheme().unwrap().clone(), uri.authority().unwrap().clone());
            let made = Address::new(scheme, authority, Url::parse(address).unwrap());
            assert_eq!(made.host.as_ref().unwrap(), host, "{address}");
            assert!(made.is_of(&uri));
        }
    }
}
