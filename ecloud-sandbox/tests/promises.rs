//! Promises to ship, extensions of them, and the histories and snapshots that tell how it went.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Grant, Payment, Purchase, RefundRequest, ReviewVerdict, Role, Tier};
use serde_json::{Value, json};
use support::Served;

/// Its item is promised within 72 hours.
const SKU: &str = "S1000001-1";
const HOUR: u64 = 3600;

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn promise(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}/promise")).ok()
}

fn extend(served: &Served, order_id: &str, version: &Value, hours: u32) -> support::Response {
    let input = json!({"version": version, "hours": hours, "reason": "weather"});
    served.post(&format!("/trade/v1/orders/{order_id}/promise/extension"), input)
}

fn hours(served: &Served, hours: u64) {
    served.clock.advance(Duration::from_secs(hours * HOUR));
}

fn ship(served: &Served, order_id: &str, number: u64) -> Value {
    let number = format!("SF{number:013}");
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number});
    served.post("/logistics/v1/shipments", input).ok()
}

/// What happened and who did it, oldest first.
fn history(served: &Served, order_id: &str) -> Vec<(String, String)> {
    let page = served.get(&format!("/trade/v1/orders/{order_id}/history?page_size=100")).ok();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(|entry| (text(entry, "kind"), text(entry, "actor"))).collect()
}

fn told(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(kind, actor)| ((*kind).to_owned(), (*actor).to_owned())).collect()
}

#[test]
fn an_order_that_is_not_shipped_in_time_is_late_and_stays_so() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let before = promise(&served, &order_id);
    assert_eq!((before["late"].as_bool(), before.get("late_at")), (Some(false), None));
    assert_eq!(before["ship_by"], before["first_promised_by"]);
    hours(&served, 72);
    let late = order(&served, &order_id);
    assert_eq!(late["late_at"], before["lines"][0]["ship_by"]);
    assert_eq!(promise(&served, &order_id)["lines"][0]["late"], true);
    let found = served.post("/trade/v1/orders/search", json!({"late": true, "created_from": late["created_at"]})).ok();
    assert_eq!(found["items"][0]["order_id"], order_id.as_str());
    ship(&served, &order_id, 1);
    let shipped = promise(&served, &order_id);
    assert_eq!((shipped["late"].as_bool(), shipped["lines"][0]["late"].as_bool()), (Some(true), Some(false)));
    assert_eq!(
        extend(&served, &order_id, &shipped["version"], 1).refusal(),
        (422, "trade.promise_not_extendable".into())
    );
}

#[test]
fn an_order_that_is_shipped_in_time_or_held_is_not_late() {
    let served = strategic();
    let shipped = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let held = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    ship(&served, &shipped, 1);
    served.sandbox.review_order(&held, ReviewVerdict::Start).unwrap();
    hours(&served, 80);
    for order_id in [&shipped, &held] {
        assert_eq!(order(&served, order_id).get("late_at"), None);
    }
    served.sandbox.review_order(&held, ReviewVerdict::Pass).unwrap();
    let clear = order(&served, &held);
    assert_eq!(clear["late_at"], clear["deadlines"]["ship_by"]);
}

#[test]
fn the_buyers_word_moves_a_promise() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let first = promise(&served, &order_id);
    assert_eq!(extend(&served, &order_id, &json!(1), 24).refusal(), (409, "trade.order_conflict".into()));
    let asked = extend(&served, &order_id, &first["version"], 24).ok();
    assert_eq!((asked["extensions"][0]["status"].as_str(), &asked["ship_by"]), (Some("requested"), &first["ship_by"]));
    let again = extend(&served, &order_id, &asked["version"], 24);
    assert_eq!(again.refusal(), (422, "trade.promise_extension_open".into()));
    served.sandbox.buyer().answer_extension(&order_id, true).unwrap();
    let agreed = promise(&served, &order_id);
    assert_eq!(agreed["extensions"][0]["status"], "agreed");
    assert_eq!(agreed["first_promised_by"], first["ship_by"]);
    assert_eq!(agreed["lines"][0]["ship_by"], agreed["ship_by"]);
    hours(&served, 80);
    assert_eq!(promise(&served, &order_id)["late"], false, "the promise is 96 hours long now");
    let too_much = extend(&served, &order_id, &agreed["version"], 217);
    assert_eq!(too_much.refusal(), (422, "trade.promise_extension_exceeded".into()));
    hours(&served, 20);
    assert_eq!(promise(&served, &order_id)["late_at"], agreed["ship_by"]);
    let version = promise(&served, &order_id)["version"].clone();
    assert_eq!(extend(&served, &order_id, &version, 1).refusal(), (422, "trade.promise_broken".into()));
}

