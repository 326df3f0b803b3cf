//! Which tokens are taken, and why others aren't.

use std::time::Duration;

use ecloud_core::jwt::{Role, Verifier};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::forge::{Forge, ISSUER, RSA_N, RSA_TOKEN, START, claims, claims_with, encoded, key_set, verdict};

/// Asserts that a token is refused as invalid, for this reason.
#[track_caller]
fn refused(token: &str, reason: &str) {
    let forge = Forge::new("ed-1", 1);
    let (code, message) = verdict(&key_set(&[forge.jwk(), rsa()]), token, START).expect("it is refused");
    assert_eq!(code, "auth.token_invalid", "{message}");
    assert!(message.contains(reason), "{reason}: {message}");
}

fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "rsa-1", "n": RSA_N, "e": "AQAB"})
}

#[test]
fn a_token_of_the_platform_is_taken_and_says_what_it_allows() {
    let forge = Forge::new("ed-1", 1);
    let keys = key_set(&[forge.jwk(), rsa()]);
    for token in [forge.token(&claims()), RSA_TOKEN.to_owned()] {
        let claims = Verifier::new(ISSUER).verify(&keys, &token, "demo-app", START).unwrap();
        assert_eq!((claims.subject.as_str(), claims.role), ("shop-1", Role::Business));
        assert_eq!(claims.scopes, ["trade:read"]);
        assert_eq!(claims.expires_at, START + Duration::from_secs(3600));
    }
}

