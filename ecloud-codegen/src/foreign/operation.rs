//! One operation: its facts, its parameters, its body and its answers.

use super::findings::Findings;
use super::method_name::Named;
use super::outline::Outline;
use super::schema::Schemas;
use super::shared_enum::SharedEnums;
use super::{answer, body, page, parameter, prose, security, server};
use crate::load::{Node, Sort};
use crate::model::{Operation, Retry, SecurityScheme, Server};
use crate::names;
use crate::problem::Problems;
use crate::resolve::Sources;

/// What is needed to read operations, and what is found meanwhile.
pub(super) struct Reader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) root: Node<'a>,
    pub(super) schemas: Schemas<'a>,
    pub(super) shared: SharedEnums<'a>,
    pub(super) servers: Vec<Server>,
    pub(super) schemes: Vec<SecurityScheme>,
    pub(super) findings: Findings,
    /// What the overlay says that can't be.
    pub(super) problems: Problems,
}

/// The operation that is being read.
#[derive(Clone, Copy)]
pub(super) struct At<'o, 'a> {
    pub(super) outline: &'o Outline<'a>,
    pub(super) named: &'o Named,
}

impl Reader<'_> {
    /// Takes down that the crate says less than a node of the document, and what it says instead.
    pub(super) fn degrade(
        &mut self,
        at: At<'_, '_>,
        node: Node<'_>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.findings.degrade(Some(&at.outline.key), node, what, instead);
    }

    /// Takes down that a node is odd, and how it is read.
    pub(super) fn repair(
        &mut self,
        at: At<'_, '_>,
        node: Node<'_>,
        what: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.findings.repair(Some(&at.outline.key), node, what, instead);
    }
}

/// Reads an operation. `id` is its name in errors and traces.
pub(super) fn read<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, id: String) -> Operation {
    let Outline { node, verb, overlay, .. } = *at.outline;
    let parameters = parameter::read(reader, at);
    let body = body::read(reader, at, &parameters);
    let answers = answer::read(reader, at);
    let needs = security::needs(reader.root, node, &reader.schemes, &at.outline.key, &mut reader.findings);
    let said = overlay.and_then(|said| said.idempotency_header.clone());
    let idempotency_header = said.or(parameters.idempotency_header);
    let usual = match () {
        () if verb.is_read() => Retry::Safe,
        () if idempotency_header.is_some() => Retry::Keyed,
        () => Retry::Never,
    };
    let (summary, description) = texts(reader, at);
    let deprecated =
        node.get("deprecated").is_some_and(|flag| flag.bool() == Some(true) || flag.text() == Some("true"));
    let deprecation = if deprecated { deprecation(node, &summary, &description) } else { String::new() };
    let page = page::of(reader, at, &parameters.list, &answers);
    Operation {
        operation_id: at.named.id.clone(),
        id,
        type_name: at.named.type_name.clone(),
        method: at.named.method.clone(),
        verb,
        path: path(reader, at),
        summary,
        description,
        deprecated,
        deprecation,
        // What asks for no credential at all takes none of a shop's either.
        shop: needs.security.as_ref().is_none_or(|alternatives| alternatives.iter().any(|schemes| !schemes.is_empty())),
        scope: Some(needs.scopes.join(" ")).filter(|scope| !scope.is_empty()),
        roles: Vec::new(),
        quota: overlay.and_then(|said| said.quota.clone()),
        retry: overlay.and_then(|said| said.retry).unwrap_or(usual),
        idempotency_header,
        page,
        security: needs.security,
        parameters: parameters.list,
        body,
        status: answers.status,
        output: answers.output,
        accept: answers.accept,
        errors: Vec::new(),
        failures: answers.failures,
        aliases: Vec::new(),
        steps: None,
        place: node.place(),
    }
}

/// The path, behind the platform's address. An operation may have an address of its own below that.
fn path(reader: &mut Reader<'_>, at: At<'_, '_>) -> String {
    let own = [at.outline.node, at.outline.item].into_iter().find(|holder| holder.get("servers").is_some());
    let path = &at.outline.template.path;
    let Some(holder) = own else {
        return path.clone();
    };
    let servers = server::of(holder, &mut reader.findings);
    match server::prefix(&reader.servers, &servers) {
        Ok(prefix) => format!("{prefix}{path}"),
        Err(url) => {
            let node = holder.get("servers").unwrap_or(holder);
            reader.degrade(at, node, format!("a server of its own, `{url}`"), "the platform's");
            path.clone()
        }
    }
}

/// What an operation does in one line, and what there is to know besides.
fn texts(reader: &Reader<'_>, at: At<'_, '_>) -> (String, String) {
    let node = at.outline.node;
    let mut description = prose::text(node, "description");
    let summary = prose::text(node, "summary");
    let mut summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
    // One word is no more than the operation's name again.
    if summary.is_empty() || (!summary.contains(' ') && summary.is_ascii() && !description.is_empty()) {
        (summary, description) = prose::split(&description);
    } else if description == summary {
        description.clear();
    }
    if summary.is_empty() {
        summary = prose::sentence(&names::plain(&at.named.type_name));
    }
    let body = body::doc(reader, node);
    if !body.is_empty() && !description.contains(&body) {
        let blank = if description.is_empty() { "" } else { "\n\n" };
        description = format!("{description}{blank}The body: {body}");
    }
    let link = node.get("externalDocs").filter(|docs| docs.sort() == Sort::Map);
    let url = link.map(|docs| prose::text(docs, "url")).unwrap_or_default();
    if url.starts_with("http") && !description.contains(&url) {
        let blank = if description.is_empty() { "" } else { "\n\n" };
        description = format!("{description}{blank}See <{url}>.");
    }
    (summary, description)
}

/// What the document says to use instead of what it advises against.
fn deprecation(node: Node<'_>, summary: &str, description: &str) -> String {
    let own = node.pairs().find(|(key, value)| key.starts_with("x-deprecat") && value.text().is_some());
    if let Some(text) = own.and_then(|(_, value)| value.text()) {
        return prose::split(&prose::clean(text)).0;
    }
    [description, summary].into_iter().map(prose::deprecation).find(|text| !text.is_empty()).unwrap_or_default()
}
