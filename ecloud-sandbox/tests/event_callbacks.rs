//! Events over HTTP: to callbacks on this machine, through all three doors, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ecloud_core::event::{Event, UntypedEvent, WebhookVerifier};
use ecloud_core::{Clock, ManualClock, Timestamp, Transport};
use ecloud_sandbox::{Purchase, Sandbox};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};
use support::Served;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn sandbox() -> (Sandbox, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).build();
    (sandbox, clock)
}

/// Whether a request has come with as many bytes of its body as it says.
fn is_whole(request: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(request) else { return false };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    head.lines()
        .any(|line| line.strip_prefix("content-length: ").is_some_and(|length| length == body.len().to_string()))
}

/// A receiver in a few lines: reads one request a connection and answers it with the next of these statuses; 204 after them.
async fn receiver(listener: TcpListener, statuses: Vec<StatusCode>, heard: UnboundedSender<String>) {
    let mut statuses = statuses.into_iter();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0, "the request ended early");
        }
        heard.send(String::from_utf8(request).unwrap()).unwrap();
        let status = statuses.next().unwrap_or(StatusCode::NO_CONTENT).as_u16();
        let answer = format!("HTTP/1.1 {status} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_callback_gets_events_over_http_again_after_a_failure() {
    let (sandbox, clock) = sandbox();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/ecloud?a=b", listener.local_addr().unwrap());
    let (heard, mut requests) = unbounded_channel();
    tokio::spawn(receiver(listener, vec![StatusCode::INTERNAL_SERVER_ERROR], heard));
    sandbox.deliver_to(&url, SECRET).unwrap();
    sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();

    let first = requests.recv().await.unwrap();
    assert!(first.starts_with("POST /hooks/ecloud?a=b HTTP/1.1\r\n"), "{first}");
    assert!(first.contains("content-type: application/json") && first.contains("webhook-signature: v1,"), "{first}");
    let second = requests.recv().await.unwrap();
    // The first is due again after 5 s.
    sandbox.events_rest().await;
    let statuses: Vec<Vec<u16>> = sandbox.published_events().into_iter().map(|event| event.statuses).collect();
    assert_eq!(statuses, [[500], [204]]);
    clock.advance(Duration::from_secs(5));
    let third = requests.recv().await.unwrap();
    let body = |request: &str| request.split("\r\n\r\n").nth(1).unwrap().to_owned();
    assert_eq!(body(&first), body(&third));
    assert_ne!(body(&first), body(&second));
    sandbox.events_rest().await;
    assert!(sandbox.published_events().iter().all(|event| event.acknowledged_at.is_some()));
}

#[tokio::test]
async fn a_sandbox_talks_to_nobody_but_this_machine() {
    let (sandbox, _) = sandbox();
    // Without a callback there is nothing to wait for.
    sandbox.events_rest().await;
    for url in ["http://example.com/", "https://localhost/", "http://10.0.0.1/", "ftp://127.0.0.1/", ""] {
        assert_eq!(sandbox.deliver_to(url, SECRET).unwrap_err().code(), "sandbox.callback_refused", "{url}");
    }
    assert_eq!(sandbox.deliver_to("http://127.0.0.1:9/", "whsec_short").unwrap_err().code(), "request.invalid");
}

#[test]
fn over_http_a_callback_is_set_and_what_was_told_is_listed() {
    let served = Served::start();
    let refused =
        served.control("POST", "/events/callback", Some(json!({"url": "http://example.com/", "secret": SECRET})));
    assert_eq!(refused.refusal(), (422, "sandbox.callback_refused".into()));
    // Nobody listens there.
    let callback = json!({"url": "http://127.0.0.1:9/", "secret": SECRET});
    assert_eq!(served.control("POST", "/events/callback", Some(callback)).status, 204);
    let faults = json!({"duplicates": 1, "shuffled": true, "held_back_share": 1.0, "held_back_ms": 1000});
    assert_eq!(served.control("POST", "/events/faults", Some(faults)).status, 204);
    assert_eq!(served.control("POST", "/events/faults", Some(json!({"forged_share": 2}))).status, 400);
    let order = json!({"lines": [{"sku_id": "S1000001-1", "quantity": 1}]});
    assert_eq!(served.control("POST", "/orders", Some(order)).status, 201);
    let listed = served.control("GET", "/events", None).ok();
    let types: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["trade.order.created", "product.stock.changed"]);
    assert_eq!(served.control("DELETE", "/events/callback", None).status, 204);
    assert_eq!(served.control("GET", "/events", None).ok()["items"], json!([]));
}

