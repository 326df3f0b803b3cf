//! Schemas that only wrap one other schema: a reference, `allOf` of one with a description, a choice of one or null.

use super::gathered::{Gathered, siblings_count};
use super::schema::Schemas;
use crate::load::{Node, Sort};
use crate::resolve::reference;

/// The longest chain of wrappings that is followed.
const CHAIN: usize = 64;

/// How much a schema says about the type of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    /// Nothing.
    Nothing,
    /// No more than `type`.
    Type,
    /// More than that.
    More,
}

impl<'a> Schemas<'a> {
    /// The schema that lies in all wrappings of a schema, and whether one of them allows null. Nothing where they lie in each other
    /// without end. A reference that leads nowhere is its own.
    pub(super) fn unwrapped(&self, node: Node<'a>) -> Option<(Node<'a>, bool)> {
        let mut nullable = false;
        let mut at = node;
        for _ in 0..CHAIN {
            let Some(inner) = self.inner(at) else {
                return Some((at, nullable));
            };
            nullable |= self.allows_null(at);
            at = inner;
        }
        None
    }

    /// The schema that a schema with a name wraps or is, unless that has a name itself.
    pub(super) fn own(&self, node: Node<'a>) -> Option<Node<'a>> {
        let mut at = node;
        for _ in 0..CHAIN {
            match self.inner(at) {
                None => return reference(at).is_none_or(|_| self.extends(at)).then_some(at),
                Some(inner) if self.is_named(inner) => return None,
                Some(inner) => at = inner,
            }
        }
        None
    }

    /// Whether a reference says more than what it refers to.
    pub(super) fn extends(&self, node: Node<'a>) -> bool {
        siblings_count(self.sources)
            && node
                .pairs()
                .any(|(key, value)| key != "$ref" && key != "required" && of_keyword(key, value) == Says::More)
    }

    /// The only schema that a schema wraps, if it says nothing itself.
    fn inner(&self, node: Node<'a>) -> Option<Node<'a>> {
        if let Some(inner) = self.inner.borrow().get(&node) {
            return *inner;
        }
        let inner = self.look_inside(node);
        self.inner.borrow_mut().insert(node, inner);
        inner
    }

    fn look_inside(&self, node: Node<'a>) -> Option<Node<'a>> {
        if reference(node).is_some() {
            return if self.extends(node) { None } else { self.sources.next(node) };
        }
        let mut lists = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| {
            let list = node.get(key)?;
            list.items().next().is_some().then_some((key, list))
        });
        let (key, list) = lists.next()?;
        if lists.next().is_some() || says(node, true) == Says::More {
            return None;
        }
        let only = if key == "allOf" { only_part(list)? } else { self.only_branch(list)? };
        // A special case that adds nothing to its base is still not its base, and what has a name may say more tomorrow.
        let is_object = || !Gathered::of(self.sources, &[], &[only]).properties.is_empty();
        let is_case = key == "allOf" && reference(only).is_some() && self.is_named(node) && is_object();
        let required = || {
            let gathered = Gathered::of(self.sources, &[], &[only]);
            let mut names = node.get("required").into_iter().flat_map(Node::items).filter_map(Node::text);
            names.all(|name| gathered.required.contains(name))
        };
        (!is_case && (node.get("required").is_none() || required())).then_some(only)
    }

    /// The only branch of a choice that isn't null, if it says what it is.
    fn only_branch(&self, list: Node<'a>) -> Option<Node<'a>> {
        let mut branches = list.items().filter(|branch| !self.is_null(*branch));
        let only = branches.next()?;
        (branches.next().is_none() && says(only, false) > Says::Nothing).then_some(only)
    }

    /// Whether a schema that wraps another allows null besides.
    fn allows_null(&self, node: Node<'a>) -> bool {
        let null_type = |ty: Node<'a>| ty.text() == Some("null") || ty.items().any(|ty| ty.text() == Some("null"));
        let choice = |key: &str| node.get(key).into_iter().flat_map(Node::items).any(|branch| self.is_null(branch));
        let quiet = |part: Node<'a>| says(part, false) == Says::Nothing && is_nullable(part);
        is_nullable(node)
            || node.get("type").is_some_and(null_type)
            || choice("oneOf")
            || choice("anyOf")
            || node.get("allOf").into_iter().flat_map(Node::items).any(quiet)
    }

    /// Whether a schema allows nothing but null.
    pub(super) fn is_null(&self, branch: Node<'a>) -> bool {
        let Some(branch) = self.sources.target(branch) else {
            return false;
        };
        let values = branch.get("enum").is_some_and(|values| {
            values.items().next().is_some() && values.items().all(|value| value.sort() == Sort::Null)
        });
        let constant = branch.get("const").is_some_and(|value| value.sort() == Sort::Null);
        let ty = branch.get("type");
        let by_type = ty.is_some_and(|ty| {
            let listed = || ty.items().next().is_some() && ty.items().all(|ty| ty.text() == Some("null"));
            ty.text() == Some("null") || ty.sort() == Sort::Null || listed()
        });
        // `{nullable: true}` alone, as a branch, is how some say null.
        values || constant || by_type || (is_nullable(branch) && says(branch, false) == Says::Nothing)
    }
}

/// The only part of `allOf` that says something. Parts that say no more than a type give way to one that does.
fn only_part(list: Node<'_>) -> Option<Node<'_>> {
    for least in [Says::More, Says::Type] {
        let mut parts = list.items().filter(|part| says(*part, false) >= least);
        if let Some(only) = parts.next() {
            return parts.next().is_none().then_some(only);
        }
    }
    None
}

fn is_nullable(node: Node<'_>) -> bool {
    ["nullable", "x-nullable"].iter().any(|key| node.get(key).and_then(Node::bool) == Some(true))
}

/// How much a schema says; of a wrapper, what it says besides what it wraps and requires.
fn says(node: Node<'_>, is_wrapper: bool) -> Says {
    let counts = |key: &str| !is_wrapper || !["allOf", "oneOf", "anyOf", "required"].contains(&key);
    let all = node.pairs().filter(|(key, _)| counts(key)).map(|(key, value)| of_keyword(key, value));
    all.max().unwrap_or(Says::Nothing)
}

/// How much one keyword says.
fn of_keyword(key: &str, value: Node<'_>) -> Says {
    let lists = || value.items().next().is_some();
    let maps = || value.pairs().next().is_some();
    match key {
        "$ref" | "items" | "prefixItems" | "const" => Says::More,
        "allOf" | "oneOf" | "anyOf" | "enum" | "required" if lists() => Says::More,
        "properties" | "patternProperties" if maps() => Says::More,
        "additionalProperties" if value.bool() != Some(false) => Says::More,
        "type" => Says::Type,
        _ => Says::Nothing,
    }
}
