//! Tokens of shops, from the owner's agreement to the end of the authorisation, with the sandbox's authorisation server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecloud::blocking::{Wait, block_on};
use ecloud::prelude::*;
use ecloud::token::{ReauthReason, ReauthRequired, TokenPolicy};
use ecloud::{AttemptReason, Json, ManualClock, Method, QuotaLimit, RetryPolicy, Tokens};
use ecloud_sandbox::{Fault, Grant, Sandbox, Tier};

use crate::sandbox;

type Events = Arc<Mutex<Vec<ReauthRequired>>>;

/// Tokens of a shop that has authorised the application, and a client that takes them.
async fn authorised(sandbox: &Sandbox, shop: &str) -> (Client, Tokens, Events) {
    let oauth = sandbox.oauth().build().unwrap();
    let pending = oauth.begin(["trade:read"]).unwrap();
    let query = sandbox.authorize(pending.url(), Grant::new(shop)).unwrap();
    let pair = oauth.exchange(pending.accept(&query).unwrap()).await.unwrap();
    assert_eq!((pair.shop_id(), pair.scope()), (Some(shop), Some("trade:read")));
    let events = Events::default();
    let listener = events.clone();
    let tokens = Tokens::builder(oauth)
        .policy(TokenPolicy::default())
        .on_reauth_required(move |event| listener.lock().unwrap().push(event.clone()))
        .build();
    tokens.put(shop, pair).await.unwrap();
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).tokens(tokens.clone()).build().unwrap();
    (client, tokens, events)
}

async fn orders(client: &Client, shop: &str) -> Result<Json, Error> {
    client.for_shop(shop).request(Method::GET, "/trade/v1/orders").send().await
}

fn expire(clock: &ManualClock) {
    clock.advance(Duration::from_secs(2 * 3600 + 1));
}

async fn thousand(client: &Client) {
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { orders(&client, "shop-7").await.map(drop).map_err(|error| error.to_string()) })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn a_thousand_tasks_on_one_expired_shop_are_one_refresh_at_the_platform() {
    let (sandbox, clock) = sandbox().await;
    let (client, ..) = authorised(&sandbox, "shop-7").await;
    expire(&clock);
    thousand(&client).await;
    assert_eq!(sandbox.refreshes("shop-7"), 1);
}

#[test]
fn threads_without_a_runtime_that_wait_on_one_expired_shop_are_one_refresh_too() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let (sandbox, client) = block_on(async {
        let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).start().await;
        let (client, ..) = authorised(&sandbox, "shop-7").await;
        (sandbox, client)
    })
    .unwrap();
    expire(&clock);
    let trade = Trade::new(client.for_shop("shop-7"));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| trade.orders().list().limit(1).send().wait().unwrap());
        }
    });
    assert_eq!(sandbox.refreshes("shop-7"), 1);
}

#[tokio::test]
async fn a_thousand_tasks_on_a_token_that_was_ended_early_are_one_refresh_at_the_platform() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock)).build();
    let (client, ..) = authorised(&sandbox, "shop-7").await;
    orders(&client, "shop-7").await.unwrap();
    sandbox.expire_tokens("shop-7");
    thousand(&client).await;
    assert_eq!(sandbox.refreshes("shop-7"), 1);
}

