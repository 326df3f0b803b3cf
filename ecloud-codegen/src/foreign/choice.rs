//! `oneOf` and `anyOf`: a value that is one of several, or several at once.

use std::collections::{HashMap, HashSet};

use super::facts;
use super::gathered::{Choice, Gathered};
use super::schema::{Schemas, Use, Value};
use crate::load::{Node, Sort};
use crate::model::{Look, Shape, Ty, Union, Variant};
use crate::names;
use crate::resolve::reference;

/// One of the schemas that a value may be of.
struct Branch<'a> {
    node: Node<'a>,
    /// With what applies whichever it is of.
    of: Use<'a>,
    gathered: Gathered<'a>,
    /// What its variant would be called.
    name: String,
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
        // What applies whichever it is; a choice with nothing beside it leaves its branches as they are.
        let beside = !gathered.properties.is_empty() || !gathered.required.is_empty();
        let plain: Vec<Node<'a>> =
            if beside { of.plain.iter().chain(&of.whole).copied().collect() } else { Vec::new() };
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
                    None if is_table(&branches, gathered) => self.merged(of, gathered, node, &branches, true),
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

    fn is_null(&self, branch: Node<'a>) -> bool {
        let values = branch.get("enum").is_some_and(|values| {
            values.items().next().is_some() && values.items().all(|value| value.sort() == Sort::Null)
        });
        let constant = branch.get("const").is_some_and(|value| value.sort() == Sort::Null);
        let ty = branch.get("type");
        values || constant || ty.and_then(Node::text) == Some("null") || ty.is_some_and(|ty| ty.sort() == Sort::Null)
    }

    fn branches(&mut self, plain: &[Node<'a>], nodes: &[Node<'a>], of: &Use<'a>) -> Vec<Branch<'a>> {
        let mut titles: HashMap<&str, usize> = HashMap::new();
        for title in nodes.iter().filter_map(|node| node.get("title")?.text()) {
            *titles.entry(title).or_default() += 1;
        }
        let mut branches = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let gathered = Gathered::of(self.sources, plain, &[*node]);
            let title = node.get("title").and_then(Node::text).filter(|title| titles.get(title) == Some(&1));
            let constant =
                || gathered.properties.iter().find_map(|(_, schemas)| self.constants(schemas)?.into_iter().next());
            let name = match reference(*node).and_then(|target| target.rsplit(['/', '#']).next()) {
                Some(name) => names::camel(name),
                None => title
                    .and_then(names::camel)
                    .filter(|name| name.len() <= 40)
                    .or_else(|| names::camel(&constant()?).filter(|name| name.len() <= 40)),
            };
            let named = name.is_some();
            let name = name.unwrap_or_else(|| format!("Variant{}", index + 1));
            let wish = match (nodes.len(), named) {
                (1, _) => of.wish.clone(),
                _ if name.starts_with(&of.wish) => name.clone(),
                _ => format!("{}{name}", of.wish),
            };
            let mut own = Use::of(self.sources, *node, &wish);
            if !plain.is_empty() {
                own.plain = plain.to_vec();
                own.key = format!("{} as {}", of.key, own.key);
            }
            let name = if named { name } else { String::new() };
            branches.push(Branch { node: *node, of: own, gathered, name });
        }
        branches
    }

    fn branch_value(&mut self, branch: &Branch<'a>) -> Value {
        if branch.of.plain.is_empty() { self.value(branch.node, &branch.of.wish) } else { self.read(branch.of.clone()) }
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

    fn union(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>, branches: Vec<Branch<'a>>) -> Ty {
        let tag = gathered.discriminator.and_then(|node| self.tag(node));
        let mapping = tag.as_ref().map(|_| self.mapping(gathered)).unwrap_or_default();
        let name = self.name(of);
        let mut read: Vec<(Ty, Vec<String>, Branch<'a>)> = Vec::new();
        for branch in branches {
            let value = self.branch_value(&branch);
            let tags = tag.as_deref().map(|tag| self.tags(tag, &mapping, &branch)).unwrap_or_default();
            match read.iter_mut().find(|(ty, ..)| *ty == value.ty) {
                Some((_, others, _)) => others.extend(tags),
                None => read.push((value.ty, tags, branch)),
            }
        }
        let promised = of.whole.iter().any(|node| self.is_promised(*node));
        if let ([(only, ..)], false) = (&read[..], promised) {
            return only.clone();
        }
        if !promised && read.iter().all(|(ty, ..)| matches!(ty, Ty::I64 | Ty::U64 | Ty::F64)) {
            return Ty::F64;
        }
        // A variant without a tag couldn't be told by it.
        let tag = tag.filter(|_| read.iter().all(|(_, tags, _)| !tags.is_empty()));
        let telling = self.telling(&read);
        let mut taken = HashSet::new();
        let mut keys = HashSet::new();
        let mut variants = Vec::new();
        for (ty, tags, branch) in read {
            let wish = match (&ty, branch.name.as_str()) {
                (Ty::Model(model), "") => {
                    model.strip_prefix(name.as_str()).filter(|rest| !rest.is_empty()).unwrap_or(model).to_owned()
                }
                (ty, "") => plain_name(ty).to_owned(),
                (_, name) => name.to_owned(),
            };
            let look = self.look_of(&ty, &branch, &telling);
            let mut key = variant_key(&branch, &wish);
            while !keys.insert(key.clone()) {
                key.push('+');
            }
            let variant = self.names.claim(&format!("variants {name}"), &key, &wish);
            let tags = tags.into_iter().filter(|value| taken.insert(value.clone())).collect();
            variants.push(Variant { name: variant, doc: String::new(), ty, tags, look });
        }
        self.names.reserve(&format!("variants {name}"), &["Unknown"]);
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(node, name.clone(), doc, Shape::Union(Union { tag, variants }));
        Ty::Model(name)
    }

    /// A base with a discriminator, used as a type: one of its special cases.
    pub(super) fn family(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, base: Node<'a>) -> Value {
        let nullable = gathered.nullable;
        let nodes = self.inheritance.descendants(base);
        let mut branches = Vec::new();
        for node in nodes {
            let gathered = Gathered::of(self.sources, &[], &[node]);
            let key = node.key().unwrap_or_default();
            let name = names::camel(key).unwrap_or_default();
            branches.push(Branch { node, of: Use::of(self.sources, node, &name), gathered, name });
        }
        let name = self.name(of);
        let Some(tag) = gathered.discriminator.and_then(|node| self.tag(node)) else {
            return Value { ty: Ty::Json, nullable, constant: None };
        };
        let mapping = self.mapping(gathered);
        let mut variants = Vec::new();
        let mut taken = HashSet::new();
        for branch in &branches {
            let tags = self.tags(&tag, &mapping, branch);
            let ty = self.special(branch);
            let variant =
                self.names.claim(&format!("variants {name}"), &variant_key(branch, &branch.name), &branch.name);
            let look = self.look_of(&ty, branch, &HashMap::new());
            let tags = tags.into_iter().filter(|value| taken.insert(value.clone())).collect();
            variants.push(Variant { name: variant, doc: String::new(), ty, tags, look });
        }
        // The base itself, where the mapping names it.
        let own: Vec<String> = mapping
            .iter()
            .filter(|(_, target)| *target == base)
            .map(|(value, _)| value.clone())
            .filter(|value| taken.insert(value.clone()))
            .collect();
        if !own.is_empty() {
            let plain = Use {
                plain: vec![base],
                whole: Vec::new(),
                united: false,
                key: format!("{} itself", of.key),
                wish: format!("{name}Base"),
            };
            let ty = self.read(plain).ty;
            let variant = self.names.claim(&format!("variants {name}"), "itself", "Base");
            let look = self.look(&ty);
            variants.push(Variant { name: variant, doc: String::new(), ty, tags: own, look });
        }
        self.names.reserve(&format!("variants {name}"), &["Unknown"]);
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(base, name.clone(), doc, Shape::Union(Union { tag: Some(tag), variants }));
        Value { ty: Ty::Model(name), nullable, constant: None }
    }

    /// The type of a special case: of a base that has its own special cases, the case itself.
    fn special(&mut self, branch: &Branch<'a>) -> Ty {
        if !self.inheritance.has_children(branch.node) {
            return self.named(branch.node, &branch.name).ty;
        }
        let itself = Use {
            plain: vec![branch.node],
            whole: Vec::new(),
            united: false,
            key: format!("{} itself", branch.of.key),
            wish: format!("{}Base", branch.name),
        };
        self.read(itself).ty
    }

    /// The property that a discriminator names.
    fn tag(&self, discriminator: Node<'a>) -> Option<String> {
        let own = discriminator.get("propertyName").or_else(|| discriminator.get("discriminator"));
        own.and_then(Node::text).map(str::to_owned)
    }

    /// The values of a discriminator that stand for schemas.
    fn mapping(&self, gathered: &Gathered<'a>) -> Vec<(String, Node<'a>)> {
        let mapping = gathered.discriminator.and_then(|node| node.get("mapping"));
        let target = |value: Node<'a>| {
            let text = value.text()?;
            let pointer = text
                .split_once('#')
                .map_or_else(|| format!("/components/schemas/{text}"), |(_, pointer)| pointer.to_owned());
            let at = value.document().at(&pointer)?;
            self.sources.target(at)
        };
        mapping
            .into_iter()
            .flat_map(Node::pairs)
            .filter_map(|(value, node)| Some((value.to_owned(), target(node)?)))
            .collect()
    }

    /// The values of a tag that stand for a branch.
    fn tags(&self, tag: &str, mapping: &[(String, Node<'a>)], branch: &Branch<'a>) -> Vec<String> {
        let target = self.sources.target(branch.node).unwrap_or(branch.node);
        let mapped: Vec<String> =
            mapping.iter().filter(|(_, node)| *node == target).map(|(value, _)| value.clone()).collect();
        if !mapped.is_empty() {
            return mapped;
        }
        if let Some(constants) = branch.gathered.schemas_of(tag).and_then(|schemas| self.constants(schemas)) {
            return constants;
        }
        let name = reference(branch.node).and_then(|target| target.rsplit(['/', '#']).next());
        name.or(branch.node.key().filter(|_| reference(branch.node).is_none()))
            .map(str::to_owned)
            .filter(|name| !name.is_empty() && name.parse::<usize>().is_err())
            .into_iter()
            .collect()
    }

    /// The only values that a property may have, if they are told and few.
    pub(super) fn constants(&self, schemas: &[Node<'a>]) -> Option<Vec<String>> {
        let gathered = Gathered::of(self.sources, &[], schemas);
        let texts = gathered.texts()?;
        (!texts.is_empty() && texts.len() <= 64).then(|| texts.into_iter().map(str::to_owned).collect())
    }

    /// The properties whose values tell the branches apart: those that always have one value, and those that have others in each branch.
    fn telling(&self, read: &[(Ty, Vec<String>, Branch<'a>)]) -> HashMap<&'a str, bool> {
        let mut values: HashMap<&'a str, Vec<Vec<String>>> = HashMap::new();
        for (_, _, branch) in read {
            for (wire, schemas) in &branch.gathered.properties {
                if let Some(constants) = self.constants(schemas) {
                    values.entry(wire).or_default().push(constants);
                }
            }
        }
        let disjoint = |lists: &Vec<Vec<String>>| {
            let mut seen = HashSet::new();
            lists.len() > 1 && lists.iter().flatten().all(|value| seen.insert(value))
        };
        values.iter().map(|(wire, lists)| (*wire, disjoint(lists))).collect()
    }

    fn look_of(&self, ty: &Ty, branch: &Branch<'a>, telling: &HashMap<&'a str, bool>) -> Look {
        let gathered = &branch.gathered;
        if !matches!(ty, Ty::Model(_)) || gathered.properties.is_empty() || !gathered.choices.is_empty() {
            return self.look(ty);
        }
        let constants = gathered.properties.iter().filter_map(|(wire, schemas)| {
            let values = self.constants(schemas)?;
            (values.len() == 1 || telling.get(wire) == Some(&true)).then(|| ((*wire).to_owned(), values))
        });
        let mut required: Vec<String> = gathered.required.iter().map(|wire| (*wire).to_owned()).collect();
        required.sort();
        Look::Object {
            known: gathered.properties.iter().map(|(wire, _)| (*wire).to_owned()).collect(),
            required,
            constants: constants.collect(),
        }
    }
}

/// What tells a variant from the others of its union when the document grows.
fn variant_key(branch: &Branch<'_>, wish: &str) -> String {
    match reference(branch.node) {
        Some(target) => target.to_owned(),
        None => wish.to_owned(),
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

/// Whether all branches are the lines of a table: inline objects with the same properties, each of one plain type, which differ only in
/// the values that are told.
fn is_table(branches: &[Branch<'_>], gathered: &Gathered<'_>) -> bool {
    let plain = |schemas: &[Node<'_>]| match schemas {
        [schema] => {
            let told = schema.get("enum").is_some() || schema.get("const").is_some();
            let ty = schema.get("type").and_then(Node::text).or(if told { Some("string") } else { None });
            ty.filter(|ty| !["object", "array"].contains(ty)).map(str::to_owned)
        }
        _ => None,
    };
    let outline = |branch: &Branch<'_>| -> Option<Vec<(String, String)>> {
        let inline = reference(branch.node).is_none() && branch.gathered.is_object() && branch.gathered.choices.is_empty();
        let mut outline = Vec::new();
        for (wire, schemas) in branch.gathered.properties.iter().filter(|_| inline) {
            outline.push(((*wire).to_owned(), plain(schemas)?));
        }
        outline.sort();
        Some(outline).filter(|outline| !outline.is_empty())
    };
    let Some(first) = branches.first().and_then(outline) else {
        return false;
    };
    gathered.discriminator.is_none() && branches.iter().all(|branch| outline(branch).as_ref() == Some(&first))
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
