//! Items, SKUs, stock and categories.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{AuditVerdict, Tier};
use serde_json::{Value, json};
use support::Served;

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn mug() -> Value {
    let sku = |colour: &str, price: i64| {
        json!({
            "properties": [{"name": "colour", "value": colour}], "outer_id": format!("NEW-{colour}"),
            "price": {"amount": price, "currency": "CNY"}, "available": 10,
        })
    };
    json!({"title": "A new mug", "category_id": "C110", "outer_id": "NEW", "skus": [sku("red", 2590), sku("blue", 2790)]})
}

fn create(served: &Served) -> Value {
    let created = served.post("/product/v1/items", mug());
    assert_eq!(created.status, 201);
    created.ok()
}

fn path(item: &Value) -> String {
    format!("/product/v1/items/{}", item["item_id"].as_str().unwrap())
}

#[test]
fn an_item_is_created_looked_at_published_and_deleted() {
    let served = strategic();
    let item = create(&served);
    let path = path(&item);
    assert_eq!((item["listing_status"].as_str(), item["audit_status"].as_str()), (Some("draft"), Some("pending")));
    assert_eq!((item["price_from"]["amount"].as_i64(), item["price_to"]["amount"].as_i64()), (Some(2590), Some(2790)));
    assert_eq!(item["available"], 20);
    let publish = || served.request("POST", &format!("{path}/publish")).send();
    assert_eq!(publish().refusal(), (422, "product.item_not_approved".into()));
    served.clock.advance(Duration::from_secs(60));
    let online = publish().ok();
    assert_eq!(
        (online["listing_status"].as_str(), online["audit_status"].as_str()),
        (Some("on_sale"), Some("approved"))
    );
    assert_eq!(publish().refusal(), (422, "product.item_not_publishable".into()));

    let delete = || served.request("DELETE", &path).send();
    assert_eq!(delete().refusal(), (422, "product.item_not_deletable".into()));
    served.request("POST", &format!("{path}/unpublish")).send().ok();
    assert_eq!(
        served.request("POST", &format!("{path}/unpublish")).send().refusal(),
        (422, "product.item_not_published".into())
    );
    assert_eq!(delete().status, 204);
    assert_eq!(served.get(&path).ok()["listing_status"], "deleted");
    let listed =
        |query: &str| served.get(&format!("/product/v1/items?keyword=A%20new%20mug{query}")).ok()["total"].clone();
    assert_eq!((listed(""), listed("&status=deleted")), (json!(0), json!(1)));
    assert_eq!(
        served.write("PATCH", &path, json!({"version": 5})).refusal(),
        (422, "product.item_not_editable".into())
    );
}

#[test]
fn an_item_that_makes_no_sense_is_refused() {
    let served = strategic();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut item = mug();
        change(&mut item);
        served.post("/product/v1/items", item).refusal()
    };
    assert_eq!(with(&|item| item["category_id"] = json!("C999")), (404, "product.category_not_found".into()));
    assert_eq!(with(&|item| item["category_id"] = json!("C100")), (422, "product.category_not_leaf".into()));
    assert_eq!(with(&|item| item["category_id"] = json!("C190")), (422, "product.category_not_leaf".into()));
    assert_eq!(
        with(&|item| item["skus"][1] = item["skus"][0].clone()),
        (422, "product.sku_properties_repeated".into())
    );
    assert_eq!(with(&|item| item["skus"][0]["price"]["amount"] = json!(0)), (422, "product.price_invalid".into()));
    assert_eq!(
        with(&|item| item["skus"][0]["price"]["currency"] = json!("USD")),
        (422, "product.price_invalid".into())
    );
    let list_price = json!({"amount": 100, "currency": "CNY"});
    assert_eq!(with(&|item| item["skus"][0]["list_price"] = list_price.clone()), (422, "product.price_invalid".into()));
    assert_eq!(with(&|item| item["title"] = json!("")), (400, "request.invalid".into()));
    create(&served);
    assert_eq!(with(&|_| ()), (422, "product.outer_id_taken".into()));
    assert_eq!(
        with(&|item| item["outer_id"] = json!("OTHER")),
        (422, "product.outer_id_taken".into()),
        "a SKU has the code"
    );
}

#[test]
fn an_item_that_changed_meanwhile_is_a_conflict() {
    let served = strategic();
    let item = create(&served);
    let update =
        |version: i64, title: &str| served.write("PATCH", &path(&item), json!({"version": version, "title": title}));
    assert_eq!(update(1, "First").ok()["version"], 2);
    assert_eq!(update(1, "Second").refusal(), (409, "product.item_conflict".into()));
    let cleared = served.write("PATCH", &path(&item), json!({"version": 2, "outer_id": "", "brand": "Kiln"})).ok();
    assert_eq!((cleared.get("outer_id"), cleared["brand"].as_str()), (None, Some("Kiln")));
}

