//! Brands: which a shop may sell, how it comes to sell others, and what that means for its items.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Response, Served};

fn hours(served: &Served, hours: u64) {
    served.clock.advance(Duration::from_secs(hours * 3_600));
}

/// Applies for a brand, until so many days from now, with so many proofs.
fn apply(served: &Served, brand_id: &str, days: i64, proofs: usize) -> Response {
    let valid_to = served.clock_now().offset_by_millis(days * 86_400_000);
    let proofs = vec!["https://img.example.com/letter.jpg"; proofs];
    let input = json!({"brand_id": brand_id, "kind": "reseller", "valid_to": valid_to, "proofs": proofs});
    served.post("/product/v1/brands/authorizations", input)
}

fn again(served: &Served, authorization: &Value) -> Value {
    let id = authorization["brand_authorization_id"].as_str().unwrap();
    served.get(&format!("/product/v1/brands/authorizations/{id}")).ok()
}

fn names(served: &Served, query: &str) -> Vec<String> {
    let page = served.get(&format!("/product/v1/brands?{query}")).ok();
    page["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn brands_are_found_by_name_category_and_what_the_shop_may_sell() {
    let served = Served::of_examples();
    assert_eq!(names(&served, "name=AURO"), ["Aurora"]);
    assert_eq!(names(&served, "name=%E4%B8%9D%E8%B7%AF"), ["Silk Road"], "by its Chinese name");
    let of_shirts = names(&served, "category_id=C320");
    assert!(
        of_shirts.contains(&"Tern".to_owned())
            && of_shirts.contains(&"Harbour".to_owned())
            && !of_shirts.contains(&"Aurora".to_owned())
    );
    assert_eq!(names(&served, "authorized=true"), ["Kiln", "Northwind", "青山", "Harbour", "Silk Road"]);
    assert_eq!(names(&served, "authorized=false").len(), 5);
    let first = served.get("/product/v1/brands?limit=7").ok();
    let rest =
        served.get(&format!("/product/v1/brands?limit=7&cursor={}", first["next_cursor"].as_str().unwrap())).ok();
    assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (7, 3));
    assert_eq!(served.get("/product/v1/brands/none").refusal(), (404, "product.brand_not_found".into()));
}

#[test]
fn a_brand_that_needs_an_authorization_is_sold_once_the_platform_has_approved_it() {
    let served = Served::of_examples();
    let create = |brand: &str| {
        let sku = json!({"price": {"amount": 9900, "currency": "CNY"}, "available": 1});
        served.post("/product/v1/items", json!({"title": "Lamp", "category_id": "C110", "brand": brand, "skus": [sku]}))
    };
    assert_eq!(create("AURORA").refusal(), (422, "product.brand_not_authorized".into()));
    assert_eq!(create("Nobody knows it").status, 201);
    let asked = apply(&served, "BR1003", 60, 1).ok();
    assert_eq!(
        (asked["status"].as_str(), asked["decide_by"].as_str()),
        (Some("pending"), Some("2026-03-02T08:00:00.000Z"))
    );
    assert_eq!(create("Aurora").refusal(), (422, "product.brand_not_authorized".into()));
    hours(&served, 4);
    let approved = again(&served, &asked);
    assert_eq!((approved["status"].as_str(), approved.get("decide_by")), (Some("approved"), None));
    assert_eq!(served.get("/product/v1/brands/BR1003").ok()["authorized"], true);
    let item = create("极光").ok();
    let path = format!("/product/v1/items/{}", item["item_id"].as_str().unwrap());

    hours(&served, 24 * 60);
    assert_eq!(again(&served, &asked)["status"], "expired");
    assert_eq!(create("Aurora").refusal(), (422, "product.brand_not_authorized".into()));
    let item = served.get(&path).ok();
    let kept = served.write("PATCH", &path, json!({"version": item["version"], "title": "Desk lamp"})).ok();
    assert_eq!(kept["brand"], "极光", "what is sold already stays");
    let other = json!({"version": kept["version"], "brand": "Lakeside"});
    assert_eq!(served.write("PATCH", &path, other).refusal(), (422, "product.brand_not_authorized".into()));
    assert_eq!(apply(&served, "BR1003", 60, 1).status, 201, "one may apply again");
}

#[test]
fn the_platform_says_no_to_a_short_term_and_to_too_few_proofs() {
    let served = Served::of_examples();
    let (short, bare, proven) = (
        apply(&served, "BR1003", 30, 1).ok(),
        apply(&served, "BR1009", 60, 1).ok(),
        apply(&served, "BR1008", 60, 1).ok(),
    );
    hours(&served, 4);
    let status = |asked: &Value| again(&served, asked)["status"].as_str().unwrap().to_owned();
    assert_eq!(
        (status(&short), status(&bare), status(&proven)),
        ("rejected".into(), "rejected".into(), "approved".into())
    );
    assert!(again(&served, &short)["reject_reason"].as_str().unwrap().contains("30 days"));
    apply(&served, "BR1009", 60, 2).ok();
    let listed = |query: &str| {
        served.get(&format!("/product/v1/brands/authorizations?{query}")).ok()["items"].as_array().unwrap().len()
    };
    assert_eq!(
        (listed("status=rejected"), listed("status=approved&status=pending"), listed("brand_id=BR1009")),
        (2, 3, 2)
    );
}

#[test]
fn an_application_that_makes_no_sense_is_refused() {
    let served = Served::of_examples();
    let refused = |brand_id: &str, days: i64| apply(&served, brand_id, days, 2).refusal();
    assert_eq!(refused("none", 60), (404, "product.brand_not_found".into()));
    assert_eq!(refused("BR1001", 60), (422, "product.brand_needs_no_authorization".into()));
    assert_eq!(refused("BR1007", 60), (422, "product.brand_closed".into()));
    assert_eq!(refused("BR1006", 60), (422, "product.brand_authorization_exists".into()));
    assert_eq!(refused("BR1003", -1), (422, "product.brand_term_invalid".into()));
    assert_eq!(
        served.get("/product/v1/brands/authorizations/none").refusal(),
        (404, "product.brand_authorization_not_found".into())
    );
}
