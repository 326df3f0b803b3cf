//! Between bytes and values: JSON, open enums, hexadecimal.

pub(crate) mod hex;
pub(crate) mod json;
mod open_enum;

pub use open_enum::open_enum;
