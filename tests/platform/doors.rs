//! The sandbox's other doors, and what only they can do.

use std::sync::Arc;

use ecloud::prelude::*;
use ecloud::{ManualClock, QuotaLimit, RetryPolicy};
use ecloud_sandbox::{Fault, Sandbox, Tier};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_memory_door_needs_no_network_and_no_time() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).build();
    let product = Product::new(sandbox.client().build().unwrap());
    for _ in 0..500 {
        let page = product.items().list().page_size(1).send_with_meta().await.unwrap();
        assert_eq!(page.meta.attempts(), 1, "the platform's bucket was never empty");
    }
    // 20 calls a second, after the first 40.
    assert!((22..=24).contains(&clock.slept().as_secs()), "{:?}", clock.slept());
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_asked_for_again() {
    let sandbox = Sandbox::builder().tier(Tier::Strategic).build();
    let server = sandbox.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
    let builder = || {
        Client::builder()
            .endpoint(server.endpoint())
            .app(sandbox.app_key(), sandbox.app_secret())
            .access_token(sandbox.access_token())
            .quota(QuotaLimit::STRATEGIC)
            .clock(Arc::new(ManualClock::new(sandbox.now())))
    };
    sandbox.inject(Fault::cut_body(100));
    let product = Product::new(builder().build().unwrap());
    let answer = product.items().list().send_with_meta().await.unwrap();
    assert_eq!(answer.meta.attempts(), 2);

    sandbox.inject(Fault::cut_body(100));
    let product = Product::new(builder().retry(RetryPolicy::none()).build().unwrap());
    let error = product.items().list().send().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(200)));
    assert!(error.message().starts_with("the answer was cut off"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_stopped_is_a_clear_error() {
    let sandbox = Sandbox::builder().build();
    let server = sandbox.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
    let client = Client::builder()
        .endpoint(server.endpoint())
        .app(sandbox.app_key(), sandbox.app_secret())
        .access_token(sandbox.access_token())
        .clock(Arc::new(ManualClock::new(sandbox.now())))
        .build()
        .unwrap();
    let product = Product::new(&client);
    product.items().list().send().await.unwrap();
    server.stop().await;
    let error = product.items().list().send().await.unwrap_err();
    assert_eq!(error.attempts().len(), 5, "{error}");
    assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
}
