//! Tokens in the pipeline: read by each attempt, refreshed when the platform says that one has ended.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::authority::{APP, Authority, LIFE, SECRET, Step};
use bytes::Bytes;
use ecloud_core::token::{MemoryTokenStore, TokenKey, TokenRecord, TokenStore};
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{AttemptReason, Client, ClientBuilder, Error, ErrorKind, Json, Method, Random, RetryPolicy, Tokens};
use http::{Request, Response};

/// What the platform saw: the access token of each request.
type Seen = Arc<Mutex<Vec<String>>>;

fn client(authority: &Authority, tokens: &Tokens) -> (ClientBuilder, Seen) {
    let (platform, seen) = (authority.clone(), Seen::default());
    let log = seen.clone();
    let answer = move |request: Request<Bytes>| -> Result<Response<Bytes>, TransportError> {
        let token = request.headers()["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        let (status, body) = match token.as_str() {
            "stranger" => (401, r#"{"error":{"code":"auth.token_invalid","message":"unknown"}}"#),
            known if platform.knows(known) => (200, "{}"),
            _ => (401, r#"{"error":{"code":"auth.token_expired","message":"ended"}}"#),
        };
        log.lock().unwrap().push(token);
        Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
    };
    let client = Client::builder()
        .endpoint("https://open.example.com")
        .app(APP, SECRET)
        .clock(Arc::new(authority.clock.clone()))
        .random(Random::seeded(1))
        .retry(RetryPolicy::none())
        .quota(ecloud_core::Quota::none())
        .tokens(tokens.clone())
        .transport(MemoryTransport::new(answer));
    (client, seen)
}

async fn call(client: &Client) -> Result<Json, Error> {
    client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").send().await
}

#[tokio::test]
async fn a_shop_without_a_token_of_its_own_takes_the_stored_one() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    let (client, seen) = client(&authority, &tokens);
    let client = client.access_token("of-the-client").build().unwrap();
    call(&client).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    call(&client).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["planted-a-shop-1-1", "planted-a-shop-1-2"]);

    // Explicit tokens stay what they are, and the client's own shop keeps the client's.
    let own = client.for_shop("shop-1").access_token("own");
    let _ = own.request(Method::GET, "/x").send::<Json>().await;
    let _ = ecloud_core::Shop::from(&client).request(Method::GET, "/x").send::<Json>().await;
    assert_eq!(seen.lock().unwrap()[2..], ["own", "of-the-client"]);
}

#[tokio::test]
async fn a_token_that_the_platform_ends_early_is_refreshed_once_and_the_attempt_is_no_retry() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    let (client, seen) = client(&authority, &tokens);
    let client = client.build().unwrap();
    authority.end("shop-1");
    let shop = client.for_shop("shop-1");
    let answer = shop.request(Method::GET, "/trade/v1/orders/T1").send_with_meta::<Json>().await.unwrap();
    assert_eq!(answer.meta.earlier_attempts()[0].reason, AttemptReason::TokenExpired);
    assert_eq!(*seen.lock().unwrap(), ["planted-a-shop-1-1", "planted-a-shop-1-2"]);
    let budget = client.retry_budget();
    assert_eq!(budget.available(), budget.capacity());
}

#[tokio::test]
async fn an_explicit_token_that_has_ended_is_the_callers_to_mend() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    let (client, seen) = client(&authority, &tokens);
    let shop = client.build().unwrap().for_shop("shop-1").access_token("ended");
    let error = shop.request(Method::GET, "/x").send::<Json>().await.unwrap_err();
    assert_eq!((error.code(), error.kind()), (Some("auth.token_expired"), ErrorKind::Unauthenticated));
    assert_eq!((seen.lock().unwrap().len(), authority.requests()), (1, 0));
}

