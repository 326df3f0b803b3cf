//! The command `ecloud-codegen`: its arguments, what it does, what it says.

mod arguments;
mod foreign;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arguments::Action;

use crate::load::Limits;
use crate::model::{self, Domain};
use crate::output::Output;
use crate::problem::{Problem, Problems};
use crate::report::Terminal;
use crate::resolve::Sources;
use crate::{format, lint, render, resolved, workspace};

/// What `--help` says.
pub const HELP: &str = "\
Writes typed Rust clients and sandbox routes from OpenAPI documents.

Usage, for anybody's document (Swagger 2.0, OpenAPI 3.0, 3.1; YAML or JSON):
  ecloud-codegen new --spec FILE --name NAME --out DIR [--core PATH] [--overlay FILE] [--lock FILE]
                     [--report FILE] [--strict] [--features] [--every-call]
      Makes a whole crate. In a folder that is there already only what was generated is replaced.
  ecloud-codegen suggest --spec FILE [--overlay FILE]
      Prints an overlay that says what is guessed about pages, idempotency keys and secrets.
  ecloud-codegen diff OLD NEW [--overlay FILE] [--name NAME]
      Prints what a new version of a document changes for callers: the semver level, and the text for a CHANGELOG.
  ecloud-codegen split --spec FILE --out DIR
      Takes a document of thousands of operations apart: a document a tag, and one for what they share.
  ecloud-codegen model --foreign --spec FILE [--overlay FILE] [--name NAME]
      Prints what the generator has understood of a document.

  --name NAME     What the crate is called: small letters, digits, `-`, `_`. An overlay may say it too.
  --core PATH     The folder of ecloud-core, to depend on it by path instead of by version.
  --overlay FILE  What the document doesn't say (YAML): names, groups, pages, types, retries.
  --lock FILE     Where the names are kept, so that they stay; DIR/ecloud-codegen.lock if not said.
  --report FILE   Writes as JSON what became of each operation and each schema.
  --strict        Ends with 2 if the crate says less than the document anywhere. It is written all the same.
  --features      Makes each resource a feature of the crate.
  --every-call    Adds examples/every_call.rs, which calls each operation once: to try a mock server, or to be tried by one.

Usage, for the documents of a workspace:
  ecloud-codegen generate --spec FILE --out DIR [--check]
      Writes the crate's source files from a document.
  ecloud-codegen workspace [--root DIR] [--check]
      Writes everything that is generated in a workspace with the documents in api/:
      the source of each domain's crate, the identifiers of the core, the sandbox's routes.
      Without --root: the workspace that the current directory lies in.
  ecloud-codegen model --spec FILE
      Prints what the generator has understood of a document.
  ecloud-codegen lint FOLDER
      Looks at the descriptions of a workspace, by the rules of api/README.md that the generator doesn't need and readers do.
  ecloud-codegen resolve --spec FILE
      Prints the document's routes, schemas and state machines as one JSON document.

  --check         Writes nothing; fails if what is there differs, and names the files.

  --help          Prints this.
  --version       Prints the version.

Exit status: 0 done; 1 a document is wrong or a file differs, and nothing was written; 2 the arguments are wrong.
Of `new`: 0 the crate is written; 1 nothing was written; 2 it is written, and degraded, with --strict.
";

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was asked for is done.
    Done,
    /// A document is wrong, a file can't be written, or with `--check` something differs.
    Failed,
    /// The arguments make no sense.
    Misused,
    /// With `--strict`: what was asked for is done, but the crate says less than the document.
    Degraded,
}

impl Outcome {
    /// The exit status of the process.
    pub fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused | Self::Degraded => 2,
        }
    }
}

/// Runs the command with the arguments behind its name. What was asked for goes to `out`, everything else to `log`, which is a file.
///
/// # Errors
///
/// When `out` or `log` can't be written.
pub fn run(arguments: &[OsString], out: &mut dyn Write, log: &mut dyn Write) -> io::Result<Outcome> {
    run_on(Terminal::none(), arguments, out, log)
}

