//! Instructions a call, counted by callgrind: they repeat, whatever else the machine does.

use std::process::Command;

use crate::by_hand::Failure;
use crate::print;
use crate::server::Server;
use crate::way::{Job, Way};

/// Counts the instructions of many calls and of few, one after the other, so that the difference is free of the start.
pub(crate) fn count() -> Result<(), Failure> {
    let server = Server::start()?;
    print("instructions a call, one after the other");
    for job in Job::ALL {
        let (few, many) = if job == Job::SmallOrder { (50, 250) } else { (5, 25) };
        let mut counts = Vec::new();
        for way in Way::NAMES {
            let counted = |calls: u64| callgrind(&["--calls", way, job.name(), &calls.to_string(), &server.address]);
            counts.push((counted(many)? - counted(few)?) / (many - few));
        }
        for (way, count) in Way::NAMES.iter().zip(&counts) {
            let ratio = counts[0] as f64 / *count as f64;
            print(&format!("{:<12} {way:<8} {count:>9}   ecloud is {ratio:.3} of it", job.name()));
        }
    }
    Ok(())
}

/// How many instructions this program takes with these arguments.
fn callgrind(arguments: &[&str]) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind doesn't start: {error}"))?;
    let said = String::from_utf8(output.stderr)?;
    let collected = said.lines().find_map(|line| line.split_once("Collected :")).filter(|_| output.status.success());
    let (_, count) = collected.ok_or_else(|| format!("callgrind failed: {said}"))?;
    Ok(count.trim().parse()?)
}
