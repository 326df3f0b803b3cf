//! A base address that is safe to send secrets to.

use std::fmt;
use std::net::IpAddr;

use http::uri::{Authority, PathAndQuery, Scheme};
use url::Url;

use crate::{Error, ErrorKind};

/// A checked base address.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    scheme: Scheme,
    authority: Authority,
    prefix: String,
}

impl Address {
    /// Reads a base address; `plain_hosts` are the hosts that may be spoken to without TLS.
    pub(crate) fn parse(text: &str, plain_hosts: &[String]) -> Result<Self, Error> {
        let refused = |reason: &str| Err(Error::new(ErrorKind::Configuration, format!("endpoint: {reason}")));
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                return refused("no scheme; write https://…");
            }
            Err(error) => return refused(&error.to_string()),
        };
        let Some(host) = url.host_str() else {
            return refused("no host");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refused("user name and password have no place in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("it ends with its path; query and fragment have no place in it");
        }
        let scheme = match url.scheme() {
            "https" => Scheme::HTTPS,
            "http" if is_loopback(host) || plain_hosts.iter().any(|plain| host == plain) => Scheme::HTTP,
            "http" => {
                return refused(
                    "http is for this machine alone; use https, or allow the host by name with allow_plain_http",
                );
            }
            other => return refused(&format!("{other} is neither https nor http")),
        };
        let prefix = url.path().trim_end_matches('/').to_owned();
        if prefix.split('/').skip(1).any(str::is_empty) {
            return refused("its path has an empty segment");
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let Ok(authority) = format!("{host}{port}").parse() else {
            return refused("no usable host");
        };
        Ok(Self { scheme, authority, prefix })
    }

    /// Whether it is this machine.
    #[cfg(any(test, feature = "hyper", feature = "reqwest"))]
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.authority.host())
    }

    /// Whether it is spoken to without TLS.
    #[cfg(any(feature = "hyper", feature = "reqwest"))]
    pub(crate) fn is_plain(&self) -> bool {
        self.scheme == Scheme::HTTP
    }

    /// The path before the operations' own; empty or beginning with `/`, never ending with it.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The host, and the port where one was given.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The address of a request to this target, which begins below the prefix.
    pub(crate) fn uri(&self, target: &PathAndQuery) -> Result<http::Uri, Error> {
        let target = match self.prefix.as_str() {
            "" => target.clone(),
            prefix => path_and_query(format!("{prefix}{target}"))?,
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        http::Uri::from_parts(parts).map_err(|_| not_a_target())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

/// A path and a query, as they go into a request.
pub(crate) fn target(path: &str, query: &str) -> Result<PathAndQuery, Error> {
    let mut target = String::with_capacity(path.len() + query.len() + 1);
    target.push_str(path);
    if !query.is_empty() {
        target.push('?');
        target.push_str(query);
    }
    path_and_query(target)
}

fn path_and_query(text: String) -> Result<PathAndQuery, Error> {
    PathAndQuery::from_maybe_shared(bytes::Bytes::from(text)).map_err(|_| not_a_target())
}

fn not_a_target() -> Error {
    Error::new(ErrorKind::InvalidRequest, "path and query are too long for an address, or not of its form")
}

/// Exactly `localhost`, 127.0.0.0/8 and `[::1]` (protocol section 1).
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Address::parse(text, &[]).unwrap_err().to_string()
    }

    #[test]
    fn what_is_unsafe_or_unclear_is_refused_by_name() {
        for (text, reason) in [
            ("open.example.com", "no scheme"),
            ("", "no scheme"),
            ("http://open.example.com", "https"),
            ("http://localhost.example.com", "https"),
            ("http://128.0.0.1", "https"),
            ("ftp://open.example.com", "ftp"),
            ("https://user:secret@open.example.com", "password"),
            ("https://open.example.com/?a=b", "query"),
            ("https://open.example.com/#top", "fragment"),
            ("https://open.example.com//gateway", "empty segment"),
            ("https://", "empty host"),
        ] {
            let said = refusal(text);
            assert!(said.starts_with("endpoint: ") && said.contains(reason), "{text}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn this_machine_needs_no_tls_and_others_only_by_name() {
        for text in ["http://localhost:8080", "http://127.0.0.1", "http://127.8.9.1:1", "http://[::1]:8080/gateway"] {
            assert!(Address::parse(text, &[]).unwrap().is_loopback(), "{text}");
        }
        let gateway = Address::parse("http://gateway.internal", &["gateway.internal".to_owned()]).unwrap();
        assert!(!gateway.is_loopback());
    }

    #[test]
    fn the_prefix_stands_before_the_path() {
        let uri = |base| {
            Address::parse(base, &[]).unwrap().uri(&target("/trade/v1/orders", "a=1").unwrap()).unwrap().to_string()
        };
        assert_eq!(uri("https://open.example.com"), "https://open.example.com/trade/v1/orders?a=1");
        assert_eq!(uri("https://open.example.com:8443/gw/"), "https://open.example.com:8443/gw/trade/v1/orders?a=1");
    }
}
