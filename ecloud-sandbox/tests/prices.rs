//! Prices: set in batches, kept as a history, and planned for a time.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::Served;

fn hours(served: &Served, hours: u64) {
    served.clock.advance(Duration::from_secs(hours * 3_600));
}

fn cny(amount: i64) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

fn price(served: &Served, sku_id: &str) -> i64 {
    served.get(&format!("/product/v1/skus/{sku_id}")).ok()["price"]["amount"].as_i64().unwrap()
}

/// Plans a price of the jug, in so many hours.
fn plan(served: &Served, amount: i64, apply_in: i64, revert_in: Option<i64>) -> support::Response {
    let at = |hours: i64| served.clock_now().offset_by_millis(hours * 3_600_000);
    let mut input = json!({"sku_id": "S1000103-1", "price": cny(amount), "apply_at": at(apply_in)});
    if let Some(revert_in) = revert_in {
        input["revert_at"] = json!(at(revert_in));
    }
    served.post("/product/v1/prices/schedules", input)
}

fn schedule(served: &Served, id: &Value) -> Value {
    let all = served.get("/product/v1/prices/schedules?sku_id=S1000103-1").ok();
    all["items"].as_array().unwrap().iter().find(|it| it["price_schedule_id"] == *id).unwrap().clone()
}

#[test]
fn a_batch_of_prices_answers_one_for_one() {
    let served = Served::of_examples();
    let entry = |sku_id: &str, version: u64, amount: i64, list: i64| json!({"sku_id": sku_id, "version": version, "price": cny(amount), "list_price": cny(list)});
    let items = json!([
        entry("S1000101-1", 1, 4_900, 5_900),
        entry("S1000101-1", 1, 4_800, 5_900),
        entry("S1000101-2", 1, 6_000, 5_900),
        entry("none", 1, 1, 1),
        {"sku_id": "S1000101-1", "version": 2, "price": cny(4_700)},
    ]);
    let results = served.post("/product/v1/prices/batch-set", json!({"items": items})).ok()["items"].clone();
    assert_eq!(
        (results[0]["price"]["price"]["amount"].as_i64(), results[0]["price"]["version"].as_u64()),
        (Some(4_900), Some(2))
    );
    assert_eq!(results[1]["error"]["code"], "product.sku_conflict");
    assert_eq!(results[2]["error"]["code"], "product.price_invalid");
    assert_eq!(results[3]["error"]["code"], "product.sku_not_found");
    assert_eq!(results[4]["price"].get("list_price"), None, "what isn't said of a price is taken away");
    assert_eq!((price(&served, "S1000101-1"), price(&served, "S1000101-2")), (4_700, 5_900));
}

