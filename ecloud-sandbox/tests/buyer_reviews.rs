//! What a shop says about its buyers: once for each line that it has sold.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Purchase, Tier};
use serde_json::{Value, json};
use support::{Response, Served};

const DAY: Duration = Duration::from_secs(86_400);

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

/// An order of two lines, shipped.
fn shipped(served: &Served) -> String {
    let purchase = Purchase::new("S1000001-1", 1).and("S1000002-1", 1).buyer("b-reviewed");
    let order_id = served.sandbox.buyer().buy(purchase).unwrap();
    let number = format!("SF{:0>13}", order_id.trim_start_matches('T'));
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": number});
    served.post("/logistics/v1/shipments", input).ok();
    order_id
}

fn review(order_id: &str, line: u32, rating: &str) -> Value {
    json!({"order_id": order_id, "line_id": format!("{order_id}-{line}"), "rating": rating})
}

fn write(served: &Served, input: Value) -> Response {
    served.post("/trade/v1/buyer-reviews", input)
}

#[test]
fn a_buyer_is_reviewed_once_for_each_line_that_he_has_received() {
    let served = strategic();
    let order_id = shipped(&served);
    let early = write(&served, review(&order_id, 1, "positive"));
    assert_eq!(early.refusal(), (422, "trade.line_not_reviewable".into()));
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    let mut praise = review(&order_id, 1, "positive");
    praise["text"] = json!("Paid at once.");
    let written = write(&served, praise);
    assert_eq!(written.status, 201);
    let written = written.json();
    assert_eq!((written["buyer_id"].as_str(), written["item_id"].as_str()), (Some("b-reviewed"), Some("I1000001")));
    let again = write(&served, review(&order_id, 1, "negative"));
    assert_eq!(again.refusal(), (422, "trade.review_exists".into()));
    assert_eq!(write(&served, review(&order_id, 2, "neutral")).status, 201);
    let id = written["buyer_review_id"].as_str().unwrap();
    assert_eq!(served.get(&format!("/trade/v1/buyer-reviews/{id}")).ok(), written);
    assert_eq!(served.get("/trade/v1/buyer-reviews/BR9999999").refusal(), (404, "trade.review_not_found".into()));
    let wrong = write(&served, review(&order_id, 1, "splendid"));
    assert_eq!(wrong.refusal(), (400, "request.invalid".into()));

    let list = |filter: &str| served.get(&format!("/trade/v1/buyer-reviews?{filter}")).ok()["items"].clone();
    assert_eq!(list(&format!("order_id={order_id}")).as_array().unwrap().len(), 2);
    assert_eq!(list("buyer_id=b-reviewed&rating=positive"), json!([written]));
}

#[test]
fn reviews_are_written_within_fifteen_days_of_the_receipt() {
    let served = strategic();
    let order_id = shipped(&served);
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    served.clock.advance(15 * DAY - Duration::from_millis(1));
    assert_eq!(write(&served, review(&order_id, 1, "positive")).status, 201);
    served.clock.advance(Duration::from_millis(1));
    let late = write(&served, review(&order_id, 2, "positive"));
    assert_eq!(late.refusal(), (422, "trade.line_not_reviewable".into()));
}

#[test]
fn each_review_of_a_batch_is_written_on_its_own() {
    let served = strategic();
    let order_id = shipped(&served);
    served.sandbox.buyer().confirm_receipt(&order_id).unwrap();
    let items = [
        review(&order_id, 1, "positive"),
        review("T9999999", 1, "positive"),
        review(&order_id, 3, "positive"),
        review(&order_id, 1, "neutral"),
        review(&order_id, 2, "neutral"),
    ];
    let results = served.post("/trade/v1/buyer-reviews/batch-create", json!({"items": items})).ok()["items"].clone();
    let outcome = |result: &Value| {
        result["review"]["rating"].as_str().or(result["error"]["code"].as_str()).unwrap_or_default().to_owned()
    };
    let outcomes: Vec<String> = results.as_array().unwrap().iter().map(outcome).collect();
    assert_eq!(
        outcomes,
        ["positive", "trade.order_not_found", "trade.line_not_found", "trade.review_exists", "neutral"]
    );
    assert_eq!(results[4]["line_id"], json!(format!("{order_id}-2")));
}
