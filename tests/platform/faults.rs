//! A platform that fails on the way.

use std::time::Duration;

use ecloud::prelude::*;
use ecloud::{AttemptReason, Clock};
use ecloud_sandbox::Fault;

use crate::{client, sandbox};

#[tokio::test]
async fn a_burst_of_503_and_429_is_survived() {
    let (sandbox, _) = sandbox().await;
    sandbox.inject(Fault::status(503).next(2));
    sandbox.inject(Fault::status(429).retry_after(Duration::from_millis(300)).next(2));
    let answer = Product::new(client(&sandbox)).items().list().send_with_meta().await.unwrap();
    let reasons: Vec<_> = answer.meta.earlier_attempts().iter().map(|attempt| attempt.reason).collect();
    use AttemptReason::{Throttled, Transient};
    assert_eq!(reasons, [Transient, Transient, Throttled, Throttled]);
    assert!(answer.meta.elapsed() >= Duration::from_millis(600));
}

#[tokio::test]
async fn a_dropped_connection_is_survived() {
    let (sandbox, _) = sandbox().await;
    sandbox.inject(Fault::dropped_connection().next(3));
    let answer = Product::new(client(&sandbox)).items().list().send_with_meta().await.unwrap();
    assert_eq!(answer.meta.attempts(), 4);
}

#[tokio::test]
async fn pages_fail_in_the_middle_and_are_taken_up_again() {
    let (sandbox, _) = sandbox().await;
    let product = Product::new(client(&sandbox));
    let mut items = product.items().list().page_size(20).items();
    for _ in 0..20 {
        items.try_next().await.unwrap().unwrap();
    }
    sandbox.inject(Fault::status(503).without_body().next(5));
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Unavailable, 5));

    let mut rest = product.items().list().page_size(20).items().resume_from(&items.resume_token().unwrap()).unwrap();
    let mut count = 20;
    while rest.try_next().await.unwrap().is_some() {
        count += 1;
    }
    let total = product.items().list().page_size(1).send().await.unwrap().total;
    assert_eq!(count, total);
}

#[tokio::test]
async fn a_client_with_a_wrong_clock_corrects_it() {
    let (sandbox, clock) = sandbox().await;
    let behind = ecloud::ManualClock::new(clock.now() - Duration::from_secs(3600));
    let client = sandbox.client().clock(std::sync::Arc::new(behind)).build().unwrap();
    let product = Product::new(&client);
    let first = product.items().list().send_with_meta().await.unwrap();
    let second = product.items().list().send_with_meta().await.unwrap();
    assert_eq!((first.meta.attempts(), second.meta.attempts()), (2, 1));
    assert_eq!(first.meta.earlier_attempts()[0].reason, AttemptReason::Clock);
}
