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

/// A transport that a proxy with a mind of its own stands behind: it adds a prefix to each path.
#[derive(Debug)]
struct Rewriting<T>(T);

#[async_trait::async_trait]
impl<T: ecloud::transport::Transport> ecloud::transport::Transport for Rewriting<T> {
    async fn send(
        &self,
        mut request: http::Request<ecloud::transport::Body>,
    ) -> Result<http::Response<ecloud::transport::Body>, ecloud::transport::TransportError> {
        let rewritten = request.uri().to_string().replace("/product/v1/items", "/product/v2/items");
        *request.uri_mut() = rewritten.parse().unwrap();
        self.0.send(request).await
    }
}

#[tokio::test]
async fn a_signature_that_does_not_match_says_what_was_signed_and_where_the_platform_read_something_else() {
    let (sandbox, _) = sandbox().await;
    let client = sandbox.client().transport(Rewriting(sandbox.transport())).build().unwrap();
    let error = Product::new(&client).items().list().page_size(5).send().await.unwrap_err();
    let trace = error.signature_trace().unwrap();
    let difference = trace.difference().unwrap();
    assert_eq!(difference.part, "path");
    assert_eq!((difference.signed, difference.expected), (Some("/product/v1/items"), Some("/product/v2/items")));
    assert!(error.to_string().contains("path differs: `/product/v1/items` was signed"), "{error}");
    assert!(trace.to_string().contains("query      page_size=5"), "{trace}");

    let client = sandbox.client().app(sandbox.app_key(), "the secret of another environment").build().unwrap();
    let error = Product::new(&client).items().list().send().await.unwrap_err();
    let trace = error.signature_trace().unwrap();
    assert_eq!(trace.difference(), None);
    assert!(error.to_string().contains("so the secrets differ"), "{error}");
    let ours = sandbox.client().build().unwrap();
    let request = Product::new(&ours).items().list().request();
    assert_ne!(request.explain().unwrap().key_fingerprint(), trace.key_fingerprint());
    for shown in [error.to_string(), format!("{error:?}"), trace.to_string(), format!("{trace:?}")] {
        assert!(!shown.contains(sandbox.access_token()) && !shown.contains("another environment"), "{shown}");
    }
}
