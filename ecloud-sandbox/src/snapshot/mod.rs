//! Snapshots: a whole platform as a file, and back.
//!
//! # The format
//!
//! JSON Lines: UTF-8, one JSON object to a line, each line ended by a line feed.
//!
//! The first line names the format and its version, and says by which clock the platform went:
//! `{"format":"ecloud-sandbox snapshot","version":1,"saved_at":…,"given_clock":…}`. Every other line is one row of one part of the state:
//! `{"kind":…,"row":…}`. The second has the kind `settings`, what the platform was started with; what follows it may rely on that. Rows of a
//! shop's tables have the table's name as their kind and stand below the line of kind `shop` that they belong to. The last line has the kind
//! `end`: how many lines stand before it, and the SHA-256 of their bytes. So a file that was cut or altered is noticed.
//!
//! The rows' members are those of an object as the platform keeps it: what operations answer with, and what they hide. Personal fields are
//! sealed, by the platform's own key; that key, like all others, follows from the seed, so whoever has the file can open them with this
//! crate. The file holds the applications' secrets, too, as the sandbox itself shows them to whoever starts it.
//!
//! A reader takes its own version alone. The version rises when rows change so that an older file couldn't be read any more.
//!
//! Each part of the state gives and takes its own rows, in its own file (see [`Part`]); here is what they are written to and read from.

pub(crate) mod base64;
mod context;
mod error;
pub(crate) mod exact;
mod file;
pub(crate) mod http_status;
mod reader;
mod writer;

pub(crate) use context::{is_answer, is_kept, opened_in, safe};
pub use error::SnapshotError;
pub(crate) use file::write_whole;
pub(crate) use reader::{Reader, Record};
pub(crate) use writer::Writer;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What the first line names.
const FORMAT: &str = "ecloud-sandbox snapshot";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;
/// The kind of the last line.
const END: &str = "end";
/// The media type of a snapshot over HTTP.
pub(crate) const MEDIA_TYPE: &str = "application/x-ndjson";

/// One part of the state, which gives its rows and takes them back.
pub(crate) trait Part {
    /// Writes all rows of the part, in an order that depends on nothing but them.
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError>;

    /// Takes a row back into a part that is as it was at the platform's start; whether the row is one of this part's.
    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError>;
}

/// What the first line says beside format and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The time outside, by the clock that the platform went by.
    pub(crate) saved_at: Timestamp,
    /// Whether that clock was given to the sandbox, and need not show the system's time.
    pub(crate) given_clock: bool,
}

/// The last line's row.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    lines: u64,
    sha256: String,
}
