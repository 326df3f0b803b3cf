//! Whether values survive the types that are generated for a document: decoded and encoded again they are the same JSON.
//!
//! ```text
//! cargo run --release -p ecloud-codegen --example round_trips -- [--random N] [DOCUMENT]...
//! ```
//!
//! A document is a file, or the name of one in the folder that `ECLOUD_SPECS` names, or else in `../shared/specs` beside the workspace;
//! without any all documents of that folder are tried. Where there is no such folder nothing is tried, which is said and is no failure.
//!
//! For each document a crate is generated (`ecloud-codegen new`) into `target/documents/NAME/crate`, and beside it a program that
//! depends on that crate. Values are every `example` and `examples` of requests, answers and schemas, and `N` values a schema
//! made at random (20 unless told). Those that are valid under their own schema must come out as they went in, but for nulls,
//! number spelling and properties that the schema doesn't declare. Last come values with a property and enum values that the document
//! doesn't know: what it does know of them must survive too.
//!
//! One line a document is printed; the values that failed, and those that are invalid, stand in `target/documents/NAME/round-trips.txt`, and the shares are added to
//! the generator's report in `target/documents/NAME/report.json`. The exit status is 1 if a crate doesn't compile or less than 99 % of
//! a document's valid examples survive.

#![forbid(unsafe_code)]

mod cases;
mod difference;
mod document;
mod outcome;
mod plan;
mod program;
mod random;
mod sample;
mod schema;
mod typed;
mod validator;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use ecloud_codegen::command;
use ecloud_codegen::json::Json;
use ecloud_codegen::load::{self, Limits};

use crate::cases::{Origin, Sources};
use crate::difference::{Difference, difference};
use crate::document::Document;
use crate::outcome::Outcome;
use crate::program::Places;
use crate::schema::Schemas;
use crate::validator::Validators;

/// The share of valid examples, in percent, that a document must reach.
const WANTED: f64 = 99.0;

fn main() -> ExitCode {
    let (documents, random) = match arguments() {
        Ok(asked) => asked,
        Err(reason) => {
            tell(&format!("round_trips: {reason}"));
            return ExitCode::from(64);
        }
    };
    if documents.is_empty() {
        tell("round_trips: no documents here and none where ECLOUD_SPECS points; nothing was tried");
    }
    let mut sound = true;
    for path in documents {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match try_document(&path, &name, random) {
            Ok(outcome) => {
                sound &= outcome.examples().percent() >= WANTED;
                tell(&format!("{name}: {outcome}"));
            }
            Err(reason) => {
                sound = false;
                tell(&format!("{name}: FAILED: {reason}"));
            }
        }
    }
    ExitCode::from(u8::from(!sound))
}

/// The documents to try and the number of values a schema.
fn arguments() -> Result<(Vec<PathBuf>, usize), String> {
    let folder =
        env::var_os("ECLOUD_SPECS").map_or_else(|| program::workspace().join("../shared/specs"), PathBuf::from);
    let mut known: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    known.retain(|path| path.extension().is_some_and(|ending| ending == "json" || ending == "yaml" || ending == "yml"));
    known.sort();
    let mut random = 20;
    let mut asked = Vec::new();
    let mut rest = env::args_os().skip(1);
    while let Some(argument) = rest.next() {
        if argument == "--random" {
            let number = rest.next().and_then(|text| text.to_str()?.parse().ok());
            random = number.ok_or("`--random` needs a number behind it")?;
            continue;
        }
        let path = PathBuf::from(&argument);
        let found =
            known.iter().find(|known| known.file_stem() == Some(&argument) || known.file_name() == Some(&argument));
        asked.push(match found {
            _ if path.is_file() => path,
            Some(known) => known.clone(),
            None if known.is_empty() => continue,
            None => return Err(format!("`{}` is no document", path.display())),
        });
    }
    Ok((if asked.is_empty() { known } else { asked }, random))
}

fn try_document(path: &Path, name: &str, random: usize) -> Result<Outcome, String> {
    let workspace = program::workspace();
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from).join("documents");
    let folder = target.join(name);
    let (generated, report) = (folder.join("crate"), folder.join("report.json"));
    generate(path, name, &generated, &report, &workspace)?;

    let document = Document::open(path).map_err(|problems| problems.to_string())?;
    let reported = Document::open(&report).map_err(|problems| problems.to_string())?;
    let typed = typed::all(&document, &reported.root);
    let mut schemas = Schemas::new(&document);
    let sources = Sources::gather(&document, &typed, &mut schemas);
    let whole = schemas.whole();
    let registry = validator::registry(&whole)?;
    let validators = Validators::new(&schemas, &registry);

    let mut outcome = Outcome::default();
    let cases = sources.cases(&validators, random);
    let (valid, invalid): (Vec<_>, Vec<_>) = cases.iter().partition(|case| {
        case.origin == Origin::Unfamiliar || validators.is_valid(schemas.get(case.schema), &case.value)
    });
    for case in invalid {
        let reason = validators.reason(schemas.get(case.schema), &case.value);
        outcome.invalid(case, reason.unwrap_or_default());
    }
    let places = Places { workspace, generated, folder: folder.join("round-trips"), target: target.join("build") };
    let results = places.run(&sources.types, &valid)?;
    for (case, result) in valid.iter().zip(results) {
        let again = result.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        let found = match again {
            Ok(after) => difference(&validators, schemas.get(case.schema), &case.value, &after),
            Err(how) => Some(Difference { pointer: String::new(), how }),
        };
        outcome.tried(case, &sources.types[case.rust], found);
    }
    fs::write(folder.join("round-trips.txt"), outcome.details()).map_err(|error| error.to_string())?;
    add_to_report(&report, &outcome)?;
    Ok(outcome)
}

/// Runs `ecloud-codegen new`.
fn generate(spec: &Path, name: &str, out: &Path, report: &Path, workspace: &Path) -> Result<(), String> {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let mut arguments = vec![OsString::from("new")];
    let core = workspace.join("ecloud-core");
    for (option, value) in [("--spec", spec), ("--out", out), ("--core", &core), ("--report", report)] {
        arguments.extend([OsString::from(option), value.into()]);
    }
    arguments.extend([OsString::from("--name"), name.into()]);
    let (mut said, mut log) = (Vec::new(), Vec::new());
    let outcome = command::run(&arguments, &mut said, &mut log).map_err(|error| error.to_string())?;
    if outcome == command::Outcome::Done {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&log).into_owned())
}

/// Adds the shares to the generator's report.
fn add_to_report(path: &Path, outcome: &Outcome) -> Result<(), String> {
    let shown = path.display().to_string();
    let document = load::file(path, &shown, &Limits::default()).map_err(|problems| problems.to_string())?;
    let Json::Map(mut pairs) = Json::of(document.root()) else {
        return Err(format!("{shown} is no report"));
    };
    pairs.retain(|(key, _)| key != "round_trips");
    pairs.push(("round_trips".to_owned(), outcome.json()));
    fs::write(path, Json::Map(pairs).pretty()).map_err(|error| error.to_string())
}

#[expect(clippy::print_stdout, reason = "it's what this program is for")]
fn tell(line: &str) {
    println!("{line}");
}