#[test]
fn a_list_of_prices_is_narrowed_by_item_and_amount() {
    let served = Served::of_examples();
    let set = json!({"items": [{"sku_id": "S1000101-1", "version": 1, "price": cny(4_900)}]});
    served.post("/product/v1/prices/batch-set", set).ok();
    let ids = |query: &str| {
        let page = served.get(&format!("/product/v1/prices?{query}")).ok();
        page["items"].as_array().unwrap().iter().map(|it| it["sku_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("item_id=I1000101"), ["S1000101-1", "S1000101-2"]);
    assert_eq!(ids("item_id=I1000101&price_to=5900"), ["S1000101-1"]);
    assert_eq!(ids("item_id=I1000101&price_from=5900"), ["S1000101-2"]);
    let jug = served.first("/product/v1/prices?item_id=I1000103");
    assert_eq!(jug["next_price"]["amount"], 4_900);
    assert_eq!(jug["next_price_at"], "2026-03-04T08:00:00.000Z");
}

#[test]
fn every_price_stands_in_the_history_with_its_reason() {
    let served = Served::of_examples();
    let set = json!({"items": [{"sku_id": "S1000101-1", "version": 1, "price": cny(4_900)}]});
    served.post("/product/v1/prices/batch-set", set).ok();
    served.write("PATCH", "/product/v1/skus/S1000101-1", json!({"version": 2, "price": cny(4_500)})).ok();
    served.write("PATCH", "/product/v1/skus/S1000101-1", json!({"version": 3, "status": "disabled"})).ok();
    let history = served.get("/product/v1/prices/S1000101-1/history").ok()["items"].clone();
    let told: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["reason"].as_str().unwrap(), it["price"]["amount"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, [("initial", 5_900), ("set", 4_900), ("updated", 4_500)]);
    assert_eq!((history[0].get("price_before"), history[2]["price_before"]["amount"].as_i64()), (None, Some(4_900)));
    let first = served.get("/product/v1/prices/S1000101-1/history?limit=2").ok();
    let rest = served
        .get(&format!(
            "/product/v1/prices/S1000101-1/history?limit=2&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .ok();
    assert_eq!(rest["items"][0], history[2]);
    assert_eq!(served.get("/product/v1/prices/none/history").refusal(), (404, "product.sku_not_found".into()));
}

#[test]
fn a_planned_price_comes_at_its_time_and_goes_back_at_its_end() {
    let served = Served::of_examples();
    let id = plan(&served, 3_000, 2, Some(5)).ok()["price_schedule_id"].clone();
    hours(&served, 1);
    assert_eq!((price(&served, "S1000103-1"), schedule(&served, &id)["status"].as_str()), (5_900, Some("scheduled")));
    hours(&served, 1);
    assert_eq!((price(&served, "S1000103-1"), schedule(&served, &id)["status"].as_str()), (3_000, Some("in_force")));
    hours(&served, 3);
    assert_eq!((price(&served, "S1000103-1"), schedule(&served, &id)["status"].as_str()), (5_900, Some("done")));
    let history = served.get("/product/v1/prices/S1000103-1/history").ok()["items"].clone();
    assert_eq!((history[1]["reason"].as_str(), history[2]["reason"].as_str()), (Some("scheduled"), Some("reverted")));
    assert_eq!(history[2]["price_schedule_id"], id);
    assert_eq!(history[2]["created_at"], "2026-03-01T13:00:00.000Z", "at its own moment, whenever the shop is asked");
}

#[test]
fn a_price_that_was_changed_meanwhile_does_not_go_back() {
    let served = Served::of_examples();
    plan(&served, 3_000, 1, Some(3)).ok();
    hours(&served, 2);
    let sku = served.get("/product/v1/skus/S1000103-1").ok();
    served.write("PATCH", "/product/v1/skus/S1000103-1", json!({"version": sku["version"], "price": cny(3_300)})).ok();
    hours(&served, 2);
    assert_eq!(price(&served, "S1000103-1"), 3_300);
}

#[test]
fn a_cancelled_plan_takes_its_price_back_and_ends() {
    let served = Served::of_examples();
    let id = plan(&served, 3_000, 1, Some(30)).ok()["price_schedule_id"].clone();
    let cancel = |id: &str| served.request("POST", &format!("/product/v1/prices/schedules/{id}/cancel")).send();
    hours(&served, 2);
    assert_eq!(price(&served, "S1000103-1"), 3_000);
    assert_eq!(cancel(id.as_str().unwrap()).ok()["status"], "cancelled");
    assert_eq!(price(&served, "S1000103-1"), 5_900);
    assert_eq!(cancel(id.as_str().unwrap()).refusal(), (422, "product.price_schedule_not_cancellable".into()));
    assert_eq!(cancel("none").refusal(), (404, "product.price_schedule_not_found".into()));
    cancel("PS1000201").ok();
    hours(&served, 100);
    assert_eq!(price(&served, "S1000103-1"), 5_900, "nothing comes of what was cancelled");
}

#[test]
fn a_plan_that_makes_no_sense_is_refused() {
    let served = Served::of_examples();
    let refused = |amount: i64, from: i64, to: Option<i64>| plan(&served, amount, from, to).refusal();
    assert_eq!(refused(3_000, 0, None), (422, "product.schedule_time_invalid".into()));
    assert_eq!(refused(3_000, 24 * 91, None), (422, "product.schedule_time_invalid".into()));
    assert_eq!(refused(3_000, 2, Some(2)), (422, "product.schedule_time_invalid".into()));
    assert_eq!(refused(0, 2, None), (422, "product.price_invalid".into()));
    assert_eq!(refused(3_000, 72, None), (422, "product.price_schedule_exists".into()));
}

#[test]
fn a_plan_for_an_item_that_is_gone_lapses() {
    let served = Served::of_examples();
    served.request("POST", "/product/v1/items/I1000103/unpublish").send().ok();
    assert_eq!(served.request("DELETE", "/product/v1/items/I1000103").send().status, 204);
    hours(&served, 73);
    let lapsed = schedule(&served, &json!("PS1000201"));
    assert_eq!(
        (lapsed["status"].as_str(), lapsed["lapse"]["code"].as_str()),
        (Some("lapsed"), Some("product.item_not_editable"))
    );
    assert_eq!(price(&served, "S1000103-1"), 5_900);
}
