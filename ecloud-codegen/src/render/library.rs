//! The crate's own page and its root handle.

use std::collections::BTreeSet;

use super::code::{Code, Imports, NARROW, WIDE};
use super::{doc, head};
use crate::model::Domain;
use crate::names;

/// `lib.rs`.
pub(super) fn library(domain: &Domain) -> String {
    let mut page = Code::default();
    page_of(&mut page, domain);
    let mut imports = Imports::new(BTreeSet::from([domain.handle.clone()]), &BTreeSet::new());
    let mut code = Code::default();
    handle(&mut code, &mut imports, domain);
    let mut modules: BTreeSet<&str> = domain.resources.iter().map(|resource| resource.module.as_str()).collect();
    if !domain.shared.is_empty() {
        modules.insert(Domain::SHARED);
    }
    let modules: String = modules.iter().map(|module| format!("pub mod {module};\n")).collect();
    format!(
        "{}{}\n#![forbid(unsafe_code)]\n#![warn(missing_docs)]\n\n{modules}\n{}{}",
        head(&domain.source),
        page.into_text(),
        imports.into_lines(),
        code.into_text()
    )
}

fn about(domain: &Domain) -> String {
    let text = if domain.summary.is_empty() { &domain.title } else { &domain.summary };
    doc::full_stop(text)
}

fn page_of(page: &mut Code, domain: &Domain) {
    for line in doc::lines(&about(domain), WIDE) {
        page.page(line);
    }
    if !domain.description.is_empty() {
        page.page("");
        for line in doc::lines(&domain.description, WIDE) {
            page.page(line);
        }
    }
    page.page("");
    page.page("| module | what it holds | calls |");
    page.page("|---|---|---|");
    for resource in &domain.resources {
        let calls = resource.operations.len();
        let summary = doc::cell(&doc::full_stop(&resource.summary));
        page.page(format!("| [`mod@{}`] | {summary} | {calls} |", resource.module));
    }
    if !domain.shared.is_empty() {
        page.page(format!("| [`mod@{}`] | What several resources share. | |", Domain::SHARED));
    }
    page.page("");
    page.page(format!(
        "Version {} of the platform's API. Applications use this crate through the facade",
        doc::line(&domain.version)
    ));
    page.page("[`ecloud`](https://docs.rs/ecloud).");
    page.page("");
    page.page("# Example");
    page.page("");
    page.page("```no_run");
    page.page("# fn example() -> Result<(), ecloud_core::Error> {");
    for line in example(domain) {
        page.page(line);
    }
    page.page("# Ok(()) }");
    page.page("```");
}

fn example(domain: &Domain) -> Vec<String> {
    let package = names::snake(&domain.package).unwrap_or_default();
    let root = names::snake(&domain.name).unwrap_or_default();
    let mut lines = vec![
        "let client = ecloud_core::Client::builder()".to_owned(),
        "    .endpoint(\"https://open.example.com\")".to_owned(),
        "    .app(\"app-key\", \"app-secret\")".to_owned(),
        "    .build()?;".to_owned(),
        "let shop = client.for_shop(\"shop-42\").access_token(\"token\");".to_owned(),
        format!("let {root} = {package}::{}::new(&shop);", domain.handle),
    ];
    if let Some(resource) = domain.resources.first() {
        lines.push(format!("let {0} = {root}.{0}();", resource.module));
    }
    lines
}

fn handle(code: &mut Code, imports: &mut Imports, domain: &Domain) {
    let shop = imports.core("Shop");
    let name = &domain.handle;
    code.text(&about(domain), WIDE);
    code.line("#[derive(Clone, Debug)]");
    code.line(format!("pub struct {name} {{ shop: {shop} }}"));
    code.gap();
    code.line(format!("impl {name} {{"));
    code.doc("The domain as a shop sees it; cheap to make and to clone.");
    code.line(format!("pub fn new(shop: impl Into<{shop}>) -> Self {{ Self {{ shop: shop.into() }} }}"));
    for resource in &domain.resources {
        let handle = imports.of(&format!("crate::{}", resource.module), &resource.handle);
        code.gap();
        code.text(&doc::full_stop(&resource.summary), NARROW);
        code.line(format!("pub fn {}(&self) -> {handle} {{ {handle}::new(&self.shop) }}", resource.module));
    }
    code.line("}");
}
