//! Tokens in files: a folder for each shop, in it one JSON file, whose name is its version.

mod folder;
mod name;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;

use self::folder::{Folder, Written};
use super::{StoredToken, Swap, TokenKey, TokenRecord, TokenStore};
use crate::random::Random;
use crate::{Error, ErrorKind};

/// Keeps tokens in files that their owner alone can read, for any number of processes on one file system.
///
/// Below the store's folder each application has a folder and in it each shop: there is one file, `<version>.json`. A change writes the
/// next version into a temporary file (mode 0600), syncs it, and links it under its name, which fails if there is such a name: so
/// two processes never overwrite each other, nobody sees half a file, and there is no lock that a process which is killed could
/// leave behind. What a change costs doesn't depend on the number of shops, and a file that is damaged costs one shop. The file system needs
/// hard links, as all of the usual ones have.
///
/// A file that can't be understood (cut off, say) is renamed to `<version>.json.broken` and reported with each
/// [`load`](TokenStore::load) until a new pair is stored; it is never overwritten. A file that others may read is refused, and so is a folder that
/// others may write to.
#[derive(Clone)]
pub struct FileTokenStore {
    root: Arc<Path>,
    random: Random,
}

impl FileTokenStore {
    /// The store in this folder, which is made where there is none (mode 0700).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TokenStore`] where the folder can't be made, is no folder, or may be written to by others.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let root: PathBuf = folder.into();
        make_folder(&root)?;
        let refused = |what: &str| Err(failed(&root, what));
        match fs::metadata(&root) {
            Ok(found) if !found.is_dir() => return refused("is no folder"),
            Ok(found) if others_may_write(&found) => {
                return refused("may be written to by others; set its mode to 0700");
            }
            Ok(_) => {}
            Err(error) => return Err(failed(&root, "can't be looked at").with_source(error)),
        }
        Ok(Self { root: root.into(), random: Random::system() })
    }

    /// Does blocking work where it may block.
    async fn within<T: Send + 'static>(
        &self,
        key: &TokenKey,
        work: impl FnOnce(&Folder) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let folder = Folder::new(&self.root, key.clone(), self.random.clone());
        match Handle::try_current() {
            Ok(runtime) => {
                let broken_off =
                    |error| Error::new(ErrorKind::TokenStore, "the store was broken off").with_source(error);
                runtime.spawn_blocking(move || work(&folder)).await.map_err(broken_off)?
            }
            Err(_) => work(&folder),
        }
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error> {
        self.within(key, |folder| folder.read().map(|found| found.into_stored())).await
    }

    async fn compare_and_swap(
        &self,
        key: &TokenKey,
        expected: Option<u64>,
        record: &TokenRecord,
    ) -> Result<Swap, Error> {
        let record = record.clone();
        self.within(key, move |folder| {
            // With nothing expected a broken file counts as nothing, as it is kept aside.
            let found = match (folder.read(), expected) {
                (Err(_), None) if folder.is_broken() => folder.nothing_after_broken()?,
                (found, _) => found?,
            };
            if found.stored_version() != expected {
                return Ok(Swap::Changed(found.into_stored()));
            }
            match folder.write(found, Some(&record))? {
                Written::Done(version) => Ok(Swap::Done(version)),
                Written::Taken => Ok(Swap::Changed(folder.read()?.into_stored())),
            }
        })
        .await
    }

    async fn remove(&self, key: &TokenKey) -> Result<(), Error> {
        self.within(key, |folder| {
            // The version stays, without a pair, so that it isn't used again.
            while folder.highest()?.is_some() {
                let found = if folder.is_broken() { folder.nothing_after_broken()? } else { folder.read()? };
                if let Written::Done(_) = folder.write(found, None)? {
                    break;
                }
            }
            Ok(())
        })
        .await
    }
}

impl fmt::Debug for FileTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileTokenStore").field("folder", &self.root).finish()
    }
}

/// An error that names the file.
fn failed(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::TokenStore, format!("token store: {} {what}", path.display()))
}

#[cfg(unix)]
fn make_folder(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| failed(path, "can't be made").with_source(error))
}

#[cfg(not(unix))]
fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| failed(path, "can't be made").with_source(error))
}

#[cfg(unix)]
fn others_may_write(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o022 != 0
}

#[cfg(not(unix))]
fn others_may_write(_: &fs::Metadata) -> bool {
    false
}
