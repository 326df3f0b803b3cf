//! `tests/requests.rs`: what goes out of one call of each resource.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::mark;
use crate::model::{Domain, Operation, Resource};
use crate::names;
use crate::render::example;

/// The tests; nothing where no call can be made up.
pub(super) fn requests(domain: &Domain) -> Option<String> {
    let root = names::snake(&domain.package).unwrap_or_default();
    let handle = &domain.handle;
    let mut tests = String::new();
    let mut seen = BTreeSet::new();
    for resource in &domain.resources {
        let Some((operation, sample)) = sampled(domain, resource) else {
            continue;
        };
        let name = names::snake(&format!("{} {} goes out as described", resource.module, operation.method));
        let Some(name) = name.filter(|name| seen.insert(name.clone())) else {
            continue;
        };
        let mut uses = String::new();
        for (path, names) in &sample.imports {
            for name in names {
                _ = writeln!(uses, "use {path}::{name};");
            }
        }
        let lines = sample.lines.join("\n");
        let cfg =
            if domain.has_features() { format!("#[cfg(feature = {:?})]\n", resource.module) } else { String::new() };
        _ = write!(
            tests,
            "\n{cfg}#[tokio::test]\nasync fn {name}() -> Result<(), Box<dyn std::error::Error>> {{\n{uses}{lines}\n\
             let sent = sent(|api| api{}.send_raw()).await?;\nassert_eq!(sent.method, {:?});\n\
             assert!(is_of({:?}, &sent.path), \"{{}}\", sent.path);\nOk(())\n}}\n",
            sample.call,
            operation.verb.as_str(),
            operation.path.split('?').next().unwrap_or_default(),
        );
    }
    if tests.is_empty() {
        return None;
    }
    Some(format!(
        "// {mark}\n\n//! What goes out of one call of each resource, seen by a transport in memory.\n\n\
         use std::sync::{{Arc, Mutex}};\n\nuse ecloud_core::transport::MemoryTransport;\n\
         use ecloud_core::{{Auth, Error, RawAnswer, RetryPolicy, Sending, http}};\nuse {root}::{handle};\n\n\
         /// A request that went out.\n#[derive(Debug, Default)]\nstruct Sent {{ method: String, path: String }}\n\n\
         /// Makes a call, and tells what went out.\n\
         async fn sent(call: impl FnOnce({handle}) -> Sending<RawAnswer>) -> Result<Sent, Error> {{\n\
         let seen = Arc::new(Mutex::new(Sent::default()));\nlet outgoing = Arc::clone(&seen);\n\
         let transport = MemoryTransport::new(move |request| {{\n\
         if let Ok(mut sent) = outgoing.lock() {{\n\
         *sent = Sent {{ method: request.method().to_string(), path: request.uri().path().to_owned() }};\n}}\n\
         Ok(http::Response::new(\"null\".into()))\n}});\n\
         let client = {root}::client(Auth::none())\n.endpoint(\"http://localhost\")\n.transport(transport)\n.retry(RetryPolicy::none())\n.build()?;\n\
         call({handle}::new(&client)).await?;\n\
         Ok(seen.lock().map(|mut sent| std::mem::take(&mut *sent)).unwrap_or_default())\n}}\n\n\
         /// Whether a path is one of a template.\n\
         fn is_of(template: &str, path: &str) -> bool {{\n\
         let (wanted, found): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());\n\
         let fits = |(wanted, found): (&&str, &&str)| wanted == found || (wanted.contains('{{') && !found.is_empty());\n\
         wanted.len() == found.len() && wanted.iter().zip(&found).all(fits)\n}}\n{tests}",
        mark = mark(domain),
    ))
}

/// The first operation of a resource that can be called with made-up values.
fn sampled<'a>(domain: &Domain, resource: &'a Resource) -> Option<(&'a Operation, example::Sample)> {
    let current = resource.operations.iter().filter(|operation| !operation.deprecated);
    current.into_iter().find_map(|operation| Some((operation, example::sample(domain, resource, operation)?)))
}
