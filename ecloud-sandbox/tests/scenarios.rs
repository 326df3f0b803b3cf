//! Scenarios: what happens around a buyer, told in one go, in Rust and over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_sandbox::{
    AfterSaleRequest, AfterSaleWish, Carriage, InvoiceRequest, PaymentFailure, Purchase, RefundRequest, ReviewVerdict,
};
use serde_json::{Value, json};
use support::Served;

fn order(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{id}")).ok()
}

fn refund(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/refunds/{id}")).ok()
}

#[test]
fn a_whole_story_is_told_and_the_platform_shows_each_step_of_it() {
    let served = Served::start();
    let told = served
        .sandbox
        .scenario("b-ann")
        .places(Purchase::new("S1000001-1", 2))
        .fails_to_pay(PaymentFailure::Declined)
        .pays()
        .asks_for_invoice(InvoiceRequest::for_person("Ann"))
        .asks_for_address("Ann", "13900000000", "Somewhere else 1")
        .reviews(ReviewVerdict::Start)
        .reviews(ReviewVerdict::Pass)
        .seller_ships_by("yto")
        .carries(Carriage::PickUp)
        .carries(Carriage::SetOut)
        .carries(Carriage::Deliver)
        .refunds(RefundRequest::new().returns_goods().quantity(1))
        .seller_agrees()
        .returns("sf", "SF0000000000009")
        .seller_receives_return()
        .play()
        .unwrap();

    let order = order(&served, told.order_id());
    assert_eq!(order["buyer_id"], "b-ann");
    assert_eq!(order["lines"][0]["refunded_quantity"], 0, "a return doesn't cancel what was shipped");
    assert!(order["amounts"]["refunded"]["amount"].as_i64().unwrap() > 0);
    assert_eq!(refund(&served, told.refund_id())["status"], "succeeded");
    let shipment = served.get(&format!("/logistics/v1/shipments/{}", told.shipment_id())).ok();
    assert_eq!((&shipment["order_id"], &shipment["status"]), (&order["order_id"], &json!("delivered")));
    assert_eq!((told.invoice_ids.len(), told.address_change_ids.len()), (1, 1));
    let payments = served.get(&format!("/trade/v1/payments?order_id={}", told.order_id())).ok();
    assert_eq!(payments["items"].as_array().unwrap().len(), 3, "one that failed, one that came, one that went back");
}

#[test]
fn buyers_take_turns_and_each_step_is_about_the_latest_order() {
    let served = Served::start();
    let told = served
        .sandbox
        .scenario("b-ann")
        .places(Purchase::new("S1000001-1", 1))
        .buyer("b-bob")
        .places(Purchase::new("S1000001-1", 1))
        .pays()
        .play()
        .unwrap();
    let [first, second] = &told.order_ids[..] else { panic!("two orders") };
    assert_eq!(
        (&order(&served, first)["buyer_id"], &order(&served, first)["status"]),
        (&json!("b-ann"), &json!("wait_payment"))
    );
    assert_eq!(
        (&order(&served, second)["buyer_id"], &order(&served, second)["status"]),
        (&json!("b-bob"), &json!("paid"))
    );
}

#[test]
fn a_refusal_is_answered_and_what_is_withdrawn_ends() {
    let served = Served::start();
    let refused = served
        .sandbox
        .scenario("b-ann")
        .places(Purchase::new("S1000001-1", 1))
        .pays()
        .refunds(RefundRequest::new())
        .seller_refuses()
        .changes(Some(100))
        .seller_agrees()
        .play()
        .unwrap();
    let given = refund(&served, refused.refund_id());
    assert_eq!((&given["status"], &given["amount"]["amount"]), (&json!("succeeded"), &json!(100)));
    let withdrawn = served
        .sandbox
        .scenario("b-ann")
        .places(Purchase::new("S1000001-1", 1))
        .pays()
        .refunds(RefundRequest::new())
        .withdraws()
        .seller_ships()
        .confirms()
        .complains(AfterSaleRequest::new(AfterSaleWish::Repair))
        .play()
        .unwrap();
    assert_eq!(refund(&served, withdrawn.refund_id())["status"], "closed");
    assert_eq!(withdrawn.after_sale_ids.len(), 1);
}

