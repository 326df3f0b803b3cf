//! Orders: stock, amounts, statuses and what may be done in which.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Grant, Payment, Purchase, ReviewVerdict, Tier};
use serde_json::{Value, json};
use support::Served;

const SKU: &str = "S1000001-1";

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn stock(served: &Served, sku: &str) -> (i64, i64) {
    let stock = served.get(&format!("/product/v1/inventory/{sku}")).ok();
    (stock["available"].as_i64().unwrap(), stock["reserved"].as_i64().unwrap())
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn ship(served: &Served, order_id: &str, number: u64, lines: Option<Value>) -> support::Response {
    let mut input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": format!("SF{number:013}")});
    if let Some(lines) = lines {
        input["lines"] = lines;
    }
    served.post("/logistics/v1/shipments", input)
}

/// Every sum of an order, worked out again from its lines.
fn check_amounts(order: &Value) {
    let lines = order["lines"].as_array().unwrap();
    let amount = |value: &Value| value["amount"].as_i64().unwrap();
    for line in lines {
        let payment = amount(&line["price"]) * line["quantity"].as_i64().unwrap() + amount(&line["adjustment"])
            - amount(&line["discount"])
            - amount(&line["allocated_promotion"]);
        assert_eq!(amount(&line["payment"]), payment, "{line}");
    }
    let sum = |field: &str| lines.iter().map(|line| amount(&line[field])).sum::<i64>();
    let amounts = &order["amounts"];
    assert_eq!(amount(&amounts["adjustment"]), sum("adjustment"));
    assert_eq!(amount(&amounts["discount"]), sum("discount"));
    assert_eq!(amount(&amounts["promotion"]), sum("allocated_promotion"));
    assert_eq!(amount(&amounts["payment"]), sum("payment") + amount(&amounts["freight"]));
}

#[test]
fn every_seeded_order_adds_up() {
    let served = strategic();
    let mut cursor = String::new();
    loop {
        let page = served.get(&format!("/trade/v1/orders?limit=100{cursor}")).ok();
        page["items"].as_array().unwrap().iter().for_each(check_amounts);
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn stock_falls_when_an_order_is_placed_and_comes_back_when_it_is_closed() {
    let served = strategic();
    let (available, reserved) = stock(&served, SKU);
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 3)).unwrap();
    assert_eq!(stock(&served, SKU), (available - 3, reserved + 3));
    let closed = served.post(&format!("/trade/v1/orders/{order_id}/close"), json!({"reason": "out_of_stock"})).ok();
    assert_eq!((closed["status"].as_str(), closed["lines"][0]["status"].as_str()), (Some("closed"), Some("closed")));
    assert_eq!(stock(&served, SKU), (available, reserved));
    let again = served.post(&format!("/trade/v1/orders/{order_id}/close"), json!({"reason": "other"}));
    assert_eq!(again.refusal(), (422, "trade.order_not_closable".into()));
}

#[test]
fn more_than_there_is_cannot_be_bought() {
    let served = strategic();
    let (available, _) = stock(&served, SKU);
    let refused = served.sandbox.buyer().place(Purchase::new(SKU, available as u32 + 1)).unwrap_err();
    assert_eq!(refused.code(), "product.stock_insufficient");
}

#[test]
fn stock_that_is_taken_at_payment_is_there_until_then() {
    let served = strategic();
    let item = served.get("/product/v1/items?keyword=stoneware").ok()["items"][0].clone();
    let sku = item["skus"][0]["sku_id"].as_str().unwrap();
    let patch = json!({"version": item["version"], "stock_deduction": "at_payment"});
    served.write("PATCH", &format!("/product/v1/items/{}", item["item_id"].as_str().unwrap()), patch).ok();
    let (available, reserved) = stock(&served, sku);
    let order_id = served.sandbox.buyer().place(Purchase::new(sku, 2)).unwrap();
    assert_eq!(stock(&served, sku), (available, reserved));
    served.sandbox.buyer().pay(&order_id, Payment::BankCard).unwrap();
    assert_eq!(stock(&served, sku), (available - 2, reserved + 2));
}

#[test]
fn an_order_is_shipped_once() {
    let served = strategic();
    let (available, reserved) = stock(&served, SKU);
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let shipment = ship(&served, &order_id, 1, None);
    assert_eq!(shipment.status, 201);
    assert_eq!(shipment.ok()["partial"], false);
    assert_eq!(ship(&served, &order_id, 2, None).refusal(), (422, "trade.order_not_shippable".into()));
    let shipped = order(&served, &order_id);
    assert_eq!((shipped["status"].as_str(), shipped["fulfilment_status"].as_str()), (Some("shipped"), Some("shipped")));
    assert_eq!(shipped["shipment_ids"].as_array().unwrap().len(), 1);
    assert_eq!(stock(&served, SKU), (available - 2, reserved), "what has left is no longer reserved");
}

#[test]
fn an_order_can_be_shipped_in_parts() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 3).and("S1000002-1", 1)).unwrap();
    let first = format!("{order_id}-1");
    let part = ship(&served, &order_id, 1, Some(json!([{"line_id": first, "quantity": 2}])));
    assert_eq!(part.ok()["partial"], true);
    let now = order(&served, &order_id);
    assert_eq!(now["status"], "partly_shipped");
    assert_eq!(
        (now["lines"][0]["status"].as_str(), now["lines"][1]["status"].as_str()),
        (Some("partly_shipped"), Some("paid"))
    );
    let too_many = ship(&served, &order_id, 2, Some(json!([{"line_id": first, "quantity": 2}])));
    assert_eq!(too_many.refusal(), (422, "trade.line_not_shippable".into()));
    let unknown = ship(&served, &order_id, 2, Some(json!([{"line_id": "none"}])));
    assert_eq!(unknown.refusal(), (404, "trade.line_not_found".into()));
    let twice = ship(&served, &order_id, 2, Some(json!([{"line_id": first, "quantity": 1}, {"line_id": first}])));
    assert_eq!(twice.refusal(), (400, "request.invalid".into()));
    ship(&served, &order_id, 2, None).ok();
    let now = order(&served, &order_id);
    assert_eq!((now["status"].as_str(), now["shipment_ids"].as_array().unwrap().len()), (Some("shipped"), 2));
}

