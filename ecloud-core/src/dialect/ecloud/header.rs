//! The protocol's headers (section 1).

use http::HeaderName;

pub(super) const APP_KEY: HeaderName = HeaderName::from_static("x-ecloud-app-key");
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static("x-ecloud-timestamp");
pub(super) const NONCE: HeaderName = HeaderName::from_static("x-ecloud-nonce");
pub(super) const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-ecloud-content-sha256");
pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("x-ecloud-signature");
pub(super) const TAG: HeaderName = HeaderName::from_static("x-ecloud-tag");
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-ecloud-request-id");

/// What the names of the platform's own headers begin with.
pub(super) const OWN_PREFIX: &str = "x-ecloud-";

/// Whether a text is `length` bytes long and made of ASCII letters, digits and `others` alone.
pub(super) fn is_token(text: &str, length: std::ops::RangeInclusive<usize>, others: &[u8]) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

pub(super) fn is_app_key(text: &str) -> bool {
    is_token(text, 1..=64, b"._-")
}

pub(super) fn is_nonce(text: &str) -> bool {
    is_token(text, 16..=64, b"-")
}

pub(crate) fn is_tag(text: &str) -> bool {
    is_token(text, 1..=64, b"._-")
}

pub(crate) fn is_idempotency_key(text: &str) -> bool {
    is_token(text, 1..=128, b"._:-")
}

pub(crate) fn is_access_token(text: &str) -> bool {
    is_token(text, 1..=usize::MAX, b"._~+/=-")
}

/// `0`, or 1 to 12 digits without a leading zero.
pub(super) fn read_timestamp(text: &str) -> Option<i64> {
    let well_formed = (1..=12).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if well_formed { text.parse().ok() } else { None }
}
