//! Schemas that are special cases of others: a base with a discriminator, and who refers to it by `allOf`.

use std::collections::{HashMap, HashSet};

use crate::load::Node;
use crate::resolve::{Sources, reference};

/// Who is a special case of whom.
#[derive(Debug, Default)]
pub(super) struct Inheritance<'a> {
    /// The children of each base that has a discriminator, in the document's order.
    children: HashMap<Node<'a>, Vec<Node<'a>>>,
}

impl<'a> Inheritance<'a> {
    pub(super) fn of(sources: &'a Sources, named: &[(String, Node<'a>)]) -> Self {
        let mut children: HashMap<Node<'a>, Vec<Node<'a>>> = HashMap::new();
        for (_, node) in named {
            for base in node.get("allOf").into_iter().flat_map(Node::items).filter(|part| reference(*part).is_some()) {
                if let Some(base) = sources.target(base) {
                    children.entry(base).or_default().push(*node);
                }
            }
        }
        Self { children }
    }

    /// Whether a schema is a base with special cases.
    pub(super) fn has_children(&self, base: Node<'a>) -> bool {
        base.get("discriminator").is_some() && self.children.contains_key(&base)
    }

    /// The special cases of a base, and theirs.
    pub(super) fn descendants(&self, base: Node<'a>) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([base]);
        let mut open = vec![base];
        while let Some(node) = open.pop() {
            for child in self.children.get(&node).into_iter().flatten() {
                if seen.insert(*child) {
                    found.push(*child);
                    open.push(*child);
                }
            }
        }
        found.sort_by_key(|node| node.index());
        found
    }
}
