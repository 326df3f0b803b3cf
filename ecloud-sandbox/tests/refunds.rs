//! Refunds: what the seller, the buyer and time do with them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::Served;

const SKU: &str = "S1000001-1";

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn refund(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/refunds/{id}")).ok()
}

fn order(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{id}")).ok()
}

fn agree(served: &Served, refund: &Value) -> support::Response {
    let path = format!("/trade/v1/refunds/{}/agree", refund["refund_id"].as_str().unwrap());
    served.post(&path, json!({"version": refund["version"], "amount": refund["amount"]}))
}

fn shipped_order(served: &Served) -> String {
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    order_id
}

#[test]
fn a_refund_before_the_shipping_closes_the_order_and_frees_its_stock() {
    let served = strategic();
    let stock = || served.get(&format!("/product/v1/inventory/{SKU}")).ok();
    let before = stock();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    assert_eq!(order(&served, &order_id)["refund_status"], "in_progress");
    let done = agree(&served, &refund(&served, &id)).ok();
    assert_eq!((done["status"].as_str(), done["goods_status"].as_str()), (Some("succeeded"), Some("unshipped")));
    let closed = order(&served, &order_id);
    assert_eq!((closed["status"].as_str(), closed["close_reason"].as_str()), (Some("closed"), Some("refunded")));
    assert_eq!((closed["payment_status"].as_str(), closed["refund_status"].as_str()), (Some("refunded"), Some("done")));
    let after = stock();
    assert_eq!((&after["available"], &after["reserved"]), (&before["available"], &before["reserved"]));
}

#[test]
fn a_refund_of_some_pieces_leaves_the_rest_to_be_shipped() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 3)).unwrap();
    let price = order(&served, &order_id)["lines"][0]["price"]["amount"].as_i64().unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().quantity(1).amount(price)).unwrap();
    agree(&served, &refund(&served, &id)).ok();
    let now = order(&served, &order_id);
    assert_eq!((now["status"].as_str(), now["refund_status"].as_str()), (Some("paid"), Some("partly_done")));
    assert_eq!(
        (now["lines"][0]["refunded_quantity"].as_i64(), now["lines"][0]["status"].as_str()),
        (Some(1), Some("paid"))
    );
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    let shipment = served.post("/logistics/v1/shipments", input).ok();
    assert_eq!((shipment["lines"][0]["quantity"].as_i64(), shipment["partial"].as_bool()), (Some(2), Some(true)));
    assert_eq!(order(&served, &order_id)["status"], "shipped");
}

#[test]
fn goods_come_back_before_the_money_does() {
    let served = strategic();
    let order_id = shipped_order(&served);
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().returns_goods()).unwrap();
    let asked = refund(&served, &id);
    assert_eq!((asked["phase"].as_str(), asked["goods_status"].as_str()), (Some("after_receipt"), Some("received")));
    let confirm =
        |version: &Value| served.post(&format!("/trade/v1/refunds/{id}/confirm-return"), json!({"version": version}));
    assert_eq!(confirm(&asked["version"]).refusal(), (422, "trade.return_not_confirmable".into()));

    let agreed = agree(&served, &asked).ok();
    assert_eq!(agreed["status"], "wait_buyer_return");
    assert!(agreed["return_address_id"].is_string(), "the default return address");
    served.sandbox.buyer().return_goods(&id, "sf", "SF0000000000009").unwrap();
    let returned = refund(&served, &id);
    assert_eq!(returned["status"], "wait_seller_receipt");
    assert_eq!(confirm(&agreed["version"]).refusal(), (409, "trade.refund_conflict".into()));
    assert_eq!(confirm(&returned["version"]).ok()["status"], "succeeded");
    let finished = order(&served, &order_id);
    assert_eq!(
        (finished["status"].as_str(), finished["payment_status"].as_str()),
        (Some("finished"), Some("refunded"))
    );
}

#[test]
fn the_seller_agrees_to_what_he_has_seen() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    let seen = refund(&served, &id);
    let agree_with = |version: &Value, amount: i64| {
        let amount = json!({"amount": amount, "currency": "CNY"});
        served.post(&format!("/trade/v1/refunds/{id}/agree"), json!({"version": version, "amount": amount}))
    };
    assert_eq!(agree_with(&seen["version"], 1).refusal(), (422, "trade.refund_amount_mismatch".into()));

    let refuse =
        json!({"version": seen["version"], "reason": "no_fault", "explanation": "The goods are as described."});
    let refused = served.post(&format!("/trade/v1/refunds/{id}/refuse"), refuse.clone()).ok();
    assert_eq!(
        (refused["status"].as_str(), refused["refusal"]["reason"].as_str()),
        (Some("refused"), Some("no_fault"))
    );
    let again = served.post(&format!("/trade/v1/refunds/{id}/refuse"), refuse.clone());
    assert_eq!(again.refusal(), (409, "trade.refund_conflict".into()), "the version is looked at before the status");
    let mut seen_again = refuse;
    seen_again["version"] = refused["version"].clone();
    let again = served.post(&format!("/trade/v1/refunds/{id}/refuse"), seen_again);
    assert_eq!(again.refusal(), (422, "trade.refund_not_refusable".into()));
    assert_eq!(agree(&served, &refused).refusal(), (422, "trade.refund_not_agreeable".into()));

    served.sandbox.buyer().change_refund(&id, Some(100)).unwrap();
    assert_eq!(agree(&served, &seen).refusal(), (409, "trade.refund_conflict".into()));
    let changed = refund(&served, &id);
    assert_eq!(changed["amount"]["amount"], 100);
    assert_eq!(agree(&served, &changed).ok()["status"], "succeeded");
}

