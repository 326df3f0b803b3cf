//! Values that every domain shares: money, time and identifiers.

mod currency;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod date_crates;
mod identifier;
mod identifiers;
mod money;
mod timestamp;

pub use currency::{Currency, ParseCurrencyError};
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub use date_crates::OutOfRange;
pub use identifiers::*;
pub use money::Money;
pub use timestamp::{ParseTimestampError, Timestamp};
