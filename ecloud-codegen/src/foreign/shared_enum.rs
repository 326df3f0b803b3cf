//! Parameters that many operations have alike: an enum that each of them writes out is one type and not many.

use std::collections::HashMap;

use super::outline::Outline;
use super::schema::Typed;
use crate::load::Node;
use crate::naming::Names;
use crate::resolve::{Sources, reference};

/// The enums that more than one parameter of a name writes out.
#[derive(Debug, Default)]
pub(super) struct SharedEnums<'a> {
    by_content: HashMap<Content, Shared<'a>>,
}

/// An enum that several parameters write out.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    /// Its schema at each of them, in the document's order.
    schemas: Vec<Node<'a>>,
    /// Its type, once it is read.
    pub(super) typed: Option<Typed>,
}

/// A parameter's name and the values that it writes out.
type Content = (String, Vec<String>);

impl<'a> Shared<'a> {
    /// The schema whose enum has a name from an earlier run, if one has: the name stays, whichever operation comes first.
    pub(super) fn locked(&self, sources: &Sources, names: &mut Names) -> Option<Node<'a>> {
        let mut named = |schema: Node<'_>| names.get("types", &sources.key(schema)).is_some();
        let mut schemas = self.schemas.iter().copied();
        schemas.find(|schema| named(*schema) || schema.get("items").is_some_and(&mut named))
    }
}

impl<'a> SharedEnums<'a> {
    /// Looks through the parameters of all operations.
    pub(super) fn of(sources: &Sources, outlines: &[Outline<'a>]) -> Self {
        let mut schemas: HashMap<Content, Vec<Node<'a>>> = HashMap::new();
        let mut seen = std::collections::HashSet::new();
        for holder in outlines.iter().flat_map(|outline| [outline.node, outline.item]) {
            let Some(list) = holder.get("parameters").filter(|list| seen.insert(*list)) else {
                continue;
            };
            // What is referred to is one already.
            for node in list.items().filter(|node| reference(*node).is_none()) {
                if let Some(content) = content(sources, node) {
                    schemas.entry(content).or_default().push(node.get("schema").unwrap_or(node));
                }
            }
        }
        let many = schemas.into_iter().filter(|(_, schemas)| schemas.len() > 1);
        Self { by_content: many.map(|(content, schemas)| (content, Shared { schemas, typed: None })).collect() }
    }

    /// Where the type of a parameter's enum is kept, if others have the same.
    pub(super) fn slot(&mut self, sources: &Sources, node: Node<'_>) -> Option<&mut Shared<'a>> {
        self.by_content.get_mut(&content(sources, node)?)
    }
}

/// What a parameter writes out; nothing if it refers to a schema with a name, or has no enum of texts.
fn content(sources: &Sources, node: Node<'_>) -> Option<Content> {
    let schema = node.get("schema").unwrap_or(node);
    if reference(schema).is_some() {
        return None;
    }
    let values = match schema.get("enum") {
        Some(values) => values,
        // The values of a list.
        None => {
            let items = schema.get("items").filter(|items| reference(*items).is_none())?;
            sources.target(items)?.get("enum")?
        }
    };
    let texts: Vec<String> = values.items().filter_map(Node::text).map(str::to_owned).collect();
    let name = node.get("name")?.text()?.to_owned();
    let is_list = schema.get("enum").is_none();
    let name = if is_list { format!("{name}[]") } else { name };
    (texts.len() > 1).then_some((name, texts))
}