/// As [`run`], with a `log` that may be a terminal.
///
/// # Errors
///
/// When `out` or `log` can't be written.
pub fn run_on(
    terminal: Terminal,
    arguments: &[OsString],
    out: &mut dyn Write,
    log: &mut dyn Write,
) -> io::Result<Outcome> {
    let action = match Action::parse(arguments) {
        Ok(action) => action,
        Err(reason) => {
            writeln!(log, "ecloud-codegen: {reason}\nTry `ecloud-codegen --help`.")?;
            // Of `new`, 2 says that a crate was written.
            let new = arguments.first().is_some_and(|name| name == "new");
            return Ok(if new { Outcome::Failed } else { Outcome::Misused });
        }
    };
    let done = match &action {
        Action::Help => Ok(out.write_all(HELP.as_bytes())?),
        Action::Version => Ok(writeln!(out, "ecloud-codegen {}", env!("CARGO_PKG_VERSION"))?),
        Action::Model { spec } => match read(spec) {
            Ok((_, domain)) => Ok(write!(out, "{domain}")?),
            Err(problems) => Err(problems),
        },
        Action::Resolve { spec } => match read(spec).and_then(|(sources, domain)| resolved::write(&sources, &domain)) {
            Ok(text) => Ok(out.write_all(text.as_bytes())?),
            Err(problems) => Err(problems),
        },
        Action::Lint { folder } => match lint::folder(folder) {
            Ok(looked) => {
                let lint::Looked { documents, operations, schemas } = looked;
                Ok(writeln!(log, "{documents} documents, {operations} operations, {schemas} schemas: nothing to say")?)
            }
            Err(problems) => Err(problems),
        },
        Action::New(new) => return foreign::new(new, log, terminal),
        Action::Foreign(document) => return foreign::model(document, out, log),
        Action::Suggest(document) => return foreign::suggest(document, out, log),
        Action::Diff(old, new) => return foreign::diff(old, new, out, log),
        Action::Split { spec, folder } => return foreign::split(spec, folder, log),
        Action::Generate { spec, folder, check } => match generate(spec, folder) {
            Ok(output) => return finish(&output, *check, log),
            Err(problems) => Err(problems),
        },
        Action::Workspace { root, check } => match whole(root.as_deref()) {
            Ok(output) => return finish(&output, *check, log),
            Err(problems) => Err(problems),
        },
    };
    match done {
        Ok(()) => Ok(Outcome::Done),
        Err(problems) => refuse(&problems, log),
    }
}

/// Writes or compares, and says what was done.
fn finish(output: &Output, check: bool, log: &mut dyn Write) -> io::Result<Outcome> {
    if !check {
        return match output.write() {
            Ok(changed) => {
                let (all, changed) = (output.files().len(), changed.len());
                writeln!(log, "{all} files generated, {changed} of them changed")?;
                Ok(Outcome::Done)
            }
            Err(problems) => refuse(&problems, log),
        };
    }
    match output.differences() {
        Ok(differences) if differences.is_empty() => Ok(Outcome::Done),
        Ok(differences) => {
            for (path, difference) in &differences {
                writeln!(log, "{}: {difference}", path.display())?;
            }
            let count = differences.len();
            writeln!(log, "{count} generated files don't fit their documents; run the same without --check")?;
            Ok(Outcome::Failed)
        }
        Err(problems) => refuse(&problems, log),
    }
}

fn refuse(problems: &Problems, log: &mut dyn Write) -> io::Result<Outcome> {
    writeln!(log, "{problems}")?;
    Ok(Outcome::Failed)
}

fn read(spec: &Path) -> Result<(Sources, Domain), Problems> {
    let sources = Sources::open(spec, &Limits::default())?;
    let domain = model::domain(&sources)?;
    Ok((sources, domain))
}

fn generate(spec: &Path, folder: &Path) -> Result<Output, Problems> {
    let (_, domain) = read(spec)?;
    let mut output = Output::new();
    output.folder(folder, format::all(&render::domain(&domain), folder)?);
    Ok(output)
}

fn whole(root: Option<&Path>) -> Result<Output, Problems> {
    let root = match root {
        Some(root) => root.to_owned(),
        None => {
            let here = std::env::current_dir().map_err(|error| {
                Problems::from(Problem::of_file(".", format!("the current directory can't be told: {error}")))
            })?;
            let root = workspace::root_above(&here)?;
            // Shown as short as it can be, since messages and lists of files name it again and again.
            if root == here { PathBuf::new() } else { root }
        }
    };
    workspace::output(&root)
}
