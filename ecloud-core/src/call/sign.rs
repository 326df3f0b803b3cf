//! Stage: the request of one attempt, signed. Nothing is added to it afterwards.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, header};

use super::again::Failure;
use super::no_randomness;
use super::outgoing::Outgoing;
use super::record::AttemptReason;
use crate::client::Inner;
use crate::dialect::Attempt;
use crate::transport::Body;
use crate::{Error, Timestamp};

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("ecloud-rust/", env!("CARGO_PKG_VERSION")));
/// As many headers as a request has of the protocol's own, so that the map is laid out once.
const HEADERS: usize = 12;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What an attempt was signed with: enough to tell again what was signed.
pub(super) struct Signed {
    pub(super) now: Timestamp,
    /// When that was, in monotonic time.
    pub(super) at: Duration,
    clock_offset_millis: i64,
    nonce: [u8; 32],
}

impl Signed {
    /// What an attempt that is made now is signed with: the corrected clock, and a nonce of its own.
    pub(super) fn now(client: &Inner) -> Result<Self, Error> {
        let clock_offset_millis = client.clock_offset.load(Ordering::Relaxed);
        Ok(Self {
            now: client.clock.now().offset_by_millis(clock_offset_millis),
            at: client.clock.monotonic(),
            clock_offset_millis,
            nonce: client.random.hex().map_err(no_randomness)?,
        })
    }

    /// The attempt as the dialect sees it.
    pub(super) fn attempt<'a>(&'a self, call: &'a Outgoing) -> Attempt<'a> {
        Attempt {
            method: &call.method,
            path: call.uri.path(),
            query: call.uri.query(),
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
pub(super) fn sign(client: &Inner, call: &Outgoing) -> Result<(Request<Body>, Signed), Failure> {
    let refused = |error: Error| Failure::last(AttemptReason::NotSendable, error);
    let signed = Signed::now(client).map_err(refused)?;

    let mut headers = HeaderMap::with_capacity(HEADERS + call.headers.len());
    if !call.headers.contains_key(header::ACCEPT) {
        headers.insert(header::ACCEPT, JSON);
    }
    headers.insert(header::USER_AGENT, USER_AGENT);
    headers.extend(call.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    client.dialect.authorize(&signed.attempt(call), &mut headers).map_err(refused)?;

    let mut request = Request::new(Body::from(call.body.clone()));
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = call.uri.clone();
    *request.headers_mut() = headers;
    Ok((request, signed))
}
