//! Why a snapshot can't be written or read.

use std::fmt;
use std::io;

/// A snapshot that can't be written, or one that can't be read: cut, altered, of another version, or none at all.
///
/// Where it is about one line of the file, it names it.
#[derive(Debug)]
pub struct SnapshotError {
    line: Option<u64>,
    what: What,
}

#[derive(Debug)]
enum What {
    Io(io::Error),
    Said(String),
}

impl SnapshotError {
    /// What is wrong with one line, from 1.
    pub(crate) fn at(line: u64, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: What::Said(what.into()) }
    }

    /// What is wrong with all of it.
    pub(crate) fn of_all(what: impl Into<String>) -> Self {
        Self { line: None, what: What::Said(what.into()) }
    }

    /// The line of the file that it is about, from 1; `None` where the file couldn't be opened, read or written at all.
    pub fn line(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line} of the snapshot: ")?;
        }
        match &self.what {
            What::Io(error) => error.fmt(f),
            What::Said(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.what {
            What::Io(error) => Some(error),
            What::Said(_) => None,
        }
    }
}

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        Self { line: None, what: What::Io(error) }
    }
}
