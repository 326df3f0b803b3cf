//! Errors of RFC 6749, section 5.2.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::platform::reply::Reply;
use crate::xml::Format;

/// A refusal of the authorisation server: a code of the standard, and what a person needs to put it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthRefusal {
    code: &'static str,
    message: String,
}

impl OAuthRefusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The request isn't of the form that the standard asks for.
    pub(super) fn request(message: impl Into<String>) -> Self {
        Self::new("invalid_request", message)
    }

    /// The code or refresh token isn't good, or not any more.
    pub(super) fn grant(message: impl Into<String>) -> Self {
        Self::new("invalid_grant", message)
    }

    /// Nobody knows the application, or it hasn't shown that it is the one.
    pub(super) fn client() -> Self {
        Self::new("invalid_client", "send the application's key and secret with HTTP Basic, both form-encoded first")
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn into_reply(self) -> Reply {
        let body = json!({"error": self.code, "error_description": self.message});
        let is_client = self.code == "invalid_client";
        let status = if is_client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut reply = Reply::success(status, Some(body.to_string().into()), Format::Json);
        if is_client {
            reply.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"ecloud\""));
        }
        reply
    }
}
