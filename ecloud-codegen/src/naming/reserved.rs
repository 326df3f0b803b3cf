//! What each kind of scope keeps for Rust and for the generated code.

use crate::names;

/// Types, traits and variants that generated code takes from the prelude.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deserialize",
    "Deserializer",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Modules that a crate has for itself, and names that Cargo or the file system keep; `core` and the like would hide a crate.
const MODULES: &[&str] = &[
    "alloc",
    "aux",
    "client",
    "con",
    "core",
    "ecloud_core",
    "lib",
    "main",
    "new",
    "nul",
    "prn",
    "serde",
    "serde_json",
    "std",
    "test",
    "types",
];

/// Fields and methods that the generated type of an operation has for itself.
const OPERATION: &[&str] = &[
    "call",
    "body",
    "changes",
    "clone",
    "items",
    "pages",
    "prefetch",
    "request",
    "resume_from",
    "send",
    "send_raw",
    "send_with_meta",
    "with_idempotency_key",
    "with_tag",
    "with_timeout",
    // Methods of `std::ops` traits, which lints would take setters for.
    "add",
    "bitand",
    "bitor",
    "bitxor",
    "div",
    "mul",
    "neg",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];

/// Names that a model has for itself; setters are called like the fields.
const FIELDS: &[&str] =
    &["new", "clone", "add", "bitand", "bitor", "bitxor", "div", "mul", "neg", "not", "rem", "shl", "shr", "sub"];

/// What a scope holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Types,
    Modules,
    Methods,
    Fields,
    Variants,
    Parameters,
}

impl Kind {
    /// The kind that the first word of a scope's name says.
    pub(super) fn of(scope: &str) -> Self {
        match scope.split(' ').next() {
            Some("modules") => Self::Modules,
            Some("methods") => Self::Methods,
            Some("fields") => Self::Fields,
            Some("variants") => Self::Variants,
            Some("parameters") => Self::Parameters,
            _ => Self::Types,
        }
    }

    /// Whether names are cased as types are.
    pub(super) fn is_camel(self) -> bool {
        matches!(self, Self::Types | Self::Variants)
    }

    /// Whether nothing of a document may have the name.
    pub(super) fn reserves(self, name: &str) -> bool {
        let own = match self {
            Self::Types => PRELUDE,
            Self::Modules => MODULES,
            Self::Methods => &["clone", "new"],
            Self::Fields => FIELDS,
            Self::Variants => &["Self", "Unknown", "Other"],
            Self::Parameters => OPERATION,
        };
        own.contains(&name) || names::is_keyword(name)
    }
}
