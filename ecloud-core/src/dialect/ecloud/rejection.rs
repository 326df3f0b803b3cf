//! Why a platform refuses a request before the operation looks at it.

use std::borrow::Cow;

/// A request that the protocol refuses: status, code and message of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejection {
    status: u16,
    code: &'static str,
    message: Cow<'static, str>,
    string_to_sign: Option<Box<str>>,
}

impl Rejection {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), string_to_sign: None }
    }

    /// Headers, path or query are not well formed.
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "request.invalid", message)
    }

    pub(super) fn with_string_to_sign(mut self, masked: String) -> Self {
        self.string_to_sign = Some(masked.into());
        self
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The code of the answer.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong. It never holds a secret.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// On a wrong signature: what should have been signed, its access token masked. A sandbox shows it, a production platform doesn't.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.string_to_sign.as_deref()
    }
}
