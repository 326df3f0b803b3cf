//! Access tokens on the way: what is refused before it is sent, what the platform refuses, and keys that change.

use std::sync::Arc;
use std::time::Duration;

use ecloud::ManualClock;
use ecloud::jwt::{Algorithm, Claims, Denial, Jwks, Role, Verifier};
use ecloud::prelude::*;
use ecloud::trade::orders::CloseOrderInput;
use ecloud_sandbox::{Grant, Role as Duty, Sandbox, Tier};

use super::sandbox;

/// The keys of the sandbox, fetched from it in memory.
fn jwks(sandbox: &Sandbox, clock: &ManualClock) -> Jwks {
    let address = format!("{}/.well-known/jwks.json", sandbox.endpoint());
    Jwks::fetched(&address, sandbox.transport(), Arc::new(clock.clone())).unwrap()
}

/// A client that verifies its tokens.
fn verifying(sandbox: &Sandbox, clock: &ManualClock) -> Client {
    sandbox.client().verify_tokens(Verifier::new(sandbox.issuer()), jwks(sandbox, clock)).build().unwrap()
}

/// How often the key set was fetched.
fn fetched(sandbox: &Sandbox) -> usize {
    sandbox.received().iter().filter(|request| request.target == "/.well-known/jwks.json").count()
}

fn shop(client: &Client, token: &str) -> Trade {
    Trade::new(client.for_shop("demo-shop").access_token(token))
}

async fn error_of(client: &Client, token: &str) -> Error {
    shop(client, token).orders().list().limit(1).send().await.unwrap_err()
}

#[tokio::test]
async fn a_scope_that_is_missing_is_refused_before_anything_is_sent() {
    let (sandbox, _) = sandbox().await;
    let client = sandbox.client().build().unwrap();
    let token = sandbox.issue_token(Grant::new("demo-shop").scopes(["trade:read", "product:read"]));
    let input = CloseOrderInput::new(ecloud::trade::orders::CloseReason::OutOfStock);
    let error = shop(&client, &token).orders().close("T1000001", input.clone()).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("auth.scope_denied")));
    assert_eq!((error.operation(), error.status(), error.attempts().len()), (Some("trade.orders.close"), None, 0));
    assert!(!error.is_outcome_unknown() && !error.is_retryable());
    assert_eq!(
        error.to_string(),
        "trade.orders.close: auth.scope_denied: trade.orders.close needs the scope trade:write; the access token has \
         product:read trade:read; nothing was sent"
    );
    let Some(Denial::Scope { needed, granted, .. }) = error.denial() else { panic!("{error:?}") };
    assert_eq!(
        (*needed, granted.as_slice()),
        ("trade:write", &["product:read".to_owned(), "trade:read".to_owned()][..])
    );
    assert!(sandbox.received().is_empty());

    let open = sandbox.client().without_token_check().build().unwrap();
    let error = shop(&open, &token).orders().close("T1000001", input).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("auth.scope_denied")));
    assert_eq!((error.status(), error.denial()), (Some(403), None));
    assert_eq!(sandbox.received().len(), 1);
    assert_eq!(shop(&client, &token).orders().list().limit(1).send().await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_role_that_may_not_call_is_refused_before_anything_is_sent() {
    let (sandbox, _) = sandbox().await;
    let client = sandbox.client().build().unwrap();
    let token = sandbox.issue_token(Grant::new("demo-shop").role(Duty::Operator));
    let product = |client: &Client| Product::new(client.for_shop("demo-shop").access_token(&token));
    let error = product(&client).items().publish("I1000001").send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Denied, Some("auth.role_denied")));
    let Some(Denial::Role { allowed, role, .. }) = error.denial() else { panic!("{error:?}") };
    assert_eq!((*allowed, role), (&["business", "developer"][..], &Role::Operator));
    assert!(error.to_string().contains("is for the roles business, developer; the access token acts as operator"));
    assert!(sandbox.received().is_empty());

    let open = sandbox.client().without_token_check().build().unwrap();
    let error = product(&open).items().publish("I1000001").send().await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some("auth.role_denied"), Some(403)));
}

#[tokio::test]
async fn an_opaque_token_is_left_to_the_platform() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).access_token("opaque.but.dotted").start().await;
    let client = verifying(&sandbox, &clock);
    assert_eq!(Trade::new(&client).orders().list().limit(1).send().await.unwrap().items.len(), 1);
    assert_eq!(fetched(&sandbox), 0);
}

#[tokio::test]
async fn verified_tokens_cost_one_look_at_the_keys() {
    let (sandbox, clock) = sandbox().await;
    let client = verifying(&sandbox, &clock);
    let rsa = sandbox.issue_token(Grant::new("demo-shop").signed_by(Algorithm::Rs256));
    for token in [sandbox.access_token(), &rsa, sandbox.access_token(), &rsa] {
        assert_eq!(shop(&client, token).orders().list().limit(1).send().await.unwrap().items.len(), 1);
    }
    assert_eq!((fetched(&sandbox), sandbox.received().len()), (1, 5));
}