#[test]
fn a_rejected_item_is_looked_at_again_once_it_changed_and_a_banned_one_never() {
    let served = strategic();
    let item = create(&served);
    let id = item["item_id"].as_str().unwrap();
    served.sandbox.audit_item(id, AuditVerdict::Reject { reason: "No picture.".into() }).unwrap();
    let rejected = served.get(&path(&item)).ok();
    assert_eq!(
        (rejected["audit_status"].as_str(), rejected["audit_reason"].as_str()),
        (Some("rejected"), Some("No picture."))
    );
    let changed = served.write("PATCH", &path(&item), json!({"version": rejected["version"], "title": "Better"})).ok();
    assert_eq!(changed["audit_status"], "pending");
    served.clock.advance(Duration::from_secs(60));
    served.request("POST", &format!("{}/publish", path(&item))).send().ok();
    served.sandbox.audit_item(id, AuditVerdict::Ban { reason: "A fake.".into() }).unwrap();
    let banned = served.get(&path(&item)).ok();
    assert_eq!((banned["audit_status"].as_str(), banned["listing_status"].as_str()), (Some("banned"), Some("draft")));
    let update = served.write("PATCH", &path(&item), json!({"version": banned["version"], "title": "Again"}));
    assert_eq!(update.refusal(), (422, "product.item_not_editable".into()));
    assert!(served.sandbox.audit_item(id, AuditVerdict::Approve).is_err());
}

#[test]
fn a_sku_has_a_price_and_a_version_of_its_own() {
    let served = strategic();
    let item = create(&served);
    let sku = &item["skus"][0];
    let path = format!("/product/v1/skus/{}", sku["sku_id"].as_str().unwrap());
    let patch = |body: Value| served.write("PATCH", &path, body);
    assert_eq!(
        patch(json!({"version": 1, "price": {"amount": 1990, "currency": "CNY"}})).ok()["price"]["amount"],
        1990
    );
    assert_eq!(patch(json!({"version": 1, "status": "disabled"})).refusal(), (409, "product.sku_conflict".into()));
    assert_eq!(patch(json!({"version": 2, "outer_id": "NEW-blue"})).refusal(), (422, "product.outer_id_taken".into()));
    assert_eq!(
        patch(json!({"version": 2, "price": {"amount": -5, "currency": "CNY"}})).refusal(),
        (422, "product.price_invalid".into())
    );
    assert_eq!(patch(json!({"version": 2, "status": "disabled"})).ok()["status"], "disabled");
    let item = served.get(&self::path(&item)).ok();
    assert_eq!((item["price_from"]["amount"].as_i64(), item["version"].as_i64()), (Some(2790), Some(1)));
    let skus = served.get(&format!("{}/skus?page_size=1&page=2", self::path(&item))).ok();
    assert_eq!((skus["total"].as_i64(), skus["items"][0]["outer_id"].as_str()), (Some(2), Some("NEW-blue")));
    assert_eq!(served.get("/product/v1/skus/none").refusal(), (404, "product.sku_not_found".into()));
    assert_eq!(served.get("/product/v1/items/none/skus").refusal(), (404, "product.item_not_found".into()));
}

#[test]
fn stock_is_set_by_version_and_adjusted_whatever_it_is() {
    let served = strategic();
    let item = create(&served);
    let sku = item["skus"][0]["sku_id"].as_str().unwrap();
    let path = format!("/product/v1/inventory/{sku}");
    assert_eq!(served.write("PUT", &path, json!({"available": 7, "version": 1})).ok()["version"], 2);
    assert_eq!(
        served.write("PUT", &path, json!({"available": 8, "version": 1})).refusal(),
        (409, "product.inventory_conflict".into())
    );
    let adjust = |delta: i64| served.post(&format!("{path}/adjust"), json!({"delta": delta}));
    assert_eq!(adjust(-8).refusal(), (422, "product.stock_insufficient".into()));
    assert_eq!(adjust(99_999_999).refusal(), (422, "product.stock_limit_exceeded".into()));
    assert_eq!(adjust(-7).ok()["available"], 0);
    let entries = json!({"items": [
        {"sku_id": sku, "available": 5, "version": 3}, {"sku_id": sku, "available": 6, "version": 3},
        {"sku_id": "none", "available": 1, "version": 1},
    ]});
    let results = served.post("/product/v1/inventory/batch-set", entries).ok()["items"].clone();
    assert_eq!(results[0]["stock"]["available"], 5);
    assert_eq!(results[1]["error"]["code"], "product.inventory_conflict");
    assert_eq!(results[2]["error"]["code"], "product.sku_not_found");
}

#[test]
fn categories_are_a_tree() {
    let served = strategic();
    let all = served.get("/product/v1/categories?page_size=100").ok();
    let items = all["items"].as_array().unwrap();
    let place = |id: &str| items.iter().position(|category| category["category_id"] == id).unwrap();
    for category in items.iter().filter(|category| category.get("parent_id").is_some()) {
        assert!(place(category["parent_id"].as_str().unwrap()) < place(category["category_id"].as_str().unwrap()));
    }
    let children = served.get("/product/v1/categories?parent_id=C100").ok();
    assert!(children["items"].as_array().unwrap().iter().all(|child| child["parent_id"] == "C100"));
    assert_eq!(served.get("/product/v1/categories?parent_id=none").ok()["total"], 0);
}
