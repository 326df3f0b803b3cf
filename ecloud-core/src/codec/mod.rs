//! Between bytes and values: JSON, open enums, hexadecimal.

pub(crate) mod hex;
pub(crate) mod json;
mod null;
#[doc(hidden)]
pub mod object;
mod open_enum;
pub mod union;

pub use null::null_as_empty;
pub use open_enum::open_enum;
