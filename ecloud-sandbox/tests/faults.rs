//! Faults: what goes wrong on purpose, and to whom.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_core::Clock;
use ecloud_sandbox::{Fault, Purchase};
use serde_json::json;
use support::Served;

const ORDER: &str = "/trade/v1/orders/T1000001";

#[test]
fn an_error_status_comes_instead_of_the_answer_as_often_as_asked_for() {
    let served = Served::start();
    served.sandbox.inject(Fault::status(503).retry_after(Duration::from_millis(20)).next(2));
    for _ in 0..2 {
        let answer = served.get(ORDER);
        assert_eq!(answer.refusal(), (503, "server.unavailable".into()));
        assert_eq!(answer.number("x-ecloud-retry-after-ms"), 20);
        assert!(answer.header("x-ecloud-request-id").is_some() && answer.header("date").is_some());
    }
    assert_eq!(served.get(ORDER).status, 200);
    assert_eq!(served.sandbox.faults()[0].happened, 2);
}

#[test]
fn an_error_may_come_without_a_body() {
    let served = Served::start();
    served.sandbox.inject(Fault::status(502).without_body());
    let answer = served.get(ORDER);
    assert_eq!((answer.status, answer.body.len()), (502, 0));
}

#[test]
fn a_connection_is_dropped_before_any_byte() {
    let served = Served::start();
    served.sandbox.inject(Fault::dropped_connection());
    assert!(served.request("GET", ORDER).try_send().is_none());
    assert_eq!(served.get(ORDER).status, 200);
}

#[test]
fn a_body_is_cut_off() {
    let served = Served::start();
    served.sandbox.inject(Fault::cut_body(100));
    let answer = served.get(ORDER);
    assert_eq!((answer.status, answer.body.len(), answer.whole), (200, 100, false));
    assert!(answer.number("content-length") > 100);
}

#[test]
fn a_body_comes_slowly_by_the_sandboxes_clock() {
    let served = Served::start();
    served.sandbox.inject(Fault::slow_body(512, Duration::from_millis(250)));
    let before = served.clock_now();
    let answer = served.get(ORDER);
    assert_eq!((answer.status, answer.whole), (200, true));
    let pieces = answer.body.len().div_ceil(512) as u32;
    assert_eq!(served.clock.now(), before + Duration::from_millis(250) * pieces);
}

#[test]
fn an_answer_comes_late_by_the_sandboxes_clock() {
    let served = Served::start();
    served.sandbox.inject(Fault::delay(Duration::from_secs(30)));
    let before = served.clock_now();
    assert_eq!(served.get(ORDER).status, 200);
    assert_eq!(served.clock.now(), before + Duration::from_secs(30));
}

#[test]
fn a_fault_happens_to_those_it_is_meant_for() {
    let served = Served::start();
    served
        .sandbox
        .inject(Fault::status(500).method("GET").path_prefix("/trade/").operation("trade.orders.get").next(9));
    assert_eq!(served.get("/trade/v1/orders?limit=1").status, 200);
    assert_eq!(served.get("/product/v1/skus/S1000001-1").status, 200);
    assert_eq!(served.get(ORDER).status, 500);
    served.sandbox.clear_faults();
    assert_eq!(served.get(ORDER).status, 200);
}

#[test]
fn a_share_of_requests_fails_the_same_way_each_time() {
    let run = || {
        let served = Served::start();
        served.sandbox.inject(Fault::status(503).share(0.4, 11));
        (0..30).map(|_| served.get(ORDER).status).collect::<Vec<_>>()
    };
    let statuses = run();
    assert!(statuses.contains(&200) && statuses.contains(&503));
    assert_eq!(statuses, run());
}

#[test]
fn an_effect_that_nobody_hears_of_stands() {
    let served = Served::start();
    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    served.sandbox.inject(Fault::dropped_connection().after_effect());
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    let send = || served.request("POST", "/logistics/v1/shipments").json(&input).key("ship-once").try_send();
    assert!(send().is_none());
    assert_eq!(served.get(&format!("/trade/v1/orders/{order_id}")).ok()["status"], "shipped");
    let replay = send().unwrap();
    assert_eq!((replay.status, replay.header("x-ecloud-idempotent-replay")), (201, Some("true")));
    let other = served.request("POST", "/logistics/v1/shipments").json(&input).send();
    assert_eq!(other.refusal(), (422, "trade.order_not_shippable".into()), "another key is another shipment");
}
