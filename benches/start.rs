//! What a client costs to build: the first of a process, and later ones.
//!
//!     cargo bench --bench start
//!     cargo bench --bench start --features webpki-roots
//!
//! Each first client is built in a process of its own; the figures are medians, of CPU time.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a report is printed, and a benchmark may panic")]

use std::process::Command;
use std::time::Duration;

use cpu_time::ProcessTime;
use ecloud::Client;

const PROCESSES: usize = 41;
const CHILD: &str = "ECLOUD_BENCH_START_CHILD";

fn build() -> Client {
    Client::builder().endpoint("https://open.example.com").app("app-key", "app-secret").build().unwrap()
}

/// CPU time in nanoseconds of the first client of this process, and of the mean of a hundred later ones.
fn measure() -> (u128, u128) {
    let before = ProcessTime::now();
    let first = build();
    let took = before.elapsed();
    let before = ProcessTime::now();
    let later: Vec<Client> = (0..100).map(|_| build()).collect();
    let later_took = before.elapsed() / 100;
    drop((first, later));
    (took.as_nanos(), later_took.as_nanos())
}

fn main() {
    if std::env::var_os(CHILD).is_some() {
        let (first, later) = measure();
        println!("{first} {later}");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let mut figures: Vec<(u64, u64)> = (0..PROCESSES)
        .map(|_| {
            let output = Command::new(&program).env(CHILD, "1").output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let (first, later) = text.trim().split_once(' ').unwrap();
            (first.parse().unwrap(), later.parse().unwrap())
        })
        .collect();
    let mut median = |of: fn(&(u64, u64)) -> u64| {
        figures.sort_by_key(of);
        Duration::from_nanos(of(&figures[PROCESSES / 2]))
    };
    println!("first client of a process  {:?}", median(|figures| figures.0));
    println!("each later one             {:?}", median(|figures| figures.1));
}
