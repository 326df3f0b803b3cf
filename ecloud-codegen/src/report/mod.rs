//! The report: what became of every operation and every schema of somebody else's document, as JSON and on a terminal.

mod json;
mod progress;
mod rust;
mod summary;
mod terminal;
mod totals;

pub use progress::Progress;
pub use terminal::Terminal;
pub use totals::Totals;

use crate::foreign::{Degradation, Reading};
use crate::json::Json;
use crate::overlay::Overlay;
use crate::problem::Problems;
use crate::resolve::Sources;

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    sources: &'a Sources,
    reading: &'a Reading,
    /// What is degraded: by the reading, and since files are missing.
    degradations: Vec<Degradation>,
    /// What is repaired: by the reading, and while the text was read.
    repairs: Vec<Degradation>,
    /// The operations that the overlay drops: `GET /orders`.
    dropped: Vec<String>,
    totals: Totals,
}

impl<'a> Report<'a> {
    /// A report on what was read; `missing` is what [`Sources::open_tolerant`] has told.
    pub fn new(sources: &'a Sources, missing: &Problems, overlay: &Overlay, reading: &'a Reading) -> Self {
        let mut degradations = reading.degradations.clone();
        let untold = missing.iter().filter(|problem| !degradations.iter().any(|other| other.place == problem.place));
        let untold: Vec<Degradation> = untold
            .map(|problem| Degradation {
                place: problem.place.clone(),
                operation: None,
                what: problem.reason.clone(),
                instead: "any JSON".to_owned(),
            })
            .collect();
        degradations.extend(untold);
        let mended = sources.documents().iter().flat_map(|document| document.mended());
        let mended = mended.filter(|problem| !reading.repairs.iter().any(|other| other.place == problem.place));
        let mended = mended.map(|problem| Degradation {
            place: problem.place.clone(),
            operation: None,
            what: problem.reason.clone(),
            instead: "mended".to_owned(),
        });
        let repairs: Vec<Degradation> = mended.chain(reading.repairs.iter().cloned()).collect();
        let operations = totals::operations(sources);
        let dropped: Vec<String> = operations
            .iter()
            .filter(|(key, node)| {
                let id = node.get("operationId").and_then(|id| id.text());
                overlay.operation(id, key).is_some_and(|operation| operation.drop)
            })
            .map(|(key, _)| key.clone())
            .collect();
        let totals = Totals {
            operations_in: operations.len(),
            operations_out: reading.domain.operations().count(),
            operations_dropped: dropped.len(),
            schemas_in: totals::schemas(sources),
            schemas_out: reading.types.len(),
            degradations: degradations.len(),
            repairs: repairs.len(),
            files: 0,
            lines: 0,
        };
        Self { sources, reading, degradations, repairs, dropped, totals }
    }

    /// Says what was written.
    pub fn written<'b>(&mut self, texts: impl Iterator<Item = &'b str>) {
        for text in texts {
            self.totals.files += 1;
            self.totals.lines += text.lines().count();
        }
    }

    /// The figures.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Whether the crate says less than the document, or differs from it on the wire.
    pub fn is_degraded(&self) -> bool {
        !self.degradations.is_empty()
    }

    /// The report as JSON; `report.schema.json` describes it.
    pub fn json(&self) -> Json {
        json::report(self)
    }

    /// The report as a few lines for people, in colour or not.
    pub fn summary(&self, colour: bool) -> String {
        summary::write(self, colour)
    }
}
