//! What the token endpoint answers: a pair (RFC 6749, section 5.1), or an error (section 5.2).

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::error::{excerpt, redact};
use crate::token::TokenPair;
use crate::{Error, ErrorKind, Json, Timestamp};

/// A life longer than this is none that is worth a date: a hundred years, in seconds.
const LONGEST: u64 = 100 * 365 * 24 * 3600;

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Option<Json>,
    refresh_token: Option<String>,
    #[serde(alias = "refresh_token_expires_in")]
    refresh_expires_in: Option<Json>,
    scope: Option<String>,
    shop_id: Option<String>,
}

/// Reads a pair that was asked for at `asked_at`: lives are counted from there, so that none is thought longer than it is.
///
/// Nothing of the body is ever shown: it holds tokens.
pub(super) fn pair(body: &[u8], asked_at: Timestamp) -> Result<TokenPair, Error> {
    let granted: Granted = serde_json::from_slice(body).map_err(|error| {
        malformed(&format!("it is no such JSON at line {}, column {}", error.line(), error.column()))
    })?;
    // Required by the standard, left out by some platforms; a refresh that has spent its token isn't refused for it.
    if !granted.token_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(malformed("its tokens are not of type bearer"));
    }
    let access_token = granted.access_token.ok_or_else(|| malformed("it has no access token"))?;
    let mut pair = TokenPair::new(access_token, asked_at)
        .map_err(|_| malformed("its access token is empty, or not made of [A-Za-z0-9._~+/=-]"))?;
    if let Some(refresh_token) = granted.refresh_token {
        pair = pair
            .with_refresh_token(refresh_token)
            .map_err(|_| malformed("its refresh token is empty, or not of printable ASCII"))?;
    }
    if let Some(life) =
        seconds(granted.expires_in).ok_or_else(|| malformed("its expires_in is no number of seconds"))?
    {
        pair = pair.with_expiry(asked_at + life);
    }
    let refresh_life = seconds(granted.refresh_expires_in);
    if let Some(life) = refresh_life.ok_or_else(|| malformed("its refresh_expires_in is no number of seconds"))? {
        pair = pair.with_refresh_expiry(asked_at + life);
    }
    if let Some(scope) = granted.scope {
        pair = pair.with_scope(scope);
    }
    Ok(pair.with_shop_id(granted.shop_id))
}

/// A number of seconds, as a number or a text of digits; the outer `None` for anything else.
fn seconds(value: Option<Json>) -> Option<Option<Duration>> {
    let seconds = match value {
        None | Some(Json::Null) => return Some(None),
        Some(Json::Number(number)) => match number.as_u64() {
            Some(seconds) => seconds,
            // A float is cut off; a negative number is no life at all.
            None => number.as_f64().filter(|seconds| *seconds >= 0.0)? as u64,
        },
        Some(Json::String(digits)) => digits.parse().ok()?,
        Some(_) => return None,
    };
    Some(Some(Duration::from_secs(seconds.min(LONGEST))))
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidResponse, format!("the answer of the token endpoint can't be used: {what}"))
}

/// The error of a refusal. `secrets` are what was sent: a server that repeats them doesn't get them into our error.
pub(super) fn refusal(status: StatusCode, request_id: Option<&str>, body: &[u8], secrets: &[&str]) -> Error {
    let said: Json = serde_json::from_slice(body).unwrap_or_default();
    // A gateway in front may answer in the platform's own form: {"error": {"code", "message"}}.
    let error = &said["error"];
    let text = |value: &Json| value.as_str().map(|text| redact(&without(text, secrets)));
    let code = text(error).or_else(|| text(&error["code"])).filter(|code| !code.is_empty());
    let description = text(&said["error_description"]).or_else(|| text(&error["message"]));
    let message = description.filter(|text| !text.is_empty()).unwrap_or_else(|| match body {
        [] => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        body if code.is_none() => excerpt(without(&String::from_utf8_lossy(body), secrets).as_bytes()),
        _ => "no reason given".to_owned(),
    });
    let error = Error::new(kind(status, code.as_deref()), message).with_answer(status.as_u16(), request_id);
    match code {
        Some(code) => error.with_code(code),
        None => error,
    }
}

fn kind(status: StatusCode, code: Option<&str>) -> ErrorKind {
    match (status.as_u16(), code) {
        (400..=499, Some("invalid_grant" | "invalid_client")) => ErrorKind::Unauthenticated,
        (400..=499, Some("unauthorized_client" | "invalid_scope" | "access_denied")) => ErrorKind::Denied,
        (_, Some("temporarily_unavailable" | "server_error")) => ErrorKind::Unavailable,
        (429, _) => ErrorKind::Throttled,
        (401, _) => ErrorKind::Unauthenticated,
        (403, _) => ErrorKind::Denied,
        (500..=599, _) => ErrorKind::Unavailable,
        (400..=499, _) => ErrorKind::InvalidRequest,
        _ => ErrorKind::InvalidResponse,
    }
}

/// The text without the secrets.
fn without(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "***");
    }
    text
}
