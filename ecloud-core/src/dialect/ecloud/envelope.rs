//! The platform's errors (protocol section 3).

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::header::REQUEST_ID;
use super::{SignatureComparison, SignatureTrace};
use crate::client::Format;
use crate::dialect::rest::by_status;
use crate::dialect::{Refusal, RefusalClass, server_delay};
use crate::error::{excerpt, redact};
use crate::{Error, ErrorKind, FieldError, Json};

/// Every member may be missing, since a gateway in front of the platform may answer in its place.
#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Body,
}

/// In XML it is the whole document.
#[derive(Default, Deserialize)]
#[serde(default, rename = "error")]
struct Body {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    details: Option<Vec<Detail>>,
    expected: Option<Expected>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    field: String,
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Expected {
    string_to_sign: Option<String>,
}

/// What the answer refuses; `trace` tells what was signed beside what the platform expected, and is asked only where the signature was wrong.
pub(super) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    trace: impl FnOnce(Option<String>) -> Option<SignatureTrace>,
) -> Refusal {
    let said = parse(headers, body).unwrap_or_default();
    let (class, kind) = judge(status, said.code.as_deref());
    let mut message = match &said.message {
        Some(message) => redact(message),
        None => excerpt(body),
    };
    if message.is_empty() {
        message = status.canonical_reason().unwrap_or("no reason given").to_owned();
    }
    let trace = match said.code.as_deref() {
        Some("auth.signature_mismatch") => trace(said.expected.and_then(|expected| expected.string_to_sign)),
        _ => None,
    };
    if let Some(trace) = &trace {
        message.push_str(&verdict(trace));
    }
    let header_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let mut error = Error::new(kind, message).with_answer(status.as_u16(), header_id.or(said.request_id.as_deref()));
    if let Some(code) = &said.code {
        error = error.with_code(redact(code));
    }
    if let Some(trace) = trace {
        error = error.with_trace(trace);
    }
    let field = |detail: Detail| FieldError { field: redact(&detail.field), reason: redact(&detail.reason) };
    let details = said.details.unwrap_or_default().into_iter().take(MAX_DETAILS).map(field).collect();
    Refusal::new(class, error.with_details(details)).with_retry_after(server_delay(headers))
}

/// What the body says, in the format that it says it has; nothing where it has another form.
fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Body> {
    match Format::of_answer(headers, Format::Json) {
        #[cfg(feature = "xml")]
        Some(Format::Xml) => crate::codec::xml::read(body).ok(),
        _ => serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error).or_else(|| salvage(body)),
    }
}

/// The members that are of their types, where one isn't: a code is worth having although the message is a number.
fn salvage(body: &[u8]) -> Option<Body> {
    let envelope: Json = serde_json::from_slice(body).ok()?;
    let error = envelope.get("error")?;
    let text = |of: &Json, name: &str| of.get(name).and_then(Json::as_str).map(str::to_owned);
    let detail = |detail: &Json| {
        let reason = text(detail, "reason").unwrap_or_default();
        text(detail, "field").map(|field| Detail { field, reason })
    };
    let details = error.get("details").and_then(Json::as_array);
    Some(Body {
        code: text(error, "code"),
        message: text(error, "message"),
        request_id: text(error, "request_id"),
        details: details.map(|details| details.iter().filter_map(detail).collect()),
        expected: error.get("expected").map(|expected| Expected { string_to_sign: text(expected, "string_to_sign") }),
    })
}

/// As many refused fields as a person reads; an answer can hold any number.
const MAX_DETAILS: usize = 100;

fn judge(status: StatusCode, code: Option<&str>) -> (RefusalClass, ErrorKind) {
    match code {
        Some("auth.timestamp_skew") => (RefusalClass::Clock, ErrorKind::Unauthenticated),
        Some("auth.replayed") => (RefusalClass::Replayed, ErrorKind::Unauthenticated),
        Some("auth.token_expired") => (RefusalClass::TokenExpired, ErrorKind::Unauthenticated),
        Some("idempotency.in_progress") => (RefusalClass::InProgress, ErrorKind::Conflict),
        Some("request.route_not_found") => (RefusalClass::Final, ErrorKind::InvalidRequest),
        _ => by_status(status),
    }
}

/// What a wrong signature's message says of the two strings; where they part shows the trace.
fn verdict(trace: &SignatureTrace) -> String {
    match trace.comparison() {
        SignatureComparison::Same => {
            let fingerprint = trace.key_fingerprint();
            format!("; both sides signed the same, so the secrets differ (this one's fingerprint: {fingerprint})")
        }
        SignatureComparison::Different(difference) => {
            format!("; the strings to sign part at {difference}: the signature's trace shows it")
        }
        SignatureComparison::Unknown => "; the signature's trace shows what was signed".to_owned(),
    }
}
