//! Bodies of any type as one: what surrounds the writing of a body is compiled once, not once for each type of body.

use serde::Serialize;

#[cfg(feature = "xml")]
use super::xml;

/// A value that each format can write, without its type.
pub(crate) trait Writable {
    /// Appends it as JSON.
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error>;

    /// It as XML.
    #[cfg(feature = "xml")]
    fn write_xml(&self) -> Result<String, xml::XmlError>;
}

impl<T: Serialize + ?Sized> Writable for T {
    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        self.serialize(&mut serde_json::Serializer::new(out))
    }

    #[cfg(feature = "xml")]
    fn write_xml(&self) -> Result<String, xml::XmlError> {
        xml::write(self)
    }
}
