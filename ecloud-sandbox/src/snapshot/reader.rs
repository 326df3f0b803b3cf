//! Reads a snapshot, a row at a time, and believes nothing: neither that a line ends, nor that it is JSON, nor that it is all there.

use std::io::{BufRead, Read};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::writer::hex;
use super::{END, End, FORMAT, Head, SnapshotError, VERSION};

/// The longest line that is read, in bytes: a row with the largest file that an application can upload fits in twice.
const LONGEST_LINE: usize = 192 * 1024 * 1024;

/// Where rows are read from.
pub(crate) struct Reader<'a> {
    input: &'a mut dyn BufRead,
    line: Vec<u8>,
    lines: u64,
    digest: Sha256,
}

#[derive(Deserialize)]
struct FirstLine {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    kind: &'a str,
    #[serde(borrow)]
    row: &'a RawValue,
}

/// One row as it stands in the file.
pub(crate) struct Record<'a> {
    line: u64,
    kind: &'a str,
    row: &'a RawValue,
}

impl Record<'_> {
    /// Which part's row it is.
    pub(crate) fn kind(&self) -> &str {
        self.kind
    }

    /// The row.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, SnapshotError> {
        serde_json::from_str(self.row.get())
            .map_err(|error| self.refused(format!("the row of kind `{}` can't be read: {}", self.kind, wrong(&error))))
    }

    /// What is wrong with the row.
    pub(crate) fn refused(&self, what: impl Into<String>) -> SnapshotError {
        SnapshotError::at(self.line, what)
    }
}

impl<'a> Reader<'a> {
    /// Begins to read: the first line tells whether it is a snapshot, and one of this version.
    pub(crate) fn begin(input: &'a mut dyn BufRead) -> Result<(Self, Head), SnapshotError> {
        let mut reader = Self { input, line: Vec::new(), lines: 0, digest: Sha256::new() };
        let foreign = |_| SnapshotError::at(1, format!("this is no {FORMAT}"));
        if !reader.read_line()? {
            return Err(SnapshotError::at(1, format!("the file is empty, and no {FORMAT}")));
        }
        let first: FirstLine = serde_json::from_slice(&reader.line).map_err(foreign)?;
        if first.format != FORMAT {
            return Err(SnapshotError::at(1, format!("this is no {FORMAT}")));
        }
        if first.version != VERSION {
            let message =
                format!("the snapshot has version {}; this sandbox reads version {VERSION} alone", first.version);
            return Err(SnapshotError::at(1, message));
        }
        let head = serde_json::from_slice(&reader.line)
            .map_err(|error| SnapshotError::at(1, format!("the first line can't be read: {error}")))?;
        reader.digest.update(&reader.line);
        Ok((reader, head))
    }

    /// Hands on every row until the last line has confirmed all of them.
    pub(crate) fn each(
        mut self,
        mut take: impl FnMut(&Record<'_>) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        loop {
            if !self.read_line()? {
                return Err(SnapshotError::at(self.lines + 1, "the snapshot ends before its last line"));
            }
            let line: Line<'_> = serde_json::from_slice(&self.line).map_err(|error| {
                SnapshotError::at(self.lines, format!("this is no row of a snapshot: {}", wrong(&error)))
            })?;
            let record = Record { line: self.lines, kind: line.kind, row: line.row };
            if line.kind == END {
                let said = record.read()?;
                return self.confirm(said);
            }
            take(&record)?;
            self.digest.update(&self.line);
        }
    }

    /// The last line is here: it must be about the lines before it, and nothing may follow.
    fn confirm(mut self, said: End) -> Result<(), SnapshotError> {
        let at = self.lines;
        if said != (End { lines: at - 1, sha256: hex(std::mem::take(&mut self.digest)) }) {
            return Err(SnapshotError::at(at, "the snapshot was altered: it isn't what its last line says"));
        }
        match self.read_line()? {
            true => Err(SnapshotError::at(self.lines, "something follows the snapshot's last line")),
            false => Ok(()),
        }
    }

    /// Reads the next line, with its line feed; whether there was one.
    fn read_line(&mut self) -> Result<bool, SnapshotError> {
        self.line.clear();
        let mut within = Read::take(&mut *self.input, LONGEST_LINE as u64);
        if within.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        self.lines += 1;
        if self.line.last() == Some(&b'\n') {
            return Ok(true);
        }
        let cut =
            if self.line.len() == LONGEST_LINE { "the line is too long" } else { "the snapshot ends within a line" };
        Err(SnapshotError::at(self.lines, cut))
    }
}

