//! Splits and merges: which orders can be, what becomes of their amounts and stock, and what the orders before are then.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Payment, Purchase, RefundRequest, ReviewVerdict, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const SKU: &str = "S1000001-1";
const OTHER: &str = "S1000002-1";

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn amount(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap()
}

fn id(order: &Value) -> &str {
    order["order_id"].as_str().unwrap()
}

fn split(served: &Served, order: &Value, lines: Value) -> Response {
    let body = json!({"version": order["version"], "lines": lines});
    served.post(&format!("/trade/v1/orders/{}/split", id(order)), body)
}

fn merge(served: &Served, orders: &[&Value]) -> Response {
    let orders: Vec<_> =
        orders.iter().map(|order| json!({"order_id": order["order_id"], "version": order["version"]})).collect();
    served.post("/trade/v1/orders/merge", json!({"orders": orders}))
}

fn stock(served: &Served, sku: &str) -> (i64, i64) {
    let stock = served.get(&format!("/product/v1/inventory/{sku}")).ok();
    (stock["available"].as_i64().unwrap(), stock["reserved"].as_i64().unwrap())
}

/// What all orders of the shop bring: paid, and given back.
fn totals(served: &Served) -> (i64, i64) {
    let (mut paid, mut refunded, mut cursor) = (0, 0, String::new());
    loop {
        let page = served.get(&format!("/trade/v1/orders?limit=100{cursor}")).ok();
        for order in page["items"].as_array().unwrap() {
            paid += amount(&order["amounts"]["paid"]);
            refunded += amount(&order["amounts"]["refunded"]);
        }
        let Some(next) = page["next_cursor"].as_str() else { return (paid, refunded) };
        cursor = format!("&cursor={next}");
    }
}

/// Every sum of an order, worked out again from its lines and promotions.
fn check(order: &Value) {
    let lines = order["lines"].as_array().unwrap();
    let none = Vec::new();
    let promotions = order["promotions"].as_array().unwrap_or(&none);
    let taken = |line_id: &Value| -> i64 {
        promotions.iter().filter(|it| it["line_id"] == *line_id).map(|it| amount(&it["amount"])).sum()
    };
    for line in lines {
        let goods = amount(&line["price"]) * line["quantity"].as_i64().unwrap();
        let payment =
            goods + amount(&line["adjustment"]) - amount(&line["discount"]) - amount(&line["allocated_promotion"]);
        assert_eq!(amount(&line["payment"]), payment, "{line}");
        assert!(payment >= 0, "{line}");
        assert_eq!(taken(&line["line_id"]), amount(&line["discount"]), "{line}");
    }
    let sum = |field: &str| lines.iter().map(|line| amount(&line[field])).sum::<i64>();
    assert_eq!(taken(&Value::Null), sum("allocated_promotion"));
    let amounts = &order["amounts"];
    assert_eq!(amount(&amounts["payment"]), sum("payment") + amount(&amounts["freight"]));
    assert_eq!(amounts["paid"], amounts["payment"]);
}

/// The seeded orders that are paid, with nothing refunded and nothing to be answered: some have discounts, some a promotion of the whole order.
fn paid_orders(served: &Served) -> Vec<Value> {
    let criteria = json!({"statuses": ["paid"], "refund_statuses": ["none"]});
    let page = served.post("/trade/v1/orders/search?limit=100", criteria).ok();
    let asked = served.get("/trade/v1/address-changes?status=requested&limit=100").ok();
    let is_asked =
        |order: &Value| asked["items"].as_array().unwrap().iter().any(|change| change["order_id"] == order["order_id"]);
    let clear = |order: &&Value| order["risk_status"] == "clear" && !is_asked(order);
    page["items"].as_array().unwrap().iter().filter(clear).cloned().collect()
}

