//! Error codes over all documents.

use std::collections::BTreeMap;

use crate::load::Node;
use crate::problem::{Place, Problem, Problems};

/// Each code with the status that it was first seen with, and where.
#[derive(Default)]
pub(super) struct Codes {
    seen: BTreeMap<String, (String, Place)>,
    problems: Vec<Problem>,
}

impl Codes {
    /// Takes a code down.
    pub(super) fn add(&mut self, code: &str, status: &str, node: Node<'_>) {
        match self.seen.get(code) {
            Some((other, place)) if other != status => self.problems.push(node.problem(format!(
                "`{code}` has the status {status} here, and {other} at {place}: a code has one wherever it stands"
            ))),
            Some(_) => {}
            None => drop(self.seen.insert(code.to_owned(), (status.to_owned(), node.place()))),
        }
    }

    pub(super) fn check(self, problems: &mut Problems) {
        for problem in self.problems {
            problems.add(problem);
        }
    }
}
