//! The three headers of a delivery, read as strictly as their senders can be expected to write them.

use std::ops::RangeInclusive;

use http::{HeaderMap, HeaderName, header};

use super::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, refusal};
use crate::{Error, ErrorKind};

/// How long an id may be, in bytes.
const ID_LENGTH: RangeInclusive<usize> = 1..=256;
/// How long the list of signatures may be, in bytes: more than eighty of them.
const SIGNATURES_LENGTH: usize = 4096;

/// What the three headers say.
pub(super) struct WebhookHeaders<'a> {
    pub(super) id: &'a str,
    /// The timestamp's text, which was signed.
    pub(super) timestamp: &'a str,
    pub(super) seconds: i64,
    pub(super) signatures: &'a str,
}

impl<'a> WebhookHeaders<'a> {
    pub(super) fn read(headers: &'a HeaderMap, body_length: usize) -> Result<Self, Error> {
        check_length(headers, body_length)?;
        let id = once(headers, &WEBHOOK_ID)?;
        if !is_id(id) {
            return Err(invalid(&WEBHOOK_ID, "1 to 256 visible ASCII characters without `.` and `,`"));
        }
        let timestamp = once(headers, &WEBHOOK_TIMESTAMP)?;
        let seconds = read_seconds(timestamp)
            .ok_or_else(|| invalid(&WEBHOOK_TIMESTAMP, "Unix seconds, 1 to 12 digits without a leading zero"))?;
        let signatures = once(headers, &WEBHOOK_SIGNATURE)?;
        if signatures.len() > SIGNATURES_LENGTH {
            return Err(invalid(&WEBHOOK_SIGNATURE, "at most 4096 bytes"));
        }
        Ok(Self { id, timestamp, seconds, signatures })
    }

    /// The signatures of version 1: 32 bytes in base64. What is of that version and of another form can't match, and is left out.
    pub(super) fn of_version_1(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,"))
    }
}

/// Whether a text can be a webhook's id. A point would let an id and a timestamp be divided in two ways under one signature; a
/// comma is what a proxy puts between two headers that it has joined.
pub(super) fn is_id(text: &str) -> bool {
    ID_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'.' | b','))
}

fn read_seconds(text: &str) -> Option<i64> {
    let well_formed = (1..=12).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if well_formed { text.parse().ok() } else { None }
}

/// The value of a header that must be there, and once: of two that differ nobody could say which of them was meant.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Err(refusal(ErrorKind::InvalidRequest, "event.header_missing", format!("`{name}` is missing")));
    };
    if values.next().is_some() {
        return Err(refusal(ErrorKind::InvalidRequest, "event.header_repeated", format!("`{name}` occurs twice")));
    }
    match value.to_str() {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => Err(invalid(name, "visible ASCII characters")),
    }
}

/// A length that isn't the body's means that bytes were lost or added on the way.
fn check_length(headers: &HeaderMap, body_length: usize) -> Result<(), Error> {
    let name = &header::CONTENT_LENGTH;
    if headers.get_all(name).iter().any(|value| value.as_bytes() != body_length.to_string().as_bytes()) {
        return Err(invalid(name, "the number of bytes of the body"));
    }
    Ok(())
}

fn invalid(name: &HeaderName, form: &str) -> Error {
    refusal(ErrorKind::InvalidRequest, "event.header_invalid", format!("`{name}` is not of the form: {form}"))
}
