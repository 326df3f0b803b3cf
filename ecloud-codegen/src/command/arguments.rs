//! The arguments of the command.

use std::ffi::OsString;
use std::path::PathBuf;

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Help,
    Version,
    Generate {
        spec: PathBuf,
        folder: PathBuf,
        check: bool,
    },
    Workspace {
        root: Option<PathBuf>,
        check: bool,
    },
    Model {
        spec: PathBuf,
    },
    Resolve {
        spec: PathBuf,
    },
    Lint {
        folder: PathBuf,
    },
    New(New),
    Foreign(Document),
    Suggest(Document),
    /// The old document and the new one.
    Diff(Document, PathBuf),
    Split {
        spec: PathBuf,
        folder: PathBuf,
    },
}

/// Somebody else's document, and how it's to be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) spec: PathBuf,
    pub(super) name: Option<String>,
    pub(super) overlay: Option<PathBuf>,
}

/// The crate that is to be made of somebody else's document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct New {
    pub(super) document: Document,
    pub(super) folder: PathBuf,
    /// Where the core lies; without it the crate depends on the published one.
    pub(super) core: Option<PathBuf>,
    pub(super) lock: Option<PathBuf>,
    pub(super) report: Option<PathBuf>,
    /// Whether a degradation is a failure.
    pub(super) strict: bool,
    /// Whether each resource is a feature of its own.
    pub(super) features: bool,
    /// Whether a program that calls each operation once is written too.
    pub(super) every_call: bool,
}

/// The options that each command knows.
const COMMANDS: &[(&str, &[&str])] = &[
    (
        "new",
        &[
            "--spec",
            "--name",
            "--out",
            "--core",
            "--overlay",
            "--lock",
            "--report",
            "--strict",
            "--features",
            "--every-call",
        ],
    ),
    ("suggest", &["--spec", "--overlay"]),
    ("diff", &["--name", "--overlay"]),
    ("split", &["--spec", "--out"]),
    ("generate", &["--spec", "--out", "--check"]),
    ("workspace", &["--root", "--check"]),
    ("model", &["--spec", "--foreign", "--overlay", "--name"]),
    ("resolve", &["--spec"]),
    ("lint", &[]),
];

/// The options that stand alone.
const FLAGS: &[&str] = &["--check", "--every-call", "--features", "--foreign", "--strict"];

impl Action {
    pub(super) fn parse(arguments: &[OsString]) -> Result<Self, String> {
        let words = || arguments.iter().filter_map(|argument| argument.to_str());
        let is = |wanted: &str| words().any(|word| word == wanted);
        if is("--help") || is("-h") {
            return Ok(Self::Help);
        }
        if is("--version") || is("-V") {
            return Ok(Self::Version);
        }
        let Some(name) = arguments.first().map(|name| name.to_string_lossy()) else {
            let names: Vec<String> = COMMANDS.iter().map(|(name, _)| format!("`{name}`")).collect();
            return Err(format!("which command? {}", names.join(", ")));
        };
        let Some((name, known)) = COMMANDS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("`{name}` is no command"));
        };
        let mut options = Options::read(&arguments[1..], known)?;
        if let Some(place) = options.places.first().filter(|_| !matches!(*name, "diff" | "lint")) {
            return Err(format!("`{}` is no option here", place.display()));
        }
        let action = match *name {
            "new" => Self::New(New {
                folder: options.required("--out")?,
                core: options.take("--core"),
                lock: options.take("--lock"),
                report: options.take("--report"),
                strict: options.flag("--strict"),
                features: options.flag("--features"),
                every_call: options.flag("--every-call"),
                document: options.document()?,
            }),
            "suggest" => Self::Suggest(options.document()?),
            "diff" => {
                let [old, new] = <[PathBuf; 2]>::try_from(std::mem::take(&mut options.places))
                    .map_err(|_| "`diff` compares two documents: the old one and the new one".to_owned())?;
                options.values.push(("--spec".to_owned(), old));
                Self::Diff(options.document()?, new)
            }
            "lint" => match <[PathBuf; 1]>::try_from(std::mem::take(&mut options.places)) {
                Ok([folder]) => Self::Lint { folder },
                Err(_) => return Err("`lint` looks at one folder of descriptions".to_owned()),
            },
            "split" => Self::Split { spec: options.required("--spec")?, folder: options.required("--out")? },
            "generate" => Self::Generate {
                spec: options.required("--spec")?,
                folder: options.required("--out")?,
                check: options.flag("--check"),
            },
            "workspace" => Self::Workspace { root: options.take("--root"), check: options.flag("--check") },
            "model" if options.flag("--foreign") => Self::Foreign(options.document()?),
            "model" => match options.only("--spec") {
                Ok(spec) => Self::Model { spec },
                Err(Some(name)) => return Err(format!("`{name}` goes with `--foreign`")),
                Err(None) => return Err("`--spec` is missing".to_owned()),
            },
            _ => Self::Resolve { spec: options.required("--spec")? },
        };
        Ok(action)
    }
}

