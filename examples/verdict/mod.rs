//! What an example found when it looked at its own result: it ends well only where everything holds.

use std::error::Error;
use std::fmt::Debug;
use std::process::ExitCode;

/// Counts what holds, and tells what doesn't.
#[derive(Default)]
pub(crate) struct Verdict {
    held: usize,
    broken: usize,
}

impl Verdict {
    /// Something that has to hold.
    pub(crate) fn holds(&mut self, what: &str, holds: bool) {
        if holds {
            self.held += 1;
        } else {
            self.broken += 1;
            println!("  NOT SO  {what}");
        }
    }

    /// Two that have to be the same.
    pub(crate) fn same<T: PartialEq + Debug>(&mut self, what: &str, found: T, expected: T) {
        let holds = found == expected;
        self.holds(what, holds);
        if !holds {
            println!("          found {found:?}, expected {expected:?}");
        }
    }
}

/// How the example `name` ends.
pub(crate) fn exit(name: &str, outcome: Result<Verdict, Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(Verdict { held, broken: 0 }) if held > 0 => {
            println!("\nLooked at from the other side: all {held} checks hold.");
            ExitCode::SUCCESS
        }
        Ok(Verdict { held, broken }) => {
            println!("\nLooked at from the other side: {broken} checks fail, {held} hold.");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("\n{name}: {error}");
            let mut cause = error.source();
            while let Some(source) = cause {
                eprintln!("  because: {source}");
                cause = source.source();
            }
            ExitCode::FAILURE
        }
    }
}
