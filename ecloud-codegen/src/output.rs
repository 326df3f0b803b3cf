//! The files that a run makes: compared with what is there, or written so that none is ever half there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Problems};
use crate::render::MARK;

/// Files to be, with their text.
#[derive(Clone, Debug, Default)]
pub struct Output {
    files: BTreeMap<PathBuf, String>,
    /// Folders whose generated files all come from this run.
    folders: Vec<PathBuf>,
}

/// How a file differs from what the run would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It isn't there.
    Missing,
    /// It differs, first on this line.
    Line(usize),
    /// It was generated once and isn't any more.
    Stale,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Line(line) => write!(f, "differs from line {line} on"),
            Self::Stale => f.write_str("is not generated any more"),
        }
    }
}

impl Output {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    pub fn file(&mut self, path: PathBuf, text: String) {
        self.files.insert(path, text);
    }

    /// Adds a folder of generated Rust files; those in it that this run doesn't make are stale.
    pub fn folder(&mut self, path: &Path, files: BTreeMap<String, String>) {
        for (name, text) in files {
            self.file(path.join(name), text);
        }
        self.folders.push(path.to_owned());
    }

    /// The files, by path.
    pub fn files(&self) -> &BTreeMap<PathBuf, String> {
        &self.files
    }

    /// What differs between the files to be and those that are there.
    ///
    /// # Errors
    ///
    /// When a file or folder can't be read.
    pub fn differences(&self) -> Result<Vec<(PathBuf, Difference)>, Problems> {
        let mut differences = Vec::new();
        for (path, text) in &self.files {
            let found = match fs::read(path) {
                Ok(bytes) if bytes == text.as_bytes() => continue,
                Ok(bytes) => {
                    let found = String::from_utf8_lossy(&bytes).into_owned();
                    let same = text.lines().zip(found.lines()).take_while(|(to_be, is)| to_be == is);
                    Difference::Line(same.count() + 1)
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Difference::Missing,
                Err(error) => return Err(unusable(path, "can't be read", &error)),
            };
            differences.push((path.clone(), found));
        }
        let stale = self.stale()?.into_iter().map(|path| (path, Difference::Stale));
        differences.extend(stale);
        differences.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(differences)
    }

    /// Generated files in the run's folders that the run doesn't make.
    fn stale(&self) -> Result<Vec<PathBuf>, Problems> {
        let mut stale = Vec::new();
        for folder in &self.folders {
            let entries = match fs::read_dir(folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unusable(folder, "can't be listed", &error)),
            };
            for entry in entries {
                let path = entry.map_err(|error| unusable(folder, "can't be listed", &error))?.path();
                let rust = path.extension().is_some_and(|extension| extension == "rs");
                if !rust || self.files.contains_key(&path) {
                    continue;
                }
                // A file without the mark was written by hand and is left alone.
                let text = fs::read_to_string(&path).unwrap_or_default();
                if text.starts_with(MARK) {
                    stale.push(path);
                }
            }
        }
        Ok(stale)
    }

    /// Writes what differs, and removes what is stale. All texts are on the disk, beside their places, before the first is
    /// renamed; what is right already keeps its time of change. Answers with what was changed.
    ///
    /// # Errors
    ///
    /// When a file can't be written; then nothing was renamed, or the names of those that were follow from the order of paths.
    pub fn write(&self) -> Result<Vec<PathBuf>, Problems> {
        let differences = self.differences()?;
        let mut beside = Vec::new();
        for (path, difference) in &differences {
            let Some(text) = self.files.get(path).filter(|_| *difference != Difference::Stale) else {
                continue;
            };
            match write_beside(path, text) {
                Ok(temporary) => beside.push((temporary, path)),
                Err(error) => {
                    for (temporary, _) in beside {
                        // The first error is the one to tell.
                        let _ = fs::remove_file(temporary);
                    }
                    return Err(unusable(path, "can't be written", &error));
                }
            }
        }
        for (temporary, path) in beside {
            fs::rename(&temporary, path).map_err(|error| unusable(path, "can't be replaced", &error))?;
        }
        for (path, difference) in &differences {
            if *difference == Difference::Stale {
                fs::remove_file(path).map_err(|error| unusable(path, "can't be removed", &error))?;
            }
        }
        Ok(differences.into_iter().map(|(path, _)| path).collect())
    }
}

/// Writes a text beside its place, in the same folder so that a rename is one step.
pub(crate) fn write_beside(path: &Path, text: &str) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&temporary, text)?;
    Ok(temporary)
}

fn unusable(path: &Path, what: &str, error: &io::Error) -> Problems {
    Problem::of_file(path.display().to_string(), format!("{what}: {error}")).into()
}
