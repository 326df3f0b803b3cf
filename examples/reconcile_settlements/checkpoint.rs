//! How far the books are reconciled. A real one stands in the database of the books.

use std::io;
use std::path::{Path, PathBuf};

use ecloud::prelude::*;
use ecloud::types::{AccountEntryId, SettlementId};
use serde::{Deserialize, Serialize};

/// What is remembered of a list that is sorted by time, ties by identifier: both of the latest that was seen.
pub(crate) type Position<I> = (Timestamp, I);

/// Kept in a file, which is replaced as a whole.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    #[serde(skip)]
    path: PathBuf,
    /// The last statement that was reconciled.
    pub(crate) statement: Option<Position<SettlementId>>,
    /// The last entry of the account flow that belongs to it, or to one before.
    pub(crate) entry: Option<Position<AccountEntryId>>,
    /// What the account had after that entry.
    pub(crate) balance: Option<Money>,
}

impl Checkpoint {
    /// The checkpoint in this file; the beginning of all where there is none yet.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut checkpoint = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self { path: PathBuf::new(), statement: None, entry: None, balance: None }
            }
            Err(error) => return Err(error),
        };
        checkpoint.path = path.to_owned();
        Ok(checkpoint)
    }

    pub(crate) fn save(&self) -> io::Result<()> {
        let draft = self.path.with_extension("draft");
        std::fs::write(&draft, serde_json::to_vec(self)?)?;
        std::fs::rename(draft, &self.path)
    }
}
