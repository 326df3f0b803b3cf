//! The linter of the platform's own descriptions: the rules of `api/README.md` that the generator doesn't need, and readers do.
//!
//! What can't be generated from is a problem of `model`; it's found by reading the document, which comes first here, too.
//!
//! | module | rules of |
//! |---|---|
//! | `operation` | operations: what stands in each of them, its errors, its parameters, its answers |
//! | `schema` | models, enums and their properties: form, names, units, limits |
//! | `text` | descriptions and summaries: they're there, and they're sentences |
//! | `example` | examples: they fit their schemas |
//! | `codes` | error codes over all documents: one code, one status |

mod codes;
mod example;
mod operation;
mod schema;
mod text;

use std::path::Path;

use crate::load::{Document, Limits, Node};
use crate::model;
use crate::problem::Problems;
use crate::resolve::Sources;
use crate::workspace;

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Documents of domains.
    pub documents: usize,
    /// Operations.
    pub operations: usize,
    /// Schemas with a name, those that domains share included.
    pub schemas: usize,
}

/// Looks at all descriptions of a folder.
///
/// # Errors
///
/// Everything that is against a rule, with its place; what can't be read at all before the rest.
pub fn folder(folder: &Path) -> Result<Looked, Problems> {
    let mut problems = Problems::new();
    let mut looked = Looked::default();
    let mut codes = codes::Codes::default();
    let mut shared_is_done = false;
    for path in workspace::descriptions_in(folder)? {
        let sources = match Sources::open(&path, &Limits::default()) {
            Ok(sources) => sources,
            Err(reasons) => {
                problems.extend(reasons);
                continue;
            }
        };
        match model::domain(&sources) {
            Ok(domain) => codes.add_domain(&domain.name),
            Err(reasons) => {
                problems.extend(reasons);
                continue;
            }
        }
        looked.documents += 1;
        let mut lint = Lint { sources: &sources, problems: &mut problems };
        for document in sources.documents() {
            let is_shared = is_shared(document);
            if is_shared && std::mem::replace(&mut shared_is_done, true) {
                continue;
            }
            looked.schemas += schema::check(&mut lint, document);
            looked.operations += operation::check(&mut lint, document, &mut codes);
        }
    }
    codes.check(&mut problems);
    problems.into_result()?;
    Ok(looked)
}

/// Whether a document is the one that domains share.
fn is_shared(document: &Document) -> bool {
    document.name().ends_with("shared.yaml")
}

/// A look at the documents of one domain.
struct Lint<'a> {
    sources: &'a Sources,
    problems: &'a mut Problems,
}

impl<'a> Lint<'a> {
    /// Tells what is wrong with a node.
    fn wrong(&mut self, node: Node<'_>, reason: impl Into<String>) {
        self.problems.add(node.problem(reason));
    }

    /// What a node says, or what its reference leads to says.
    fn follow(&self, node: Node<'a>) -> Node<'a> {
        self.sources.follow(node)
    }
}

/// Whether a name is made of lower-case words with `separator` between them.
fn is_lower(name: &str, separator: char) -> bool {
    !name.is_empty()
        && name.split(separator).all(|word| {
            !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        })
}
