//! What has no element: null, an empty list, or something that is missing.

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::{Error, Fields};

/// The fields that have to be there, as far as the values that were read have told.
#[derive(Default)]
pub(super) struct AbsentFields {
    known: Vec<(Fields, &'static str)>,
}

impl AbsentFields {
    /// Whether the error tells of a field that wasn't known.
    pub(super) fn learn(&mut self, error: &Error) -> bool {
        match error.missing() {
            Some(field) if !self.known.contains(&field) => {
                self.known.push(field);
                true
            }
            _ => false,
        }
    }

    /// Those of one struct.
    pub(super) fn of(&self, fields: Fields) -> impl Iterator<Item = &'static str> {
        self.known.iter().filter(move |(of, _)| *of == fields).map(|(_, name)| *name)
    }
}

/// A field without an element: null and an empty list where its type has them, and missing where it has not.
pub(super) struct Absent {
    pub(super) name: &'static str,
}

impl<'de> Deserializer<'de> for Absent {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::missing_field(self.name))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Nothing)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct tuple tuple_struct map struct
        enum identifier ignored_any
    }
}

/// A list without items.
struct Nothing;

impl<'de> SeqAccess<'de> for Nothing {
    type Error = Error;

    fn next_element_seed<T: serde::de::DeserializeSeed<'de>>(&mut self, _: T) -> Result<Option<T::Value>, Error> {
        Ok(None)
    }
}
