//! What is in an event: data that is kept as it came, and what it can be read as.

use std::fmt;

use serde::de::DeserializeOwned;

use super::refusal;
use crate::codec::json;
use crate::{Error, ErrorKind};

/// What an event's `type` and `data` are read as: a generated enum such as `TradeEvent`, or an [`UntypedEvent`].
pub trait EventData: Sized {
    /// Reads the data of an event of this type. A type that isn't known is kept whole, and no error.
    ///
    /// # Errors
    ///
    /// `event.data_invalid` where the type is known and the data isn't what it promises.
    fn read(event_type: &str, data: RawData) -> Result<Self, Error>;

    /// Which object it is about; `None` where that isn't known, and so nothing about the order of its changes.
    fn object(&self) -> Option<EventObject<'_>>;
}

/// The object that an event is about. Its `version` in the envelope grows with each of its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventObject<'a> {
    /// What sort of object: `order`.
    pub kind: &'a str,
    /// Which one, within its shop: `T1001`.
    pub id: &'a str,
}

/// An event of any type, its data as it came.
///
/// Generated enums keep one where they don't know the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntypedEvent {
    /// The type's name: `trade.order.paid`.
    pub event_type: String,
    /// The data.
    pub data: RawData,
}

impl UntypedEvent {
    /// Reads it as one domain's events; a type that this domain doesn't know stays untyped there.
    ///
    /// ```
    /// use ecloud_core::event::{RawData, UntypedEvent};
    ///
    /// let event = UntypedEvent { event_type: "shop.renamed".to_owned(), data: RawData::new(r#"{"name":"Tea & more"}"#)? };
    /// assert_eq!(event.read_as::<UntypedEvent>()?, event);
    /// # Ok::<(), ecloud_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`EventData::read`].
    pub fn read_as<T: EventData>(&self) -> Result<T, Error> {
        T::read(&self.event_type, self.data.clone())
    }
}

impl EventData for UntypedEvent {
    fn read(event_type: &str, data: RawData) -> Result<Self, Error> {
        Ok(Self { event_type: event_type.to_owned(), data })
    }

    fn object(&self) -> Option<EventObject<'_>> {
        None
    }
}

/// JSON as it came, byte for byte. It may be personal: `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct RawData(Box<str>);

impl RawData {
    /// Takes a JSON text.
    ///
    /// # Errors
    ///
    /// `event.data_invalid` where it isn't JSON.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Ok(Self(text.into())),
            Err(_) => Err(refusal(ErrorKind::InvalidResponse, "event.data_invalid", "the data isn't JSON")),
        }
    }

    /// Takes what was found to be JSON.
    pub(super) fn found(text: &str) -> Self {
        Self(text.into())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// `event.data_invalid`, which says where it is of another shape, and not what stands there.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        json::read(self.0.as_bytes()).map_err(|error| {
            refusal(
                ErrorKind::InvalidResponse,
                "event.data_invalid",
                format!("the event's data can't be read: {error}"),
            )
        })
    }
}

impl fmt::Debug for RawData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawData({} bytes)", self.0.len())
    }
}
