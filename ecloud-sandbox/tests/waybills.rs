//! Electronic waybills: changes before the pickup, further parcels under the first, templates, and the accounts that numbers come from.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Response, Served};

const HOUR: Duration = Duration::from_secs(3_600);

fn path(waybill: &Value) -> String {
    format!("/logistics/v1/waybills/{}", waybill["waybill_id"].as_str().unwrap())
}

fn get(served: &Served, waybill_id: &str) -> Value {
    served.get(&format!("/logistics/v1/waybills/{waybill_id}")).ok()
}

/// The receiver of a waybill, as a caller sends it back.
fn receiver(served: &Served, city: &str) -> Value {
    let mut receiver = get(served, "W1000801")["receiver"].clone();
    for field in ["name", "phone", "address"] {
        receiver[field] = json!({"ciphertext": receiver[field]["ciphertext"]});
    }
    receiver["city"] = json!(city);
    receiver
}

fn apply(served: &Served, key: &str, carrier: &str, more: Value) -> Response {
    let mut input = json!({"parcel_key": key, "carrier_code": carrier, "receiver": receiver(served, "杭州市"),
        "contents": [{"name": "Tray", "quantity": 1}]});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    served.post("/logistics/v1/waybills", input)
}

fn patch(served: &Served, waybill: &Value, mut change: Value) -> Response {
    change["version"] = waybill["version"].clone();
    served.write("PATCH", &path(waybill), change)
}

fn append(served: &Served, parent: &str, key: &str) -> Response {
    let input = json!({"parcel_key": key, "contents": [{"name": "Tray", "quantity": 1}]});
    served.post(&format!("/logistics/v1/waybills/{parent}/children"), input)
}

fn rule(code: &str) -> (u16, String) {
    (422, format!("logistics.{code}"))
}

/// Ships the order of the examples with a waybill's number, and further parcels, and lets the carrier pick it up.
fn picked_up(served: &Served, numbers: &[&Value]) {
    let extra: Vec<Value> = numbers[1..].iter().map(|number| json!({"tracking_number": number})).collect();
    let mut input = json!({"order_id": "T1000801", "carrier_code": "sf", "tracking_number": numbers[0]});
    if !extra.is_empty() {
        input["extra_parcels"] = json!(extra);
    }
    served.post("/logistics/v1/shipments", input).ok();
    served.clock.advance(3 * HOUR);
}

#[test]
fn a_changed_waybill_keeps_its_number_and_has_to_be_printed_again() {
    let served = Served::of_examples();
    served.control("POST", "/waybills/W1000801/print?shop_id=example-shop", None).ok();
    let printed = get(&served, "W1000801");
    assert_eq!(printed["status"], "printed");
    let change = json!({"receiver": receiver(&served, "宁波市"), "weight_grams": 990});
    let stale = json!({"version": 1, "weight_grams": 990});
    let refused = served.write("PATCH", &path(&printed), stale);
    assert_eq!(refused.refusal(), (409, "logistics.waybill_conflict".to_owned()));
    let changed = patch(&served, &printed, change).ok();
    assert_eq!((changed["status"].as_str(), changed["version"].as_u64()), (Some("applied"), Some(3)));
    assert_eq!((&changed["receiver"]["city"], &changed["weight_grams"]), (&json!("宁波市"), &json!(990)));
    for same in ["tracking_number", "contents", "sender_address_id", "waybill_account_id", "parcel_key"] {
        assert_eq!(changed[same], printed[same], "{same}");
    }
    assert_ne!(changed["print_data"]["payload"], printed["print_data"]["payload"]);
    assert_eq!(changed["print_data"]["waybill_template_id"], printed["print_data"]["waybill_template_id"]);
    assert_eq!(get(&served, "W1000801"), changed);
}

