//! What a schema and everything that it is put together from by `allOf` say in all.

use std::collections::{HashMap, HashSet};

use crate::load::{Node, Sort};
use crate::resolve::{Sources, reference};

/// How deep schemas may lie in each other by `allOf` and references.
const DEPTH: usize = 64;

/// A keyword that lists schemas of which a value is one or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// `oneOf`
    One,
    /// `anyOf`
    Any,
}

/// What an object may hold besides its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The schemas that all items are described by.
    pub(super) items: Vec<Node<'a>>,
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
    /// Parts that lie too deep to be looked at.
    pub(super) too_deep: Vec<Node<'a>>,
    /// Whether of several schemas of a property each tells values of its own, so that all of them count.
    pub(super) united: bool,
}

impl<'a> Gathered<'a> {
    /// Gathers what schemas say that all apply to one value. Of `plain` ones the choices don't count.
    pub(super) fn of(sources: &'a Sources, plain: &[Node<'a>], whole: &[Node<'a>]) -> Self {
        let mut gathered = Self::default();
        gathered.add_all(sources, plain, whole, false);
        // Who is one of a choice has made it: a base may list its own special cases.
        let is_own = |branch: Node<'a>| sources.target(branch).is_some_and(|target| whole.contains(&target));
        if whole.iter().any(|node| node.get("oneOf").is_none() && node.get("anyOf").is_none()) {
            gathered.choices.retain(|(_, list)| !list.items().any(is_own));
        }
        // Who describes a list's properties and not its items means an object, whatever the platform sends.
        if gathered.types == ["array"]
            && !gathered.properties.is_empty()
            && gathered.items.is_empty()
            && gathered.tuple.is_none()
        {
            gathered.types.push("object");
        }
        gathered
    }

    /// The schemas that apply to one value, the outermost first; nothing of what they say.
    pub(super) fn parts(sources: &'a Sources, nodes: &[Node<'a>]) -> Vec<Node<'a>> {
        let mut gathered = Self::default();
        gathered.add_all(sources, &[], nodes, true);
        gathered.parts
    }

    fn add_all(&mut self, sources: &'a Sources, plain: &[Node<'a>], whole: &[Node<'a>], bare: bool) {
        let mut walk = Walk { sources, bare, siblings: siblings_count(sources), seen: HashSet::new() };
        for node in plain {
            self.add(&mut walk, *node, true, 0);
        }
        for node in whole {
            self.add(&mut walk, *node, false, 0);
        }
    }

    fn add(&mut self, walk: &mut Walk<'a>, node: Node<'a>, plain: bool, depth: usize) {
        if node.sort() != Sort::Map || !walk.seen.insert(node) {
            return;
        }
        if depth > DEPTH {
            self.too_deep.push(node);
            return;
        }
        self.parts.push(node);
        let is_reference = reference(node).is_some();
        if is_reference {
            match walk.sources.target(node) {
                // Who is a special case of a base is none of the others that the base can be.
                Some(target) => self.add(walk, target, plain || target.get("discriminator").is_some(), depth + 1),
                None => self.broken.push(node),
            }
        }
        let all = !is_reference || walk.siblings;
        if all {
            // What is said last is nearest to the use.
            for part in node.get("allOf").into_iter().flat_map(Node::items) {
                self.add(walk, part, plain, depth + 1);
            }
        }
        for (key, value) in node.pairs().filter(|(key, _)| !walk.bare && (all || is_mark(key))) {
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
            "items" => self.items.push(value),
            "prefixItems" => self.tuple = Some(value),
            "enum" if value.items().next().is_some() => self.told(value.items().collect()),
            "const" => self.told(vec![value]),
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
        let values: Vec<Node<'a>> = each.into_iter().filter_map(|gathered| gathered.values).flatten().collect();
        all.values = (!values.is_empty()).then_some(values);
        all
    }

    /// Values that are told; those of all parts, unless there are none.
    fn told(&mut self, values: Vec<Node<'a>>) {
        let text = |node: &Node<'a>| node.text().or(node.number());
        let common = self.values.as_ref().map(|before| {
            let before: HashSet<Option<&str>> = before.iter().map(text).collect();
            values.iter().copied().filter(|value| before.contains(&text(value))).collect::<Vec<_>>()
        });
        self.values = Some(common.filter(|common| !common.is_empty()).unwrap_or(values));
    }

    fn typed(&mut self, value: Node<'a>) {
        let listed = value.items().filter_map(Node::text);
        let types: Vec<&str> = value.text().into_iter().chain(listed).map(plain_type).collect();
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

    /// What is said without the choices.
    pub(super) fn without_choices(mut self) -> Self {
        self.choices.clear();
        self
    }

    /// Whether it can be an object: properties mean nothing else.
    pub(super) fn may_be_object(&self) -> bool {
        self.types.is_empty() || self.is("object")
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

/// What gathering needs to know on its way.
struct Walk<'a> {
    sources: &'a Sources,
    /// Whether only the parts are wanted, and not what they say.
    bare: bool,
    /// Whether what stands beside a reference counts.
    siblings: bool,
    seen: HashSet<Node<'a>>,
}

/// Whether what stands beside a `$ref` counts: before OpenAPI 3.1 it doesn't.
pub(super) fn siblings_count(sources: &Sources) -> bool {
    let root = sources.root().root();
    let version = root.get("openapi").and_then(|version| version.text().or(version.number()));
    version.is_some_and(|version| !version.starts_with("3.0"))
}

/// Whether a keyword counts beside a reference in any version, since it changes no type.
fn is_mark(key: &str) -> bool {
    matches!(key, "nullable" | "x-nullable")
}

/// The type that a word means that is no type in JSON Schema.
fn plain_type(word: &str) -> &str {
    match word {
        "string" | "integer" | "number" | "boolean" | "array" | "object" | "null" | "file" | "any" => word,
        _ => match word.to_ascii_lowercase().as_str() {
            "string" | "str" | "text" | "char" | "uuid" | "guid" | "uri" | "url" | "email" | "date" | "datetime"
            | "date-time" | "timestamp" | "time" | "byte" | "binary" => "string",
            "integer" | "int" | "int32" | "int64" | "long" | "short" => "integer",
            "number" | "float" | "double" | "decimal" | "numeric" => "number",
            "boolean" | "bool" => "boolean",
            "array" | "list" => "array",
            "object" | "map" | "dict" | "hash" => "object",
            "mixed" | "any" => "any",
            _ => word,
        },
    }
}
