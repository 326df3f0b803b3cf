//! What 10,000 shops on one client take while they rest, each after a call: resident memory, so the allocator's own share is in it.
//!
//! `cargo bench --bench shops` (Linux). What came out: `benches/README.md`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is printed, and a benchmark may panic")]

use std::fs;

use bytes::Bytes;
use ecloud::transport::MemoryTransport;
use ecloud::{Client, Json, Method, Quota, QuotaLimit, Shop};
use http::Response;

const SHOPS: usize = 10_000;

fn main() {
    let limit = QuotaLimit::new(20.0, 40.0).unwrap();
    let client = Client::builder()
        .endpoint("https://open.example.com")
        .app("app-key", "app-secret")
        .quota(Quota::none().each_shop(limit).each_shop_group(limit))
        .transport(MemoryTransport::new(|_| {
            Ok(Response::builder().header("content-type", "application/json").body(Bytes::from_static(b"{}")).unwrap())
        }))
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    // What the first calls set up isn't any shop's.
    let warm: Vec<Shop> = (0..100).map(|number| runtime.block_on(call(&client, &format!("warm-{number}")))).collect();
    let before = resident();
    let mut shops = Vec::with_capacity(SHOPS);
    for number in 0..SHOPS {
        shops.push(runtime.block_on(call(&client, &format!("shop-{number:05}"))));
    }
    let each = (resident() - before) as f64 / SHOPS as f64;
    println!(
        "{SHOPS} shops, each with a token of 85 bytes, two limits of its own and a call behind it: {each:.0} bytes a shop"
    );
    drop((warm, shops));
}

/// A shop that has made a call.
async fn call(client: &Client, id: &str) -> Shop {
    let token = format!("eyJhbGciOiJFZERTQSJ9.{:0>40}.c2lnbmF0dXJlc2lnbmF0dXI", id.bytes().map(u64::from).sum::<u64>());
    let shop = client.for_shop(id).access_token(token);
    let request = shop.request(Method::GET, "/trade/v1/orders/T1001").quota("trade.orders", 1);
    request.send::<Json>().await.unwrap();
    shop
}

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
