//! Address changes: what the buyer asks for, what the seller answers, and what time does.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Grant, Purchase, RefundRequest, ReviewVerdict, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const SKU: &str = "S1000001-1";
const HOUR: u64 = 3600;

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

/// A paid order whose buyer asks for another receiver.
fn asked(served: &Served) -> (String, String) {
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let id = ask(served, &order_id);
    (order_id, id)
}

fn ask(served: &Served, order_id: &str) -> String {
    served.sandbox.buyer().request_address_change(order_id, "李雷", "13911112222", "文三路1号").unwrap()
}

fn change(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/address-changes/{id}")).ok()
}

fn approve(served: &Served, id: &str, version: u64) -> Response {
    served.post(&format!("/trade/v1/address-changes/{id}/approve"), json!({"version": version}))
}

fn refuse(served: &Served, id: &str, version: u64) -> Response {
    let body = json!({"version": version, "reason": "freight_differs", "note": "Ask us for the difference."});
    served.post(&format!("/trade/v1/address-changes/{id}/refuse"), body)
}

fn phone(of: &Value) -> Option<&str> {
    of["receiver"]["phone"]["masked"].as_str()
}

#[test]
fn an_approval_gives_the_order_the_new_receiver() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let before = order(&served, &order_id);
    assert_eq!((phone(&before), phone(&change(&served, &id))), (Some("138****8000"), Some("139****2222")));
    assert_eq!(approve(&served, &id, 2).refusal(), (409, "trade.address_change_conflict".into()));
    let approved = approve(&served, &id, 1).ok();
    assert_eq!((approved["status"].as_str(), approved.get("respond_by")), (Some("approved"), None));
    let after = order(&served, &order_id);
    assert_eq!((phone(&after), after["status"].as_str()), (Some("139****2222"), Some("paid")));
    assert_eq!(after["version"].as_u64().unwrap(), before["version"].as_u64().unwrap() + 1);
    let history = served.get(&format!("/trade/v1/orders/{order_id}/history")).ok()["items"][2].clone();
    assert_eq!((history["kind"].as_str(), history["actor"].as_str()), (Some("receiver_changed"), Some("seller")));
    assert_eq!(approve(&served, &id, 2).refusal(), (422, "trade.address_change_not_approvable".into()));
    assert_eq!(refuse(&served, &id, 2).refusal(), (422, "trade.address_change_not_refusable".into()));
}

#[test]
fn a_refusal_leaves_the_receiver_and_the_buyer_may_ask_again() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let twice = served.sandbox.buyer().request_address_change(&order_id, "李雷", "13911112222", "文三路2号");
    assert_eq!(twice.unwrap_err().code(), "sandbox.impossible");
    let refused = refuse(&served, &id, 1).ok();
    assert_eq!(
        (refused["status"].as_str(), refused["refusal_reason"].as_str(), refused["refusal_note"].as_str()),
        (Some("refused"), Some("freight_differs"), Some("Ask us for the difference."))
    );
    assert_eq!(phone(&order(&served, &order_id)), Some("138****8000"));
    let again = ask(&served, &order_id);
    served.clock.advance(Duration::from_secs(25 * HOUR));
    assert_eq!(change(&served, &id)["status"], "refused");
    assert_eq!(change(&served, &again)["status"], "approved");
}

#[test]
fn silence_approves_after_24_hours() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    let respond_by = change(&served, &id)["respond_by"].clone();
    served.clock.advance(Duration::from_secs(24 * HOUR - 1));
    assert_eq!(change(&served, &id)["status"], "requested");
    served.clock.advance(Duration::from_secs(1));
    let approved = change(&served, &id);
    assert_eq!((approved["status"].as_str(), approved["timed_out"].as_bool()), (Some("approved"), Some(true)));
    assert_eq!(approved["finished_at"], respond_by);
    assert_eq!(phone(&order(&served, &order_id)), Some("139****2222"));
    let history = served.get(&format!("/trade/v1/orders/{order_id}/history")).ok()["items"][2].clone();
    assert_eq!((history["actor"].as_str(), &history["occurred_at"]), (Some("platform"), &respond_by));
}

