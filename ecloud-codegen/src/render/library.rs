//! The crate's own page and its root handle.

use std::collections::BTreeSet;

use super::code::{Code, Homes, Imports, NARROW, WIDE};
use super::{doc, head_of, operations};
use crate::model::{Domain, Platform, SchemeKind};
use crate::names;

/// `lib.rs`.
pub(super) fn library(domain: &Domain) -> String {
    let mut page = Code::default();
    page_of(&mut page, domain);
    // Handles that are called like what this file takes from the core are said by their path.
    let taken = ["Auth", "Client", "ClientBuilder", "Rest", "Shop"];
    let features = domain.has_features();
    let handles = domain.resources.iter().map(|resource| resource.handle.clone());
    // So are those that may be left out.
    let mut own: BTreeSet<String> = handles.filter(|handle| features || taken.contains(&handle.as_str())).collect();
    own.insert(domain.handle.clone());
    let mut imports = Imports::new(own, &Homes::default());
    let mut code = Code::default();
    if let Some(platform) = &domain.platform {
        client(&mut code, &mut imports, platform);
    }
    handle(&mut code, &mut imports, domain);
    let mut modules: BTreeSet<&str> = domain.resources.iter().map(|resource| resource.module.as_str()).collect();
    if !domain.shared.is_empty() {
        modules.insert(Domain::SHARED);
    }
    if !domain.events.is_empty() {
        modules.insert(Domain::EVENTS);
    }
    let modules: String = modules
        .iter()
        .map(|module| {
            let optional = features && ![Domain::SHARED, Domain::EVENTS].contains(module);
            let cfg = if optional { format!("#[cfg(feature = {module:?})]\n") } else { String::new() };
            format!("{cfg}pub mod {module};\n")
        })
        .collect();
    format!(
        "{}{}\n#![forbid(unsafe_code)]\n#![warn(missing_docs)]\n\n{modules}\n{}{}",
        head_of(domain),
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
    // The feature of a module has its name, which the table says where modules are features.
    let module = if domain.has_features() { "module and feature" } else { "module" };
    page.page(format!("| {module} | what it holds | calls |"));
    page.page("|---|---|---|");
    for resource in &domain.resources {
        let calls = resource.operations.len();
        let summary = doc::cell(&doc::full_stop(&resource.summary));
        page.page(format!("| [`mod@{}`] | {summary} | {calls} |", resource.module));
    }
    if !domain.events.is_empty() {
        page.page(format!("| [`mod@{}`] | What the platform tells by itself. | |", Domain::EVENTS));
    }
    if !domain.shared.is_empty() {
        page.page(format!("| [`mod@{}`] | What several resources share. | |", Domain::SHARED));
    }
    page.page("");
    match &domain.platform {
        Some(platform) => about_platform(page, domain, platform),
        None => {
            page.page(format!(
                "Version {} of the platform's API. Applications use this crate through the facade",
                doc::line(&domain.version)
            ));
            page.page("[`ecloud`](https://docs.rs/ecloud).");
        }
    }
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
    if domain.platform.is_none() {
        operations::of_crate(page, domain);
    }
}

/// Where the platform is, and what proves to it who calls.
fn about_platform(page: &mut Code, domain: &Domain, platform: &Platform) {
    page.page(format!("Version {} of the platform's API.", doc::line(&domain.version)));
    if !platform.servers.is_empty() {
        page.page("");
        page.page("| server | |");
        page.page("|---|---|");
    }
    for server in &platform.servers {
        page.page(format!("| <{}> | {} |", server.url, doc::cell(&doc::full_stop(&server.doc))));
    }
    if !platform.schemes.is_empty() {
        page.page("");
        page.page("| credentials | by [`ecloud_core::Auth`] |");
        page.page("|---|---|");
    }
    for scheme in &platform.schemes {
        let (kind, by) = match &scheme.kind {
            SchemeKind::Bearer => ("a bearer token".to_owned(), "`Auth::bearer`"),
            SchemeKind::Basic => ("user and password".to_owned(), "`Auth::basic`"),
            SchemeKind::ApiKey(location, name) => {
                (format!("a key in the {} `{name}`", location.as_str()), "`Auth::api_key`, `Auth::named_api_key`")
            }
        };
        page.page(format!("| `{}`: {kind} | {by} |", doc::cell(&scheme.name)));
    }
}

/// The address of the platform, and a client for it.
fn client(code: &mut Code, imports: &mut Imports, platform: &Platform) {
    let (auth, builder, client) = (imports.core("Auth"), imports.core("ClientBuilder"), imports.core("Client"));
    let rest = imports.of("ecloud_core::dialect", "Rest");
    code.line("pub use ecloud_core;");
    code.gap();
    let endpoint = match platform.servers.first() {
        Some(server) => {
            code.doc("Where the platform is.");
            code.line(format!("pub const SERVER: &str = {:?};", server.url));
            code.gap();
            code.doc("Begins a client of the platform at [`SERVER`], with these credentials.");
            ".endpoint(SERVER)"
        }
        None => {
            code.doc("Begins a client of the platform with these credentials; its endpoint is still to be said.");
            ""
        }
    };
    code.line(format!(
        "pub fn client(auth: {auth}) -> {builder} {{ {client}::builder(){endpoint}.dialect({rest}::new().with_auth(auth)) }}"
    ));
    code.gap();
}

fn example(domain: &Domain) -> Vec<String> {
    let package = names::snake(&domain.package).unwrap_or_default();
    let root = names::snake(&domain.name).unwrap_or_default();
    if let Some(platform) = &domain.platform {
        let auth = match platform.schemes.first().map(|scheme| &scheme.kind) {
            Some(SchemeKind::Bearer) => "bearer(\"token\")?",
            Some(SchemeKind::Basic) => "basic(\"user\", \"password\")?",
            Some(SchemeKind::ApiKey(..)) => "api_key(\"key\")?",
            None => "none()",
        };
        let endpoint = if platform.servers.is_empty() { ".endpoint(\"https://api.example.com\")" } else { "" };
        let mut lines = vec![
            "use ecloud_core::Auth;".to_owned(),
            String::new(),
            format!("let client = {package}::client(Auth::{auth}){endpoint}.build()?;"),
            format!("let {root} = {package}::{}::new(&client);", domain.handle),
        ];
        if let Some(resource) = domain.resources.first() {
            lines.push(format!("let {0} = {root}.{0}();", resource.module));
        }
        return lines;
    }
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
    // With none of the features on there is nobody to ask for it.
    let idle = if domain.has_features() { "#[allow(dead_code)] " } else { "" };
    code.line(format!("pub struct {name} {{ {idle}shop: {shop} }}"));
    code.gap();
    code.line(format!("impl {name} {{"));
    code.doc(match domain.platform {
        Some(_) => "The platform as a client sees it, or one of the client's shops; cheap to make and to clone.",
        None => "The domain as a shop sees it; cheap to make and to clone.",
    });
    code.line(format!("pub fn new(shop: impl Into<{shop}>) -> Self {{ Self {{ shop: shop.into() }} }}"));
    for resource in &domain.resources {
        let handle = imports.of(&format!("crate::{}", resource.module), &resource.handle);
        code.gap();
        code.text(&doc::full_stop(&resource.summary), NARROW);
        if domain.has_features() {
            code.line(format!("#[cfg(feature = {:?})]", resource.module));
        }
        code.line("#[inline]");
        code.line(format!("pub fn {}(&self) -> {handle} {{ {handle}::new(&self.shop) }}", resource.module));
    }
    code.line("}");
}
