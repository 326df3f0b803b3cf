//! The last stage, format: Rust text goes through `rustfmt`, so that it stands as everybody's code does.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::problem::{Problem, Problems};

/// The edition that generated code is written in.
const EDITION: &str = "2024";

/// Formats one text; `rustfmt` takes its settings from `folder` or above.
///
/// # Errors
///
/// When `rustfmt` is missing or refuses the text.
pub fn one(text: &str, folder: &Path) -> Result<String, Problems> {
    run(text, folder).map_err(|reason| Problem::of_file("rustfmt", reason).into())
}

/// Formats texts by file name, as many at a time as there are processors.
///
/// # Errors
///
/// When `rustfmt` is missing or refuses a text.
pub fn all(texts: &BTreeMap<String, String>, folder: &Path) -> Result<BTreeMap<String, String>, Problems> {
    let hands = thread::available_parallelism().map_or(1, usize::from);
    let names: Vec<&String> = texts.keys().collect();
    let share = names.len().div_ceil(hands).max(1);
    let results = thread::scope(|scope| {
        let work = |names: &[&String]| -> Vec<(String, Result<String, String>)> {
            let each = names.iter().map(|name| ((*name).clone(), run(&texts[*name], folder)));
            each.collect()
        };
        let running: Vec<_> = names.chunks(share).map(|names| scope.spawn(move || work(names))).collect();
        let done = running.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        done.collect::<Vec<_>>()
    });
    let mut formatted = BTreeMap::new();
    let mut problems = Problems::new();
    for (name, result) in results {
        match result {
            Ok(text) => {
                formatted.insert(name, text);
            }
            Err(reason) => problems.add(Problem::of_file(name, reason)),
        }
    }
    problems.into_result()?;
    Ok(formatted)
}

fn run(text: &str, folder: &Path) -> Result<String, String> {
    // A folder that isn't there yet will have the settings of the one that it will lie in.
    let folder = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let child = Command::new("rustfmt")
        .args(["--edition", EDITION, "--emit", "stdout", "--quiet"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err("`rustfmt` is not installed; `rustup component add rustfmt` installs it".to_owned());
        }
        Err(error) => return Err(format!("`rustfmt` can't be started: {error}")),
    };
    // Dropped after the write, which is what tells rustfmt that the text ends.
    let written = child.stdin.take().map(|mut stdin| stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(|error| format!("`rustfmt` can't be waited for: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`rustfmt` refuses the generated code: {}", said.trim()));
    }
    if let Some(Err(error)) = written {
        return Err(format!("`rustfmt` doesn't take the text: {error}"));
    }
    String::from_utf8(output.stdout).map_err(|_| "`rustfmt` answers with what is not UTF-8".to_owned())
}
