//! JSON Lines in a file.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::chain::Hasher;
use super::verify::{LONGEST_LINE, check, head_path};
use super::{AuditError, AuditRecord, AuditSink};
use crate::{Error, ErrorKind};

/// An audit log in a file: one JSON object a line, each with the hash of the line before it, so that [`verify`](super::verify) finds what was
/// altered, moved, inserted, taken out or cut off.
///
/// A record is on the disk (`fdatasync`) before its fields are revealed. The file belongs to one process; another one that writes to it makes
/// both fail rather than mix their lines. On Unix it is made for its owner alone (mode 0600). Beside it stands `<file>.head`: keep the two
/// together. For a log of each month open a file of each month.
#[derive(Clone)]
pub struct AuditFile {
    path: Arc<PathBuf>,
    log: Arc<Mutex<Log>>,
}

struct Log {
    file: File,
    path: PathBuf,
    hasher: Hasher,
    seq: u64,
    head: String,
    bytes: u64,
}

impl AuditFile {
    /// Opens a log, or begins one. All of it is checked first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Audit`] where the file can't be written, or is not as it was written: put it aside, both files, and begin another.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::with_hasher(path.as_ref(), Hasher::Plain)
    }

    /// Opens a log, or begins one, whose hashes take a key (HMAC-SHA256): who may write the file but doesn't have the key can't forge it.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open), also where the file was written under another key.
    pub fn open_keyed(path: impl AsRef<Path>, key: &[u8]) -> Result<Self, Error> {
        Self::with_hasher(path.as_ref(), Hasher::Keyed(Zeroizing::new(key.to_vec())))
    }

    fn with_hasher(path: &Path, hasher: Hasher) -> Result<Self, Error> {
        let refused =
            |error: AuditError| Error::new(ErrorKind::Audit, "the audit file can't be used").with_source(error);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        owner_only(&mut options);
        let file = options.open(path).map_err(|error| refused(error.into()))?;
        let found = check(path, &hasher).map_err(|fault| refused(fault.into()))?;
        let log = Log { file, path: path.to_owned(), hasher, seq: found.records, head: found.head, bytes: found.bytes };
        Ok(Self { path: Arc::new(path.to_owned()), log: Arc::new(Mutex::new(log)) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[async_trait]
impl AuditSink for AuditFile {
    async fn record(&self, record: &AuditRecord) -> Result<(), AuditError> {
        let record = serde_json::to_string(record)?;
        let log = Arc::clone(&self.log);
        let append = move || log.lock().unwrap_or_else(PoisonError::into_inner).append(&record);
        // The disk may take its time, which is not that of the other tasks.
        tokio::task::spawn_blocking(append).await??;
        Ok(())
    }
}

impl Log {
    fn append(&mut self, record: &str) -> io::Result<()> {
        let (mut line, hash) = self.hasher.line(self.seq + 1, &self.head, record);
        line.push('\n');
        if line.len() as u64 > LONGEST_LINE {
            return Err(io::Error::other("the record is too long for a line of the audit file"));
        }
        if self.file.metadata()?.len() != self.bytes {
            return Err(io::Error::other("somebody else has written to the audit file"));
        }
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What was written of the line is taken back. Where that fails, too, the length is wrong from now on, and nothing more is written.
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        (self.seq, self.head, self.bytes) = (self.seq + 1, hash, self.bytes + line.len() as u64);
        self.write_head()
    }

    /// In one step, so that a head is never half written.
    fn write_head(&self) -> io::Result<()> {
        let head = head_path(&self.path);
        let mut new = head.clone().into_os_string();
        new.push(".new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        owner_only(&mut options);
        options.open(&new)?.write_all(self.hasher.head(self.seq, &self.head).as_bytes())?;
        fs::rename(new, head)
    }
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owner_only(_: &mut OpenOptions) {}

impl fmt::Debug for AuditFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditFile").field("path", &self.path).finish_non_exhaustive()
    }
}
