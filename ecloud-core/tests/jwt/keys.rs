//! Key sets as platforms publish them, and as nobody should.

use ecloud_core::ErrorKind;
use ecloud_core::jwt::KeySet;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::forge::{Forge, RSA_N, START, claims, key_set, verdict};

fn message(bytes: &[u8]) -> String {
    let error = KeySet::from_json(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    error.to_string()
}

#[test]
fn what_is_no_key_set_says_why() {
    assert!(message(b"").contains("no JSON object"));
    assert!(message(b"[]").contains("no JSON object"));
    assert!(message(b"{\"keys\":[],\"keys\":[]}").contains("each name stands once"));
    assert!(message(b"{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}").contains("each name stands once"));
    assert!(message(b"{}").contains("no list"));
    assert!(message(b"{\"keys\":{}}").contains("no list"));
    assert!(message(b"{\"keys\":[1]}").contains("no object"));
    assert!(message(&[b' '; 300 * 1024]).contains("256 KiB"));
    let many: Vec<Value> = (0..101).map(|number| json!({"kid": number.to_string()})).collect();
    assert!(message(json!({ "keys": many }).to_string().as_bytes()).contains("more than 100"));
    assert!(message("[".repeat(10_000).as_bytes()).contains("no JSON object"));
}

#[test]
fn two_keys_of_one_id_verify_nothing_and_the_others_do() {
    let (first, second, other) = (Forge::new("twice", 1), Forge::new("twice", 2), Forge::new("once", 3));
    let keys = key_set(&[first.jwk(), other.jwk(), second.jwk()]);
    for forge in [&first, &second] {
        let (code, message) = verdict(&keys, &forge.token(&claims()), START).unwrap();
        assert_eq!(code, "auth.token_invalid");
        assert!(message.contains("the key `twice` isn't used: its `kid` is that of another key"), "{message}");
    }
    assert_eq!(verdict(&keys, &other.token(&claims()), START), None);
    assert_eq!(keys.refused().map(|(id, _)| id).collect::<Vec<_>>(), ["twice"]);
}

#[test]
fn a_weak_key_verifies_nothing_and_says_so() {
    let forge = Forge::new("ed-1", 1);
    let weak = json!({"kty": "RSA", "kid": "weak", "n": &RSA_N[..168], "e": "AQAB"});
    let keys = key_set(&[weak, forge.jwk()]);
    let token = forge.token_with(&json!({"alg": "RS256", "kid": "weak"}), &claims());
    let (_, message) = verdict(&keys, &token, START).unwrap();
    assert!(message.contains("weak: RSA of 10") && message.contains("2048 is the least"), "{message}");
    assert_eq!(verdict(&keys, &forge.token(&claims()), START), None);
}

#[test]
fn keys_that_no_token_can_name_are_left_out() {
    let forge = Forge::new("ed-1", 1);
    let mut nameless = forge.jwk();
    nameless.as_object_mut().unwrap().remove("kid");
    let mut numbered = forge.jwk();
    numbered["kid"] = json!(1);
    let keys = key_set(&[nameless, numbered]);
    assert_eq!((keys.ids().count(), keys.refused().count()), (0, 0));
}

#[test]
fn what_is_printed_of_a_set_are_its_ids() {
    let mut hostile = Forge::new("x", 2).jwk();
    hostile["kid"] = json!("a\nplanted line");
    let keys = key_set(&[Forge::new("ed-1", 1).jwk(), hostile]);
    assert_eq!(format!("{keys:?}"), r#"KeySet { ids: ["…", "ed-1"], refused: [] }"#);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), n in r"[A-Za-z0-9_-]{0,400}", e in r"[A-Za-z0-9_-]{0,20}") {
        let _ = KeySet::from_json(&bytes);
        for jwk in [json!({"kid": "a", "kty": "RSA", "n": n, "e": e}), json!({"kid": "a", "kty": "OKP", "crv": "Ed25519", "x": n})] {
            let keys = key_set(&[jwk]);
            let forge = Forge::new("a", 1);
            for name in ["RS256", "EdDSA"] {
                let token = forge.token_with(&json!({"alg": name, "kid": "a"}), &claims());
                prop_assert!(verdict(&keys, &token, START).is_some());
            }
        }
    }
}
