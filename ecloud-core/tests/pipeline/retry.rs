//! When an attempt is made again, and when not.

use std::time::Duration;

use crate::platform::{Platform, Step, ok, status};
use ecloud_core::{
    AttemptReason, Backoff, Error, ErrorKind, FailedAttempt, Method, QuotaLimit, RetryPolicy, RetrySafety, Shop,
};
use serde_json::Value;

fn shop(platform: &Platform) -> Shop {
    platform.client().build().unwrap().for_shop("shop-1")
}

async fn read(shop: &Shop) -> Result<Value, Error> {
    shop.request(Method::GET, "/trade/v1/orders/T1").send().await
}

async fn write(shop: &Shop) -> Result<Value, Error> {
    shop.request(Method::POST, "/trade/v1/orders/T1/close")
        .json(&serde_json::json!({"reason": "out_of_stock"}))
        .send()
        .await
}

#[tokio::test]
async fn each_transient_answer_is_tried_again_with_a_fresh_nonce_and_the_same_key() {
    for code in [429, 500, 502, 503, 504] {
        let platform = Platform::new([status(code), status(code)]);
        assert_eq!(write(&shop(&platform)).await.unwrap()["order_id"], "T1", "{code}");
        let seen = platform.seen();
        assert_eq!(seen.len(), 3, "{code}");
        assert!(seen[0].nonce != seen[1].nonce && seen[1].nonce != seen[2].nonce);
        assert!(
            seen[0].idempotency_key.is_some() && seen.iter().all(|one| one.idempotency_key == seen[0].idempotency_key)
        );
    }
}

#[tokio::test]
async fn two_calls_have_two_keys() {
    let platform = Platform::new([]);
    let shop = shop(&platform);
    write(&shop).await.unwrap();
    write(&shop).await.unwrap();
    let seen = platform.seen();
    assert_ne!(seen[0].idempotency_key, seen[1].idempotency_key);
}

