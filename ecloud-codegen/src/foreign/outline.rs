//! Which operations a document has: method, path and id of each, before anything else of it is read. Names depend on all of them.

use std::collections::HashSet;

use super::findings::Findings;
use super::page;
use super::template::Template;
use crate::load::{Node, Sort};
use crate::model::Verb;
use crate::overlay::{OperationOverlay, Overlay};
use crate::resolve::Sources;

/// An operation, as far as names depend on it.
#[derive(Clone, Debug)]
pub(super) struct Outline<'a> {
    /// Method and path as the document has them: `GET /orders`. No two are the same.
    pub(super) key: String,
    pub(super) verb: Verb,
    pub(super) template: Template,
    /// What holds the operation, and perhaps parameters for all of its path.
    pub(super) item: Node<'a>,
    pub(super) node: Node<'a>,
    /// The document's id, if it has one of its own.
    pub(super) id: Option<&'a str>,
    /// The first tag.
    pub(super) tag: Option<&'a str>,
    /// What the document says about it in one line, if it does.
    pub(super) summary: &'a str,
    /// Whether it answers with a list, or with something that holds one.
    pub(super) is_list: bool,
    /// What the overlay says about it.
    pub(super) overlay: Option<&'a OperationOverlay>,
}

/// All operations of a document, in its order.
pub(super) fn all<'a>(
    sources: &'a Sources,
    overlay: &'a Overlay,
    paths: Node<'a>,
    findings: &mut Findings,
) -> Vec<Outline<'a>> {
    let mut outlines = Vec::new();
    let mut ids = HashSet::new();
    for (path, holder) in paths.pairs().filter(|(path, _)| !path.starts_with("x-")) {
        let Some(item) = sources.target(holder) else {
            findings.degrade(None, holder, sources.broken(holder), "no operation of that path");
            continue;
        };
        if item.sort() != Sort::Map {
            findings.repair(None, holder, format!("a path that is {}", item.sort().article()), "left out");
            continue;
        }
        for (word, node) in item.pairs() {
            let Some((verb, _)) = Verb::ALL.into_iter().find(|(_, known)| *known == word) else {
                continue;
            };
            let key = format!("{} {path}", verb.as_str());
            if node.sort() != Sort::Map {
                findings.repair(None, node, format!("an operation that is {}", node.sort().article()), "left out");
                continue;
            }
            let id = node.get("operationId").and_then(Node::text).map(str::trim).filter(|id| !id.is_empty());
            let said = overlay.operation(id, &key);
            if said.is_some_and(|said| said.drop) {
                continue;
            }
            let id = id.filter(|id| {
                let first = ids.insert(*id);
                if !first {
                    let what = format!("a second operation with the operationId `{id}`");
                    findings.repair(Some(&key), node, what, "named after its path");
                }
                first
            });
            outlines.push(Outline {
                template: Template::of(path),
                verb,
                item,
                node,
                id,
                tag: tag(node),
                summary: node.get("summary").and_then(Node::text).unwrap_or_default(),
                is_list: is_list(sources, node),
                overlay: said,
                key,
            });
        }
    }
    outlines
}

fn tag<'a>(node: Node<'a>) -> Option<&'a str> {
    let tags = node.get("tags")?;
    let first = if tags.sort() == Sort::Text { Some(tags) } else { tags.items().next() };
    // A tag that is the operation's id puts every operation in a resource of its own, which is none.
    let id = node.get("operationId").and_then(Node::text);
    first.and_then(Node::text).map(str::trim).filter(|tag| !tag.is_empty() && Some(*tag) != id)
}

/// Whether an operation's first success is a list, or an object with a list in it.
fn is_list(sources: &Sources, node: Node<'_>) -> bool {
    let responses = node.get("responses").into_iter().flat_map(Node::pairs);
    let success = responses.filter(|(status, _)| status.starts_with('2')).find_map(|(_, response)| {
        let response = sources.target(response)?;
        response.get("schema").or_else(|| {
            let mut content = response.get("content")?.pairs();
            content.find_map(|(_, media)| media.get("schema"))
        })
    });
    let mut budget = LOOKED_AT;
    success.is_some_and(|schema| holds_list(sources, schema, 2, &mut budget))
}

/// How many schemas are looked at to tell whether an answer is a list; they may refer to each other in circles.
const LOOKED_AT: usize = 64;

/// An object of more properties is a thing with lists, not a list of things.
const PAGE: usize = 8;

/// Whether a schema is a list, or has a property that is one, so many steps down.
fn holds_list(sources: &Sources, schema: Node<'_>, depth: usize, budget: &mut usize) -> bool {
    let (Some(schema), Some(left)) = (sources.target(schema), budget.checked_sub(1)) else {
        return false;
    };
    *budget = left;
    if schema.get("type").and_then(Node::text) == Some("array") || schema.get("items").is_some() {
        return true;
    }
    if depth == 0 {
        return false;
    }
    let mut parts = schema.get("allOf").into_iter().flat_map(Node::items);
    if parts.any(|part| holds_list(sources, part, depth, budget)) {
        return true;
    }
    let properties = schema.get("properties");
    let few = properties.is_some_and(|properties| properties.pairs().count() <= PAGE);
    let mut properties = properties.into_iter().flat_map(Node::pairs).filter(|(name, _)| !page::is_beside(name));
    few && properties.any(|(_, property)| holds_list(sources, property, depth - 1, budget))
}
