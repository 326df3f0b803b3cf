//! The control interface over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Platform, Request};
use http::Method;
use serde_json::json;
use support::Served;

#[test]
fn a_buyer_places_pays_and_receives_an_order() {
    let served = Served::start();
    let placed = served.control(
        "POST",
        "/orders",
        Some(json!({"lines": [{"sku_id": "S1000001-1", "quantity": 2}], "buyer_id": "b-ann"})),
    );
    assert_eq!(placed.status, 201);
    let order = placed.ok();
    let id = order["order_id"].as_str().unwrap();
    assert_eq!((order["status"].as_str(), order["buyer_id"].as_str()), (Some("wait_payment"), Some("b-ann")));
    assert_eq!(served.control("POST", &format!("/orders/{id}/pay"), None).ok()["status"], "paid");
    let again = served.control("POST", &format!("/orders/{id}/pay"), Some(json!({"method": "credit"})));
    assert_eq!(again.refusal(), (422, "sandbox.impossible".into()));
    let input = json!({"order_id": id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    let shipment = served.post("/logistics/v1/shipments", input).ok();
    let carriage = format!("/shipments/{}/carriage", shipment["shipment_id"].as_str().unwrap());
    assert_eq!(served.control("POST", &carriage, Some(json!({"carriage": "pick_up"}))).ok()["status"], "in_transit");
    assert_eq!(served.control("POST", &format!("/orders/{id}/confirm"), None).ok()["status"], "finished");
    let refund = served
        .control("POST", &format!("/orders/{id}/refunds"), Some(json!({"returns_goods": true, "reason": "damaged"})))
        .ok();
    let id = refund["refund_id"].as_str().unwrap();
    assert_eq!(served.get(&format!("/trade/v1/refunds/{id}")).ok()["reason"], "damaged");
    assert_eq!(served.control("POST", &format!("/refunds/{id}/withdraw"), None).ok()["status"], "closed");
}

#[test]
fn time_is_put_forward_for_the_platform_alone() {
    let served = Served::start();
    let now = served.control("GET", "/clock", None).ok()["now"].clone();
    assert_eq!(now, json!(served.clock_now()));
    served.control("POST", "/clock/advance", Some(json!({"milliseconds": 3_600_000}))).ok();
    assert_eq!(
        served.control("GET", "/clock", None).ok()["now"],
        json!(served.clock_now() + Duration::from_secs(3600))
    );
    let skewed = served.get("/trade/v1/orders?limit=1");
    assert_eq!(skewed.refusal(), (401, "auth.timestamp_skew".into()));
    assert_eq!(skewed.header("date"), Some("Sat, 22 Nov 2025 09:26:40 GMT"));
}

#[test]
fn faults_are_injected_listed_and_taken_out() {
    let served = Served::start();
    let fault =
        json!({"effect": "status", "status": 429, "retry_after_ms": 15, "next": 3, "operation": "trade.orders.list"});
    let injected = served.control("POST", "/faults", Some(fault));
    assert_eq!((injected.status, injected.ok()["id"].as_u64()), (201, Some(1)));
    assert_eq!(served.get("/trade/v1/orders?limit=1").refusal(), (429, "quota.exceeded".into()));
    let listed = served.control("GET", "/faults", None).ok()["items"][0].clone();
    assert_eq!((listed["happened"].as_u64(), listed["next"].as_u64()), (Some(1), Some(3)));
    assert_eq!(served.control("DELETE", "/faults/1", None).status, 204);
    assert_eq!(served.control("DELETE", "/faults/1", None).status, 404);
    for fault in [
        json!({"effect": "drop", "after_effect": true, "share": 0.5, "seed": 3, "method": "POST", "path_prefix": "/trade"}),
        json!({"effect": "delay", "delay_ms": 5}),
        json!({"effect": "slow_body", "bytes": 10, "pause_ms": 1}),
        json!({"effect": "cut_body", "bytes": 10}),
    ] {
        assert_eq!(served.control("POST", "/faults", Some(fault)).status, 201);
    }
    for bad in [
        json!({"effect": "explode"}),
        json!({"effect": "status"}),
        json!({"effect": "status", "status": 200}),
        json!({"effect": "drop", "share": 2}),
        json!({"effect": "drop", "share": 0.5, "next": 1}),
        json!({"effect": "drop", "more": 1}),
    ] {
        assert_eq!(
            served.control("POST", "/faults", Some(bad.clone())).refusal(),
            (400, "request.invalid".into()),
            "{bad}"
        );
    }
    assert_eq!(served.control("DELETE", "/faults", None).status, 204);
    assert_eq!(served.control("GET", "/faults", None).ok()["items"], json!([]));
}

#[test]
fn what_was_received_is_listed_without_secrets_and_not_without_end() {
    let served = Served::with(|builder| builder.received_capacity(3));
    served.get("/trade/v1/orders/none");
    for limit in 1..4 {
        served.get(&format!("/trade/v1/orders?limit={limit}"));
    }
    let listed = served.control("GET", "/requests", None);
    let text = String::from_utf8(listed.body.clone()).unwrap();
    assert!(!text.contains(served.sandbox.access_token()) && !text.contains(served.sandbox.app_secret()));
    let items = listed.ok()["items"].clone();
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!(
        (items[2]["target"].as_str(), items[2]["operation"].as_str()),
        (Some("/trade/v1/orders?limit=3"), Some("trade.orders.list"))
    );
    assert!(items[0]["headers"].as_array().unwrap().contains(&json!(["authorization", "***"])));
    let signature =
        items[0]["headers"].as_array().unwrap().iter().find(|header| header[0] == "x-ecloud-signature").unwrap();
    assert_eq!(signature[1], "***");
    served.control("DELETE", "/requests", None);
    assert!(served.sandbox.received().is_empty());
}

#[test]
fn tokens_are_given_and_taken_back() {
    let served = Served::start();
    let input = json!({"shop_id": "shop-9", "scopes": ["trade:read"], "role": "developer", "expires_in_ms": 60_000});
    let token = served.control("POST", "/tokens", Some(input)).ok()["access_token"].as_str().unwrap().to_owned();
    let get = |target: &str| served.request("GET", target).token(&token).send();
    assert_eq!(get("/trade/v1/orders?limit=1").ok()["items"][0]["shop_id"], "shop-9");
    assert_eq!(get("/product/v1/items").refusal(), (403, "auth.scope_denied".into()));
    assert_eq!(served.control("POST", "/tokens/revoke", Some(json!({"access_token": token}))).status, 204);
    assert_eq!(get("/trade/v1/orders").refusal(), (401, "auth.token_invalid".into()));
    assert_eq!(
        served.control("POST", "/tokens", Some(json!({"role": "king"}))).refusal(),
        (400, "request.invalid".into())
    );
}

#[test]
fn a_reset_begins_anew() {
    let served = Served::start();
    let stock = || served.get("/product/v1/inventory/S1000001-1").ok()["available"].clone();
    let before = stock();
    served.post("/product/v1/inventory/S1000001-1/adjust", json!({"delta": 5})).ok();
    served.control("POST", "/clock/advance", Some(json!({"milliseconds": 1000}))).ok();
    served.control("POST", "/faults", Some(json!({"effect": "drop"}))).ok();
    assert_eq!(served.control("POST", "/reset", None).status, 204);
    assert_eq!(stock(), before);
    assert_eq!(served.sandbox.now(), served.clock_now());
    assert_eq!(served.sandbox.received().len(), 1);
}

#[test]
fn only_this_machine_controls() {
    let served = Served::start();
    let platform: &Platform = served.sandbox.platform();
    let mut request = Request::new(Method::POST, "/sandbox/v1/reset");
    request.from_loopback = false;
    assert_eq!(platform.answer(&request, served.clock_now()).response.status(), 404);
    request.from_loopback = true;
    assert_eq!(platform.answer(&request, served.clock_now()).response.status(), 204);
}

#[test]
fn what_the_control_interface_does_not_know_is_refused() {
    let served = Served::start();
    for (method, target) in
        [("GET", "/nothing"), ("DELETE", "/orders"), ("PUT", "/faults"), ("POST", "/orders/T1000001/explode")]
    {
        assert_eq!(
            served.control(method, target, None).refusal(),
            (404, "request.route_not_found".into()),
            "{method} {target}"
        );
    }
    let no_type = served
        .raw(b"POST /sandbox/v1/clock/advance HTTP/1.1\r\nhost: x\r\ncontent-length: 19\r\n\r\n{\"milliseconds\": 1}")
        .unwrap();
    assert_eq!(no_type.refusal(), (415, "request.unsupported_media_type".into()));
    assert_eq!(served.control("POST", "/orders/none/pay", None).refusal(), (404, "trade.order_not_found".into()));
    assert_eq!(
        served.raw(b"GET /sandboxes HTTP/1.1\r\nhost: x\r\n\r\n").unwrap().refusal(),
        (400, "request.invalid".into())
    );
    assert_eq!(served.raw(b"GET /%73andbox/v1/clock HTTP/1.1\r\nhost: x\r\n\r\n").unwrap().status, 200);
}
