//! What the command does with somebody else's document.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::arguments::{Document, New};
use super::{Outcome, refuse};
use crate::deliver::{Delivered, Delivery};
use crate::diff::Changes;
use crate::foreign::{self, Options, Reading};
use crate::load::Limits;
use crate::naming::Lock;
use crate::overlay::{self, Overlay};
use crate::problem::{Problem, Problems};
use crate::report::{Progress, Report, Terminal};
use crate::resolve::Sources;
use crate::{create, format, names, render, split};

/// The name of the lock in a crate.
const LOCK: &str = "ecloud-codegen.lock";

/// The steps of `new`, for the line that says how far it is.
const STEPS: usize = 5;

/// Makes a crate of a document.
pub(super) fn new(new: &New, log: &mut dyn Write, terminal: Terminal) -> io::Result<Outcome> {
    let bytes = fs::metadata(&new.document.spec).map_or(0, |metadata| metadata.len());
    let made = make(new, terminal, Progress::new(log, terminal, bytes, STEPS));
    let made = match made {
        Ok(made) => made,
        Err(problems) => return refuse(&problems, log),
    };
    log.write_all(made.summary.as_bytes())?;
    for path in &made.delivered.kept {
        writeln!(log, "  left alone  {}, which is changed by hand", path.display())?;
    }
    writeln!(log, "{}: {} files changed", new.folder.display(), made.delivered.changed)?;
    Ok(if made.degraded && new.strict { Outcome::Degraded } else { Outcome::Done })
}

/// Prints what is understood of a document.
pub(super) fn model(document: &Document, out: &mut dyn Write, log: &mut dyn Write) -> io::Result<Outcome> {
    match Read::of(document, None) {
        Ok(read) => {
            write!(out, "{}", read.reading.domain)?;
            write!(log, "{}", read.report().summary(false))?;
            Ok(Outcome::Done)
        }
        Err(problems) => refuse(&problems, log),
    }
}

/// Prints an overlay that says what is guessed without one.
pub(super) fn suggest(document: &Document, out: &mut dyn Write, log: &mut dyn Write) -> io::Result<Outcome> {
    match Read::of(document, None) {
        Ok(read) => {
            out.write_all(overlay::suggest(&read.reading.domain).as_bytes())?;
            Ok(Outcome::Done)
        }
        Err(problems) => refuse(&problems, log),
    }
}

/// Prints what a new version of a document changes for callers of the old one's crate.
pub(super) fn diff(old: &Document, new: &Path, out: &mut dyn Write, log: &mut dyn Write) -> io::Result<Outcome> {
    match changes(old, new) {
        Ok(changes) => {
            write!(out, "{changes}")?;
            Ok(Outcome::Done)
        }
        Err(problems) => refuse(&problems, log),
    }
}

fn changes(old: &Document, new: &Path) -> Result<Changes, Problems> {
    let overlay = overlay(old)?;
    let name = name(old, &overlay)?;
    let limits = Limits::default();
    let (sources, _) = Sources::open_tolerant(&old.spec, &limits)?;
    let old = foreign::read(&sources, Options { name: &name, overlay: &overlay, lock: Lock::default() })?;
    let (sources, _) = Sources::open_tolerant(new, &limits)?;
    // As in a crate that is made anew: what there was keeps its name.
    let new = foreign::read(&sources, Options { name: &name, overlay: &overlay, lock: old.lock })?;
    Ok(Changes::between(&old.domain, &new.domain))
}

/// Takes a document apart.
pub(super) fn split(spec: &Path, folder: &Path, log: &mut dyn Write) -> io::Result<Outcome> {
    match apart(spec, folder) {
        Ok((parts, operations)) => {
            writeln!(log, "{}: {operations} operations in {parts} documents", folder.display())?;
            Ok(Outcome::Done)
        }
        Err(problems) => refuse(&problems, log),
    }
}

/// Writes the parts; gives how many there are, and how many operations they have.
fn apart(spec: &Path, folder: &Path) -> Result<(usize, usize), Problems> {
    let (sources, missing) = Sources::open_tolerant(spec, &Limits::default())?;
    missing.into_result()?;
    let parts = split::split(sources.root().root(), &way(folder, spec)?)?;
    let mut delivery = Delivery::to(folder);
    for (name, json) in &parts.files {
        delivery.file(&folder.join(name), json.pretty())?;
    }
    delivery.write()?;
    Ok((parts.operations.len(), parts.operations.values().sum()))
}

