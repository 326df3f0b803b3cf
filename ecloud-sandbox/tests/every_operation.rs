//! Every operation of the descriptions succeeds, and answers as described: the client of these tests checks each answer it gets.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeSet;

use ecloud_sandbox::{Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::{Served, described};

/// A client that notes which operations have succeeded.
struct Tour {
    served: Served,
    seen: BTreeSet<&'static str>,
}

impl Tour {
    fn call(&mut self, method: &str, target: &str, body: Option<Value>) -> Value {
        let request = self.served.request(method, target);
        let answer = match body {
            Some(body) => request.json(&body).send(),
            None => request.send(),
        };
        assert!(answer.status < 300, "{method} {target}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        self.seen.insert(described::operation_of(method, target).unwrap());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    fn get(&mut self, target: &str) -> Value {
        self.call("GET", target, None)
    }

    fn post(&mut self, target: &str, body: Value) -> Value {
        self.call("POST", target, Some(body))
    }
}

fn id(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap().to_owned()
}

fn products(tour: &mut Tour) {
    let item = tour.get("/product/v1/items?status=on_sale&page_size=1")["items"][0].clone();
    let path = format!("/product/v1/items/{}", id(&item, "item_id"));
    let sku = id(&item["skus"][0], "sku_id");
    tour.get(&path);
    tour.call("PATCH", &path, Some(json!({"version": item["version"], "subtitle": "Changed"})));
    tour.call("POST", &format!("{path}/unpublish"), None);
    tour.call("POST", &format!("{path}/publish"), None);
    tour.get(&format!("{path}/skus"));
    tour.get(&format!("/product/v1/skus/{sku}"));
    tour.call(
        "PATCH",
        &format!("/product/v1/skus/{sku}"),
        Some(json!({"version": item["skus"][0]["version"], "barcode": "69012345"})),
    );
    let stock = tour.get(&format!("/product/v1/inventory/{sku}"));
    tour.call(
        "PUT",
        &format!("/product/v1/inventory/{sku}"),
        Some(json!({"available": 500, "version": stock["version"]})),
    );
    tour.post(&format!("/product/v1/inventory/{sku}/adjust"), json!({"delta": 5, "reason": "received"}));
    tour.post("/product/v1/inventory/batch-set", json!({"items": [{"sku_id": sku, "available": 9, "version": 1}]}));
    tour.get("/product/v1/categories");
    let sku = json!({"price": {"amount": 100, "currency": "CNY"}, "available": 1});
    let new = tour.post("/product/v1/items", json!({"title": "New", "category_id": "C110", "skus": [sku]}));
    tour.call("DELETE", &format!("/product/v1/items/{}", id(&new, "item_id")), None);
}

fn orders(tour: &mut Tour) {
    let now = tour.served.clock_now();
    let order = tour.get("/trade/v1/orders?status=wait_payment&limit=1")["items"][0].clone();
    let path = format!("/trade/v1/orders/{}", id(&order, "order_id"));
    tour.get(&path);
    tour.get(&format!("/trade/v1/orders/changes?modified_from={}", now.offset_by_millis(-80_000_000)));
    tour.post("/trade/v1/orders/batch-get", json!({"order_ids": [id(&order, "order_id"), "none"]}));
    let memo = tour.call("PUT", &format!("{path}/memo"), Some(json!({"memo": "Later", "flag": "blue"})));
    let price = tour.call(
        "PATCH",
        &format!("{path}/price"),
        Some(json!({"version": memo["version"], "freight": {"amount": 5, "currency": "CNY"}})),
    );
    let sealed = |field: &str| json!({"ciphertext": price["receiver"][field]["ciphertext"]});
    let receiver = json!({
        "version": price["version"], "name": sealed("name"), "phone": sealed("phone"), "address": sealed("address"),
        "country": "CN", "province": "浙江省", "city": "杭州市", "zip": "310000",
    });
    tour.call("PUT", &format!("{path}/receiver"), Some(receiver));
    tour.post(&format!("{path}/close"), json!({"reason": "buyer_request", "note": "On the phone."}));
}

fn logistics(tour: &mut Tour) {
    tour.get("/logistics/v1/carriers");
    let address = tour.get("/logistics/v1/addresses")["items"][0].clone();
    let sealed = |field: &str| json!({"ciphertext": address[field]["ciphertext"]});
    let receiver = json!({
        "name": sealed("name"), "phone": sealed("phone"), "address": sealed("address"),
        "country": "CN", "province": "浙江省", "city": "杭州市",
    });
    let mut input = receiver.clone();
    input["uses"] = json!(["return"]);
    let new = tour.post("/logistics/v1/addresses", input.clone());
    let path = format!("/logistics/v1/addresses/{}", id(&new, "address_id"));
    input["version"] = new["version"].clone();
    tour.call("PUT", &path, Some(input));
    tour.call("DELETE", &path, None);

    let order_id = tour.served.sandbox.buyer().buy(Purchase::new("S1000002-1", 2)).unwrap();
    let apply = json!({"parcel_key": "p", "order_id": order_id, "carrier_code": "sf", "receiver": receiver, "contents": [{"name": "Mug", "quantity": 2}]});
    let waybill = tour.post("/logistics/v1/waybills", apply);
    let path = format!("/logistics/v1/waybills/{}", id(&waybill, "waybill_id"));
    tour.get(&path);
    tour.call("POST", &format!("{path}/cancel"), None);

    let ship = |number: &str| json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number, "note": "Fragile"});
    let shipment = tour.post("/logistics/v1/shipments", ship("SF0000000000001"));
    let path = format!("/logistics/v1/shipments/{}", id(&shipment, "shipment_id"));
    tour.get(&path);
    tour.get("/logistics/v1/shipments?status=delivered&limit=5");
    tour.get("/logistics/v1/tracking/SF0000000000001");
    let number = json!({"version": 1, "carrier_code": "jd", "tracking_number": "JD0000000000001"});
    tour.call("PUT", &format!("{path}/tracking-number"), Some(number));
    tour.call("POST", &format!("{path}/cancel"), None);
    tour.post("/logistics/v1/shipments", ship("SF0000000000002"));
    tour.post(&format!("/trade/v1/orders/{order_id}/receipt-delay"), json!({"days": 2}));
    refunds(tour, &order_id);
}

