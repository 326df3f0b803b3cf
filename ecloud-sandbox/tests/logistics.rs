//! Carriers, shipments on their way, addresses and waybills.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Carriage, Purchase, Tier};
use serde_json::{Value, json};
use support::Served;

const HOUR: Duration = Duration::from_secs(3600);

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn shipment(served: &Served, number: &str) -> Value {
    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number});
    served.post("/logistics/v1/shipments", input).ok()
}

fn path(shipment: &Value) -> String {
    format!("/logistics/v1/shipments/{}", shipment["shipment_id"].as_str().unwrap())
}

fn sealed(served: &Served) -> Value {
    let address = served.first("/logistics/v1/addresses");
    let field = |name: &str| json!({"ciphertext": address[name]["ciphertext"]});
    json!({"name": field("name"), "phone": field("phone"), "address": field("address"), "country": "CN", "province": "浙江省", "city": "宁波市"})
}

fn merged(mut left: Value, right: Value) -> Value {
    left.as_object_mut().unwrap().extend(right.as_object().unwrap().clone());
    left
}

#[test]
fn carriers_say_how_their_numbers_look() {
    let served = strategic();
    let all = served.get("/logistics/v1/carriers").ok();
    let codes: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|carrier| carrier["carrier_code"].as_str().unwrap()).collect();
    assert!(codes.len() >= 8 && codes.is_sorted());
    assert_eq!(served.get("/logistics/v1/carriers?waybills=false").ok()["items"][0]["waybills"], false);
    assert_eq!(served.get("/logistics/v1/carriers?waybills=maybe").refusal(), (400, "request.invalid".into()));

    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    let ship = |carrier: &str, number: &str| {
        served
            .post(
                "/logistics/v1/shipments",
                json!({"order_id": order_id, "carrier_code": carrier, "tracking_number": number}),
            )
            .refusal()
    };
    assert_eq!(ship("sf", "SF123"), (422, "logistics.tracking_number_invalid".into()));
    assert_eq!(ship("none", "SF0000000000001"), (404, "logistics.carrier_not_found".into()));
    assert_eq!(ship("rapid", "RP000000000001"), (404, "logistics.carrier_not_found".into()));
    shipment(&served, "SF0000000000001");
    assert_eq!(ship("sf", "SF0000000000001"), (422, "logistics.tracking_number_taken".into()));
}