#[test]
fn what_is_picked_up_or_cancelled_stays_as_it_is() {
    let served = Served::of_examples();
    let waybill = get(&served, "W1000801");
    picked_up(&served, &[&waybill["tracking_number"]]);
    let waybill = get(&served, "W1000801");
    assert_eq!(waybill["status"], "picked_up");
    assert_eq!(patch(&served, &waybill, json!({"weight_grams": 1})).refusal(), rule("waybill_not_changeable"));
    assert_eq!(append(&served, "W1000801", "k").refusal(), rule("waybill_not_extendable"));
    let cancelled = served.request("POST", "/logistics/v1/waybills/W1000804/cancel").send().ok();
    assert_eq!(patch(&served, &cancelled, json!({"weight_grams": 1})).refusal(), rule("waybill_not_changeable"));
}

#[test]
fn a_receiver_is_that_of_all_parcels_of_a_shipment() {
    let served = Served::of_examples();
    let (parent, child) = (get(&served, "W1000802"), get(&served, "W1000803"));
    assert_eq!((&child["parent_waybill_id"], &child["order_id"]), (&parent["waybill_id"], &parent["order_id"]));
    let elsewhere = json!({"receiver": receiver(&served, "温州市")});
    assert_eq!(patch(&served, &child, elsewhere.clone()).refusal(), rule("waybill_is_child"));
    patch(&served, &parent, elsewhere.clone()).ok();
    let moved = get(&served, "W1000803");
    assert_eq!((&moved["receiver"]["city"], moved["version"].as_u64()), (&json!("温州市"), Some(2)));
    assert_ne!(moved["print_data"]["payload"], child["print_data"]["payload"]);
    let heavier = patch(&served, &moved, json!({"weight_grams": 2_000})).ok();
    assert_eq!((&heavier["weight_grams"], heavier["version"].as_u64()), (&json!(2_000), Some(3)));

    picked_up(&served, &[&child["tracking_number"]]);
    let parent = get(&served, "W1000802");
    assert_eq!((parent["status"].as_str(), parent["version"].as_u64()), (Some("applied"), Some(2)));
    assert_eq!(patch(&served, &parent, elsewhere).refusal(), rule("child_waybill_picked_up"));
    patch(&served, &parent, json!({"weight_grams": 3_000})).ok();
    let cancel = served.request("POST", "/logistics/v1/waybills/W1000802/cancel").send();
    assert_eq!(cancel.refusal(), rule("waybill_not_cancellable"));
}

#[test]
fn a_further_parcel_has_one_waybill_however_often_it_is_applied_for() {
    let served = Served::of_examples();
    let first = append(&served, "W1000802", "more/1").ok();
    assert_eq!(append(&served, "W1000802", "more/1").ok(), first);
    let conflict = (409, "logistics.waybill_conflict".to_owned());
    assert_eq!(append(&served, "W1000801", "more/1").refusal(), conflict, "with another parent");
    assert_eq!(apply(&served, "more/1", "sf", json!({})).refusal(), conflict);
    let children = served.get("/logistics/v1/waybills/W1000802/children").ok();
    let ids: Vec<&Value> = children["items"].as_array().unwrap().iter().map(|child| &child["waybill_id"]).collect();
    assert_eq!(ids, [&json!("W1000803"), &first["waybill_id"]]);
    let parcels = [&get(&served, "W1000802")["tracking_number"], &first["tracking_number"]].map(Clone::clone);
    picked_up(&served, &[&parcels[0], &parcels[1]]);
    assert_eq!(get(&served, first["waybill_id"].as_str().unwrap())["status"], "picked_up");

    assert_eq!(append(&served, "W1000803", "more/2").refusal(), rule("waybill_is_child"));
    assert_eq!(append(&served, "W1000804", "more/2").refusal(), rule("child_waybills_unsupported"));
    assert_eq!(append(&served, "W1", "more/2").refusal(), (404, "logistics.waybill_not_found".to_owned()));
}

