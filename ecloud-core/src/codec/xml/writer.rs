//! serde's `Serializer` to elements.

use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::chars::{is_char, is_name};
use super::error::Error;
use super::limits;

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Writes a document, whose root has the name of the value's type.
pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut text = String::with_capacity(128);
    text.push_str(DECLARATION);
    value.serialize(Property { to: &mut Writer { text: &mut text, depth: 0 }, name: "", place: Place::Root })?;
    Ok(text)
}

/// The document so far.
struct Writer<'a> {
    text: &'a mut String,
    depth: usize,
}

impl Writer<'_> {
    fn begin(&mut self, name: &str) -> Result<(), Error> {
        if !is_name(name) {
            return Err(Error::new(format!("`{}`, which no element can be called", crate::error::redact(name))));
        }
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err(Error::new(format!("elements nested deeper than {}", limits::DEPTH)));
        }
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
        Ok(())
    }

    fn end(&mut self, name: &str) {
        self.depth -= 1;
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    fn escaped(&mut self, text: &str) -> Result<(), Error> {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| matches!(c, '&' | '<' | '>' | '\r') || !is_char(c)) {
            let (plain, special) = rest.split_at(at);
            self.text.push_str(plain);
            self.text.push_str(match special.as_bytes()[0] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                // A reader makes a line feed of one that stands as it is.
                b'\r' => "&#13;",
                _ => return Err(Error::new("a character that XML can't carry")),
            });
            rest = &special[1..];
        }
        self.text.push_str(rest);
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The document itself: a struct, whose name is the root's.
    Root,
    Member,
    /// A member that need not be there.
    Optional,
    Item,
    /// What an entry of a map is found by.
    Key,
}

/// A value that is to be written as elements of one name.
struct Property<'a, 'b> {
    to: &'a mut Writer<'b>,
    name: &'a str,
    place: Place,
}

impl<'a, 'b> Property<'a, 'b> {
    fn text(self, text: &str) -> Result<(), Error> {
        if self.place == Place::Root {
            return Err(Error::new(UNNAMED));
        }
        self.to.begin(self.name)?;
        self.to.escaped(text)?;
        self.to.end(self.name);
        Ok(())
    }

    fn object(self, name: &'a str) -> Result<Object<'a, 'b>, Error> {
        if self.place == Place::Key {
            return Err(Error::new("a key that is no text"));
        }
        self.to.begin(name)?;
        Ok(Object { to: self.to, name })
    }

    fn list(self) -> Result<List<'a, 'b>, Error> {
        match self.place {
            Place::Root => Err(Error::new(UNNAMED)),
            Place::Item => Err(Error::new("a list right inside of a list, which has no form in XML")),
            Place::Key => Err(Error::new("a key that is no text")),
            Place::Member | Place::Optional => {
                Ok(List { to: self.to, name: self.name, count: 0, is_optional: self.place == Place::Optional })
            }
        }
    }
}

const UNNAMED: &str = "a value without a name for the root element: a document is a struct";
const WITH_CONTENT: &str = "a variant with content, which has no form in XML";

macro_rules! numbers {
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, number: $type) -> Result<(), Error> {
            self.text(&number.to_string())
        }
    )*};
}

impl<'a, 'b> Serializer for Property<'a, 'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a, 'b>;
    type SerializeTuple = List<'a, 'b>;
    type SerializeTupleStruct = List<'a, 'b>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Entries<'a, 'b>;
    type SerializeStruct = Object<'a, 'b>;
    type SerializeStructVariant = Impossible<(), Error>;

    numbers! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        match serde_json::to_string(&number) {
            Ok(text) if number.is_finite() => self.text(&text),
            _ => Err(Error::new("a number that isn't finite")),
        }
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        match serde_json::to_string(&number) {
            Ok(text) if number.is_finite() => self.text(&text),
            _ => Err(Error::new("a number that isn't finite")),
        }
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(Error::new("bytes, which have no form in XML"))
    }

    /// Nothing is an absent element, but where something has to stand.
    fn serialize_none(self) -> Result<(), Error> {
        match self.place {
            Place::Member | Place::Optional => Ok(()),
            Place::Root | Place::Item | Place::Key => self.serialize_unit(),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        let place = if self.place == Place::Member { Place::Optional } else { self.place };
        value.serialize(Self { place, ..self })
    }

    /// A null that says something.
    fn serialize_unit(self) -> Result<(), Error> {
        Err(Error::new("null, which has no form in XML"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Error> {
        self.text(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::new(WITH_CONTENT))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a, 'b>, Error> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a, 'b>, Error> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a, 'b>, Error> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        Err(Error::new(WITH_CONTENT))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a, 'b>, Error> {
        if self.place == Place::Root {
            return Err(Error::new(UNNAMED));
        }
        let name = self.name;
        Ok(Entries { object: self.object(name)?, count: 0 })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Object<'a, 'b>, Error> {
        let name = if self.place == Place::Root { name } else { self.name };
        self.object(name)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Error>, Error> {
        Err(Error::new(WITH_CONTENT))
    }
}

/// An element with elements.
struct Object<'a, 'b> {
    to: &'a mut Writer<'b>,
    name: &'a str,
}

impl Object<'_, '_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T, place: Place) -> Result<(), Error> {
        value.serialize(Property { to: &mut *self.to, name, place }).map_err(|error| error.within(name))
    }
}

impl SerializeStruct for Object<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.member(name, value, Place::Member)
    }

    fn end(self) -> Result<(), Error> {
        self.to.end(self.name);
        Ok(())
    }
}

/// A list: its property's element for each item.
struct List<'a, 'b> {
    to: &'a mut Writer<'b>,
    name: &'a str,
    count: usize,
    is_optional: bool,
}

impl SerializeSeq for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let item = Property { to: &mut *self.to, name: self.name, place: Place::Item };
        value.serialize(item).map_err(|error| error.within_item(self.count))?;
        self.count += 1;
        Ok(())
    }

    /// An empty list has no element, and so can't be told from one that isn't given.
    fn end(self) -> Result<(), Error> {
        if self.is_optional && self.count == 0 {
            return Err(Error::new("an empty list where none means something else; XML can't tell them apart"));
        }
        Ok(())
    }
}

impl SerializeTuple for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Error> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for List<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Error> {
        SerializeSeq::end(self)
    }
}

/// A map: an element with an `entry` for each entry.
struct Entries<'a, 'b> {
    object: Object<'a, 'b>,
    count: usize,
}

impl Entries<'_, '_> {
    fn part<T: Serialize + ?Sized>(&mut self, name: &str, value: &T, place: Place) -> Result<(), Error> {
        let index = self.count;
        self.object.member(name, value, place).map_err(|error| error.within_item(index).within("entry"))
    }
}

impl SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.object.to.begin("entry")?;
        self.part("key", key, Place::Key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.part("value", value, Place::Member)?;
        self.object.to.end("entry");
        self.count += 1;
        Ok(())
    }

    fn end(self) -> Result<(), Error> {
        SerializeStruct::end(self.object)
    }
}
