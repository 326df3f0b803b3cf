//! Discriminators: properties whose values say which schema an object is of.

use std::collections::{HashMap, HashSet};

use super::choice::Branch;
use super::facts;
use super::gathered::Gathered;
use super::inheritance::Inheritance;
use super::schema::{Schemas, Use, Value};
use super::union::variant_key;
use super::variant::shortened;
use crate::load::Node;
use crate::model::{Shape, Ty, Union, Variant};
use crate::names;
use crate::resolve::{Sources, reference};

/// The one value that the tag of a schema always has, with the name of the property; nothing where it may have several.
pub(super) type Tags<'a> = HashMap<Node<'a>, Option<(&'a str, String)>>;

/// The tags of all schemas that discriminators speak of.
pub(super) fn tags<'a>(sources: &'a Sources, inheritance: &Inheritance<'a>) -> Tags<'a> {
    let mut tags = Tags::new();
    for document in sources.documents() {
        for node in document.nodes().filter(|node| node.key() == Some("discriminator")) {
            let Some(property) = node.text().or_else(|| node.get("propertyName")?.text()) else { continue };
            let mut mapped = HashSet::new();
            let mut add = |target: Node<'a>, value: String| {
                let tag = Some((property, value));
                match tags.get_mut(&target) {
                    Some(other) if *other != tag => *other = None,
                    Some(_) => {}
                    None => {
                        tags.insert(target, tag);
                    }
                }
            };
            for (value, target) in mapping(sources, node) {
                mapped.insert(target);
                add(target, value);
            }
            let holder = node.parent();
            let branches = ["oneOf", "anyOf"].iter().filter_map(|key| holder.get(key)).flat_map(Node::items);
            let targets =
                branches.filter(|branch| reference(*branch).is_some()).filter_map(|branch| sources.target(branch));
            for target in targets.chain(inheritance.descendants(holder)).filter(|target| !mapped.contains(target)) {
                // Of a schema that tells its own values, those count.
                let own = Gathered::of(sources, &[], &[target]);
                let told = own.schemas_of(property).and_then(|schemas| Gathered::of(sources, &[], schemas).values);
                if let (None, Some(name)) = (told, target.key()) {
                    add(target, name.to_owned());
                }
            }
        }
    }
    tags
}

/// The values of a discriminator that stand for schemas.
fn mapping<'a>(sources: &'a Sources, discriminator: Node<'a>) -> Vec<(String, Node<'a>)> {
    let pairs = discriminator.get("mapping").into_iter().flat_map(Node::pairs);
    pairs.filter_map(|(value, node)| Some((value.to_owned(), sources.named_by(node, node.text()?)?))).collect()
}

impl<'a> Schemas<'a> {
    /// The property that a discriminator names.
    pub(super) fn tag(&self, discriminator: Node<'a>) -> Option<String> {
        let own = discriminator.get("propertyName").or_else(|| discriminator.get("discriminator"));
        own.and_then(Node::text).map(str::to_owned)
    }

    /// The values of a discriminator that stand for schemas.
    pub(super) fn mapping(&self, gathered: &Gathered<'a>) -> Vec<(String, Node<'a>)> {
        gathered.discriminator.map(|node| mapping(self.sources, node)).unwrap_or_default()
    }

    /// The values of a tag that stand for a branch.
    pub(super) fn tags(&self, tag: &str, mapping: &[(String, Node<'a>)], branch: &Branch<'a>) -> Vec<String> {
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

    /// The only value of a property of a schema, if it is what a discriminator tells the schema by.
    pub(super) fn tag_value(&self, schema: Node<'a>, wire: &str) -> Option<String> {
        let target = self.sources.target(schema).unwrap_or(schema);
        let (property, value) = self.tags.get(&target)?.as_ref()?;
        (*property == wire).then(|| value.clone())
    }

    /// A base with a discriminator, used as a type: one of its special cases.
    pub(super) fn family(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, base: Node<'a>) -> Value {
        let nullable = gathered.nullable;
        let Some(tag) = gathered.discriminator.and_then(|node| self.tag(node)) else {
            return Value::of(Ty::Json, nullable);
        };
        let mapping = self.mapping(gathered);
        // Those that only the mapping names, too.
        let mut nodes = self.inheritance.descendants(base);
        for (_, node) in &mapping {
            if *node != base && !nodes.contains(node) {
                nodes.push(*node);
            }
        }
        let name = self.name(of);
        let branches: Vec<Branch<'a>> = nodes
            .into_iter()
            .map(|node| {
                let name = names::camel(node.key().unwrap_or_default()).unwrap_or_default();
                let gathered = Gathered::of(self.sources, &[], &[node]);
                Branch { node, of: Use::of(self.sources, node, &name), gathered, name }
            })
            .collect();
        let wishes = shortened(&name, branches.iter().map(|branch| branch.name.clone()).collect());
        let scope = format!("variants {name}");
        let mut variants = Vec::new();
        let mut taken = HashSet::new();
        for (branch, wish) in branches.iter().zip(wishes) {
            let tags = self.tags(&tag, &mapping, branch);
            let ty = self.special(branch);
            let variant = self.names.claim(&scope, &variant_key(branch, &branch.name), &wish);
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
            let ty = self.itself(base, &of.key, &name);
            let variant = self.names.claim(&scope, "itself", "Base");
            let look = self.look(&ty);
            variants.push(Variant { name: variant, doc: String::new(), ty, tags: own, look });
        }
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(base, name.clone(), doc, Shape::Union(Union { tag: Some(tag), variants }));
        Value::of(Ty::Model(name), nullable)
    }

    /// The type of a special case: of a base that has its own special cases, the case itself.
    fn special(&mut self, branch: &Branch<'a>) -> Ty {
        match self.inheritance.has_children(branch.node) {
            true => self.itself(branch.node, &branch.of.key, &branch.name),
            false => self.value(branch.node, &branch.name).ty,
        }
    }

    /// The struct of a base, without its special cases.
    fn itself(&mut self, base: Node<'a>, key: &str, name: &str) -> Ty {
        let key = format!("{key} itself");
        self.read(Use { plain: vec![base], whole: Vec::new(), united: false, key, wish: format!("{name}Base") }).ty
    }
}
