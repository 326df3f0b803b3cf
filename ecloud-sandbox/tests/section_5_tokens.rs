//! Protocol section 5: what an access token is, by which keys it is signed, and which tokens the platform takes.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecloud_core::jwt::Algorithm;
use ecloud_sandbox::{Grant, Role, Sandbox};
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Value, json};
use support::{START, Served};

const ORDERS: &str = "/trade/v1/orders?limit=1";

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// Header, payload and what is signed, with its signature.
fn parts(token: &str) -> (Value, Value, &str, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let json = |part| serde_json::from_slice(&decoded(part)).unwrap();
    (json(header), json(payload), signed, decoded(signature))
}

fn key_set(served: &Served) -> Value {
    let answer = served.raw(b"GET /.well-known/jwks.json HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    answer.json()
}

fn key<'a>(keys: &'a Value, id: &Value) -> Option<&'a Value> {
    keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *id)
}

/// Whether somebody who knows nothing but RFC 7515, 7517 and 8037 believes the token.
fn is_genuine(keys: &Value, token: &str) -> bool {
    let (header, _, signed, signature) = parts(token);
    let Some(key) = key(keys, &header["kid"]).filter(|key| key["alg"] == header["alg"]) else {
        return false;
    };
    let number = |name: &str| decoded(key[name].as_str().unwrap());
    let outcome = match header["alg"].as_str() {
        Some("EdDSA") => UnparsedPublicKey::new(&ED25519, number("x")).verify(signed.as_bytes(), &signature),
        Some("RS256") => RsaPublicKeyComponents { n: number("n"), e: number("e") }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            signed.as_bytes(),
            &signature,
        ),
        _ => return false,
    };
    outcome.is_ok()
}

#[test]
fn a_token_says_who_may_do_what_until_when() {
    let served = Served::start();
    let end = START + Duration::from_secs(1800);
    let grant = Grant::new("shop-2").scopes(["trade:write", "trade:read"]).role(Role::Operator).expires_at(end);
    for (algorithm, grant) in [("EdDSA", grant.clone()), ("RS256", grant.signed_by(Algorithm::Rs256))] {
        let token = served.sandbox.issue_token(grant);
        let (header, payload, ..) = parts(&token);
        assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some(algorithm), Some("JWT")));
        let said = |name: &str| payload[name].clone();
        assert_eq!(said("iss"), served.sandbox.issuer());
        assert_eq!((said("aud"), said("sub")), (json!("demo-app"), json!("shop-2")));
        assert_eq!((said("exp"), said("iat")), (json!(end.unix_seconds()), json!(START.unix_seconds())));
        assert_eq!((said("scope"), said("role")), (json!("trade:read trade:write"), json!("operator")));
        assert_eq!(said("tier"), "standard");
        assert!(is_genuine(&key_set(&served), &token));
    }
}

#[test]
fn tokens_and_keys_follow_from_the_seed() {
    let tokens = |seed| {
        let served = Served::with(|builder| builder.seed(seed));
        let token = served.sandbox.issue_token(Grant::new("shop-2"));
        (served.sandbox.access_token().to_owned(), token, key_set(&served))
    };
    assert_eq!(tokens(7), tokens(7));
    let (a, b) = (tokens(7), tokens(8));
    assert!(a.0 != b.0 && a.1 != b.1 && a.2 != b.2 && a.0 != a.1);
}

#[test]
fn the_key_set_is_no_route_of_the_protocol() {
    let served = Served::start();
    let status = |target: &str| {
        served.raw(format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).unwrap().status
    };
    assert_eq!(status("/.well-known/jwks.json"), 200);
    assert_eq!(status("/.well%2Dknown/jwks.json?a=1"), 200);
    assert_eq!(status("/.well-known/jwks.json/x"), 400, "an unsigned request to a route that isn't there");
    assert_eq!(served.request("GET", "/.well-known/openid-configuration").send().status, 404);
}

#[test]
fn an_expired_token_is_refused_at_its_end_and_no_millisecond_later() {
    let served = Served::start();
    let token = served.sandbox.issue_token(Grant::new("demo-shop").expires_at(START + Duration::from_millis(1500)));
    let get = || served.request("GET", ORDERS).token(&token).send();
    served.clock.advance(Duration::from_millis(1499));
    assert_eq!(get().status, 200);
    served.clock.advance(Duration::from_millis(1));
    assert_eq!(get().refusal(), (401, "auth.token_expired".into()));
}

