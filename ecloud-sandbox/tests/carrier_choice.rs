//! Which carriers carry a parcel, why others don't, and who does best.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use serde_json::{Value, json};
use support::{Response, Served};

fn check(served: &Served, carriers: &Value, to: &str, grams: u32, collected: i64) -> Response {
    let mut query = json!({"from_region_code": "330110", "to_region_code": to, "weight_grams": grams});
    if !carriers.is_null() {
        query["carrier_codes"] = carriers.clone();
    }
    if collected != 0 {
        query["cash_on_delivery"] = json!({"amount": collected, "currency": "CNY"});
    }
    served.post("/logistics/v1/carriers/serviceability", query)
}

/// Each carrier with why he doesn't carry it, or in how many days he does.
fn results(response: &Response) -> Vec<(String, Value)> {
    let answer = response.ok();
    let result = |it: &Value| {
        let (reason, days) = (it.get("reason"), it.get("promised_days"));
        assert_eq!((it["serviceable"] == true, reason.is_none()), (days.is_some(), days.is_some()), "{it}");
        (it["carrier_code"].as_str().unwrap().to_owned(), reason.or(days).unwrap().clone())
    };
    answer["items"].as_array().unwrap().iter().map(result).collect()
}

fn codes(results: &[(String, Value)]) -> Vec<&str> {
    results.iter().map(|(code, _)| code.as_str()).collect()
}

#[test]
fn the_seller_is_a_carrier_whom_no_shipment_may_name() {
    let served = Served::of_examples();
    let all = served.get("/logistics/v1/carriers").ok();
    let seller = all["items"].as_array().unwrap().iter().find(|it| it["carrier_code"] == "self").unwrap();
    assert_eq!((seller["enabled"].as_bool(), seller["partner_reports"].as_bool()), (Some(false), Some(true)));
    assert_eq!(served.get("/logistics/v1/carriers/self").ok(), *seller);
    let input = json!({"order_id": "T1000606", "carrier_code": "self", "tracking_number": "SD9"});
    let refused = served.post("/logistics/v1/shipments", input);
    assert_eq!(refused.refusal(), (404, "logistics.carrier_not_found".to_owned()));
}

#[test]
fn a_carrier_answers_in_days_or_with_the_first_reason_against_it() {
    let served = Served::of_examples();
    let named = json!(["sf", "local", "jt", "rapid"]);
    let (days, reason) = (|days: u32| json!(days), |reason: &str| json!(reason));
    for (to, grams, collected, expected) in [
        ("330106", 1_000, 0, [days(0), days(0), days(1), reason("carrier_disabled")]),
        ("330200", 1_000, 0, [days(1), reason("destination_not_served"), days(2), reason("carrier_disabled")]),
        ("310106", 1_000, 0, [days(1), reason("destination_not_served"), days(3), reason("carrier_disabled")]),
        ("110105", 1_000, 0, [days(2), reason("destination_not_served"), days(5), reason("carrier_disabled")]),
        // Remote, and out of the reach of one.
        (
            "540000",
            90_000,
            0,
            [
                reason("weight_exceeded"),
                reason("destination_not_served"),
                reason("destination_not_served"),
                reason("carrier_disabled"),
            ],
        ),
        (
            "330106",
            1_000,
            60_000,
            [
                days(0),
                reason("cash_on_delivery_exceeded"),
                reason("cash_on_delivery_unsupported"),
                reason("carrier_disabled"),
            ],
        ),
    ] {
        let results = results(&check(&served, &named, to, grams, collected));
        assert_eq!(codes(&results), ["sf", "local", "jt", "rapid"]);
        let answers: Vec<&Value> = results.iter().map(|(_, answer)| answer).collect();
        assert_eq!(answers, expected.iter().collect::<Vec<_>>(), "{to} {grams} {collected}");
    }
    let remote = results(&check(&served, &json!(["sf"]), "540000", 1_000, 0));
    assert_eq!(remote[0].1, 4, "two days more than elsewhere");
}

