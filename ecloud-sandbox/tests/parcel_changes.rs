//! What changes of pickups, interceptions, self-deliveries and subscriptions stands in lists of changes, and is told.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::Served;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Resource, its identifier, and one that the examples have.
const RESOURCES: [(&str, &str, &str); 5] = [
    ("pickups", "pickup_id", "PU1000001"),
    ("reverse-pickups", "reverse_pickup_id", "RP1000001"),
    ("interceptions", "interception_id", "IC1000001"),
    ("self-deliveries", "self_delivery_id", "SD1000001"),
    ("tracking-subscriptions", "tracking_subscription_id", "TS1000002"),
];

fn changed(served: &Served, resource: &str, id: &str, from: &str) -> Vec<(String, u64)> {
    let page = served.get(&format!("/logistics/v1/{resource}/changes?modified_from={from}")).ok();
    let entry = |it: &Value| (it[id].as_str().unwrap().to_owned(), it["version"].as_u64().unwrap());
    let entries: Vec<_> = page["items"].as_array().unwrap().iter().map(entry).collect();
    assert_eq!(page["total"].as_u64(), Some(entries.len() as u64));
    entries
}

#[test]
fn a_change_stands_in_its_list_after_five_minutes_at_most() {
    let served = Served::of_examples();
    served.clock.advance(Duration::from_secs(60));
    for (resource, _, example) in RESOURCES {
        served.request("POST", &format!("/logistics/v1/{resource}/{example}/cancel")).send().ok();
    }
    served.clock.advance(Duration::from_secs(300));
    for (resource, id, example) in RESOURCES {
        let entries = changed(&served, resource, id, "2026-03-01T08%3A01%3A00.000Z");
        assert!(entries.contains(&(example.to_owned(), 2)), "{resource}: {entries:?}");
        let later = changed(&served, resource, id, "2026-03-01T08%3A01%3A00.001Z");
        assert!(later.iter().all(|(other, _)| other != example), "{resource}: {later:?}");
        let missing = served.get(&format!("/logistics/v1/{resource}/changes"));
        assert_eq!(missing.refusal(), (400, "request.invalid".to_owned()));
    }
}

#[test]
fn the_latest_change_stands_first() {
    let served = Served::of_examples();
    for shipment in ["H1000603", "H1000605"] {
        served.clock.advance(Duration::from_secs(600));
        let input = json!({"shipment_id": shipment, "reason": "buyer_request"});
        served.post("/logistics/v1/interceptions", input).ok();
    }
    served.clock.advance(Duration::from_secs(300));
    let entries = changed(&served, "interceptions", "interception_id", "2026-03-01T07%3A00%3A00.000Z");
    let ids: Vec<&str> = entries.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["IC1000003", "IC1000002", "IC1000001"]);
}

#[test]
fn each_change_is_told_once_with_its_version() {
    let served = Served::of_examples();
    served.sandbox.keep_events(SECRET).unwrap();
    for (resource, _, example) in RESOURCES {
        served.request("POST", &format!("/logistics/v1/{resource}/{example}/cancel")).send().ok();
    }
    let path = "/logistics/v1/delivery-exceptions/DX1000001/resolve";
    served.post(path, json!({"version": 1, "resolution": "redeliver"})).ok();
    served.clock.advance(Duration::from_secs(1));
    served.get("/logistics/v1/pickups").ok();
    let told: Vec<Value> =
        served.sandbox.events().iter().map(|delivery| serde_json::from_slice(&delivery.body).unwrap()).collect();
    let mut told: Vec<_> = told.iter().filter(|it| it["type"].as_str().unwrap().starts_with("logistics.")).collect();
    told.sort_by_key(|it| it["type"].as_str().unwrap().to_owned());
    let types: Vec<(&str, u64)> =
        told.iter().map(|it| (it["type"].as_str().unwrap(), it["version"].as_u64().unwrap())).collect();
    assert_eq!(
        types,
        [
            ("logistics.delivery_exception.changed", 2),
            ("logistics.interception.changed", 2),
            ("logistics.pickup.changed", 2),
            ("logistics.reverse_pickup.changed", 2),
            ("logistics.self_delivery.changed", 2),
        ],
        "a subscription tells of its parcel only"
    );
    assert_eq!(told[0]["data"]["resolution"], "redeliver");
    assert_eq!(told[1]["data"]["status"], "cancelled");
}
