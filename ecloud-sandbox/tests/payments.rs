//! Payments: they are in step with orders and refunds, through splits and merges.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ecloud_sandbox::{Grant, Payment, PaymentChannel, PaymentFailure, Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::Served;

const SKU: &str = "S1000001-1";
const HOUR: u64 = 3600;

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn order(served: &Served, order_id: &str) -> Value {
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn amount(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap()
}

/// All that a list holds.
fn all(served: &Served, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = served.get(&format!("{path}{}limit=100{cursor}", if path.contains('?') { '&' } else { '?' })).ok();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

fn payments(served: &Served, filter: &str) -> Vec<Value> {
    all(served, &format!("/trade/v1/payments?{filter}"))
}

/// Each payment's kind, status and share of an order, oldest first.
fn of_order(served: &Served, order_id: &str) -> Vec<(String, String, i64)> {
    let told = |payment: &Value| {
        let share = payment["orders"].as_array().unwrap().iter().find(|share| share["order_id"] == order_id).unwrap();
        let text = |field: &str| payment[field].as_str().unwrap().to_owned();
        (text("kind"), text("status"), amount(&share["amount"]))
    };
    payments(served, &format!("order_id={order_id}")).iter().map(told).collect()
}

fn of(kind: &str, status: &str, amount: i64) -> (String, String, i64) {
    (kind.to_owned(), status.to_owned(), amount)
}

fn refund(served: &Served, order_id: &str, request: RefundRequest) -> String {
    let refund_id = served.sandbox.buyer().request_refund(order_id, request).unwrap();
    let refund = served.get(&format!("/trade/v1/refunds/{refund_id}")).ok();
    let agreement = json!({"version": refund["version"], "amount": refund["amount"]});
    served.post(&format!("/trade/v1/refunds/{refund_id}/agree"), agreement).ok();
    refund_id
}

/// What was paid and given back of every order is the sum of its shares.
fn check(served: &Served) {
    let mut moved: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for payment in all(served, "/trade/v1/payments") {
        let shares = payment["orders"].as_array().unwrap();
        assert_eq!(shares.iter().map(|share| amount(&share["amount"])).sum::<i64>(), amount(&payment["amount"]));
        for share in shares.iter().filter(|_| payment["status"] != "failed") {
            let (paid, refunded) = moved.entry(share["order_id"].as_str().unwrap().to_owned()).or_default();
            *if payment["kind"] == "payment" { paid } else { refunded } += amount(&share["amount"]);
        }
    }
    for order in all(served, "/trade/v1/orders") {
        let (paid, refunded) = moved.remove(order["order_id"].as_str().unwrap()).unwrap_or_default();
        let amounts = &order["amounts"];
        assert_eq!((paid, refunded), (amount(&amounts["paid"]), amount(&amounts["refunded"])), "{order}");
    }
    assert!(moved.is_empty(), "{moved:?}");
}

#[test]
fn the_payments_of_the_seeded_shop_add_up_to_its_orders() {
    let served = strategic();
    check(&served);
    for filter in ["kind=refund&status=succeeded", "status=failed", "kind=payment&status=succeeded"] {
        assert!(!payments(&served, filter).is_empty(), "{filter}");
    }
    let channels: BTreeSet<String> =
        payments(&served, "").iter().map(|payment| payment["channel"].as_str().unwrap().to_owned()).collect();
    assert_eq!(channels, BTreeSet::from(["app", "mini_program", "web"].map(str::to_owned)));
}

#[test]
fn a_payment_is_told_as_the_order_tells_it() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let order_id = buyer.place(Purchase::new(SKU, 2).freight(300)).unwrap();
    assert_eq!(of_order(&served, &order_id), []);
    let failed = buyer.fail_to_pay(&order_id, Payment::BankCard, PaymentFailure::InsufficientFunds).unwrap();
    assert_eq!(order(&served, &order_id)["status"], "wait_payment");
    buyer.pay_through(&order_id, Payment::BankTransfer, PaymentChannel::Web).unwrap();
    let told = order(&served, &order_id);
    let paid = amount(&told["amounts"]["paid"]);
    assert_eq!(of_order(&served, &order_id), [of("payment", "failed", paid), of("payment", "succeeded", paid)]);

    let failed = served.get(&format!("/trade/v1/payments/{failed}")).ok();
    assert_eq!((failed["failure"].as_str(), failed.get("paid_at")), (Some("insufficient_funds"), None));
    let payment = &payments(&served, &format!("order_id={order_id}&status=succeeded"))[0];
    assert_eq!((payment["method"].as_str(), payment["channel"].as_str()), (Some("bank_transfer"), Some("web")));
    assert_eq!(payment["method"], told["payment_info"]["method"]);
    assert_eq!(payment["payment_number"], told["payment_info"]["payment_number"]);
    assert_eq!(payment["paid_at"], told["paid_at"]);
    let again = buyer.fail_to_pay(&order_id, Payment::Wallet, PaymentFailure::Declined).unwrap_err();
    assert_eq!(again.code(), "sandbox.impossible");
    assert_eq!(served.get("/trade/v1/payments/none").refusal(), (404, "trade.payment_not_found".into()));
}

#[test]
fn what_a_refund_gives_back_is_on_its_way_and_arrives() {
    let served = strategic();
    let order_id = served.sandbox.buyer().place(Purchase::new(SKU, 2)).unwrap();
    served.sandbox.buyer().pay(&order_id, Payment::Credit).unwrap();
    let paid = amount(&order(&served, &order_id)["amounts"]["paid"]);
    let refund_id = refund(&served, &order_id, RefundRequest::new().amount(100));
    assert_eq!(amount(&order(&served, &order_id)["amounts"]["refunded"]), 100, "it counts at once");
    let back = payments(&served, &format!("refund_id={refund_id}"))[0].clone();
    assert_eq!((back["status"].as_str(), back.get("paid_at"), amount(&back["amount"])), (Some("pending"), None, 100));
    assert_eq!(
        (back["method"].as_str(), &back["refund_of"]),
        (Some("credit"), &payments(&served, &format!("order_id={order_id}"))[0]["payment_id"])
    );
    served.clock.advance(Duration::from_secs(23 * HOUR));
    assert_eq!(of_order(&served, &order_id)[1], of("refund", "pending", 100));
    served.clock.advance(Duration::from_secs(HOUR));
    let arrived = served.get(&format!("/trade/v1/payments/{}", back["payment_id"].as_str().unwrap())).ok();
    assert_eq!((arrived["status"].as_str(), arrived["version"].as_u64()), (Some("succeeded"), Some(2)));
    refund(&served, &order_id, RefundRequest::new());
    assert_eq!(of_order(&served, &order_id)[2], of("refund", "pending", paid - 100));
    check(&served);

    let wallet = served.sandbox.buyer().buy(Purchase::new(SKU, 1)).unwrap();
    refund(&served, &wallet, RefundRequest::new());
    served.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(of_order(&served, &wallet)[1].1, "succeeded");
}

#[test]
fn payments_follow_orders_that_are_merged_and_split() {
    let served = strategic();
    let buyer = served.sandbox.buyer();
    let buy = |pieces: u32, freight: u32| {
        let order_id = buyer.buy(Purchase::new(SKU, pieces).freight(freight)).unwrap();
        let told = order(&served, &order_id);
        (order_id, amount(&told["amounts"]["paid"]), told["version"].clone())
    };
    let (first, one, version) = buy(1, 101);
    served.clock.advance(Duration::from_secs(60));
    let (second, two, second_version) = buy(2, 0);
    let orders = json!([{"order_id": first, "version": version}, {"order_id": second, "version": second_version}]);
    let united = served.post("/trade/v1/orders/merge", json!({"orders": orders})).ok();
    let united_id = united["order_id"].as_str().unwrap();
    assert_eq!(of_order(&served, united_id), [of("payment", "succeeded", one), of("payment", "succeeded", two)]);
    assert_eq!((of_order(&served, &first), of_order(&served, &second)), (vec![], vec![]));
    check(&served);

    let lines = json!([{"line_id": format!("{united_id}-2"), "quantity": 1}]);
    let body = json!({"version": united["version"], "lines": lines});
    let parts = served.post(&format!("/trade/v1/orders/{united_id}/split"), body).ok()["orders"].clone();
    check(&served);
    let part = parts[1]["order_id"].as_str().unwrap();
    let shares: Vec<i64> = of_order(&served, part).iter().map(|(_, _, share)| *share).collect();
    assert_eq!((shares.len(), shares.iter().sum::<i64>()), (2, amount(&parts[1]["amounts"]["paid"])));

    // It goes back the way that it came, the earliest first.
    let price = amount(&parts[1]["lines"][0]["payment"]);
    let line = |number: u32| RefundRequest::new().line(format!("{part}-{number}"));
    assert!(shares[0] < 2 * price, "the second refund needs both payments");
    let refunds = [refund(&served, part, line(1)), refund(&served, part, line(2))];
    let back = |refund_id: &str| -> Vec<i64> {
        payments(&served, &format!("refund_id={refund_id}")).iter().map(|it| amount(&it["amount"])).collect()
    };
    let first_back = back(&refunds[0]);
    assert_eq!((first_back.iter().sum::<i64>(), first_back[0]), (price, price.min(shares[0])));
    assert_eq!(back(&refunds[1]).iter().sum::<i64>(), amount(&parts[1]["lines"][1]["payment"]));
    check(&served);
    served.clock.advance(Duration::from_secs(48 * HOUR));
    check(&served);
}

#[test]
fn changed_payments_are_listed_by_their_latest_change() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let refund_id = refund(&served, &order_id, RefundRequest::new());
    let from = served.clock_now();
    served.clock.advance(Duration::from_secs(HOUR));
    let path = format!("/trade/v1/payments/changes?modified_from={}&page_size=100", (from + Duration::from_secs(60)));
    let page = served.get(&path).ok();
    let mine: Vec<&Value> =
        page["items"].as_array().unwrap().iter().filter(|it| it["refund_id"] == refund_id.as_str()).collect();
    assert_eq!(mine.len(), 1, "the payment that arrived after ten minutes");
    assert_eq!((mine[0]["status"].as_str(), mine[0]["version"].as_u64()), (Some("succeeded"), Some(2)));
    let all = all(&served, &format!("/trade/v1/payments?order_id={order_id}"));
    assert!(page["items"].as_array().unwrap().iter().all(|it| it["payment_id"] != all[0]["payment_id"]));
}

#[test]
fn what_was_paid_in_another_shop_is_not_found() {
    let served = strategic();
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let theirs = served.request("GET", "/trade/v1/payments?limit=1").token(&token).send().ok()["items"][0].clone();
    let path = format!("/trade/v1/payments/{}", theirs["payment_id"].as_str().unwrap());
    assert_eq!(served.request("GET", &path).token(&token).send().status, 200);
    assert_eq!(served.get(&path).refusal(), (404, "trade.payment_not_found".into()));
}