/// What is wrong, without what was found: a row may hold a secret, and serde's messages quote it.
fn wrong(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let names_a_member = message.starts_with("missing field");
    let until = if names_a_member { message.len() } else { message.find(['"', '`']).unwrap_or(message.len()) };
    match message[..until].trim_end() {
        whole if until == message.len() => whole.to_owned(),
        cut => format!("{cut} at column {}", error.column()),
    }
}

#[cfg(test)]
mod tests {
    use ecloud_core::Timestamp;

    use super::super::Writer;
    use super::*;

    const HEAD: Head = Head { saved_at: Timestamp::UNIX_EPOCH, given_clock: true };

    fn written() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::begin(&mut bytes, HEAD).unwrap();
        writer.rows("number", [1, 2, 3]).unwrap();
        writer.row("text", "a\nb").unwrap();
        writer.end().unwrap();
        bytes
    }

    fn read(mut bytes: &[u8]) -> Result<Vec<String>, SnapshotError> {
        let mut rows = Vec::new();
        let (reader, _) = Reader::begin(&mut bytes)?;
        reader.each(|record| {
            rows.push(format!("{} {}", record.kind(), record.row.get()));
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn rows_come_back_in_their_order() {
        let bytes = written();
        assert_eq!(Reader::begin(&mut &bytes[..]).unwrap().1, HEAD);
        assert_eq!(read(&bytes).unwrap(), ["number 1", "number 2", "number 3", r#"text "a\nb""#]);
    }

    #[test]
    fn every_cut_and_every_altered_byte_is_noticed() {
        let whole = written();
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "cut at {end}");
        }
        for index in 0..whole.len() {
            let mut altered = whole.clone();
            altered[index] ^= 1;
            assert!(read(&altered).is_err(), "byte {index}");
        }
        let followed = [&whole[..], b"{}\n"].concat();
        assert_eq!(read(&followed).unwrap_err().line(), Some(7));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_not_quoted() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "only what can't be read is looked at")]
        struct App {
            secret: u32,
        }

        let bytes = {
            let mut bytes = Vec::new();
            let mut writer = Writer::begin(&mut bytes, HEAD).unwrap();
            writer.row("app", &serde_json::json!({"secret": "hush-hush"})).unwrap();
            writer.row("app", &serde_json::json!({"other": 5})).unwrap();
            writer.end().unwrap();
            bytes
        };
        let mut said = Vec::new();
        let mut input = &bytes[..];
        let (reader, _) = Reader::begin(&mut input).unwrap();
        reader
            .each(|record| {
                said.push(record.read::<App>().unwrap_err().to_string());
                Ok(())
            })
            .unwrap();
        assert!(said[0].contains("invalid type: string at column"), "{said:?}");
        assert!(said[1].contains("missing field `secret`"), "{said:?}");
        assert!(!said.concat().contains("hush"), "{said:?}");
    }

    #[test]
    fn what_is_no_snapshot_or_of_another_version_is_named_as_such() {
        for (text, said) in [
            ("", "empty"),
            ("hello\n", "no ecloud-sandbox snapshot"),
            ("{\"format\":\"else\",\"version\":1}\n", "no ecloud-sandbox snapshot"),
            ("{\"format\":\"ecloud-sandbox snapshot\",\"version\":2}\n", "version 2"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(said) && error.line() == Some(1), "{error}");
        }
    }
}
