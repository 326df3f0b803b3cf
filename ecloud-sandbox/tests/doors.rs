//! The three doors: each gives the same answers, and each its own way of going wrong.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{Client, Clock, ErrorKind, ManualClock, Method, RetryPolicy};

use ecloud_sandbox::{Fault, Purchase, Sandbox};
use serde_json::{Value, json};
use support::{START, Served};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

async fn order(client: &Client, id: &str) -> Result<Value, ecloud_core::Error> {
    client.for_shop("demo-shop").request(Method::GET, format!("/trade/v1/orders/{id}")).send::<Value>().await
}

fn manual() -> (Sandbox, ManualClock) {
    let clock = ManualClock::new(START);
    (Sandbox::builder().clock(Arc::new(clock.clone())).build(), clock)
}

#[tokio::test]
async fn a_client_talks_in_memory() {
    let (sandbox, _) = manual();
    let client = sandbox.client().build().unwrap();
    assert_eq!(order(&client, "T1000001").await.unwrap()["order_id"], "T1000001");
    let error = order(&client, "none").await.unwrap_err();
    assert_eq!((error.status(), error.code()), (Some(404), Some("trade.order_not_found")));
    assert_eq!(sandbox.received().len(), 2);
}

#[tokio::test]
async fn in_memory_delays_pass_on_the_given_clock_and_deadlines_notice() {
    let (sandbox, clock) = manual();
    let client = sandbox.client().attempt_timeout(Duration::from_secs(10)).retry(RetryPolicy::none()).build().unwrap();
    sandbox.inject(Fault::delay(Duration::from_secs(5)));
    assert!(order(&client, "T1000001").await.is_ok());
    assert_eq!(clock.now(), START + Duration::from_secs(5));
    sandbox.inject(Fault::delay(Duration::from_secs(60)));
    assert_eq!(order(&client, "T1000001").await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn in_memory_a_dropped_connection_and_a_cut_body_leave_the_outcome_unknown() {
    let (sandbox, _) = manual();
    let client = sandbox.client().retry(RetryPolicy::none()).build().unwrap();
    for fault in [Fault::dropped_connection(), Fault::cut_body(10)] {
        sandbox.inject(fault.clone());
        assert_eq!(order(&client, "T1000001").await.unwrap_err().kind(), ErrorKind::OutcomeUnknown, "{fault:?}");
    }
    sandbox.inject(Fault::slow_body(64, Duration::from_millis(5)));
    assert!(order(&client, "T1000001").await.is_ok());
}

#[tokio::test]
async fn the_client_retries_until_the_fault_is_over() {
    let (sandbox, _) = manual();
    let client = sandbox.client().build().unwrap();
    sandbox.inject(Fault::status(503).next(2));
    assert!(order(&client, "T1000001").await.is_ok());
    assert_eq!(sandbox.received().iter().map(|received| received.status).collect::<Vec<_>>(), [503, 503, 200]);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_takes_effect_once() {
    let (sandbox, _) = manual();
    let client = sandbox.client().build().unwrap();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    sandbox.inject(Fault::dropped_connection().after_effect().operation("logistics.shipments.create"));
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    let shop = client.for_shop("demo-shop");
    let shipment =
        shop.request(Method::POST, "/logistics/v1/shipments").json(&input).send_with_meta::<Value>().await.unwrap();
    assert!(shipment.meta.is_idempotent_replay());
    assert_eq!(order(&client, &order_id).await.unwrap()["shipment_ids"], json!([shipment.value["shipment_id"]]));
}

#[tokio::test]
async fn a_started_sandbox_answers_over_http_and_a_mock_of_the_test_comes_first() {
    let sandbox = Sandbox::builder().clock(Arc::new(ManualClock::new(START))).start().await;
    let answer = wire_get(&sandbox, "/sandbox/v1").await;
    assert!(answer.contains("200 OK") && answer.contains("demo-shop"), "{answer}");

    let server = sandbox.mock_server().unwrap();
    Mock::given(path("/sandbox/v1")).respond_with(ResponseTemplate::new(418)).up_to_n_times(1).mount(server).await;
    assert!(wire_get(&sandbox, "/sandbox/v1").await.contains("418"));
    assert!(wire_get(&sandbox, "/sandbox/v1").await.contains("200 OK"));
    assert!(wire_get(&sandbox, "/trade/v1/orders").await.contains("request.invalid"));
}

#[tokio::test]
async fn a_started_sandbox_drops_connections_and_sends_delays() {
    let clock = ManualClock::new(START);
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).start().await;
    sandbox.inject(Fault::dropped_connection());
    assert_eq!(wire_get(&sandbox, "/trade/v1/orders").await, "");
    sandbox.inject(Fault::cut_body(3));
    assert_eq!(wire_get(&sandbox, "/trade/v1/orders").await, "");
    sandbox.inject(Fault::delay(Duration::from_secs(600)));
    assert!(wire_get(&sandbox, "/trade/v1/orders").await.contains("request.invalid"));
    assert_eq!(clock.now(), START + Duration::from_secs(600), "a manual clock jumps, and nobody waits");
}

/// One request by hand over a socket; everything that came back.
async fn wire_get(sandbox: &Sandbox, target: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = sandbox.endpoint().replace("http://", "");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A dropped connection may be reset.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[test]
fn the_served_door_passes_the_target_on_as_it_was_sent() {
    let served = Served::start();
    for target in ["/trade/v1/orders/T'1", "/trade/v1/orders/%7E", "/trade/v1/orders/a%2Fb", "/trade/v1/orders/x;y=1"] {
        assert_eq!(served.get(target).refusal(), (404, "trade.order_not_found".into()), "{target}");
        assert_eq!(served.sandbox.received().last().unwrap().target, target);
    }
    assert_eq!(served.get("/trade/v1/orders?limit=1&&status=paid&").status, 200);
}

#[test]
fn framing_that_can_be_read_in_two_ways_is_refused() {
    let served = Served::start();
    let body = r#"{"order_ids":["none"]}"#;
    let request = served.request("POST", "/trade/v1/orders/batch-get").json(&json!({"order_ids": ["none"]}));
    let bytes = String::from_utf8(request.bytes()).unwrap();
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let both = bytes.replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n").replace(body, &chunked);
    assert_eq!(served.raw(both.as_bytes()).unwrap().refusal(), (400, "request.invalid".into()));

    let with_trailer = |trailer: &str| {
        let request = served.request("POST", "/trade/v1/orders/batch-get").json(&json!({"order_ids": ["none"]}));
        let bytes = String::from_utf8(request.bytes()).unwrap();
        let length = format!("content-length: {}\r\n", body.len());
        let chunked = format!("{:x}\r\n{body}\r\n0\r\n{trailer}\r\n", body.len());
        let bytes = bytes.replace(&length, "transfer-encoding: chunked\r\n").replace(body, &chunked);
        served.raw(bytes.as_bytes()).unwrap()
    };
    assert_eq!(with_trailer("").status, 200);
    assert_eq!(with_trailer("x-ecloud-tag: t\r\n").refusal(), (400, "request.invalid".into()));
    let folded = "GET /trade/v1/orders HTTP/1.1\r\nhost: x\r\nx-ecloud-tag: a\r\n b\r\n\r\n";
    assert_eq!(served.raw(folded.as_bytes()).unwrap().status, 400);
}

#[test]
fn a_server_that_stops_lets_nobody_in_any_more() {
    let served = Served::start();
    let address = served.address;
    assert_eq!(served.get("/trade/v1/orders?limit=1").status, 200);
    served.stop();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn secrets_are_in_no_debug() {
    let served = Served::start();
    served.get("/trade/v1/orders?limit=1");
    let sandbox = &served.sandbox;
    let shown = format!("{sandbox:?} {:?} {:?} {:?}", sandbox.platform(), sandbox.transport(), sandbox.received());
    assert!(!shown.contains(sandbox.app_secret()) && !shown.contains(sandbox.access_token()), "{shown}");
}
