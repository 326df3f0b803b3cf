//! Null where a list or map was promised.

use serde::{Deserialize, Deserializer};

/// Reads null as the empty value: for required lists and maps, which some platforms leave null when there is nothing in them.
///
/// # Errors
///
/// Those of the value's `Deserialize`.
pub fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
