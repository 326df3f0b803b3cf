//! `README.md`.

use std::fmt::Write;

use super::mark;
use crate::model::{Domain, SchemeKind};
use crate::names;

/// The README of a domain's crate.
pub(super) fn readme(domain: &Domain) -> String {
    let package = &domain.package;
    let root = names::snake(package).unwrap_or_default();
    let title = domain.title.lines().next().unwrap_or_default().trim();
    let mut text = format!("<!-- {} -->\n\n# {package}\n\n", mark(domain));
    _ = writeln!(
        text,
        "A typed client for {}, version {}, on `ecloud-core`: retries, quotas, pages and errors work as they do there.\n",
        if title.is_empty() { "a platform's API" } else { title },
        domain.version
    );
    let auth = match domain.platform.iter().flat_map(|platform| &platform.schemes).map(|scheme| &scheme.kind).next() {
        Some(SchemeKind::Bearer) => "Auth::bearer(\"token\")?",
        Some(SchemeKind::Basic) => "Auth::basic(\"user\", \"password\")?",
        Some(SchemeKind::ApiKey(..)) => "Auth::api_key(\"key\")?",
        None => "Auth::none()",
    };
    let server = domain.platform.as_ref().is_some_and(|platform| !platform.servers.is_empty());
    let endpoint = if server { "" } else { ".endpoint(\"https://api.example.com\")" };
    _ = writeln!(
        text,
        "```rust\nuse ecloud_core::Auth;\n\nlet client = {root}::client({auth}){endpoint}.build()?;\nlet {} = {root}::{}::new(&client);\n```\n",
        names::snake(&domain.name).unwrap_or_default(),
        domain.handle
    );
    text.push_str("Every operation is a method of its resource; `cargo doc --open` shows them all, `cargo run --example first_call` makes one.\n\n");
    let head = if domain.has_features() {
        "| resource | feature | operations |\n|---|---|---|\n"
    } else {
        "| resource | operations |\n|---|---|\n"
    };
    text.push_str(head);
    for resource in &domain.resources {
        let feature = if domain.has_features() { format!(" `{}` |", resource.module) } else { String::new() };
        _ = writeln!(text, "| `{}()` |{feature} {} |", resource.module, resource.operations.len());
    }
    text
}
