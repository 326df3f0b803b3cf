//! What the platform says when it doesn't do what was asked.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::dialect::ecloud::Rejection;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::xml::{self, Format};

/// The longest name of a field that an answer repeats, in characters.
const LONGEST_NAME: usize = 200;

/// A field's name as an answer may have it: whoever sends names of his own may send none, or a book.
fn named(field: String) -> String {
    if field.is_empty() {
        return "\"\"".to_owned();
    }
    match field.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => field[..end].to_owned(),
        None => field,
    }
}

/// One field of a request and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detail {
    field: String,
    reason: String,
}

impl Detail {
    /// What is wrong with `field`; the reason never repeats the value, which may be personal.
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: named(field.into()), reason: reason.into() }
    }
}

/// An error of protocol section 3: a status, a code and what a person needs to put it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    #[serde(with = "crate::snapshot::http_status")]
    status: StatusCode,
    code: Cow<'static, str>,
    message: String,
    details: Vec<Detail>,
    string_to_sign: Option<String>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with exactly this status.
    pub(crate) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
            string_to_sign: None,
            retry_after: None,
        }
    }

    /// `request.invalid`: the request isn't of the form that the protocol and the description ask for.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request.invalid", message)
    }

    /// `request.invalid` for one field.
    pub(crate) fn invalid_field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let detail = Detail::new(field, reason);
        let message = format!("{} {}", detail.field, detail.reason);
        Self { details: vec![detail], ..Self::invalid(message) }
    }

    /// A code of an operation's own. Its form gives its status: `…_not_found` is 404, `…_conflict` is 409, any other is a broken
    /// business rule, 422.
    pub(crate) fn rule(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let code = code.into();
        let status = if code.ends_with("_not_found") {
            StatusCode::NOT_FOUND
        } else if code.ends_with("_conflict") {
            StatusCode::CONFLICT
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Self::new(status, code, message)
    }

    /// `security.plaintext_refused`: a personal field came in the clear or masked.
    pub(crate) fn plaintext(field: &str) -> Self {
        let refusal = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "security.plaintext_refused",
            format!("{field} is a personal field: send its ciphertext, neither clear nor masked text"),
        );
        refusal.with_details(vec![Detail::new(field, "must be {\"ciphertext\": \"~1~…~\"}")])
    }

    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    pub(crate) fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// How long the caller should wait, where the platform knows.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The error body of protocol section 3.
    pub(crate) fn body(&self, request_id: &str, format: Format) -> Bytes {
        #[derive(Serialize)]
        struct Envelope<'a> {
            error: Body<'a>,
        }

        #[derive(Serialize)]
        struct Body<'a> {
            code: &'a str,
            message: &'a str,
            request_id: &'a str,
            #[serde(skip_serializing_if = "<[Detail]>::is_empty")]
            details: &'a [Detail],
            #[serde(skip_serializing_if = "Option::is_none")]
            expected: Option<Expected<'a>>,
        }

        #[derive(Serialize)]
        struct Expected<'a> {
            string_to_sign: &'a str,
        }

        let error = Body {
            code: &self.code,
            message: &self.message,
            request_id,
            details: &self.details,
            expected: self.string_to_sign.as_deref().map(|string_to_sign| Expected { string_to_sign }),
        };
        match format {
            Format::Json => serde_json::to_vec(&Envelope { error }).expect("strings and lists always encode").into(),
            Format::Xml => {
                xml::write_error(&serde_json::to_value(error).expect("strings and lists always encode")).into()
            }
        }
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let status = StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut refusal = Self::new(status, rejection.code(), rejection.message());
        refusal.string_to_sign = rejection.string_to_sign().map(str::to_owned);
        refusal
    }
}