/// The way from a folder to the folder of a file, as a reference says it; empty where they are the same.
fn way(folder: &Path, file: &Path) -> Result<String, Problems> {
    let parts = |path: &Path| {
        let absolute = std::path::absolute(path);
        absolute.map(|path| path.components().map(|part| part.as_os_str().to_owned()).collect::<Vec<_>>()).map_err(
            |error| Problems::from(Problem::of_file(path.display().to_string(), format!("is no path: {error}"))),
        )
    };
    let (from, mut to) = (parts(folder)?, parts(file)?);
    to.pop();
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    let down = to.iter().skip(common).map(|part| part.to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// A path that is relative to the current folder, as it is from another folder; any other as it is.
fn seen_from(folder: &Path, path: &Path) -> Result<PathBuf, Problems> {
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    // The way leads to the folder of a file, so there has to be one.
    let way = way(folder, &path.join("Cargo.toml"))?;
    Ok(PathBuf::from(if way.is_empty() { "." } else { &way }))
}

/// The overlay that a document is to be read with.
fn overlay(document: &Document) -> Result<Overlay, Problems> {
    document.overlay.as_deref().map_or_else(|| Ok(Overlay::empty()), Overlay::open)
}

/// What was read of a document, and what it was read with.
struct Read {
    sources: Sources,
    /// What is wrong with the files that the document refers to.
    missing: Problems,
    overlay: Overlay,
    reading: Reading,
}

impl Read {
    fn of(document: &Document, lock: Option<&Path>) -> Result<Self, Problems> {
        let overlay = overlay(document)?;
        let lock = match lock {
            Some(path) => Lock::open(path)?,
            None => Lock::default(),
        };
        let name = name(document, &overlay)?;
        let (sources, missing) = Sources::open_tolerant(&document.spec, &Limits::default())?;
        let reading = foreign::read(&sources, Options { name: &name, overlay: &overlay, lock })?;
        let mut problems = Problems::new();
        overlay.unused().into_iter().for_each(|problem| problems.add(problem));
        problems.into_result()?;
        Ok(Self { sources, missing, overlay, reading })
    }

    fn report(&self) -> Report<'_> {
        Report::new(&self.sources, &self.missing, &self.overlay, &self.reading)
    }
}

/// The crate's name: as it is asked for, else as the overlay has it, else the file's.
fn name(document: &Document, overlay: &Overlay) -> Result<String, Problems> {
    if let Some(name) = document.name.as_ref().or(overlay.name.as_ref()) {
        if overlay::is_package(name) {
            return Ok(name.clone());
        }
        let reason = "is no name for a crate: small letters, digits, `-` and `_`, a letter first, no word of Rust's";
        return Err(Problem::of_file(name.clone(), reason).into());
    }
    let stem = document.spec.file_stem().unwrap_or_default().to_string_lossy();
    let name = names::snake(&stem).filter(|name| overlay::is_package(name));
    Ok(name.unwrap_or_else(|| "api".to_owned()))
}

/// A crate that was made.
struct Made {
    summary: String,
    delivered: Delivered,
    degraded: bool,
}

/// Whether a crate in this folder lies in the folder of another package.
fn is_apart(folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    folder.ancestors().skip(1).any(|above| above.join("Cargo.toml").is_file())
}

fn make(new: &New, terminal: Terminal, mut progress: Progress<'_>) -> Result<Made, Problems> {
    let lock = new.lock.clone().unwrap_or_else(|| new.folder.join(LOCK));
    progress.step("reads the document");
    let read = Read::of(&new.document, Some(&lock))?;
    let mut report = read.report();

    progress.step("writes Rust");
    let mut domain = read.reading.domain.clone();
    if let Some(platform) = &mut domain.platform {
        platform.features = new.features;
    }
    let files = render::domain(&domain);
    let mut files: BTreeMap<String, String> =
        files.into_iter().map(|(name, text)| (format!("src/{name}"), text)).collect();
    let core = new.core.as_deref().map(|core| seen_from(&new.folder, core)).transpose()?;
    let apart = is_apart(&new.folder);
    files.extend(create::files(&domain, &create::Options { core, apart, every_call: new.every_call }));

    progress.step("sets the text");
    let (rust, plain): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name.ends_with(".rs"));
    let rust = format::all(&rust.into_iter().collect(), &new.folder)?;

    progress.step("puts the files in place");
    let mut delivery = Delivery::to(&new.folder);
    report.written(rust.values().chain(plain.iter().map(|(_, text)| text)).map(String::as_str));
    delivery.files(rust);
    delivery.files(plain);
    delivery.file(&lock, read.reading.lock.write())?;
    if let Some(path) = &new.report {
        delivery.file(path, report.json().pretty())?;
    }
    let delivered = delivery.write()?;
    Ok(Made { summary: report.summary(terminal.colour), delivered, degraded: report.is_degraded() })
}
