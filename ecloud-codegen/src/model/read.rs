//! A document becomes a domain.

use super::operation::{self, Path, Read};
use super::schema::{self, Schemas};
use super::{Domain, Identifier, Operation, Resource, Verb, event, keywords, place};
use crate::load::{Node, Sort};
use crate::names;
use crate::problem::Problems;
use crate::resolve::{Sources, short_name};

/// Makes the model of a document.
///
/// # Errors
///
/// When the document says something that is wrong or that can't be expressed; everything that was found, together.
pub fn domain(sources: &Sources) -> Result<Domain, Problems> {
    let root = sources.root().root();
    let mut schemas = Schemas::new(sources);
    let problems = &mut schemas.problems;
    version(root, problems);
    keywords::check(root, keywords::ROOT, "a document", problems);
    let info = root.required("info", Sort::Map, problems);
    let mut text = |key: &str| {
        let text = info.and_then(|info| info.field_text(key, problems));
        text.unwrap_or_default().trim().to_owned()
    };
    let (title, api_version, summary, description) =
        (text("title"), text("version"), text("summary"), text("description"));
    let name = root.required("x-ecloud-domain", Sort::Text, problems).and_then(Node::text);
    let name = name.unwrap_or_default();
    let handle = names::camel(name).unwrap_or_default();
    let resources = resources(root, problems);
    let operations = operations(&mut schemas, root, name);
    let events = event::read_all(&mut schemas, root, name);
    for document in sources.own() {
        all_models(&mut schemas, document.root());
    }

    let (models, problems) = schemas.finish();
    let parts = place::Parts {
        domain: Domain {
            name: name.to_owned(),
            handle,
            source: short_name(std::path::Path::new(sources.root().name())),
            title,
            version: api_version,
            summary,
            description,
            resources,
            events,
            shared: Vec::new(),
            package: format!("ecloud-{name}"),
            platform: None,
            examples_run: false,
        },
        operations,
        models,
        problems,
    };
    place::place(sources, parts)
}

/// The identifiers that a shared document defines, in its order.
///
/// # Errors
///
/// When an identifier's schema isn't a string or has no name that Rust can have.
pub fn identifiers(sources: &Sources) -> Result<Vec<Identifier>, Problems> {
    let root = sources.root().root();
    let mut problems = Problems::new();
    version(root, &mut problems);
    let components = root.required("components", Sort::Map, &mut problems);
    let schemas = components.and_then(|components| components.required("schemas", Sort::Map, &mut problems));
    let mut identifiers: Vec<Identifier> = Vec::new();
    for (name, node) in schemas.into_iter().flat_map(Node::pairs) {
        if node.field_text("x-ecloud-type", &mut problems) != Some("id") {
            continue;
        }
        if node.get("type").and_then(Node::text) != Some("string") {
            problems.add(node.problem("an identifier is a string"));
        }
        match names::camel(name) {
            Some(name) if identifiers.iter().any(|other| other.name == name) => {
                problems.add(node.problem(format!("a second identifier would be called `{name}`")));
            }
            Some(name) => identifiers.push(Identifier { doc: schema::description(node, &mut problems), name }),
            None => problems.add(node.problem("the identifier's name has no letter")),
        }
    }
    problems.into_result()?;
    Ok(identifiers)
}

fn version(root: Node<'_>, problems: &mut Problems) {
    let Some(node) = root.required("openapi", Sort::Text, problems) else {
        return;
    };
    let version = node.text().unwrap_or_default();
    if !version.starts_with("3.1") {
        problems.add(node.problem(format!("OpenAPI {version} can't be read, only 3.1")));
    }
}

fn resources(root: Node<'_>, problems: &mut Problems) -> Vec<Resource> {
    let mut resources = Vec::new();
    let texts = root.required("x-ecloud-resources", Sort::Map, problems);
    for (name, node) in texts.into_iter().flat_map(Node::pairs) {
        let summary = node.required("summary", Sort::Text, problems).and_then(Node::text);
        let (Some(module), Some(handle)) = (names::snake(name), names::camel(name)) else {
            problems.add(node.problem("the resource's name has no letter"));
            continue;
        };
        resources.push(Resource {
            name: name.to_owned(),
            module,
            handle,
            summary: summary.unwrap_or_default().trim().to_owned(),
            description: schema::description(node, problems),
            aliases: schema::aliases(node, problems),
            operations: Vec::<Operation>::new(),
            models: Vec::new(),
        });
    }
    resources
}

fn operations<'a>(schemas: &mut Schemas<'a>, root: Node<'a>, domain: &str) -> Vec<Read> {
    let mut operations = Vec::new();
    let paths = root.required("paths", Sort::Map, &mut schemas.problems);
    for (template, path) in paths.into_iter().flat_map(Node::pairs) {
        if !template.starts_with('/') {
            schemas.problems.add(path.problem("a path begins with `/`"));
        }
        // It may stand in a file of its resource.
        let path = schemas.sources.follow(path);
        keywords::check(path, keywords::PATH, "a path", &mut schemas.problems);
        for (key, node) in path.pairs() {
            let Some((verb, _)) = Verb::ALL.iter().find(|(_, name)| *name == key) else {
                continue;
            };
            operations.extend(operation::read(schemas, domain, Path { template, node: path }, *verb, node));
        }
    }
    operations
}

/// Makes models of all named schemas of the document, those that no operation reaches too.
fn all_models<'a>(schemas: &mut Schemas<'a>, root: Node<'a>) {
    let components = root.field("components", Sort::Map, &mut schemas.problems);
    let named = components.and_then(|components| components.field("schemas", Sort::Map, &mut schemas.problems));
    for (name, node) in named.into_iter().flat_map(Node::pairs) {
        if schema::is_model(node) {
            schemas.model(name, node);
        } else {
            schemas.ty(node);
        }
    }
}
