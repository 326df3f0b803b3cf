//! A program that reads values into the types of a generated crate and writes them again.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases::Case;

/// What stands before the first type.
const HEAD: &str = r#"//! Reads values into types and writes them again.
use std::{env, fs, thread};

use serde::{Serialize, de::DeserializeOwned};

type Again = fn(&str) -> Result<String, String>;

fn again<T: DeserializeOwned + Serialize>(text: &str) -> Result<String, String> {
    let value: T = serde_json::from_str(text).map_err(|error| format!("can't be read: {error}"))?;
    serde_json::to_string(&value).map_err(|error| format!("can't be written: {error}"))
}

fn main() {
    let files: Vec<String> = env::args().skip(1).collect();
    let done = thread::Builder::new().stack_size(512 << 20).spawn(move || {
        let cases: Vec<(usize, String)> = serde_json::from_str(&fs::read_to_string(&files[0]).unwrap()).unwrap();
        let results: Vec<_> = cases.iter().map(|(number, text)| TYPES[*number](text)).collect();
        fs::write(&files[1], serde_json::to_string(&results).unwrap()).unwrap();
    });
    done.unwrap().join().unwrap();
}

static TYPES: &[Again] = &[
"#;

/// Where things lie.
#[derive(Debug)]
pub(crate) struct Places {
    /// The workspace, whose core and lock file are used.
    pub(crate) workspace: PathBuf,
    /// The generated crate.
    pub(crate) generated: PathBuf,
    /// The program's own folder.
    pub(crate) folder: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

/// What became of each case, in their order.
pub(crate) type Results = Vec<Result<String, String>>;

impl Places {
    /// Builds the program and runs it over the cases.
    ///
    /// A type that doesn't compile fails its cases; a crate that doesn't compile is the error.
    pub(crate) fn run(&self, types: &[String], cases: &[&Case]) -> Result<Results, String> {
        let told = |error: io::Error| error.to_string();
        fs::create_dir_all(self.folder.join("src")).map_err(told)?;
        fs::copy(self.workspace.join("Cargo.lock"), self.folder.join("Cargo.lock")).map_err(told)?;
        fs::write(self.folder.join("Cargo.toml"), self.manifest()?).map_err(told)?;
        let mut wrong: HashMap<usize, String> = HashMap::new();
        loop {
            fs::write(self.folder.join("src/main.rs"), source(types, &wrong)).map_err(told)?;
            let found = self.build()?;
            if found.is_empty() {
                break;
            }
            let before = wrong.len();
            wrong.extend(found);
            if wrong.len() == before {
                return Err("the program doesn't compile, whichever types are left out".to_owned());
            }
        }
        let texts: Vec<(usize, String)> = cases.iter().map(|case| (case.rust, case.value.to_string())).collect();
        let (input, output) = (self.folder.join("cases.json"), self.folder.join("results.json"));
        fs::write(&input, serde_json::to_string(&texts).map_err(|error| error.to_string())?).map_err(told)?;
        let done = Command::new(self.target.join("debug/again")).args([&input, &output]).output().map_err(told)?;
        if !done.status.success() {
            return Err(format!("the program ended with {}: {}", done.status, String::from_utf8_lossy(&done.stderr)));
        }
        let text = fs::read_to_string(output).map_err(told)?;
        let mut results: Results = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for (case, result) in cases.iter().zip(&mut results) {
            if let Some(reason) = wrong.get(&case.rust) {
                *result = Err(format!("`{}` doesn't compile: {reason}", types[case.rust]));
            }
        }
        Ok(results)
    }

    fn manifest(&self) -> Result<String, String> {
        let path = self.generated.join("Cargo.toml");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = text.lines().find_map(|line| line.strip_prefix("name = ")).ok_or("the crate has no name")?;
        let (name, generated, core) = (name.trim_matches('"'), self.generated.display(), self.workspace.display());
        Ok(format!(
            r#"[package]
name = "again"
version = "0.0.0"
edition = "2024"

[dependencies]
{name} = {{ path = "{generated}", default-features = false }}
ecloud-core = {{ path = "{core}/ecloud-core", default-features = false }}
serde = {{ version = "1", default-features = false, features = ["std"] }}
serde_json = {{ version = "1", default-features = false, features = ["std"] }}

[profile.dev]
debug = false
incremental = false

[workspace]
"#
        ))
    }

    /// Builds, and answers with the numbers of the types that don't compile.
    fn build(&self) -> Result<Vec<(usize, String)>, String> {
        let done = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "--message-format=short"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .map_err(|error| error.to_string())?;
        if done.status.success() {
            return Ok(Vec::new());
        }
        let text = String::from_utf8_lossy(&done.stderr);
        let found: Vec<(usize, String)> = text.lines().filter_map(wrong_type).collect();
        if found.is_empty() {
            let errors: Vec<&str> = text.lines().filter(|line| line.contains("error")).collect();
            let shown = errors.iter().take(20).map(|line| format!("\n    {line}")).collect::<String>();
            return Err(format!("the crate doesn't compile, {} errors:{shown}", errors.len()));
        }
        Ok(found)
    }
}

fn source(types: &[String], wrong: &HashMap<usize, String>) -> String {
    let mut source = HEAD.to_owned();
    for (number, rust) in types.iter().enumerate() {
        let rust = if wrong.contains_key(&number) { "()" } else { rust };
        source.push_str(&format!("    again::<{rust}>,\n"));
    }
    source.push_str("];\n");
    source
}

/// The type that a line of the compiler's is about: one type stands on each line.
fn wrong_type(line: &str) -> Option<(usize, String)> {
    let (number, reason) = line.strip_prefix("src/main.rs:")?.split_once(':')?;
    let number = number.parse::<usize>().ok()?.checked_sub(HEAD.lines().count() + 1)?;
    let (_, reason) = reason.split_once("error")?;
    Some((number, reason.to_owned()))
}

/// The folder of the crate that holds a package, as cargo wants it.
pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_compiler_is_about_the_type_on_its_line() {
        let line = HEAD.lines().count() + 3;
        let found = wrong_type(&format!("src/main.rs:{line}:12: error[E0412]: cannot find type"));
        assert_eq!(found, Some((2, "[E0412]: cannot find type".to_owned())));
        assert_eq!(wrong_type("src/main.rs:1:1: error: other"), None);
        assert_eq!(wrong_type("/a/src/lib.rs:99:1: error: other"), None);
    }
}
