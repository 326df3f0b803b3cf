//! The edges of a token's time.

use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_core::jwt::Verifier;
use serde_json::json;

use crate::forge::{Forge, ISSUER, START, claims, claims_with, key_set, verdict};

fn code(token: &str, now: Timestamp, leeway: u64) -> Option<&'static str> {
    let keys = key_set(&[Forge::new("ed-1", 1).jwk()]);
    let verifier = Verifier::new(ISSUER).leeway(Duration::from_secs(leeway));
    verifier.verify(&keys, token, "demo-app", now).err().map(|rejection| rejection.code())
}

#[test]
fn it_ends_at_its_last_millisecond_and_with_leeway_so_much_later() {
    let token = Forge::new("ed-1", 1).token(&claims());
    let end = START + Duration::from_secs(3600);
    assert_eq!(code(&token, end - Duration::from_millis(1), 0), None);
    assert_eq!(code(&token, end, 0), Some("auth.token_expired"));
    assert_eq!(code(&token, end + Duration::from_millis(59_999), 60), None);
    assert_eq!(code(&token, end + Duration::from_secs(60), 60), Some("auth.token_expired"));
    assert_eq!(code(&token, Timestamp::MAX, u64::MAX), None);
}

#[test]
fn it_does_not_begin_before_its_time() {
    let forge = Forge::new("ed-1", 1);
    let token = forge.token(&claims_with("nbf", json!(START.unix_seconds() + 10)));
    assert_eq!(code(&token, START + Duration::from_secs(10), 0), None);
    assert_eq!(code(&token, START + Duration::from_millis(9_999), 0), Some("auth.token_invalid"));
    assert_eq!(code(&token, START, 10), None);
    assert_eq!(code(&token, Timestamp::MIN, 10), Some("auth.token_invalid"));
}

#[test]
fn a_token_that_was_given_out_later_than_now_is_taken() {
    let forge = Forge::new("ed-1", 1);
    let token = forge.token(&claims_with("iat", json!(START.unix_seconds() + 600)));
    assert_eq!(code(&token, START, 0), None);
}

#[test]
fn fractions_of_seconds_count() {
    let forge = Forge::new("ed-1", 1);
    let token = forge.token(&claims_with("exp", json!(START.unix_seconds() as f64 + 0.5)));
    assert_eq!(code(&token, START + Duration::from_millis(499), 0), None);
    assert_eq!(code(&token, START + Duration::from_millis(500), 0), Some("auth.token_expired"));
}

#[test]
fn only_a_token_that_is_right_but_for_its_time_is_called_expired() {
    let (forge, mallory) = (Forge::new("ed-1", 1), Forge::new("ed-1", 2));
    let keys = key_set(&[forge.jwk()]);
    let late = START + Duration::from_secs(7200);
    let code = |token: String| verdict(&keys, &token, late).map(|(code, _)| code);
    assert_eq!(code(forge.token(&claims())), Some("auth.token_expired"));
    assert_eq!(code(mallory.token(&claims())), Some("auth.token_invalid"));
    assert_eq!(code(forge.token(&claims_with("aud", json!("other-app")))), Some("auth.token_invalid"));
}