#[test]
fn the_parts_of_an_order_add_up_to_it_to_the_minor_unit() {
    let served = strategic();
    let before = totals(&served);
    let mut divided_promotions = 0;
    for whole in paid_orders(&served).iter().take(40) {
        let line = &whole["lines"][0];
        let pieces = line["quantity"].as_i64().unwrap();
        if pieces == 1 && whole["lines"].as_array().unwrap().len() == 1 {
            let nothing_left = split(&served, whole, json!([{"line_id": line["line_id"]}]));
            assert_eq!(nothing_left.refusal(), (422, "trade.split_invalid".into()));
            continue;
        }
        let quantity = if pieces > 1 { pieces - 1 } else { 1 };
        let result = split(&served, whole, json!([{"line_id": line["line_id"], "quantity": quantity}])).ok();
        let parts = result["orders"].as_array().unwrap();
        parts.iter().for_each(check);
        for field in ["goods", "adjustment", "discount", "promotion", "freight", "payment", "paid"] {
            let sum: i64 = parts.iter().map(|part| amount(&part["amounts"][field])).sum();
            assert_eq!(sum, amount(&whole["amounts"][field]), "{field} of {whole}");
        }
        for part in parts {
            for field in ["buyer_id", "kind", "paid_at", "payment_info", "memo", "flag"] {
                assert_eq!(part.get(field), whole.get(field), "{field}");
            }
            assert_eq!(
                (part["split_from"].clone(), part["status"].as_str()),
                (whole["order_id"].clone(), Some("paid"))
            );
            assert_eq!(part["receiver"]["phone"]["masked"], whole["receiver"]["phone"]["masked"]);
        }
        assert_eq!(parts[0]["lines"][0]["quantity"], quantity);
        let gone = order(&served, id(whole));
        assert_eq!((gone["status"].as_str(), gone["close_reason"].as_str()), (Some("closed"), Some("split")));
        assert_eq!(gone["split_into"], json!([parts[0]["order_id"], parts[1]["order_id"]]));
        assert_eq!((amount(&gone["amounts"]["paid"]), &gone["amounts"]["payment"]), (0, &whole["amounts"]["payment"]));
        divided_promotions += usize::from(parts.iter().all(|part| part.get("promotions").is_some()));
    }
    assert!(divided_promotions > 5, "{divided_promotions}");
    assert_eq!(totals(&served), before, "nothing counts twice");
}

#[test]
fn the_stock_of_an_order_that_is_split_stays_reserved_until_its_parts_are_shipped_or_refunded() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 3).and(OTHER, 1).freight(500)).unwrap();
    let (one, other) = (stock(&served, SKU), stock(&served, OTHER));
    let whole = order(&served, &order_id);
    let result = split(&served, &whole, json!([{"line_id": format!("{order_id}-1"), "quantity": 2}])).ok();
    assert_eq!((stock(&served, SKU), stock(&served, OTHER)), (one, other));
    let (first, second) = (&result["orders"][0], &result["orders"][1]);
    let quantities = |order: &Value| -> Vec<i64> {
        order["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_i64().unwrap()).collect()
    };
    assert_eq!((quantities(first), quantities(second)), (vec![2], vec![1, 1]));

    let input = json!({"order_id": first["order_id"], "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    assert_eq!(stock(&served, SKU), (one.0, one.1 - 2));
    for _ in 0..2 {
        let refund_id = served.sandbox.buyer().request_refund(id(second), RefundRequest::new()).unwrap();
        let refund = served.get(&format!("/trade/v1/refunds/{refund_id}")).ok();
        let agreement = json!({"version": refund["version"], "amount": refund["amount"]});
        served.post(&format!("/trade/v1/refunds/{refund_id}/agree"), agreement).ok();
    }
    assert_eq!(order(&served, id(second))["close_reason"], "refunded");
    assert_eq!(stock(&served, SKU), (one.0 + 1, one.1 - 3));
    assert!(served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).is_err(), "it has ended");
    served.clock.advance(Duration::from_secs(30 * 24 * 3600));
    assert_eq!(order(&served, &order_id)["close_reason"], "split");
    assert_eq!(order(&served, id(first))["status"], "finished");
}

#[test]
fn only_a_paid_order_is_split_and_only_as_it_was_seen() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let order_id = buyer.place(Purchase::new(SKU, 3)).unwrap();
    let line = |quantity: i64| json!([{"line_id": format!("{order_id}-1"), "quantity": quantity}]);
    let now = || order(&served, &order_id);
    assert_eq!(split(&served, &now(), line(1)).refusal(), (422, "trade.order_not_splittable".into()));
    let unpaid = now();
    buyer.pay(&order_id, Payment::Wallet).unwrap();
    assert_eq!(split(&served, &unpaid, line(1)).refusal(), (409, "trade.order_conflict".into()));
    assert_eq!(split(&served, &now(), line(4)).refusal(), (422, "trade.split_invalid".into()));
    assert_eq!(split(&served, &now(), line(3)).refusal(), (422, "trade.split_invalid".into()));
    assert_eq!(split(&served, &now(), json!([{"line_id": "none"}])).refusal(), (404, "trade.line_not_found".into()));
    let twice = json!([line(1)[0], line(1)[0]]);
    assert_eq!(split(&served, &now(), twice).refusal(), (400, "request.invalid".into()));

    served.sandbox.review_order(&order_id, ReviewVerdict::Start).unwrap();
    assert_eq!(split(&served, &now(), line(1)).refusal(), (422, "trade.order_on_hold".into()));
    served.sandbox.review_order(&order_id, ReviewVerdict::Pass).unwrap();
    let extension = json!({"version": now()["version"], "hours": 5, "reason": "holiday"});
    served.post(&format!("/trade/v1/orders/{order_id}/promise/extension"), extension).ok();
    assert_eq!(split(&served, &now(), line(1)).refusal(), (422, "trade.order_has_requests".into()));
    buyer.answer_extension(&order_id, true).unwrap();
    let refund_id = buyer.request_refund(&order_id, RefundRequest::new().amount(1)).unwrap();
    assert_eq!(split(&served, &now(), line(1)).refusal(), (422, "trade.order_has_refunds".into()));
    buyer.withdraw_refund(&refund_id).unwrap();
    let ship_by = now()["deadlines"]["ship_by"].clone();
    let parts = split(&served, &now(), line(1)).ok();
    assert_eq!(parts["orders"][1]["deadlines"]["ship_by"], ship_by, "the extension holds");
    assert_eq!(parts["orders"][0]["lines"][0].get("refund_id"), None);
    assert_eq!(split(&served, &now(), line(1)).refusal(), (422, "trade.order_not_splittable".into()));
}

