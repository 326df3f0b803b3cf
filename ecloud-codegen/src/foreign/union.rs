//! Unions: values that are of one of several types.

use std::collections::{HashMap, HashSet};

use super::choice::{Branch, plain_name};
use super::facts;
use super::gathered::Gathered;
use super::schema::{Schemas, Use};
use super::variant::shortened;
use crate::load::Node;
use crate::model::{Look, Shape, Ty, Union, Variant};
use crate::resolve::reference;

/// The most values that a property may have to tell variants apart.
const VALUES: usize = 64;

impl<'a> Schemas<'a> {
    /// The union of some branches; what they are if they are all the same.
    pub(super) fn union(
        &mut self,
        of: &Use<'a>,
        gathered: &Gathered<'a>,
        node: Node<'a>,
        branches: Vec<Branch<'a>>,
    ) -> Ty {
        let tag = gathered.discriminator.and_then(|node| self.tag(node));
        let mapping = tag.as_ref().map(|_| self.mapping(gathered)).unwrap_or_default();
        let name = self.name(of);
        let mut read: Vec<(Ty, Vec<String>, Branch<'a>)> = Vec::new();
        for branch in branches {
            let value = self.branch_value(&branch);
            // A choice of itself says nothing.
            if value.ty == Ty::Model(name.clone()) && !branch.gathered.choices.is_empty() {
                continue;
            }
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
        // A variant without a tag couldn't be told by it, nor one that has no properties.
        let is_tagged =
            |(ty, tags, _): &(Ty, Vec<String>, Branch<'a>)| !tags.is_empty() && matches!(ty, Ty::Model(_) | Ty::Map(_));
        let tag = tag.filter(|_| read.iter().all(is_tagged));
        let telling = self.telling(&read);
        let by_default = default_tag(&read);
        let wishes = shortened(&name, read.iter().map(|(_, _, branch)| branch.name.clone()).collect());
        let mut taken = HashSet::new();
        let mut keys = HashSet::new();
        let mut variants = Vec::new();
        for ((ty, tags, branch), wish) in read.into_iter().zip(wishes) {
            let is_enum = ty
                .model()
                .and_then(|model| self.model(model))
                .is_some_and(|model| matches!(model.shape, Shape::Enum(_)));
            let wish = match (wish.is_empty(), &ty) {
                (false, _) => wish,
                (true, Ty::Model(_)) if is_enum => "Text".to_owned(),
                (true, ty) => plain_name(ty).to_owned(),
            };
            let mut look = self.look_of(&ty, &branch, &telling);
            if let (Some(wire), Look::Object { constants, .. }) = (by_default, &mut look) {
                let value = branch.gathered.schemas_of(wire).and_then(default_text);
                constants.extend(value.map(|value| (wire.to_owned(), vec![value.to_owned()])));
            }
            let mut key = variant_key(&branch, &wish);
            while !keys.insert(key.clone()) {
                key.push('+');
            }
            let variant = self.names.claim(&format!("variants {name}"), &key, &wish);
            let tags = tags.into_iter().filter(|value| taken.insert(value.clone())).collect();
            variants.push(Variant { name: variant, doc: String::new(), ty, tags, look });
        }
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(node, name.clone(), doc, Shape::Union(Union { tag, variants }));
        Ty::Model(name)
    }

    /// The only values that a property may have, if they are told and few.
    pub(super) fn constants(&self, schemas: &[Node<'a>]) -> Option<Vec<String>> {
        let gathered = Gathered::of(self.sources, &[], schemas);
        let texts = gathered.texts()?;
        (!texts.is_empty() && texts.len() <= VALUES).then(|| texts.into_iter().map(str::to_owned).collect())
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

    /// What the JSON of a variant looks like.
    pub(super) fn look_of(&self, ty: &Ty, branch: &Branch<'a>, telling: &HashMap<&'a str, bool>) -> Look {
        let gathered = &branch.gathered;
        if !matches!(ty, Ty::Model(_)) || gathered.properties.is_empty() || !gathered.choices.is_empty() {
            return self.look(ty);
        }
        let constants = gathered.properties.iter().filter_map(|(wire, schemas)| {
            if let Some(value) = self.tag_value(branch.node, wire) {
                return Some(((*wire).to_owned(), vec![value]));
            }
            let values = self.constants(schemas)?;
            (values.len() == 1 || telling.get(wire) == Some(&true)).then(|| ((*wire).to_owned(), values))
        });
        let (known, required) = outline(gathered);
        Look::Object { known, required, constants: constants.collect() }
    }

    /// What the JSON of a union looks like: like all of its variants, if they look alike.
    pub(super) fn look_of_union(&self, variants: &[Variant]) -> Look {
        let mut looks = variants.iter().map(|variant| &variant.look);
        let Some(first) = looks.next() else {
            return Look::Any;
        };
        let mut all = first.clone();
        for look in looks {
            match (&mut all, look) {
                (Look::Text(values), Look::Text(others)) if values.is_empty() || others.is_empty() => values.clear(),
                (Look::Text(values), Look::Text(others)) => values.extend(others.iter().cloned()),
                (
                    Look::Object { known, required, constants },
                    Look::Object { known: knows, required: requires, constants: tells },
                ) => {
                    let new: Vec<String> = knows.iter().filter(|wire| !known.contains(wire)).cloned().collect();
                    known.extend(new);
                    required.retain(|wire| requires.contains(wire));
                    constants.retain_mut(|(wire, values)| match tells.iter().find(|(other, _)| other == wire) {
                        Some((_, others)) => {
                            values.extend(others.iter().cloned());
                            true
                        }
                        None => false,
                    });
                }
                (all, look) if *all == *look => {}
                (all, _) => *all = Look::Any,
            }
        }
        all
    }
}

/// The text that a property is, if nothing else is said.
fn default_text<'a>(schemas: &[Node<'a>]) -> Option<&'a str> {
    schemas.iter().rev().find_map(|schema| schema.get("default")?.text())
}

/// A property that by its name tells what an object is, and that has a default of its own in each branch: some documents tell tags
/// like that.
fn default_tag<'a>(read: &[(Ty, Vec<String>, Branch<'a>)]) -> Option<&'a str> {
    let (_, _, first) = read.first().filter(|_| read.len() > 1)?;
    let tells = |wire: &str| ["type", "kind", "object", "class"].iter().any(|end| wire.to_lowercase().ends_with(end));
    first.gathered.properties.iter().map(|(wire, _)| *wire).filter(|wire| tells(wire)).find(|wire| {
        let mut seen = HashSet::new();
        read.iter().all(|(_, _, branch)| {
            let schemas = branch.gathered.schemas_of(wire).unwrap_or_default();
            let is_told = schemas.iter().any(|schema| schema.get("enum").is_some() || schema.get("const").is_some());
            let default = default_text(schemas).filter(|default| !is_told && seen.insert(*default));
            default.is_some()
        })
    })
}

/// The properties that an object may have, and those that it always has.
pub(super) fn outline(gathered: &Gathered<'_>) -> (Vec<String>, Vec<String>) {
    let known: Vec<String> = gathered.properties.iter().map(|(wire, _)| (*wire).to_owned()).collect();
    let mut required: Vec<String> = gathered.required.iter().map(|wire| (*wire).to_owned()).collect();
    required.sort();
    (known, required)
}

/// What tells a variant from the others of its union when the document grows.
pub(super) fn variant_key(branch: &Branch<'_>, wish: &str) -> String {
    match reference(branch.node) {
        Some(target) => target.to_owned(),
        None => wish.to_owned(),
    }
}
