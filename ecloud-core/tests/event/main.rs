//! Events: signatures, headers, what is handled once, and in what order.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod envelope;
mod handling;
mod hostile;
mod lies;
mod vectors;

use std::sync::Arc;

use ecloud_core::event::{
    EventData, EventObject, RawData, UntypedEvent, WebhookSecret, WebhookSigner, WebhookVerifier,
};
use ecloud_core::{Error, ManualClock, Timestamp};
use http::HeaderMap;
use serde::Deserialize;

/// The secret that the Standard Webhooks libraries test with.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: i64 = 1_795_337_400;

fn secret(text: &str) -> WebhookSecret {
    text.parse().expect("a secret")
}

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_seconds(NOW))
}

fn verifier(clock: &ManualClock) -> WebhookVerifier {
    WebhookVerifier::with_clock([secret(SECRET)], Arc::new(clock.clone())).expect("one secret")
}

fn signed(id: &str, body: &str) -> HeaderMap {
    WebhookSigner::new(secret(SECRET)).headers(id, Timestamp::from_unix_seconds(NOW), body.as_bytes()).expect("an id")
}

/// The body of an event about an order.
fn order_event(id: &str, event_type: &str, order_id: &str, version: u64) -> String {
    format!(
        r#"{{"id":"{id}","type":"{event_type}","occurred_at":"2026-11-22T08:30:00.000Z","shop_id":"demo-shop","version":{version},"data":{{"order_id":"{order_id}","buyer":"planted-buyer"}}}}"#
    )
}

/// What the generator makes of a domain's webhooks, by hand.
#[derive(Clone, Debug, PartialEq)]
enum ShopEvent {
    OrderPaid(OrderData),
    OrderShipped(OrderData),
    Other(UntypedEvent),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct OrderData {
    order_id: String,
}

impl EventData for ShopEvent {
    fn read(event_type: &str, data: RawData) -> Result<Self, Error> {
        Ok(match event_type {
            "trade.order.paid" => Self::OrderPaid(data.read()?),
            "trade.order.shipped" => Self::OrderShipped(data.read()?),
            _ => Self::Other(UntypedEvent { event_type: event_type.to_owned(), data }),
        })
    }

    fn object(&self) -> Option<EventObject<'_>> {
        match self {
            Self::OrderPaid(data) | Self::OrderShipped(data) => Some(EventObject { kind: "order", id: &data.order_id }),
            Self::Other(_) => None,
        }
    }
}
