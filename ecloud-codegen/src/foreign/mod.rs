//! Somebody else's document becomes a model: Swagger 2.0 or OpenAPI 3.x, read tolerantly.
//!
//! The strict reader ([`model::domain`](crate::model::domain())) refuses what it doesn't know, since it reads documents of ours.
//! This one reads what platforms publish. A node that makes no sense costs one line, a [`Degradation`], and at worst one type
//! becomes any JSON; the document is never refused for it, and no operation is lost.

mod alias;
mod answer;
mod body;
mod choice;
mod derived_name;
mod enums;
mod facts;
mod fields;
mod findings;
mod form;
mod gathered;
mod grouping;
mod inheritance;
mod media;
mod method_name;
mod narrow;
mod operation;
mod origin;
mod outline;
mod page;
mod page_overlay;
mod parameter;
mod plain;
mod prose;
mod retype;
mod schema;
mod secrets;
mod security;
mod server;
mod settle;
mod shared_enum;
mod tag;
mod template;
mod union;
mod variant;
mod words;

use std::path::Path;

use findings::Findings;
use operation::{At, Reader};
use schema::Schemas;
use shared_enum::SharedEnums;

use crate::load::{Node, Sort};
use crate::model::{Domain, Platform, Server, Ty, home};
use crate::naming::{Lock, Names};
use crate::overlay::Overlay;
use crate::problem::{Place, Problem, Problems};
use crate::resolve::{Sources, short_name};

/// What is to be known besides the document.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The crate's name: `square`.
    pub name: &'a str,
    /// What the document can't say.
    pub overlay: &'a Overlay,
    /// The names that an earlier run has given.
    pub lock: Lock,
}

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The API.
    pub domain: Domain,
    /// Where the crate says less than the document, or differs from it on the wire; in the document's order.
    pub degradations: Vec<Degradation>,
    /// What is odd in the document and read as it was meant; in the document's order.
    pub repairs: Vec<Degradation>,
    /// The type of every schema with a name, also of those that no operation reaches.
    pub types: Vec<SchemaType>,
    /// The names that were given, for the next run.
    pub lock: Lock,
}

/// What became of a schema with a name.
#[derive(Clone, Debug)]
pub struct SchemaType {
    /// Where the document has it.
    pub place: Place,
    /// Its pointer, as a reference says it: `#/components/schemas/Order`.
    pub pointer: String,
    /// Its type.
    pub ty: Ty,
}

/// Something of a document that came out otherwise than it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Degradation {
    /// Where it is.
    pub place: Place,
    /// The operation that it is about, if it's about one: `GET /orders`.
    pub operation: Option<String>,
    /// What is there, in a short phrase.
    pub what: String,
    /// What there is instead, in a short phrase.
    pub instead: String,
}

/// Reads a document.
///
/// # Errors
///
/// When there is nothing to read: it is no Swagger or OpenAPI document, or has no paths. When the overlay says something about the
/// pages of an operation that can't be.
pub fn read(sources: &Sources, options: Options<'_>) -> Result<Reading, Problems> {
    let root = sources.root().root();
    let paths = paths(root)?;
    let mut findings = Findings::default();
    let servers = match &options.overlay.servers[..] {
        [] => server::servers(root, &mut findings),
        said => said.iter().map(|url| Server { url: url.clone(), doc: String::new() }).collect(),
    };
    let schemes = security::schemes(sources, &mut findings);
    webhooks(root, &mut findings);
    let outlines = outline::all(sources, options.overlay, paths, &mut findings);

    // The root handle is what callers begin with, so its name comes before all others.
    let mut names = Names::new(options.lock);
    let handle = names.claim("types", "crate", &crate::names::camel(options.name).unwrap_or_default());
    let mut schemas = Schemas::new(sources, options.overlay, names);
    let groups = grouping::group(sources, &outlines, &mut schemas.names);
    let named = method_name::name(&outlines, &groups, &mut schemas.names);

    let shared = SharedEnums::of(sources, &outlines);
    let mut reader = Reader { sources, root, schemas, shared, servers, schemes, findings, problems: Problems::new() };
    let mut resources = groups.resources;
    for ((outline, named), group) in outlines.iter().zip(&named).zip(&groups.of) {
        let resource = &mut resources[*group];
        let id = format!("{}.{}.{}", options.name, resource.module, named.method);
        resource.operations.push(operation::read(&mut reader, At { outline, named }, id));
    }
    let Reader { schemas, servers, schemes, findings, problems, .. } = reader;
    problems.into_result()?;
    let read = schemas.finish();
    read.problems.into_result()?;
    let (summary, description) = about(root);
    let mut domain = Domain {
        name: options.name.to_owned(),
        handle,
        source: short_name(Path::new(sources.root().name())),
        title: info(root, "title"),
        version: info(root, "version"),
        summary,
        description,
        resources,
        events: Vec::new(),
        shared: Vec::new(),
        package: options.overlay.package.clone().unwrap_or_else(|| options.name.replace('_', "-")),
        platform: Some(Platform { servers, schemes, features: false }),
        examples_run: false,
    };
    home::place(&mut domain, read.models.into_iter().map(|model| (None, model)).collect());
    Ok(Reading {
        domain,
        degradations: in_order(findings.degradations, read.degradations),
        repairs: in_order(findings.repairs, read.repairs),
        types: read.types,
        lock: read.names.into_lock(),
    })
}

/// The paths of a document.
fn paths(root: Node<'_>) -> Result<Node<'_>, Problem> {
    let said = ["openapi", "swagger", "swaggerVersion"].iter().any(|key| root.get(key).is_some());
    match root.get("paths") {
        Some(paths) if paths.sort() == Sort::Map => Ok(paths),
        Some(paths) => Err(paths.problem(format!("the paths are {}, not a map", paths.sort().article()))),
        None if said => Err(root.problem("has no `paths`, so there is no operation to make code for")),
        None => {
            Err(root
                .problem("is no Swagger 2.0 or OpenAPI 3 document: it has neither `openapi` or `swagger` nor `paths`"))
        }
    }
}

fn webhooks(root: Node<'_>, findings: &mut Findings) {
    for key in ["webhooks", "x-webhooks"] {
        if let Some(webhooks) = root.get(key).filter(|webhooks| webhooks.pairs().next().is_some()) {
            let count = webhooks.pairs().count();
            findings.repair(
                None,
                webhooks,
                format!("{count} webhooks, which the platform calls"),
                "only their schemas",
            );
        }
    }
}

fn info(root: Node<'_>, key: &str) -> String {
    root.get("info").map(|info| prose::text(info, key)).unwrap_or_default()
}

/// What the API is about, in one line, and what there is to know besides.
fn about(root: Node<'_>) -> (String, String) {
    let (summary, description) = (info(root, "summary"), info(root, "description"));
    if summary.is_empty() { prose::split(&description) } else { (summary, description) }
}

/// All that was found, in the order of the text.
fn in_order(own: Vec<Degradation>, of_schemas: Vec<Degradation>) -> Vec<Degradation> {
    let mut all = own;
    all.extend(of_schemas);
    // What is in one line keeps the order in which it was found.
    all.sort_by(|one, other| (&one.place.file, one.place.line).cmp(&(&other.place.file, other.place.line)));
    all
}
