//! The command `ecloud-codegen`: its arguments, what it does, what it says.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::load::Limits;
use crate::model::{self, Domain};
use crate::output::Output;
use crate::problem::{Problem, Problems};
use crate::resolve::Sources;
use crate::{format, render, resolved, workspace};

/// What `--help` says.
pub const HELP: &str = "\
Writes typed Rust clients and sandbox routes from OpenAPI documents.

Usage:
  ecloud-codegen generate --spec FILE --out DIR [--check]
      Writes the crate's source files from a document.
  ecloud-codegen workspace [--root DIR] [--check]
      Writes everything that is generated in a workspace with the documents in api/:
      the source of each domain's crate, the identifiers of the core, the sandbox's routes.
      Without --root: the workspace that the current directory lies in.
  ecloud-codegen model --spec FILE
      Prints what the generator has understood of a document.
  ecloud-codegen resolve --spec FILE
      Prints the document's routes, schemas and state machines as one JSON document.

Options:
  --check      Writes nothing; fails if what is there differs, and names the files.
  --help       Prints this.
  --version    Prints the version.

Exit status: 0 done; 1 a document is wrong or a file differs; 2 the arguments are wrong.
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
}

impl Outcome {
    /// The exit status of the process.
    pub fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Misused => 2,
        }
    }
}

/// Runs the command with the arguments behind its name. What was asked for goes to `out`, everything else to `log`.
///
/// # Errors
///
/// When `out` or `log` can't be written.
pub fn run(arguments: &[OsString], out: &mut dyn Write, log: &mut dyn Write) -> io::Result<Outcome> {
    let action = match Action::parse(arguments) {
        Ok(action) => action,
        Err(reason) => {
            writeln!(log, "ecloud-codegen: {reason}\nTry `ecloud-codegen --help`.")?;
            return Ok(Outcome::Misused);
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

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    Help,
    Version,
    Generate { spec: PathBuf, folder: PathBuf, check: bool },
    Workspace { root: Option<PathBuf>, check: bool },
    Model { spec: PathBuf },
    Resolve { spec: PathBuf },
}

impl Action {
    fn parse(arguments: &[OsString]) -> Result<Self, String> {
        let text = |argument: &OsString| argument.to_str().map(str::to_owned);
        let words: Vec<Option<String>> = arguments.iter().map(text).collect();
        let is = |wanted: &str| words.iter().flatten().any(|word| word == wanted);
        if is("--help") || is("-h") {
            return Ok(Self::Help);
        }
        if is("--version") || is("-V") {
            return Ok(Self::Version);
        }
        let Some((Some(name), _)) = words.split_first() else {
            return Err("which command? `generate`, `workspace`, `model` or `resolve`".to_owned());
        };
        let known: &[&str] = match name.as_str() {
            "generate" => &["--spec", "--out", "--check"],
            "workspace" => &["--root", "--check"],
            "model" | "resolve" => &["--spec"],
            other => return Err(format!("`{other}` is no command")),
        };
        let mut options = Options::read(&arguments[1..], known)?;
        let action = match name.as_str() {
            "generate" => Self::Generate {
                spec: options.required("--spec")?,
                folder: options.required("--out")?,
                check: options.check,
            },
            "workspace" => Self::Workspace { root: options.take("--root"), check: options.check },
            "model" => Self::Model { spec: options.required("--spec")? },
            _ => Self::Resolve { spec: options.required("--spec")? },
        };
        Ok(action)
    }
}

/// The options of a command.
#[derive(Default)]
struct Options {
    paths: Vec<(String, PathBuf)>,
    check: bool,
}

impl Options {
    fn read(arguments: &[OsString], known: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let shown = argument.to_string_lossy();
            // `--spec=FILE` is as good as `--spec FILE`.
            let (name, joined) = match argument.to_str().and_then(|text| text.split_once('=')) {
                Some((name, value)) => (name.to_owned(), Some(PathBuf::from(value))),
                None => (shown.into_owned(), None),
            };
            if !known.contains(&name.as_str()) {
                return Err(format!("`{name}` is no option here"));
            }
            if name == "--check" {
                options.check = true;
                continue;
            }
            let Some(value) = joined.or_else(|| rest.next().map(PathBuf::from)) else {
                return Err(format!("`{name}` needs a path behind it"));
            };
            if options.paths.iter().any(|(other, _)| *other == name) {
                return Err(format!("`{name}` stands twice"));
            }
            options.paths.push((name, value));
        }
        Ok(options)
    }

    fn take(&mut self, name: &str) -> Option<PathBuf> {
        let index = self.paths.iter().position(|(other, _)| other == name)?;
        Some(self.paths.remove(index).1)
    }

    fn required(&mut self, name: &str) -> Result<PathBuf, String> {
        self.take(name).ok_or_else(|| format!("`{name}` is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Action, String> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Action::parse(&words)
    }

    #[test]
    fn options_come_in_any_order_and_either_form() {
        let expected = Action::Generate { spec: "a.yaml".into(), folder: "src".into(), check: true };
        assert_eq!(parse("generate --check --out src --spec=a.yaml").as_ref(), Ok(&expected));
        assert_eq!(parse("generate --spec a.yaml --out src --check").as_ref(), Ok(&expected));
    }

    #[test]
    fn help_and_version_win_over_everything() {
        assert_eq!(parse("generate --help"), Ok(Action::Help));
        assert_eq!(parse("--version"), Ok(Action::Version));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (line, reason) in [
            ("", "which command? `generate`, `workspace`, `model` or `resolve`"),
            ("grow", "`grow` is no command"),
            ("generate --spec", "`--spec` needs a path behind it"),
            ("generate --out src", "`--spec` is missing"),
            ("model --check", "`--check` is no option here"),
            ("model --spec a --spec b", "`--spec` stands twice"),
        ] {
            assert_eq!(parse(line), Err(reason.to_owned()), "{line}");
        }
    }
}
