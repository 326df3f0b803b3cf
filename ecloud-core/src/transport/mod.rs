//! The one seam to the network.

mod body;
#[cfg(feature = "hyper")]
mod hyper;
mod memory;
#[cfg(all(feature = "reqwest", not(all(target_family = "wasm", target_os = "unknown"))))]
mod reqwest;
#[cfg(all(feature = "rustls", any(feature = "hyper", feature = "reqwest")))]
mod tls;

#[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
compile_error!(
    "the feature `reqwest` of ecloud-core has no sockets on wasm32-unknown-unknown: turn default features off, and give the client \
     a transport and a clock of your own"
);

use std::fmt;

use async_trait::async_trait;

pub use self::body::Body;
#[cfg(feature = "hyper")]
pub use self::hyper::{HyperTransport, HyperTransportBuilder};
pub use self::memory::MemoryTransport;
#[cfg(all(feature = "reqwest", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use self::reqwest::{ReqwestTransport, ReqwestTransportBuilder};

/// How long an idle connection is kept: less than the 60 seconds after which most gateways close theirs, so that no request is written
/// into a connection that is just being closed.
#[cfg(any(feature = "hyper", feature = "reqwest"))]
const IDLE: std::time::Duration = std::time::Duration::from_secs(50);

/// Sends one request and hands back one answer.
///
/// A transport sends what it is given, byte for byte, once: it doesn't follow redirects, resend, decompress or add `x-ecloud-*` headers, since the
/// request is signed. Deadlines and size limits are the pipeline's, which drops the future or the body when they are reached; dropping
/// either must end the exchange, and leave the transport fit for the next.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and returns as soon as the answer's head is there. Dropping the future ends the exchange, after which nobody
    /// knows whether the server acts on it.
    ///
    /// # Errors
    ///
    /// [`TransportError`], which says whether the request may have reached the server.
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError>;
}

/// An exchange that failed, and what is known of the request.
#[derive(Debug, thiserror::Error)]
#[error("{}", if *.sent { "the exchange broke off after the request was sent" } else { "the request was not sent" })]
pub struct TransportError {
    sent: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl TransportError {
    /// The request certainly never reached the server: no address, no connection, no TLS. Sending again is always safe.
    pub fn not_sent(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { sent: false, source: source.into() }
    }

    /// The request may have reached the server, and may have taken effect.
    pub fn outcome_unknown(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { sent: true, source: source.into() }
    }

    /// Whether the request may have reached the server.
    pub fn is_outcome_unknown(&self) -> bool {
        self.sent
    }
}
