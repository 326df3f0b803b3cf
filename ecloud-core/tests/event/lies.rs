//! Headers that are missing, repeated, malformed or untrue: an error each, by kind.

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::event::{WebhookSigner, WebhookVerifier};
use ecloud_core::{ErrorKind, ManualClock, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{NOW, SECRET, clock, secret, signed, verifier};

const BODY: &str = r#"{"planted":"payload"}"#;
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// Kind and code of the refusal.
fn refusal(headers: &HeaderMap, body: &str) -> (ErrorKind, String) {
    let error = verifier(&clock()).verify(headers, body.as_bytes()).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("planted") && !shown.contains("MfKQ9"), "{shown}");
    (error.kind(), error.code().unwrap_or_default().to_owned())
}

fn with(name: &'static str, value: &[u8]) -> HeaderMap {
    let mut headers = signed("E1", BODY);
    headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value).expect("a value"));
    headers
}

#[test]
fn each_header_must_be_there() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = signed("E1", BODY);
        headers.remove(name);
        assert_eq!(refusal(&headers, BODY), (ErrorKind::InvalidRequest, "event.header_missing".into()), "{name}");
    }
}

#[test]
fn no_header_may_be_there_twice_even_with_the_same_value() {
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut headers = signed("E1", BODY);
        let value = headers[name].clone();
        headers.append(name, value);
        assert_eq!(refusal(&headers, BODY), (ErrorKind::InvalidRequest, "event.header_repeated".into()), "{name}");
    }
}

#[test]
fn a_header_of_another_form_is_refused() {
    let long = "a".repeat(257);
    let many = "v1,AAAA ".repeat(513);
    for (name, values) in [
        ("webhook-id", vec!["", " ", "E1, E1", "E.1", "E 1", "E1\tE2", "张", &long]),
        (
            "webhook-timestamp",
            vec![
                "",
                "-1",
                "+1795337400",
                "01795337400",
                "1795337400.0",
                "1795337400 ",
                "1e9",
                "0x6b",
                "٣",
                "1234567890123",
            ],
        ),
        ("webhook-signature", vec!["", "v1,张", &many]),
    ] {
        for value in values {
            let (kind, code) = refusal(&with(name, value.as_bytes()), BODY);
            assert_eq!((kind, code.as_str()), (ErrorKind::InvalidRequest, "event.header_invalid"), "{name}: {value:?}");
        }
    }
    assert_eq!(refusal(&with("webhook-id", b"\xff"), BODY).1, "event.header_invalid");
}

#[test]
fn an_id_or_a_timestamp_that_was_changed_is_not_what_was_signed() {
    for (name, value) in [("webhook-id", "E2"), ("webhook-timestamp", "1795337401")] {
        let expected = (ErrorKind::Unauthenticated, "event.signature_mismatch".into());
        assert_eq!(refusal(&with(name, value.as_bytes()), BODY), expected, "{name}");
    }
}

#[test]
fn a_body_that_was_written_again_is_not_what_was_signed() {
    for body in [r#"{"planted": "payload"}"#, "", r#"{"planted":"payload"}\n"#] {
        assert_eq!(refusal(&signed("E1", BODY), body).1, "event.signature_mismatch", "{body}");
    }
}

#[test]
fn a_content_length_that_is_not_the_bodys_is_refused() {
    assert_eq!(
        refusal(&with("content-length", b"20"), BODY),
        (ErrorKind::InvalidRequest, "event.header_invalid".into())
    );
    assert!(verifier(&clock()).verify(&with("content-length", b"21"), BODY.as_bytes()).is_ok());
}

#[test]
fn a_body_over_the_limit_is_refused_before_anything_is_computed() {
    let verifier = verifier(&clock()).body_limit(BODY.len() - 1);
    let error = verifier.verify(&HeaderMap::new(), BODY.as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, Some("event.body_too_large")));
    let at_the_limit = verifier.body_limit(BODY.len());
    assert!(at_the_limit.verify(&signed("E1", BODY), BODY.as_bytes()).is_ok());
}

#[test]
fn names_of_headers_have_no_case() {
    let mut headers = HeaderMap::new();
    for (name, value) in &signed("E1", BODY) {
        let name = name.as_str().to_uppercase();
        headers.insert(HeaderName::from_bytes(name.as_bytes()).expect("a name"), value.clone());
    }
    assert!(verifier(&clock()).verify(&headers, BODY.as_bytes()).is_ok());
}

