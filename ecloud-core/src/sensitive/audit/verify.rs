//! Whether an audit file is as it was written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::chain::{FIRST, Hasher, Line};

/// The longest line, in bytes: a hundred fields with the names that callers give them are far shorter.
pub(super) const LONGEST_LINE: u64 = 4 * 1024 * 1024;

/// What an audit file holds that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditSummary {
    /// How many records.
    pub records: u64,
    /// The hash of the last one, in 64 hexadecimal digits; zeros where there is none. Kept elsewhere, it proves later what the file was now.
    pub head: String,
    /// The file's size in bytes.
    pub bytes: u64,
}

/// Where an audit file is not as it was written.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct AuditFault {
    /// The first line, from 1, that is not as it was written, or is missing.
    pub line: u64,
    /// What is wrong there.
    pub reason: AuditFaultReason,
}

/// What is wrong with a line of an audit file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditFaultReason {
    /// It is no line of an audit file, or ends in its middle.
    #[error("it is no whole line of an audit file")]
    Malformed,
    /// It stands in another place than it was written: lines were moved, inserted or taken out.
    #[error("it is out of its place: lines were moved, inserted or taken out")]
    OutOfPlace,
    /// It was altered, or written under another key.
    #[error("it was altered, or written under another key")]
    Altered,
    /// It is missing, and so may be others after it: the end was cut off.
    #[error("it is missing: the end of the file was cut off")]
    Missing,
    /// The head file is missing or altered, so that nobody can tell whether the end was cut off.
    #[error("the head file is missing, altered or of another log")]
    Head,
    /// The file can't be read.
    #[error("the file can't be read")]
    Unreadable(#[source] io::Error),
}

/// Checks an audit file: each line's hash, each line's place, and that nothing is missing at the end.
///
/// ```no_run
/// let summary = ecloud_core::sensitive::audit::verify("reveals-2026-11.jsonl")?;
/// println!("{} records, the last is {}", summary.records, summary.head);
/// # Ok::<(), ecloud_core::sensitive::audit::AuditFault>(())
/// ```
///
/// Whoever may write the file and its head may also compute both anew: [`verify_keyed`] is for those who fear that, or compare
/// [`head`](AuditSummary::head) with one that was kept elsewhere.
///
/// # Errors
///
/// [`AuditFault`] names the first line that is not as it was written.
pub fn verify(path: impl AsRef<Path>) -> Result<AuditSummary, AuditFault> {
    check(path.as_ref(), &Hasher::Plain)
}

/// As [`verify`], for a file that was written [with a key](super::AuditFile::open_keyed).
///
/// # Errors
///
/// [`AuditFault`] names the first line that is not as it was written, or was written under another key.
pub fn verify_keyed(path: impl AsRef<Path>, key: &[u8]) -> Result<AuditSummary, AuditFault> {
    check(path.as_ref(), &Hasher::Keyed(Zeroizing::new(key.to_vec())))
}

/// Where the number and hash of the last line stand.
pub(super) fn head_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".head");
    name.into()
}

pub(super) fn check(path: &Path, hasher: &Hasher) -> Result<AuditSummary, AuditFault> {
    let unreadable = |line: u64| move |error| AuditFault { line, reason: AuditFaultReason::Unreadable(error) };
    let mut file = BufReader::new(File::open(path).map_err(unreadable(1))?);
    let head = read_head(path, hasher)?;
    let mut found = AuditSummary { records: 0, head: FIRST.to_owned(), bytes: 0 };
    let mut bytes = Vec::new();
    loop {
        let number = found.records + 1;
        let fault = |reason| AuditFault { line: number, reason };
        bytes.clear();
        let read = file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(unreadable(number))?;
        if read == 0 {
            break;
        }
        let text = bytes.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
        let line = text.and_then(Line::read).ok_or_else(|| fault(AuditFaultReason::Malformed))?;
        if line.seq != number || line.prev != found.head {
            return Err(fault(AuditFaultReason::OutOfPlace));
        }
        if !hasher.agrees(&line) {
            return Err(fault(AuditFaultReason::Altered));
        }
        if head.as_ref().is_some_and(|(seq, hash)| *seq == number && hash != line.hash) {
            return Err(fault(AuditFaultReason::Head));
        }
        found = AuditSummary { records: number, head: line.hash.to_owned(), bytes: found.bytes + read as u64 };
    }
    match head {
        // The head is written after the line, so that it may be behind by what was written last, but never ahead.
        Some((seq, _)) if seq > found.records => {
            Err(AuditFault { line: found.records + 1, reason: AuditFaultReason::Missing })
        }
        None if found.records > 1 => Err(AuditFault { line: found.records + 1, reason: AuditFaultReason::Head }),
        _ => Ok(found),
    }
}

/// The head file, if there is one.
fn read_head(path: &Path, hasher: &Hasher) -> Result<Option<(u64, String)>, AuditFault> {
    match std::fs::read_to_string(head_path(path)) {
        Ok(text) => match hasher.read_head(&text) {
            Some(head) => Ok(Some(head)),
            None => Err(AuditFault { line: 1, reason: AuditFaultReason::Head }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AuditFault { line: 1, reason: AuditFaultReason::Unreadable(error) }),
    }
}