/// The options of a command.
#[derive(Default)]
struct Options {
    values: Vec<(String, PathBuf)>,
    flags: Vec<String>,
    /// What has no option before it.
    places: Vec<PathBuf>,
}

impl Options {
    fn read(arguments: &[OsString], known: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let shown = argument.to_string_lossy();
            if !shown.starts_with('-') {
                options.places.push(PathBuf::from(argument));
                continue;
            }
            // `--spec=FILE` is as good as `--spec FILE`.
            let (name, joined) = match argument.to_str().and_then(|text| text.split_once('=')) {
                Some((name, value)) => (name.to_owned(), Some(PathBuf::from(value))),
                None => (shown.into_owned(), None),
            };
            if !known.contains(&name.as_str()) {
                return Err(format!("`{name}` is no option here"));
            }
            if FLAGS.contains(&name.as_str()) {
                options.flags.push(name);
                continue;
            }
            let Some(value) = joined.or_else(|| rest.next().map(PathBuf::from)) else {
                let what = if name == "--name" { "name" } else { "path" };
                return Err(format!("`{name}` needs a {what} behind it"));
            };
            if options.values.iter().any(|(other, _)| *other == name) {
                return Err(format!("`{name}` stands twice"));
            }
            options.values.push((name, value));
        }
        Ok(options)
    }

    fn flag(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag == name)
    }

    fn take(&mut self, name: &str) -> Option<PathBuf> {
        let index = self.values.iter().position(|(other, _)| other == name)?;
        Some(self.values.remove(index).1)
    }

    fn required(&mut self, name: &str) -> Result<PathBuf, String> {
        self.take(name).ok_or_else(|| format!("`{name}` is missing"))
    }

    /// The one option that may be given; else another that is.
    fn only(&mut self, name: &str) -> Result<PathBuf, Option<String>> {
        match (self.take(name), self.values.first()) {
            (_, Some((other, _))) => Err(Some(other.clone())),
            (value, None) => value.ok_or(None),
        }
    }

    fn document(&mut self) -> Result<Document, String> {
        let name = self.take("--name").map(|name| name.to_string_lossy().into_owned());
        Ok(Document { spec: self.required("--spec")?, name, overlay: self.take("--overlay") })
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
        let document = Document { spec: "a.json".into(), name: Some("square".to_owned()), overlay: None };
        let new = New { document, folder: "out".into(), strict: true, lock: Some("l".into()), ..New::default() };
        assert_eq!(parse("new --strict --spec a.json --name square --out out --lock=l"), Ok(Action::New(new)));
    }

    #[test]
    fn help_and_version_win_over_everything() {
        assert_eq!(parse("generate --help"), Ok(Action::Help));
        assert_eq!(parse("--version"), Ok(Action::Version));
    }

    #[test]
    fn a_model_is_of_our_own_document_or_of_somebody_elses() {
        assert_eq!(parse("model --spec a"), Ok(Action::Model { spec: "a".into() }));
        let document = Document { spec: "a".into(), ..Document::default() };
        assert_eq!(parse("model --foreign --spec a"), Ok(Action::Foreign(document)));
    }

    #[test]
    fn two_documents_are_compared() {
        let document = Document { spec: "a".into(), name: Some("x".to_owned()), overlay: None };
        assert_eq!(parse("diff a --name x b"), Ok(Action::Diff(document, "b".into())));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (line, reason) in [
            (
                "",
                "which command? `new`, `suggest`, `diff`, `split`, `generate`, `workspace`, `model`, `resolve`, `lint`",
            ),
            ("grow", "`grow` is no command"),
            ("generate --spec", "`--spec` needs a path behind it"),
            ("generate --out src", "`--spec` is missing"),
            ("new --spec a --name", "`--name` needs a name behind it"),
            ("new --spec a", "`--out` is missing"),
            ("new stray", "`stray` is no option here"),
            ("diff a.yaml", "`diff` compares two documents: the old one and the new one"),
            ("model --check", "`--check` is no option here"),
            ("model --spec a --overlay b", "`--overlay` goes with `--foreign`"),
            ("model", "`--spec` is missing"),
            ("model --spec a --spec b", "`--spec` stands twice"),
        ] {
            assert_eq!(parse(line), Err(reason.to_owned()), "{line}");
        }
    }
}
