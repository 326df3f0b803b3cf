//! Barcodes: set, given out, found again and taken away.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use serde_json::{Value, json};
use support::Served;

fn set(served: &Served, entries: &[(&str, u64, &str)]) -> Value {
    let entry = |(sku_id, version, barcode): &(&str, u64, &str)| json!({"sku_id": sku_id, "version": version, "barcode": barcode});
    let items: Vec<Value> = entries.iter().map(entry).collect();
    served.post("/product/v1/barcodes/batch-set", json!({"items": items})).ok()["items"].clone()
}

#[test]
fn a_batch_of_barcodes_answers_one_for_one() {
    let served = Served::of_examples();
    let results = set(
        &served,
        &[
            ("S1000101-1", 1, "6901234567892"),
            ("S1000101-2", 1, "6901234567892"),
            ("S1000101-2", 1, "6901234567893"),
            ("S1000101-2", 9, "96385074"),
            ("none", 1, "96385074"),
            ("S1000101-2", 1, "96385074"),
            ("S1000101-1", 2, "6901234567892"),
        ],
    );
    let code = |index: usize| results[index]["error"]["code"].as_str().unwrap_or_default();
    assert_eq!(
        (results[0]["barcode"]["kind"].as_str(), results[0]["barcode"]["version"].as_u64()),
        (Some("ean_13"), Some(2))
    );
    assert_eq!((code(1), code(2)), ("product.barcode_taken", "product.barcode_invalid"));
    assert_eq!((code(3), code(4)), ("product.sku_conflict", "product.sku_not_found"));
    assert_eq!(results[5]["barcode"]["kind"], "ean_8");
    assert_eq!(results[6]["barcode"]["version"], 3, "its own barcode is no other's");
}

#[test]
fn a_scanned_barcode_finds_its_sku_until_it_is_taken_away() {
    let served = Served::of_examples();
    set(&served, &[("S1000101-1", 1, "6901234567892")]);
    let look_up = || served.get("/product/v1/barcodes/lookup?barcode=6901234567892");
    let found = look_up().ok();
    assert_eq!((found["sku_id"].as_str(), found["outer_id"].as_str()), (Some("S1000101-1"), Some("BOWL-RED")));
    let delete = || served.request("DELETE", "/product/v1/barcodes/S1000101-1").send();
    assert_eq!(delete().status, 204);
    assert_eq!(look_up().refusal(), (404, "product.barcode_not_found".into()));
    assert_eq!(delete().refusal(), (404, "product.barcode_not_found".into()));
    assert_eq!(
        served.request("DELETE", "/product/v1/barcodes/none").send().refusal(),
        (404, "product.sku_not_found".into())
    );
    assert_eq!(served.get("/product/v1/skus/S1000101-1").ok()["version"], 3);
    assert_eq!(set(&served, &[("S1000101-2", 1, "6901234567892")])[0]["barcode"]["sku_id"], "S1000101-2");
}

#[test]
fn what_has_no_barcode_is_given_one_of_the_shops_own() {
    let served = Served::of_examples();
    let ids = json!({"sku_ids": ["S1000101-1", "S1000103-1", "none", "S1000101-2"]});
    let results = served.post("/product/v1/barcodes/generate", ids).ok()["items"].clone();
    let made = |index: usize| results[index]["barcode"]["barcode"].as_str().unwrap().to_owned();
    assert_eq!(results[0]["barcode"]["kind"], "internal");
    assert!(made(0).starts_with('2') && made(0) != made(3));
    assert_eq!(results[1]["error"]["code"], "product.barcode_present");
    assert_eq!(results[2]["error"]["code"], "product.sku_not_found");
    let found = served.get(&format!("/product/v1/barcodes/lookup?barcode={}", made(3))).ok();
    assert_eq!(found["sku_id"], "S1000101-2");
}

#[test]
fn whoever_writes_a_sku_gives_it_a_barcode_that_scanners_take_and_no_other_has() {
    let served = Served::of_examples();
    set(&served, &[("S1000101-1", 1, "6901234567892")]);
    let update = |barcode: &str| {
        served.write("PATCH", "/product/v1/skus/S1000101-2", json!({"version": 1, "barcode": barcode})).refusal().1
    };
    assert_eq!(
        (update("6901234567893"), update("6901234567892")),
        ("product.barcode_invalid".into(), "product.barcode_taken".into())
    );
    let sku = |colour: &str, barcode: &str| {
        let properties = json!([{"name": "colour", "value": colour}]);
        json!({"properties": properties, "barcode": barcode, "price": {"amount": 900, "currency": "CNY"}, "available": 1})
    };
    let add = |barcode: &str| served.post("/product/v1/items/I1000101/skus", sku("green", barcode)).refusal().1;
    assert_eq!(
        (add("1234567890"), add("6901234567892")),
        ("product.barcode_invalid".into(), "product.barcode_taken".into())
    );
    let twice =
        json!({"title": "Cup", "category_id": "C110", "skus": [sku("red", "96385074"), sku("blue", "96385074")]});
    assert_eq!(served.post("/product/v1/items", twice.clone()).refusal(), (422, "product.barcode_taken".into()));
    let found = served.post("/product/v1/items/validate", twice).ok()["findings"][0].clone();
    assert_eq!(
        (found["code"].as_str(), found["field"].as_str()),
        (Some("product.barcode_taken"), Some("skus[1].barcode"))
    );
}
