//! Why the platform can't do what a test asks of it.

use std::fmt;

use crate::platform::Refusal;

/// Something that can't happen in the state that the platform is in, or to something that isn't there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError {
    code: String,
    message: String,
}

impl ControlError {
    /// What is wrong, for programs: an operation's code such as `trade.order_not_found`, or `sandbox.impossible`.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ControlError {}

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code().to_owned(), message: refusal.message().to_owned() }
    }
}
