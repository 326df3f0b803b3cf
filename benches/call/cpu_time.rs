//! The CPU time of the calling thread, with many calls in flight.

use std::time::Duration;

use cpu_time::ThreadTime;
use tokio::runtime::Runtime;

use crate::by_hand::Failure;
use crate::server::Server;
use crate::way::{Job, Way};
use crate::{print, runtime};

/// How many calls are under way at a time.
const IN_FLIGHT: usize = 64;
/// How often each way has its turn.
const ROUNDS: usize = 31;

/// Measures in rounds, in which each way has a turn, and compares by the median of the rounds' ratios.
pub(crate) fn measure() -> Result<(), Failure> {
    let server = Server::start()?;
    let runtime = runtime()?;
    let ways = Way::NAMES.map(|name| Way::new(name, &server.address));
    let ways = ways.into_iter().collect::<Result<Vec<_>, _>>()?;
    print(&format!("thread CPU time a call, {IN_FLIGHT} calls in flight, medians of {ROUNDS} rounds"));
    for job in Job::ALL {
        let calls = IN_FLIGHT * if job == Job::PageOf100 { 5 } else { 100 };
        let mut taken = vec![Vec::new(); ways.len()];
        // The first round opens the connections, and doesn't count.
        for round in 0..=ROUNDS {
            for turn in 0..ways.len() {
                // Whoever goes first in one round goes last in the next.
                let at = (round + turn) % ways.len();
                let time = take_turn(&runtime, &ways[at], job, calls)?;
                if round > 0 {
                    taken[at].push(time.as_secs_f64() * 1e6 / calls as f64);
                }
            }
        }
        for (way, times) in Way::NAMES.iter().zip(&taken) {
            let ratio = median(taken[0].iter().zip(times).map(|(ecloud, other)| ecloud / other).collect());
            let time = median(times.clone());
            print(&format!("{:<12} {way:<8} {time:>8.1} µs   ecloud is {ratio:.3} of it", job.name()));
        }
    }
    Ok(())
}

/// The CPU time that this thread takes for so many calls.
fn take_turn(runtime: &Runtime, way: &Way, job: Job, calls: usize) -> Result<Duration, Failure> {
    let start = ThreadTime::now();
    runtime.block_on(async {
        let task = |_| {
            let way = way.clone();
            tokio::spawn(async move {
                for _ in 0..calls / IN_FLIGHT {
                    way.call(job).await?;
                }
                Ok::<(), Failure>(())
            })
        };
        let tasks: Vec<_> = (0..IN_FLIGHT).map(task).collect();
        for task in tasks {
            task.await??;
        }
        Ok::<(), Failure>(())
    })?;
    Ok(start.elapsed())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
