//! A download to a file on this machine.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::Download;
use crate::{Error, ErrorKind};

impl Download {
    /// Saves the file: first under the path with `.part` behind it, and under the path itself when it is whole and its hash was compared.
    /// Whatever stood there before is replaced then, and not earlier.
    ///
    /// What a call that failed, or was dropped, has left in the `.part` isn't asked for again; where it turns out to be of another file, the
    /// download begins anew, once. Two downloads to one path at the same time spoil each other's `.part`, which the hash tells. The disk is
    /// written to on the caller's thread, a part at a time. It returns the file's size in bytes.
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next), and [`ErrorKind::File`] where the disk fails.
    pub async fn save_to(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let partial = partial(path);
        let outcome = self.save_partial(&partial).await;
        if outcome.as_ref().is_err_and(is_of_another) {
            // Nobody can go on from what isn't the file.
            fs::remove_file(&partial).map_err(failed)?;
        }
        let size = outcome?;
        fs::rename(&partial, path).map_err(failed)?;
        Ok(size)
    }

    async fn save_partial(self, path: &Path) -> Result<u64, Error> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let mut download = self.continue_after(&file).map_err(failed)?;
        let was_there = download.progress().done > 0;
        let mut outcome = write_to(&mut download, &mut file).await;
        if was_there && outcome.as_ref().is_err_and(is_of_another) {
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            download = download.begun_anew();
            outcome = write_to(&mut download, &mut file).await;
        }
        let size = outcome?;
        file.sync_all().map_err(failed)?;
        Ok(size)
    }
}

/// Whether what came turned out not to be the file.
fn is_of_another(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidResponse
}

async fn write_to(download: &mut Download, file: &mut File) -> Result<u64, Error> {
    while let Some(part) = download.try_next().await? {
        file.write_all(&part).map_err(failed)?;
    }
    Ok(download.progress().done)
}

fn partial(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".part");
    name.into()
}

/// The message is the system's own, which doesn't name the path.
pub(super) fn failed(error: io::Error) -> Error {
    Error::new(ErrorKind::File, format!("a file on this machine can't be read or written: {}", error.kind()))
        .with_source(error)
}
