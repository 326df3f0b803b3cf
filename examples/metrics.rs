//! What the client counts and times, as text for Prometheus: a sandbox that fails on the way, some calls, and what came of them.
//!
//!     cargo run --features metrics --example metrics
//!
//! It asks for the feature by name, so that the benchmarks beside it measure a client that counts nothing. An application hands the text out on a
//! port of its own, or lets the exporter do it (its feature `http-listener`).

#![allow(clippy::print_stdout, reason = "a report is printed")]

#[path = "soak/load.rs"]
mod load;

use std::process::ExitCode;

use ecloud::QuotaLimit;
use ecloud_sandbox::{Sandbox, Tier};
use load::Load;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

/// Seconds that tell a call which was answered at once from one that waited or tried again.
const BUCKETS: [f64; 6] = [0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("metrics: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS)?.install_recorder()?;
    // After the recorder is there: what is described before is lost.
    ecloud::metrics::describe();

    let load = Load { calls: 300, at_once: 8, seed: 1 };
    let sandbox = Sandbox::builder().tier(Tier::Strategic).seed(load.seed).received_capacity(5000).start().await;
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).build()?;
    let report = load::run(&sandbox, &client, load, |_| {}).await?;

    if let Some(mistake) = report.mistakes().into_iter().next() {
        return Err(mistake.into());
    }
    print!("{}", recorder.render());
    Ok(())
}
