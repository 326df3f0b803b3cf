//! Access tokens and key sets from anywhere: nothing panics, and no token is taken that the platform's key didn't sign.
//!
//! The first line is a token as it stands; the second and third a header and a payload, which are encoded and put together with the fourth for a
//! signature; the rest is a key set.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecloud_core::Timestamp;
use ecloud_core::jwt::{Claims, KeySet, Verifier};
use libfuzzer_sys::fuzz_target;

/// The key of RFC 8037, whose private half is known, but not to the fuzzer; and one by the same name of RSA would be another.
const KEYS: &[u8] =
    br#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (token, header, payload, signature, set) = (line(), line(), line(), line(), line());
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let encoded = format!("{}.{}.{}", encode(header), encode(payload), encode(signature));
    let verifier = Verifier::new("https://open.example.com");
    let now = Timestamp::from_unix_seconds(1_795_336_200);
    let own = KeySet::from_json(KEYS).expect("a key set");
    let other = KeySet::from_json(set.as_bytes());
    for token in [token, &encoded] {
        let refused = verifier.verify(&own, token, "demo-app", now);
        let rejection = refused.expect_err("nobody has signed it");
        assert_eq!(rejection.status(), 401);
        if let Ok(other) = &other {
            _ = verifier.verify(other, token, "demo-app", now);
        }
        if let Some(claims) = Claims::of(token) {
            assert!(!claims.issuer.is_empty() && !claims.subject.is_empty() && !claims.audience.is_empty());
            assert!(claims.scopes.iter().all(|scope| !scope.is_empty() && !scope.contains(' ')));
        }
    }
});
