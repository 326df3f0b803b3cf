//! What a sandbox takes whose shop has a million orders: memory, and the time of its lists, through the whole protocol and the typed client.
//!
//! `cargo bench --bench million` (Linux), or `cargo bench --bench million -- 100000` for fewer. What came out: `benches/README.md`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is printed, and a benchmark may panic")]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::product::inventory::StockAdjustment;
use ecloud::trade::orders::{MemoInput, OrderSearch, OrderStatus};
use ecloud::{Clock, ManualClock, Quota, SystemClock};
use ecloud_sandbox::{Sandbox, Tier, Traffic};

/// What comes in a day is a million.
const ORDERS_PER_SECOND: f64 = 11.6;
/// As many times each list is asked for; the slowest is reported.
const ROUNDS: u32 = 20;

fn main() {
    let orders = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(measure(orders));
}

async fn measure(orders: u64) {
    let clock = ManualClock::new("2026-03-01T08:00:00Z".parse().unwrap());
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).build();
    let client = sandbox.client().quota(Quota::none()).build().unwrap();
    let shop = client.for_shop(sandbox.shop_id());
    let (product, trade) = (Product::new(&shop), Trade::new(&shop));
    let mut stocks = product.inventory().list().items();
    while let Some(stock) = stocks.try_next().await.unwrap() {
        product.inventory().adjust(stock.sku_id, StockAdjustment::new(90_000_000)).send().await.unwrap();
        clock.advance(Duration::from_millis(100));
    }

    let (before, wall) = (resident(), SystemClock::new());
    let began = wall.monotonic();
    sandbox.start_traffic(Traffic::orders_per_second(ORDERS_PER_SECOND).refunded(0.02).limit(orders)).unwrap();
    while sandbox.traffic().is_some_and(|traffic| traffic.goes_on) {
        clock.advance(Duration::from_secs(600));
        // What time brings happens once somebody looks.
        sandbox.traffic();
        trade.orders().list().limit(1).send().await.unwrap();
    }
    let ordered = sandbox.traffic().unwrap().ordered;
    let filled = wall.monotonic() - began;
    let each = (resident() - before) as f64 / ordered as f64;
    println!(
        "{ordered} orders came in {:.1} s; {each:.0} bytes an order, {} MiB in all",
        filled.as_secs_f64(),
        resident() >> 20
    );

    let now = clock.now();
    let (hour_ago, day_ago) = (now - Duration::from_secs(3_600), now - Duration::from_secs(86_000));
    macro_rules! time {
        ($what:literal, $call:expr) => {{
            let mut slowest = Duration::ZERO;
            for _ in 0..ROUNDS {
                clock.advance(Duration::from_millis(200));
                let began = wall.monotonic();
                $call.await.unwrap();
                slowest = slowest.max(wall.monotonic() - began);
            }
            println!("{:<58} {:>8.2} ms", $what, slowest.as_secs_f64() * 1e3);
        }};
    }
    time!("the first 100 orders", trade.orders().list().limit(100).send());
    time!("100 orders of the last hour", trade.orders().list().created_from(hour_ago).limit(100).send());
    time!("100 orders that are to be paid", trade.orders().list().status(OrderStatus::WaitPayment).limit(100).send());
    time!(
        "100 orders that are finished, of which there are few",
        trade.orders().list().status(OrderStatus::Finished).limit(100).send()
    );
    time!("100 orders that have changed within a day", trade.orders().changes(day_ago).page_size(100).send());
    time!(
        "100 orders that have changed, the 100th page",
        trade.orders().changes(day_ago).page_size(100).page(100).send()
    );
    let mut of_buyer = OrderSearch::new();
    of_buyer.buyer_id = Some("b-00077".into());
    time!("the orders of one buyer", trade.orders().search(of_buyer.clone()).limit(100).send());
    time!("100 payments", trade.payments().list().limit(100).send());
    time!("100 refunds that have changed within a day", trade.refunds().changes(day_ago).page_size(100).send());
    time!("what the account holds", trade.account().get_balance().send());
    let first = trade.orders().list().limit(1).send().await.unwrap().items[0].order_id.clone();
    time!("one order", trade.orders().get(first.clone()).send());
    time!(
        "one order's memo is changed",
        trade.orders().set_memo(first.clone(), MemoInput::new("call him back")).send()
    );

    let path = std::env::temp_dir().join(format!("ecloud-million-{}", std::process::id()));
    let began = wall.monotonic();
    sandbox.save(&path).unwrap();
    let saved = wall.monotonic() - began;
    let size = fs::metadata(&path).unwrap().len();
    drop(client);
    drop(sandbox);
    let began = wall.monotonic();
    let restored = Sandbox::builder().clock(Arc::new(clock)).restore(&path).unwrap();
    let read = wall.monotonic() - began;
    fs::remove_file(&path).unwrap();
    println!("saved in {:.1} s to {} MiB, restored in {:.1} s", saved.as_secs_f64(), size >> 20, read.as_secs_f64());
    drop(restored);
}

/// The bytes of this process that are in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
