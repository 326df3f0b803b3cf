//! XML in and out: the same data as in JSON (protocol section 4).
//!
//! The root element has the name of the struct, which is the schema's; each property is an element of its name, a list one for each
//! item, wherever they stand among the others; null is no element; a map is `<entry><key/><value/></entry>` for each entry. A text is
//! what the type makes of it, blanks included.
//!
//! What XML can't carry is refused when it is written: a null that says something ([`Nullable::Null`](crate::Nullable::Null)), one
//! inside of a list, an empty list where no list means something else, control characters, what has no name. A struct that keeps
//! additional properties, and [`Json`](crate::Json) inside of one, are maps here; no ecloud model has either.
//!
//! What isn't data is refused when it is read: type definitions, entities of their own, processing instructions, a root of another name,
//! anything behind it, texts among elements, an element that stands twice where one is meant, characters that XML doesn't have,
//! encodings other than UTF-8, more than 64 levels, a million elements, 32 attributes. Elements that a type doesn't know are passed
//! over, and so are attributes.
//!
//! | module | what it does |
//! |---|---|
//! | `tree` | text to elements, on quick-xml's tokens, with all the refusals that don't need a type |
//! | `reader`, `entries`, `absent` | elements to values |
//! | `writer` | values to text |

mod absent;
mod chars;
mod entries;
mod error;
mod limits;
mod reader;
#[cfg(test)]
mod tests;
mod tree;
mod writer;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::error::Error as XmlError;
use super::Writable;
use crate::sensitive::InRequest;
use crate::{Error, ErrorKind};

/// Writes a value as an XML document, whole as it would be stored.
///
/// ```
/// use ecloud_core::codec::xml;
/// use ecloud_core::{Currency, Money};
///
/// # fn main() -> Result<(), ecloud_core::Error> {
/// let text = xml::to_string(&Money::new(12990, Currency::CNY))?;
/// assert!(text.ends_with("<Money><amount>12990</amount><currency>CNY</currency></Money>"));
/// assert_eq!(xml::from_str::<Money>(&text)?, Money::new(12990, Currency::CNY));
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] with the path to what XML can't carry.
pub fn to_string(value: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    writer::write(value).map_err(|error| Error::new(ErrorKind::InvalidRequest, format!("XML can't carry it: {error}")))
}

/// Reads a value from an XML document.
///
/// # Errors
///
/// [`ErrorKind::InvalidResponse`] with the path to what isn't of the type's shape, or the byte at which the text isn't such a document.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    reader::read(text).map_err(|error| Error::new(ErrorKind::InvalidResponse, format!("not the XML expected: {error}")))
}

/// Writes a value as a text.
pub(super) fn write(value: &(impl Serialize + ?Sized)) -> Result<String, XmlError> {
    writer::write(value)
}

/// Writes a request's body: personal fields go out as ciphertext, and a mere mask is refused.
///
/// # Errors
///
/// What XML can't carry, and those of the value's `Serialize`.
pub(crate) fn request_body(value: &dyn Writable) -> Result<Bytes, String> {
    let _request = InRequest::enter();
    value.write_xml().map(Bytes::from).map_err(|error| format!("XML can't carry it: {error}"))
}

/// Reads an answer's body.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let read = match std::str::from_utf8(body) {
        Ok(text) => reader::read(text),
        Err(error) => Err(XmlError::text(error.valid_up_to(), "not UTF-8")),
    };
    read.map_err(|error| format!("the body is not the XML expected: {error}"))
}
