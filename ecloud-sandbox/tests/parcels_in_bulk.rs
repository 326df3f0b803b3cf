//! Shipments, waybills and tracking of many parcels in one call, and their changes.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::Served;

fn stock(served: &Served) -> Value {
    served.get("/product/v1/inventory/S1000001-1").ok()
}

#[test]
fn of_a_batch_of_shipments_what_fails_ships_nothing_and_keeps_no_other_back() {
    let served = Served::of_examples();
    let orders_before = served.get("/trade/v1/orders/T1000004").ok();
    let entry = |order: &str, number: &str| json!({"order_id": order, "carrier_code": "sf", "tracking_number": number});
    let input = json!({"shipments": [
        entry("T1000004", "SF2000000000001"),
        entry("T1000002", "SF2000000000002"),
        entry("T1000606", "SF2000000000002"),
        entry("T1000002", "SF2000000000003"),
        entry("T9", "SF2000000000004"),
    ]});
    let items = served.post("/logistics/v1/shipments/batch", input).ok()["items"].clone();
    let codes: Vec<&str> =
        items.as_array().unwrap().iter().map(|item| item["error"]["code"].as_str().unwrap_or_default()).collect();
    let expected = [
        "trade.order_not_shippable",
        "",
        "logistics.tracking_number_taken",
        "trade.order_not_shippable",
        "trade.order_not_found",
    ];
    assert_eq!(codes, expected);
    assert_eq!(served.get("/trade/v1/orders/T1000002").ok()["status"], "shipped");
    assert_eq!(served.get("/trade/v1/orders/T1000606").ok()["status"], "paid");
    assert_eq!(served.get("/trade/v1/orders/T1000004").ok(), orders_before);
    let shipment_id = items[1]["shipment"]["shipment_id"].as_str().unwrap();
    assert_eq!(served.get(&format!("/logistics/v1/shipments/{shipment_id}")).ok(), items[1]["shipment"]);
    assert!(stock(&served)["reserved"].is_u64());
}

#[test]
fn a_note_is_set_and_taken_off_again_and_stands_in_the_changes() {
    let served = Served::of_examples();
    let set = |version: u64, note: &str| {
        let input = json!({"version": version, "note": note});
        served.write("PUT", "/logistics/v1/shipments/H1000004/note", input)
    };
    assert_eq!(set(1, "Fragile").ok()["note"], "Fragile");
    assert_eq!(set(1, "Fragile").refusal(), (409, "logistics.shipment_conflict".to_owned()));
    assert!(set(2, "").ok().get("note").is_none());
    served.clock.advance(Duration::from_secs(301));
    let changes = served.get("/logistics/v1/shipments/changes?modified_from=2026-03-01T08:00:00.000Z").ok();
    assert_eq!((changes["total"].as_u64(), &changes["items"][0]["shipment_id"]), (Some(1), &json!("H1000004")));
}

#[test]
fn waybills_of_a_batch_are_the_same_when_it_comes_again() {
    let served = Served::of_examples();
    let receiver = served.get("/logistics/v1/waybills/W1000001").ok()["receiver"].clone();
    let sealed = |field: &str| json!({"ciphertext": receiver[field]["ciphertext"]});
    let entry = |key: &str, carrier: &str| {
        json!({
            "parcel_key": key, "carrier_code": carrier, "order_id": "T1000002", "contents": [{"name": "Mug", "quantity": 1}],
            "receiver": {"name": sealed("name"), "phone": sealed("phone"), "address": sealed("address"),
                "country": "CN", "province": "浙江省", "city": "宁波市"},
        })
    };
    let batch = json!({"waybills": [entry("a", "sf"), entry("b", "nobody"), entry("c", "sf")]});
    let first = served.post("/logistics/v1/waybills/batch", batch.clone()).ok();
    assert_eq!(first["items"][1]["error"]["code"], "logistics.carrier_not_found");
    let ids = [0, 2].map(|at| first["items"][at]["waybill"]["waybill_id"].as_str().unwrap().to_owned());
    assert_ne!(ids[0], ids[1]);
    let again = served.post("/logistics/v1/waybills/batch", batch).ok();
    assert_eq!(again["items"][2]["waybill"]["waybill_id"], ids[1].as_str());
    let listed = served.get("/logistics/v1/waybills?order_id=T1000002&status=applied").ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);

    served.request("POST", &format!("/logistics/v1/waybills/{}/cancel", ids[0])).send().ok();
    let asked = json!({"waybill_ids": [ids[1], ids[0], "W9"]});
    let printed = served.post("/logistics/v1/waybills/print-data", asked).ok()["items"].clone();
    assert_eq!(printed[0]["print_data"], first["items"][2]["waybill"]["print_data"]);
    assert_eq!(printed[1]["error"]["code"], "logistics.waybill_not_printable");
    assert_eq!(printed[2]["error"]["code"], "logistics.waybill_not_found");
    served.clock.advance(Duration::from_secs(301));
    let changes = served.get("/logistics/v1/waybills/changes?modified_from=2026-03-01T08:00:00.000Z").ok();
    assert_eq!(changes["total"], 2);
}

#[test]
fn the_ways_of_several_parcels_are_told_at_once() {
    let served = Served::of_examples();
    let asked = json!({"tracking_numbers": ["SF0", "SF1000001000003"]});
    let items = served.post("/logistics/v1/tracking/batch-get", asked).ok()["items"].clone();
    assert_eq!(items[0]["error"]["code"], "logistics.tracking_not_found");
    assert_eq!(items[1]["history"], served.get("/logistics/v1/tracking/SF1000001000003").ok());
}

#[test]
fn a_carrier_that_the_platform_no_longer_works_with_is_still_told_of() {
    let served = Served::of_examples();
    assert_eq!(served.get("/logistics/v1/carriers/rapid").ok()["enabled"], false);
    let unknown = served.get("/logistics/v1/carriers/nobody");
    assert_eq!(unknown.refusal(), (404, "logistics.carrier_not_found".to_owned()));
}
