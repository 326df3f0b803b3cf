//! The conformance suite: each operation, called as its example says, through the typed client.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::example::{self, Sample};
use super::head_of;
use crate::model::{Domain, Operation, Output, Resource};
use crate::names;

/// The files of a domain's calls, by name within its folder of the suite.
pub fn conformance(domain: &Domain) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("mod.rs".to_owned(), list(domain))]);
    for resource in &domain.resources {
        files.insert(format!("{}.rs", resource.module), module(domain, resource));
    }
    files
}

fn list(domain: &Domain) -> String {
    let modules: BTreeSet<&str> = domain.resources.iter().map(|resource| resource.module.as_str()).collect();
    let modules: String = modules.iter().map(|module| format!("mod {module};\n")).collect();
    format!("{}//! The operations of the {} domain.\n\n{modules}", head_of(domain), domain.name)
}

fn module(domain: &Domain, resource: &Resource) -> String {
    let root = names::snake(&domain.package).unwrap_or_default();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    imports.entry(root).or_default().insert(domain.handle.clone());
    let mut code = Code::default();
    for operation in &resource.operations {
        code.gap();
        let Some(sample) = example::sample_in_full(domain, resource, operation) else {
            code.line(format!("compile_error!(\"the example of {} can't be written as code\");", operation.id));
            continue;
        };
        test(&mut code, domain, operation, &sample);
        for (path, names) in sample.imports {
            imports.entry(path).or_default().extend(names);
        }
        imports.entry("crate".to_owned()).or_default().insert(harness(operation).to_owned());
    }
    let imports: String = imports
        .iter()
        .map(|(path, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("use {path}::{{{}}};\n", names.join(", "))
        })
        .collect();
    format!(
        "{}//! The operations of `{}.{}`.\n\n{imports}{}",
        head_of(domain),
        domain.name,
        resource.module,
        code.into_text()
    )
}

fn test(code: &mut Code, domain: &Domain, operation: &Operation, sample: &Sample) {
    code.line("#[tokio::test]");
    code.line(format!("async fn {}() {{", names::snake(&operation.type_name).unwrap_or_default()));
    code.line(format!("{}(\"{}\", |shop| {{", harness(operation), operation.id));
    for line in &sample.lines {
        code.line(line);
    }
    code.line(format!("Ok({}::new(shop){}) }}).await; }}", domain.handle, sample.call));
}

/// What makes the call and judges its answer: a file is told by its hash, anything else by its schema.
fn harness(operation: &Operation) -> &'static str {
    match operation.output {
        Output::Bytes => "file_conforms",
        _ => "conforms",
    }
}
