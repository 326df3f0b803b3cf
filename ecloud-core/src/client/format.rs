//! JSON or XML: how data goes over the wire.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde::de::DeserializeOwned;

#[cfg(feature = "xml")]
use crate::codec::xml;
use crate::codec::{Writable, json};

/// How requests and answers are written: the same data in both (protocol section 4).
///
/// Files, forms, raw bytes, and operations that ask for a media type of their own are what they are in either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(not(feature = "xml"), allow(unreachable_pub, reason = "there is nothing to choose"))]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// XML. What it can't carry is refused before anything is sent: [`Nullable::Null`](crate::Nullable::Null), an empty list where no list
    /// means something else, control characters, a body without a name.
    #[cfg(feature = "xml")]
    #[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
    Xml,
}

impl Format {
    pub(crate) const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json",
            #[cfg(feature = "xml")]
            Self::Xml => "application/xml",
        })
    }

    /// What it is called in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            #[cfg(feature = "xml")]
            Self::Xml => "XML",
        }
    }

    /// The format of a media type, whatever its parameters: those two, or a type that is written in them (RFC 6839, RFC 7303).
    pub(crate) fn of(content_type: &[u8]) -> Option<Self> {
        // What nearly all answers say needs no taking apart.
        if content_type == b"application/json" {
            return Some(Self::Json);
        }
        let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let is = |media: &[u8]| essence.eq_ignore_ascii_case(media);
        let ends = |suffix: &[u8]| {
            essence.len() >= suffix.len() && essence[essence.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
        };
        if is(b"application/json") || is(b"text/json") || is(b"*/*") || ends(b"+json") {
            return Some(Self::Json);
        }
        #[cfg(feature = "xml")]
        if is(b"application/xml") || is(b"text/xml") || ends(b"+xml") {
            return Some(Self::Xml);
        }
        None
    }

    /// The format that an answer says it has; `asked` where it says nothing.
    pub(crate) fn of_answer(headers: &HeaderMap, asked: Self) -> Option<Self> {
        headers.get(header::CONTENT_TYPE).map_or(Some(asked), |content_type| Self::of(content_type.as_bytes()))
    }

    /// Writes a request's body.
    pub(super) fn write(self, value: &dyn Writable) -> Result<Bytes, String> {
        match self {
            Self::Json => json::request_body(value).map_err(|error| error.to_string()),
            #[cfg(feature = "xml")]
            Self::Xml => xml::request_body(value),
        }
    }

    /// Reads an answer's body; an empty one is nothing in either.
    pub(crate) fn read<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, String> {
        match self {
            #[cfg(feature = "xml")]
            Self::Xml if !body.is_empty() => xml::read(body),
            _ => json::read(body).map_err(|reason| reason.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_tells_its_format_whatever_its_parameters() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "text/json", "*/*", "application/hal+JSON"]
        {
            assert_eq!(Format::of(json.as_bytes()), Some(Format::Json), "{json}");
        }
        for other in
            ["text/html", "text/plain", "", "+jso", "application/jsonp", "image/svg", "application/octet-stream"]
        {
            assert_eq!(Format::of(other.as_bytes()), None, "{other}");
        }
        for xml in ["application/xml", "text/XML;charset=gbk", "application/problem+xml"] {
            #[cfg(feature = "xml")]
            assert_eq!(Format::of(xml.as_bytes()), Some(Format::Xml), "{xml}");
            #[cfg(not(feature = "xml"))]
            assert_eq!(Format::of(xml.as_bytes()), None, "{xml}");
        }
    }
}