#[test]
fn an_extension_is_refused_withdrawn_or_lapses() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let withdraw = || served.request("POST", &format!("/trade/v1/orders/{order_id}/promise/extension/withdraw")).send();
    assert_eq!(withdraw().refusal(), (404, "trade.promise_extension_not_found".into()));
    let ship_by = promise(&served, &order_id)["ship_by"].clone();
    let ask = || extend(&served, &order_id, &order(&served, &order_id)["version"], 24).ok();

    ask();
    served.control("POST", &format!("/orders/{order_id}/promise-extension"), Some(json!({"agrees": false}))).ok();
    assert_eq!(withdraw().refusal(), (422, "trade.promise_extension_not_withdrawable".into()));
    ask();
    assert_eq!(withdraw().ok()["extensions"][1]["status"], "withdrawn");
    let nothing = served.sandbox.buyer().answer_extension(&order_id, true).unwrap_err();
    assert_eq!(nothing.code(), "sandbox.impossible");
    ask();
    hours(&served, 24);
    let lapsed = promise(&served, &order_id);
    assert_eq!(lapsed["extensions"][2]["finished_at"], lapsed["extensions"][2]["respond_by"]);
    // The answer must come before the promise is broken.
    hours(&served, 36);
    let asked = ask();
    hours(&served, 3);
    assert_eq!(promise(&served, &order_id)["extensions"][3]["status"], "requested");
    hours(&served, 9);
    let now = promise(&served, &order_id);
    assert_eq!((&now["extensions"][3]["respond_by"], &now["late_at"]), (&ship_by, &ship_by));
    assert_eq!((&now["ship_by"], &asked["extensions"][3]["respond_by"]), (&ship_by, &ship_by));
    let statuses: Vec<_> = (0..4).map(|index| now["extensions"][index]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["refused", "withdrawn", "lapsed", "lapsed"]);
}

#[test]
fn an_extension_lapses_when_the_order_is_shipped() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    extend(&served, &order_id, &order(&served, &order_id)["version"], 24).ok();
    ship(&served, &order_id, 1);
    assert_eq!(promise(&served, &order_id)["extensions"][0]["status"], "lapsed");
}

