//! The whole workspace in one run: every domain crate, the identifiers of the core, the descriptions for the sandbox, the table of
//! all operations, the diagrams of all state machines, and the calls of the conformance suite.

use std::fs;
use std::path::{Path, PathBuf};

use crate::format;
use crate::load::Limits;
use crate::model::{self, Domain};
use crate::output::Output;
use crate::problem::{Problem, Problems};
use crate::render;
use crate::resolve::{Sources, short_name};
use crate::resolved;

/// The folder of the descriptions.
const API: &str = "api";
/// The description that the others refer to.
const SHARED: &str = "shared.yaml";

/// Finds the workspace that a folder lies in: the nearest folder above that has the descriptions.
///
/// # Errors
///
/// When there is none.
pub fn root_above(folder: &Path) -> Result<PathBuf, Problems> {
    let root = folder.ancestors().find(|folder| folder.join(API).join(SHARED).is_file());
    let missing = || Problem::of_file(folder.display().to_string(), format!("has no {API}/{SHARED} in it or above it"));
    root.map(Path::to_owned).ok_or_else(|| missing().into())
}

/// Everything that is generated in a workspace.
///
/// # Errors
///
/// When a description is wrong or can't be expressed, or when `rustfmt` fails; all that is wrong in all descriptions together.
pub fn output(root: &Path) -> Result<Output, Problems> {
    let limits = Limits::default();
    let mut problems = Problems::new();
    let mut read: Vec<(Sources, Domain)> = Vec::new();
    for path in descriptions(root)? {
        match Sources::open(&path, &limits).and_then(|sources| {
            // The sandbox is beside them, and plays what they say.
            let domain = Domain { examples_run: true, ..model::domain(&sources)? };
            Ok((domain, sources))
        }) {
            Ok((domain, sources)) => read.push((sources, domain)),
            Err(reasons) => problems.extend(reasons),
        }
    }
    let shared = root.join(API).join(SHARED);
    let identifiers = Sources::open(&shared, &limits).and_then(|sources| model::identifiers(&sources));
    let identifiers = identifiers.unwrap_or_else(|reasons| {
        problems.extend(reasons);
        Vec::new()
    });
    problems.into_result()?;

    let domains: Vec<Domain> = read.iter().map(|(_, domain)| domain.clone()).collect();
    model::check_states(&domains)?;
    let mut output = Output::new();
    for (sources, domain) in &read {
        let files = format::all(&render::domain(domain), root)?;
        output.folder(&root.join(format!("ecloud-{}", domain.name)).join("src"), files);
        let resolved = resolved::write(sources, domain)?;
        output.file(root.join("ecloud-sandbox/api").join(format!("{}.json", domain.name)), resolved);
    }
    for domain in &domains {
        let files = format::all(&render::conformance(domain), root)?;
        output.folder(&root.join("tests/conformance").join(&domain.name), files);
    }
    output.file(root.join("docs/operations.md"), render::operations(&domains));
    output.file(root.join("docs/states.md"), render::diagrams(&domains));
    let text = render::identifiers(&identifiers, &short_name(&shared));
    let path = root.join("ecloud-core/src/types/identifiers.rs");
    output.file(path, format::one(&text, root)?);
    Ok(output)
}

/// The descriptions of domains of a workspace, by name.
fn descriptions(root: &Path) -> Result<Vec<PathBuf>, Problems> {
    descriptions_in(&root.join(API))
}

/// The descriptions of domains in a folder, by name.
pub(crate) fn descriptions_in(folder: &Path) -> Result<Vec<PathBuf>, Problems> {
    let unusable = |error: std::io::Error| {
        Problems::from(Problem::of_file(folder.display().to_string(), format!("can't be listed: {error}")))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unusable)? {
        let path = entry.map_err(unusable)?.path();
        let yaml = path.extension().is_some_and(|extension| extension == "yaml");
        if yaml && path.file_name().is_some_and(|name| name != SHARED) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
