//! What a schema and everything that it is put together from by `allOf` say in all.

use std::collections::{HashMap, HashSet};

use crate::load::{Node, Sort};
use crate::resolve::{Sources, reference};

/// A keyword that lists schemas of which a value is one or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// `oneOf`
    One,
    /// `anyOf`
    Any,
}

/// What an object may hold besides its properties.
#[derive(Clone, Copy, Debug)]
pub(super) enum Additional<'a> {
    /// Anything.
    Any,
    /// What a schema describes.
    Of(Node<'a>),
}

/// What a schema and its parts say in all.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    /// The types but null, as the document spells them.
    pub(super) types: Vec<&'a str>,
    pub(super) nullable: bool,
    /// Properties in the order in which they are met, each with all schemas that it has.
    pub(super) properties: Vec<(&'a str, Vec<Node<'a>>)>,
    places: HashMap<&'a str, usize>,
    pub(super) required: HashSet<&'a str>,
    pub(super) additional: Option<Additional<'a>>,
    pub(super) items: Option<Node<'a>>,
    /// Whether the items are described one by one.
    pub(super) tuple: Option<Node<'a>>,
    /// The values of `enum` or `const`.
    pub(super) values: Option<Vec<Node<'a>>>,
    /// What it is one of.
    pub(super) choices: Vec<(Choice, Node<'a>)>,
    pub(super) discriminator: Option<Node<'a>>,
    pub(super) format: Option<&'a str>,
    /// The schemas that say all this, the outermost first.
    pub(super) parts: Vec<Node<'a>>,
    /// References that lead nowhere.
    pub(super) broken: Vec<Node<'a>>,
    /// Nodes where one part contradicts another.
    pub(super) contradictions: Vec<Node<'a>>,
    /// Whether of several schemas of a property each tells values of its own, so that all of them count.
    pub(super) united: bool,
}

impl<'a> Gathered<'a> {
    /// Gathers what schemas say that all apply to one value. Of `plain` ones the choices don't count.
    pub(super) fn of(sources: &'a Sources, plain: &[Node<'a>], whole: &[Node<'a>]) -> Self {
        let mut gathered = Self::default();
        let mut seen = HashSet::new();
        for node in plain {
            gathered.add(sources, *node, true, &mut seen);
        }
        for node in whole {
            gathered.add(sources, *node, false, &mut seen);
        }
        gathered
    }

    fn add(&mut self, sources: &'a Sources, node: Node<'a>, plain: bool, seen: &mut HashSet<Node<'a>>) {
        if node.sort() != Sort::Map || !seen.insert(node) {
            return;
        }
        if reference(node).is_some() {
            match sources.target(node) {
                // Who is a special case of a base is none of the others that the base can be.
                Some(target) => self.add(sources, target, plain || target.get("discriminator").is_some(), seen),
                None => self.broken.push(node),
            }
        }
        self.parts.push(node);
        // What is said last is nearest to the use.
        for part in node.get("allOf").into_iter().flat_map(Node::items) {
            self.add(sources, part, plain, seen);
        }
        for (key, value) in node.pairs() {
            self.keyword(node, key, value, plain);
        }
    }

    fn keyword(&mut self, node: Node<'a>, key: &'a str, value: Node<'a>, plain: bool) {
        match key {
            "type" => self.typed(value),
            "nullable" | "x-nullable" => self.nullable |= value.bool() == Some(true),
            "format" => self.format = value.text().or(self.format),
            "properties" => {
                for (wire, property) in value.pairs() {
                    self.property(wire, property);
                }
            }
            "required" => self.required.extend(value.items().filter_map(Node::text)),
            "additionalProperties" => match (value.sort(), value.bool()) {
                (Sort::Map, _) if value.pairs().next().is_some() => self.additional = Some(Additional::Of(value)),
                (Sort::Map, _) | (_, Some(true)) => {
                    self.additional.get_or_insert(Additional::Any);
                }
                _ => {}
            },
            "patternProperties" => {
                if let Some((_, schema)) = value.pairs().next() {
                    self.additional.get_or_insert(Additional::Of(schema));
                }
            }
            "items" if value.sort() == Sort::List => self.tuple = Some(value),
            "items" => self.items = Some(value),
            "prefixItems" => self.tuple = Some(value),
            "enum" if value.sort() == Sort::List => self.values = Some(value.items().collect()),
            "const" => self.values = Some(vec![value]),
            "oneOf" if !plain => self.choices.push((Choice::One, value)),
            "anyOf" if !plain => self.choices.push((Choice::Any, value)),
            // In Swagger 2.0 it is the property's bare name.
            "discriminator" if !plain => self.discriminator = Some(if value.text().is_some() { node } else { value }),
            _ => {}
        }
    }

    /// Gathers what schemas say each of which may apply: a value is among those that any of them tells.
    pub(super) fn united(sources: &'a Sources, nodes: &[Node<'a>]) -> Self {
        let mut all = Self::of(sources, &[], nodes);
        let each: Vec<Self> = nodes.iter().map(|node| Self::of(sources, &[], &[*node])).collect();
        let values = each.iter().map(|gathered| gathered.values.clone()).collect::<Option<Vec<_>>>();
        all.values = values.map(|values| values.concat());
        all
    }

    fn typed(&mut self, value: Node<'a>) {
        let listed = value.items().filter_map(Node::text);
        let types: Vec<&str> = value.text().into_iter().chain(listed).collect();
        self.nullable |= types.contains(&"null");
        let types: Vec<&str> = types.into_iter().filter(|ty| *ty != "null").collect();
        if types.is_empty() {
            return;
        }
        let common: Vec<&str> = types.iter().copied().filter(|ty| self.types.contains(ty)).collect();
        match (self.types.is_empty(), common.is_empty()) {
            (true, _) => self.types = types,
            (false, false) => self.types = common,
            (false, true) => {
                let numbers = |types: &[&str]| types.iter().all(|ty| ["integer", "number"].contains(ty));
                if numbers(&self.types) && numbers(&types) {
                    self.types = vec!["integer"];
                } else {
                    self.contradictions.push(value);
                    self.types = types;
                }
            }
        }
    }

    fn property(&mut self, wire: &'a str, property: Node<'a>) {
        match self.places.get(wire) {
            Some(at) => self.properties[*at].1.push(property),
            None => {
                self.places.insert(wire, self.properties.len());
                self.properties.push((wire, vec![property]));
            }
        }
    }

    /// The schemas of a property.
    pub(super) fn schemas_of(&self, wire: &str) -> Option<&[Node<'a>]> {
        Some(&self.properties[*self.places.get(wire)?].1)
    }

    /// Whether a type is among those that are said.
    pub(super) fn is(&self, ty: &str) -> bool {
        self.types.contains(&ty)
    }

    /// Whether it can be nothing but an object.
    pub(super) fn is_object(&self) -> bool {
        self.types == ["object"] || (self.types.is_empty() && !self.properties.is_empty())
    }

    /// The strings that it can be, if it can be nothing else and they are told.
    pub(super) fn texts(&self) -> Option<Vec<&'a str>> {
        if !self.types.is_empty() && self.types != ["string"] {
            return None;
        }
        let values = self.values.as_ref()?.iter().filter(|value| value.sort() != Sort::Null);
        values
            .map(|value| value.text().or(value.number()).filter(|_| value.text().is_some() || self.is("string")))
            .collect()
    }
}
