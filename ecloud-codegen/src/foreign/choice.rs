//! `oneOf` and `anyOf`: a value that is one of several, or several at once.

use std::collections::{HashMap, HashSet};

use super::facts;
use super::gathered::{Choice, Gathered};
use super::narrow::covers;
use super::schema::{Schemas, Use, Value};
use crate::load::{Node, Sort};
use crate::model::{Shape, Ty};
use crate::resolve::reference;

/// How many choices may stand in each other, each with properties beside it.
const NESTED: usize = 4;

/// How many structs may be put together from choices and what stands beside them.
const DERIVED: usize = 10_000;

/// One of the schemas that a value may be of.
pub(super) struct Branch<'a> {
    pub(super) node: Node<'a>,
    /// With what applies whichever it is of.
    pub(super) of: Use<'a>,
    pub(super) gathered: Gathered<'a>,
    /// What its variant would be called; empty where nothing tells.
    pub(super) name: String,
}

/// What a branch is called that has no name.
fn kind_name(gathered: &Gathered<'_>) -> &'static str {
    match gathered.types.first() {
        Some(&"string") => "Text",
        Some(&("integer" | "number")) => "Number",
        Some(&"boolean") => "Bool",
        Some(&"array") => "List",
        _ if !gathered.properties.is_empty() => "Object",
        Some(&"object") => "Map",
        _ if gathered.values.is_some() => "Text",
        _ if !gathered.items.is_empty() => "List",
        _ => "Variant",
    }
}

/// The name of a variant of a type that has none.
pub(super) fn plain_name(ty: &Ty) -> &'static str {
    match ty {
        Ty::Bool => "Bool",
        Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 => "Integer",
        Ty::F64 => "Number",
        Ty::List(_) => "List",
        Ty::Map(_) => "Map",
        Ty::Json => "Any",
        Ty::Model(_) => "Object",
        _ => "Text",
    }
}

