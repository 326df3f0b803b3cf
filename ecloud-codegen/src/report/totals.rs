//! How much a document has, counted in the document itself and not in what was understood of it.

use crate::load::{Node, Sort};
use crate::model::Verb;
use crate::resolve::Sources;

/// How much went in, and how much came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The operations of the document.
    pub operations_in: usize,
    /// The operations of the crate.
    pub operations_out: usize,
    /// The operations that the overlay drops.
    pub operations_dropped: usize,
    /// The named schemas of the document.
    pub schemas_in: usize,
    /// The named schemas that have a type.
    pub schemas_out: usize,
    /// In how many places the crate says less than the document.
    pub degradations: usize,
    /// How many oddities were read as they were meant.
    pub repairs: usize,
    /// The files of the crate.
    pub files: usize,
    /// The lines of all files.
    pub lines: usize,
}

impl Totals {
    /// The operations that should be in the crate and aren't.
    pub fn operations_lost(&self) -> usize {
        self.operations_in.saturating_sub(self.operations_out + self.operations_dropped)
    }
}

/// The operations of a document, each with method and path.
pub(super) fn operations(sources: &Sources) -> Vec<(String, Node<'_>)> {
    let mut operations = Vec::new();
    let paths = sources.root().root().get("paths").into_iter().flat_map(Node::pairs);
    for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
        let Some(item) = sources.target(item) else {
            continue;
        };
        for (verb, key) in Verb::ALL {
            if let Some(operation) = item.get(key).filter(|node| node.sort() == Sort::Map) {
                operations.push((format!("{} {path}", verb.as_str()), operation));
            }
        }
    }
    operations
}

/// How many named schemas a document has.
pub(super) fn schemas(sources: &Sources) -> usize {
    let root = sources.root().root();
    let holders = [root.get("components").and_then(|components| components.get("schemas")), root.get("definitions")];
    holders.into_iter().flatten().map(|holder| holder.pairs().count()).sum()
}

/// The format of a document and its version, as people say it: `OpenAPI 3.0.3`, `Swagger 2.0`.
pub(super) fn format(sources: &Sources) -> String {
    let root = sources.root().root();
    let version = |key: &str| root.get(key).and_then(|node| node.text().or(node.number()));
    match (version("openapi"), version("swagger")) {
        (Some(version), _) => format!("OpenAPI {version}"),
        (None, Some(version)) => format!("Swagger {version}"),
        (None, None) => "of no known format".to_owned(),
    }
}
