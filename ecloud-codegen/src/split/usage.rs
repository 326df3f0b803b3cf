//! Which parts use which components.

use std::collections::HashMap;

use super::{Group, HOLDERS};
use crate::load::{Document, Node, Sort};
use crate::resolve::is_data;

/// The file that a component goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The part of this group: no other uses it.
    Group(usize),
    /// The shared file: several parts use it, or none.
    Shared,
}

/// The owner of each component.
pub(super) struct Usage<'a> {
    owners: HashMap<Node<'a>, Owner>,
}

impl<'a> Usage<'a> {
    /// Who uses what, directly or through other components.
    pub(super) fn of(root: Node<'a>, groups: &[Group<'a>]) -> Self {
        let components: Vec<Node<'a>> = components(root).collect();
        let children = children(&components);
        let mut usage = Self { owners: HashMap::new() };
        for (index, group) in groups.iter().enumerate() {
            let mut open = Vec::new();
            for operation in &group.operations {
                targets(*operation, &mut open);
                // What a path says counts for all its operations.
                for (_, node) in operation.parent().pairs().filter(|(key, _)| !super::is_method(key)) {
                    targets(node, &mut open);
                }
            }
            usage.spread(open, &children, Owner::Group(index));
        }
        // What nobody uses is shared, and so is what it refers to: a shared component can't refer into a part.
        let unused = components.iter().copied().filter(|component| !usage.owners.contains_key(component));
        let unused = unused.collect();
        usage.spread(unused, &children, Owner::Shared);
        usage
    }

    fn spread(&mut self, mut open: Vec<Node<'a>>, children: &HashMap<Node<'a>, Vec<Node<'a>>>, owner: Owner) {
        while let Some(component) = open.pop() {
            let new = match self.owners.get(&component) {
                None => owner,
                Some(other) if *other == owner || *other == Owner::Shared => continue,
                Some(_) => Owner::Shared,
            };
            self.owners.insert(component, new);
            targets(component, &mut open);
            open.extend(children.get(&component).into_iter().flatten());
        }
    }

    /// The file that a component goes into.
    pub(super) fn owner(&self, component: Node<'a>) -> Owner {
        self.owners.get(&component).copied().unwrap_or(Owner::Shared)
    }
}

/// All components of a document.
fn components(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    HOLDERS.iter().flat_map(move |way| {
        let holder = way.iter().try_fold(root, |node, key| node.get(key));
        holder.into_iter().flat_map(Node::pairs).map(|(_, component)| component)
    })
}

/// Schemas that say by `allOf` that they are special cases of another: who uses a base with a discriminator may get any of them.
fn children<'a>(components: &[Node<'a>]) -> HashMap<Node<'a>, Vec<Node<'a>>> {
    let mut children: HashMap<Node<'a>, Vec<Node<'a>>> = HashMap::new();
    for component in components {
        for part in component.get("allOf").into_iter().flat_map(Node::items) {
            let base = part
                .get("$ref")
                .and_then(Node::text)
                .and_then(|target| super::usage::component(component.document(), target.strip_prefix('#')?));
            if let Some(base) = base.filter(|base| base.get("discriminator").is_some()) {
                children.entry(base).or_default().push(*component);
            }
        }
    }
    children
}

/// The components that a node refers to.
fn targets<'a>(node: Node<'a>, found: &mut Vec<Node<'a>>) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if is_data(node) {
            continue;
        }
        let is_mapping = node.key() == Some("mapping") && node.parent().key() == Some("discriminator");
        for (key, value) in node.pairs() {
            match value.text().and_then(|target| target.strip_prefix('#')) {
                Some(pointer) if key == "$ref" || is_mapping => found.extend(component(node.document(), pointer)),
                _ if matches!(value.sort(), Sort::Map | Sort::List) => open.push(value),
                _ => {}
            }
        }
        open.extend(node.items());
    }
}

/// The component at a pointer, or that holds what is there.
pub(super) fn component<'a>(document: &'a Document, pointer: &str) -> Option<Node<'a>> {
    HOLDERS.iter().find_map(|way| {
        let rest = way.iter().try_fold(pointer, |rest, key| rest.strip_prefix('/')?.strip_prefix(key))?;
        let name = rest.strip_prefix('/')?.split('/').next()?;
        let pointer = format!("/{}/{name}", way.join("/"));
        document.at(&pointer)
    })
}