#[tokio::test]
async fn a_token_of_another_application_or_platform_is_refused_before_it_is_sent() {
    let (sandbox, clock) = sandbox().await;
    let client = verifying(&sandbox, &clock);
    sandbox.add_app("other-app", "other-secret", Tier::Standard);
    let others = sandbox.issue_token_to("other-app", Grant::new("demo-shop"));
    let forged = {
        let (signed, _) = sandbox.access_token().rsplit_once('.').unwrap();
        let (_, signature) = others.rsplit_once('.').unwrap();
        format!("{signed}.{signature}")
    };
    for (token, reason) in [(&others, "another application's (`aud`)"), (&forged, "signature is not that of its key")] {
        let error = error_of(&client, token).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("auth.token_invalid")));
        assert!(error.to_string().contains(reason) && error.to_string().contains("nothing was sent"), "{error}");
        assert!(!format!("{error} {error:?} {client:?}").contains(token.as_str()));
    }
    assert_eq!((fetched(&sandbox), sandbox.received().len()), (1, 1), "nothing but the keys was asked for");

    let open = sandbox.client().build().unwrap();
    for token in [&others, &forged] {
        let error = error_of(&open, token).await;
        assert_eq!((error.code(), error.status()), (Some("auth.token_invalid"), Some(401)));
    }

    let elsewhere = Verifier::new("https://open.example.com");
    let client = sandbox.client().verify_tokens(elsewhere, jwks(&sandbox, &clock)).build().unwrap();
    assert!(error_of(&client, sandbox.access_token()).await.to_string().contains("another platform's (`iss`)"));
}

#[tokio::test]
async fn an_expired_token_is_refused_before_it_is_sent_once_the_clock_is_known() {
    let (sandbox, clock) = sandbox().await;
    let token = sandbox.issue_token(Grant::new("demo-shop").expires_at(sandbox.now() + Duration::from_secs(60)));
    let client = verifying(&sandbox, &clock);
    shop(&client, &token).orders().list().limit(1).send().await.unwrap();
    clock.advance(Duration::from_secs(60));
    sandbox.clear_received();
    let error = error_of(&client, &token).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("auth.token_expired")));
    assert!(sandbox.received().is_empty());

    // A client that has asked the platform nothing yet doesn't know what time it is there.
    let error = error_of(&verifying(&sandbox, &clock), &token).await;
    assert_eq!((error.code(), error.status()), (Some("auth.token_expired"), Some(401)));
    // Nor does one that doesn't verify.
    let error = error_of(&sandbox.client().build().unwrap(), &token).await;
    assert_eq!((error.code(), error.status()), (Some("auth.token_expired"), Some(401)));
}

#[tokio::test]
async fn a_clock_that_is_an_hour_ahead_is_corrected_and_not_mistaken_for_expiry() {
    let (sandbox, clock) = sandbox().await;
    let own = ManualClock::new(sandbox.now() + Duration::from_secs(3600));
    let token = sandbox.issue_token(Grant::new("demo-shop").expires_at(sandbox.now() + Duration::from_secs(600)));
    let verifier = Verifier::new(sandbox.issuer());
    let client = sandbox.client().clock(Arc::new(own)).verify_tokens(verifier, jwks(&sandbox, &clock)).build().unwrap();
    for _ in 0..3 {
        shop(&client, &token).orders().list().limit(1).send().await.unwrap();
    }
    assert!(client.clock_offset_millis() < -3_590_000);
}

#[tokio::test]
async fn after_a_rotation_the_new_key_is_fetched_once() {
    let (sandbox, clock) = sandbox().await;
    let client = verifying(&sandbox, &clock);
    Trade::new(&client).orders().list().limit(1).send().await.unwrap();
    sandbox.rotate_token_key();
    clock.advance(Duration::from_secs(30));
    let tokens: Vec<String> = (0..20).map(|_| sandbox.issue_token(Grant::new("demo-shop"))).collect();
    for token in &tokens {
        shop(&client, token).orders().list().limit(1).send().await.unwrap();
    }
    assert_eq!(fetched(&sandbox), 2);
}

#[tokio::test]
async fn a_key_that_is_not_published_is_left_to_the_platform_and_asked_for_at_a_bounded_rate() {
    let (sandbox, clock) = sandbox().await;
    sandbox.hide_token_key(true);
    let client = verifying(&sandbox, &clock);
    for _ in 0..20 {
        shop(&client, sandbox.access_token()).orders().list().limit(1).send().await.unwrap();
    }
    assert_eq!(fetched(&sandbox), 1);
    clock.advance(Duration::from_secs(30));
    shop(&client, sandbox.access_token()).orders().list().limit(1).send().await.unwrap();
    assert_eq!(fetched(&sandbox), 2);
    let claims = Claims::of(sandbox.access_token()).unwrap();
    let keys = jwks(&sandbox, &clock).keys_for(sandbox.access_token()).await.unwrap();
    let verdict =
        Verifier::new(sandbox.issuer()).verify(&keys, sandbox.access_token(), &claims.audience[0], sandbox.now());
    assert!(verdict.unwrap_err().message().contains("is unknown"), "a gateway takes no such token");
}

#[tokio::test]
async fn verification_needs_the_applications_key() {
    let (sandbox, clock) = sandbox().await;
    let refused = |builder: ecloud::ClientBuilder| {
        let error = builder.verify_tokens(Verifier::new(""), jwks(&sandbox, &clock)).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    };
    assert!(refused(sandbox.client().without_token_check()).contains("is off"));
    let rest = ecloud::dialect::Rest::new();
    assert!(refused(Client::builder().endpoint("https://open.example.com").dialect(rest)).contains("set app"));
}