#[test]
fn only_the_platforms_own_tokens_are_taken() {
    let served = Served::start();
    let stranger = Sandbox::builder().seed(99).build();
    let own = served.sandbox.access_token().to_owned();
    let refused = |token: &str| {
        let answer = served.request("GET", ORDERS).token(token).send();
        assert_eq!(answer.refusal(), (401, "auth.token_invalid".into()), "{}", answer.json());
    };
    refused(stranger.access_token());
    served.sandbox.add_app("other", "other-secret", ecloud_sandbox::Tier::Standard);
    refused(&served.sandbox.issue_token_to("other", Grant::new("demo-shop")));
    let (signed, signature) = own.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = parts(&own).0["kid"].clone();
    for forged in [json!({"alg": "none"}), json!({"alg": "HS256", "kid": kid}), json!({"alg": "RS256", "kid": kid})] {
        refused(&format!("{}.{payload}.{signature}", encoded(forged)));
    }
    let mut promoted = parts(&own).1;
    promoted["sub"] = json!("another-shop");
    refused(&format!("{header}.{}.{signature}", encoded(promoted)));
    assert_eq!(served.get(ORDERS).status, 200, "the genuine one is taken");
}

#[test]
fn keys_are_rotated_hidden_and_withdrawn() {
    let served = Served::start();
    let sandbox = &served.sandbox;
    let old = sandbox.access_token().to_owned();
    let status = |token: &str| served.request("GET", ORDERS).token(token).send().status;
    sandbox.rotate_token_key();
    let new = sandbox.issue_token(Grant::new("demo-shop"));
    assert_ne!(parts(&old).0["kid"], parts(&new).0["kid"]);
    assert_eq!((status(&old), status(&new)), (200, 200));
    assert!(is_genuine(&key_set(&served), &old) && is_genuine(&key_set(&served), &new));

    sandbox.hide_token_key(true);
    assert!(is_genuine(&key_set(&served), &old) && !is_genuine(&key_set(&served), &new));
    assert_eq!(status(&new), 200, "the platform knows its key");
    sandbox.hide_token_key(false);

    sandbox.withdraw_old_token_keys();
    assert!(!is_genuine(&key_set(&served), &old) && is_genuine(&key_set(&served), &new));
    assert_eq!((status(&old), status(&new)), (401, 200));
    sandbox.reset();
    assert_eq!(status(&old), 200, "everything is as it was at the start");
}

#[test]
fn the_control_interface_turns_the_same_switches() {
    let served = Served::start();
    let count = || key_set(&served)["keys"].as_array().unwrap().len();
    assert_eq!(served.control("POST", "/token-keys/rotate", None).status, 204);
    assert_eq!(count(), 3);
    assert_eq!(served.control("POST", "/token-keys/hide", Some(json!({"hidden": true}))).status, 204);
    assert_eq!(count(), 2);
    assert_eq!(served.control("POST", "/token-keys/withdraw", None).status, 204);
    assert_eq!(count(), 1);
    assert_eq!(served.control("POST", "/token-keys/melt", None).status, 404);
    let token = served.control("POST", "/tokens", Some(json!({"algorithm": "RS256"}))).ok()["access_token"].clone();
    assert_eq!(served.request("GET", ORDERS).token(token.as_str().unwrap()).send().status, 200);
    let refusal = served.control("POST", "/tokens", Some(json!({"algorithm": "HS256"}))).refusal();
    assert_eq!(refusal, (400, "request.invalid".into()));
}

#[test]
fn an_opaque_token_that_a_test_sets_is_taken() {
    let served = Served::with(|builder| builder.access_token("opaque-token"));
    assert_eq!(served.sandbox.access_token(), "opaque-token");
    assert_eq!(served.get(ORDERS).status, 200);
    assert!(served.sandbox.revoke_token("opaque-token"));
    assert_eq!(served.get(ORDERS).refusal(), (401, "auth.token_invalid".into()));
    assert!(!served.sandbox.revoke_token("opaque-token"));
}

#[test]
fn nothing_secret_is_printed() {
    let served = Served::start();
    served.get(ORDERS);
    let shown = format!("{:?} {:?}", served.sandbox, served.sandbox.platform());
    let (_, _, signed, _) = parts(served.sandbox.access_token());
    assert!(!shown.contains(signed), "{shown}");
}