#[tokio::test]
async fn lost_slow_and_failing_refreshes_are_got_over() {
    for fault in [
        Fault::dropped_connection().after_effect().next(1),
        Fault::dropped_connection().after_effect().next(3),
        Fault::dropped_connection().next(2),
        Fault::delay(Duration::from_secs(8)).next(1),
        Fault::status(503).next(4),
        Fault::status(429).retry_after(Duration::from_secs(5)).next(1),
        Fault::cut_body(20).after_effect().next(1),
    ] {
        let (sandbox, clock) = sandbox().await;
        let (client, _, events) = authorised(&sandbox, "shop-7").await;
        expire(&clock);
        sandbox.inject(fault.clone().path_prefix("/oauth2/token"));
        orders(&client, "shop-7").await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        expire(&clock);
        orders(&client, "shop-7").await.unwrap_or_else(|error| panic!("{fault:?}, the next one: {error}"));
        assert!(events.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_life_that_is_told_too_long_is_mended_by_the_platforms_refusal() {
    let (sandbox, clock) = sandbox().await;
    sandbox.set_told_life(Some(Duration::from_secs(10 * 3600)));
    let (client, ..) = authorised(&sandbox, "shop-7").await;
    expire(&clock);
    let shop = client.for_shop("shop-7");
    let answer = shop.request(Method::GET, "/trade/v1/orders").send_with_meta::<Json>().await.unwrap();
    let reasons: Vec<_> = answer.meta.earlier_attempts().iter().map(|attempt| attempt.reason).collect();
    assert_eq!((reasons, sandbox.refreshes("shop-7")), (vec![AttemptReason::TokenExpired], 1));
}

#[tokio::test]
async fn a_platform_whose_clock_is_an_hour_ahead_is_no_trouble() {
    let (sandbox, _clock) = sandbox().await;
    let (client, ..) = authorised(&sandbox, "shop-7").await;
    sandbox.advance(Duration::from_secs(3600));
    orders(&client, "shop-7").await.unwrap();
    sandbox.advance(Duration::from_secs(3600));
    orders(&client, "shop-7").await.unwrap();
    assert_eq!(sandbox.refreshes("shop-7"), 1);
}

#[tokio::test]
async fn an_owner_who_takes_the_authorisation_back_is_noticed_at_the_next_calls() {
    let (sandbox, _clock) = sandbox().await;
    let (client, _, events) = authorised(&sandbox, "shop-7").await;
    orders(&client, "shop-7").await.unwrap();
    sandbox.revoke_shop("shop-7");
    assert_eq!(orders(&client, "shop-7").await.unwrap_err().code(), Some("auth.token_invalid"));
    assert_eq!(orders(&client, "shop-7").await.unwrap_err().kind(), ErrorKind::ReauthRequired);
    let events = events.lock().unwrap();
    assert_eq!((events.len(), events[0].shop.as_str(), events[0].reason), (1, "shop-7", ReauthReason::Refused));
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_authorisation_on_both_sides() {
    let (sandbox, clock) = sandbox().await;
    let oauth = sandbox.oauth().build().unwrap();
    let pending = oauth.begin(["trade:read"]).unwrap();
    let query = sandbox.authorize(pending.url(), Grant::new("shop-7")).unwrap();
    let pair = oauth.exchange(pending.accept(&query).unwrap()).await.unwrap();
    let tokens = Tokens::builder(oauth.clone()).build();
    tokens.put("shop-7", pair.clone()).await.unwrap();
    let client = sandbox.client().retry(RetryPolicy::none()).tokens(tokens).build().unwrap();
    let stolen = oauth.refresh(pair.refresh_token().unwrap()).await.unwrap();
    clock.advance(Duration::from_secs(3600 + 3590));
    orders(&client, "shop-7").await.unwrap_err();
    let error = oauth.refresh(stolen.refresh_token().unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_grant"));
}

#[tokio::test]
async fn what_was_not_asked_for_is_not_granted() {
    let (sandbox, _clock) = sandbox().await;
    let (client, ..) = authorised(&sandbox, "shop-7").await;
    let shop = client.for_shop("shop-7");
    let error = shop.request(Method::GET, "/product/v1/items").send::<Json>().await.unwrap_err();
    assert_eq!(error.code(), Some("auth.scope_denied"));
    let oauth = sandbox.oauth().build().unwrap();
    let pending = oauth.begin(["trade:read"]).unwrap();
    let declined = pending.accept(&sandbox.decline(pending.url()).unwrap()).unwrap_err();
    assert_eq!((declined.kind(), declined.code()), (ErrorKind::Denied, Some("access_denied")));
}

#[tokio::test]
async fn revoking_ends_it_at_the_platform() {
    let (sandbox, _clock) = sandbox().await;
    let (client, tokens, _) = authorised(&sandbox, "shop-7").await;
    let token = tokens.access_token("shop-7").await.unwrap();
    tokens.revoke("shop-7").await.unwrap();
    assert_eq!(orders(&client, "shop-7").await.unwrap_err().kind(), ErrorKind::ReauthRequired);
    let old = client.for_shop("shop-7").access_token(token.bearer().to_str().unwrap().trim_start_matches("Bearer "));
    let error = old.request(Method::GET, "/trade/v1/orders").send::<Json>().await.unwrap_err();
    assert_eq!(error.code(), Some("auth.token_invalid"));
}
