//! Stage 1, load: the bytes of a file become a tree that knows its places.
//!
//! JSON has a reader of its own: a YAML parser takes most of it, but no key over 1,024 characters and no escaped surrogate pair.
//! Size, depth and what aliases expand to are bounded.

mod builder;
mod indent;
mod json;
mod tree;
mod yaml;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use tree::{Document, Node, Sort};

use crate::problem::{Problem, Problems};

/// How much of a document is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of a file in bytes.
    pub bytes: u64,
    /// How deep nodes may lie in each other.
    pub depth: usize,
    /// The number of nodes that all aliases of a file together may expand to.
    pub alias_nodes: usize,
    /// Whether some mistakes are mended and told ([`Document::mended`]) instead of refused: of a key that stands twice the last value
    /// counts, a YAML merge key (`<<`) gives its map what it lacks, and values in quotes or brackets may go on in lines that aren't
    /// indented enough.
    pub lenient: bool,
}

impl Default for Limits {
    /// 64 MiB, 128 levels, 100,000 nodes, not lenient.
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 128, alias_nodes: 100_000, lenient: false }
    }
}

/// Reads a file; `name` is what messages call it.
///
/// # Errors
///
/// When the file can't be read, is too large, is not UTF-8, is not YAML or JSON, or goes over a limit.
pub fn file(path: &Path, name: &str, limits: &Limits) -> Result<Document, Problems> {
    let refuse = |reason: String| Problems::from(Problem::of_file(name, reason));
    let file = File::open(path).map_err(|error| refuse(format!("can't be opened: {error}")))?;
    let mut bytes = Vec::new();
    // One byte over the limit tells a file that is too large, whatever its metadata say.
    file.take(limits.bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(format!("can't be read: {error}")))?;
    if bytes.len() as u64 > limits.bytes {
        return Err(refuse(format!("is larger than {} bytes", limits.bytes)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let upto = error.utf8_error().valid_up_to();
        refuse(format!("is not UTF-8 (byte {upto})"))
    })?;
    text_of(&text, name, limits)
}

/// Reads a document from its text, JSON or YAML; `name` is what messages call it.
///
/// # Errors
///
/// When the text is neither, or goes over a limit.
pub fn text_of(text: &str, name: &str, limits: &Limits) -> Result<Document, Problems> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if !text.trim_start().starts_with(['{', '[']) {
        return yaml_of(text, name, limits);
    }
    // YAML begins like that too; which of the two was meant, the name says.
    match json::read(text, name, limits) {
        Err(_) if !name.ends_with(".json") => yaml_of(text, name, limits),
        result => result,
    }
}

/// Reads YAML. If it can't be read because of too little indentation, and that may be mended, it is.
fn yaml_of(text: &str, name: &str, limits: &Limits) -> Result<Document, Problems> {
    let first = yaml::read(text, name, limits);
    let (Err(problems), true) = (&first, limits.lenient) else {
        return first;
    };
    let Some(mut document) = indent::mend(text).and_then(|mended| yaml::read(&mended, name, limits).ok()) else {
        return first;
    };
    document.mended.extend(problems.iter().cloned());
    Ok(document)
}
