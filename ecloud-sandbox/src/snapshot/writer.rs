//! Writes a snapshot, a row at a time: what it needs of memory is the longest row.

use std::io::Write;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use super::context::kept;
use super::{END, End, FORMAT, Head, SnapshotError, VERSION};

/// Where rows are written to.
pub(crate) struct Writer<'a> {
    out: &'a mut dyn Write,
    line: Vec<u8>,
    lines: u64,
    digest: Sha256,
}

#[derive(Serialize)]
struct FirstLine<'a> {
    format: &'a str,
    version: u32,
    #[serde(flatten)]
    head: Head,
}

#[derive(Serialize)]
struct Line<'a, T: ?Sized> {
    kind: &'a str,
    row: &'a T,
}

impl<'a> Writer<'a> {
    /// Begins a snapshot.
    pub(crate) fn begin(out: &'a mut dyn Write, head: Head) -> Result<Self, SnapshotError> {
        let mut writer = Self { out, line: Vec::new(), lines: 0, digest: Sha256::new() };
        writer.line(&FirstLine { format: FORMAT, version: VERSION, head })?;
        Ok(writer)
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, kind: &str, row: &(impl Serialize + ?Sized)) -> Result<(), SnapshotError> {
        self.line(&Line { kind, row })
    }

    /// Writes rows of one kind.
    pub(crate) fn rows<T: Serialize>(
        &mut self,
        kind: &str,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<(), SnapshotError> {
        rows.into_iter().try_for_each(|row| self.row(kind, &row))
    }

    /// A row's text, for who has to know it before it is written.
    pub(crate) fn raw(&self, row: &impl Serialize) -> Result<Box<RawValue>, SnapshotError> {
        kept(|| to_raw_value(row)).map_err(|error| unwritable(self.lines + 1, &error))
    }

    /// Ends the snapshot: without its last line it counts as cut.
    pub(crate) fn end(mut self) -> Result<(), SnapshotError> {
        let end = End { lines: self.lines, sha256: hex(self.digest.clone()) };
        self.row(END, &end)?;
        Ok(self.out.flush()?)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), SnapshotError> {
        self.line.clear();
        self.lines += 1;
        let written = kept(|| serde_json::to_writer(&mut self.line, value));
        written.map_err(|error| unwritable(self.lines, &error))?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        Ok(self.out.write_all(&self.line)?)
    }
}

fn unwritable(line: u64, error: &serde_json::Error) -> SnapshotError {
    SnapshotError::at(line, format!("the row can't be written: {error}"))
}

/// A digest in lower-case hexadecimal.
pub(super) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
