//! A permit of the quota beside `governor`'s check, alone and on two threads that share one limit.
//!
//! `cargo bench --bench permit`. What came out: `benches/README.md`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is printed, and a benchmark may panic")]

use std::num::NonZeroU32;
use std::thread;

use cpu_time::ThreadTime;
use ecloud::{Client, QuotaLimit};
use governor::clock::MonotonicClock;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// How many permits a turn takes on each thread.
const PERMITS: u32 = 100_000;
/// How often each way has its turn.
const ROUNDS: usize = 41;
const GROUP: &str = "trade.orders";

/// A way to take one permit; the limit is never reached.
type Take<'a> = Box<dyn Fn() + Sync + 'a>;

fn main() {
    let client = Client::builder()
        .endpoint("https://open.example.com")
        .app("app-key", "app-secret")
        .quota(QuotaLimit::new(1e9, 1e12).unwrap())
        .build()
        .unwrap();
    let draw = client.quota(GROUP);
    let quota = Quota::per_second(NonZeroU32::new(1_000_000_000).unwrap());
    let direct = DefaultDirectRateLimiter::direct(quota);
    let monotonic = RateLimiter::direct_with_clock(quota, MonotonicClock);
    let keyed = DefaultKeyedRateLimiter::<&str>::keyed(quota);
    let ways: [(&str, Take<'_>); 4] = [
        ("ecloud, one group of many", Box::new(|| drop(draw.try_now().unwrap()))),
        ("governor, one limit, the processor's counter", Box::new(|| direct.check().unwrap())),
        ("governor, one limit, the system's clock", Box::new(|| monotonic.check().unwrap())),
        ("governor, one key of many", Box::new(|| keyed.check_key(&GROUP).unwrap())),
    ];
    for threads in [1, 2] {
        println!("{threads} threads, CPU time a permit, medians of {ROUNDS} rounds");
        let mut taken = vec![Vec::new(); ways.len()];
        for round in 0..=ROUNDS {
            for turn in 0..ways.len() {
                let at = (round + turn) % ways.len();
                let nanos = take_turn(&ways[at].1, threads);
                // The first round warms up.
                if round > 0 {
                    taken[at].push(nanos);
                }
            }
        }
        for ((name, _), times) in ways.iter().zip(&taken) {
            let ratio = median(taken[0].iter().zip(times).map(|(ecloud, other)| ecloud / other).collect());
            println!("{name:<46} {:>7.1} ns   ecloud is {ratio:.2} of it", median(times.clone()));
        }
    }
}

/// Nanoseconds of CPU time a permit, over all threads.
fn take_turn(take: &Take<'_>, threads: u32) -> f64 {
    let one = || {
        let start = ThreadTime::now();
        for _ in 0..PERMITS {
            take();
        }
        start.elapsed().as_nanos() as f64
    };
    let total: f64 = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    total / f64::from(PERMITS * threads)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
