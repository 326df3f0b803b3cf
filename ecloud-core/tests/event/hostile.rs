//! Anybody can send anything to a callback's address.

use std::collections::BTreeMap;

use ecloud_core::Model;
use ecloud_core::event::{Event, EventOutcome, RawData, UntypedEvent, WebhookHandler, WebhookSecret};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::{NOW, ShopEvent, clock, signed, verifier};

/// As generated models are.
#[derive(Debug, Model)]
struct Loose {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<i64>,
    #[serde(flatten)]
    additional: BTreeMap<String, ecloud_core::Json>,
}

fn outcome(headers: &HeaderMap, body: &[u8]) -> EventOutcome {
    let handler = WebhookHandler::<ShopEvent>::new(verifier(&clock()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(handler.handle(headers, body, |_| async { Ok::<(), &str>(()) })).outcome()
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..80),
        "[v1a, +/=A-Za-z0-9]{0,120}".prop_map(String::into_bytes),
        Just(NOW.to_string().into_bytes()),
        "[0-9]{0,20}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn no_headers_and_no_bytes_make_a_handler_panic(
        values in proptest::collection::vec((0..4_usize, value()), 0..8),
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "content-length"];
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(HeaderName::from_static(names[name]), value);
            }
        }
        prop_assert_eq!(outcome(&headers, &body), EventOutcome::Refused);
    }

    #[test]
    fn no_genuine_body_makes_a_handler_panic(body in "[\\[\\]{}:,\"\\\\a1张 \n]{0,80}") {
        prop_assert_eq!(outcome(&signed("E1", &body), body.as_bytes()), EventOutcome::Refused);
    }

    #[test]
    fn no_data_makes_an_event_panic(data in "[\\[\\]{}:,\"\\\\ae1-9.张 \n]{0,80}", event_type in "[a-z.]{0,20}") {
        let body = format!(
            r#"{{"id":"E1","type":"{event_type}","occurred_at":"2026-11-22T08:30:00Z","shop_id":"s","version":1,"data":{data}}}"#
        );
        let _ = Event::<UntypedEvent>::read(body.as_bytes());
        if let Ok(data) = RawData::new(data) {
            let _ = data.read::<Loose>();
        }
    }

    #[test]
    fn one_bit_that_differs_in_the_body_is_found(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let body = super::order_event("E1", "trade.order.paid", "T1", 1);
        let mut bytes = body.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert_eq!(outcome(&signed("E1", &body), &bytes), EventOutcome::Refused);
    }

    #[test]
    fn no_text_makes_a_secret_panic(text in ".{0,100}") {
        let _ = text.parse::<WebhookSecret>();
    }
}

#[test]
fn data_that_is_nested_without_end_is_refused() {
    let deep = "[".repeat(100_000);
    let body = super::order_event("E1", "trade.order.paid", "T1", 1).replace(r#""T1""#, &deep);
    assert_eq!(outcome(&signed("E1", &body), body.as_bytes()), EventOutcome::Refused);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let body = super::order_event("E1", "shop.renamed", "T1", 1).replace(r#""T1""#, &closed);
    let _ = outcome(&signed("E1", &body), body.as_bytes());
    assert!(
        RawData::new(closed.clone()).is_err() || RawData::new(closed).is_ok_and(|data| data.read::<Loose>().is_err())
    );
}
