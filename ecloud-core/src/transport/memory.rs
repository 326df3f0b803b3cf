//! A transport without a network: a function answers.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Body, Transport, TransportError};

/// Answers requests in memory, by a function: for tests of what lies above the network. An exchange is over as soon as it is polled, so
/// dropping it before means that nothing was sent.
///
/// ```
/// use ecloud_core::transport::MemoryTransport;
///
/// let transport = MemoryTransport::new(|request| {
///     assert_eq!(request.uri().path(), "/trade/v1/orders/T1001");
///     Ok(http::Response::new(r#"{"order_id":"T1001"}"#.into()))
/// });
/// ```
pub struct MemoryTransport<F> {
    answer: F,
}

impl<F> MemoryTransport<F>
where
    F: Fn(http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> + Send + Sync + 'static,
{
    /// A transport that answers with what `answer` returns.
    pub fn new(answer: F) -> Self {
        Self { answer }
    }
}

impl<F> fmt::Debug for MemoryTransport<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryTransport")
    }
}

#[async_trait]
impl<F> Transport for MemoryTransport<F>
where
    F: Fn(http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> + Send + Sync + 'static,
{
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.try_into_bytes().map_err(|_| TransportError::not_sent("only whole bodies are answered"))?;
        (self.answer)(http::Request::from_parts(head, body)).map(|answer| answer.map(Body::from))
    }
}
