//! Error codes over all documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::Node;
use crate::problem::{Place, Problem, Problems};

/// The platform's own: codes of the protocol that an operation may name, of fields that are personal.
const OF_THE_PROTOCOL: &str = "security";

/// Each code with the status that it was first seen with, and where.
#[derive(Default)]
pub(super) struct Codes {
    seen: BTreeMap<String, (String, Place)>,
    domains: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Codes {
    /// Takes a domain down: codes may begin with it.
    pub(super) fn add_domain(&mut self, name: &str) {
        self.domains.insert(name.to_owned());
    }

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
        for (code, (_, place)) in &self.seen {
            let domain = code.split('.').next().unwrap_or_default();
            if domain != OF_THE_PROTOCOL && !self.domains.contains(domain) {
                problems.add(Problem { place: place.clone(), reason: format!("`{code}` is of no domain") });
            }
        }
        for problem in self.problems {
            problems.add(problem);
        }
    }
}