#[test]
fn a_history_tells_what_happened_when_and_by_whom() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let order_id = buyer.place(Purchase::new(SKU, 2)).unwrap();
    let path = format!("/trade/v1/orders/{order_id}");
    let price = json!({"version": 1, "freight": {"amount": 100, "currency": "CNY"}});
    served.write("PATCH", &format!("{path}/price"), price).ok();
    buyer.pay(&order_id, Payment::Wallet).unwrap();
    served.write("PUT", &format!("{path}/memo"), json!({"memo": "Handle with care."})).ok();
    served.write("PUT", &format!("{path}/memo"), json!({"memo": "Handle with care."})).ok();
    served.post(&format!("{path}/tags"), json!({"tags": ["fragile"]})).ok();
    let address = served.get("/logistics/v1/addresses/A1000001").ok();
    let sealed = |field: &str| json!({"ciphertext": address[field]["ciphertext"]});
    let receiver = json!({"version": order(&served, &order_id)["version"], "name": sealed("name"),
        "phone": sealed("phone"), "address": sealed("address"), "country": "CN", "province": "浙江省", "city": "宁波市"});
    served.write("PUT", &format!("{path}/receiver"), receiver).ok();
    served.sandbox.review_order(&order_id, ReviewVerdict::Start).unwrap();
    served.sandbox.review_order(&order_id, ReviewVerdict::Pass).unwrap();
    let refund_id = buyer.request_refund(&order_id, RefundRequest::new().amount(10)).unwrap();
    buyer.withdraw_refund(&refund_id).unwrap();
    let shipment = ship(&served, &order_id, 1);
    served
        .request("POST", &format!("/logistics/v1/shipments/{}/cancel", shipment["shipment_id"].as_str().unwrap()))
        .send()
        .ok();
    ship(&served, &order_id, 2);
    served.post(&format!("{path}/receipt-delay"), json!({"days": 1})).ok();
    hours(&served, 40);
    let refund_id = buyer.request_refund(&order_id, RefundRequest::new().amount(10)).unwrap();
    hours(&served, 48);
    assert_eq!(served.get(&format!("/trade/v1/refunds/{refund_id}")).ok()["status"], "succeeded");
    hours(&served, 11 * 24);
    let expected = told(&[
        ("placed", "buyer"),
        ("price_changed", "seller"),
        ("paid", "buyer"),
        ("memo_changed", "seller"),
        ("tags_changed", "seller"),
        ("receiver_changed", "seller"),
        ("review_started", "platform"),
        ("review_passed", "platform"),
        ("refund_requested", "buyer"),
        ("refund_closed", "buyer"),
        ("shipped", "seller"),
        ("shipment_cancelled", "seller"),
        ("shipped", "seller"),
        ("receipt_delayed", "seller"),
        ("delivered", "carrier"),
        ("refund_requested", "buyer"),
        ("refunded", "platform"),
        ("finished", "platform"),
    ]);
    assert_eq!(history(&served, &order_id), expected);

    let page = served.get(&format!("{path}/history?page=2&page_size=10")).ok();
    assert_eq!((page["items"].as_array().unwrap().len(), page["total"].as_u64()), (8, Some(18)));
    let cancelled = &page["items"][1];
    assert_eq!((&cancelled["shipment_id"], cancelled["status"].as_str()), (&shipment["shipment_id"], Some("paid")));
    assert_eq!(
        (page["items"][6]["refund_id"].as_str(), page["items"][6]["status"].as_str()),
        (Some(&*refund_id), Some("shipped"))
    );
    let times: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|entry| entry["occurred_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn what_an_operator_does_is_the_platforms_doing() {
    let served = strategic();
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    let token = served.sandbox.issue_token(Grant::new(served.sandbox.shop_id()).role(Role::Operator));
    let close = format!("/trade/v1/orders/{order_id}/close");
    served.request("POST", &close).json(&json!({"reason": "price_error"})).token(&token).send().ok();
    assert_eq!(history(&served, &order_id), told(&[("placed", "buyer"), ("closed", "platform")]));
    let unpaid = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    hours(&served, 25);
    assert_eq!(history(&served, &unpaid), told(&[("placed", "buyer"), ("closed", "platform")]));
}

#[test]
fn every_seeded_order_has_a_history_that_leads_to_where_it_is() {
    let served = strategic();
    for order in served.get("/trade/v1/orders?limit=100").ok()["items"].as_array().unwrap() {
        let order_id = order["order_id"].as_str().unwrap();
        let entries = served.get(&format!("/trade/v1/orders/{order_id}/history?page_size=100")).ok()["items"].clone();
        let entries = entries.as_array().unwrap();
        assert_eq!((&entries[0]["kind"], &entries[0]["occurred_at"]), (&json!("placed"), &order["created_at"]));
        let last = entries.last().unwrap();
        assert_eq!((&last["status"], &last["version"]), (&order["status"], &order["version"]), "{order_id}");
    }
}

#[test]
fn a_snapshot_is_what_was_bought_whatever_the_seller_changes_later() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let bought = order(&served, &order_id);
    let path = format!("/trade/v1/orders/{order_id}/lines/{order_id}-1/snapshot");
    let before = served.get(&path).ok();
    let item_path = format!("/product/v1/items/{}", bought["lines"][0]["item_id"].as_str().unwrap());
    let item = served.get(&item_path).ok();
    assert_eq!((&before["title"], &before["item_version"]), (&item["title"], &item["version"]));
    assert_eq!((&before["price"], &before["taken_at"]), (&bought["lines"][0]["price"], &bought["created_at"]));
    let patch = json!({"version": item["version"], "title": "Another mug", "description": "<p>Other.</p>"});
    served.write("PATCH", &item_path, patch).ok();
    assert_eq!(served.get(&item_path).ok()["title"], "Another mug");
    assert_eq!(served.get(&path).ok(), before);
    let missing = served.get(&format!("/trade/v1/orders/{order_id}/lines/none/snapshot"));
    assert_eq!(missing.refusal(), (404, "trade.line_not_found".into()));
}
