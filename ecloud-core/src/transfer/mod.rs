//! Files of any size: downloads by range, uploads in parts (protocol section 11).
//!
//! Both are made of ordinary calls, a part each, so every part has the pipeline's retries, deadline, quota and signature; what is held in memory is
//! a part, or as many as are under way together, never the file.

mod content_range;
mod download;
mod save;
mod upload;
mod upload_source;

pub use download::Download;
pub use upload::{Upload, UploadSession, UploadSteps};
pub use upload_source::{UploadFile, UploadSource};

/// How far a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// Bytes that are through.
    pub done: u64,
    /// Bytes of the whole file, as soon as they are known.
    pub total: Option<u64>,
}

/// What hears how far a file is.
type OnProgress = Box<dyn FnMut(TransferProgress) + Send + Sync>;