#[tokio::test]
async fn no_other_refusal_is_tried_again() {
    for (code, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthenticated),
        (403, ErrorKind::Denied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (413, ErrorKind::InvalidRequest),
        (415, ErrorKind::InvalidRequest),
        (422, ErrorKind::Rejected),
        (501, ErrorKind::Unavailable),
        (302, ErrorKind::InvalidResponse),
    ] {
        let platform = Platform::new([status(code)]);
        let error = read(&shop(&platform)).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(code)), "{code}");
        assert_eq!(platform.seen().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn the_attempt_limit_ends_the_call_with_its_whole_history() {
    let platform = Platform::new([Step::Refuse, Step::BreakOff]).otherwise(status(503));
    let error = read(&shop(&platform)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(platform.seen().len(), 5);
    let reasons: Vec<_> = error.attempts().iter().map(|attempt| attempt.reason).collect();
    use AttemptReason::{NotSent, OutcomeUnknown, Transient};
    assert_eq!(reasons, [NotSent, OutcomeUnknown, Transient, Transient, Transient]);
    assert_eq!(error.attempts()[4].delay, Duration::ZERO);
    assert_eq!(error.attempts()[4].status, Some(503));
    assert!(error.to_string().ends_with("(status 503) after 5 attempts"), "{error}");
}

#[tokio::test]
async fn waits_are_jittered_and_bounded() {
    let platform = Platform::new([]).otherwise(status(503));
    let error = read(&shop(&platform)).await.unwrap_err();
    for (attempt, bound) in error.attempts().iter().zip([100, 200, 400, 800]) {
        assert!(attempt.delay <= Duration::from_millis(bound), "{:?}", attempt.delay);
    }
    let waited: Duration = error.attempts().iter().map(|attempt| attempt.delay).sum();
    assert_eq!(platform.clock.slept(), waited);
    assert!(waited > Duration::ZERO);
}

#[tokio::test]
async fn what_the_server_asks_for_is_waited_out_in_full() {
    let asks = [("retry-after", "2"), ("x-ecloud-retry-after-ms", "1500")];
    let platform = Platform::new([Step::Answer(429, Box::leak(Box::new(asks)), ""), ok()]);
    read(&shop(&platform)).await.unwrap();
    let seen = platform.seen();
    let waited = seen[1].at.duration_since(seen[0].at).unwrap();
    assert!((1500..=1600).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_an_error_at_once() {
    let platform = Platform::new([Step::Answer(503, &[("retry-after", "61")], "")]);
    let error = read(&shop(&platform)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(error.message().contains("longer wait than the call's deadline"), "{error}");
    assert_eq!(platform.clock.slept(), Duration::ZERO);
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn one_calls_own_deadline_holds() {
    let platform = Platform::new([]).otherwise(Step::Answer(503, &[("x-ecloud-retry-after-ms", "400")], ""));
    let outcome = shop(&platform)
        .request(Method::GET, "/trade/v1/orders/T1")
        .with_timeout(Duration::from_secs(1))
        .send::<Value>()
        .await;
    outcome.unwrap_err();
    assert!(platform.clock.slept() <= Duration::from_secs(1), "{:?}", platform.clock.slept());
    assert!(platform.seen().len() <= 3);
}

#[tokio::test]
async fn with_the_policy_none_there_is_one_attempt() {
    let platform = Platform::new([]).otherwise(status(503));
    let client = platform.client().retry(RetryPolicy::none()).build().unwrap();
    read(&client.for_shop("shop-1")).await.unwrap_err();
    assert_eq!(platform.seen().len(), 1);
}

#[tokio::test]
async fn a_platform_that_always_fails_sees_little_more_than_its_load() {
    let platform = Platform::new([]).otherwise(status(503));
    let shop = shop(&platform);
    let mut said = 0;
    for _ in 0..10_000 {
        let error = read(&shop).await.unwrap_err();
        said += usize::from(error.message().contains("retry budget is used up"));
    }
    assert_eq!(platform.seen().len(), 10_100);
    assert!(said > 9_900, "{said}");
}

#[tokio::test]
async fn what_may_be_done_twice_is_only_sent_again_when_it_certainly_was_not_done() {
    let unsafe_write = |shop: Shop| async move {
        shop.request(Method::POST, "/trade/v1/orders/T1/close").retry_safety(RetrySafety::Never).send::<Value>().await
    };
    for (step, attempts) in [(Step::Refuse, 2), (status(429), 2), (Step::BreakOff, 1), (status(503), 1)] {
        let platform = Platform::new([step.clone()]);
        let outcome = unsafe_write(shop(&platform)).await;
        assert_eq!((platform.seen().len(), outcome.is_ok()), (attempts, attempts == 2), "{step:?}");
        if let Err(error) = outcome {
            assert!(error.is_outcome_unknown(), "{step:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_outcome_stays_unknown_until_the_operation_has_answered() {
    let platform = Platform::new([Step::BreakOff]).otherwise(Step::Refuse);
    let error = write(&shop(&platform)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert!(error.is_outcome_unknown());
    assert_eq!(error.idempotency_key(), platform.seen()[0].idempotency_key.as_deref());

    let platform = Platform::new([Step::BreakOff, status(422)]);
    assert!(!write(&shop(&platform)).await.unwrap_err().is_outcome_unknown());

    let platform = Platform::new([]).otherwise(Step::Refuse);
    assert!(!write(&shop(&platform)).await.unwrap_err().is_outcome_unknown());

    let platform = Platform::new([]).otherwise(Step::BreakOff);
    assert!(!read(&shop(&platform)).await.unwrap_err().is_outcome_unknown(), "a read leaves nothing to find out");
}

#[tokio::test]
async fn a_repeated_request_is_answered_by_one_new_attempt() {
    const REPLAYED: Step = Step::Answer(401, &[], r#"{"error":{"code":"auth.replayed","message":"seen"}}"#);
    let platform = Platform::new([REPLAYED]);
    write(&shop(&platform)).await.unwrap();
    assert_eq!(platform.seen().len(), 2);

    let platform = Platform::new([]).otherwise(REPLAYED);
    assert_eq!(write(&shop(&platform)).await.unwrap_err().code(), Some("auth.replayed"));
    assert_eq!(platform.seen().len(), 2);
}

#[tokio::test]
async fn a_write_that_is_still_under_way_is_waited_for() {
    let busy = r#"{"error":{"code":"idempotency.in_progress","message":"wait"}}"#;
    let headers = [("x-ecloud-retry-after-ms", "250")];
    let platform = Platform::new([Step::Answer(409, Box::leak(Box::new(headers)), busy)]);
    write(&shop(&platform)).await.unwrap();
    assert!(platform.clock.slept() >= Duration::from_millis(250));
}

#[tokio::test]
async fn one_calls_own_policy_counts_instead_of_the_clients() {
    let platform = Platform::new([]).otherwise(status(503));
    let request = shop(&platform).request(Method::GET, "/trade/v1/orders/T1");
    request.clone().with_retry(RetryPolicy::none()).send::<Value>().await.unwrap_err();
    assert_eq!(platform.seen().len(), 1);
    request.with_retry(RetryPolicy::standard().with_max_attempts(7)).send::<Value>().await.unwrap_err();
    assert_eq!(platform.seen().len(), 8);
}

/// Waits a second, then two, and gives up on what was never sent.
#[derive(Debug)]
struct Own;

impl Backoff for Own {
    fn wait(&self, failed: &FailedAttempt<'_>) -> Option<Duration> {
        assert!((0.0..1.0).contains(&failed.random) && !failed.remaining.is_zero());
        assert_eq!(failed.error.attempts().len(), 0, "the history is the call's");
        (failed.reason != AttemptReason::NotSent).then(|| Duration::from_secs(failed.number.into()))
    }
}

#[tokio::test]
async fn a_rule_of_the_callers_own_says_how_long_and_how_often() {
    let platform = Platform::new([status(503), status(500)]);
    let client = platform.client().retry(RetryPolicy::own(Own)).build().unwrap();
    read(&client.for_shop("shop-1")).await.unwrap();
    assert_eq!(platform.clock.slept(), Duration::from_secs(3));

    let platform = Platform::new([]).otherwise(Step::Refuse);
    let client = platform.client().retry(RetryPolicy::own(Own)).build().unwrap();
    read(&client.for_shop("shop-1")).await.unwrap_err();
    assert_eq!((platform.seen().len(), platform.clock.slept()), (1, Duration::ZERO));
}

#[tokio::test]
async fn a_rule_of_the_callers_own_can_not_do_a_write_twice_nor_outlast_the_call() {
    let platform = Platform::new([]).otherwise(Step::BreakOff);
    let client = platform.client().retry(RetryPolicy::own(Own).with_max_attempts(100)).build().unwrap();
    let shop = client.for_shop("shop-1");
    let write = shop.request(Method::POST, "/trade/v1/orders/T1/close").retry_safety(RetrySafety::Never);
    write.send::<Value>().await.unwrap_err();
    assert_eq!(platform.seen().len(), 1);
    read(&shop).await.unwrap_err();
    assert!(platform.clock.slept() <= Duration::from_secs(60), "{:?}", platform.clock.slept());
}

#[tokio::test]
async fn the_budget_is_seen_to_be_spent_and_paid_back() {
    let platform = Platform::new([status(503), Step::BreakOff]);
    let client = platform.client().build().unwrap();
    assert_eq!((client.retry_budget().available(), client.retry_budget().capacity()), (500, 500));
    read(&client.for_shop("shop-1")).await.unwrap();
    assert_eq!(client.retry_budget().available(), 500 - 5 - 10 + 10, "the retry that succeeded pays its price back");
    read(&client.for_shop("shop-1")).await.unwrap();
    assert_eq!(client.retry_budget().available(), 496);
}

#[tokio::test]
async fn an_adaptive_policy_slows_all_attempts_down_while_the_platform_throttles() {
    let platform = Platform::new([]);
    let client = platform.client().quota(QuotaLimit::UNLIMITED).retry(RetryPolicy::adaptive()).build().unwrap();
    let shop = client.for_shop("shop-1");
    for _ in 0..100 {
        platform.clock.advance(Duration::from_millis(10));
        read(&shop).await.unwrap();
    }
    assert_eq!(platform.clock.slept(), Duration::ZERO, "nothing is held back before the first refusal");
    let throttling = platform.clone().otherwise(status(429));
    for _ in 0..20 {
        read(&shop).await.unwrap_err();
    }
    let before = throttling.clock.slept();
    let refused = throttling.seen().len();
    throttling.otherwise(ok());
    read(&shop).await.unwrap();
    assert!(platform.clock.slept() - before >= Duration::from_secs(1), "one attempt in two seconds is left");
    // Answers bring the rate back, so that a hundred calls take far less than at the lowest rate.
    let before = platform.clock.slept();
    for _ in 0..100 {
        platform.clock.advance(Duration::from_millis(100));
        read(&shop).await.unwrap();
    }
    let waited = platform.clock.slept() - before;
    assert!(waited < Duration::from_secs(100), "{waited:?} after {refused} refusals");
}
