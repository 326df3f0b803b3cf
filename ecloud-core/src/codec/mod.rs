//! Between bytes and values: JSON, XML, open enums, hexadecimal.

pub(crate) mod hex;
pub(crate) mod json;
mod null;
#[doc(hidden)]
pub mod object;
mod open_enum;
pub mod union;
mod writable;
#[cfg(feature = "xml")]
pub mod xml;

pub use null::null_as_empty;
pub use open_enum::open_enum;
pub(crate) use writable::Writable;
