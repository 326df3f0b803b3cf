//! Attempts wait their turn before they are sent.

use std::time::Duration;

use crate::platform::{Platform, Step, status};
use ecloud_core::{Error, ErrorKind, Method, QuotaLimit, Shop};
use serde_json::Value;

async fn call(shop: &Shop, group: &'static str, weight: u32) -> Result<Value, Error> {
    shop.request(Method::GET, "/trade/v1/orders/T1").quota(group, weight).send().await
}

#[tokio::test]
async fn no_more_leaves_than_the_platform_would_take() {
    let platform = Platform::new([]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for _ in 0..100 {
        call(&shop, "trade.orders", 1).await.unwrap();
    }
    // The platform's own bucket, replayed: 40 at once, 20 a second.
    let (mut tokens, mut before) = (40.0_f64, crate::platform::start());
    for one in platform.seen() {
        tokens = (tokens + one.at.duration_since(before).unwrap().as_secs_f64() * 20.0).min(40.0) - 1.0;
        before = one.at;
        assert!(tokens >= 0.0);
    }
    assert_eq!(platform.clock.slept().as_secs(), 3);
}

#[tokio::test]
async fn groups_and_unlimited_clients_do_not_wait_for_each_other() {
    let platform = Platform::new([]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for _ in 0..39 {
        call(&shop, "trade.orders", 1).await.unwrap();
        call(&shop, "trade.refunds", 1).await.unwrap();
    }
    let unlimited = platform.client().quota(QuotaLimit::UNLIMITED).build().unwrap().for_shop("shop-1");
    for _ in 0..100 {
        call(&unlimited, "trade.orders", 1).await.unwrap();
    }
    assert_eq!(platform.clock.slept(), Duration::ZERO);
}

#[tokio::test]
async fn every_attempt_takes_its_tokens() {
    let platform = Platform::new([status(503), status(503)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    call(&shop, "trade.orders", 13).await.unwrap();
    let backoff = platform.clock.slept();
    call(&shop, "trade.orders", 20).await.unwrap();
    // 59 tokens of which 39 were there: the last 20 take a second, less what the back-off filled.
    let waited = (platform.clock.slept() - backoff) + backoff;
    assert!((Duration::from_millis(990)..Duration::from_millis(1010)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_refused_before_anything_is_sent() {
    let platform = Platform::new([]);
    let shop = platform.client().timeout(Duration::from_secs(1)).build().unwrap().for_shop("shop-1");
    call(&shop, "trade.orders", 39).await.unwrap();
    let error = call(&shop, "trade.orders", 39).await.unwrap_err();
    assert_eq!((error.kind(), platform.seen().len()), (ErrorKind::Throttled, 1));
    assert!(error.retry_after().unwrap() > Duration::from_secs(1));
    assert_eq!(platform.clock.slept(), Duration::ZERO);
}

#[tokio::test]
async fn a_429_holds_back_the_whole_group() {
    let platform = Platform::new([Step::Answer(429, &[("x-ecloud-retry-after-ms", "700")], "")]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let (first, second) = (call(&shop, "trade.orders", 1), call(&shop, "trade.orders", 1));
    first.await.unwrap();
    second.await.unwrap();
    let seen = platform.seen();
    assert!(seen[1].at.duration_since(seen[0].at).unwrap() >= Duration::from_millis(700));
}

#[tokio::test]
async fn what_the_platform_says_of_the_group_replaces_the_presets() {
    const HEADERS: &[(&str, &str)] = &[
        ("content-type", "application/json"),
        ("x-ecloud-quota-group", "trade.orders"),
        ("x-ecloud-quota-rate", "100"),
        ("x-ecloud-quota-capacity", "200"),
        ("x-ecloud-quota-remaining", "199"),
    ];
    let platform = Platform::new([]).otherwise(Step::Answer(200, HEADERS, "{}"));
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for _ in 0..190 {
        call(&shop, "trade.orders", 1).await.unwrap();
    }
    assert_eq!(platform.clock.slept(), Duration::ZERO);
}

#[tokio::test]
async fn nonsense_in_the_platforms_figures_changes_nothing() {
    for rate in ["NaN", "inf", "-1", "0", "", "1e400", "x"] {
        let headers = vec![("x-ecloud-quota-rate", rate), ("x-ecloud-quota-capacity", "40")];
        let platform = Platform::new([]).otherwise(Step::Answer(200, Box::leak(headers.into_boxed_slice()), "{}"));
        let shop = platform.client().build().unwrap().for_shop("shop-1");
        for _ in 0..49 {
            call(&shop, "trade.orders", 1).await.unwrap();
        }
        let waited = platform.clock.slept().as_millis();
        assert!((499..=501).contains(&waited), "{rate}: {waited}");
    }
}
