//! Pickups, interceptions, delivery exceptions and the seller's own deliveries.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::Grant;
use serde_json::json;
use support::Served;

fn status(served: &Served, path: &str) -> String {
    served.get(&format!("/{path}")).ok()["status"].as_str().unwrap().to_owned()
}

fn hours(served: &Served, hours: u64) {
    served.clock.advance(Duration::from_secs(hours * 3_600));
}

#[test]
fn a_pickup_moves_to_another_slot_until_the_carrier_has_come() {
    let served = Served::of_examples();
    let path = "/logistics/v1/pickups/PU1000001";
    let slots = served.get("/logistics/v1/pickup-slots?carrier_code=sf").ok();
    let (slot, total) = (slots["items"][5]["slot_id"].clone(), slots["total"].as_u64());
    assert_eq!((slot.as_str(), total), (Some("sf-20260303-15"), Some(6)));
    let moved = served.post(&format!("{path}/reschedule"), json!({"version": 1, "slot_id": slot})).ok();
    assert_eq!((&moved["slot_id"], moved["version"].as_u64()), (&slot, Some(2)));
    let stale = served.post(&format!("{path}/reschedule"), json!({"version": 1, "slot_id": slot}));
    assert_eq!(stale.refusal(), (409, "logistics.pickup_conflict".to_owned()));
    hours(&served, 24);
    assert_eq!(status(&served, &path[1..]), "scheduled");
    hours(&served, 48);
    assert_eq!(status(&served, &path[1..]), "collected");
    let late = served.request("POST", &format!("{path}/cancel")).send();
    assert_eq!(late.refusal(), (422, "logistics.pickup_not_cancellable".to_owned()));
}

#[test]
fn a_shipment_is_in_one_pickup_only() {
    let served = Served::of_examples();
    let book = |shipment: &str| {
        let input = json!({"carrier_code": "sf", "slot_id": "sf-20260302-12", "shipment_ids": [shipment]});
        served.post("/logistics/v1/pickups", input)
    };
    assert_eq!(book("H1000601").refusal(), (422, "logistics.shipment_pickup_taken".to_owned()));
    assert_eq!(book("H1000603").refusal(), (422, "logistics.shipment_not_collectable".to_owned()));
    assert_eq!(book("H2000001").refusal(), (404, "logistics.shipment_not_found".to_owned()));
    served.request("POST", "/logistics/v1/pickups/PU1000001/cancel").send().ok();
    assert_eq!(book("H1000601").ok()["status"], "scheduled");
}

#[test]
fn what_a_carrier_fetches_at_the_buyers_moves_the_refund_on() {
    let served = Served::of_examples();
    let again = json!({"refund_id": "R1000601", "carrier_code": "sf", "slot_id": "sf-20260302-09"});
    let refused = served.post("/logistics/v1/reverse-pickups", again);
    assert_eq!(refused.refusal(), (422, "logistics.reverse_pickup_exists".to_owned()));
    let pickup = served.get("/logistics/v1/reverse-pickups/RP1000001").ok();
    hours(&served, 24);
    let refund = served.get("/trade/v1/refunds/R1000601").ok();
    assert_eq!(refund["status"], "wait_seller_receipt");
    assert_eq!(refund["return_parcel"]["tracking_number"], pickup["tracking_number"]);
    assert_eq!(status(&served, "logistics/v1/reverse-pickups/RP1000001"), "collected");
}

#[test]
fn an_intercepted_shipment_comes_back_unless_the_seller_lets_it_go_on() {
    let served = Served::of_examples();
    let input = json!({"shipment_id": "H1000603", "reason": "buyer_request"});
    let new = served.post("/logistics/v1/interceptions", input.clone()).ok();
    let path = format!("/logistics/v1/interceptions/{}", new["interception_id"].as_str().unwrap());
    let twice = served.post("/logistics/v1/interceptions", input);
    assert_eq!(twice.refusal(), (422, "logistics.interception_exists".to_owned()));
    served.request("POST", &format!("{path}/cancel")).send().ok();
    hours(&served, 48);
    assert_eq!(status(&served, "logistics/v1/interceptions/IC1000001"), "succeeded");
    assert_eq!(status(&served, "logistics/v1/shipments/H1000604"), "returned");
    let waiting = json!({"shipment_id": "H1000604", "reason": "other"});
    let refused = served.post("/logistics/v1/interceptions", waiting);
    assert_eq!(refused.refusal(), (422, "logistics.shipment_not_interceptable".to_owned()));
}