fn security(tour: &mut Tour) {
    tour.get("/security/v1/data-keys");
    let order = tour.get("/trade/v1/orders?limit=1")["items"][0].clone();
    let phone = json!({"ciphertext": order["receiver"]["phone"]["ciphertext"], "kind": "phone"});
    tour.post("/security/v1/reveal", json!({"purpose": "a test", "items": [phone]}));
}

fn refunds(tour: &mut Tour, shipped: &str) {
    tour.get("/trade/v1/refunds?limit=100");
    let buyer = tour.served.sandbox.buyer();
    let refund_id = buyer.request_refund(shipped, RefundRequest::new().returns_goods()).unwrap();
    let path = format!("/trade/v1/refunds/{refund_id}");
    let refund = tour.get(&path);
    let refusal =
        json!({"version": refund["version"], "reason": "already_shipped", "explanation": "It is on its way."});
    tour.post(&format!("{path}/refuse"), refusal);
    buyer.change_refund(&refund_id, None).unwrap();
    let refund = tour.get(&path);
    tour.post(&format!("{path}/agree"), json!({"version": refund["version"], "amount": refund["amount"]}));
    buyer.return_goods(&refund_id, "sf", "SF0000000000077").unwrap();
    let refund = tour.get(&path);
    tour.post(&format!("{path}/confirm-return"), json!({"version": refund["version"], "note": "All there."}));
}

#[test]
fn every_operation_answers_as_described() {
    let mut tour = Tour { served: Served::with(|builder| builder.tier(Tier::Strategic)), seen: BTreeSet::new() };
    products(&mut tour);
    orders(&mut tour);
    logistics(&mut tour);
    security(&mut tour);
    let missing: Vec<&str> = described::operations()
        .map(|operation| operation["operation_id"].as_str().unwrap())
        .filter(|operation| !tour.seen.contains(operation))
        .collect();
    assert!(missing.is_empty(), "not tried: {missing:?}");
}

#[test]
fn every_seeded_object_is_as_described() {
    let served = Served::with(|builder| builder.tier(Tier::Strategic));
    for list in ["/trade/v1/orders", "/trade/v1/refunds", "/logistics/v1/shipments"] {
        let mut cursor = String::new();
        while let Some(next) = served.get(&format!("{list}?limit=100{cursor}")).ok()["next_cursor"].as_str() {
            cursor = format!("&cursor={next}");
        }
    }
    for status in ["on_sale", "draft", "deleted"] {
        assert!(
            served.get(&format!("/product/v1/items?page_size=100&status={status}")).ok()["total"].as_u64().unwrap() > 0
        );
    }
}
