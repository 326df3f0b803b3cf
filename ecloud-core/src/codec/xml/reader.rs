//! serde's `Deserializer` over a document's elements. What an element's text is, the type decides that is asked for.

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::absent::{Absent, AbsentFields};
use super::chars::{is_blank, trim};
use super::entries::Entries;
use super::error::{Error, Fields};
use super::tree::{Element, Tree};

/// Reads a document, whose root has the name of the type.
///
/// A required list may have no element at all. serde tells which fields are required only by refusing the value, so a value is read
/// again whenever another field is found that has to be there: at most once for each such field of the types, not of the document.
pub(super) fn read<'de, T: Deserialize<'de>>(text: &str) -> Result<T, Error> {
    let tree = Tree::read(text)?;
    let mut absent = AbsentFields::default();
    loop {
        let root =
            Value { document: Document { tree: &tree, absent: &absent }, elements: tree.root(), place: Place::Root };
        match T::deserialize(root) {
            Err(error) if absent.learn(&error) => {}
            read => return read,
        }
    }
}

/// What all values of a document share.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) absent: &'a AbsentFields,
}

/// One value: the elements of one name within their parent.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    document: Document<'a>,
    elements: &'a [u32],
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Member,
    Item,
}

impl<'a> Value<'a> {
    pub(super) fn member(document: Document<'a>, elements: &'a [u32]) -> Self {
        Self { document, elements, place: Place::Member }
    }

    /// The one element that it is.
    fn only(self) -> Result<&'a Element<'a>, Error> {
        match *self.elements {
            [index] => Ok(self.document.tree.element(index)),
            _ => Err(Error::new(format!("{} elements where one is expected", self.elements.len()))),
        }
    }

    /// The text of the one element that it is.
    pub(super) fn text(self) -> Result<&'a str, Error> {
        let element = self.only()?;
        if !self.document.tree.children(element).is_empty() {
            return Err(Error::new("elements where a text is expected"));
        }
        Ok(&element.text)
    }

    /// The children of the one element that it is, by name.
    pub(super) fn children(self) -> Result<Children<'a>, Error> {
        let element = self.only()?;
        if !is_blank(&element.text) {
            return Err(Error::new("a text where elements are expected"));
        }
        Ok(Children { document: self.document, rest: self.document.tree.children(element) })
    }

    /// Each of the elements by itself.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        self.elements.iter().map(move |element| Self { elements: std::slice::from_ref(element), ..self })
    }

    /// Whether the elements stand for something that has no text.
    fn has_children(self) -> bool {
        self.elements.iter().any(|index| !self.document.tree.children(self.document.tree.element(*index)).is_empty())
    }
}

/// Children that weren't read yet, by name.
pub(super) struct Children<'a> {
    pub(super) document: Document<'a>,
    rest: &'a [u32],
}

impl<'a> Iterator for Children<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name_of = |index: &u32| self.document.tree.element(*index).name;
        let name = name_of(self.rest.first()?);
        let count = self.rest.iter().take_while(|index| name_of(index) == name).count();
        let (elements, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some((name, Value::member(self.document, elements)))
    }
}

