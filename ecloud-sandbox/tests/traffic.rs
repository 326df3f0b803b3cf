//! Traffic: buyers who come by themselves, at the platform's time.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{ManualClock, Timestamp};
use ecloud_sandbox::{Sandbox, Traffic};
use serde_json::{Value, json};
use support::Served;

const START: Timestamp = Timestamp::from_unix_millis(1_763_800_000_000);

/// All orders that were created since the start, by their identifiers.
fn orders(served: &Served) -> Vec<Value> {
    let mut orders = Vec::new();
    let mut cursor = String::new();
    loop {
        let from = START.to_string();
        let page = served.get(&format!("/trade/v1/orders?created_from={from}&limit=100{cursor}")).ok();
        orders.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return orders,
        }
    }
}

fn served() -> Served {
    let clock = ManualClock::new(START);
    let mut served = Served::with(|builder| builder.clock(Arc::new(clock.clone())));
    served.clock = clock;
    served
}

#[test]
fn so_many_orders_come_in_a_second_of_the_platforms_time() {
    let served = served();
    served.sandbox.start_traffic(Traffic::orders_per_second(2.0).seed(3)).unwrap();
    assert_eq!(served.sandbox.traffic().unwrap().arrived, 1, "the first comes at once");
    served.clock.advance(Duration::from_secs(100));
    let report = served.sandbox.traffic().unwrap();
    assert_eq!((report.arrived, report.goes_on), (201, true));
    let orders = orders(&served);
    assert_eq!(orders.len() as u64, report.ordered);
    assert!(report.ordered > 190, "{report:?}");
    for order in orders {
        let goods: i64 =
            order["lines"].as_array().unwrap().iter().map(|line| line["payment"]["amount"].as_i64().unwrap()).sum();
        let amounts = &order["amounts"];
        assert_eq!(goods + amounts["freight"]["amount"].as_i64().unwrap(), amounts["payment"]["amount"], "{order}");
    }
}

#[test]
fn most_pay_some_want_their_money_back_and_the_rest_time_out() {
    let served = served();
    let traffic = Traffic::orders_per_second(1.0).paid(0.8).refunded(0.25).limit(400);
    served.sandbox.start_traffic(traffic).unwrap();
    served.clock.advance(Duration::from_secs(30 * 3_600));
    let orders = orders(&served);
    let paid = orders.iter().filter(|order| order["paid_at"].is_string()).count();
    let closed = orders.iter().filter(|order| order["close_reason"] == "unpaid" || order["paid_at"].is_null()).count();
    assert_eq!(paid + closed, orders.len(), "who hasn't paid within a day doesn't any more");
    assert!((280..360).contains(&paid), "{paid} of {}", orders.len());
    let refunded = orders.iter().filter(|order| order["refund_status"] != "none").count();
    assert!((40..120).contains(&refunded), "{refunded}");
    assert!(!served.sandbox.traffic().unwrap().goes_on);
}

#[test]
fn the_same_seed_brings_the_same_orders_however_time_passes() {
    let tell = |steps: &[u64]| {
        let served = served();
        served.sandbox.start_traffic(Traffic::orders_per_second(0.5).seed(9).refunded(0.2)).unwrap();
        for step in steps {
            served.clock.advance(Duration::from_secs(*step));
            served.get("/trade/v1/orders?limit=1").ok();
        }
        orders(&served)
    };
    let at_once = tell(&[600]);
    assert_eq!(at_once, tell(&[1, 59, 240, 300]));
    assert!(at_once.len() > 250);
}

#[test]
fn no_one_comes_after_traffic_was_stopped() {
    let served = served();
    assert_eq!(served.sandbox.traffic(), None);
    served.sandbox.start_traffic(Traffic::orders_per_second(1.0)).unwrap();
    served.clock.advance(Duration::from_secs(10));
    let report = served.sandbox.stop_traffic().unwrap();
    assert_eq!(report.arrived, 11);
    served.clock.advance(Duration::from_secs(100));
    assert_eq!(orders(&served).len() as u64, report.ordered);
    served.sandbox.start_traffic(Traffic::orders_per_second(1.0)).unwrap();
    served.clock.advance(Duration::from_secs(10));
    assert_eq!(served.sandbox.traffic().unwrap().arrived, 11, "a new start counts anew");
}

#[test]
fn rates_and_shares_out_of_their_ranges_are_refused() {
    let sandbox = Sandbox::builder().build();
    for rate in [0.0, -1.0, 1_000.1, f64::NAN, f64::INFINITY] {
        assert_eq!(sandbox.start_traffic(Traffic::orders_per_second(rate)).unwrap_err().code(), "request.invalid");
    }
    for wrong in [
        Traffic::orders_per_second(1.0).paid(1.1),
        Traffic::orders_per_second(1.0).refunded(f64::NAN),
        Traffic::orders_per_second(1.0).limit(10_000_001),
    ] {
        assert_eq!(sandbox.start_traffic(wrong).unwrap_err().code(), "request.invalid");
    }
    assert_eq!(sandbox.traffic(), None);
}

#[test]
fn traffic_is_started_looked_at_and_stopped_over_http() {
    let served = served();
    let none = served.control("GET", "/traffic", None);
    assert_eq!(none.refusal(), (404, "sandbox.traffic_not_found".into()));
    let started = served.control("POST", "/traffic", Some(json!({"orders_per_second": 5, "seed": 2})));
    assert_eq!((started.status, started.ok()), (201, json!({"arrived": 1, "ordered": 1, "goes_on": true})));
    served.clock.advance(Duration::from_secs(10));
    assert_eq!(served.control("GET", "/traffic", None).ok()["arrived"], 51);
    assert_eq!(served.control("DELETE", "/traffic", None).status, 204);
    assert_eq!(served.control("GET", "/traffic", None).refusal().0, 404);
    let wrong = served.control("POST", "/traffic", Some(json!({"orders_per_second": 0})));
    assert_eq!(wrong.refusal(), (400, "request.invalid".into()));
}
