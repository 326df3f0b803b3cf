//! Unions: which of several types a JSON value is.
//!
//! Generated enums read a value once as [`Json`](crate::Json) and decide by its tag or by its [`Shape`], so that one variant is tried, not
//! sixty, and a value that none of them fits is kept as it came.

mod choose;
mod effort;
mod shape;

use serde::de::DeserializeOwned;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use choose::choose;
pub use shape::Shape;

/// The value of a tag, if the value is an object that has it as text.
pub fn tag<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    effort::begin();
    value.get(name)?.as_str()
}

/// Reads a value as a variant's type; nothing where it doesn't fit.
///
/// It costs what the value's size costs, however unions are nested: where too much was read in vain, inner values aren't tried any more.
pub fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    if !effort::is_left() {
        return None;
    }
    let reading = effort::Reading::enter();
    let read = T::deserialize(value).ok();
    drop(reading);
    if read.is_none() {
        effort::spend(value);
    }
    read
}

/// Writes the variant of a tagged union: what it holds, with the tag once, whatever the type itself says there.
///
/// # Errors
///
/// Those of the value's `Serialize`, and where it isn't an object.
pub fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    tag: &str,
    name: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    // On this thread, so that personal fields know where they are going.
    let value = serde_json::to_value(value).map_err(S::Error::custom)?;
    write_tagged(serializer, tag, name, &value)
}

/// Writes the variant of a tagged union that several tags stand for: the tag that the type itself says if it is one of them, else the first.
///
/// # Errors
///
/// Those of the value's `Serialize`, and where it isn't an object.
pub fn tagged_among<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    tag: &str,
    names: &[&str],
    value: &T,
) -> Result<S::Ok, S::Error> {
    let value = serde_json::to_value(value).map_err(S::Error::custom)?;
    let said = value.get(tag).and_then(Value::as_str).filter(|said| names.contains(said));
    let name = said.or(names.first().copied()).unwrap_or_default();
    write_tagged(serializer, tag, name, &value)
}

fn write_tagged<S: Serializer>(serializer: S, tag: &str, name: &str, value: &Value) -> Result<S::Ok, S::Error> {
    let Value::Object(fields) = value else {
        return Err(S::Error::custom("a variant with a tag is an object"));
    };
    let others = fields.iter().filter(|(key, _)| *key != tag);
    let mut map = serializer.serialize_map(Some(fields.len() + usize::from(!fields.contains_key(tag))))?;
    map.serialize_entry(tag, name)?;
    for (key, value) in others {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

#[cfg(test)]
mod tests;