/// Whether a text is a number as JSON writes it: the data is the same in both formats.
fn is_number(text: &str, may_have_fraction: bool) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || whole > 1 && text.starts_with('0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 || !may_have_fraction {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return may_have_fraction && !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident $type:ty, $may_have_fraction:literal;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let text = trim(self.text()?);
            match text.parse::<$type>() {
                // A fraction that is too large is parsed as infinite, which JSON has no number for.
                Ok(number) if is_number(text, $may_have_fraction) && (number as f64).is_finite() => {
                    visitor.$visit(number)
                }
                _ => Err(Error::new(concat!("something else than a number of the type ", stringify!($type)))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    /// A text, an object or a list, as it looks.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.elements.len() > 1 {
            return self.deserialize_seq(visitor);
        }
        if self.has_children() {
            visitor.visit_map(Members::any(self.children()?))
        } else {
            visitor.visit_str(self.text()?)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match trim(self.text()?) {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Error::new("neither `true` nor `false`")),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8, false;
        deserialize_i16 visit_i16 i16, false;
        deserialize_i32 visit_i32 i32, false;
        deserialize_i64 visit_i64 i64, false;
        deserialize_i128 visit_i128 i128, false;
        deserialize_u8 visit_u8 u8, false;
        deserialize_u16 visit_u16 u16, false;
        deserialize_u32 visit_u32 u32, false;
        deserialize_u64 visit_u64 u64, false;
        deserialize_u128 visit_u128 u128, false;
        deserialize_f32 visit_f32 f32, true;
        deserialize_f64 visit_f64 f64, true;
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    /// The text as it stands, blanks included.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    /// What is there isn't null.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.has_children() || !is_blank(self.text()?) {
            return Err(Error::new("something where nothing is expected"));
        }
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.place {
            Place::Root => Err(Error::new("a list can't be a document: it is a property of one")),
            Place::Item => Err(Error::new("a list right inside of a list has no form in XML")),
            Place::Member => {
                visitor.visit_seq(Items { document: self.document, elements: self.elements.iter(), index: 0 })
            }
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Entries::new(self.children()?)?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.place == Place::Root && self.only()?.name != name {
            let found = crate::error::redact(self.only()?.name);
            return Err(Error::new(format!("the root element is `{found}` where `{name}` is expected")));
        }
        let fields = Fields { name, names };
        let members = Members::of(self.children()?, fields);
        visitor.visit_map(members).map_err(|error| error.missing_of(fields))
    }

    /// The text as the name of a variant without content; no other has a form in XML.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name: StrDeserializer<'_, Error> = self.text()?.into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bytes byte_buf }
}

/// The items of a list: the elements of one name.
struct Items<'a> {
    document: Document<'a>,
    elements: std::slice::Iter<'a, u32>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(element) = self.elements.next() else { return Ok(None) };
        let item = Value { document: self.document, elements: std::slice::from_ref(element), place: Place::Item };
        let index = self.index;
        self.index += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.within_item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

/// The members of an object: its children by name, then those that are absent and have to be there all the same.
struct Members<'a> {
    children: Children<'a>,
    all: Children<'a>,
    absent: Vec<&'static str>,
    next: Option<Member<'a>>,
}

enum Member<'a> {
    Present(&'a str, Value<'a>),
    Absent(&'static str),
}

impl<'a> Members<'a> {
    fn any(children: Children<'a>) -> Self {
        let all = Children { document: children.document, rest: children.rest };
        Self { children, all, absent: Vec::new(), next: None }
    }

    fn of(children: Children<'a>, fields: Fields) -> Self {
        let absent = children.document.absent.of(fields).collect();
        Self { absent, ..Self::any(children) }
    }

    fn has(&self, name: &str) -> bool {
        let tree = self.all.document.tree;
        self.all.rest.binary_search_by(|index| tree.element(*index).name.cmp(name)).is_ok()
    }

    fn advance(&mut self) -> Option<&Member<'a>> {
        self.next = self.children.next().map(|(name, value)| Member::Present(name, value));
        while self.next.is_none() {
            let name = self.absent.pop()?;
            if !self.has(name) {
                self.next = Some(Member::Absent(name));
            }
        }
        self.next.as_ref()
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let name: &str = match self.advance() {
            None => return Ok(None),
            Some(Member::Present(name, _)) => name,
            Some(Member::Absent(name)) => name,
        };
        let name: StrDeserializer<'_, Error> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        match self.next.take() {
            Some(Member::Present(name, value)) => seed.deserialize(value).map_err(|error| error.within(name)),
            Some(Member::Absent(name)) => seed.deserialize(Absent { name }),
            None => Err(Error::custom("a value without a name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_are_written_as_in_json() {
        for text in ["0", "-0", "7", "-12", "9223372036854775807"] {
            assert!(is_number(text, false), "{text}");
        }
        for text in ["", "-", "+1", "01", "-01", "1.0", "1e3", "0x1", "1 2", "١", "NaN", "inf"] {
            assert!(!is_number(text, false), "{text}");
        }
        for text in ["1.5", "-0.25", "1e3", "1E-3", "2.5e+10"] {
            assert!(is_number(text, true), "{text}");
        }
        for text in [".5", "1.", "1e", "1e+", "1.5e1.5", "NaN", "inf", "-infinity"] {
            assert!(!is_number(text, true), "{text}");
        }
    }
}
