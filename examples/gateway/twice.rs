//! Somebody on the way who sends each request a second time.

use async_trait::async_trait;
use ecloud::Error;
use ecloud::http::{Request, Response};
use ecloud::transport::{Body, ReqwestTransport, Transport, TransportError};

/// Sends everything twice, and hands back the second answer.
#[derive(Debug)]
pub(crate) struct Twice {
    inner: ReqwestTransport,
}

impl Twice {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self { inner: ReqwestTransport::builder().without_tls().without_environment_proxies().build()? })
    }
}

#[async_trait]
impl Transport for Twice {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.try_into_bytes().map_err(|_| TransportError::not_sent("only whole bodies are repeated"))?;
        let request = || Request::from_parts(head.clone(), Body::from(body.clone()));
        self.inner.send(request()).await?;
        self.inner.send(request()).await
    }
}
