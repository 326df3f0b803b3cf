//! What a schema is called that has no name of its own at the place where it is used: by the place where it stands.

use super::gathered::Gathered;
use super::schema::{Schemas, is_component};
use super::words;
use crate::load::{Node, Sort};
use crate::names;
use crate::naming::LONGEST;

impl<'a> Schemas<'a> {
    /// What a schema is called that is met somewhere else than where it stands: by the named schema that it stands in, and the way
    /// from there. Nothing where no schema around it has a name.
    pub(super) fn wish_of(&self, node: Node<'a>) -> Option<String> {
        let home = home(node)?;
        let stem = match self.claimed_name(home) {
            Some(name) => name.to_owned(),
            None => names::camel(&own_name(home)?)?,
        };
        let mut steps = Vec::new();
        let mut at = node;
        while at != home {
            steps.push(at);
            at = at.parent();
        }
        let mut wish = stem;
        for step in steps.into_iter().rev() {
            let key = step.key().unwrap_or_default();
            if step.parent().key() == Some("properties") {
                wish = joined(&wish, key);
            } else if key == "items" {
                wish = item_of(&wish, "Item");
            } else if key == "additionalProperties" {
                wish = item_of(&wish, "Value");
            }
        }
        Some(wish)
    }

    /// What a property's type is called: by its owner; by the base of its owner, if it stands in one.
    pub(super) fn wish_of_property(
        &mut self,
        owner: &str,
        place: Node<'a>,
        schemas: &[Node<'a>],
        wire: &str,
    ) -> String {
        let elsewhere = match schemas {
            [schema] if home(*schema) != home(place) => self.wish_of(*schema),
            _ => None,
        };
        elsewhere.unwrap_or_else(|| {
            let wish = joined(owner, wire);
            let whole = || format!("{owner}{}", names::camel(wire).unwrap_or_default());
            if self.names.is_free("types", &wish) { wish } else { whole() }
        })
    }

    /// What one of many is called whose whole is called like this, if that isn't something else's name.
    pub(super) fn wish_of_item(&mut self, whole: &str, suffix: &str) -> String {
        let wish = item_of(whole, suffix);
        if self.names.is_free("types", &wish) { wish } else { format!("{whole}{suffix}") }
    }
}

/// A property's name behind its owner's, without words that would stand there twice.
fn joined(owner: &str, wire: &str) -> String {
    let suffix = names::camel(wire).unwrap_or_else(|| "Field".to_owned());
    if suffix.len() > owner.len() && suffix.starts_with(owner) { suffix } else { format!("{owner}{suffix}") }
}

/// A name without as many of its inner words as it takes to be short enough: whose it is and what it is stay.
pub(super) fn fitted(wish: &str) -> String {
    if wish.len() <= LONGEST {
        return wish.to_owned();
    }
    let mut words = words::words(wish);
    let length = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    while words.len() > 3 && length(&words) > LONGEST {
        words.remove(2);
    }
    names::camel(&words.join("_")).unwrap_or_else(|| wish.to_owned())
}

/// What an item of a list is called whose name is wished for.
fn item_of(wish: &str, suffix: &str) -> String {
    let words = words::words(wish);
    let Some((last, before)) = words.split_last() else {
        return format!("{wish}{suffix}");
    };
    let one = words::singular(last);
    if one == *last {
        return format!("{wish}{suffix}");
    }
    let name: Vec<&str> = before.iter().map(String::as_str).chain([one.as_str()]).collect();
    names::camel(&name.join("_")).unwrap_or_else(|| format!("{wish}{suffix}"))
}

/// The nearest schema with a name that a node lies in.
fn home(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node;
    loop {
        if own_name(at).is_some() {
            return Some(at);
        }
        if at.index() == 0 {
            return None;
        }
        at = at.parent();
    }
}

/// The name that a schema has in its document: its key among others, or that of its file.
pub(super) fn own_name(node: Node<'_>) -> Option<String> {
    if is_component(node) {
        return node.key().map(str::to_owned);
    }
    let root = node.document().root();
    let is_whole_document = ["openapi", "swagger", "paths"].iter().any(|key| root.get(key).is_some());
    if is_whole_document || node.sort() != Sort::Map {
        return None;
    }
    if node == root {
        let file = node.document().name().rsplit(['/', '\\']).next().unwrap_or_default();
        return file.split('.').next().filter(|stem| !stem.is_empty() && is_schema(node)).map(str::to_owned);
    }
    // A file of schemas by name, whatever it calls the map that holds them.
    let mut around = node.parent();
    while around != root {
        if is_schema(around) {
            return None;
        }
        around = around.parent();
    }
    (is_schema(node) && !is_schema(root)).then(|| node.key().map(str::to_owned)).flatten()
}

/// Whether a node looks like a schema, and not like a map of such.
fn is_schema(node: Node<'_>) -> bool {
    let text = |key: &str| node.get(key).is_some_and(|value| value.text().is_some() || value.sort() == Sort::List);
    let map = |key: &str| node.get(key).is_some_and(|value| value.sort() == Sort::Map);
    text("$ref") || text("type") || text("allOf") || text("oneOf") || text("anyOf") || text("enum") || map("properties")
}

/// Whether what is gathered would become a model.
pub(super) fn is_model(gathered: &Gathered<'_>) -> bool {
    !gathered.properties.is_empty() || gathered.values.is_some() || !gathered.choices.is_empty()
}