#[test]
fn silence_is_consent_and_patience_ends() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    served.clock.advance(Duration::from_secs(2 * 24 * 3600));
    assert_eq!(refund(&served, &id)["status"], "succeeded");

    let order_id = shipped_order(&served);
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().returns_goods()).unwrap();
    agree(&served, &refund(&served, &id)).ok();
    served.clock.advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(refund(&served, &id)["status"], "closed");
    assert_eq!(order(&served, &order_id)["refund_status"], "none");
}

#[test]
fn a_withdrawn_refund_is_over() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    assert!(served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).is_err(), "one at a time");
    served.sandbox.buyer().withdraw_refund(&id).unwrap();
    assert_eq!(agree(&served, &refund(&served, &id)).refusal(), (422, "trade.refund_not_agreeable".into()));
    assert_eq!(order(&served, &order_id)["refund_status"], "none");
    assert!(served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).is_ok());
}

#[test]
fn goods_that_leave_while_a_refund_waits_are_on_their_way() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    let seen = refund(&served, &id);
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    let shipment = served.post("/logistics/v1/shipments", input).ok();
    let now = refund(&served, &id);
    assert_eq!(now["goods_status"], "not_received");
    assert_eq!(agree(&served, &seen).refusal(), (409, "trade.refund_conflict".into()));
    agree(&served, &now).ok();
    assert_eq!(order(&served, &order_id)["status"], "closed");
    let cancel = format!("/logistics/v1/shipments/{}/cancel", shipment["shipment_id"].as_str().unwrap());
    assert_eq!(served.request("POST", &cancel).send().refusal(), (422, "logistics.shipment_not_cancellable".into()));
}

#[test]
fn goods_that_never_left_after_all_are_with_the_seller_and_a_refund_of_some_frees_them() {
    let served = strategic();
    let order_id = shipped_order(&served);
    let price = order(&served, &order_id)["lines"][0]["price"]["amount"].as_i64().unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().quantity(1).amount(price)).unwrap();
    assert_eq!(refund(&served, &id)["goods_status"], "not_received");

    let shipment_id = order(&served, &order_id)["shipment_ids"][0].as_str().unwrap().to_owned();
    served.request("POST", &format!("/logistics/v1/shipments/{shipment_id}/cancel")).send().ok();
    let now = refund(&served, &id);
    assert_eq!((now["goods_status"].as_str(), now["version"].as_u64()), (Some("unshipped"), Some(2)));

    agree(&served, &now).ok();
    let line = order(&served, &order_id)["lines"][0].clone();
    assert_eq!((line["refunded_quantity"].as_u64(), line["shipped_quantity"].as_u64()), (Some(1), Some(0)));
}

#[test]
fn a_refund_that_only_lowers_the_price_cancels_no_piece() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 3)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().amount(10)).unwrap();
    agree(&served, &refund(&served, &id)).ok();
    let now = order(&served, &order_id);
    assert_eq!((now["status"].as_str(), now["payment_status"].as_str()), (Some("paid"), Some("partly_refunded")));
    assert_eq!(now["lines"][0]["refunded_quantity"], 0);
}

#[test]
fn a_refund_that_is_agreed_to_after_the_receipt_leaves_the_order_finished() {
    let served = strategic();
    let order_id = shipped_order(&served);
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    agree(&served, &refund(&served, &id)).ok();
    let now = order(&served, &order_id);
    assert_eq!((now["status"].as_str(), now["payment_status"].as_str()), (Some("finished"), Some("refunded")));
}

#[test]
fn an_order_whose_rest_is_refunded_is_shipped() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1).and("S1000002-1", 1)).unwrap();
    let lines = json!([{"line_id": format!("{order_id}-1")}]);
    let input =
        json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001", "lines": lines});
    served.post("/logistics/v1/shipments", input).ok();
    served.clock.advance(Duration::from_secs(40 * 3600));
    let request = RefundRequest::new().line(format!("{order_id}-2"));
    let id = served.sandbox.buyer().request_refund(&order_id, request).unwrap();
    agree(&served, &refund(&served, &id)).ok();
    let now = order(&served, &order_id);
    assert_eq!((now["status"].as_str(), now["fulfilment_status"].as_str()), (Some("shipped"), Some("delivered")));
    assert_eq!(now["lines"][1]["status"], "closed");
}
