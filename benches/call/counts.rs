//! What a call takes, counted from outside by a tool: the counts repeat, whatever else the machine does.

use std::process::Command;

use crate::by_hand::Failure;
use crate::print;
use crate::server::Server;
use crate::way::{Job, Way};

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// By callgrind.
    Instructions,
    /// By memcheck, which stands in for the allocator: each `malloc`, `calloc` and `realloc`.
    Allocations,
    /// By strace, of all threads.
    SystemCalls,
}

impl Count {
    /// Counts many calls and few, one after the other, so that the difference is free of the start.
    pub(crate) fn measure(self) -> Result<(), Failure> {
        let server = Server::start()?;
        print(&format!("{} a call, one after the other", self.name()));
        for job in Job::ALL {
            let (few, many) = if job == Job::PageOf100 { (5, 25) } else { (50, 250) };
            let mut counts = Vec::new();
            for way in Way::NAMES {
                let run = |calls: u64| self.run(&["--calls", way, job.name(), &calls.to_string(), &server.address]);
                counts.push((run(many)? - run(few)?) as f64 / (many - few) as f64);
            }
            let bare = counts[counts.len() - 1];
            for (way, count) in Way::NAMES.iter().zip(&counts) {
                print(&format!("{:<12} {way:<8} {count:>12.1}   {:.3} of bare", job.name(), count / bare));
            }
        }
        Ok(())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::SystemCalls => "system calls",
        }
    }

    /// How much of it this program takes with these arguments.
    fn run(self, arguments: &[&str]) -> Result<u64, Failure> {
        let (tool, options): (_, &[&str]) = match self {
            Self::Instructions => ("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null"]),
            Self::Allocations => ("valgrind", &["--tool=memcheck"]),
            Self::SystemCalls => ("strace", &["-f", "-c", "-U", "calls,name"]),
        };
        let output = Command::new(tool)
            .args(options)
            .arg(std::env::current_exe()?)
            .args(arguments)
            .output()
            .map_err(|error| format!("{tool} doesn't start: {error}"))?;
        let said = String::from_utf8(output.stderr)?;
        let count = if output.status.success() { self.read(&said) } else { None };
        let count = count.ok_or_else(|| format!("{tool} failed: {said}"))?;
        Ok(count.replace(',', "").parse()?)
    }

    /// The total in what a tool said.
    fn read(self, said: &str) -> Option<&str> {
        match self {
            Self::Instructions => said.lines().find_map(|line| line.split_once("Collected :")).map(|(_, n)| n.trim()),
            Self::Allocations => said.split_once("total heap usage: ")?.1.split_once(" allocs").map(|(n, _)| n),
            Self::SystemCalls => said.lines().find_map(|line| line.strip_suffix("total")).map(str::trim),
        }
    }
}
