//! Daily statements and the account: what ended orders and refunds bring, to the minor unit.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_sandbox::{Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::Served;

const SKU: &str = "S1000001-1";
const DAY: Duration = Duration::from_secs(86_400);

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

/// An order of two pieces that the buyer has received.
fn received(served: &Served) -> Value {
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2).freight(777)).unwrap();
    let number = format!("SF{:0>13}", order_id.trim_start_matches('T'));
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number});
    served.post("/logistics/v1/shipments", input).ok();
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap()
}

fn minor(object: &Value, name: &str) -> i64 {
    object[name]["amount"].as_i64().unwrap()
}

/// Two in a hundred, rounded half up.
fn commission(net: i64) -> i64 {
    (net * 2 + 50) / 100
}

fn refunded(served: &Served, order_id: &str, amount: i64) -> String {
    let request = RefundRequest::new().amount(amount);
    let id = served.sandbox.buyer().request_refund(order_id, request).unwrap();
    let input = json!({"version": 1, "amount": {"amount": amount, "currency": "CNY"}});
    served.post(&format!("/trade/v1/refunds/{id}/agree"), input).ok();
    id
}

fn all(served: &Served, path: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let cursor_part = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page =
            served.get(&format!("{path}{}limit=30{cursor_part}", if path.contains('?') { "&" } else { "?" })).ok();
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return found,
        }
    }
}

fn lines(served: &Served, settlement: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for page in 1.. {
        let target =
            format!("/trade/v1/settlements/{}/lines?page_size=7&page={page}", text(settlement, "settlement_id"));
        let answer = served.get(&target).ok();
        found.extend(answer["items"].as_array().unwrap().iter().cloned());
        if found.len() as i64 >= answer["total"].as_i64().unwrap() {
            break;
        }
    }
    found
}

fn line_of(served: &Served, order_id: &str, kind: &str) -> (Value, Value) {
    let settlements = all(served, "/trade/v1/settlements");
    let found = settlements.iter().rev().find_map(|settlement| {
        let mut lines = lines(served, settlement).into_iter();
        let line = lines.find(|line| line["order_id"] == order_id && line["kind"] == kind)?;
        Some((settlement.clone(), line))
    });
    found.expect("the order is settled")
}

#[test]
fn an_order_is_settled_at_the_end_of_the_day_in_which_it_ended() {
    let served = strategic();
    let balance = || served.get("/trade/v1/account/balance").ok();
    let before = balance();
    let order = received(&served);
    let payment = minor(&order["amounts"], "payment");
    let after = balance();
    let earned = payment - commission(payment);
    assert_eq!(minor(&after, "unsettled") - minor(&before, "unsettled"), earned);
    assert_eq!(minor(&after, "held"), minor(&before, "held"), "it has ended");
    assert_eq!(after["available"], before["available"]);

    served.clock.advance(DAY);
    let (settlement, line) = line_of(&served, text(&order, "order_id"), "order");
    assert_eq!((minor(&line, "payment"), minor(&line, "refunded")), (payment, 0));
    assert_eq!((minor(&line, "commission"), minor(&line, "amount")), (commission(payment), earned));
    assert_eq!(line["occurred_at"], order["finished_at"]);
    let (from, to, at) = (text(&settlement, "period_from"), text(&settlement, "period_to"), text(&line, "occurred_at"));
    assert!(from <= at && at < to, "{from} {at} {to}");
    assert!(from.ends_with("T16:00:00.000Z") && to.ends_with("T16:00:00.000Z"), "midnight in UTC+8");
    assert_eq!(settlement["created_at"], settlement["period_to"]);
}