#[test]
fn merged_orders_become_one_that_has_all_of_theirs() {
    let served = strategic();
    let before = totals(&served);
    let buyer = served.sandbox.buyer();
    let purchase = || Purchase::new(SKU, 2).and(OTHER, 1).buyer("b-ann").freight(300).message("Ring twice.");
    let first = buyer.buy(purchase()).unwrap();
    served.clock.advance(Duration::from_secs(3600));
    let second = buyer.buy(purchase()).unwrap();
    served.post(&format!("/trade/v1/orders/{second}/tags"), json!({"tags": ["gift"]})).ok();
    served.write("PUT", &format!("/trade/v1/orders/{first}/memo"), json!({"memo": "Wrap it.", "flag": "red"})).ok();
    let (one, two) = (order(&served, &first), order(&served, &second));
    let reserved = stock(&served, SKU);
    let answer = merge(&served, &[&one, &two]);
    assert_eq!(answer.status, 201);
    let united = answer.ok();
    check(&united);
    for field in ["goods", "freight", "payment", "paid"] {
        let sum = amount(&one["amounts"][field]) + amount(&two["amounts"][field]);
        assert_eq!(amount(&united["amounts"][field]), sum, "{field}");
    }
    assert_eq!(united["merged_from"], json!([first, second]));
    assert_eq!((&united["paid_at"], &united["payment_info"]), (&two["paid_at"], &one["payment_info"]));
    assert_eq!(
        (united["buyer_message"].as_str(), united["memo"].as_str()),
        (Some("Ring twice.\nRing twice."), Some("Wrap it."))
    );
    assert_eq!((united["flag"].as_str(), united["tags"].clone()), (Some("red"), json!(["gift"])));
    let lines = united["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        (&lines[0]["ship_by"], &lines[3]["ship_by"]),
        (&one["lines"][0]["ship_by"], &two["lines"][1]["ship_by"])
    );
    for order_id in [&first, &second] {
        let gone = order(&served, order_id);
        assert_eq!((gone["close_reason"].as_str(), &gone["merged_into"]), (Some("merged"), &united["order_id"]));
    }
    assert_eq!(stock(&served, SKU), reserved);
    let both = 2 * amount(&one["amounts"]["paid"]);
    assert_eq!(totals(&served), (before.0 + both, before.1), "nothing counts twice");

    // And back again, by lines.
    let split_again =
        split(&served, &united, json!([{"line_id": lines[0]["line_id"]}, {"line_id": lines[1]["line_id"]}]));
    let parts = split_again.ok()["orders"].clone();
    assert_eq!(parts[0]["amounts"]["payment"], one["amounts"]["payment"]);
    assert_eq!(parts[1]["amounts"]["payment"], two["amounts"]["payment"]);
    let histories =
        [&first, &united["order_id"].as_str().unwrap().to_owned(), &id(&parts[0]).to_owned()].map(|order_id| {
            let entries = served.get(&format!("/trade/v1/orders/{order_id}/history")).ok()["items"].clone();
            let kinds = |entry: &Value| entry["kind"].as_str().unwrap().to_owned();
            entries.as_array().unwrap().iter().map(kinds).collect::<Vec<_>>()
        });
    assert_eq!(
        histories,
        [vec!["placed", "paid", "memo_changed", "merged"], vec!["came_of_merge", "split"], vec!["came_of_split"]]
    );
}

