//! Where a request goes, and how it is addressed there.

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Uri};

use super::connect::Connector;
use super::{Body, BoxError, TransportError};

/// Where connections go to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) authority: Authority,
    pub(super) tls: bool,
}

impl Origin {
    /// Takes scheme and host off a request's address, and leaves what HTTP/1.1 writes: path and query, or all of it to a proxy that
    /// passes the request on; and `Host`.
    pub(super) fn of(request: &mut Request<Body>, connector: &Connector) -> Result<Self, TransportError> {
        let parts = std::mem::take(request.uri_mut()).into_parts();
        let tls = match &parts.scheme {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(TransportError::not_sent("an address begins with http:// or https://")),
        };
        let authority = parts.authority.filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(|| TransportError::not_sent("an address has a host, and no user name"))?;
        let origin = Self { authority, tls };
        *request.uri_mut() = parts.path_and_query.map_or_else(Uri::default, Uri::from);
        if !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, origin.host().map_err(TransportError::not_sent)?);
        }
        if !tls
            && connector.proxies.is_some()
            && let Some(authorization) = connector.forwarding(&origin.uri().map_err(TransportError::not_sent)?)
        {
            origin.complete(request).map_err(TransportError::not_sent)?;
            if let Some(authorization) = authorization {
                request.headers_mut().entry(PROXY_AUTHORIZATION).or_insert(authorization);
            }
        }
        Ok(origin)
    }

    /// The address without a path.
    pub(super) fn uri(&self) -> Result<Uri, BoxError> {
        Ok(self.with(PathAndQuery::from_static("/"))?)
    }

    /// Puts scheme and host before a request's path.
    pub(super) fn complete(&self, request: &mut Request<Body>) -> Result<(), http::uri::InvalidUriParts> {
        let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = self.with(path)?;
        Ok(())
    }

    fn with(&self, path: PathAndQuery) -> Result<Uri, http::uri::InvalidUriParts> {
        let mut parts = Parts::default();
        parts.scheme = Some(if self.tls { Scheme::HTTPS } else { Scheme::HTTP });
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts)
    }

    /// `Host`, which has no port where it is the scheme's own.
    fn host(&self) -> Result<HeaderValue, BoxError> {
        let own = if self.tls { 443 } else { 80 };
        let is_own = self.authority.port_u16() == Some(own);
        let host = if is_own { self.authority.host() } else { self.authority.as_str() };
        Ok(HeaderValue::from_str(host)?)
    }
}
