//! What all models have in common in reading and writing: JSON objects with known names.
//!
//! [`Model`](macro@crate::Model) writes code against this module; nobody else needs it. What is here is compiled once, what the macro writes
//! once for each model, so the macro's part is small: no `?` between fields, and no second way in for sequences.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

pub use std::default::Default;
pub use std::option::Option;
pub use std::result::Result;
pub use std::string::String;

use serde::de::{DeserializeSeed, IgnoredAny, Visitor};
use serde::ser::{SerializeMap, SerializeStruct};

pub use serde::de::{Error, MapAccess};
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The place of a name that a model doesn't know.
pub const UNKNOWN: usize = usize::MAX;

/// A model while it is read.
pub trait Draft<'de>: Sized {
    /// What it becomes.
    type Model;

    /// What the model is called, for errors.
    const NAME: &'static str;

    /// The names of its fields.
    const NAMES: &'static [&'static str];

    /// Whether it keeps what it has no name for.
    const HAS_REST: bool = false;

    /// Nothing read yet.
    fn new() -> Self;

    /// Where a name stands among [`NAMES`](Self::NAMES), or [`UNKNOWN`].
    fn place(name: &str) -> usize;

    /// Reads the value of the field at a place; one that is unknown is passed over.
    ///
    /// # Errors
    ///
    /// Those of the field's type.
    fn read<A: MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> Result<(), A::Error>;

    /// Reads the value of a name that no field has; only called with [`HAS_REST`](Self::HAS_REST).
    ///
    /// # Errors
    ///
    /// Those of the value's type.
    fn rest<A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        drop(name);
        skip(map)
    }

    /// The model.
    ///
    /// # Errors
    ///
    /// A required field that wasn't there.
    fn finish<E: Error>(self) -> Result<Self::Model, E>;
}

/// Reads a model.
///
/// # Errors
///
/// Anything but an object, a required field that isn't there, and the errors of the fields.
pub fn read<'de, T: Draft<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T::Model, D::Error> {
    deserializer.deserialize_struct(T::NAME, T::NAMES, Object::<T>(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Draft<'de>> Visitor<'de> for Object<T> {
    type Value = T::Model;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "struct {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T::Model, A::Error> {
        let mut draft = T::new();
        let mut other = String::new();
        while let Some(place) = map.next_key_seed(Name::<T> { other: &mut other, draft: PhantomData })? {
            if T::HAS_REST && place == UNKNOWN {
                draft.rest(std::mem::take(&mut other), &mut map)?;
            } else {
                draft.read(place, &mut map)?;
            }
        }
        draft.finish()
    }
}

/// Reads a name as a place, and keeps it where nothing has it.
struct Name<'a, T> {
    other: &'a mut String,
    draft: PhantomData<T>,
}

impl<'de, T: Draft<'de>> DeserializeSeed<'de> for Name<'_, T> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, T: Draft<'de>> Visitor<'de> for Name<'_, T> {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let place = T::place(name);
        if T::HAS_REST && place == UNKNOWN {
            name.clone_into(self.other);
        }
        Ok(place)
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<usize, E> {
        match std::str::from_utf8(name) {
            Ok(name) => self.visit_str(name),
            Err(_) => Ok(UNKNOWN),
        }
    }
}

/// Reads a field that has to be there. Of a name that comes twice the last value counts.
///
/// # Errors
///
/// Those of the field's type.
pub fn required<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    *field = Some(map.next_value()?);
    Ok(())
}

/// Reads a field that need not be there.
///
/// # Errors
///
/// Those of the field's type.
pub fn optional<'de, T: Deserialize<'de>, A: MapAccess<'de>>(field: &mut T, map: &mut A) -> Result<(), A::Error> {
    *field = map.next_value()?;
    Ok(())
}

/// Reads a field that has to be there; null is the empty value, as [`null_as_empty`](super::null_as_empty) has it.
///
/// # Errors
///
/// Those of the field's type.
pub fn null_as_empty<'de, T: Deserialize<'de> + Default, A: MapAccess<'de>>(
    field: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    *field = Some(map.next_value::<Option<T>>()?.unwrap_or_default());
    Ok(())
}

/// Reads what no field has a name for.
///
/// # Errors
///
/// Those of the value's type.
pub fn rest<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut BTreeMap<String, T>,
    name: String,
    map: &mut A,
) -> Result<(), A::Error> {
    field.insert(name, map.next_value()?);
    Ok(())
}

/// Passes over a value.
///
/// # Errors
///
/// Those of the format.
pub fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A field that has to be there.
///
/// # Errors
///
/// It wasn't.
pub fn found<T, E: Error>(field: Option<T>, name: &'static str) -> Result<T, E> {
    field.ok_or_else(|| E::missing_field(name))
}

/// Writes a model. The first error is kept until the end.
#[derive(Debug)]
pub struct Writer<S: Serializer>(Result<S::SerializeStruct, S::Error>);

impl<S: Serializer> Writer<S> {
    /// Begins a model with at most so many fields.
    pub fn new(serializer: S, name: &'static str, fields: usize) -> Self {
        Self(serializer.serialize_struct(name, fields))
    }

    /// Writes a field.
    pub fn field<T: Serialize>(&mut self, name: &'static str, value: &T) {
        if let Ok(object) = &mut self.0
            && let Err(error) = object.serialize_field(name, value)
        {
            self.0 = Err(error);
        }
    }

    /// Writes a field that may be left out.
    pub fn unless<T: Serialize>(&mut self, left_out: bool, name: &'static str, value: &T) {
        if !left_out {
            self.field(name, value);
        } else if let Ok(object) = &mut self.0
            && let Err(error) = object.skip_field(name)
        {
            self.0 = Err(error);
        }
    }

    /// Ends the model.
    ///
    /// # Errors
    ///
    /// The first of all.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0.and_then(SerializeStruct::end)
    }
}

/// Writes a model that has more than it names.
#[derive(Debug)]
pub struct MapWriter<S: Serializer>(Result<S::SerializeMap, S::Error>);

impl<S: Serializer> MapWriter<S> {
    /// Begins a model.
    pub fn new(serializer: S, _: &'static str, _: usize) -> Self {
        Self(serializer.serialize_map(None))
    }

    /// Writes a field.
    pub fn field<T: Serialize>(&mut self, name: &str, value: &T) {
        if let Ok(object) = &mut self.0
            && let Err(error) = object.serialize_entry(name, value)
        {
            self.0 = Err(error);
        }
    }

    /// Writes a field that may be left out.
    pub fn unless<T: Serialize>(&mut self, left_out: bool, name: &str, value: &T) {
        if !left_out {
            self.field(name, value);
        }
    }

    /// Writes what no field has a name for.
    pub fn rest<T: Serialize>(&mut self, values: &BTreeMap<String, T>) {
        for (name, value) in values {
            self.field(name, value);
        }
    }

    /// Ends the model.
    ///
    /// # Errors
    ///
    /// The first of all.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0.and_then(SerializeMap::end)
    }
}
