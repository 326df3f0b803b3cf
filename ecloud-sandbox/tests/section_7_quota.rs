//! Protocol section 7: token buckets, on a clock that moves only when it is told.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::Tier;
use serde_json::json;
use support::Served;

const ORDER: &str = "/trade/v1/orders/T1000001";

#[test]
fn every_answer_from_the_quota_check_on_says_what_is_left() {
    let served = Served::start();
    let answer = served.get(ORDER);
    assert_eq!(answer.header("x-ecloud-quota-group"), Some("trade.orders"));
    assert_eq!(answer.number("x-ecloud-quota-rate"), 20);
    assert_eq!(answer.number("x-ecloud-quota-capacity"), 40);
    assert_eq!(answer.number("x-ecloud-quota-remaining"), 39);
    assert_eq!(served.get("/trade/v1/orders/none").number("x-ecloud-quota-remaining"), 38);
    assert_eq!(served.get("/trade/v1/orders?limit=0").number("x-ecloud-quota-remaining"), 37);
    assert_eq!(served.request("GET", ORDER).token("wrong").send().header("x-ecloud-quota-group"), None);
}

#[test]
fn an_operation_costs_its_weight() {
    let served = Served::start();
    let batch = served.post("/trade/v1/orders/batch-get", json!({"order_ids": ["T1000001"]}));
    assert_eq!(batch.number("x-ecloud-quota-remaining"), 35);
}

#[test]
fn the_wait_that_is_named_is_exactly_enough() {
    let served = Served::start();
    for _ in 0..40 {
        assert_eq!(served.get(ORDER).status, 200);
    }
    let refused = served.get(ORDER);
    assert_eq!(refused.refusal(), (429, "quota.exceeded".into()));
    assert_eq!(refused.number("x-ecloud-quota-remaining"), 0);
    assert_eq!(refused.number("x-ecloud-retry-after-ms"), 50);
    served.clock.advance(Duration::from_millis(49));
    let refused = served.get(ORDER);
    assert_eq!((refused.status, refused.number("x-ecloud-retry-after-ms")), (429, 1));
    served.clock.advance(Duration::from_millis(1));
    assert_eq!(served.get(ORDER).status, 200);
    assert_eq!(served.get(ORDER).status, 429);
}

#[test]
fn groups_and_applications_have_buckets_of_their_own() {
    let served = Served::start();
    for _ in 0..40 {
        served.get(ORDER);
    }
    assert_eq!(served.get(ORDER).status, 429);
    assert_eq!(served.get("/trade/v1/refunds?limit=1").status, 200);
    let app = json!({"app_key": "other", "app_secret": "other-secret", "tier": "advanced"});
    served.control("POST", "/apps", Some(app)).ok();
    let token = served.control("POST", "/tokens", Some(json!({"app_key": "other"}))).ok()["access_token"].clone();
    let answer = served.request("GET", ORDER).app("other", "other-secret").token(token.as_str().unwrap()).send();
    assert_eq!((answer.status, answer.number("x-ecloud-quota-remaining")), (200, 199));
}

#[test]
fn a_higher_tier_may_ask_for_more() {
    for (tier, rate, capacity) in [(Tier::Standard, 20, 40), (Tier::Advanced, 100, 200), (Tier::Strategic, 500, 1000)] {
        let served = Served::with(|builder| builder.tier(tier));
        let answer = served.get(ORDER);
        assert_eq!((answer.number("x-ecloud-quota-rate"), answer.number("x-ecloud-quota-capacity")), (rate, capacity));
    }
}
