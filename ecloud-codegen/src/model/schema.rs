//! Schemas become types and models.

use std::collections::HashSet;

use super::keywords;
use super::{Enum, Field, Kind, Model, Presence, Shape, Struct, Ty, Value, states};
use crate::load::{Node, Sort};
use crate::names::{self, Scope};
use crate::problem::Problems;
use crate::resolve::{Named, Sources, is_own, reference};

/// How deep types without a name of their own may lie in each other.
const DEPTH: usize = 16;

/// Reads schemas, and makes a model of each named one that it meets.
pub(super) struct Schemas<'a> {
    pub(super) sources: &'a Sources,
    pub(super) problems: Problems,
    met: HashSet<Node<'a>>,
    /// The named schemas that are met and not read yet.
    open: Vec<(String, Node<'a>)>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, problems: Problems::new(), met: HashSet::new(), open: Vec::new() }
    }

    /// The models of all named schemas that were met, in the order of the documents, and everything that was found wrong.
    pub(super) fn finish(mut self) -> (Vec<(Node<'a>, Model)>, Problems) {
        let mut models = Vec::new();
        while let Some((name, node)) = self.open.pop() {
            models.extend(self.read(name, node).map(|model| (node, model)));
        }
        models.sort_by_key(|(node, _)| self.sources.order(*node));
        (models, self.problems)
    }

    /// Takes down a problem of a node; there is no type then.
    fn refuse<T>(&mut self, node: Node<'_>, reason: impl Into<String>) -> Option<T> {
        self.problems.add(node.problem(reason));
        None
    }

    /// The type of a value that a schema describes.
    pub(super) fn ty(&mut self, node: Node<'a>) -> Option<Ty> {
        self.nested(node, 0)
    }

    fn nested(&mut self, node: Node<'a>, depth: usize) -> Option<Ty> {
        if depth > DEPTH {
            return self.refuse(node, "a type without a name of its own contains itself");
        }
        if node.sort() != Sort::Map {
            let found = node.sort().article();
            return self.refuse(node, format!("expected a schema, found {found}"));
        }
        if reference(node).is_some() {
            return self.referred(node, depth);
        }
        keywords::check(node, keywords::SCHEMA, "a schema", &mut self.problems);
        if node.get("enum").is_some() {
            return self.refuse(node, "an enum needs a name: move it to `components/schemas`");
        }
        self.plain(node, depth)
    }

    /// The type of a schema that is no reference and no enum.
    fn plain(&mut self, node: Node<'a>, depth: usize) -> Option<Ty> {
        let Some(sort) = node.get("type") else {
            return self.refuse(node, "`type` is missing, so that anything would be allowed");
        };
        let Some(sort) = sort.text() else {
            return self.refuse(sort, "a choice of types can't be expressed");
        };
        match sort {
            "string" => match node.field_text("format", &mut self.problems) {
                Some("date-time") => Some(Ty::Timestamp),
                _ => Some(Ty::Text),
            },
            "boolean" => Some(Ty::Bool),
            "integer" => self.integer(node),
            "number" => Some(Ty::F64),
            "array" => {
                let items = node.required("items", Sort::Map, &mut self.problems)?;
                let inner = self.nested(items, depth + 1)?;
                Some(Ty::List(Box::new(inner)))
            }
            "object" if node.get("properties").is_some() => {
                self.refuse(node, "an object needs a name: move it to `components/schemas`")
            }
            "object" => match node.get("additionalProperties") {
                Some(inner) if inner.sort() == Sort::Map => {
                    let inner = self.nested(inner, depth + 1)?;
                    Some(Ty::Map(Box::new(inner)))
                }
                _ => self.refuse(
                    node,
                    "an object without `properties` and without a schema in `additionalProperties` may hold anything",
                ),
            },
            other => self.refuse(node, format!("`{other}` is no type")),
        }
    }

    fn integer(&mut self, node: Node<'a>) -> Option<Ty> {
        let mut bound = |key| -> Option<i128> {
            let text = node.field(key, Sort::Number, &mut self.problems)?.number()?;
            text.parse().ok()
        };
        let (least, most) = (bound("minimum"), bound("maximum"));
        let small = match node.field_text("format", &mut self.problems) {
            Some("int32") => true,
            Some("int64") => false,
            _ => {
                most.is_some_and(|most| most <= i128::from(i32::MAX))
                    && least.is_some_and(|least| least >= i128::from(i32::MIN))
            }
        };
        let positive = least.is_some_and(|least| least >= 0);
        Some(match (small, positive) {
            (true, true) => Ty::U32,
            (true, false) => Ty::I32,
            (false, true) => Ty::U64,
            (false, false) => Ty::I64,
        })
    }

    fn referred(&mut self, node: Node<'a>, depth: usize) -> Option<Ty> {
        let Some(Named { name, node: target }) = self.sources.named(node) else {
            return self.refuse(node, "a schema is referred to by its name under `components/schemas`");
        };
        if let Some(kind) = node.field_text("x-ecloud-sensitive", &mut self.problems) {
            return match Kind::ALL.iter().find(|(_, word)| *word == kind) {
                Some((kind, _)) => Some(Ty::Sensitive(*kind)),
                None => self.refuse(node, format!("`{kind}` is no kind of sensitive field")),
            };
        }
        match target.field_text("x-ecloud-type", &mut self.problems) {
            Some("id") => {
                if is_own(target.document()) {
                    return self.refuse(target, "an identifier stands in the document that all domains share");
                }
                let Some(name) = names::camel(name) else {
                    return self.refuse(target, "the schema's name has no letter");
                };
                Some(Ty::Id(name))
            }
            Some("money") => Some(Ty::Money),
            Some(other) => self.refuse(target, format!("`{other}` is no `x-ecloud-type`")),
            None if name == "Sensitive" && !is_own(target.document()) => {
                self.refuse(node, "a sensitive field needs its kind in `x-ecloud-sensitive`")
            }
            None if is_model(target) => self.model(name, target),
            // A name for something plain is only a name.
            None => self.nested(target, depth + 1),
        }
    }

    /// The type of a named schema; its model is read later, by [`finish`](Self::finish).
    ///
    /// Models refer to each other in long chains and in circles, so they are read one after another and not one within another.
    pub(super) fn model(&mut self, name: &str, node: Node<'a>) -> Option<Ty> {
        let Some(name) = names::camel(name) else {
            return self.refuse(node, "the schema's name has no letter");
        };
        if self.met.insert(node) {
            self.open.push((name.clone(), node));
        }
        Some(Ty::Model(name))
    }

    fn read(&mut self, name: String, node: Node<'a>) -> Option<Model> {
        keywords::check(node, keywords::SCHEMA, "a schema", &mut self.problems);
        let shape = match node.get("enum") {
            Some(_) => Shape::Enum(self.values(node)?),
            None => Shape::Struct(self.fields(node)),
        };
        let aliases = aliases(node, &mut self.problems);
        Some(Model { name, doc: description(node, &mut self.problems), aliases, shape, place: node.place() })
    }

    fn fields(&mut self, node: Node<'a>) -> Struct {
        let required = node.field_texts("required", &mut self.problems);
        let mut scope = Scope::default();
        let mut fields = Vec::new();
        let properties = node.field("properties", Sort::Map, &mut self.problems);
        for (wire, property) in properties.into_iter().flat_map(Node::pairs) {
            let Some(name) = names::snake(wire) else {
                self.problems.add(property.problem("the property's name has no letter or digit"));
                continue;
            };
            let Some(ty) = self.ty(property) else {
                continue;
            };
            fields.push(Field {
                wire: wire.to_owned(),
                name: scope.adapt(&name, wire),
                doc: self.text_about(property, wire),
                ty,
                presence: if required.contains(&wire) { Presence::Required } else { Presence::Optional },
                constant: None,
                deprecated: false,
                boxed: false,
                example: self.example(property),
            });
        }
        for wire in required {
            if properties.and_then(|properties| properties.get(wire)).is_none() {
                self.problems.add(node.problem(format!("requires `{wire}`, which it doesn't describe")));
            }
        }
        if let Some(more) = node.get("additionalProperties")
            && more.sort() == Sort::Map
        {
            self.problems.add(more.problem("additional properties beside `properties` can't be expressed"));
        }
        Struct { fields, input: false, additional: None, page: None }
    }

    fn values(&mut self, node: Node<'a>) -> Option<Enum> {
        if node.get("type").and_then(Node::text) != Some("string") {
            return self.refuse(node, "an enum of anything but strings can't be expressed");
        }
        let docs = node.field("x-ecloud-values", Sort::Map, &mut self.problems);
        // The name of the variant that keeps what isn't known.
        let mut scope = Scope::reserving(&["Unknown"]);
        let mut values: Vec<Value> = Vec::new();
        let wires = node.field_texts("enum", &mut self.problems);
        for wire in wires {
            if values.iter().any(|value| value.wire == wire) {
                self.problems.add(node.problem(format!("the value `{wire}` stands twice")));
                continue;
            }
            let name = names::camel(wire).unwrap_or_else(|| "Value".to_owned());
            let doc = docs.and_then(|docs| docs.field_text(wire, &mut self.problems));
            values.push(Value {
                wire: wire.to_owned(),
                variant: scope.adapt(&name, wire),
                doc: match doc {
                    Some(doc) => doc.to_owned(),
                    None if wire.is_empty() => "The empty value.".to_owned(),
                    None => format!("The value `{wire}`."),
                },
            });
        }
        for (wire, doc) in docs.into_iter().flat_map(Node::pairs) {
            if !values.iter().any(|value| value.wire == wire) {
                self.problems.add(doc.problem(format!("`{wire}` is none of the values")));
            }
        }
        let states = node.field("x-ecloud-states", Sort::Map, &mut self.problems);
        let states = states.map(|states| states::read(states, &values, &mut self.problems));
        Some(Enum { values, states })
    }

    /// What the document says about a value: where it's used, else where its schema stands, else its name.
    pub(super) fn text_about(&mut self, node: Node<'a>, wire: &str) -> String {
        let own = description(node, &mut self.problems);
        if !own.is_empty() {
            return own;
        }
        let general = description(self.sources.follow(node), &mut self.problems);
        if !general.is_empty() {
            return general;
        }
        let mut words = names::plain(wire);
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{words}.")
    }

    /// A value as it may occur: of the use, else of the schema.
    pub(super) fn example(&self, node: Node<'a>) -> Option<String> {
        [node, self.sources.follow(node)].into_iter().find_map(|node| {
            let single = node.get("example");
            let first = || node.get("examples")?.items().next();
            let example = single.or_else(first)?;
            example.text().or(example.number()).map(str::to_owned)
        })
    }
}

/// Whether a named schema is a type of its own: an enum, or an object with properties.
pub(super) fn is_model(node: Node<'_>) -> bool {
    let object = node.get("type").and_then(Node::text) == Some("object");
    node.get("enum").is_some() || (object && node.get("properties").is_some())
}

/// What else something is searched for as.
pub(super) fn aliases(node: Node<'_>, problems: &mut Problems) -> Vec<String> {
    let aliases = node.field_texts("x-ecloud-aliases", problems);
    for alias in &aliases {
        // What rustdoc takes as an alias.
        if alias.is_empty() || alias.contains(['"', '\'']) || alias.trim() != *alias {
            problems.add(
                node.problem(format!(
                    "`{alias}` can't be searched for: it is empty, or has quotes or blanks around it"
                )),
            );
        }
    }
    aliases.into_iter().map(str::to_owned).collect()
}

/// The description of a node, without blanks at its ends.
pub(super) fn description(node: Node<'_>, problems: &mut Problems) -> String {
    let text = node.field_text("description", problems).unwrap_or_default();
    text.trim().to_owned()
}