#[test]
fn under_a_waybill_stand_fifty_and_all_are_cancelled_with_it() {
    let served = Served::of_examples();
    for number in 1..50 {
        served.clock.advance(Duration::from_millis(200));
        append(&served, "W1000802", &format!("more/{number}")).ok();
    }
    assert_eq!(append(&served, "W1000802", "more/50").refusal(), rule("child_waybill_limit_exceeded"));
    served.request("POST", "/logistics/v1/waybills/W1000802/cancel").send().ok();
    let children = served.get("/logistics/v1/waybills/W1000802/children?limit=100").ok();
    let children = children["items"].as_array().unwrap();
    assert_eq!(children.len(), 50);
    assert!(children.iter().all(|child| child["status"] == "cancelled" && child.get("cancelled_at").is_some()));
}

fn balance(served: &Served, account: &str) -> (Option<u64>, u64) {
    let account = served.get(&format!("/logistics/v1/waybill-accounts/{account}")).ok();
    (account.get("balance").and_then(Value::as_u64), account["used"].as_u64().unwrap())
}

#[test]
fn a_prepaid_number_is_drawn_and_comes_back_when_its_waybill_is_cancelled() {
    let served = Served::of_examples();
    assert_eq!(balance(&served, "WA1000003"), (Some(100_000), 0));
    let drawn = apply(&served, "jt/1", "jt", json!({})).ok();
    assert_eq!(drawn["waybill_account_id"], "WA1000003");
    apply(&served, "jt/1", "jt", json!({})).ok();
    assert_eq!(balance(&served, "WA1000003"), (Some(99_999), 1), "the same parcel draws no other number");
    served.request("POST", &format!("{}/cancel", path(&drawn))).send().ok();
    let flow = served.get("/logistics/v1/waybill-accounts/WA1000003/flow").ok();
    let of = |field: &str| -> Vec<Value> {
        flow["items"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    };
    assert_eq!(of("kind"), [json!("recharge"), json!("use"), json!("give_back")]);
    assert_eq!(of("quantity"), [json!(100_000), json!(-1), json!(1)]);
    assert_eq!(of("balance"), [json!(100_000), json!(99_999), json!(100_000)]);
    assert_eq!(of("waybill_id")[1..], [drawn["waybill_id"].clone(), drawn["waybill_id"].clone()]);
    let uses = served.get("/logistics/v1/waybill-accounts/WA1000003/flow?kind=use&page_size=1").ok();
    assert_eq!((uses["total"].as_u64(), &uses["items"][0]["kind"]), (Some(1), &json!("use")));
    let since = "created_from=2026-03-01T08%3A00%3A00.000Z";
    let today = served.get(&format!("/logistics/v1/waybill-accounts/WA1000003/flow?{since}")).ok();
    assert_eq!(today["total"], 2);
}

#[test]
fn an_account_that_has_run_out_gives_no_waybill_until_it_is_recharged() {
    let served = Served::of_examples();
    let empty = json!({"waybill_account_id": "WA1000008"});
    let refused = apply(&served, "yto/1", "yto", empty.clone());
    assert_eq!(refused.refusal(), rule("waybill_balance_empty"));
    let path = "/logistics/v1/waybill-accounts/WA1000008/recharge";
    let recharged = served.post(path, json!({"quantity": 1})).ok();
    assert_eq!((recharged["balance"].as_u64(), recharged["version"].as_u64()), (Some(1), Some(2)));
    let batch: Vec<Value> = ["yto/1", "yto/2"]
        .iter()
        .map(|key| {
            json!({"parcel_key": key, "carrier_code": "yto", "waybill_account_id": "WA1000008",
                "receiver": receiver(&served, "杭州市"), "contents": [{"name": "Tray", "quantity": 1}]})
        })
        .collect();
    let answer = served.post("/logistics/v1/waybills/batch", json!({"waybills": batch})).ok();
    assert_eq!(answer["items"][0]["waybill"]["status"], "applied");
    assert_eq!(answer["items"][1]["error"]["code"], "logistics.waybill_balance_empty");
    assert_eq!(balance(&served, "WA1000008"), (Some(0), 1));
    let other = apply(&served, "yto/3", "yto", json!({})).ok();
    assert_eq!(other["waybill_account_id"], "WA1000006", "the oldest that has any left");
}

#[test]
fn numbers_that_are_settled_by_month_never_run_out() {
    let served = Served::of_examples();
    let used = balance(&served, "WA1000004");
    assert_eq!(used.0, None);
    apply(&served, "sf/1", "sf", json!({})).ok();
    append(&served, "W1000802", "sf/2").ok();
    assert_eq!(balance(&served, "WA1000004"), (None, used.1 + 2));
    let refused = served.post("/logistics/v1/waybill-accounts/WA1000004/recharge", json!({"quantity": 5}));
    assert_eq!(refused.refusal(), rule("waybill_account_not_prepaid"));
    let wrong = apply(&served, "sf/3", "sf", json!({"waybill_account_id": "WA1000003"}));
    assert_eq!(wrong.refusal(), rule("waybill_account_unsuitable"));
    let none = apply(&served, "sf/3", "sf", json!({"waybill_account_id": "WA9"}));
    assert_eq!(none.refusal(), (404, "logistics.waybill_account_not_found".to_owned()));
    let monthly = served.get("/logistics/v1/waybill-accounts?settlement=monthly").ok();
    assert_eq!(monthly["total"], 3);
    assert_eq!(served.get("/logistics/v1/waybill-accounts?carrier_code=yto").ok()["total"], 2);
}

fn create(served: &Served, name: &str, elements: Value) -> Response {
    let input = json!({"base_template_id": "std-sf-76x130", "name": name, "elements": elements});
    served.post("/logistics/v1/waybill-templates", input)
}

fn element(content: &str, text: Option<&str>, (x, y, width, height): (u32, u32, u32, u32)) -> Value {
    let mut element =
        json!({"content": content, "area": {"x_mm": x, "y_mm": y, "width_mm": width, "height_mm": height}});
    if let Some(text) = text {
        element["text"] = json!(text);
    }
    element
}

#[test]
fn elements_lie_in_the_area_that_the_carrier_leaves_and_none_on_another() {
    let served = Served::of_examples();
    let base = served.get("/logistics/v1/waybill-templates/std-sf-76x130").ok();
    assert_eq!(base["custom_area"], json!({"x_mm": 0, "y_mm": 104, "width_mm": 76, "height_mm": 26}));
    let below = element("order_id", None, (0, 117, 76, 13));
    for unsuitable in [
        json!([element("order_id", None, (0, 103, 10, 10))]),
        json!([element("order_id", None, (70, 104, 7, 10))]),
        json!([element("order_id", None, (0, 120, 10, 11))]),
        json!([element("weight", None, (0, 104, 20, 14)), below]),
        json!([element("weight", Some("1 kg"), (0, 104, 20, 13))]),
        json!([element("text", None, (0, 104, 20, 13))]),
    ] {
        assert_eq!(create(&served, "新模板", unsuitable).refusal(), rule("template_layout_unsuitable"));
    }
    let created = create(&served, "新模板", json!([element("text", Some("谢谢"), (0, 104, 76, 13)), below])).ok();
    assert_eq!((&created["kind"], &created["base_template_id"]), (&json!("custom"), &json!("std-sf-76x130")));
    assert_eq!(created["elements"].as_array().unwrap().len(), 2);
    assert_eq!(create(&served, "新模板", json!([below])).refusal(), rule("template_name_taken"));
    let of_own = json!({"base_template_id": created["waybill_template_id"], "name": "又一个"});
    let refused = served.post("/logistics/v1/waybill-templates", of_own);
    assert_eq!(refused.refusal(), rule("waybill_template_unsuitable"));
    let custom = served.get("/logistics/v1/waybill-templates?kind=custom&carrier_code=sf").ok();
    assert_eq!(custom["total"], 3);
    assert_eq!(served.get("/logistics/v1/waybill-templates?carrier_code=sf").ok()["total"], 5);
}

#[test]
fn a_shop_has_fifty_templates_of_its_own() {
    let served = Served::of_examples();
    for number in 3..=50 {
        served.clock.advance(Duration::from_millis(200));
        create(&served, &format!("模板{number}"), json!([element("weight", None, (0, 104, 20, 13))])).ok();
    }
    let refused = create(&served, "模板51", json!([element("weight", None, (0, 104, 20, 13))]));
    assert_eq!(refused.refusal(), rule("waybill_template_limit_exceeded"));
}

#[test]
fn a_shop_changes_its_own_templates_and_no_carriers() {
    let served = Served::of_examples();
    let own = "/logistics/v1/waybill-templates/WT1000001";
    let replace =
        |path: &str, version: u32, name: &str| served.write("PUT", path, json!({"version": version, "name": name}));
    assert_eq!(replace(own, 2, "改名").refusal(), (409, "logistics.waybill_template_conflict".to_owned()));
    assert_eq!(replace(own, 1, "顺丰带内容").refusal(), rule("template_name_taken"));
    let replaced = replace(own, 1, "改名").ok();
    assert_eq!((replaced["name"].as_str(), replaced["version"].as_u64()), (Some("改名"), Some(2)));
    assert_eq!(replaced.get("elements"), None, "what is absent is removed");
    let standard = "/logistics/v1/waybill-templates/std-sf-76x130";
    assert_eq!(replace(standard, 1, "改名二").refusal(), rule("waybill_template_standard"));
    let refused = served.request("DELETE", standard).send();
    assert_eq!(refused.refusal(), rule("waybill_template_standard"));
    assert_eq!(served.request("DELETE", own).send().status, 204);
    assert_eq!(served.get(own).refusal(), (404, "logistics.waybill_template_not_found".to_owned()));
}

#[test]
fn a_template_stays_while_a_waybill_waits_to_be_printed_by_it() {
    let served = Served::of_examples();
    let template = "/logistics/v1/waybill-templates/WT1000002";
    let delete = || served.request("DELETE", template).send();
    assert_eq!(delete().refusal(), rule("waybill_template_in_use"));
    let print_data = |ids: Value| served.post("/logistics/v1/waybills/print-data", json!({"waybill_ids": ids})).ok();
    let url = served.get(template).ok()["template_url"].clone();
    let printed = &print_data(json!(["W1000801"]))["items"][0]["print_data"];
    assert_eq!((&printed["waybill_template_id"], &printed["template_url"]), (&json!("WT1000002"), &url));

    let waybill = get(&served, "W1000801");
    let foreign = json!({"waybill_template_id": "std-jd-76x130"});
    assert_eq!(patch(&served, &waybill, foreign.clone()).refusal(), rule("waybill_template_unsuitable"));
    assert_eq!(apply(&served, "other", "sf", foreign).refusal(), rule("waybill_template_unsuitable"));
    let moved = patch(&served, &waybill, json!({"waybill_template_id": "std-sf-100x180"})).ok();
    assert_eq!(moved["print_data"]["template_url"], "https://templates.example.com/sf/100x180");
    assert_eq!(delete().status, 204);
    let usual = apply(&served, "usual", "sto", json!({})).ok();
    assert_eq!(usual["print_data"]["waybill_template_id"], "std-sto-76x130");
}

#[test]
fn a_carrier_moves_what_has_a_child_waybills_number_too() {
    let served = Served::of_examples();
    let (parent, child) = (get(&served, "W1000802"), get(&served, "W1000803"));
    let input = json!({"order_id": "T1000801", "carrier_code": "sf", "tracking_number": parent["tracking_number"],
        "extra_parcels": [{"tracking_number": child["tracking_number"]}]});
    let shipment = served.post("/logistics/v1/shipments", input).ok()["shipment_id"].clone();
    let path = format!("/shipments/{}/carriage?shop_id=example-shop", shipment.as_str().unwrap());
    for carriage in ["pick_up", "set_out", "deliver"] {
        served.control("POST", &path, Some(json!({"carriage": carriage}))).ok();
    }
    assert_eq!(get(&served, "W1000802")["status"], "delivered");
    assert_eq!(get(&served, "W1000803")["status"], "delivered");
}
