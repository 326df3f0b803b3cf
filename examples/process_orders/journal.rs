//! What the job knows from one run to the next. A real one stands in the database of the shop's orders, in the same transaction as they.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use ecloud::prelude::*;
use ecloud::types::OrderId;
use serde::{Deserialize, Serialize};

/// Kept in a file, which is replaced as a whole.
pub(crate) struct Journal {
    path: PathBuf,
    pub(crate) state: State,
}

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// All changes of orders before this moment have been seen. Absent before the first run.
    pub(crate) watermark: Option<Timestamp>,
    /// The orders that wait to be shipped, and the number under which the waybill of their next parcel is applied for.
    pub(crate) pending: BTreeMap<OrderId, u32>,
}

impl Journal {
    /// The journal in this file; an empty one where there is none yet.
    pub(crate) fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let state = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path, state })
    }

    /// Writes it down: afterwards either what was there before is there, or all that is there now.
    pub(crate) fn save(&self) -> io::Result<()> {
        let draft = self.path.with_extension("draft");
        std::fs::write(&draft, serde_json::to_vec(&self.state)?)?;
        std::fs::rename(draft, &self.path)
    }
}