#[test]
fn a_step_that_cannot_happen_is_named_and_those_before_it_have_happened() {
    let served = Served::start();
    let count = |served: &Served| {
        served.get("/trade/v1/orders?status=wait_payment&limit=100").ok()["items"].as_array().unwrap().len()
    };
    let before = count(&served);
    let scenario = served.sandbox.scenario("b-ann").places(Purchase::new("S1000001-1", 1)).seller_ships().pays();
    let error = scenario.play().unwrap_err();
    assert_eq!(error.code(), "trade.order_not_shippable");
    assert!(error.to_string().contains("step 2: "), "{error}");
    assert_eq!(count(&served), before + 1);
    let nothing = served.sandbox.scenario("b-ann").pays().play().unwrap_err();
    assert_eq!(nothing.to_string(), "sandbox.impossible: step 1: the scenario has no order yet");
}

#[test]
fn time_passes_within_a_scenario() {
    let served = Served::start();
    let purchase = || Purchase::new("S1000001-1", 1);
    let wait = Duration::from_secs(250);
    let told = served.sandbox.scenario("b-ann").places(purchase()).waits(wait).places(purchase()).play().unwrap();
    let created_at =
        |id: &String| order(&served, id)["created_at"].as_str().unwrap().parse::<Timestamp>().unwrap().unix_millis();
    assert_eq!(created_at(&told.order_ids[1]) - created_at(&told.order_ids[0]), 250_000);
}

#[test]
fn no_wait_is_too_long() {
    let served = Served::start();
    let purchase = json!({"places": {"lines": [{"sku_id": "S1000001-1", "quantity": 1}]}});
    let for_ever = json!({"waits": {"seconds": u64::MAX}});
    let steps = json!({"steps": [purchase, for_ever, for_ever, "pays"]});
    let late = served.control("POST", "/scenarios", Some(steps));
    assert_eq!(late.refusal(), (422, "sandbox.impossible".into()), "the order is closed long since");
    served.sandbox.advance(Duration::MAX);
    assert_eq!(served.control("GET", "/clock", None).status, 200);
}

#[test]
fn what_time_brings_within_a_scenario_is_told_at_once() {
    let served = Served::start();
    served.sandbox.keep_events("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let steps = json!({"steps": [
        {"places": {"lines": [{"sku_id": "S1000001-1", "quantity": 1}]}},
        {"waits": {"seconds": 25 * 3_600}},
    ]});
    let told = served.control("POST", "/scenarios", Some(steps)).ok();
    let closed = served.sandbox.events().into_iter().any(|event| {
        let body: Value = serde_json::from_slice(&event.body).unwrap();
        body["type"] == "trade.order.closed" && body["data"]["order_id"] == told["order_ids"][0]
    });
    assert!(closed, "an order that isn't paid within a day is closed, and that is told");
}

#[test]
fn the_same_story_is_told_over_http() {
    let served = Served::start();
    let told = served.control(
        "POST",
        "/scenarios",
        Some(json!({"buyer_id": "b-ann", "steps": [
            {"places": {"lines": [{"sku_id": "S1000001-1", "quantity": 2}]}},
            {"pays_by": {"method": "credit"}},
            "seller_ships",
            {"carries": "pick_up"},
            {"waits": {"seconds": 60}},
            {"refunds": {"quantity": 1, "reason": "damaged"}},
            "seller_agrees",
        ]})),
    );
    assert_eq!(told.status, 201);
    let told = told.ok();
    let refund = refund(&served, told["refund_ids"][0].as_str().unwrap());
    assert_eq!((&refund["status"], &refund["reason"]), (&json!("succeeded"), &json!("damaged")));
    let wrong = served.control("POST", "/scenarios", Some(json!({"steps": ["pays"]})));
    assert_eq!(wrong.refusal(), (422, "sandbox.impossible".into()));
    let unknown = served.control("POST", "/scenarios", Some(json!({"steps": ["flies"]})));
    assert_eq!(unknown.refusal(), (400, "request.invalid".into()));
    let long = served.control("POST", "/scenarios", Some(json!({"steps": vec!["pays"; 1_001]})));
    assert_eq!(long.refusal(), (400, "request.invalid".into()));
}
