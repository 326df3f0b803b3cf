//! Enums that keep values which this version doesn't know.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// Reads an open enum: `read` turns the text into the variant, an unknown text into the variant that keeps it.
///
/// # Errors
///
/// Those of the deserializer, where the value is not a string.
pub fn open_enum<'de, D, T>(deserializer: D, read: fn(&str) -> T) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    struct Text<T>(fn(&str) -> T);

    impl<T> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Ok((self.0)(text))
        }
    }

    deserializer.deserialize_str(Text(read))
}
