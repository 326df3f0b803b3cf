//! Addresses, regions, warehouses and freight templates.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use serde_json::{Value, json};
use support::Served;

#[test]
fn an_address_becomes_the_default_instead_of_another_and_only_for_its_uses() {
    let served = Served::of_examples();
    let set = |version: u64, used: &str| {
        let input = json!({"version": version, "default_for": [used]});
        served.post("/logistics/v1/addresses/A1000002/set-default", input)
    };
    assert_eq!(set(1, "sender").refusal(), (422, "logistics.address_use_unsuitable".to_owned()));
    assert_eq!(set(9, "return").refusal(), (409, "logistics.address_conflict".to_owned()));
    assert_eq!(set(1, "return").ok()["default_for"], json!(["return"]));
    let before = served.get("/logistics/v1/addresses/A1000001").ok();
    assert_eq!((&before["default_for"], before["version"].as_u64()), (&json!(["sender"]), Some(2)));
}

#[test]
fn a_batch_of_addresses_answers_one_for_one() {
    let served = Served::of_examples();
    let ids = json!({"address_ids": ["A1000002", "A2000001", "A1000001"]});
    let items = served.post("/logistics/v1/addresses/batch-get", ids).ok()["items"].clone();
    assert_eq!(items[0]["address"]["address_id"], "A1000002");
    assert_eq!(items[1]["error"]["code"], "logistics.address_not_found");
    assert_eq!(items[2]["address"]["address_id"], "A1000001");
}

#[test]
fn regions_are_found_by_parent_by_text_and_by_names() {
    let served = Served::of_examples();
    let total = |query: &str| served.get(&format!("/logistics/v1/regions{query}")).ok()["total"].as_u64();
    assert_eq!(total(""), Some(34));
    assert_eq!(total("?parent_code=110000"), Some(1));
    assert_eq!(total("/search?text=%E4%BD%99%E6%9D%AD&level=district"), Some(1));
    let hangzhou = served.get("/logistics/v1/regions/resolve?province=%E6%B5%99%E6%B1%9F&city=%E6%9D%AD%E5%B7%9E").ok();
    assert_eq!((hangzhou["region_code"].as_str(), hangzhou["divided"].as_bool()), (Some("330100"), Some(true)));
    let nowhere = served.get("/logistics/v1/regions/resolve?province=%E6%B5%99%E6%B1%9F&city=Paris");
    assert_eq!(nowhere.refusal(), (404, "logistics.region_not_found".to_owned()));
}

fn matched(served: &Served, code: &str) -> support::Response {
    served.get(&format!("/logistics/v1/warehouses/match?region_code={code}"))
}

#[test]
fn the_enabled_warehouse_that_names_the_smallest_region_serves_it() {
    let served = Served::of_examples();
    let input = json!({"code": "YH", "name": "Yuhang", "address_id": "A1000001", "priority": 900});
    let new = served.post("/logistics/v1/warehouses", input).ok();
    let path = format!("/logistics/v1/warehouses/{}", new["warehouse_id"].as_str().unwrap());
    let coverage = json!({"version": 1, "region_codes": ["330110"]});
    served.write("PUT", &format!("{path}/coverage"), coverage.clone()).ok();
    let again = served.write("PUT", &format!("{path}/coverage"), coverage);
    assert_eq!(again.refusal(), (409, "logistics.warehouse_conflict".to_owned()));

    let by = |code: &str| matched(&served, code).ok()["warehouse"]["code"].clone();
    assert_eq!((by("330110"), by("330106")), (json!("YH"), json!("HZ")));
    served.request("POST", &format!("{path}/disable")).send().ok();
    assert_eq!(by("330110"), "HZ");
    let twice = served.request("POST", &format!("{path}/disable")).send();
    assert_eq!(twice.refusal(), (422, "logistics.warehouse_not_disableable".to_owned()));
    assert_eq!(matched(&served, "440300").refusal(), (422, "logistics.region_not_served".to_owned()));
}

#[test]
fn an_address_with_a_warehouse_stays() {
    let served = Served::of_examples();
    let mut input = served.get("/logistics/v1/addresses/A1000002").ok();
    input["uses"] = json!(["sender", "return"]);
    for field in ["address_id", "created_at", "modified_at"] {
        input.as_object_mut().unwrap().remove(field);
    }
    for field in ["name", "phone", "address"] {
        input[field].as_object_mut().unwrap().remove("masked");
    }
    served.write("PUT", "/logistics/v1/addresses/A1000002", input).ok();
    let warehouse = json!({"code": "B", "name": "B", "address_id": "A1000002"});
    served.post("/logistics/v1/warehouses", warehouse).ok();
    let deleted = served.request("DELETE", "/logistics/v1/addresses/A1000002").send();
    assert_eq!(deleted.refusal(), (422, "logistics.address_in_use".to_owned()));
}

#[test]
fn freight_is_quoted_to_the_cent_by_the_rule_of_the_smallest_region() {
    let served = Served::of_examples();
    let quote = |region: &str, weight: u64, goods: i64| {
        let query = json!({"region_code": region, "quantity": 1, "weight_grams": weight,
            "goods": {"amount": goods, "currency": "CNY"}});
        let quote = served.post("/logistics/v1/freight-templates/FT1000001/quote", query).ok();
        (quote["freight"]["amount"].as_i64().unwrap(), quote["free"].as_bool().unwrap())
    };
    assert_eq!(quote("330110", 1_000, 5_000), (600, false));
    assert_eq!(quote("330110", 1_001, 5_000), (750, false));
    assert_eq!(quote("330110", 3_000, 9_899), (900, false));
    assert_eq!(quote("330110", 3_000, 9_900), (0, true));
    assert_eq!(quote("440300", 2_500, 99_900), (2_000, false));
    let no_weight = json!({"region_code": "330110", "quantity": 1, "goods": {"amount": 1, "currency": "CNY"}});
    let refused = served.post("/logistics/v1/freight-templates/FT1000001/quote", no_weight);
    assert_eq!(refused.refusal(), (422, "logistics.freight_query_unsuitable".to_owned()));
}

#[test]
fn a_freight_template_needs_one_rule_for_all_other_regions_and_a_name_of_its_own() {
    let served = Served::of_examples();
    let template = served.get("/logistics/v1/freight-templates/FT1000002").ok();
    let post = |name: &str, rules: Value| {
        served.post("/logistics/v1/freight-templates", json!({"name": name, "basis": "piece", "rules": rules}))
    };
    let refused = post("New", json!([template["rules"][1]]));
    assert_eq!(refused.refusal(), (422, "logistics.freight_rules_unsuitable".to_owned()));
    let twice = json!([template["rules"][0], template["rules"][1], template["rules"][1]]);
    assert_eq!(post("New", twice).code(), "logistics.freight_rules_unsuitable");
    let name = template["name"].as_str().unwrap();
    assert_eq!(post(name, template["rules"].clone()).code(), "logistics.freight_name_taken");
    let copy = served.post("/logistics/v1/freight-templates/FT1000002/copy", json!({"name": "New"})).ok();
    assert_eq!((&copy["rules"], copy["version"].as_u64()), (&template["rules"], Some(1)));
}