#[test]
fn a_shipment_is_stopped_before_its_delivery_however_far_the_clock_leaps() {
    let served = Served::of_examples();
    let input = json!({"order_id": "T1000606", "carrier_code": "sf", "tracking_number": "SF0000000000606"});
    let shipment = served.post("/logistics/v1/shipments", input).ok()["shipment_id"].clone();
    hours(&served, 3);
    served.post("/logistics/v1/interceptions", json!({"shipment_id": shipment, "reason": "wrong_goods"})).ok();
    hours(&served, 72);
    assert_eq!(status(&served, &format!("logistics/v1/shipments/{}", shipment.as_str().unwrap())), "returned");
}

#[test]
fn a_failed_delivery_is_tried_again_once_the_seller_says_so() {
    let served = Served::of_examples();
    let path = "/logistics/v1/delivery-exceptions/DX1000001";
    let resolve =
        |resolution: &str| served.post(&format!("{path}/resolve"), json!({"version": 1, "resolution": resolution}));
    assert_eq!(resolve("claim").refusal(), (422, "logistics.resolution_unsuitable".to_owned()));
    assert_eq!(resolve("redeliver").ok()["status"], "resolved");
    assert_eq!(resolve("redeliver").refusal(), (409, "logistics.delivery_exception_conflict".to_owned()));
    hours(&served, 24);
    assert_eq!(status(&served, "logistics/v1/shipments/H1000605"), "delivered");
}

#[test]
fn a_courier_ships_the_order_and_its_confirmation_delivers_it() {
    let served = Served::of_examples();
    let path = "/logistics/v1/self-deliveries/SD1000001";
    let early = served.post(&format!("{path}/confirm"), json!({"version": 1}));
    assert_eq!(early.refusal(), (422, "logistics.self_delivery_not_confirmable".to_owned()));
    let address = served.get("/logistics/v1/addresses/A1000001").ok();
    let courier = json!({"version": 1, "name": {"ciphertext": address["name"]["ciphertext"]},
        "phone": {"ciphertext": address["phone"]["ciphertext"]}});
    let out = served.post(&format!("{path}/assign-courier"), courier).ok();
    let order = format!("trade/v1/orders/{}", out["order_id"].as_str().unwrap());
    assert_eq!(status(&served, &order), "shipped");
    hours(&served, 40);
    let shipment = format!("logistics/v1/shipments/{}", out["shipment_id"].as_str().unwrap());
    assert_eq!(status(&served, &shipment), "delivering");
    served.post(&format!("{path}/confirm"), json!({"version": 2})).ok();
    assert_eq!(status(&served, &shipment), "delivered");
    let late = served.request("POST", &format!("{path}/cancel")).send();
    assert_eq!(late.refusal(), (422, "logistics.self_delivery_not_cancellable".to_owned()));
}

#[test]
fn what_belongs_to_another_shop_is_not_found() {
    let served = Served::of_examples();
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    for (path, code) in [
        ("addresses/A1000001", "address"),
        ("warehouses/WH1000001", "warehouse"),
        ("freight-templates/FT1000001", "freight_template"),
        ("pickups/PU1000001", "pickup"),
        ("reverse-pickups/RP1000001", "reverse_pickup"),
        ("interceptions/IC1000001", "interception"),
        ("delivery-exceptions/DX1000001", "delivery_exception"),
        ("self-deliveries/SD1000001", "self_delivery"),
    ] {
        let target = format!("/logistics/v1/{path}");
        assert_eq!(served.get(&target).status, 200, "{path}");
        let theirs = served.request("GET", &target).token(&token).send();
        assert_eq!(theirs.refusal(), (404, format!("logistics.{code}_not_found")));
    }
}
