//! One shop's folder: reading its latest version, and putting the next one in.
//!
//! A version is put in by linking a finished file under its name, so of two who try one fails. Older versions are removed only after a
//! newer one is there. Hence whoever links a version that others have long gone past, and removed, finds a higher one there
//! afterwards. Each version names the changes before it, so that he can tell whether that one was built on his or came without it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::name::folder_name;
use super::{failed, make_folder};
use crate::random::Random;
use crate::token::{StoredToken, TokenKey, TokenRecord};
use crate::{Error, ErrorKind};

/// A token file is larger than this for no good reason, in bytes.
const LONGEST_FILE: u64 = 1024 * 1024;
/// How often a folder is looked at that changes under the reader's eyes.
const LOOKS: u32 = 1000;

/// What stands in a file; without a record the shop's pair was removed.
#[derive(Serialize, Deserialize)]
struct Content {
    app: String,
    shop: String,
    record: Option<TokenRecord>,
    /// Names this change.
    change: String,
    /// The changes before it, the latest first.
    #[serde(default)]
    earlier: Vec<String>,
}

/// As many earlier changes are named: far more than are made while one is being linked.
const NAMED: usize = 16;

/// One shop's folder.
pub(super) struct Folder {
    path: PathBuf,
    key: TokenKey,
    random: Random,
}

/// What there is in a folder.
pub(super) struct Found {
    /// The latest version, 0 where there was none.
    version: u64,
    record: Option<TokenRecord>,
    /// The changes that led to it, the latest first.
    changes: Vec<String>,
}

/// What came of writing a version.
pub(super) enum Written {
    Done(u64),
    /// Somebody else has written it.
    Taken,
}

/// The names in a folder.
#[derive(Default, PartialEq)]
struct Listing {
    latest: u64,
    latest_broken: u64,
}

impl Found {
    /// The version of what is stored, if something is.
    pub(super) fn stored_version(&self) -> Option<u64> {
        self.record.as_ref().map(|_| self.version)
    }

    pub(super) fn into_stored(self) -> Option<StoredToken> {
        Some(StoredToken::new(self.version, self.record?))
    }
}

impl Folder {
    pub(super) fn new(root: &Path, key: TokenKey, random: Random) -> Self {
        let path = root.join(folder_name("app-", key.app())).join(folder_name("shop-", key.shop()));
        Self { path, key, random }
    }

    /// The latest version.
    pub(super) fn read(&self) -> Result<Found, Error> {
        for _ in 0..LOOKS {
            let listing = self.list()?;
            if listing.latest_broken > listing.latest {
                let broken = self.broken(listing.latest_broken);
                return Err(failed(&broken, "is a token file that was kept aside, since it can't be understood"));
            }
            if listing.latest == 0 {
                return Ok(Found { version: 0, record: None, changes: Vec::new() });
            }
            let content = match self.open(listing.latest)? {
                Some(content) => content,
                // A newer version has taken its place.
                None => continue,
            };
            // A name that came too late may have stood there for a moment.
            if self.list()? == listing {
                return self.understand(listing.latest, &content);
            }
        }
        Err(failed(&self.path, "changes faster than it can be read"))
    }

    /// The highest version that was ever used; nothing where none was.
    pub(super) fn highest(&self) -> Result<Option<u64>, Error> {
        let listing = self.list()?;
        Ok(Some(listing.latest.max(listing.latest_broken)).filter(|version| *version > 0))
    }

    /// Whether the latest version was kept aside.
    pub(super) fn is_broken(&self) -> bool {
        self.list().is_ok_and(|listing| listing.latest_broken > listing.latest)
    }

    pub(super) fn nothing_after_broken(&self) -> Result<Found, Error> {
        Ok(Found { version: self.highest()?.unwrap_or(0), record: None, changes: Vec::new() })
    }