impl<'a> Schemas<'a> {
    /// What a schema with choices describes; nothing if they say no more than the rest of it.
    pub(super) fn choice(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Option<Value> {
        let telling = |(choice, list): &(Choice, Node<'a>)| {
            let branches: Vec<Node<'a>> = list.items().filter(|branch| !self.only_requires(*branch)).collect();
            (!branches.is_empty()).then_some((*choice, branches))
        };
        let mut choices: Vec<(Choice, Vec<Node<'a>>)> = gathered.choices.iter().filter_map(telling).collect();
        if choices.is_empty() {
            return None;
        }
        let (choice, mut nodes) = choices.remove(0);
        if !choices.is_empty() {
            self.degrade(node, "several choices at once", "the first of them");
        }
        let nulls = nodes.len();
        nodes.retain(|branch| !self.is_null(*branch));
        let nullable = gathered.nullable || nodes.len() < nulls;
        let nodes = self.spliced(nodes);
        // What applies whichever it is; a choice with nothing beside it leaves its branches as they are.
        let beside = !gathered.properties.is_empty() || !gathered.required.is_empty();
        let plain: Vec<Node<'a>> =
            if beside { of.plain.iter().chain(&of.whole).copied().collect() } else { Vec::new() };
        if plain.len() > NESTED || self.derived > DERIVED {
            self.degrade(node, "choices within choices, beside properties", "one struct of all properties");
            let mut all = Gathered::of(self.sources, &plain, &nodes).without_choices();
            all.required.retain(|wire| gathered.required.contains(wire));
            let ty = self.object(of, all, node);
            return Some(Value { ty, nullable, constant: None });
        }
        self.derived += plain.len().min(nodes.len());
        let branches = self.branches(&plain, &nodes, of);
        let nullable = nullable || branches.iter().any(|branch| branch.gathered.nullable);
        let value = match &branches[..] {
            [] => Value { ty: Ty::Json, nullable, constant: None },
            [only] => {
                let value = self.branch_value(only);
                // What is said about the one is said about the choice.
                Value { nullable: nullable || value.nullable, ..value }
            }
            _ => {
                let ty = match self.texts(of, gathered, node, &branches) {
                    Some(ty) => ty,
                    None if choice == Choice::Any && is_mergeable(&branches, gathered) => {
                        self.merged(of, gathered, node, &branches, false)
                    }
                    None if self.is_table(&branches, gathered) => self.merged(of, gathered, node, &branches, true),
                    None => self.union(of, gathered, node, branches),
                };
                Value { ty, nullable, constant: None }
            }
        };
        Some(value)
    }

    /// Whether a branch says only which properties must be there.
    fn only_requires(&self, branch: Node<'a>) -> bool {
        let quiet = ["required", "not", "title", "description", "minProperties", "maxProperties"];
        let empty = |(key, node): (&str, Node<'a>)| {
            quiet.contains(&key)
                || (key == "type" && node.text() == Some("object"))
                || (key == "properties" && node.pairs().all(|(_, property)| property.pairs().next().is_none()))
                // `anyOf` of such is such.
                || (["anyOf", "oneOf", "allOf"].contains(&key) && node.items().all(|inner| self.only_requires(inner)))
        };
        let says = |key: &str| branch.get(key).is_some();
        (says("required") || says("not") || says("anyOf") || says("oneOf") || says("allOf"))
            && branch.sort() == Sort::Map
            && branch.pairs().all(empty)
    }

    /// The branches of a choice, each with what applies whichever it is.
    fn branches(&mut self, plain: &[Node<'a>], nodes: &[Node<'a>], of: &Use<'a>) -> Vec<Branch<'a>> {
        let beside = Gathered::of(self.sources, plain, &[]);
        let mut branches: Vec<Branch<'a>> = Vec::new();
        for node in nodes {
            let own = Gathered::of(self.sources, &[], &[*node]);
            // A branch may say itself what stands beside the choice.
            let is_whole = plain.is_empty() || covers(&own, &beside);
            let gathered = if is_whole { own } else { Gathered::of(self.sources, plain, &[*node]) };
            let mut branch =
                Branch { node: *node, of: Use::of(self.sources, *node, ""), gathered, name: String::new() };
            if !is_whole {
                branch.of.plain = plain.to_vec();
                branch.of.key = format!("{} as {}", of.key, branch.of.key);
            }
            branches.push(branch);
        }
        let names = self.branch_names(&branches);
        let many = branches.len() > 1;
        for (branch, name) in branches.iter_mut().zip(names) {
            let wish = if name.is_empty() { kind_name(&branch.gathered).to_owned() } else { name.clone() };
            branch.of.wish = match many {
                false => of.wish.clone(),
                true if wish.starts_with(&of.wish) => wish,
                true => format!("{}{wish}", of.wish),
            };
            branch.name = name;
        }
        branches
    }

    /// Branches that are only choices again give way to those.
    fn spliced(&self, nodes: Vec<Node<'a>>) -> Vec<Node<'a>> {
        let mut spliced = Vec::new();
        for node in nodes {
            let inner = self.unwrapped(node).map_or(node, |(inner, _)| inner);
            let is_plain = |(key, value): (&str, Node<'a>)| {
                matches!(key, "oneOf" | "anyOf" | "title" | "description")
                    || (key == "type" && value.text() == Some("object"))
            };
            let lists: Vec<Node<'a>> = ["oneOf", "anyOf"].iter().filter_map(|key| inner.get(key)).collect();
            let is_inline = reference(node).is_none() && !self.is_named(inner) && self.claimed_name(inner).is_none();
            match lists[..] {
                [list] if is_inline && inner.pairs().all(is_plain) => {
                    spliced.extend(self.spliced(list.items().filter(|branch| !self.is_null(*branch)).collect()));
                }
                _ => spliced.push(node),
            }
        }
        spliced
    }

    pub(super) fn branch_value(&mut self, branch: &Branch<'a>) -> Value {
        if branch.of.plain.is_empty() { self.value(branch.node, &branch.of.wish) } else { self.read(branch.of.clone()) }
    }

    /// Whether all branches are the lines of a table: inline objects with the same properties, each of one plain type, which differ only
    /// in the values that are told.
    fn is_table(&self, branches: &[Branch<'a>], gathered: &Gathered<'a>) -> bool {
        let outline = |branch: &Branch<'a>| -> Option<Vec<(String, String)>> {
            let own = Gathered::of(self.sources, &[], &[branch.node]);
            let is_inline = reference(branch.node).is_none() && branch.gathered.is_object() && own.choices.is_empty();
            let mut outline = Vec::new();
            for (wire, schemas) in own.properties.iter().filter(|_| is_inline) {
                outline.push(((*wire).to_owned(), plain_type(schemas)?.to_owned()));
            }
            outline.sort();
            Some(outline).filter(|outline| !outline.is_empty())
        };
        let Some(first) = branches.first().and_then(outline) else {
            return false;
        };
        gathered.discriminator.is_none() && branches.iter().all(|branch| outline(branch).as_ref() == Some(&first))
    }

    /// The one type of branches that are all texts: an open enum of all that are told, or any text.
    fn texts(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>, branches: &[Branch<'a>]) -> Option<Ty> {
        let mut texts = Vec::new();
        let mut seen = HashSet::new();
        for branch in branches {
            match branch.gathered.texts() {
                Some(values) => texts.extend(values.into_iter().filter(|value| seen.insert(*value))),
                None if branch.gathered.types == ["string"] && branch.gathered.choices.is_empty() => {}
                None => return None,
            }
        }
        if texts.len() < 2 {
            return Some(Ty::Text);
        }
        let name = self.name(of);
        let parts: Vec<Node<'a>> = branches.iter().flat_map(|branch| branch.gathered.parts.iter().copied()).collect();
        let shape = self.values(&name, &texts, &parts);
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(node, name.clone(), doc, Shape::Enum(shape));
        Some(Ty::Model(name))
    }

    /// One struct of all branches, since a value may be of several at once: required is what all require.
    fn merged(
        &mut self,
        of: &Use<'a>,
        gathered: &Gathered<'a>,
        node: Node<'a>,
        branches: &[Branch<'a>],
        united: bool,
    ) -> Ty {
        let plain: Vec<Node<'a>> = of.plain.iter().chain(&of.whole).copied().collect();
        let nodes: Vec<Node<'a>> = branches.iter().map(|branch| branch.node).collect();
        let mut all = Gathered::of(self.sources, &plain, &nodes);
        all.required.retain(|wire| {
            gathered.required.contains(wire) || branches.iter().all(|branch| branch.gathered.required.contains(wire))
        });
        all.parts = gathered.parts.clone();
        all.united = united;
        self.object(of, all, node)
    }
}

/// Whether all branches are objects whose properties of one name are the same.
fn is_mergeable(branches: &[Branch<'_>], gathered: &Gathered<'_>) -> bool {
    if gathered.discriminator.is_some() {
        return false;
    }
    let mut seen: HashMap<&str, Node<'_>> = HashMap::new();
    branches.iter().all(|branch| {
        branch.gathered.is_object()
            && branch.gathered.choices.is_empty()
            && branch.gathered.additional.is_none()
            && branch.gathered.properties.iter().all(|(wire, schemas)| match (seen.get(wire), schemas.last()) {
                (_, None) => true,
                (None, Some(schema)) => {
                    seen.insert(wire, *schema);
                    true
                }
                (Some(other), Some(schema)) => is_same(*other, *schema),
            })
    })
}

/// The type of a property that has one schema and that is neither object nor list.
fn plain_type<'a>(schemas: &[Node<'a>]) -> Option<&'a str> {
    let [schema] = schemas else { return None };
    let told = schema.get("enum").is_some() || schema.get("const").is_some();
    let ty = schema.get("type").and_then(Node::text).or(if told { Some("string") } else { None });
    ty.filter(|ty| !["object", "array"].contains(ty))
}

/// Whether two schemas say the same in short: one reference, or one plain type.
fn is_same(one: Node<'_>, other: Node<'_>) -> bool {
    if one == other {
        return true;
    }
    match (reference(one), reference(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => {
            let plain = |node: Node<'_>| {
                node.get("type").and_then(Node::text).filter(|ty| !["object", "array"].contains(ty)).map(str::to_owned)
            };
            let told = |node: Node<'_>| node.get("enum").is_some() || node.get("const").is_some();
            plain(one).is_some() && plain(one) == plain(other) && !told(one) && !told(other)
        }
        _ => false,
    }
}
