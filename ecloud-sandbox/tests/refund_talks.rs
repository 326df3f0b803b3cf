//! Refunds beyond yes and no: other amounts, more time, messages, the history, many at once, and what has changed.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_sandbox::{Purchase, RefundRequest, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const SKU: &str = "S1000001-1";
const DAY: Duration = Duration::from_secs(86_400);

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

/// A refund that waits for the seller, and the order that it is about.
fn asked(served: &Served) -> (Value, String) {
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new()).unwrap();
    (refund(served, &id), order_id)
}

fn refund(served: &Served, id: &str) -> Value {
    served.get(&format!("/trade/v1/refunds/{id}")).ok()
}

fn id(refund: &Value) -> &str {
    refund["refund_id"].as_str().unwrap()
}

fn act(served: &Served, refund: &Value, verb: &str, mut input: Value) -> Response {
    input["version"] = refund["version"].clone();
    served.post(&format!("/trade/v1/refunds/{}/{verb}", id(refund)), input)
}

fn propose(served: &Served, refund: &Value, amount: i64) -> Response {
    let amount = json!({"amount": amount, "currency": "CNY"});
    act(served, refund, "propose", json!({"amount": amount, "explanation": "It is only scratched."}))
}

#[test]
fn the_buyer_gets_what_was_proposed_once_he_accepts_it() {
    let served = strategic();
    let (asked, order_id) = asked(&served);
    let full = asked["amount"]["amount"].as_i64().unwrap();
    for wrong in [0, full, full + 1] {
        assert_eq!(propose(&served, &asked, wrong).refusal(), (422, "trade.refund_proposal_invalid".into()), "{wrong}");
    }
    let proposed = propose(&served, &asked, 101).ok();
    assert_eq!((proposed["status"].as_str(), &proposed["amount"]), (Some("wait_buyer_answer"), &asked["amount"]));
    assert_eq!(proposed["proposal"]["amount"]["amount"], 101);
    assert_eq!(propose(&served, &asked, 102).refusal(), (409, "trade.refund_conflict".into()));
    assert_eq!(propose(&served, &proposed, 102).refusal(), (422, "trade.refund_not_negotiable".into()));

    served.sandbox.buyer().answer_proposal(id(&asked), true).unwrap();
    let done = refund(&served, id(&asked));
    assert_eq!((done["status"].as_str(), done["amount"]["amount"].as_i64()), (Some("succeeded"), Some(101)));
    let order = served.get(&format!("/trade/v1/orders/{order_id}")).ok();
    assert_eq!((order["status"].as_str(), order["amounts"]["refunded"]["amount"].as_i64()), (Some("paid"), Some(101)));
    assert!(served.sandbox.buyer().answer_proposal(id(&asked), true).is_err(), "nothing is proposed any more");
}

#[test]
fn a_proposal_that_is_declined_changes_nothing_and_one_without_an_answer_closes() {
    let served = strategic();
    let (asked, _) = asked(&served);
    propose(&served, &asked, 101).ok();
    served.control("POST", &format!("/refunds/{}/decline", id(&asked)), None).ok();
    let declined = refund(&served, id(&asked));
    assert_eq!((declined["status"].as_str(), &declined["amount"]), (Some("wait_seller"), &asked["amount"]));
    propose(&served, &declined, 102).ok();
    served.clock.advance(7 * DAY);
    assert_eq!(refund(&served, id(&asked))["status"], "closed");
}

#[test]
fn a_proposal_for_goods_that_come_back_names_where_they_go() {
    let served = strategic();
    let order_id = served.sandbox.buyer().buy(Purchase::new(SKU, 2)).unwrap();
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": "SF0000000000001"});
    served.post("/logistics/v1/shipments", input).ok();
    let refund_id = served.sandbox.buyer().request_refund(&order_id, RefundRequest::new().returns_goods()).unwrap();
    let asked = refund(&served, &refund_id);
    let amount = json!({"amount": 101, "currency": "CNY"});
    let nowhere = json!({"amount": amount, "explanation": "It is used.", "return_address_id": "A9999999"});
    assert_eq!(
        act(&served, &asked, "propose", nowhere).refusal(),
        (404, "logistics.address_not_found".into()),
        "before anything else"
    );
    let proposed = propose(&served, &asked, 101).ok();
    served.sandbox.buyer().answer_proposal(&refund_id, true).unwrap();
    let accepted = refund(&served, &refund_id);
    assert_eq!(
        (accepted["status"].as_str(), accepted["amount"]["amount"].as_i64()),
        (Some("wait_buyer_return"), Some(101))
    );
    assert_eq!(accepted["return_address_id"], proposed["proposal"]["return_address_id"]);
    assert!(accepted["return_address_id"].is_string());
}

#[test]
fn the_seller_gets_more_time_once() {
    let served = strategic();
    let (asked, _) = asked(&served);
    let deadline: Timestamp = asked["respond_by"].as_str().unwrap().parse().unwrap();
    let extended = act(&served, &asked, "extend-deadline", json!({})).ok();
    assert_eq!(extended["respond_by"], json!(deadline + 3 * DAY));
    assert_eq!(act(&served, &asked, "extend-deadline", json!({})).refusal(), (409, "trade.refund_conflict".into()));
    let again = act(&served, &extended, "extend-deadline", json!({}));
    assert_eq!(again.refusal(), (422, "trade.refund_extended_already".into()));
    served.clock.advance(2 * DAY);
    assert_eq!(refund(&served, id(&asked))["status"], "wait_seller", "the old deadline is none any more");
    served.clock.advance(3 * DAY);
    let over = refund(&served, id(&asked));
    assert_eq!(over["status"], "succeeded");
    assert_eq!(
        act(&served, &over, "extend-deadline", json!({})).refusal(),
        (422, "trade.refund_not_extendable".into())
    );
}

