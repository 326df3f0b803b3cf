//! Parameters that many operations have alike: an enum that each of them writes out is one type and not many.

use std::collections::HashMap;

use super::outline::Outline;
use super::schema::Typed;
use crate::load::Node;
use crate::resolve::{Sources, reference};

/// The enums that more than one parameter of a name writes out.
#[derive(Debug, Default)]
pub(super) struct SharedEnums {
    by_content: HashMap<Content, Option<Typed>>,
}

/// A parameter's name and the values that it writes out.
type Content = (String, Vec<String>);

impl SharedEnums {
    /// Looks through the parameters of all operations.
    pub(super) fn of(sources: &Sources, outlines: &[Outline<'_>]) -> Self {
        let mut counts: HashMap<Content, usize> = HashMap::new();
        let mut seen = std::collections::HashSet::new();
        for holder in outlines.iter().flat_map(|outline| [outline.node, outline.item]) {
            let Some(list) = holder.get("parameters").filter(|list| seen.insert(*list)) else {
                continue;
            };
            // What is referred to is one already.
            for node in list.items().filter(|node| reference(*node).is_none()) {
                if let Some(content) = content(sources, node) {
                    *counts.entry(content).or_default() += 1;
                }
            }
        }
        let many = counts.into_iter().filter(|(_, count)| *count > 1);
        Self { by_content: many.map(|(content, _)| (content, None)).collect() }
    }

    /// Where the type of a parameter's enum is kept, if others have the same.
    pub(super) fn slot(&mut self, sources: &Sources, node: Node<'_>) -> Option<&mut Option<Typed>> {
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
