//! What is read of an event, and what is kept.

use ecloud_core::event::{Event, EventData, UntypedEvent};
use ecloud_core::{ErrorKind, Timestamp};

use super::{OrderData, ShopEvent, order_event};

#[test]
fn an_event_of_a_known_type_has_typed_data() {
    let event = Event::<ShopEvent>::read(order_event("E1", "trade.order.paid", "T1", 2).as_bytes()).expect("an event");
    assert_eq!(event.data, ShopEvent::OrderPaid(OrderData { order_id: "T1".into() }));
    assert_eq!(
        (event.id.as_str(), event.event_type.as_str(), event.shop_id.as_str()),
        ("E1", "trade.order.paid", "demo-shop")
    );
    assert_eq!((event.version, event.stale), (2, false));
    assert_eq!(event.occurred_at, "2026-11-22T08:30:00Z".parse::<Timestamp>().expect("a time"));
    let object = event.data.object().expect("an order");
    assert_eq!((object.kind, object.id), ("order", "T1"));
}

#[test]
fn an_event_of_an_unknown_type_is_kept_byte_for_byte() {
    let data = r#"{"b": 1.00, "a": 18446744073709551616, "b": "\u5f20", "deep": [[]]}"#;
    let body = order_event("E1", "shop.renamed", "T1", 2).replace(r#"{"order_id":"T1","buyer":"planted-buyer"}"#, data);
    let event = Event::<ShopEvent>::read(body.as_bytes()).expect("an event");
    let ShopEvent::Other(kept) = &event.data else { panic!("{event:?}") };
    assert_eq!((kept.event_type.as_str(), kept.data.as_str()), ("shop.renamed", data));
    assert!(event.data.object().is_none());
}

#[test]
fn a_receiver_of_several_domains_reads_events_untyped_and_then_as_each_domains() {
    let event =
        Event::<UntypedEvent>::read(order_event("E1", "trade.order.shipped", "T1", 2).as_bytes()).expect("an event");
    assert!(matches!(event.data.read_as::<ShopEvent>(), Ok(ShopEvent::OrderShipped(_))));
}

#[test]
fn members_that_are_not_known_change_nothing() {
    let body = order_event("E1", "trade.order.paid", "T1", 2).replacen('{', r#"{"trace":{"a":[1]},"#, 1);
    assert!(Event::<ShopEvent>::read(body.as_bytes()).is_ok());
}

#[test]
fn a_body_that_is_no_envelope_is_refused() {
    let event = order_event("E1", "trade.order.paid", "T1", 2);
    let without = |text: &str| event.replacen(text, "", 1);
    for body in [
        String::new(),
        "null".into(),
        "[]".into(),
        event[..event.len() - 1].into(),
        format!("{event} {{}}"),
        without(r#""id":"E1","#),
        without(r#""type":"trade.order.paid","#),
        without(r#""occurred_at":"2026-11-22T08:30:00.000Z","#),
        without(r#""shop_id":"demo-shop","#),
        without(r#""version":2,"#),
        event.replace(r#""id":"E1""#, r#""id":"""#),
        event.replace(r#""id":"E1""#, r#""id":"E1","id":"E2""#),
        event.replace(r#""version":2"#, r#""version":-2"#),
        event.replace(r#""version":2"#, r#""version":18446744073709551616"#),
        event.replace("2026-11-22", "22.11.2026"),
    ] {
        let error = Event::<ShopEvent>::read(body.as_bytes()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidResponse, Some("event.body_invalid")), "{body}");
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    }
}

#[test]
fn data_that_is_not_what_its_type_promises_says_where_and_not_what() {
    let body = order_event("E1", "trade.order.paid", "T1", 2).replace(r#""T1""#, r#"["planted"]"#);
    let error = Event::<ShopEvent>::read(body.as_bytes()).unwrap_err();
    assert_eq!(error.code(), Some("event.data_invalid"));
    assert!(error.to_string().contains("order_id") && error.to_string().contains("trade.order.paid"), "{error}");
    assert!(!format!("{error:?}").contains("planted"), "{error:?}");
}

#[test]
fn no_debug_shows_the_data() {
    let body = order_event("E1", "trade.order.paid", "T1", 2);
    let untyped = Event::<UntypedEvent>::read(body.as_bytes()).expect("an event");
    let typed = Event::<ShopEvent>::read(body.as_bytes()).expect("an event");
    let shown = format!("{untyped:?} {:?} {typed:?}", untyped.data);
    assert!(!shown.contains("planted") && shown.contains("E1"), "{shown}");
}
