//! The platform's errors (protocol section 3).

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::canonical::mask_string_to_sign;
use super::header::REQUEST_ID;
use crate::dialect::rest::by_status;
use crate::dialect::{Refusal, RefusalClass, server_delay};
use crate::error::{excerpt, redact};
use crate::{Error, ErrorKind, FieldError};

/// Every member may be missing, since a gateway in front of the platform may answer in its place.
#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Body,
}

#[derive(Default, Deserialize)]
#[serde(default)]
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

/// What the answer refuses; `signed` gives the string that was signed, masked, and is asked only where the signature was wrong.
pub(super) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    signed: impl FnOnce() -> Option<String>,
) -> Refusal {
    let said = serde_json::from_slice::<Envelope>(body).map(|envelope| envelope.error).unwrap_or_default();
    let (class, kind) = judge(status, said.code.as_deref());
    let mut message = match &said.message {
        Some(message) => redact(message),
        None => excerpt(body),
    };
    if message.is_empty() {
        message = status.canonical_reason().unwrap_or("no reason given").to_owned();
    }
    if said.code.as_deref() == Some("auth.signature_mismatch") {
        let expected = said.expected.and_then(|expected| expected.string_to_sign).map(mask_unmasked);
        message.push_str(&compare_signed(signed(), expected));
    }
    let header_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let mut error = Error::new(kind, message).with_answer(status.as_u16(), header_id.or(said.request_id.as_deref()));
    if let Some(code) = &said.code {
        error = error.with_code(redact(code));
    }
    let field = |detail: Detail| FieldError { field: redact(&detail.field), reason: redact(&detail.reason) };
    let details = said.details.unwrap_or_default().into_iter().take(MAX_DETAILS).map(field).collect();
    Refusal::new(class, error.with_details(details)).with_retry_after(server_delay(headers))
}

/// As many refused fields as a person reads; an answer can hold any number.
const MAX_DETAILS: usize = 100;

fn judge(status: StatusCode, code: Option<&str>) -> (RefusalClass, ErrorKind) {
    match code {
        Some("auth.timestamp_skew") => (RefusalClass::Clock, ErrorKind::Unauthenticated),
        Some("auth.replayed") => (RefusalClass::Replayed, ErrorKind::Unauthenticated),
        Some("idempotency.in_progress") => (RefusalClass::InProgress, ErrorKind::Conflict),
        Some("request.route_not_found") => (RefusalClass::Final, ErrorKind::InvalidRequest),
        _ => by_status(status),
    }
}

/// A platform masks the access token in what it shows; one that forgot to is not believed.
fn mask_unmasked(expected: String) -> String {
    if expected.contains(":authorization=sha256:") { expected } else { mask_string_to_sign(&expected) }
}

/// Shows what was signed beside what the platform expected, from the place where they part.
fn compare_signed(signed: Option<String>, expected: Option<String>) -> String {
    let Some(signed) = signed else {
        return String::new();
    };
    let Some(expected) = expected else {
        return format!("; signed was `{signed}`");
    };
    let same = signed.bytes().zip(expected.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
    if signed == expected {
        return format!("; both sides signed `{signed}`, so the secrets differ");
    }
    // What a platform sends is shown only where it is of the canonical form, whose characters are these.
    let canonical = |byte: u8| byte.is_ascii_graphic();
    if !expected.bytes().all(canonical) || !expected.is_char_boundary(same) || !signed.is_char_boundary(same) {
        return format!("; signed was `{signed}`");
    }
    let shorten = |text: &str| text.chars().take(400).collect::<String>();
    format!(
        "; the strings to sign part at byte {same}: signed was `{}`, expected was `{}`",
        shorten(&signed[same..]),
        shorten(&expected[same..])
    )
}
