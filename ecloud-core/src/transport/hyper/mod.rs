//! The network, by hyper.

mod body;
mod builder;
mod connect;
mod connection;
#[cfg(all(feature = "http2", feature = "rustls"))]
mod http2;
mod origin;
mod pool;
mod proxy;
mod signal;
mod stream;

use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};

pub use self::builder::HyperTransportBuilder;

use self::body::{Lease, take_in};
use self::connect::Connector;
use self::connection::Connection;
use self::origin::Origin;
use self::pool::Pool;
use super::{Body, Transport, TransportError};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A network transport that does no more than it must: a pool of HTTP connections, by hyper.
///
/// It makes the same promises as the one on reqwest (it follows no redirect, resends nothing, keeps no cookies) at a smaller price: a
/// connection has no task of its own, since who waits for an answer drives it. HTTP/2 is spoken where the platform agrees to it
/// under TLS, with the feature `http2`. Clones share the pool.
///
/// ```
/// # fn main() -> Result<(), ecloud_core::Error> {
/// use ecloud_core::Client;
/// use ecloud_core::transport::HyperTransport;
///
/// let transport = HyperTransport::builder().without_tls().build()?;
/// let client = Client::builder()
///     .endpoint("http://localhost:8080")
///     .app("app-key", "app-secret")
///     .transport(transport)
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct HyperTransport {
    connector: Connector,
    pool: Arc<Pool>,
}

/// An exchange that came to no answer.
struct Failed {
    /// The request, where not a byte of it was written.
    unsent: Option<Request<Body>>,
    error: BoxError,
}

impl HyperTransport {
    /// A transport to be configured.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::new()
    }

    /// One exchange on a connection, which is given back with the end of the answer's body.
    async fn exchange(
        &self,
        origin: &Origin,
        mut connection: Box<Connection>,
        request: Request<Body>,
    ) -> Result<Response<Body>, Failed> {
        let answer = connection.exchange(request).await?;
        let lease = Lease { connection, origin: origin.clone(), pool: self.pool.clone() };
        Ok(take_in(lease, answer).await)
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let origin = Origin::of(&mut request, &self.connector)?;
        // A connection that was closed before anything was written says nothing of the request: the next one takes it.
        #[cfg(all(feature = "http2", feature = "rustls"))]
        while let Some(shared) = self.pool.shared(&origin) {
            match shared.exchange(&origin, request).await {
                Ok(answer) => return Ok(answer),
                Err(Failed { unsent: Some(unsent), .. }) => request = unsent,
                Err(failed) => return Err(failed.into()),
            }
        }
        while let Some(connection) = self.pool.take(&origin) {
            match self.exchange(&origin, connection, request).await {
                Ok(answer) => return Ok(answer),
                Err(Failed { unsent: Some(unsent), .. }) => request = unsent,
                Err(failed) => return Err(failed.into()),
            }
        }
        let stream = self.connector.connect(&origin, self.pool.clock()).await?;
        #[cfg(all(feature = "http2", feature = "rustls"))]
        if stream.is_http2() {
            let shared = http2::Shared::open(stream).await.map_err(TransportError::not_sent)?;
            self.pool.share(&origin, shared.clone());
            return Ok(shared.exchange(&origin, request).await?);
        }
        let connection = Connection::open(stream).await.map_err(TransportError::not_sent)?;
        Ok(self.exchange(&origin, connection, request).await?)
    }
}

impl From<Failed> for TransportError {
    fn from(failed: Failed) -> Self {
        match failed.unsent {
            Some(_) => Self::not_sent(failed.error),
            None => Self::outcome_unknown(failed.error),
        }
    }
}