#[test]
fn a_token_of_another_form_is_refused() {
    let forge = Forge::new("ed-1", 1);
    let token = forge.token(&claims());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    for opaque in ["", "opaque", "a.b", "a.b.c.d", "..", &format!("{header}.{payload}"), &format!("{token}.")] {
        refused(opaque, "no JWT");
    }
    refused(&format!("{header}..{signature}"), "no JWT");
    refused(&format!(".{payload}.{signature}"), "no JWT");
    refused("a.b.c", "header");
    refused(&forge.sealed(format!("{header}=.{payload}")), "header");
    refused(&forge.sealed(format!("{header}.{payload}=")), "payload");
    refused(&format!("{token}=="), "signature is no base64url");
    refused(&format!("{token}\n"), "signature is no base64url");
    refused(&format!("{header}.{payload}."), "signature is not that of its key");
    refused(&format!("{header}.{payload}.{}", &signature[1..]), "signature");
    // The last digit has bits that no byte needs: one signature must not be written in four ways.
    let last = if signature.ends_with('A') { "B" } else { "D" };
    refused(&format!("{header}.{payload}.{}{last}", &signature[..signature.len() - 1]), "signature");
    refused(&format!("{header} .{payload}.{signature}"), "header");
    refused(&forge.token(&claims_with("pad", json!("x".repeat(17_000)))), "longer");
    refused(&forge.token_of("[]", "{}"), "header");
    refused(&forge.token_of("{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"", "{}"), "header");
    refused(&forge.token_of(b"{\"alg\":\"EdDSA\",\"kid\":\"ed-1\",\"x\":\"\xff\"}", "{}"), "header");
    refused(&forge.token_of(forge.header().to_string(), "7"), "payload");
    refused(&forge.token_of(forge.header().to_string(), b"\xff"), "payload");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
    refused(&forge.token_of(&deep, "{}"), "header");
    refused(&forge.token_of(forge.header().to_string(), &deep), "payload");
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let forge = Forge::new("ed-1", 1);
    refused(&forge.token_of(r#"{"alg":"EdDSA","alg":"none","kid":"ed-1"}"#, "{}"), "header");
    refused(&forge.token_of(r#"{"alg":"EdDSA","kid":"ed-1","kid":"rsa-1"}"#, "{}"), "header");
    let twice = claims().to_string().replacen('{', "{\"role\":\"operator\",", 1);
    refused(&forge.token_of(forge.header().to_string(), twice), "payload");
}

#[test]
fn the_algorithm_is_the_keys_and_not_the_tokens_choice() {
    let forge = Forge::new("ed-1", 1);
    for name in ["none", "None", "NONE", "", "HS256", "ES256", "PS256", "eddsa", "rs256", "EdDSA "] {
        let mut header = forge.header();
        header["alg"] = json!(name);
        refused(&forge.token_with(&header, &claims()), "neither EdDSA nor RS256");
        let unsigned = format!("{}.{}.", encoded(header.to_string()), encoded(claims().to_string()));
        refused(&unsigned, "neither EdDSA nor RS256");
    }
    refused(&forge.token_with(&json!({"kid": "ed-1"}), &claims()), "names no algorithm");
    refused(&forge.token_with(&json!({"alg": ["EdDSA"], "kid": "ed-1"}), &claims()), "names no algorithm");
    refused(&forge.token_with(&json!({"alg": "RS256", "kid": "ed-1"}), &claims()), "is for EdDSA");
    refused(&forge.token_with(&json!({"alg": "EdDSA", "kid": "rsa-1"}), &claims()), "is for RS256");
}

#[test]
fn a_mac_with_the_public_key_as_its_secret_is_refused() {
    let forge = Forge::new("ed-1", 1);
    for (id, secret) in [("ed-1", forge.public_key()), ("rsa-1", RSA_N.as_bytes())] {
        for name in ["HS256", "EdDSA", "RS256"] {
            let header = json!({"alg": name, "typ": "JWT", "kid": id});
            let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims().to_string()));
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
            let mac = ring::hmac::sign(&key, signed.as_bytes());
            refused(&format!("{signed}.{}", encoded(mac.as_ref())), "");
        }
    }
}

#[test]
fn keys_that_the_token_brings_along_are_not_looked_at() {
    let (forge, mallory) = (Forge::new("ed-1", 1), Forge::new("ed-1", 2));
    let mut header = forge.header();
    header["jwk"] = mallory.jwk();
    header["jku"] = json!("https://evil.example.com/jwks.json");
    header["x5u"] = json!("https://evil.example.com/cert");
    refused(&mallory.token_with(&header, &claims()), "not that of its key");
    assert_eq!(verdict(&key_set(&[forge.jwk()]), &forge.token_with(&header, &claims()), START), None);
}

#[test]
fn a_kid_is_a_name_and_nothing_else() {
    let forge = Forge::new("ed-1", 1);
    for id in
        ["../../dev/null", "ed-1' OR '1'='1", "ed-1\0", "ED-1", "ed-1 ", "/ed-1", "%65d-1", "张", &"k".repeat(5000)]
    {
        let (_, message) =
            verdict(&key_set(&[forge.jwk()]), &forge.token_with(&json!({"alg": "EdDSA", "kid": id}), &claims()), START)
                .unwrap();
        assert!(message.contains("is unknown") && message.len() < 120, "{message}");
        assert!(!message.contains("OR") && !message.contains("dev/null"), "{message}");
    }
    for id in [Value::Null, json!(""), json!(7), json!(["ed-1"])] {
        refused(&forge.token_with(&json!({"alg": "EdDSA", "kid": id}), &claims()), "names no key");
    }
    refused(&forge.token_with(&json!({"alg": "EdDSA"}), &claims()), "names no key");
}

#[test]
fn a_header_that_changes_the_meaning_is_refused() {
    let forge = Forge::new("ed-1", 1);
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("logout+jwt")),
        ("typ", json!(1)),
    ] {
        let mut header = forge.header();
        header[name] = value;
        refused(&forge.token_with(&header, &claims()), &format!("`{name}`"));
    }
    for kind in ["JWT", "jwt", "at+jwt", "application/at+JWT"] {
        let header = json!({"alg": "EdDSA", "kid": "ed-1", "typ": kind, "x": {"y": [1, 2]}});
        assert_eq!(verdict(&key_set(&[forge.jwk()]), &forge.token_with(&header, &claims()), START), None, "{kind}");
    }
}

#[test]
fn a_signature_of_somebody_else_or_over_something_else_is_refused() {
    let (forge, mallory) = (Forge::new("ed-1", 1), Forge::new("ed-1", 2));
    refused(&mallory.token(&claims()), "not that of its key");
    let (mine, other) = (forge.token(&claims()), forge.token(&claims_with("role", json!("operator"))));
    let (signed, _) = mine.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    refused(&format!("{signed}.{signature}"), "not that of its key");
    let mut flipped = RSA_TOKEN.to_owned();
    flipped.replace_range(RSA_TOKEN.len() - 20..RSA_TOKEN.len() - 19, "_");
    refused(&flipped, "not that of its key");
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    let forge = Forge::new("ed-1", 1);
    refused(&forge.token(&claims_with("iss", json!("https://open.example.com/"))), "`iss`");
    refused(&forge.token(&claims_with("iss", json!("https://evil.example.com"))), "`iss`");
    for audience in [json!("other-app"), json!("demo-app "), json!(["demo-app", "other-app"]), json!(["other-app"])] {
        refused(&forge.token(&claims_with("aud", audience)), "`aud`");
    }
    assert_eq!(verdict(&key_set(&[forge.jwk()]), &forge.token(&claims_with("aud", json!(["demo-app"]))), START), None);
}

#[test]
fn claims_of_other_types_are_refused_by_name() {
    let forge = Forge::new("ed-1", 1);
    for (name, value) in [("sub", json!(1)), ("exp", json!("soon")), ("iat", Value::Null), ("scope", json!([]))] {
        refused(&forge.token(&claims_with(name, value)), name);
    }
}

#[test]
fn no_message_shows_the_token() {
    let forge = Forge::new("ed-1", 1);
    let secret = "planted-secret";
    let keys = key_set(&[forge.jwk()]);
    for token in [
        secret.to_owned(),
        format!("{secret}.{secret}.{secret}"),
        forge.token(&claims_with("iss", json!(secret))),
        forge.token(&claims_with("aud", json!(secret))),
        forge.token_with(&json!({"alg": format!("{secret} x"), "kid": "ed-1"}), &claims()),
        forge.token_with(&json!({"alg": "EdDSA", "kid": format!("{secret} x")}), &claims()),
    ] {
        let rejection = Verifier::new(ISSUER).verify(&keys, &token, "demo-app", START).unwrap_err();
        let shown = format!("{rejection} {rejection:?}");
        assert!(!shown.contains(secret) && !shown.contains(&token), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_pass(
        header in prop::collection::vec(any::<u8>(), 0..80),
        payload in prop::collection::vec(any::<u8>(), 0..80),
        text in r"[\PC.]{0,120}",
    ) {
        let forge = Forge::new("ed-1", 1);
        let keys = key_set(&[forge.jwk(), rsa()]);
        for token in [forge.token_of(&header, &payload), forge.token_of(forge.header().to_string(), &payload), text] {
            prop_assert!(verdict(&keys, &token, START).is_some());
        }
    }

    #[test]
    fn no_changed_byte_passes(at in any::<prop::sample::Index>(), byte in r"[A-Za-z0-9._=-]") {
        let forge = Forge::new("ed-1", 1);
        let token = forge.token(&claims());
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &byte);
        prop_assert_eq!(verdict(&key_set(&[forge.jwk()]), &changed, START).is_none(), changed == token);
    }
}
