//! Attempts wait their turn before they are sent.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use crate::platform::{Platform, Step, status};
use ecloud_core::{Client, Clock, Error, ErrorKind, ManualClock, Method, Pause, Quota, QuotaLimit, Shop, Timestamp};
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
    for _ in 0..36 {
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
    call(&shop, "trade.orders", 12).await.unwrap();
    let backoff = platform.clock.slept();
    call(&shop, "trade.orders", 20).await.unwrap();
    // 56 tokens of which 36 were there: the last 20 take a second, less what the back-off filled.
    let waited = (platform.clock.slept() - backoff) + backoff;
    assert!((Duration::from_millis(990)..Duration::from_millis(1010)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_refused_before_anything_is_sent() {
    let platform = Platform::new([]);
    let shop = platform.client().timeout(Duration::from_secs(1)).build().unwrap().for_shop("shop-1");
    call(&shop, "trade.orders", 36).await.unwrap();
    let error = call(&shop, "trade.orders", 36).await.unwrap_err();
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
    for _ in 0..175 {
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
        for _ in 0..46 {
            call(&shop, "trade.orders", 1).await.unwrap();
        }
        let waited = platform.clock.slept().as_millis();
        assert!((499..=501).contains(&waited), "{rate}: {waited}");
    }
}

#[tokio::test]
async fn an_absurdly_long_delay_holds_a_group_back_for_a_day_at_most() {
    let platform = Platform::new([Step::Answer(429, &[("retry-after", "99999999999999999999999")], "")]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    call(&shop, "trade.orders", 1).await.unwrap_err();
    assert_eq!(call(&shop, "trade.orders", 1).await.unwrap_err().retry_after(), Some(Duration::from_secs(86_400)));
    call(&shop, "trade.refunds", 1).await.unwrap();
    platform.clock.advance(Duration::from_secs(86_400));
    call(&shop, "trade.orders", 1).await.unwrap();
}

#[tokio::test]
async fn figures_that_come_twice_or_for_another_group_change_nothing() {
    const TWICE: &[(&str, &str)] = &[
        ("x-ecloud-quota-rate", "1"),
        ("x-ecloud-quota-rate", "100"),
        ("x-ecloud-quota-capacity", "40"),
        ("x-ecloud-quota-remaining", "0"),
        ("x-ecloud-quota-remaining", "1"),
    ];
    const ANOTHER: &[(&str, &str)] = &[
        ("x-ecloud-quota-group", "trade.refunds"),
        ("x-ecloud-quota-rate", "1"),
        ("x-ecloud-quota-capacity", "40"),
        ("x-ecloud-quota-remaining", "0"),
    ];
    for headers in [TWICE, ANOTHER] {
        let platform = Platform::new([]).otherwise(Step::Answer(200, headers, "{}"));
        let shop = platform.client().build().unwrap().for_shop("shop-1");
        for _ in 0..46 {
            call(&shop, "trade.orders", 1).await.unwrap();
        }
        let waited = platform.clock.slept().as_millis();
        assert!((499..=501).contains(&waited), "{waited}");
    }
}

#[tokio::test]
async fn where_the_platform_has_less_left_calls_wait() {
    const HEADERS: &[(&str, &str)] = &[("x-ecloud-quota-remaining", "0")];
    let platform = Platform::new([Step::Answer(200, HEADERS, "{}")]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for _ in 0..12 {
        call(&shop, "trade.orders", 1).await.unwrap();
    }
    // One token that rounding may have hidden, then 20 a second.
    let waited = platform.clock.slept().as_millis();
    assert!((499..=501).contains(&waited), "{waited}");
}

#[tokio::test]
async fn shops_have_quotas_of_their_own_where_the_client_says_so() {
    let platform = Platform::new([]);
    let by_shop = Quota::none().each_shop(QuotaLimit::window(2, Duration::from_secs(10)).unwrap());
    let client = platform.client().quota(by_shop).build().unwrap();
    for shop in ["shop-1", "shop-2", "shop-3"] {
        call(&client.for_shop(shop), "trade.orders", 1).await.unwrap();
        call(&client.for_shop(shop), "trade.refunds", 1).await.unwrap();
    }
    assert_eq!(platform.clock.slept(), Duration::ZERO);
    call(&client.for_shop("shop-1"), "trade.orders", 1).await.unwrap();
    assert_eq!(platform.clock.slept().as_secs(), 10);
}

#[tokio::test]
async fn callers_can_draw_on_the_quota_that_their_calls_draw_on() {
    let platform = Platform::new([]);
    let client = platform.client().build().unwrap();
    let draw = client.quota("trade.orders").weight(30);
    assert_eq!(draw.expected_wait(), Duration::ZERO);
    let permit = draw.try_now().unwrap();
    assert!(draw.try_now().is_none());
    assert_eq!(draw.expected_wait().as_millis(), 1200);
    let error = draw.deadline(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after().unwrap().as_millis()), (ErrorKind::Throttled, 1200));
    permit.settle(10);
    assert_eq!(draw.expected_wait().as_millis(), 200);
    draw.wait().await.give_back();
    assert_eq!(platform.clock.slept().as_millis(), 200);
    call(&client.for_shop("shop-1"), "trade.orders", 30).await.unwrap();
    assert_eq!(platform.clock.slept().as_millis(), 200);
}

/// A clock on which nobody's pause ends by itself.
#[derive(Debug)]
struct Still(ManualClock);
impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn sleep(&self, _: Duration) -> Pause {
        Box::pin(std::future::pending())
    }
    fn expiry(&self, at: Duration) -> Pause {
        self.0.expiry(at)
    }
}

fn client_on_a_still_clock(platform: &Platform, quota: impl Into<Quota>) -> Client {
    platform.client().quota(quota).clock(Arc::new(Still(platform.clock.clone()))).build().unwrap()
}

fn is_waiting(future: std::pin::Pin<&mut impl Future>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[tokio::test]
async fn a_dropped_wait_gives_its_place_back() {
    let platform = Platform::new([]);
    let client = client_on_a_still_clock(&platform, QuotaLimit::STANDARD);
    let draw = client.quota("trade.orders").weight(36);
    let _spent = draw.try_now().unwrap();
    let before = draw.expected_wait();
    {
        let mut waiting = pin!(draw.wait());
        assert!(is_waiting(waiting.as_mut()));
        let shop = client.for_shop("shop-1");
        let mut calling = pin!(call(&shop, "trade.orders", 36));
        assert!(is_waiting(calling.as_mut()));
        assert!(draw.expected_wait() > 2 * before);
    }
    assert_eq!(draw.expected_wait(), before);
}

#[tokio::test]
async fn a_wait_that_no_clock_can_hold_is_a_wait_and_no_busy_loop() {
    let platform = Platform::new([]);
    platform.clock.advance(Duration::from_secs(1));
    let limit = QuotaLimit::new(f64::MIN_POSITIVE, 2.0).unwrap();
    let draw = client_on_a_still_clock(&platform, limit).quota("trade.orders");
    let _spent = draw.try_now().unwrap();
    assert_eq!(draw.expected_wait(), Duration::MAX);
    draw.deadline(Duration::from_secs(86_400)).await.unwrap_err();
    assert!(is_waiting(pin!(draw.wait()).as_mut()));
}