#[test]
fn an_order_that_goes_on_takes_its_address_change_along() {
    let served = strategic();
    let (shipped, first) = asked(&served);
    let input = json!({"order_id": shipped, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    assert_eq!(change(&served, &first)["status"], "closed");
    assert!(served.sandbox.buyer().request_address_change(&shipped, "李雷", "13911112222", "文三路1号").is_err());

    let (refunded, second) = asked(&served);
    served.sandbox.buyer().request_refund(&refunded, RefundRequest::new()).unwrap();
    assert_eq!(change(&served, &second)["status"], "requested");
    served.clock.advance(Duration::from_secs(20 * HOUR));
    let refund = served.first(&format!("/trade/v1/refunds?order_id={refunded}"));
    let agreement = json!({"version": refund["version"], "amount": refund["amount"]});
    served.post(&format!("/trade/v1/refunds/{}/agree", refund["refund_id"].as_str().unwrap()), agreement).ok();
    let closed = change(&served, &second);
    assert_eq!((closed["status"].as_str(), closed["version"].as_u64()), (Some("closed"), Some(2)));
    served.clock.advance(Duration::from_secs(20 * HOUR));
    assert_eq!(change(&served, &second), closed);
    assert_eq!(phone(&order(&served, &refunded)), Some("138****8000"));
}

#[test]
fn an_order_whose_buyer_waits_for_an_answer_is_neither_split_nor_merged() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = ask(&served, &order_id);
    let split = || {
        let lines = json!([{"line_id": format!("{order_id}-1"), "quantity": 1}]);
        let body = json!({"version": order(&served, &order_id)["version"], "lines": lines});
        served.post(&format!("/trade/v1/orders/{order_id}/split"), body)
    };
    assert_eq!(split().refusal(), (422, "trade.order_has_requests".into()));
    approve(&served, &id, 1).ok();
    let parts = split().ok()["orders"].clone();
    assert_eq!((phone(&parts[0]), phone(&parts[1])), (Some("139****2222"), Some("139****2222")));
}

#[test]
fn nobody_sees_the_receivers_of_an_order_that_is_held() {
    let served = strategic();
    let (order_id, id) = asked(&served);
    served.sandbox.review_order(&order_id, ReviewVerdict::Start).unwrap();
    assert_eq!(change(&served, &id).get("receiver"), None);
    let listed = served.first(&format!("/trade/v1/address-changes?order_id={order_id}&status=requested"));
    assert_eq!((listed["address_change_id"].as_str(), listed.get("receiver")), (Some(&*id), None));
    assert_eq!(approve(&served, &id, 1).refusal(), (422, "trade.order_on_hold".into()));
    served.sandbox.review_order(&order_id, ReviewVerdict::Pass).unwrap();
    assert_eq!(approve(&served, &id, 1).status, 200);
}

#[test]
fn a_buyer_asks_and_withdraws_over_http() {
    let served = strategic();
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    let receiver = json!({"name": "李雷", "phone": "13911112222", "address": "文三路1号"});
    let request = || served.control("POST", &format!("/orders/{order_id}/address-changes"), Some(receiver.clone()));
    assert_eq!(request().refusal(), (422, "sandbox.impossible".into()), "it isn't paid");
    served.control("POST", &format!("/orders/{order_id}/pay"), None).ok();
    let asked = request();
    assert_eq!(asked.status, 201);
    let text = String::from_utf8(asked.body.clone()).unwrap();
    assert!(!text.contains("13911112222") && !text.contains("文三路1号"), "{text}");
    let withdraw = format!("/address-changes/{}/withdraw", asked.ok()["address_change_id"].as_str().unwrap());
    assert_eq!(served.control("POST", &withdraw, None).ok()["status"], "withdrawn");
    assert_eq!(served.control("POST", &withdraw, None).refusal(), (422, "sandbox.impossible".into()));
}

#[test]
fn the_seeded_shop_has_some_of_each_and_another_shop_none_of_them() {
    let served = strategic();
    for status in ["requested", "approved", "withdrawn"] {
        let found = served.first(&format!("/trade/v1/address-changes?status={status}"));
        assert_eq!(found["status"], status);
    }
    let (_, id) = asked(&served);
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let theirs = served.request("GET", &format!("/trade/v1/address-changes/{id}")).token(&token).send();
    assert_eq!(theirs.refusal(), (404, "trade.address_change_not_found".into()));
}
