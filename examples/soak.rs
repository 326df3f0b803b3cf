//! A long load against a sandbox that fails on the way, and a report whose numbers add up.
//!
//!     cargo run --release --example soak -- [--calls N] [--at-once N] [--seed N]
//!
//! 20,000 calls unless told, which is about a minute at the quota of the sandbox's largest tier. The exit status is 1 if a number doesn't
//! add up: calls are successes and failures by kind; the platform saw the attempts that the client counts; each write that was acknowledged
//! or whose outcome is unknown is applied once, and no other.

#![allow(clippy::print_stdout, reason = "a report is printed")]

#[path = "soak/load.rs"]
mod load;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use ecloud::{BulkProgress, Clock, QuotaLimit, SystemClock};
use ecloud_sandbox::{Sandbox, Tier};
use load::Load;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let load = match arguments(std::env::args().skip(1)) {
        Ok(load) => load,
        Err(reason) => {
            eprintln!("soak: {reason}");
            return ExitCode::from(64);
        }
    };
    match soak(load).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(load: Load) -> Result<bool, ecloud::Error> {
    let clock = SystemClock::new();
    let sandbox = Sandbox::builder()
        .tier(Tier::Strategic)
        .seed(load.seed)
        .received_capacity(load.calls as usize * 6)
        .start()
        .await;
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).build()?;
    println!("{} calls, {} at once, seed {}", load.calls, load.at_once, load.seed);
    let report = load::run(&sandbox, &client, load, bar(load.calls)).await?;
    println!("{report}");
    println!("  in         {:>7.1} s", clock.monotonic().as_secs_f64());
    let mistakes = report.mistakes();
    for mistake in &mistakes {
        println!("  WRONG: {mistake}");
    }
    if mistakes.is_empty() {
        println!("  everything adds up");
    }
    Ok(mistakes.is_empty())
}

/// Draws a progress bar on a terminal, a hundredth at a time; nothing elsewhere.
fn bar(calls: u32) -> impl FnMut(BulkProgress) + Send + 'static {
    let is_terminal = std::io::stderr().is_terminal();
    let mut drawn = 0;
    move |progress| {
        let ended = progress.succeeded + progress.failed;
        let percent = ended * 100 / (calls as usize).max(1);
        if is_terminal && percent > drawn {
            drawn = percent;
            let end = if percent == 100 { "\r\x1b[K" } else { "" };
            let bar = "#".repeat(percent / 2);
            eprint!("\r[{bar:<50}] {percent:>3} %  {} failed{end}", progress.failed);
            _ = std::io::stderr().flush();
        }
    }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Load, String> {
    let mut load = Load { calls: 20_000, at_once: 16, seed: 1 };
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("`{word}` needs a number"))?;
        let number = |name: &str| value.parse::<u32>().map_err(|_| format!("`{name}`: `{value}` is no number"));
        match word.as_str() {
            "--calls" => load.calls = number("--calls")?.max(1),
            "--at-once" => load.at_once = number("--at-once")? as usize,
            "--seed" => load.seed = number("--seed")?.into(),
            _ => return Err(format!("`{word}` is no option; --calls N, --at-once N, --seed N")),
        }
    }
    Ok(load)
}
