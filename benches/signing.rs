//! Signing beside a bare HMAC-SHA256 over the same bytes, and with the canonical form included.
//!
//! `cargo bench --bench signing`. What came out: `benches/README.md`.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ecloud::dialect::ecloud::{SigningKey, string_to_sign};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

const SECRET: &[u8] = b"a secret of an ordinary length, 40 bytes";
const PATH: &str = "/trade/v1/orders";
const QUERY: &str = "status=paid&limit=100";
const TIMESTAMP: &str = "1795336200";

/// What a read carries when it comes to be signed.
fn headers() -> HeaderMap {
    [
        ("accept", "application/json"),
        ("user-agent", "ecloud-rust/0.1.0"),
        ("x-ecloud-app-key", "bench-app"),
        ("x-ecloud-timestamp", TIMESTAMP),
        ("x-ecloud-nonce", "0123456789abcdef0123456789abcdef"),
        ("authorization", "Bearer 4f0c8a1e9b7d4c35a2e61f80.5d1c07b2e9a84f63a0c7"),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
    .collect()
}

fn signing(criterion: &mut Criterion) {
    let headers = headers();
    let canonical =
        || string_to_sign("GET", PATH, Some(QUERY), TIMESTAMP, &headers).expect("the request is well formed");
    let text = canonical();
    assert_eq!(text.len(), 200);
    let bare: Hmac<Sha256> = Hmac::new_from_slice(SECRET).expect("HMAC takes keys of any length");
    let key = SigningKey::new(SECRET);

    let mut group = criterion.benchmark_group("signing");
    group.bench_function("bare HMAC-SHA256 of 200 bytes, keyed beforehand", |bencher| {
        bencher.iter(|| {
            let mut state = bare.clone();
            state.update(black_box(text.as_bytes()));
            state.finalize().into_bytes()
        });
    });
    group.bench_function("SigningKey::sign of the same, with its 64 digits", |bencher| {
        bencher.iter(|| key.sign(black_box(&text)));
    });
    group.bench_function("string_to_sign, then SigningKey::sign", |bencher| {
        bencher.iter(|| {
            key.sign(&string_to_sign("GET", PATH, Some(QUERY), TIMESTAMP, black_box(&headers)).expect("as above"))
        });
    });
    group.finish();
}

criterion_group!(benches, signing);
criterion_main!(benches);