/// A receiver that takes everything, its address, and what it hears.
async fn taking() -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (heard, requests) = unbounded_channel();
    tokio::spawn(receiver(listener, Vec::new(), heard));
    (url, requests)
}

/// What a verifier finds in a request's bytes.
fn verified(request: &str, clock: Arc<dyn Clock>) -> Event<UntypedEvent> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let pairs = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
    let headers: HeaderMap = pairs
        .map(|(name, value)| (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap()))
        .collect();
    let verifier = WebhookVerifier::with_clock([SECRET.parse().unwrap()], clock).unwrap();
    Event::read(verifier.verify(&headers, body.as_bytes()).unwrap().body).unwrap()
}

async fn control(sandbox: &Sandbox, path: &str, body: &Value) {
    let request = http::Request::post(format!("http://localhost/sandbox/v1{path}"))
        .header("content-type", "application/json")
        .body(ecloud_core::transport::Body::from(body.to_string().into_bytes()))
        .unwrap();
    let answer = sandbox.transport().send(request).await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

#[tokio::test]
async fn what_the_memory_door_sets_up_is_delivered_over_http_and_genuine() {
    let (sandbox, clock) = sandbox();
    let (url, mut requests) = taking().await;
    control(&sandbox, "/events/callback", &json!({"url": url, "secret": SECRET})).await;
    control(&sandbox, "/orders", &json!({"lines": [{"sku_id": "S1000001-1", "quantity": 1}]})).await;
    let request = requests.recv().await.unwrap();
    let event = verified(&request, Arc::new(clock));
    assert_eq!((event.event_type.as_str(), event.version), ("trade.order.created", 1));
    assert!(request.contains(&format!("webhook-id: {}", event.id)), "{request}");
}

#[tokio::test]
async fn a_sandbox_on_wiremock_delivers_what_tests_and_requests_do() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).start().await;
    let (url, mut requests) = taking().await;
    sandbox.deliver_to(&url, SECRET).unwrap();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    let mut types = Vec::new();
    for _ in 0..3 {
        types.push(verified(&requests.recv().await.unwrap(), Arc::new(clock.clone())).event_type);
    }
    assert_eq!(types, ["trade.order.created", "product.stock.changed", "trade.order.paid"]);
    let refund =
        format!("POST /sandbox/v1/orders/{order_id}/refunds HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
    let mut stream = TcpStream::connect(sandbox.endpoint().trim_start_matches("http://")).await.unwrap();
    stream.write_all(refund.as_bytes()).await.unwrap();
    let mut later = BTreeSet::new();
    for _ in 0..2 {
        later.insert(verified(&requests.recv().await.unwrap(), Arc::new(clock.clone())).event_type);
    }
    assert!(later.contains("trade.refund.created") && later.contains("trade.order.changed"), "{later:?}");
}

#[tokio::test]
async fn a_receiver_that_breaks_off_hears_of_the_event_again() {
    let (sandbox, clock) = sandbox();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    sandbox.deliver_to(&url, SECRET).unwrap();
    sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();
    for _ in 0..2 {
        drop(listener.accept().await.unwrap());
    }
    sandbox.events_rest().await;
    assert!(sandbox.published_events().iter().all(|event| event.statuses == [0]));
    let (heard, mut requests) = unbounded_channel();
    tokio::spawn(receiver(listener, Vec::new(), heard));
    clock.advance(Duration::from_secs(5));
    let event = verified(&requests.recv().await.unwrap(), Arc::new(clock));
    assert_eq!(event.event_type, "trade.order.created");
}
