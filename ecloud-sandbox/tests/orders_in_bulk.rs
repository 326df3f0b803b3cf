//! Orders in bulk: searches, tags, and what is done to many at once.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use ecloud_sandbox::{Grant, Payment, Purchase, Tier};
use serde_json::{Value, json};
use support::Served;

const SKU: &str = "S1000001-1";
const SEARCH: &str = "/trade/v1/orders/search?limit=100";

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap().to_owned()).collect()
}

fn found(served: &Served, criteria: Value) -> Vec<String> {
    ids(&served.post(SEARCH, criteria).ok())
}

/// All of the shop's orders, oldest first.
fn all(served: &Served) -> Vec<Value> {
    let (mut orders, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = served.get(&format!("/trade/v1/orders?limit=100{cursor}")).ok();
        orders.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return orders };
        cursor = format!("&cursor={next}");
    }
}

/// All that a search finds, page by page.
fn found_in_pages(served: &Served, criteria: &Value) -> Vec<String> {
    let (mut orders, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = served.post(&format!("/trade/v1/orders/search?limit=7{cursor}"), criteria.clone()).ok();
        orders.extend(ids(&page));
        let Some(next) = page["next_cursor"].as_str() else { return orders };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn a_search_finds_the_orders_that_fit_and_no_others() {
    let served = strategic();
    let orders = all(&served);
    let expected = |fits: &dyn Fn(&Value) -> bool| -> Vec<String> {
        orders.iter().filter(|order| fits(order)).map(|order| order["order_id"].as_str().unwrap().to_owned()).collect()
    };
    let has_line = |order: &Value, field: &str, id: &Value| {
        order["lines"].as_array().unwrap().iter().any(|line| line[field] == *id)
    };
    let some = orders[250].clone();
    let line = &some["lines"][0];
    let created = some["created_at"].as_str().unwrap();
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let cases: Vec<(Value, Fits<'_>)> = vec![
        (json!({"sku_ids": [line["sku_id"]]}), Box::new(|order| has_line(order, "sku_id", &line["sku_id"]))),
        (json!({"item_ids": [line["item_id"]]}), Box::new(|order| has_line(order, "item_id", &line["item_id"]))),
        (json!({"buyer_id": some["buyer_id"]}), Box::new(|order| order["buyer_id"] == some["buyer_id"])),
        (
            json!({"statuses": ["partly_shipped", "paid"], "has_memo": false}),
            Box::new(|order| {
                (order["status"] == "paid" || order["status"] == "partly_shipped") && order.get("memo").is_none()
            }),
        ),
        (json!({"has_memo": true}), Box::new(|order| order.get("memo").is_some())),
        (json!({"flags": ["red", "blue"]}), Box::new(|order| order["flag"] == "red" || order["flag"] == "blue")),
        (json!({"refund_statuses": ["in_progress"]}), Box::new(|order| order["refund_status"] == "in_progress")),
        (
            json!({"payment_min": {"amount": 10_000, "currency": "CNY"}, "payment_max": {"amount": 30_000, "currency": "CNY"}}),
            Box::new(|order| (10_000..=30_000).contains(&order["amounts"]["payment"]["amount"].as_i64().unwrap())),
        ),
        (json!({"created_from": created}), Box::new(|order| order["created_at"].as_str().unwrap() >= created)),
        (json!({"paid_to": created}), Box::new(|order| order["paid_at"].as_str().is_some_and(|paid| paid < created))),
        (
            json!({"ship_by_from": created, "late": false}),
            Box::new(|order| {
                order["deadlines"]["ship_by"].as_str().is_some_and(|by| by >= created) && order.get("late_at").is_none()
            }),
        ),
    ];
    for (criteria, fits) in cases {
        let expected = expected(&fits);
        assert!(!expected.is_empty() && expected.len() < orders.len(), "{criteria} tells nothing apart");
        assert_eq!(found_in_pages(&served, &criteria), expected, "{criteria}");
    }
    assert_eq!(found_in_pages(&served, &json!({})).len(), orders.len());
    let foreign = json!({"payment_min": {"amount": 1, "currency": "USD"}});
    assert_eq!(served.post(SEARCH, foreign).refusal(), (400, "request.invalid".into()));
    assert_eq!(served.post(SEARCH, json!({"sku_ids": []})).refusal(), (400, "request.invalid".into()));
}

#[test]
fn a_searchs_cursor_goes_on_with_the_same_criteria_only() {
    let served = strategic();
    let page = served.post("/trade/v1/orders/search?limit=5", json!({"statuses": ["paid"]})).ok();
    let next = format!("/trade/v1/orders/search?limit=5&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(served.post(&next, json!({"statuses": ["shipped"]})).refusal(), (400, "request.invalid".into()));
    assert_eq!(ids(&served.post(&next, json!({"statuses": ["paid"]})).ok()).len(), 5);
}

#[test]
fn tags_are_added_counted_searched_for_and_taken_off() {
    let served = strategic();
    let orders: Vec<String> = (0..2).map(|_| served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap()).collect();
    let tags = |order_id: &str, what: &str, tags: Value| {
        served.post(&format!("/trade/v1/orders/{order_id}/tags{what}"), json!({"tags": tags}))
    };
    let first = tags(&orders[0], "", json!(["vip", "gift"])).ok();
    assert_eq!(first["tags"], json!(["vip", "gift"]));
    assert_eq!(tags(&orders[0], "", json!(["gift", "Gift"])).ok()["tags"], json!(["vip", "gift", "Gift"]));
    tags(&orders[1], "", json!(["vip"])).ok();
    let listed = served.get("/trade/v1/orders/tags").ok();
    let expected =
        [("Gift", 1), ("gift", 1), ("vip", 2)].map(|(name, count)| json!({"name": name, "order_count": count}));
    assert_eq!((listed["items"].clone(), listed["total"].as_u64()), (json!(expected), Some(3)));
    assert_eq!(found(&served, json!({"tags": ["vip"]})), orders);
    assert_eq!(found(&served, json!({"tags": ["gift", "none"]})), orders[..1]);

    let left = tags(&orders[0], "/remove", json!(["vip", "unknown"])).ok();
    assert_eq!(left["tags"], json!(["gift", "Gift"]));
    assert_eq!(tags(&orders[0], "/remove", json!(["gift", "Gift"])).ok().get("tags"), None);
    assert_eq!(served.get("/trade/v1/orders/tags").ok()["items"], json!([{"name": "vip", "order_count": 1}]));
    assert_eq!(tags(&orders[0], "", json!([" vip"])).refusal(), (400, "request.invalid".into()));
    assert_eq!(tags("none", "", json!(["vip"])).refusal(), (404, "trade.order_not_found".into()));
}

#[test]
fn an_order_has_ten_tags_at_most_and_a_shop_two_hundred() {
    let served = strategic();
    let add = |order: u32, tags: Vec<String>| {
        served.post(&format!("/trade/v1/orders/T1{order:06}/tags"), json!({"tags": tags}))
    };
    let ten = |order: u32| (0..10).map(|tag| format!("tag-{order}-{tag}")).collect::<Vec<_>>();
    for order in 1..=20 {
        add(order, ten(order)).ok();
    }
    let version = order(&served, "T1000001")["version"].clone();
    for (to, tags) in [(1, vec!["tag-2-0".to_owned()]), (21, vec!["tag-1-0".to_owned(), "another".to_owned()])] {
        assert_eq!(add(to, tags).refusal(), (422, "trade.tag_limit_exceeded".into()));
    }
    assert_eq!(order(&served, "T1000001")["version"], version, "what fails changes nothing");
    assert_eq!(add(21, vec!["tag-1-0".to_owned()]).status, 200);
}

#[test]
fn memos_are_set_one_for_one_and_one_that_fails_fails_alone() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    let items = json!([
        {"order_id": order_id, "memo": "first", "flag": "red"},
        {"order_id": "none", "memo": "nobody's"},
        {"order_id": order_id, "memo": "second"},
    ]);
    let results = served.post("/trade/v1/orders/batch-memo", json!({"items": items})).ok()["items"].clone();
    assert_eq!(
        (results[0]["order"]["memo"].as_str(), results[0]["order"]["flag"].as_str()),
        (Some("first"), Some("red"))
    );
    assert_eq!((results[1].get("order"), results[1]["error"]["code"].as_str()), (None, Some("trade.order_not_found")));
    assert_eq!((results[2]["order"]["memo"].as_str(), results[2]["order"].get("flag")), (Some("second"), None));
    assert_eq!(order(&served, &order_id), results[2]["order"]);
}

#[test]
fn orders_are_closed_one_for_one_and_each_by_its_own_status() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let orders: Vec<String> = (0..3).map(|_| buyer.place(Purchase::new(SKU, 2)).unwrap()).collect();
    buyer.pay(&orders[1], Payment::Wallet).unwrap();
    let stock = || served.get(&format!("/product/v1/inventory/{SKU}")).ok()["available"].as_i64().unwrap();
    let before = stock();
    let items = json!([
        {"order_id": orders[0], "reason": "out_of_stock", "note": "Sold out."},
        {"order_id": orders[1], "reason": "out_of_stock"},
        {"order_id": orders[2], "reason": "payment_timeout"},
        {"order_id": orders[0], "reason": "other"},
        {"order_id": "none", "reason": "other"},
    ]);
    let results = served.post("/trade/v1/orders/batch-close", json!({"items": items})).ok()["items"].clone();
    let closed = &results[0]["order"];
    assert_eq!((closed["status"].as_str(), closed["close_note"].as_str()), (Some("closed"), Some("Sold out.")));
    let codes: Vec<_> = (1..5).map(|index| results[index]["error"]["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "trade.order_not_closable",
            "trade.close_reason_reserved",
            "trade.order_not_closable",
            "trade.order_not_found"
        ]
    );
    assert_eq!(order(&served, &orders[2])["status"], "wait_payment");
    assert_eq!(stock(), before + 2);
    let alone = served.post(&format!("/trade/v1/orders/{}/close", orders[2]), json!({"reason": "refunded"}));
    assert_eq!(alone.refusal(), (422, "trade.close_reason_reserved".into()));
}

#[test]
fn another_shops_orders_are_neither_found_nor_changed() {
    let served = strategic();
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let theirs = served.request("POST", SEARCH).json(&json!({})).token(&token).send().ok();
    let id = theirs["items"][0]["order_id"].as_str().unwrap();
    assert!(!found_in_pages(&served, &json!({})).contains(&id.to_owned()));
    let results = served.post("/trade/v1/orders/batch-memo", json!({"items": [{"order_id": id, "memo": "mine"}]})).ok();
    assert_eq!(results["items"][0]["error"]["code"], "trade.order_not_found");
}
