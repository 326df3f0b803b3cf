//! `examples/every_call.rs`: every operation once, for a mock server of the document.

use std::fmt::Write;

use super::{first_call, mark};
use crate::model::{Domain, Operation, Resource, SchemeKind};
use crate::names;
use crate::render::example;

/// A program that makes each call once with made-up values, and tells what became of it.
pub(super) fn every_call(domain: &Domain) -> String {
    let root = names::snake(&domain.package).unwrap_or_default();
    let handle = &domain.handle;
    let (mut calls, mut functions) = (String::new(), String::new());
    for (resource, operation) in domain.operations() {
        let what = format!("{} {}", operation.verb.as_str(), operation.path);
        let method = format!("{}.{}", resource.module, operation.method);
        let cfg =
            if domain.has_features() { format!("#[cfg(feature = {:?})]\n", resource.module) } else { String::new() };
        match function(domain, resource, operation) {
            Some((name, text)) => {
                _ = writeln!(calls, "{cfg}tally.add({what:?}, {method:?}, {name}(&api).await);");
                _ = write!(functions, "\n{cfg}{text}");
            }
            None => _ = writeln!(calls, "{cfg}tally.leave_out({what:?}, {method:?});"),
        }
    }
    format!(
        "// {}\n\n//! Calls every operation once with made-up values and tells what came of it: `ENDPOINT` is where a mock server of the\n\
         //! document is. The exit status is 1 if a call was refused or its answer couldn't be read.\n\n\
         #![allow(deprecated)]\n\nuse std::env;\nuse std::error::Error;\nuse std::process::ExitCode;\n\n\
         use ecloud_core::{{Auth, RetryPolicy}};\nuse {root}::{handle};\n\n\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<ExitCode, Box<dyn Error>> {{\n\
         let auth = {};\nlet client = {root}::client(auth).endpoint(env::var(\"ENDPOINT\")?).retry(RetryPolicy::none()).build()?;\n\
         let api = {handle}::new(&client);\nlet mut tally = Tally::default();\n{calls}\
         println!(\"{{}} of {{}} answered\", tally.answered, tally.all);\n\
         Ok(ExitCode::from(u8::from(tally.answered < tally.all)))\n}}\n{TALLY}{functions}",
        mark(domain),
        auth(domain),
    )
}

/// One call as a function, and the function's name; nothing where no values can be made up for it.
fn function(domain: &Domain, resource: &Resource, operation: &Operation) -> Option<(String, String)> {
    let sample = example::sample_with_body(domain, resource, operation)?;
    let name = names::snake(&format!("{} {}", resource.module, operation.method))?;
    let name = if name == "main" { "main_call".to_owned() } else { name };
    let text = format!(
        "async fn {name}(api: &{}) -> Result<(), Box<dyn Error>> {{\n{}{}\napi{}.send().await?;\nOk(())\n}}\n",
        domain.handle,
        first_call::imports(&sample),
        sample.lines.join("\n"),
        sample.call,
    );
    Some((name, text))
}

/// A credential for each scheme of the document.
fn auth(domain: &Domain) -> String {
    let schemes = domain.platform.iter().flat_map(|platform| &platform.schemes);
    let mut auth = String::from("Auth::none()");
    let mut seen = Vec::new();
    for scheme in schemes {
        let one = match &scheme.kind {
            SchemeKind::Bearer => "Auth::bearer(\"token\")?",
            SchemeKind::Basic => "Auth::basic(\"user\", \"password\")?",
            SchemeKind::ApiKey(..) => "Auth::api_key(\"key\")?",
        };
        if !seen.contains(&one) {
            seen.push(one);
            _ = write!(auth, ".and({one})");
        }
    }
    auth
}

/// What counts the calls and says how each went.
const TALLY: &str = r#"
/// What became of the calls.
#[derive(Default)]
struct Tally {
    all: usize,
    answered: usize,
}

impl Tally {
    fn add(&mut self, what: &str, method: &str, result: Result<(), Box<dyn Error>>) {
        self.all += 1;
        let Err(error) = result else {
            self.answered += 1;
            println!("answered {what} ({method})");
            return;
        };
        println!("FAILED   {what} ({method}): {error}");
        let error = error.downcast_ref::<ecloud_core::Error>();
        // Prism says in a header what it has against a request.
        let violations = error.and_then(|error| error.headers()?.get("sl-violations"));
        if let Some(violations) = violations {
            println!("         {}", String::from_utf8_lossy(violations.as_bytes()));
        }
    }

    #[allow(dead_code)]
    fn leave_out(&mut self, what: &str, method: &str) {
        self.all += 1;
        println!("FAILED   {what} ({method}): no values could be made up for it");
    }
}
"#;
