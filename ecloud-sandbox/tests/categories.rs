//! Categories: what the platform wants to know of an item, what it allows, and where it guesses that an item belongs.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::Served;

/// A towel as its category wants it.
fn towel() -> Value {
    json!({
        "title": "Tea towel", "category_id": "C210", "properties": [{"name": "material", "value": "linen"}],
        "images": ["https://img.example.com/towel.jpg"],
        "skus": [{"properties": [{"name": "pattern", "value": "stripes"}], "price": {"amount": 1900, "currency": "CNY"}, "available": 5}],
    })
}

fn changed(change: impl Fn(&mut Value)) -> Value {
    let mut towel = towel();
    change(&mut towel);
    towel
}

#[test]
fn a_category_says_what_it_wants_to_know_required_things_first() {
    let served = Served::of_examples();
    assert_eq!(served.get("/product/v1/categories/C210").ok()["path"], json!(["Textiles", "Towels"]));
    let attributes = served.get("/product/v1/categories/C210/attributes").ok();
    let items = attributes["items"].as_array().unwrap();
    let names: Vec<_> =
        items.iter().map(|it| (it["name"].as_str().unwrap(), it["required"].as_bool().unwrap())).collect();
    assert_eq!(names[0], ("material", true));
    assert!(names[1..].iter().all(|(_, required)| !required), "{names:?}");
    assert!(items[0]["values"].as_array().unwrap().contains(&json!("linen")));
    let of_skus: Vec<_> = items.iter().filter(|it| it["level"] == "sku").map(|it| it["name"].clone()).collect();
    let rules = served.get("/product/v1/categories/C210/rules").ok();
    assert_eq!(json!(of_skus), rules["sku_dimensions"]);
    assert_eq!((rules["title_length_max"].as_u64(), rules["size_chart"].as_bool()), (Some(60), Some(true)));

    for path in ["C999", "C999/attributes", "C999/rules"] {
        let refused = served.get(&format!("/product/v1/categories/{path}"));
        assert_eq!(refused.refusal(), (404, "product.category_not_found".into()));
    }
    for path in ["C200/attributes", "C200/rules"] {
        let refused = served.get(&format!("/product/v1/categories/{path}"));
        assert_eq!(refused.refusal(), (422, "product.category_not_leaf".into()));
    }
    assert_eq!(served.get("/product/v1/categories/C290/rules").status, 200, "closed for new items, but still read");
}

#[test]
fn an_item_that_its_category_does_not_allow_is_refused_and_every_fault_is_found() {
    let served = Served::of_examples();
    let refused = |item: Value| served.post("/product/v1/items", item).refusal().1;
    assert_eq!(refused(changed(|it| it["title"] = json!("T".repeat(61)))), "product.title_too_long");
    let images = vec!["https://img.example.com/towel.jpg"; 9];
    assert_eq!(refused(changed(|it| it["images"] = json!(images))), "product.too_many_images");
    assert_eq!(refused(changed(|it| it["properties"] = json!([]))), "product.attribute_missing");
    let of_steel = json!([{"name": "material", "value": "steel"}]);
    assert_eq!(refused(changed(|it| it["properties"] = of_steel.clone())), "product.attribute_invalid");
    let threads = json!([{"name": "material", "value": "linen"}, {"name": "thread_count", "value": "many"}]);
    assert_eq!(refused(changed(|it| it["properties"] = threads.clone())), "product.attribute_invalid");
    assert_eq!(
        refused(changed(|it| it["skus"][0]["properties"][0]["name"] = json!("mood"))),
        "product.sku_dimension_invalid"
    );

    let all = changed(|it| {
        it["title"] = json!("T".repeat(61));
        it["properties"] = of_steel.clone();
        it["skus"][0]["properties"][0]["name"] = json!("mood");
    });
    let found = served.post("/product/v1/items/validate", all).ok();
    let errors: Vec<_> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["severity"] == "error")
        .map(|it| it["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        (found["creatable"].as_bool(), errors),
        (Some(false), vec!["title", "properties[0].value", "skus[0].properties"])
    );
    assert_eq!(served.post("/product/v1/items/validate", towel()).ok()["creatable"], true);
    let item = served.post("/product/v1/items", towel()).ok();

    let path = format!("/product/v1/items/{}", item["item_id"].as_str().unwrap());
    let patch = |body: Value| served.write("PATCH", &path, body).refusal().1;
    assert_eq!(patch(json!({"version": 1, "title": "T".repeat(61)})), "product.title_too_long");
    assert_eq!(
        patch(json!({"version": 1, "category_id": "C510"})),
        "product.attribute_missing",
        "food has a shelf life"
    );
    let sku = json!({"properties": [{"name": "mood", "value": "bright"}], "price": {"amount": 1, "currency": "CNY"}, "available": 1});
    assert_eq!(served.post(&format!("{path}/skus"), sku).refusal().1, "product.sku_dimension_invalid");
    assert_eq!(served.get(&path).ok()["version"], 1, "nothing of it has changed anything");
}

#[test]
fn buyers_see_no_item_that_lacks_what_its_category_wants_them_to_see() {
    let served = Served::of_examples();
    let item = served.post("/product/v1/items", changed(|it| drop(it.as_object_mut().unwrap().remove("images")))).ok();
    let path = format!("/product/v1/items/{}", item["item_id"].as_str().unwrap());
    served.clock.advance(Duration::from_secs(60));
    let publish = || served.request("POST", &format!("{path}/publish")).send();
    assert_eq!(publish().refusal(), (422, "product.item_incomplete".into()));
    let plan = json!({"version": 2, "publish_at": served.clock_now().offset_by_millis(60_000)});
    served.write("PUT", &format!("{path}/schedule"), plan).ok();
    served.clock.advance(Duration::from_secs(120));
    let lapsed = served.get(&path).ok();
    assert_eq!((lapsed["listing_status"].as_str(), lapsed.get("publish_at")), (Some("draft"), None));
    let images = json!(["https://img.example.com/towel.jpg"]);
    served.write("PATCH", &path, json!({"version": lapsed["version"], "images": images})).ok();
    assert_eq!(publish().ok()["listing_status"], "on_sale");
}

#[test]
fn a_title_tells_where_an_item_belongs() {
    let served = Served::of_examples();
    let guesses = |title: &str, limit: u64| {
        let answer = served.post("/product/v1/categories/predict", json!({"title": title, "limit": limit})).ok();
        let items = answer["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|it| (it["category"]["category_id"].as_str().unwrap().to_owned(), it["score"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    let mugs = guesses("Enamel MUGS for tea", 10);
    assert_eq!((mugs[0].0.as_str(), mugs[1].0.as_str()), ("C110", "C510"));
    assert!(
        mugs.is_sorted_by_key(|(_, score)| std::cmp::Reverse(*score))
            && mugs.iter().map(|(_, score)| score).sum::<u64>() <= 100
    );
    assert_eq!(mugs, guesses("Enamel MUGS for tea", 10));
    assert_eq!(guesses("Enamel MUGS for tea", 1), mugs[..1]);
    assert_eq!(guesses("真丝枕套", 1)[0].0, "C220");
    assert!(guesses("Antique kitchen", 10).iter().all(|(id, _)| id != "C190"), "closed for new items");
    assert!(guesses("Xyzzy", 5).is_empty());
}
