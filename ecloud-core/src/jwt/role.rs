//! The duties of the people that an application acts for.

use std::fmt;

/// On whose behalf a token acts. They are separate duties: none includes another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// A shop's business: sells, ships, refunds.
    Business,
    /// An application's developer.
    Developer,
    /// The platform's operator.
    Operator,
    /// A role that this version doesn't know; kept as it came.
    Unknown(String),
}

impl Role {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Business => "business",
            Self::Developer => "developer",
            Self::Operator => "operator",
            Self::Unknown(name) => name,
        }
    }
}

impl From<&str> for Role {
    fn from(name: &str) -> Self {
        match name {
            "business" => Self::Business,
            "developer" => Self::Developer,
            "operator" => Self::Operator,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
