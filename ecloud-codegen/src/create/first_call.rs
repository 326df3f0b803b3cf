//! `examples/first_call.rs`: one read, with endpoint and credential from the environment.

use super::mark;
use crate::model::{Domain, Operation, Resource, SchemeKind};
use crate::names;
use crate::render::example;

/// A program that makes the first read that needs nothing to be known, else that needs least.
pub(super) fn first_call(domain: &Domain) -> String {
    let root = names::snake(&domain.package).unwrap_or_default();
    let handle = &domain.handle;
    let kinds: Vec<&SchemeKind> =
        domain.platform.iter().flat_map(|platform| &platform.schemes).map(|scheme| &scheme.kind).collect();
    let auth = match kinds.first() {
        Some(SchemeKind::Bearer) => "Auth::bearer(&credential)?",
        Some(SchemeKind::Basic) => {
            "{\n            let (user, password) = credential.split_once(':').unwrap_or((&credential, \"\"));\n            Auth::basic(user, password)?\n        }"
        }
        Some(SchemeKind::ApiKey(..)) => "Auth::api_key(&credential)?",
        None => "Auth::bearer(&credential)?",
    };
    let server = domain.platform.as_ref().is_some_and(|platform| !platform.servers.is_empty());
    let usual = if server {
        "    // Unless it is said, the platform's own.\n"
    } else {
        "    // The document names no server, so it must be said.\n"
    };
    let call = call(domain);
    format!(
        "// {}\n\n//! Makes a first call: `ENDPOINT` is where the platform is, `CREDENTIAL` proves who calls.\n\n\
         use std::env;\n\n{}use ecloud_core::Auth;\n\n\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {{\n\
         let auth = match env::var(\"CREDENTIAL\") {{ Ok(credential) => {auth}, Err(_) => Auth::none() }};\n\
         let mut client = {root}::client(auth);\n{usual}\
         if let Ok(endpoint) = env::var(\"ENDPOINT\") {{ client = client.endpoint(endpoint); }}\n\
         let client = client.build()?;\nlet api = {root}::{handle}::new(&client);\n{}Ok(()) }}\n",
        mark(domain),
        call.imports,
        call.text,
    )
}

struct Call {
    imports: String,
    text: String,
}

/// The resource whose operation is called.
pub(super) fn resource(domain: &Domain) -> Option<&Resource> {
    simplest(domain).map(|(resource, _)| resource)
}

/// The read that needs least.
fn simplest(domain: &Domain) -> Option<(&Resource, &Operation)> {
    let arguments = |operation: &Operation| {
        operation.parameters.iter().filter(|parameter| parameter.required).count()
            + usize::from(operation.body.is_some())
    };
    let reads: Vec<(&Resource, &Operation)> =
        domain.operations().filter(|(_, operation)| operation.verb.is_read() && !operation.deprecated).collect();
    reads.into_iter().min_by_key(|(_, operation)| arguments(operation))
}

fn call(domain: &Domain) -> Call {
    let sample = simplest(domain).and_then(|(resource, operation)| example::sample(domain, resource, operation));
    let Some(sample) = sample else {
        return Call { imports: String::new(), text: "println!(\"{api:?}\");\n".to_owned() };
    };
    let mut text: String = sample.lines.iter().map(|line| format!("{line}\n")).collect();
    text.push_str(&format!(
        "let answer = api{}.send_raw().await?;\nprintln!(\"{{}}: {{}}\", answer.status(), String::from_utf8_lossy(&answer.body));\n",
        sample.call
    ));
    Call { imports: imports(&sample), text }
}

/// The lines that import what a sample needs.
pub(super) fn imports(sample: &example::Sample) -> String {
    let line = |(path, names): (&String, &std::collections::BTreeSet<String>)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("use {path}::{{{}}};\n", names.join(", "))
    };
    sample.imports.iter().map(line).collect()
}
