//! A field that may be absent, null, or there.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of an update that may be absent, null, or there: three different things to say.
///
/// Absent leaves what the platform has; null clears it; a value sets it. A struct's field of this type has
/// `#[serde(default, skip_serializing_if = "Nullable::is_absent")]`.
///
/// ```
/// use ecloud_core::Nullable;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Patch {
///     #[serde(default, skip_serializing_if = "Nullable::is_absent")]
///     note: Nullable<String>,
/// }
///
/// assert_eq!(serde_json::to_string(&Patch::default())?, "{}");
/// assert_eq!(serde_json::to_string(&Patch { note: Nullable::Null })?, r#"{"note":null}"#);
/// assert_eq!(serde_json::to_string(&Patch { note: "fragile".to_owned().into() })?, r#"{"note":"fragile"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nullable<T> {
    /// It isn't there.
    #[default]
    Absent,
    /// It is there and null.
    Null,
    /// It is there.
    Value(T),
}

impl<T> Nullable<T> {
    /// Whether it isn't there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it is there and null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, if there is one.
    pub fn as_option(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value, if there is one.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    /// `None` becomes null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    /// Absent is written as null where its field isn't skipped.
    ///
    /// Null is a unit, not a `None`, which formats without null leave out: this one says something and must not vanish.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Null => serializer.serialize_unit(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Patch {
        #[serde(default, skip_serializing_if = "Nullable::is_absent")]
        note: Nullable<String>,
    }

    #[test]
    fn absent_null_and_empty_survive_as_three_different_things() {
        for (text, note) in [
            ("{}", Nullable::Absent),
            (r#"{"note":null}"#, Nullable::Null),
            (r#"{"note":""}"#, Nullable::Value(String::new())),
        ] {
            let read: Patch = serde_json::from_str(text).unwrap();
            assert_eq!(read.note, note, "{text}");
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }
}
