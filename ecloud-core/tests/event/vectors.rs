//! The published vectors of Standard Webhooks 1.0, of <https://github.com/standard-webhooks/standard-webhooks> at commit
//! b2fa7b8719fb75d326b591077f5d1b385cfcdfae.

use std::sync::Arc;

use ecloud_core::event::{WebhookSigner, WebhookVerifier};
use ecloud_core::{ManualClock, Timestamp};
use http::{HeaderMap, HeaderValue};

use super::secret;

struct Vector {
    /// Where it stands.
    source: &'static str,
    secret: &'static str,
    id: &'static str,
    timestamp: i64,
    body: &'static str,
    signature: &'static str,
}

/// All signatures that the repository gives together with their secret.
const VECTORS: [Vector; 2] = [
    Vector {
        source: "libraries/go/webhook_test.go, TestWebhookSign; the same in those of C#, Java, JavaScript, PHP, Python and Ruby",
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    Vector {
        source: "libraries/rust/src/lib.rs, test_sign",
        secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        timestamp: 1_649_367_553,
        body: r#"{"email":"test@example.com","username":"test_user"}"#,
        signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    },
];

/// Signatures that the libraries' tests use as wrong ones.
const WRONG: [&str; 6] = [
    "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=",
    "v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU=",
    "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ=",
    "v1,dawfeoifkpqwoekfpqoekf",
    "v1,invalid_signature",
    "v1,",
];

fn headers(vector: &Vector, signatures: &str) -> HeaderMap {
    [
        ("webhook-id", vector.id.to_owned()),
        ("webhook-timestamp", vector.timestamp.to_string()),
        ("webhook-signature", signatures.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_str(&value).expect("a value")))
    .collect()
}

fn verifier(vector: &Vector) -> WebhookVerifier {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(vector.timestamp));
    WebhookVerifier::with_clock([secret(vector.secret)], Arc::new(clock)).expect("one secret")
}

#[test]
fn signatures_are_the_published_ones() {
    for vector in VECTORS {
        let sent_at = Timestamp::from_unix_seconds(vector.timestamp);
        let signer = WebhookSigner::new(secret(vector.secret));
        let headers = signer.headers(vector.id, sent_at, vector.body.as_bytes()).expect("a published id");
        assert_eq!(headers["webhook-signature"], vector.signature, "{}", vector.source);
    }
}

#[test]
fn the_published_signatures_are_genuine_with_and_without_the_secrets_prefix() {
    for vector in VECTORS {
        let headers = headers(&vector, vector.signature);
        let bare = Vector { secret: vector.secret.trim_start_matches("whsec_"), ..vector };
        for vector in [&vector, &bare] {
            let delivery = verifier(vector).verify(&headers, vector.body.as_bytes());
            assert_eq!(delivery.expect(vector.source).id, vector.id);
        }
    }
}

#[test]
fn one_genuine_signature_among_several_is_enough() {
    for vector in VECTORS {
        let wrong_version = WRONG[0].replace("v1,", "v2,");
        let several = [WRONG[0], &wrong_version, vector.signature, WRONG[1]].join(" ");
        assert!(verifier(&vector).verify(&headers(&vector, &several), vector.body.as_bytes()).is_ok(), "{several}");
    }
}

#[test]
fn the_libraries_wrong_signatures_are_refused() {
    for vector in VECTORS {
        for signatures in
            WRONG.map(str::to_owned).into_iter().chain([WRONG.join(" "), vector.signature[..8].to_owned()])
        {
            let refusal = verifier(&vector).verify(&headers(&vector, &signatures), vector.body.as_bytes()).unwrap_err();
            assert_eq!(refusal.code(), Some("event.signature_mismatch"), "{signatures}");
        }
        for signatures in ["v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "invalid_signature"] {
            let refusal = verifier(&vector).verify(&headers(&vector, signatures), vector.body.as_bytes()).unwrap_err();
            assert_eq!(refusal.code(), Some("event.signature_version"), "{signatures}");
        }
    }
}