#[test]
fn a_shipment_that_is_not_picked_up_can_be_taken_back() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let before = stock(&served, SKU);
    let shipment = ship(&served, &order_id, 1, None).ok()["shipment_id"].as_str().unwrap().to_owned();
    let cancel = || served.request("POST", &format!("/logistics/v1/shipments/{shipment}/cancel")).send();
    assert_eq!(cancel().ok()["status"], "cancelled");
    assert_eq!(cancel().refusal(), (422, "logistics.shipment_not_cancellable".into()));
    assert_eq!(order(&served, &order_id)["status"], "paid");
    assert_eq!(stock(&served, SKU), before);
    assert_eq!(ship(&served, &order_id, 1, None).status, 201, "the number is free again");
}

#[test]
fn an_order_that_changed_meanwhile_is_a_conflict() {
    let served = strategic();
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    let seen = order(&served, &order_id);
    served.write("PUT", &format!("/trade/v1/orders/{order_id}/memo"), json!({"memo": "first", "flag": "red"})).ok();
    let change = |version: &Value| {
        let adjustment = json!({"amount": -100, "currency": "CNY"});
        let body =
            json!({"version": version, "lines": [{"line_id": format!("{order_id}-1"), "adjustment": adjustment}]});
        served.write("PATCH", &format!("/trade/v1/orders/{order_id}/price"), body)
    };
    assert_eq!(change(&seen["version"]).refusal(), (409, "trade.order_conflict".into()));
    let now = order(&served, &order_id);
    let changed = change(&now["version"]).ok();
    check_amounts(&changed);
    assert_eq!(changed["version"].as_i64().unwrap(), now["version"].as_i64().unwrap() + 1);
}

#[test]
fn prices_change_until_the_buyer_pays_and_never_fall_below_zero() {
    let served = strategic();
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 1).freight(800)).unwrap();
    let path = format!("/trade/v1/orders/{order_id}/price");
    let line = format!("{order_id}-1");
    let change = |lines: Value, freight: Value| {
        let mut body = json!({"version": order(&served, &order_id)["version"], "lines": lines});
        if !freight.is_null() {
            body["freight"] = freight;
        }
        served.write("PATCH", &path, body)
    };
    let adjust = |amount: i64, currency: &str| json!([{"line_id": line, "adjustment": {"amount": amount, "currency": currency}}]);
    assert_eq!(change(adjust(-10_000_000, "CNY"), Value::Null).refusal(), (422, "trade.price_invalid".into()));
    assert_eq!(change(adjust(1, "USD"), Value::Null).refusal(), (422, "trade.price_invalid".into()));
    assert_eq!(
        change(json!([]), json!({"amount": -1, "currency": "CNY"})).refusal(),
        (422, "trade.price_invalid".into())
    );
    assert_eq!(change(adjust(i64::MAX, "CNY"), Value::Null).refusal(), (422, "trade.price_invalid".into()));
    let changed = change(adjust(-50, "CNY"), json!({"amount": 0, "currency": "CNY"})).ok();
    check_amounts(&changed);
    assert_eq!(changed["amounts"]["freight"]["amount"], 0);
    served.sandbox.buyer().pay(&order_id, Payment::Wallet).unwrap();
    assert_eq!(order(&served, &order_id)["amounts"]["paid"], changed["amounts"]["payment"]);
    assert_eq!(change(adjust(0, "CNY"), Value::Null).refusal(), (422, "trade.price_not_changeable".into()));
}

