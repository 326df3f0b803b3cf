//! When keys are fetched, and when they aren't.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::jwt::{Jwks, KeySet};
use ecloud_core::transport::{Body, MemoryTransport, Transport, TransportError};
use ecloud_core::{ErrorKind, ManualClock};
use http::{Request, Response};
use serde_json::json;

use crate::forge::{Forge, START, claims};

const ADDRESS: &str = "https://open.example.com/.well-known/jwks.json";

/// A platform that publishes keys, counts who asks, and may be down.
#[derive(Clone, Default)]
struct Platform {
    keys: Arc<Mutex<Vec<serde_json::Value>>>,
    asked: Arc<AtomicUsize>,
    status: Arc<Mutex<Option<u16>>>,
}

impl Platform {
    fn with(forges: &[&Forge]) -> Self {
        let platform = Self::default();
        platform.publish(forges);
        platform
    }

    fn publish(&self, forges: &[&Forge]) {
        *self.keys.lock().unwrap() = forges.iter().map(|forge| forge.jwk()).collect();
    }

    fn fail(&self, status: Option<u16>) {
        *self.status.lock().unwrap() = status;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn transport(&self) -> impl Transport + use<> {
        let platform = self.clone();
        MemoryTransport::new(move |request| {
            assert_eq!(request.uri(), ADDRESS);
            assert!(request.headers()["user-agent"].to_str().unwrap().starts_with("ecloud-rust/"));
            platform.asked.fetch_add(1, Ordering::Relaxed);
            let body = json!({"keys": *platform.keys.lock().unwrap()}).to_string();
            let mut answer = Response::new(Bytes::from(body));
            if let Some(status) = *platform.status.lock().unwrap() {
                *answer.status_mut() = status.try_into().unwrap();
            }
            Ok(answer)
        })
    }

    fn jwks(&self, clock: &ManualClock) -> Jwks {
        Jwks::fetched(ADDRESS, self.transport(), Arc::new(clock.clone())).unwrap()
    }
}

async fn ids(jwks: &Jwks, forge: &Forge) -> Vec<String> {
    jwks.keys_for(&forge.token(&claims())).await.unwrap().ids().map(str::to_owned).collect()
}

#[tokio::test]
async fn keys_are_fetched_once_for_all_tokens() {
    let (clock, forge) = (ManualClock::new(START), Forge::new("a", 1));
    let platform = Platform::with(&[&forge]);
    let jwks = platform.jwks(&clock);
    assert_eq!(platform.asked(), 0, "nothing is fetched before a token comes");
    for _ in 0..100 {
        assert_eq!(ids(&jwks.clone(), &forge).await, ["a"]);
    }
    assert_eq!(platform.asked(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_a_while() {
    let (clock, old, new) = (ManualClock::new(START), Forge::new("old", 1), Forge::new("new", 2));
    let platform = Platform::with(&[&old]);
    let jwks = platform.jwks(&clock);
    assert_eq!(ids(&jwks, &old).await, ["old"]);
    platform.publish(&[&old, &new]);
    for number in 0..100 {
        assert_eq!(ids(&jwks, &Forge::new(&format!("guess-{number}"), 3)).await, ["old"]);
    }
    assert_eq!(platform.asked(), 1, "the interval isn't over");
    clock.advance(Duration::from_secs(30));
    assert_eq!(ids(&jwks, &new).await, ["new", "old"]);
    for number in 0..100 {
        ids(&jwks, &Forge::new(&format!("guess-{number}"), 3)).await;
    }
    assert_eq!(platform.asked(), 2);
}

#[tokio::test]
async fn what_is_no_jwt_of_the_platforms_kind_fetches_nothing() {
    let platform = Platform::with(&[]);
    let jwks = platform.jwks(&ManualClock::new(START));
    let forge = Forge::new("a", 1);
    for token in
        ["opaque".to_owned(), "a.b.c".to_owned(), forge.token_with(&json!({"alg": "none", "kid": "x"}), &claims())]
    {
        assert_eq!(jwks.keys_for(&token).await.unwrap().ids().count(), 0);
    }
    assert_eq!(platform.asked(), 0);
}

#[tokio::test]
async fn keys_that_have_aged_are_fetched_again_and_serve_a_day_if_that_fails() {
    let (clock, forge) = (ManualClock::new(START), Forge::new("a", 1));
    let platform = Platform::with(&[&forge]);
    let jwks = platform.jwks(&clock);
    ids(&jwks, &forge).await;
    clock.advance(Duration::from_secs(3600));
    ids(&jwks, &forge).await;
    assert_eq!(platform.asked(), 2);
    platform.fail(Some(503));
    clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(ids(&jwks, &forge).await, ["a"]);
    clock.advance(Duration::from_secs(5));
    let error = jwks.keys_for(&forge.token(&claims())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("status 503"), "{error}");
}

#[tokio::test]
async fn a_failure_is_tried_again_after_five_seconds() {
    let (clock, forge) = (ManualClock::new(START), Forge::new("a", 1));
    let platform = Platform::with(&[&forge]);
    let jwks = platform.jwks(&clock);
    platform.fail(Some(302));
    let token = forge.token(&claims());
    assert!(jwks.keys_for(&token).await.unwrap_err().to_string().contains("status 302"), "redirects aren't followed");
    platform.fail(None);
    for _ in 0..10 {
        let error = jwks.keys_for(&token).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Unavailable, Some(Duration::from_secs(5))));
    }
    assert_eq!(platform.asked(), 1);
    clock.advance(Duration::from_secs(5));
    assert_eq!(ids(&jwks, &forge).await, ["a"]);
}

#[tokio::test]
async fn a_withdrawn_key_is_gone_when_the_keys_have_aged() {
    let (clock, old, new) = (ManualClock::new(START), Forge::new("old", 1), Forge::new("new", 2));
    let platform = Platform::with(&[&old]);
    let jwks = platform.jwks(&clock).max_age(Duration::from_secs(60)).min_interval(Duration::from_secs(1));
    ids(&jwks, &old).await;
    platform.publish(&[&new]);
    assert_eq!(ids(&jwks, &old).await, ["old"]);
    clock.advance(Duration::from_secs(60));
    assert_eq!(ids(&jwks, &old).await, ["new"]);
}

/// A transport that answers when it is told to.
#[derive(Clone, Debug, Default)]
struct Slow {
    asked: Arc<AtomicUsize>,
    go: Arc<tokio::sync::Notify>,
}

#[async_trait::async_trait]
impl Transport for Slow {
    async fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.go.notified().await;
        let keys = json!({"keys": [Forge::new("a", 1).jwk()]}).to_string();
        Ok(Response::new(Body::from(keys.into_bytes())))
    }
}

#[tokio::test]
async fn one_caller_fetches_for_all_and_a_dropped_one_leaves_it_to_the_next() {
    let slow = Slow::default();
    let clock = ManualClock::new(START);
    let jwks = Jwks::fetched(ADDRESS, slow.clone(), Arc::new(clock.clone())).unwrap();
    let token = Forge::new("a", 1).token(&claims());
    {
        let mut dropped = Box::pin(jwks.keys_for(&token));
        tokio::select! { biased; _ = &mut dropped => panic!("nothing was answered"), () = std::future::ready(()) => {} }
    }
    clock.advance(Duration::from_secs(5));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (jwks, token) = (jwks.clone(), token.clone());
            tokio::spawn(async move { jwks.keys_for(&token).await.unwrap().ids().count() })
        })
        .collect();
    while slow.asked.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
    slow.go.notify_one();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 1);
    }
    assert_eq!(slow.asked.load(Ordering::Relaxed), 2, "the one that was dropped, and one for all");
}