#[tokio::test]
async fn a_thousand_calls_on_a_token_that_was_ended_early_are_one_refresh() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    let (client, _) = client(&authority, &tokens);
    let client = client.build().unwrap();
    authority.end("shop-1");
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { call(&client).await.map(drop).map_err(|error| error.to_string()) })
        })
        .collect();
    for one in calls {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
    assert_eq!(authority.refreshed("shop-1"), 1);
}

#[tokio::test]
async fn a_platform_that_calls_each_token_ended_is_not_asked_in_a_circle() {
    let authority = Authority::new().life(0);
    let tokens = authority.tokens().build();
    let (client, seen) = client(&authority, &tokens);
    let client = client.build().unwrap();
    let lives = authority.grant("shop-1").with_expiry(ecloud_core::Timestamp::MAX);
    tokens.put("shop-1", lives).await.unwrap();
    assert!(call(&client).await.is_err());
    assert!(seen.lock().unwrap().len() <= 2, "{seen:?}");
    assert!(authority.requests() <= 1);
}

#[tokio::test]
async fn a_shop_that_has_to_authorise_again_is_told_by_the_kind_and_nothing_is_sent() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    let (client, seen) = client(&authority, &tokens);
    let error = call(&client.build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReauthRequired);
    assert_eq!(error.attempts()[0].reason, AttemptReason::NoToken);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_call_waits_for_a_refresh_no_longer_than_its_deadline_and_the_refresh_goes_on() {
    let authority = Authority::new().steps([Step::Hang]);
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    let (client, _) = client(&authority, &tokens);
    let client = client.timeout(Duration::from_secs(2)).build().unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { call(&client).await.unwrap_err().kind() }
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    authority.clock.advance(Duration::from_secs(3));
    assert_eq!(waiting.await.unwrap(), ErrorKind::Timeout);
    authority.clock.advance(Duration::from_secs(8));
    tokens.settled().await;
    call(&client).await.unwrap();
    assert_eq!(authority.requests(), 2);
}

#[tokio::test]
async fn a_token_that_the_platform_does_not_know_is_read_again_from_the_store() {
    let authority = Authority::new();
    let store = Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).build();
    let stranger = ecloud_core::token::TokenPair::new("stranger", ecloud_core::Timestamp::UNIX_EPOCH).unwrap();
    tokens.put("shop-1", stranger).await.unwrap();
    let (client, _) = client(&authority, &tokens);
    let client = client.build().unwrap();
    // Another process has stored what the shop's new authorisation gave.
    let record = TokenRecord::new(authority.grant("shop-1"));
    let _ = store.compare_and_swap(&TokenKey::new(APP, "shop-1"), Some(1), &record).await.unwrap();
    assert_eq!(call(&client).await.unwrap_err().code(), Some("auth.token_invalid"));
    call(&client).await.unwrap();
}

#[test]
fn tokens_of_another_application_are_refused() {
    let authority = Authority::new();
    let oauth = authority.oauth().app("another", "secret").build().unwrap();
    let (client, _) = client(&authority, &Tokens::builder(oauth).build());
    assert!(client.build().unwrap_err().to_string().starts_with("tokens: of another"));
}

#[tokio::test]
async fn a_call_that_gets_no_token_gives_its_quota_back() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    let (client, seen) = client(&authority, &tokens);
    let one = ecloud_core::QuotaLimit::new(0.001, 1.0).unwrap();
    let quota = ecloud_core::Quota::none().each_group(one).reserve(Duration::ZERO);
    let client = client.quota(quota).build().unwrap();
    let shop = client.for_shop("shop-1");
    let call = || shop.request(Method::GET, "/trade/v1/orders/T1").quota("trade.orders", 1).send::<Json>();
    for _ in 0..3 {
        let error = call().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReauthRequired);
        assert_eq!(error.attempts().last().unwrap().reason, AttemptReason::NoToken);
    }
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    call().await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert!(client.quota("trade.orders").shop(&shop).try_now().is_none(), "and the one that was sent has cost it");
}
