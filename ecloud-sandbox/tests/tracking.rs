//! Parcels that the shop follows though it didn't ship them here, and what sellers report of their own deliveries.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Response, Served};

const HOUR: Duration = Duration::from_secs(3_600);
const SUBSCRIPTIONS: &str = "/logistics/v1/tracking-subscriptions";

fn rule(code: &str) -> (u16, String) {
    (422, format!("logistics.{code}"))
}

fn subscribe(served: &Served, carrier: &str, number: &str) -> Response {
    served.post(SUBSCRIPTIONS, json!({"carrier_code": carrier, "tracking_number": number}))
}

fn subscription(served: &Served, id: &str) -> Value {
    served.get(&format!("{SUBSCRIPTIONS}/{id}")).ok()
}

fn actions(tracked: &Value) -> Vec<&str> {
    let events = tracked["events"].as_array().map(Vec::as_slice).unwrap_or_default();
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[test]
fn a_followed_parcel_goes_its_way_until_it_is_delivered() {
    let served = Served::of_examples();
    let new = subscribe(&served, "sf", "SF8010000000009").ok();
    assert_eq!((new["status"].as_str(), new["parcel_status"].as_str()), (Some("active"), Some("wait_pickup")));
    assert_eq!(new.get("events"), None);
    let id = new["tracking_subscription_id"].as_str().unwrap();
    served.clock.advance(9 * HOUR);
    let moving = subscription(&served, id);
    assert_eq!(actions(&moving), ["picked_up", "arrived"]);
    assert_eq!((moving["parcel_status"].as_str(), moving["version"].as_u64()), (Some("in_transit"), Some(3)));
    served.clock.advance(24 * HOUR);
    let there = subscription(&served, id);
    let way = ["picked_up", "arrived", "departed", "arrived", "out_for_delivery", "delivered"];
    assert_eq!(actions(&there), way);
    assert_eq!((there["status"].as_str(), there["parcel_status"].as_str()), (Some("finished"), Some("delivered")));
    assert_eq!(there["finished_at"], there["events"][5]["occurred_at"]);
    let descriptions = [1, 3].map(|index: usize| there["events"][index]["description"].clone());
    assert_ne!(descriptions[0], descriptions[1], "near the sender, near the receiver");
    let late = served.request("POST", &format!("{SUBSCRIPTIONS}/{id}/cancel")).send();
    assert_eq!(late.refusal(), rule("tracking_subscription_not_cancellable"));
    subscribe(&served, "sf", "SF8010000000009").ok();
}

#[test]
fn a_parcel_is_followed_once_and_not_if_the_shop_ships_it_itself() {
    let served = Served::of_examples();
    assert_eq!(subscribe(&served, "zto", "ZT8010000000001").refusal(), rule("tracking_followed"));
    assert_eq!(subscribe(&served, "sf", "SF1000001000603").refusal(), rule("tracking_followed"));
    assert_eq!(subscribe(&served, "sf", "1").refusal(), rule("tracking_number_invalid"));
    assert_eq!(subscribe(&served, "rapid", "RP1").refusal(), (404, "logistics.carrier_not_found".to_owned()));
    let batch = json!({"subscriptions": [
        {"carrier_code": "sf", "tracking_number": "SF8010000000077"},
        {"carrier_code": "sf", "tracking_number": "SF8010000000077", "note": "again"},
    ]});
    let answer = served.post(&format!("{SUBSCRIPTIONS}/batch"), batch).ok();
    assert_eq!(answer["items"][0]["subscription"]["status"], "active");
    assert_eq!(answer["items"][1]["error"]["code"], "logistics.tracking_followed");
    let active = served.get(&format!("{SUBSCRIPTIONS}?status=active&carrier_code=sf")).ok();
    assert_eq!(active["items"].as_array().unwrap().len(), 1);

    let input = json!({"order_id": "T1000606", "carrier_code": "sf", "tracking_number": "SF8010000000077"});
    served.post("/logistics/v1/shipments", input).ok();
    let ended = served.first(&format!("{SUBSCRIPTIONS}?carrier_code=sf"));
    assert_eq!(ended["status"], "cancelled", "the shipment's own events are told");
}

#[test]
fn a_parcel_that_is_followed_no_longer_does_not_move() {
    let served = Served::of_examples();
    let path = format!("{SUBSCRIPTIONS}/TS1000002");
    let cancelled = served.request("POST", &format!("{path}/cancel")).send().ok();
    assert_eq!((cancelled["status"].as_str(), cancelled["version"].as_u64()), (Some("cancelled"), Some(2)));
    served.clock.advance(48 * HOUR);
    assert_eq!(served.get(&path).ok(), cancelled);
    assert_eq!(subscription(&served, "TS1000001")["status"], "finished");
    let unknown = served.get(&format!("{SUBSCRIPTIONS}/TS9"));
    assert_eq!(unknown.refusal(), (404, "logistics.tracking_subscription_not_found".to_owned()));
}

fn report(served: &Served, number: &str, carrier: &str, action: &str, at: &str) -> Response {
    let report = json!({"carrier_code": carrier, "occurred_at": format!("2026-03-01T{at}:00.000Z"), "action": action,
        "place": "余杭区", "description": "按门铃无人应答。"});
    served.post(&format!("/logistics/v1/tracking/{number}/events"), report)
}

#[test]
fn reports_come_in_the_order_of_time_and_of_the_shipments_status() {
    let served = Served::of_examples();
    let report = |action: &str, at: &str| report(&served, "SD1000002", "self", action, at);
    assert_eq!(report("arrived", "07:50").refusal(), rule("tracking_action_unsuitable"));
    assert_eq!(report("shipped", "07:50").refusal(), rule("tracking_action_unsuitable"));
    assert_eq!(report("failed", "07:40").refusal(), rule("tracking_time_unsuitable"), "before it set out");
    assert_eq!(report("failed", "08:01").refusal(), rule("tracking_time_unsuitable"), "not yet");
    let failed = report("failed", "07:50").ok();
    assert_eq!(actions(&failed), ["shipped", "picked_up", "out_for_delivery", "failed"]);
    let event = &failed["events"][3];
    assert_eq!((event["place"].as_str(), event["description"].as_str()), (Some("余杭区"), Some("按门铃无人应答。")));
    assert_eq!(failed["status"], "in_transit");
    let open = served.get("/logistics/v1/delivery-exceptions?status=open").ok();
    assert!(open["items"].as_array().unwrap().iter().any(|it| it["shipment_id"] == failed["shipment_id"]));

    assert_eq!(report("delivered", "07:55").refusal(), rule("tracking_action_unsuitable"));
    report("arrived", "07:51").ok();
    report("out_for_delivery", "07:52").ok();
    let delivered = report("delivered", "07:55").ok();
    assert_eq!(delivered["status"], "delivered");
    let shipment = served.get(&format!("/logistics/v1/shipments/{}", delivered["shipment_id"].as_str().unwrap())).ok();
    assert_eq!(shipment["delivered_at"], "2026-03-01T07:55:00.000Z");
    assert_eq!(shipment["modified_at"], "2026-03-01T08:00:00.000Z", "what changes now stands in the changes of now");
    let delivery = served.get("/logistics/v1/self-deliveries/SD1000002").ok();
    assert_eq!((delivery["status"].as_str(), delivery["version"].as_u64()), (Some("delivered"), Some(3)));
}

#[test]
fn carriers_report_their_parcels_themselves() {
    let served = Served::of_examples();
    let own = report(&served, "SF1000001000603", "sf", "out_for_delivery", "08:00");
    assert_eq!(own.refusal(), rule("tracking_not_reportable"));
    let other = report(&served, "SF1000001000603", "self", "out_for_delivery", "08:00");
    assert_eq!(other.refusal(), (404, "logistics.tracking_not_found".to_owned()));
}

#[test]
fn a_couriers_parcel_goes_on_by_reports_once_there_is_one() {
    let served = Served::of_examples();
    let input = json!({"order_id": "T1000606", "carrier_code": "local", "tracking_number": "L-606"});
    served.post("/logistics/v1/shipments", input).ok();
    let picked_up = report(&served, "L-606", "local", "picked_up", "08:00").ok();
    assert_eq!(actions(&picked_up), ["shipped", "picked_up"]);
    served.clock.advance(72 * HOUR);
    let tracked = served.get("/logistics/v1/tracking/L-606").ok();
    assert_eq!(actions(&tracked), ["shipped", "picked_up"]);
}