#[test]
fn all_that_shipments_may_name_answer_where_none_is_named() {
    let served = Served::of_examples();
    let all = results(&check(&served, &Value::Null, "310106", 1_000, 0));
    assert_eq!(codes(&all), ["ems", "jd", "jt", "local", "sf", "sto", "yto", "yunda", "zto"]);
}

#[test]
fn a_parcel_with_an_unknown_carrier_or_place_or_an_unsound_amount_is_refused() {
    let served = Served::of_examples();
    let refusal = |response: Response| response.refusal();
    let unknown = check(&served, &json!(["sf", "nobody"]), "310106", 1_000, 0);
    assert_eq!(refusal(unknown), (404, "logistics.carrier_not_found".to_owned()));
    let nowhere = check(&served, &Value::Null, "990000", 1_000, 0);
    assert_eq!(refusal(nowhere), (404, "logistics.region_not_found".to_owned()));
    let unsound = check(&served, &Value::Null, "310106", 1_000, -1);
    assert_eq!(refusal(unsound), (422, "logistics.cash_on_delivery_unsuitable".to_owned()));
    let choice = json!({"from_region_code": "330110", "to_region_code": "310106", "weight_grams": 1, "prefer": "time",
        "cash_on_delivery": {"amount": 100, "currency": "USD"}});
    let foreign = served.post("/logistics/v1/carriers/recommendation", choice);
    assert_eq!(refusal(foreign), (422, "logistics.cash_on_delivery_unsuitable".to_owned()));
}

fn rank(served: &Served, choice: Value) -> Vec<(String, i64, i64, i64)> {
    let answer = served.post("/logistics/v1/carriers/recommendation", choice).ok();
    let items = answer["items"].as_array().unwrap().iter();
    let number = |value: &Value| value.as_i64().unwrap();
    let entry = |it: &Value| {
        let code = it["carrier_code"].as_str().unwrap().to_owned();
        (code, number(&it["fee"]["amount"]), number(&it["promised_days"]), number(&it["charged_grams"]))
    };
    items.map(entry).collect()
}

#[test]
fn the_cheapest_stands_first_or_the_fastest() {
    let served = Served::of_examples();
    let choice = |prefer: &str| json!({"from_region_code": "330110", "to_region_code": "310106", "weight_grams": 2_300, "prefer": prefer});
    let by_price = rank(&served, choice("price"));
    assert!(by_price.is_sorted_by_key(|it| (it.1, it.2)));
    assert_eq!(by_price[0], ("jt".to_owned(), 800 + 2 * 250, 3, 2_300));
    let by_time = rank(&served, choice("time"));
    assert!(by_time.is_sorted_by_key(|it| (it.2, it.1)));
    assert_eq!(by_time[0], ("sf".to_owned(), 1_800 + 2 * 600, 1, 2_300));
    assert_eq!(by_price.len(), by_time.len());
}

#[test]
fn a_light_parcel_is_charged_for_its_room_and_a_collection_costs_its_fee() {
    let served = Served::of_examples();
    let mut choice = json!({"from_region_code": "330110", "to_region_code": "310106", "weight_grams": 500,
        "volume_cm3": 15_001, "prefer": "price", "waybills": true});
    let bulky = rank(&served, choice.clone());
    assert!(bulky.iter().all(|it| it.3 == 2_501 && it.0 != "yunda"), "{bulky:?}");
    choice["cash_on_delivery"] = json!({"amount": 100_000, "currency": "CNY"});
    let collected = rank(&served, choice);
    let fee = |ranked: &[(String, i64, i64, i64)]| ranked.iter().find(|it| it.0 == "zto").unwrap().1;
    assert_eq!(fee(&collected), fee(&bulky) + 1_000);
    assert!(collected.iter().all(|it| it.0 != "jt"), "who collects nothing isn't recommended");
}