#[test]
fn a_delivery_is_taken_within_300_seconds_both_ways_and_no_longer() {
    let headers = signed("E1", BODY);
    for (offset_millis, taken) in [
        (0, true),
        (299_000, true),
        (300_000, true),
        (300_001, false),
        (301_000, false),
        (-299_000, true),
        (-300_000, true),
        (-300_001, false),
        (-301_000, false),
    ] {
        let clock = ManualClock::new(Timestamp::from_unix_millis(NOW * 1000 + offset_millis));
        let outcome = verifier(&clock).verify(&headers, BODY.as_bytes());
        let code = outcome.as_ref().err().and_then(|error| error.code());
        assert_eq!(code, (!taken).then_some("event.timestamp_skew"), "{offset_millis} ms");
    }
    let late = ManualClock::new(Timestamp::from_unix_seconds(NOW + 301));
    assert!(verifier(&late).tolerance(Duration::from_secs(301)).verify(&headers, BODY.as_bytes()).is_ok());
}

#[test]
fn times_at_the_ends_of_what_can_be_written_are_refused_and_overflow_nothing() {
    for timestamp in ["0", "999999999999"] {
        assert_eq!(refusal(&with("webhook-timestamp", timestamp.as_bytes()), BODY).1, "event.timestamp_skew");
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let clock = ManualClock::new(now);
            assert!(
                verifier(&clock).verify(&with("webhook-timestamp", timestamp.as_bytes()), BODY.as_bytes()).is_err()
            );
        }
    }
}

#[test]
fn while_secrets_rotate_either_side_may_be_ahead() {
    let now = Timestamp::from_unix_seconds(NOW);
    let old = WebhookSigner::new(secret(SECRET));
    let both = old.clone().and(secret(OTHER));
    let new = WebhookSigner::new(secret(OTHER));
    let receiver = |secrets: &[&str]| {
        let secrets: Vec<_> = secrets.iter().map(|text| secret(text)).collect();
        WebhookVerifier::with_clock(secrets, Arc::new(clock())).expect("secrets")
    };
    for (signer, secrets, genuine) in [
        (&old, vec![SECRET], true),
        (&both, vec![SECRET], true),
        (&both, vec![OTHER], true),
        (&old, vec![OTHER, SECRET], true),
        (&new, vec![OTHER, SECRET], true),
        (&new, vec![SECRET], false),
        (&old, vec![OTHER], false),
    ] {
        let headers = signer.headers("E1", now, BODY.as_bytes()).expect("an id");
        assert_eq!(receiver(&secrets).verify(&headers, BODY.as_bytes()).is_ok(), genuine, "{secrets:?}");
    }
}

#[test]
fn secrets_are_changed_while_it_runs() {
    let verifier = verifier(&clock());
    let headers = signed("E1", BODY);
    assert!(verifier.verify(&headers, BODY.as_bytes()).is_ok());
    verifier.set_secrets([secret(OTHER)]).expect("one secret");
    assert!(verifier.verify(&headers, BODY.as_bytes()).is_err());
    assert!(verifier.set_secrets([]).is_err());
    verifier.set_secrets([secret(OTHER), secret(SECRET)]).expect("two secrets");
    assert!(verifier.verify(&headers, BODY.as_bytes()).is_ok());
}

#[test]
fn a_verifier_has_1_to_16_secrets() {
    for (count, fits) in [(0, false), (1, true), (16, true), (17, false)] {
        let outcome = WebhookVerifier::new((0..count).map(|_| secret(SECRET)));
        assert_eq!(outcome.as_ref().err().map(|error| error.kind()), (!fits).then_some(ErrorKind::Configuration));
    }
}

#[test]
fn a_signer_refuses_what_no_verifier_takes() {
    let signer = WebhookSigner::new(secret(SECRET));
    let now = Timestamp::from_unix_seconds(NOW);
    for (id, at) in [("", now), ("a.b", now), ("a b", now), ("张", now), ("a\n", now), ("E1", Timestamp::MIN)] {
        assert_eq!(signer.headers(id, at, b"").unwrap_err().kind(), ErrorKind::InvalidRequest, "{id:?}");
    }
}
