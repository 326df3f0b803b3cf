//! The envelope of every event (protocol, section 10).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{EventData, RawData, refusal};
use crate::codec::json;
use crate::error::redact;
use crate::types::ShopId;
use crate::{Error, ErrorKind, Timestamp};

/// Something that happened at the platform.
///
/// `Debug` shows the envelope and not the data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<T> {
    /// Names the event, over all shops and however often it is delivered.
    pub id: String,
    /// The type's name: `trade.order.paid`.
    pub event_type: String,
    /// When it happened, which may be long before it was sent.
    pub occurred_at: Timestamp,
    /// In which shop.
    pub shop_id: ShopId,
    /// Which change of the object it was; grows with each.
    pub version: u64,
    /// Whether a newer version of the same object was handled before: what the data says is no longer so. A [`WebhookHandler`](super::WebhookHandler)
    /// finds that out.
    pub stale: bool,
    /// What happened.
    pub data: T,
}

impl<T: EventData> Event<T> {
    /// Reads a body that is [genuine](super::WebhookVerifier::verify).
    ///
    /// ```
    /// use ecloud_core::event::{Event, UntypedEvent};
    ///
    /// let body = br#"{"id":"E1","type":"trade.order.paid","occurred_at":"2026-11-22T08:30:00.000Z",
    ///     "shop_id":"demo-shop","version":2,"data":{"order_id":"T1001"}}"#;
    /// let event = Event::<UntypedEvent>::read(body)?;
    /// assert_eq!((event.version, event.data.data.as_str()), (2, r#"{"order_id":"T1001"}"#));
    /// # Ok::<(), ecloud_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `event.body_invalid` where it isn't the envelope, and those of [`EventData::read`].
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        Envelope::read(body)?.open()
    }
}

impl<T> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .field("occurred_at", &self.occurred_at)
            .field("shop_id", &self.shop_id)
            .field("version", &self.version)
            .field("stale", &self.stale)
            .finish_non_exhaustive()
    }
}

/// The envelope while its data is still closed: a duplicate needn't be opened.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    occurred_at: Timestamp,
    shop_id: ShopId,
    version: u64,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Error> {
        let invalid = |message: String| refusal(ErrorKind::InvalidResponse, "event.body_invalid", message);
        let envelope: Self =
            json::read_borrowed(body).map_err(|error| invalid(format!("the event can't be read: {error}")))?;
        if envelope.id.is_empty() || envelope.event_type.is_empty() {
            return Err(invalid("the event has an empty id or type".to_owned()));
        }
        Ok(envelope)
    }

    pub(super) fn open<T: EventData>(self) -> Result<Event<T>, Error> {
        let data = T::read(&self.event_type, RawData::found(self.data.get()))
            .map_err(|error| error.with_note(&format!("its type is {}", redact(&self.event_type))))?;
        Ok(Event {
            id: self.id.into_owned(),
            event_type: self.event_type.into_owned(),
            occurred_at: self.occurred_at,
            shop_id: self.shop_id,
            version: self.version,
            stale: false,
            data,
        })
    }
}