#[test]
fn only_orders_alike_are_merged_and_what_fails_changes_nothing() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let buy = |purchase: Purchase| order(&served, &buyer.buy(purchase).unwrap());
    let ann = || Purchase::new(SKU, 1).buyer("b-ann");
    let (one, two) = (buy(ann()), buy(ann()));
    let elsewhere = buy(ann().receiver("李雷", "13900000000", "文三路1号"));
    let bob = buy(Purchase::new(SKU, 1).buyer("b-bob"));
    let unpaid = order(&served, &buyer.place(ann()).unwrap());
    let not_alike = (422, "trade.orders_not_alike".to_owned());
    assert_eq!(merge(&served, &[&one, &elsewhere]).refusal(), not_alike);
    assert_eq!(merge(&served, &[&one, &bob]).refusal(), not_alike);
    assert_eq!(merge(&served, &[&one, &unpaid]).refusal(), (422, "trade.order_not_mergeable".into()));
    assert_eq!(merge(&served, &[&one, &one]).refusal(), (400, "request.invalid".into()));
    assert_eq!(merge(&served, &[&one]).refusal(), (400, "request.invalid".into()));
    let missing = json!({"order_id": "none", "version": 1});
    assert_eq!(merge(&served, &[&one, &missing]).refusal(), (404, "trade.order_not_found".into()));
    let old = json!({"order_id": two["order_id"], "version": 1});
    assert_eq!(merge(&served, &[&one, &old]).refusal(), (409, "trade.order_conflict".into()));
    served.sandbox.review_order(id(&bob), ReviewVerdict::Start).unwrap();
    assert_eq!(merge(&served, &[&one, &order(&served, id(&bob))]).refusal(), (422, "trade.order_on_hold".into()));
    buyer.request_refund(id(&elsewhere), RefundRequest::new()).unwrap();
    let asked = order(&served, id(&elsewhere));
    assert_eq!(merge(&served, &[&one, &asked]).refusal(), (422, "trade.order_has_refunds".into()));
    assert_eq!((order(&served, id(&one)), order(&served, id(&two))), (one.clone(), two.clone()));
    assert_eq!(merge(&served, &[&two, &one]).status, 201);
}

#[test]
fn waybills_go_with_a_merged_order_and_keep_an_order_whole() {
    let served = Served::of_examples();
    let (first, second) = (order(&served, "T1000002"), order(&served, "T1000307"));
    let line = json!([{"line_id": first["lines"][0]["line_id"]}]);
    let refused = split(&served, &first, line.clone());
    assert_eq!(refused.refusal(), (422, "trade.order_has_waybills".to_owned()));

    let merged = merge(&served, &[&first, &second]).ok();
    let waybill = served.get("/logistics/v1/waybills/W1000001").ok();
    assert_eq!((&waybill["order_id"], waybill["version"].as_u64()), (&merged["order_id"], Some(2)));
    let line = json!([{"line_id": merged["lines"][0]["line_id"]}]);
    assert_eq!(split(&served, &merged, line.clone()).refusal(), (422, "trade.order_has_waybills".to_owned()));
    served.request("POST", "/logistics/v1/waybills/W1000001/cancel").send().ok();
    split(&served, &merged, line).ok();
    let waybill = served.get("/logistics/v1/waybills/W1000001").ok();
    assert_eq!(waybill["order_id"], merged["order_id"], "a cancelled one belongs to what it was cancelled for");
}
