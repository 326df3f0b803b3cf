//! Values that every domain shares: money, time and identifiers.

mod currency;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod date_crates;
mod file;
mod identifier;
mod identifiers;
mod money;
mod nullable;
mod secret;
mod timestamp;

pub use currency::{Currency, ParseCurrencyError};
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub use date_crates::OutOfRange;
pub use file::File;
pub use identifiers::*;
pub use money::Money;
pub use nullable::Nullable;
pub use secret::Secret;
pub use timestamp::{ParseTimestampError, Timestamp};
