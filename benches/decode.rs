//! Reading a page of 100 orders, beside serde_json into the same structs.
//!
//! The SDK's reader is internal, so what is measured of it is a whole call in memory: built, signed, answered at once, classified and
//! read. The call without the reading stands beside it, so that it can be taken off.
//!
//! `cargo bench --bench decode`. What came out: `benches/README.md`.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

#[allow(dead_code, reason = "the small order is for the other benchmark")]
mod answers;

use std::future::Future;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecloud::trade::Trade;
use ecloud::trade::orders::{OrderPage, Orders};
use ecloud::transport::MemoryTransport;
use ecloud::{Client, Error, QuotaLimit};
use http::{HeaderValue, Response, header};

/// A shop whose platform is this page.
fn orders(page: Bytes) -> Result<Orders, Error> {
    let transport = MemoryTransport::new(move |_| {
        let mut answer = Response::new(page.clone());
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(answer)
    });
    let client = Client::builder()
        .endpoint("https://open.example.com")
        .app("bench-app", "a secret of an ordinary length, 40 bytes")
        .access_token("4f0c8a1e9b7d4c35a2e61f80")
        .quota(QuotaLimit::UNLIMITED)
        .transport(transport)
        .build()?;
    Ok(Trade::new(&client).orders())
}

fn decode(criterion: &mut Criterion) {
    let text = answers::page_of_100();
    let orders = orders(Bytes::from(text.clone())).expect("the client is well configured");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    fn done<T>(runtime: &tokio::runtime::Runtime, call: impl Future<Output = Result<T, Error>>) -> T {
        runtime.block_on(call).expect("the platform answers")
    }
    let by_hand: OrderPage = serde_json::from_str(&text).expect("the page is one");
    assert_eq!(done(&runtime, orders.list().send()), by_hand);

    let mut group = criterion.benchmark_group("page of 100 orders");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ecloud: a whole call in memory, read", |bencher| {
        bencher.iter(|| done(&runtime, orders.list().send()));
    });
    group.bench_function("ecloud: the same call, not read", |bencher| {
        bencher.iter(|| done(&runtime, orders.list().send_raw()));
    });
    group.bench_function("serde_json::from_str of text", |bencher| {
        bencher.iter(|| serde_json::from_str::<OrderPage>(black_box(&text)).expect("as above"));
    });
    group.bench_function("std::str::from_utf8, then serde_json::from_str", |bencher| {
        bencher.iter(|| {
            let text = std::str::from_utf8(black_box(text.as_bytes())).expect("as above");
            serde_json::from_str::<OrderPage>(text).expect("as above")
        });
    });
    group.bench_function("serde_json::from_slice of bytes", |bencher| {
        bencher.iter(|| serde_json::from_slice::<OrderPage>(black_box(text.as_bytes())).expect("as above"));
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
