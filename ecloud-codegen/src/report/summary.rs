//! The report as a few lines for people.

use std::fmt::Write;

use super::terminal::harmless;
use super::{Report, totals};
use crate::foreign::Degradation;

/// The most degradations that are shown; all of them are in the report.
const SHOWN: usize = 20;
/// The most repairs that are shown.
const REPAIRS: usize = 5;

/// A colour, as terminals take it.
#[derive(Clone, Copy)]
enum Colour {
    Good,
    Degraded,
    Lost,
    Strong,
    Dim,
}

struct Paper {
    text: String,
    colour: bool,
}

impl Paper {
    fn paint(&self, colour: Colour, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Good => 32,
            Colour::Degraded => 33,
            Colour::Lost => 31,
            Colour::Strong => 1,
            Colour::Dim => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    fn fact(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "  {name:<11} {value}");
    }

    /// A degradation a line, and how many more there are.
    fn list(&mut self, colour: Colour, degradations: &[Degradation], shown: usize) {
        for Degradation { place, what, instead, .. } in degradations.iter().take(shown) {
            let place = self.paint(Colour::Dim, &harmless(&place.to_string()));
            let what = self.paint(colour, &harmless(&format!("{what}; {instead}")));
            let _ = writeln!(self.text, "    {place}: {what}");
        }
        if degradations.len() > shown {
            let more = format!("and {} more, all of them in the report (`--report FILE`)", degradations.len() - shown);
            let _ = writeln!(self.text, "    {}", self.paint(Colour::Dim, &more));
        }
    }
}

pub(super) fn write(report: &Report<'_>, colour: bool) -> String {
    let mut paper = Paper { text: String::new(), colour };
    let domain = &report.reading.domain;
    let title = if domain.title.is_empty() { &domain.name } else { &domain.title };
    let head = paper.paint(Colour::Strong, &harmless(title));
    let about = format!("{} · {} · {}", domain.version, totals::format(report.sources), domain.source);
    let about = paper.paint(Colour::Dim, &harmless(&about));
    let _ = writeln!(paper.text, "{head} {about}");

    let totals = &report.totals;
    let lost = totals.operations_lost();
    let mut operations = format!("{} of {}", totals.operations_out, totals.operations_in);
    operations = paper.paint(if lost > 0 { Colour::Lost } else { Colour::Good }, &operations);
    if totals.operations_dropped > 0 {
        let _ = write!(operations, ", {} dropped by the overlay", totals.operations_dropped);
    }
    paper.fact("operations", &operations);
    let lists = domain.operations().filter(|(_, operation)| operation.page.is_some()).count();
    if lists > 0 {
        paper.fact("lists", &format!("{lists} read page by page"));
    }
    paper.fact("schemas", &format!("{} of {}", totals.schemas_out, totals.schemas_in));
    match totals.degradations {
        0 => {
            let nothing = paper.paint(Colour::Good, "nothing");
            paper.fact("degraded", &nothing);
        }
        count => {
            let count = paper.paint(Colour::Degraded, &count.to_string());
            paper.fact("degraded", &count);
        }
    }
    paper.list(Colour::Degraded, &report.degradations, SHOWN);
    if totals.repairs > 0 {
        let count = paper.paint(Colour::Dim, &format!("{}, read as they were meant", totals.repairs));
        paper.fact("oddities", &count);
        paper.list(Colour::Dim, &report.repairs, REPAIRS);
    }
    if totals.files > 0 {
        paper.fact("written", &format!("{} files, {} lines", totals.files, totals.lines));
    }
    paper.text
}
