//! Stage: the request of one attempt, signed. Nothing is added to it afterwards.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, Uri, header};

use super::again::Failure;
use super::no_randomness;
use super::outgoing::Outgoing;
use super::record::AttemptReason;
use crate::client::Inner;
use crate::dialect::Attempt;
use crate::transport::Body;
use crate::{Error, Timestamp};

pub(crate) const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("ecloud-rust/", env!("CARGO_PKG_VERSION")));
/// As many headers as a request has of the protocol's own, so that the map is laid out once.
const HEADERS: usize = 12;

/// What an attempt was signed with: enough to tell again what was signed.
pub(super) struct Signed<'a> {
    uri: Uri,
    /// What the platform's clock is ahead of ours at the endpoint, in milliseconds.
    pub(super) clock_offset: &'a AtomicI64,
    pub(super) now: Timestamp,
    /// When that was, in monotonic time.
    pub(super) at: Duration,
    pub(super) clock_offset_millis: i64,
    nonce: [u8; 32],
}

impl<'a> Signed<'a> {
    /// What an attempt that is made now at this endpoint is signed with: the clock as corrected there, and a nonce of its own.
    pub(super) fn now(client: &'a Inner, call: &Outgoing, upstream: usize) -> Result<Self, Error> {
        let upstream = client.upstreams.get(upstream);
        let clock_offset = &upstream.clock_offset;
        let clock_offset_millis = clock_offset.load(Ordering::Relaxed);
        let at = client.clock.monotonic();
        Ok(Self {
            uri: upstream.address.uri(&call.target)?,
            clock_offset,
            now: client.clock.now().offset_by_millis(clock_offset_millis),
            at,
            clock_offset_millis,
            nonce: client.random.nonce(at).map_err(no_randomness)?,
        })
    }

    /// The attempt as the dialect sees it.
    pub(super) fn attempt<'b>(&'b self, call: &'b Outgoing) -> Attempt<'b> {
        Attempt {
            method: &call.method,
            path: self.uri.path(),
            query: self.uri.query(),
            now: self.now,
            clock_offset_millis: self.clock_offset_millis,
            nonce: std::str::from_utf8(&self.nonce).unwrap_or_default(),
            access_token: call.access_token.as_ref(),
            idempotency_key: call.idempotency_key.as_ref(),
            idempotency_header: call.idempotency_header,
            security: call.security,
            tag: call.tag.as_ref(),
            body_digest: call.body_digest.as_ref(),
        }
    }
}

/// Builds and signs the request of one attempt: by the corrected clock, under a nonce of its own.
pub(super) fn sign<'a>(
    client: &'a Inner,
    call: &Outgoing,
    upstream: usize,
) -> Result<(Request<Body>, Signed<'a>), Failure> {
    let refused = |error: Error| Failure::last(AttemptReason::NotSendable, error);
    let signed = Signed::now(client, call, upstream).map_err(refused)?;

    let mut headers = HeaderMap::with_capacity(HEADERS + call.headers.len());
    if !call.headers.contains_key(header::ACCEPT) {
        headers.insert(header::ACCEPT, call.format.media_type());
    }
    headers.insert(header::USER_AGENT, USER_AGENT);
    headers.extend(call.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    client.dialect.authorize(&signed.attempt(call), &mut headers).map_err(refused)?;

    let mut request = Request::new(Body::from(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = signed.uri.clone();
    *request.headers_mut() = headers;
    Ok((request, signed))
}