#[tokio::test]
async fn a_set_that_never_comes_or_never_ends_is_given_up() {
    let clock = ManualClock::new(START);
    let token = Forge::new("a", 1).token(&claims());
    let jwks = Jwks::fetched(ADDRESS, Slow::default(), Arc::new(clock.clone())).unwrap();
    let waiting = jwks.keys_for(&token);
    tokio::pin!(waiting);
    tokio::select! { biased; _ = &mut waiting => panic!("nothing was answered"), () = std::future::ready(()) => {} }
    clock.advance(Duration::from_secs(5));
    assert!(waiting.await.unwrap_err().to_string().contains("within 5 s"));

    let endless = MemoryTransport::new(|_| Ok(Response::new(Bytes::from(vec![b' '; 300 * 1024]))));
    let jwks = Jwks::fetched(ADDRESS, endless, Arc::new(clock)).unwrap();
    assert_eq!(jwks.keys_for(&token).await.unwrap_err().kind(), ErrorKind::ResponseTooLarge);
}

#[test]
fn keys_come_from_a_safe_address() {
    for address in ["http://open.example.com/jwks.json", "", "open.example.com", "https://user:pw@open.example.com/"] {
        let platform = Platform::default();
        let error = Jwks::fetched(address, platform.transport(), Arc::new(ManualClock::new(START))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with("key set: ") && !error.to_string().contains("pw"), "{error}");
    }
}

#[tokio::test]
async fn fixed_keys_ask_nobody() {
    let forge = Forge::new("a", 1);
    let keys = KeySet::from_json(json!({"keys": [forge.jwk()]}).to_string().as_bytes()).unwrap();
    assert_eq!(ids(&Jwks::fixed(keys), &Forge::new("b", 2)).await, ["a"]);
}
