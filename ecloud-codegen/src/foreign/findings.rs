//! What there is to tell about a document: where the crate says less, and what was odd.

use std::collections::HashSet;

use super::Degradation;
use crate::load::Node;

/// Everything that is found while operations are read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) degradations: Vec<Degradation>,
    pub(super) repairs: Vec<Degradation>,
    /// What was told of nodes that several operations share, so that it's told once.
    told: HashSet<(String, usize, String, String)>,
}

impl Findings {
    /// Takes down that the crate says less than a node of the document, and what it says instead.
    pub(super) fn degrade(
        &mut self,
        operation: Option<&str>,
        node: Node<'_>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.degradations.push(finding(operation, node, what.into(), instead.into()));
    }

    /// Takes down that a node is odd, and how it is read.
    pub(super) fn repair(
        &mut self,
        operation: Option<&str>,
        node: Node<'_>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let finding = finding(operation, node, what.into(), instead.into());
        let place = &finding.place;
        if self.told.insert((place.file.clone(), place.line, place.pointer.clone(), finding.what.clone())) {
            self.repairs.push(finding);
        }
    }
}

fn finding(operation: Option<&str>, node: Node<'_>, what: String, instead: String) -> Degradation {
    Degradation { place: node.place(), operation: operation.map(str::to_owned), what, instead }
}