    /// Puts the next version after `found` in, if nobody else has, and tells its number.
    pub(super) fn write(&self, found: Found, record: Option<&TokenRecord>) -> Result<Written, Error> {
        make_folder(&self.path)?;
        let version = found.version + 1;
        let none = |error| Error::new(ErrorKind::TokenStore, "no randomness for a change's name").with_source(error);
        let change = String::from_utf8_lossy(&self.random.hex().map_err(none)?).into_owned();
        let mut earlier = found.changes;
        earlier.truncate(NAMED);
        let content = Content {
            app: self.key.app().to_owned(),
            shop: self.key.shop().to_owned(),
            record: record.cloned(),
            change: change.clone(),
            earlier,
        };
        let unwritable = |error: serde_json::Error| Error::new(ErrorKind::TokenStore, "unwritable").with_source(error);
        let bytes = serde_json::to_vec_pretty(&content).map_err(unwritable)?;
        let name = self.file(version);
        let linked = loop {
            let temporary =
                self.temporary(&bytes).map_err(|error| failed(&self.path, "can't be written to").with_source(error))?;
            let linked = fs::hard_link(&temporary, &name);
            // One that stays behind is removed with the next change.
            let _ = fs::remove_file(&temporary);
            match linked {
                // Somebody has tidied up meanwhile.
                Err(error) if error.kind() == Io::NotFound => continue,
                linked => break linked,
            }
        };
        match linked {
            Ok(()) => {}
            Err(error) if error.kind() == Io::AlreadyExists => return Ok(Written::Taken),
            Err(error) => return Err(failed(&name, "can't be written").with_source(error)),
        }
        if self.highest()?.is_some_and(|highest| highest > version) && !self.read()?.changes.contains(&change) {
            let _ = fs::remove_file(&name);
            return Ok(Written::Taken);
        }
        sync(&self.path).map_err(|error| failed(&self.path, "can't be synced").with_source(error))?;
        self.tidy(version);
        Ok(Written::Done(version))
    }

    fn list(&self) -> Result<Listing, Error> {
        let unreadable = |error| failed(&self.path, "can't be listed").with_source(error);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == Io::NotFound => return Ok(Listing::default()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut listing = Listing::default();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            let Some(name) = name.to_str() else { continue };
            let place = if name.ends_with(".broken") { &mut listing.latest_broken } else { &mut listing.latest };
            if let Some(version) = version_of(name) {
                *place = version.max(*place);
            }
        }
        Ok(listing)
    }

    /// The content of a version; nothing where it has gone meanwhile.
    fn open(&self, version: u64) -> Result<Option<Vec<u8>>, Error> {
        let path = self.file(version);
        let unreadable = |error| failed(&path, "can't be read").with_source(error);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == Io::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        let found = file.metadata().map_err(unreadable)?;
        if !found.is_file() {
            return Err(failed(&path, "is no file"));
        }
        if let Some(mode) = readable_by_others(&found) {
            return Err(failed(&path, &format!("may be read by others (mode {mode:04o}); set its mode to 0600")));
        }
        let mut content = Vec::new();
        file.take(LONGEST_FILE).read_to_end(&mut content).map_err(unreadable)?;
        Ok(Some(content))
    }

    fn understand(&self, version: u64, content: &[u8]) -> Result<Found, Error> {
        let path = self.file(version);
        let content: Content = match serde_json::from_slice(content) {
            Ok(content) => content,
            Err(error) => {
                let broken = self.broken(version);
                fs::rename(&path, &broken).map_err(|error| failed(&path, "can't be kept aside").with_source(error))?;
                // The text of a JSON error may repeat what stands in the file.
                let place = format!("can't be understood at line {}, column {}", error.line(), error.column());
                return Err(failed(&path, &format!("{place}; it is kept aside as {}", broken.display())));
            }
        };
        if (content.app.as_str(), content.shop.as_str()) != (self.key.app(), self.key.shop()) {
            return Err(failed(&path, "belongs to another application or shop"));
        }
        let mut changes = content.earlier;
        changes.insert(0, content.change);
        Ok(Found { version, record: content.record, changes })
    }

    /// Writes a temporary file, synced, for its owner alone.
    fn temporary(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = self.path.join(format!(".new-{}-{number}", std::process::id()));
            let mut file = match new_file(&path) {
                Ok(file) => file,
                // Another process of the same number, in another container.
                Err(error) if error.kind() == Io::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            let written = file.write_all(bytes).and_then(|()| file.sync_all());
            if let Err(error) = written {
                let _ = fs::remove_file(&path);
                return Err(error);
            }
            return Ok(path);
        }
    }

    /// Removes what is older than this version. What can't be removed now is removed with the next change.
    fn tidy(&self, version: u64) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let is_old = version_of(name).is_some_and(|old| old < version) && !name.ends_with(".broken");
            if is_old || name.starts_with(".new-") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn file(&self, version: u64) -> PathBuf {
        self.path.join(format!("{version}.json"))
    }

    fn broken(&self, version: u64) -> PathBuf {
        self.path.join(format!("{version}.json.broken"))
    }
}

/// The version that a file is named for.
fn version_of(name: &str) -> Option<u64> {
    let name = name.strip_suffix(".broken").unwrap_or(name);
    name.strip_suffix(".json")?.parse().ok().filter(|version| *version < u64::MAX)
}

#[cfg(unix)]
fn new_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The mode of a file that others may read.
#[cfg(unix)]
fn readable_by_others(found: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn readable_by_others(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Makes the names in a folder survive a loss of power.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