#[test]
fn both_sides_write_until_the_refund_has_ended() {
    let served = strategic();
    let (asked, _) = asked(&served);
    let messages = format!("/trade/v1/refunds/{}/messages", id(&asked));
    served.sandbox.buyer().write_about_refund(id(&asked), "It is scratched.").unwrap();
    served.clock.advance(Duration::from_secs(60));
    let unknown = json!({"text": "It wasn't.", "media_ids": ["M9999999"]});
    assert_eq!(served.post(&messages, unknown).refusal(), (404, "product.medium_not_found".into()));
    let answer = served.post(&messages, json!({"text": "It wasn't."}));
    assert_eq!((answer.status, answer.json()["author"].as_str()), (201, Some("seller")));
    let page = served.get(&messages).ok();
    let authors: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|message| message["author"].as_str().unwrap()).collect();
    assert_eq!((authors, page["total"].as_i64()), (vec!["buyer", "seller"], Some(2)));
    assert_eq!(refund(&served, id(&asked))["version"], asked["version"], "a message changes no version");

    served.sandbox.buyer().withdraw_refund(id(&asked)).unwrap();
    assert_eq!(served.post(&messages, json!({"text": "Thanks."})).refusal(), (422, "trade.refund_not_open".into()));
    assert!(served.sandbox.buyer().write_about_refund(id(&asked), "Bye.").is_err());
}

#[test]
fn the_history_tells_each_step_by_whom_and_when() {
    let served = strategic();
    let (asked, _) = asked(&served);
    served.clock.advance(Duration::from_secs(60));
    propose(&served, &asked, 101).ok();
    served.sandbox.buyer().answer_proposal(id(&asked), false).unwrap();
    served.clock.advance(2 * DAY);
    let history = served.get(&format!("/trade/v1/refunds/{}/history", id(&asked))).ok();
    let steps: Vec<(&str, &str, &str, i64)> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap();
            (text("action"), text("actor"), text("status"), entry["version"].as_i64().unwrap())
        })
        .collect();
    let expected = [
        ("requested", "buyer", "wait_seller", 1),
        ("amount_proposed", "seller", "wait_buyer_answer", 2),
        ("proposal_declined", "buyer", "wait_seller", 3),
        ("timed_out", "platform", "succeeded", 4),
    ];
    assert_eq!(steps, expected);
    assert_eq!(history["items"][0]["occurred_at"], asked["created_at"]);
    assert_eq!(history["items"][3]["occurred_at"], refund(&served, id(&asked))["finished_at"]);
}

#[test]
fn a_memo_is_set_and_taken_away() {
    let served = strategic();
    let (asked, _) = asked(&served);
    let set =
        |memo: &str| served.write("PUT", &format!("/trade/v1/refunds/{}/memo", id(&asked)), json!({"memo": memo})).ok();
    let with = set("He called.");
    assert_eq!((with["memo"].as_str(), with["version"].as_i64()), (Some("He called."), Some(2)));
    assert_eq!(set("").get("memo"), None);
}

#[test]
fn each_refund_of_a_batch_is_agreed_to_on_its_own() {
    let served = strategic();
    let (first, _) = asked(&served);
    let (second, _) = asked(&served);
    let entry = |refund: &Value, version: Value| json!({"refund_id": id(refund), "version": version, "amount": refund["amount"]});
    let mut missing = entry(&first, json!(1));
    missing["refund_id"] = json!("R9999999");
    let mut off_by_one = entry(&second, second["version"].clone());
    off_by_one["amount"]["amount"] = json!(second["amount"]["amount"].as_i64().unwrap() - 1);
    let items = [
        entry(&first, first["version"].clone()),
        missing,
        entry(&second, json!(7)),
        off_by_one,
        // It has been agreed to by the first entry.
        entry(&first, json!(2)),
    ];
    let results = served.post("/trade/v1/refunds/batch-agree", json!({"items": items})).ok()["items"].clone();
    assert_eq!(results[0]["refund"]["status"], "succeeded");
    let codes: Vec<&str> =
        results.as_array().unwrap()[1..].iter().map(|result| result["error"]["code"].as_str().unwrap()).collect();
    let expected = [
        "trade.refund_not_found",
        "trade.refund_conflict",
        "trade.refund_amount_mismatch",
        "trade.refund_not_agreeable",
    ];
    assert_eq!(codes, expected);
    assert_eq!(refund(&served, id(&second)), second, "what failed has changed nothing");

    let ids = json!({"refund_ids": [id(&second), "R9999999"]});
    let found = served.post("/trade/v1/refunds/batch-get", ids).ok()["items"].clone();
    assert_eq!(found[0]["refund"], second);
    assert_eq!(found[1]["error"]["code"], "trade.refund_not_found");
}

#[test]
fn a_changed_refund_stands_once_in_the_window_of_its_latest_change() {
    let served = Served::with(|builder| builder.tier(Tier::Strategic).change_delay(Duration::ZERO));
    let (first, _) = asked(&served);
    let from = served.clock_now();
    served.clock.advance(Duration::from_secs(60));
    let (second, _) = asked(&served);
    served.clock.advance(Duration::from_secs(60));
    propose(&served, &first, 101).ok();
    served.clock.advance(Duration::from_secs(60));
    let page = served.get(&format!("/trade/v1/refunds/changes?modified_from={from}")).ok();
    let ids: Vec<&str> = page["items"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids, [id(&first), id(&second)]);
    assert_eq!(page["total"], 2);
}
