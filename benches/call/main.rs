//! The whole call beside the same call written and signed by hand on reqwest.
//!
//! `cargo bench --features hyper --bench call` measures the thread's CPU time; with `-- instructions`, `-- allocations` or `-- system-calls`
//! it counts those. What is compared, and what came out: `benches/README.md`.

#[path = "../answers/mod.rs"]
mod answers;
mod bare;
mod by_hand;
mod counts;
mod cpu_time;
mod server;
mod way;

use tokio::runtime::Runtime;

use by_hand::Failure;
use counts::Count;
use way::{Job, Way};

fn main() -> Result<(), Failure> {
    // The SDK brings its provider along; reqwest by hand takes the process's.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => cpu_time::measure(),
        ["instructions"] => Count::Instructions.measure(),
        ["allocations"] => Count::Allocations.measure(),
        ["system-calls"] => Count::SystemCalls.measure(),
        ["--serve"] => Ok(server::serve()?),
        ["--calls", way, job, calls, address] => make_calls(way, job, calls.parse()?, address),
        _ => Err("say nothing for CPU time, or `instructions`, `allocations`, `system-calls`".into()),
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()
}

/// Calls one after the other: what callgrind looks at.
fn make_calls(way: &str, job: &str, calls: usize, address: &str) -> Result<(), Failure> {
    let way = Way::new(way, address)?;
    let job = Job::ALL.into_iter().find(|known| known.name() == job).ok_or("no such job")?;
    runtime()?.block_on(async {
        for _ in 0..calls {
            way.call(job).await?;
        }
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "a measurement is there to be printed")]
fn print(line: &str) {
    println!("{line}");
}