#[test]
fn time_closes_what_is_not_paid_and_finishes_what_was_shipped() {
    let served = strategic();
    let unpaid = served.sandbox.buyer().place(Purchase::new(SKU, 1)).unwrap();
    let paid = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    ship(&served, &paid, 1, None).ok();
    let before = stock(&served, SKU);
    let delayed = served.post(&format!("/trade/v1/orders/{paid}/receipt-delay"), json!({"days": 3})).ok();
    assert_eq!(delayed["receipt_delay_days"], 3);

    served.clock.advance(Duration::from_secs(24 * 3600));
    let closed = order(&served, &unpaid);
    assert_eq!((closed["status"].as_str(), closed["close_reason"].as_str()), (Some("closed"), Some("payment_timeout")));
    assert_eq!(closed["finished_at"], closed["deadlines"]["pay_by"]);
    assert!(stock(&served, SKU).0 > before.0);
    served.clock.advance(Duration::from_secs(11 * 24 * 3600));
    assert_eq!(order(&served, &paid)["status"], "shipped");
    assert_eq!(order(&served, &paid)["fulfilment_status"], "delivered");
    served.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(order(&served, &paid)["status"], "finished");
    let late = served.post(&format!("/trade/v1/orders/{paid}/receipt-delay"), json!({"days": 3}));
    assert_eq!(late.refusal(), (422, "trade.receipt_not_delayable".into()));
}

#[test]
fn receipts_are_delayed_by_30_days_at_most() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    ship(&served, &order_id, 1, None).ok();
    let delay = |days: u32| served.post(&format!("/trade/v1/orders/{order_id}/receipt-delay"), json!({"days": days}));
    assert_eq!(delay(11).refusal(), (400, "request.invalid".into()));
    (0..3).for_each(|_| assert_eq!(delay(10).status, 200));
    assert_eq!(delay(1).refusal(), (422, "trade.receipt_delay_exceeded".into()));
}

#[test]
fn an_order_under_review_shows_no_receiver_and_is_not_shipped() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    served.sandbox.review_order(&order_id, ReviewVerdict::Start).unwrap();
    let held = order(&served, &order_id);
    assert_eq!((held["risk_status"].as_str(), held.get("receiver")), (Some("reviewing"), None));
    assert_eq!(ship(&served, &order_id, 1, None).refusal(), (422, "trade.order_on_hold".into()));
    served.sandbox.review_order(&order_id, ReviewVerdict::Pass).unwrap();
    assert!(order(&served, &order_id).get("receiver").is_some());
    assert_eq!(ship(&served, &order_id, 1, None).status, 201);
    assert_eq!(served.sandbox.review_order(&order_id, ReviewVerdict::Pass).unwrap_err().code(), "sandbox.impossible");
}

#[test]
fn other_shops_orders_are_not_found() {
    let served = strategic();
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let theirs =
        served.request("GET", "/trade/v1/orders?limit=1").token(&token).send().ok()["items"][0]["order_id"].clone();
    let path = format!("/trade/v1/orders/{}", theirs.as_str().unwrap());
    assert_eq!(served.get(&path).refusal(), (404, "trade.order_not_found".into()));
    assert_eq!(served.request("GET", &path).token(&token).send().status, 200);
    let mine = order(&served, "T1000001");
    let path = format!("/trade/v1/orders/{}/memo", mine["order_id"].as_str().unwrap());
    let answer = served.request("PUT", &path).json(&json!({"memo": "mine"})).token(&token).send();
    assert_eq!(answer.refusal(), (404, "trade.order_not_found".into()));
}

#[test]
fn what_the_description_does_not_know_is_refused() {
    let served = strategic();
    let close = |body: Value| served.post("/trade/v1/orders/T1000001/close", body);
    for body in [
        json!({}),
        json!({"reason": "because"}),
        json!({"reason": "other", "more": 1}),
        json!({"reason": 1}),
        json!([]),
        json!({"reason": "other", "note": null}),
        json!({"reason": "other", "note": ""}),
    ] {
        assert_eq!(close(body.clone()).refusal(), (400, "request.invalid".into()), "{body}");
    }
    let empty = served.request("POST", "/trade/v1/orders/T1000001/close").send();
    assert_eq!(empty.refusal(), (400, "request.invalid".into()));
    let no_json = served
        .request("POST", "/trade/v1/orders/T1000001/close")
        .body(b"{")
        .header("content-type", "application/json")
        .send();
    assert_eq!(no_json.refusal(), (400, "request.invalid".into()));
    let on_get = served.request("GET", "/trade/v1/orders/T1000001").json(&json!({})).send();
    assert_eq!(on_get.refusal(), (400, "request.invalid".into()));
    let details = close(json!({"reason": "other", "more": 1})).json()["error"]["details"].clone();
    assert_eq!(details, json!([{"field": "more", "reason": "is unknown here"}]));
}