#[test]
fn a_parcel_travels_as_time_passes() {
    let served = strategic();
    let shipment = shipment(&served, "SF0000000000001");
    let tracking = || served.get("/logistics/v1/tracking/SF0000000000001").ok();
    let actions = |history: &Value| -> Vec<String> {
        history["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(actions(&tracking()), ["shipped"]);
    served.clock.advance(2 * HOUR);
    assert_eq!((tracking()["status"].as_str(), actions(&tracking()).len()), (Some("in_transit"), 2));
    served.clock.advance(48 * HOUR);
    let history = tracking();
    assert_eq!(history["status"], "delivered");
    assert_eq!(
        actions(&history),
        ["shipped", "picked_up", "arrived", "departed", "arrived", "out_for_delivery", "delivered"]
    );
    let times: Vec<&str> =
        history["events"].as_array().unwrap().iter().map(|event| event["occurred_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted());
    let order = served.get(&format!("/trade/v1/orders/{}", shipment["order_id"].as_str().unwrap())).ok();
    assert_eq!((order["status"].as_str(), order["fulfilment_status"].as_str()), (Some("shipped"), Some("delivered")));
    assert_eq!(served.get("/logistics/v1/tracking/none").refusal(), (404, "logistics.tracking_not_found".into()));
    assert_eq!(served.get("/logistics/v1/tracking/SF0000000000001?carrier_code=yto").refusal().0, 404);
}

#[test]
fn carriers_fail_lose_and_bring_back() {
    let served = strategic();
    let one = shipment(&served, "SF0000000000001");
    let id = one["shipment_id"].as_str().unwrap();
    assert_eq!(served.sandbox.carry(id, Carriage::Deliver).unwrap_err().code(), "sandbox.impossible");
    for (carriage, status) in [
        (Carriage::PickUp, "in_transit"),
        (Carriage::SetOut, "delivering"),
        (Carriage::Fail, "in_transit"),
        (Carriage::Return, "returned"),
    ] {
        served.sandbox.carry(id, carriage).unwrap();
        assert_eq!(served.get(&path(&one)).ok()["status"], status);
    }
    assert!(served.sandbox.carry(id, Carriage::Lose).is_err(), "it has ended");
    served.clock.advance(72 * HOUR);
    assert_eq!(served.get(&path(&one)).ok()["status"], "returned", "time leads no further");
}

#[test]
fn a_tracking_number_is_corrected_until_the_parcel_is_picked_up() {
    let served = strategic();
    let one = shipment(&served, "SF0000000000001");
    let two = shipment(&served, "SF0000000000002");
    let change = |version: i64, number: &str| {
        let input = json!({"version": version, "carrier_code": "sf", "tracking_number": number});
        served.write("PUT", &format!("{}/tracking-number", path(&one)), input)
    };
    assert_eq!(change(9, "SF0000000000003").refusal(), (409, "logistics.shipment_conflict".into()));
    assert_eq!(change(1, "X").refusal(), (422, "logistics.tracking_number_invalid".into()));
    assert_eq!(
        change(1, two["tracking_number"].as_str().unwrap()).refusal(),
        (422, "logistics.tracking_number_taken".into())
    );
    let changed = change(1, "SF0000000000003").ok();
    assert_eq!(
        (changed["tracking_number"].as_str(), changed["parcels"][0]["tracking_number"].as_str()),
        (Some("SF0000000000003"), Some("SF0000000000003"))
    );
    assert_eq!(served.get("/logistics/v1/tracking/SF0000000000001").status, 404);
    assert_eq!(served.get("/logistics/v1/tracking/SF0000000000003").status, 200);
    served.clock.advance(2 * HOUR);
    assert_eq!(change(3, "SF0000000000004").refusal(), (422, "logistics.tracking_number_not_changeable".into()));
    let cancel = served.request("POST", &format!("{}/cancel", path(&one))).send();
    assert_eq!(cancel.refusal(), (422, "logistics.shipment_not_cancellable".into()));
}

#[test]
fn a_shipment_has_further_parcels_under_numbers_of_their_own() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();
    let ship = |extra: &str| {
        let extra = json!([{"tracking_number": extra, "weight_grams": 500}]);
        served.post("/logistics/v1/shipments", json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001", "extra_parcels": extra}))
    };
    assert_eq!(ship("SF0000000000001").refusal(), (400, "request.invalid".into()));
    assert_eq!(ship("nonsense").refusal(), (422, "logistics.tracking_number_invalid".into()));
    let shipment = ship("SF0000000000002").ok();
    assert_eq!(shipment["parcels"].as_array().unwrap().len(), 2);
    assert_eq!(served.get("/logistics/v1/tracking/SF0000000000002").ok()["shipment_id"], shipment["shipment_id"]);
    let listed = served.get(&format!("/logistics/v1/shipments?order_id={order_id}&status=wait_pickup")).ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[test]
fn each_use_has_one_default_address() {
    let served = strategic();
    let list = |query: &str| served.get(&format!("/logistics/v1/addresses{query}")).ok()["items"].clone();
    let before = list("?used_for=sender");
    let created = served.post(
        "/logistics/v1/addresses",
        merged(sealed(&served), json!({"uses": ["sender"], "default_for": ["sender"]})),
    );
    assert_eq!(created.status, 201);
    let new = created.ok();
    assert_eq!(new["default_for"], json!(["sender"]));
    let old = list("?used_for=sender")[0].clone();
    assert_eq!(
        (old["address_id"].clone(), old["default_for"].clone()),
        (before[0]["address_id"].clone(), json!(["return"]))
    );

    let path = format!("/logistics/v1/addresses/{}", new["address_id"].as_str().unwrap());
    assert_eq!(served.request("DELETE", &path).send().refusal(), (422, "logistics.address_is_default".into()));
    let update = |version: i64, uses: Value| {
        served.write("PUT", &path, merged(sealed(&served), json!({"version": version, "uses": uses})))
    };
    assert_eq!(update(7, json!(["sender"])).refusal(), (409, "logistics.address_conflict".into()));
    assert_eq!(update(1, json!(["return"])).refusal(), (422, "logistics.address_is_default".into()));
    assert_eq!(update(1, json!(["sender", "return"])).ok()["default_for"], json!(["sender"]));
    let last = served.get("/logistics/v1/addresses").ok()["items"][1].clone();
    let path = format!("/logistics/v1/addresses/{}", last["address_id"].as_str().unwrap());
    assert_eq!(served.request("DELETE", &path).send().status, 204);
    assert_eq!(served.request("DELETE", &path).send().refusal(), (404, "logistics.address_not_found".into()));
    let clear = served
        .post("/logistics/v1/addresses", merged(sealed(&served), json!({"uses": ["sender"], "phone": "13900139000"})));
    assert_eq!(clear.refusal(), (422, "security.plaintext_refused".into()));
}

#[test]
fn a_parcel_gets_one_waybill() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    let input = |change: Value| {
        let input = json!({
            "parcel_key": "parcel-1", "order_id": order_id, "carrier_code": "sf", "receiver": sealed(&served),
            "contents": [{"name": "Mug", "quantity": 1}], "weight_grams": 500,
        });
        served.post("/logistics/v1/waybills", merged(input, change))
    };
    assert_eq!(input(json!({"carrier_code": "yunda"})).refusal(), (422, "logistics.waybills_unsupported".into()));
    assert_eq!(input(json!({"order_id": "none"})).refusal(), (404, "trade.order_not_found".into()));
    let first = input(json!({})).ok();
    assert_eq!(input(json!({})).ok()["waybill_id"], first["waybill_id"], "another call, the same parcel");
    assert_eq!(input(json!({"weight_grams": 501})).refusal(), (409, "logistics.waybill_conflict".into()));

    let number = first["tracking_number"].as_str().unwrap();
    served
        .post("/logistics/v1/shipments", json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number}))
        .ok();
    let path = format!("/logistics/v1/waybills/{}", first["waybill_id"].as_str().unwrap());
    served.clock.advance(2 * HOUR);
    assert_eq!(served.get(&path).ok()["status"], "picked_up");
    let cancel = |path: &str| served.request("POST", &format!("{path}/cancel")).send();
    assert_eq!(cancel(&path).refusal(), (422, "logistics.waybill_not_cancellable".into()));
    let other = input(json!({"parcel_key": "parcel-2"})).ok();
    let path = format!("/logistics/v1/waybills/{}", other["waybill_id"].as_str().unwrap());
    assert_eq!(cancel(&path).ok()["status"], "cancelled");
    assert_eq!(served.get("/logistics/v1/waybills/none").refusal(), (404, "logistics.waybill_not_found".into()));
}