#[test]
fn what_was_refunded_before_the_end_lowers_the_line_and_what_is_refunded_later_has_its_own() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    refunded(&served, &order_id, 33);
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    let payment = minor(&served.get(&format!("/trade/v1/orders/{order_id}")).ok()["amounts"], "payment");
    served.clock.advance(DAY);
    let (first, line) = line_of(&served, &order_id, "order");
    let net = payment - 33;
    assert_eq!((minor(&line, "payment"), minor(&line, "refunded")), (payment, 33));
    assert_eq!((minor(&line, "commission"), minor(&line, "amount")), (commission(net), net - commission(net)));

    let refund_id = refunded(&served, &order_id, 57);
    served.clock.advance(DAY);
    let (second, line) = line_of(&served, &order_id, "refund");
    let returned = commission(net) - commission(net - 57);
    assert_eq!(line["refund_id"], json!(refund_id));
    assert_eq!((minor(&line, "payment"), minor(&line, "refunded")), (0, 57));
    assert_eq!((minor(&line, "commission"), minor(&line, "amount")), (-returned, returned - 57));
    assert!(text(&first, "period_to") <= text(&second, "period_from"), "an earlier statement never changes");

    let entries = all(&served, &format!("/trade/v1/account/flow?order_id={order_id}"));
    let flow: Vec<(&str, i64)> = entries.iter().map(|entry| (text(entry, "kind"), minor(entry, "amount"))).collect();
    let mut expected = vec![("order_income", net), ("commission", -commission(net)), ("refund", -57)];
    if returned > 0 {
        expected.push(("commission_return", returned));
    }
    assert_eq!(flow, expected);
}

#[test]
fn an_order_that_is_refunded_whole_before_it_ends_is_never_settled() {
    let served = strategic();
    let before = served.get("/trade/v1/account/balance").ok();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    let amount = served.get(&format!("/trade/v1/refunds/{id}")).ok()["amount"].clone();
    served.post(&format!("/trade/v1/refunds/{id}/agree"), json!({"version": 1, "amount": amount})).ok();
    assert_eq!(served.get("/trade/v1/account/balance").ok(), before);
}

#[test]
fn statements_are_the_sums_of_their_lines_and_the_account_the_sum_of_its_flow() {
    let served = strategic();
    let order = received(&served);
    refunded(&served, text(&order, "order_id"), 1);
    served.clock.advance(3 * DAY);
    let settlements = all(&served, "/trade/v1/settlements");
    assert!(settlements.len() > 5, "the demo shop has a history");
    let mut total = 0;
    for settlement in &settlements {
        let lines = lines(&served, settlement);
        assert_eq!(settlement["line_count"].as_i64(), Some(lines.len() as i64));
        for (of_settlement, of_line) in
            [("payment", "payment"), ("refunded", "refunded"), ("commission", "commission"), ("total", "amount")]
        {
            let sum: i64 = lines.iter().map(|line| minor(line, of_line)).sum();
            assert_eq!(minor(settlement, of_settlement), sum, "{of_settlement} of {settlement}");
        }
        for line in &lines {
            assert_eq!(
                minor(line, "amount"),
                minor(line, "payment") - minor(line, "refunded") - minor(line, "commission")
            );
        }
        total += minor(settlement, "total");
    }
    let mut balance = 0;
    let entries = all(&served, "/trade/v1/account/flow");
    for entry in &entries {
        balance += minor(entry, "amount");
        assert_eq!(minor(entry, "balance"), balance, "{entry}");
        assert_ne!(minor(entry, "amount"), 0);
    }
    assert_eq!(balance, total);
    assert_eq!(minor(&served.get("/trade/v1/account/balance").ok(), "available"), total);
    let places: Vec<(Timestamp, &str)> = entries
        .iter()
        .map(|entry| (text(entry, "created_at").parse().unwrap(), text(entry, "account_entry_id")))
        .collect();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "by time, then by identifier");
    let commissions = all(&served, "/trade/v1/account/flow?kind=commission");
    assert!(!commissions.is_empty() && commissions.iter().all(|entry| entry["kind"] == "commission"));
    let missing = served.get("/trade/v1/settlements/ST9999999/lines");
    assert_eq!(missing.refusal(), (404, "trade.settlement_not_found".into()));
}
