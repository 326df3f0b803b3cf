//! One key set, from where it is published.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body::Body as _;

use super::key_set::{KeySet, SET_LIMIT};
use crate::transport::{Body, Transport};
use crate::{Clock, Error, ErrorKind};

/// How long a key set may take to come.
const TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("ecloud-rust/", env!("CARGO_PKG_VERSION")));

/// Fetches a key set: one request, no redirects, no longer than a key set may be.
pub(super) async fn key_set(transport: &dyn Transport, clock: &dyn Clock, uri: &Uri) -> Result<KeySet, Error> {
    let mut expiry = clock.expiry(clock.monotonic().saturating_add(TIMEOUT));
    let mut exchange = pin!(exchange(transport, uri));
    poll_fn(|context| match exchange.as_mut().poll(context) {
        Poll::Pending => expiry.as_mut().poll(context).map(|()| Err(failed("didn't come within 5 s", None))),
        ready => ready,
    })
    .await
}

async fn exchange(transport: &dyn Transport, uri: &Uri) -> Result<KeySet, Error> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().insert(header::USER_AGENT, USER_AGENT);
    let broken = |error| failed("could not be fetched", Some(error));
    let answer = transport.send(request).await.map_err(broken)?;
    if answer.status() != StatusCode::OK {
        return Err(failed(&format!("was answered with the status {}", answer.status().as_u16()), None));
    }
    let mut body = answer.into_body();
    let mut bytes = BytesMut::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(chunk) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if bytes.len() + chunk.len() > SET_LIMIT {
            return Err(Error::new(ErrorKind::ResponseTooLarge, "the key set is longer than 256 KiB"));
        }
        bytes.extend_from_slice(&chunk);
    }
    KeySet::from_json(&bytes)
}

fn failed(how: &str, source: Option<crate::transport::TransportError>) -> Error {
    let error = Error::new(ErrorKind::Unavailable, format!("the key set {how}"));
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}
