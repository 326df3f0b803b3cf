//! `Cargo.toml`.

use std::fmt::Write;

use super::{Options, first_call, mark};
use crate::model::Domain;

/// The version of the core that generated code is written for: this crate's own.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The manifest of a domain's crate.
pub(super) fn manifest(domain: &Domain, options: &Options) -> String {
    let core = match &options.core {
        Some(path) => format!("version = {VERSION:?}, path = {}, ", quoted(&path.display().to_string())),
        None => format!("version = {VERSION:?}, "),
    };
    let about = one_line(if domain.summary.is_empty() { &domain.title } else { &domain.summary });
    let mut text = format!(
        "# {}\n[package]\nname = {:?}\ndescription = {}\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\npublish = false\n\n",
        mark(domain),
        domain.package,
        quoted(&about),
    );
    text.push_str("[features]\n");
    let resources: Vec<&str> = match domain.has_features() {
        true => domain.resources.iter().map(|resource| resource.module.as_str()).collect(),
        false => Vec::new(),
    };
    let defaults: Vec<String> =
        ["reqwest", "rustls"].iter().chain(&resources).map(|name| format!("{name:?}")).collect();
    _ = writeln!(text, "default = [{}]", defaults.join(", "));
    text.push_str("# The network transport on reqwest, and TLS for it.\n");
    text.push_str("reqwest = [\"ecloud-core/reqwest\"]\nrustls = [\"ecloud-core/rustls\"]\n");
    if !resources.is_empty() {
        text.push_str("# Each resource with its operations and models.\n");
    }
    for name in resources {
        _ = writeln!(text, "{name} = []");
    }
    _ = write!(
        text,
        "\n[dependencies]\necloud-core = {{ {core}default-features = false }}\nserde = \"1\"\n\n\
         [dev-dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n"
    );
    if let Some(resource) = first_call::resource(domain).filter(|_| domain.has_features()) {
        _ = write!(text, "\n[[example]]\nname = \"first_call\"\nrequired-features = [{:?}]\n", resource.module);
    }
    if options.apart {
        text.push_str("\n# It stands alone in the folder of another package; to join that one's workspace, take this line out.\n[workspace]\n");
    }
    text
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|sign| match sign {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            control if control.is_control() => " ".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// The first line of a text, and not too much of it.
fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("A platform's API");
    line.chars().take(200).collect()
}
