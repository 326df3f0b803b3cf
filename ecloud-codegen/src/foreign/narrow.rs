//! Several schemas of one value: the same in other words, one that says all that the others say, or each a part of it.

use super::gathered::Gathered;
use super::schema::{Schemas, Use, Value};
use crate::load::Node;

impl<'a> Schemas<'a> {
    /// What several schemas describe together; if `united`, each of them may apply.
    pub(super) fn common(&mut self, nodes: &[Node<'a>], wish: &str, united: bool) -> Value {
        let mut inner: Vec<Node<'a>> = Vec::new();
        let mut nullable = false;
        for node in nodes {
            let (node, null) = self.unwrapped(*node).unwrap_or((*node, false));
            nullable |= null;
            if !inner.contains(&node) {
                inner.push(node);
            }
        }
        let all: Vec<Gathered<'a>> = inner.iter().map(|node| Gathered::of(self.sources, &[], &[*node])).collect();
        nullable |= all.iter().any(|gathered| gathered.nullable);
        let fullest = (0..all.len())
            .rev()
            .find(|most| !united && (0..all.len()).all(|other| other == *most || covers(&all[*most], &all[other])));
        let value = match (&inner[..], fullest) {
            ([only], _) => self.value(*only, wish),
            (_, Some(index)) => self.value(inner[index], wish),
            _ => {
                let key = nodes.last().map(|node| format!("{}+", self.sources.key(*node))).unwrap_or_default();
                self.read(Use { plain: Vec::new(), whole: nodes.to_vec(), united, key, wish: wish.to_owned() })
            }
        };
        Value { nullable: value.nullable || nullable, ..value }
    }
}

/// Whether a schema says all that another says, so that the other may be left out.
pub(super) fn covers(most: &Gathered<'_>, other: &Gathered<'_>) -> bool {
    let is_type = |ty: &&str| other.types.contains(ty) || (*ty == "integer" && other.types.contains(&"number"));
    let types = match (most.types.is_empty(), other.types.is_empty()) {
        (_, true) => true,
        (true, false) => other.is_object() && most.is_object(),
        (false, false) => most.types.iter().all(is_type),
    };
    let properties = other.properties.iter().all(|(wire, schemas)| {
        let own = most.schemas_of(wire).unwrap_or_default();
        schemas.iter().all(|schema| own.contains(schema))
    });
    let values = match (&other.values, most.texts(), other.texts()) {
        (None, ..) => true,
        (Some(_), Some(most), Some(other)) => most.iter().all(|value| other.contains(value)),
        _ => false,
    };
    let items = other.items.iter().all(|items| most.items.contains(items) || items.pairs().next().is_none());
    types
        && properties
        && values
        && items
        && other.tuple.is_none()
        && other.choices.iter().all(|choice| most.choices.contains(choice))
        && (other.additional.is_none() || most.additional.is_some())
        && other.required.iter().all(|name| most.required.contains(name))
}
