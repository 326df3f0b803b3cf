//! Protocol section 6: a write is done once, however often it is asked for.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Fault, Grant};
use serde_json::{Value, json};
use support::Served;

const ADJUST: &str = "/product/v1/inventory/S1000001-1/adjust";

fn available(served: &Served) -> i64 {
    served.get("/product/v1/inventory/S1000001-1").ok()["available"].as_i64().unwrap()
}

fn take_one() -> Value {
    json!({"delta": -1, "reason": "damaged"})
}

#[test]
fn a_write_is_done_once_and_answered_again() {
    let served = Served::start();
    let before = available(&served);
    let first = served.request("POST", ADJUST).json(&take_one()).key("k-1").send();
    let again = served.request("POST", ADJUST).json(&take_one()).key("k-1").send();
    assert_eq!(available(&served), before - 1);
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(
        (first.header("x-ecloud-idempotent-replay"), again.header("x-ecloud-idempotent-replay")),
        (None, Some("true"))
    );
    assert_ne!(first.header("x-ecloud-request-id"), again.header("x-ecloud-request-id"));
}

#[test]
fn a_replay_costs_the_same_and_has_fresh_quota_headers_and_date() {
    let served = Served::start();
    let send = || served.request("POST", ADJUST).json(&take_one()).key("k-1").send();
    let first = send();
    served.clock.advance(Duration::from_secs(1));
    let used = send();
    let again = send();
    assert_ne!(first.header("date"), again.header("date"));
    assert_eq!(used.number("x-ecloud-quota-remaining") - 1, again.number("x-ecloud-quota-remaining"));
}

#[test]
fn an_error_of_the_operation_is_kept_too() {
    let served = Served::start();
    let refused = || served.request("POST", ADJUST).json(&json!({"delta": -99_999_999})).key("k-1").send();
    assert_eq!(refused().refusal(), (422, "product.stock_insufficient".into()));
    served.post("/product/v1/inventory/S1000001-1/adjust", json!({"delta": 99_990_000})).ok();
    let again = refused();
    assert_eq!(again.refusal(), (422, "product.stock_insufficient".into()));
    assert_eq!(again.header("x-ecloud-idempotent-replay"), Some("true"));
    assert_eq!(
        again.json()["error"]["request_id"].as_str(),
        again.header("x-ecloud-request-id"),
        "the request id is fresh"
    );
}

#[test]
fn an_error_before_the_look_up_binds_nothing() {
    let served = Served::start();
    let wrong = served.request("POST", ADJUST).json(&take_one()).key("k-1").token("wrong").send();
    assert_eq!(wrong.refusal(), (401, "auth.token_invalid".into()));
    let other = served.request("POST", ADJUST).json(&json!({"delta": 1})).key("k-1").send();
    assert_eq!(other.status, 200);
}

#[test]
fn another_request_under_the_key_is_a_conflict() {
    let served = Served::start();
    served.request("POST", ADJUST).json(&take_one()).key("k-1").send().ok();
    let conflict = (409, "idempotency.conflict".to_owned());
    let other_body = served.request("POST", ADJUST).json(&json!({"delta": -2})).key("k-1");
    let other_path = served.request("POST", "/product/v1/inventory/S1000002-1/adjust").json(&take_one()).key("k-1");
    let other_type = served
        .request("POST", ADJUST)
        .json(&take_one())
        .header("content-type", "application/json; charset=utf-8")
        .key("k-1");
    for request in [other_body, other_path, other_type] {
        assert_eq!(request.send().refusal(), conflict);
    }
}

#[test]
fn keys_of_other_shops_and_applications_never_meet() {
    let served = Served::start();
    served.request("POST", ADJUST).json(&take_one()).key("k-1").send().ok();
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let other = "/product/v1/inventory/S2000001-1/adjust";
    let answer = served.request("POST", other).json(&take_one()).key("k-1").token(&token).send();
    assert_eq!((answer.status, answer.header("x-ecloud-idempotent-replay")), (200, None));
}

#[test]
fn a_key_is_free_again_after_24_hours() {
    let served = Served::start();
    let send = || {
        let now = served.clock_seconds().to_string();
        served.request("POST", ADJUST).json(&take_one()).key("k-1").header("x-ecloud-timestamp", &now).send()
    };
    send().ok();
    served.clock.advance(Duration::from_millis(24 * 3_600_000 - 1));
    assert_eq!(send().header("x-ecloud-idempotent-replay"), Some("true"));
    served.clock.advance(Duration::from_millis(1));
    assert_eq!(send().header("x-ecloud-idempotent-replay"), None);
}

#[test]
fn while_the_first_is_under_way_the_second_is_told_to_wait() {
    // The clock of this sandbox stands still, so the answer is looked at before it leaves its door.
    let served = Served::start();
    served.sandbox.inject(Fault::delay(Duration::from_millis(700)).operation("product.inventory.adjust"));
    let before = available(&served);
    let first = served.request("POST", ADJUST).json(&take_one()).key("k-1");
    let second = served.request("POST", ADJUST).json(&take_one()).key("k-1");
    let platform = served.sandbox.platform();
    let answer = platform.answer(&first.as_request(), served.clock_now());
    assert_eq!((answer.response.status().as_u16(), answer.delay), (200, Duration::from_millis(700)));
    served.clock.advance(Duration::from_millis(300));
    let refused = second.send();
    assert_eq!(refused.refusal(), (409, "idempotency.in_progress".into()));
    assert_eq!(refused.number("x-ecloud-retry-after-ms"), 400);
    served.clock.advance(Duration::from_millis(400));
    let replay = served.request("POST", ADJUST).json(&take_one()).key("k-1").send();
    assert_eq!((replay.status, replay.header("x-ecloud-idempotent-replay")), (200, Some("true")));
    assert_eq!(available(&served), before - 1);
}

#[test]
fn a_write_whose_answer_was_lost_is_not_done_twice() {
    let served = Served::start();
    let before = available(&served);
    served.sandbox.inject(Fault::dropped_connection().after_effect());
    served.sandbox.inject(Fault::status(503).after_effect());
    let send = || served.request("POST", ADJUST).json(&take_one()).key("k-1").try_send();
    assert!(send().is_none(), "the connection was dropped");
    assert_eq!(send().unwrap().refusal(), (503, "server.unavailable".into()));
    let third = send().unwrap();
    assert_eq!((third.status, third.header("x-ecloud-idempotent-replay")), (200, Some("true")));
    assert_eq!(available(&served), before - 1);
}

#[test]
fn a_write_that_failed_before_its_effect_is_done_by_the_next_attempt() {
    let served = Served::start();
    let before = available(&served);
    served.sandbox.inject(Fault::dropped_connection());
    served.sandbox.inject(Fault::status(500));
    let send = || served.request("POST", ADJUST).json(&take_one()).key("k-1").try_send();
    assert!(send().is_none());
    assert_eq!(send().unwrap().status, 500);
    assert_eq!(available(&served), before);
    let third = send().unwrap();
    assert_eq!((third.status, third.header("x-ecloud-idempotent-replay")), (200, None));
    assert_eq!(available(&served), before - 1);
}
