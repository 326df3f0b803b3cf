//! Schemas of anybody's document become types and models.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::gathered::{Additional, Gathered};
use super::inheritance::Inheritance;
use super::origin::{self, own_name};
use super::tag::{self, Tags};
use super::union;
use super::{Degradation, SchemaType, facts};
use crate::load::{Node, Sort};
use crate::model::{Field, Model, Shape, Struct, Ty};
use crate::names;
use crate::naming::Names;
use crate::overlay::{Overlay, SchemaOverlay};
use crate::problem::{Place, Problems};
use crate::resolve::{Sources, reference};

/// The type of a value at the place where a schema describes it, and what else the schema says about the value.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    /// The type.
    pub(super) ty: Ty,
    /// Whether the value may be null.
    pub(super) nullable: bool,
    /// The only value that the document allows.
    pub(super) constant: Option<String>,
    /// What the value means, with the facts about its range; may be empty.
    pub(super) doc: String,
    /// A value as it may occur, if it is a plain one.
    pub(super) example: Option<String>,
    /// Whether the document advises against it.
    pub(super) deprecated: bool,
    /// Whether only the platform sets it.
    pub(super) read_only: bool,
}

/// What all schemas of a document have become when everything is read.
pub(super) struct Finished {
    /// The models in the document's order.
    pub(super) models: Vec<Model>,
    /// The type of every schema with a name.
    pub(super) types: Vec<SchemaType>,
    /// The names that are taken.
    pub(super) names: Names,
    /// Where the types say less than the document.
    pub(super) degradations: Vec<Degradation>,
    /// What was odd and is read rightly.
    pub(super) repairs: Vec<Degradation>,
    /// What the overlay says and can't be.
    pub(super) problems: Problems,
}

/// What a schema describes, without words.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) ty: Ty,
    pub(super) nullable: bool,
    pub(super) constant: Option<String>,
}

impl Value {
    pub(super) fn of(ty: Ty, nullable: bool) -> Self {
        Self { ty, nullable, constant: None }
    }
}

/// Schemas that describe one value together, and what their model is called if they need one.
#[derive(Clone, Debug)]
pub(super) struct Use<'a> {
    /// Schemas whose choices (`oneOf`, `anyOf`) don't count, since one of them was made.
    pub(super) plain: Vec<Node<'a>>,
    pub(super) whole: Vec<Node<'a>>,
    /// Whether each of them may apply, instead of all.
    pub(super) united: bool,
    /// What tells the use from all others.
    pub(super) key: String,
    /// The name that a model of it wishes for.
    pub(super) wish: String,
}

impl<'a> Use<'a> {
    pub(super) fn of(sources: &Sources, node: Node<'a>, wish: &str) -> Self {
        let key = sources.key(node);
        Self { plain: Vec::new(), whole: vec![node], united: false, key, wish: wish.to_owned() }
    }

    /// The node that stands for the use.
    pub(super) fn node(&self) -> Option<Node<'a>> {
        self.whole.last().or(self.plain.last()).copied()
    }
}

/// A struct whose fields aren't read yet.
struct Pending<'a> {
    name: String,
    gathered: Gathered<'a>,
    place: Node<'a>,
}

/// How many types without a name may lie in each other, and how many lists of lists.
const DEPTH: usize = 64;

/// Reads schemas. Claims the names of all named schemas when it is made; those of inline ones where they are met.
pub(super) struct Schemas<'a> {
    pub(super) sources: &'a Sources,
    pub(super) overlay: &'a Overlay,
    /// The names of the crate; operations claim theirs here before their schemas are read.
    pub(super) names: Names,
    pub(super) inheritance: Inheritance<'a>,
    pub(super) tags: Tags<'a>,
    /// The properties that each struct may have, and those that it always has.
    pub(super) outlines: HashMap<String, (Vec<String>, Vec<String>)>,
    /// The schemas with names, in the document's order.
    named: Vec<(String, Node<'a>)>,
    components: HashSet<Node<'a>>,
    /// The schema with a name that wraps a schema and nothing else.
    owners: HashMap<Node<'a>, Node<'a>>,
    /// The name of the model of a named schema.
    claimed: HashMap<Node<'a>, String>,
    pub(super) models: HashMap<String, Model>,
    /// Where a model stands among all nodes.
    pub(super) order: HashMap<String, (usize, u32)>,
    values: HashMap<Node<'a>, Value>,
    /// What schemas wrap that was looked at, since many refer to the same ones.
    pub(super) inner: RefCell<HashMap<Node<'a>, Option<Node<'a>>>>,
    /// Named schemas that are being read, and whether somebody in them has asked for their union.
    reading: HashMap<Node<'a>, bool>,
    /// How many types that are being read lie in each other.
    depth: usize,
    /// How many structs were put together from a choice and what stands beside it.
    pub(super) derived: usize,
    pending: Vec<Pending<'a>>,
    pub(super) inputs: HashSet<String>,
    /// Fields that only the platform sets.
    pub(super) read_only: HashSet<(String, String)>,
    degradations: Vec<Degradation>,
    repairs: Vec<Degradation>,
    /// What the overlay says and can't be.
    pub(super) problems: Problems,
}

impl<'a> Schemas<'a> {
    /// Makes the reader, and claims the names of all schemas under `components/schemas` and `definitions`.
    pub(super) fn new(sources: &'a Sources, overlay: &'a Overlay, names: Names) -> Self {
        let root = sources.root().root();
        let holders =
            [root.get("components").and_then(|components| components.get("schemas")), root.get("definitions")];
        let named: Vec<(String, Node<'a>)> =
            holders.into_iter().flatten().flat_map(Node::pairs).map(|(name, node)| (name.to_owned(), node)).collect();
        let inheritance = Inheritance::of(sources, &named);
        let tags = tag::tags(sources, &inheritance);
        let components = named.iter().map(|(_, node)| *node).collect();
        let mut schemas = Self {
            sources,
            overlay,
            names,
            inheritance,
            tags,
            outlines: HashMap::new(),
            named: Vec::new(),
            components,
            owners: HashMap::new(),
            claimed: HashMap::new(),
            models: HashMap::new(),
            order: HashMap::new(),
            values: HashMap::new(),
            inner: RefCell::default(),
            reading: HashMap::new(),
            depth: 0,
            derived: 0,
            pending: Vec::new(),
            inputs: HashSet::new(),
            read_only: HashSet::new(),
            degradations: Vec::new(),
            repairs: Vec::new(),
            problems: Problems::new(),
        };
        for (name, node) in &named {
            // What is only another name for another schema or for a plain type needs none.
            let Some(inner) = schemas.own(*node) else { continue };
            if origin::is_model(&Gathered::of(sources, &[], &[inner])) {
                let claimed = schemas.claim(name, *node);
                schemas.claimed.insert(inner, claimed);
                schemas.owners.insert(inner, *node);
            }
        }
        schemas.named = named;
        schemas
    }

    /// Whether a schema has a name in the document itself.
    pub(super) fn is_named(&self, node: Node<'a>) -> bool {
        self.components.contains(&node)
    }

    /// The name of the model of a schema that has one in the document.
    pub(super) fn claimed_name(&self, node: Node<'a>) -> Option<&str> {
        self.claimed.get(&node).map(String::as_str)
    }

    /// What the overlay says about a schema.
    pub(super) fn said(&self, node: Node<'a>) -> Option<&'a SchemaOverlay> {
        let node = self.owners.get(&node).copied().unwrap_or(node);
        let name = node.key().filter(|_| is_component(node));
        self.overlay.schema(name, &node.pointer())
    }

    /// The name of a schema that has one in the document.
    fn claim(&mut self, name: &str, node: Node<'a>) -> String {
        if let Some(claimed) = self.claimed.get(&node) {
            return claimed.clone();
        }
        let renamed = self.said(node).and_then(|overlay| overlay.rename.clone());
        let wish = renamed.or_else(|| names::camel(name)).unwrap_or_else(|| "Schema".to_owned());
        let claimed = self.names.claim("types", &self.sources.key(node), &wish);
        self.claimed.insert(node, claimed.clone());
        claimed
    }

    /// The type of a schema at a place of use. `wish` is what an inline object, enum or union there is called (`CreateOrderRequest`).
    pub(super) fn ty(&mut self, node: Node<'a>, wish: &str) -> Typed {
        let typed = self.typed(vec![node], wish, "", false);
        self.drain();
        typed
    }

    /// The type of a value that several schemas describe together, with words; `name` is what it's called on the wire.
    pub(super) fn typed(&mut self, nodes: Vec<Node<'a>>, wish: &str, name: &str, united: bool) -> Typed {
        let value = match nodes[..] {
            [node] => self.value(node, wish),
            _ => self.common(&nodes, wish, united),
        };
        let parts = Gathered::parts(self.sources, &nodes);
        let flag = |key: &str| parts.iter().any(|part| part.get(key).and_then(Node::bool) == Some(true));
        let is_model = value.ty.model().is_some();
        Typed {
            // What a model is, it says itself.
            doc: facts::of_use(&nodes, &parts, name, is_model),
            example: facts::example(&parts, &value.ty),
            ty: value.ty,
            nullable: value.nullable,
            constant: value.constant,
            deprecated: flag("deprecated"),
            read_only: flag("readOnly"),
        }
    }

    /// What a schema describes.
    pub(super) fn value(&mut self, node: Node<'a>, wish: &str) -> Value {
        match node.sort() {
            Sort::Map => {}
            // In JSON Schema a boolean is a schema that everything or nothing fits.
            Sort::Bool => return Value::of(Ty::Json, false),
            _ => {
                self.degrade(node, format!("a schema that is {}", node.sort().article()), "any JSON");
                return Value::of(Ty::Json, false);
            }
        }
        let Some((inner, nullable)) = self.unwrapped(node) else {
            let what = match self.sources.target(node) {
                Some(_) => "a schema that is nothing but itself".to_owned(),
                None => self.sources.broken(node),
            };
            self.degrade(node, what, "any JSON");
            return Value::of(Ty::Json, false);
        };
        if reference(inner).is_some() && !self.extends(inner) {
            let what = self.sources.broken(inner);
            self.degrade(inner, what, "any JSON");
            return Value::of(Ty::Json, nullable);
        }
        let is_inline = inner == node && !self.claimed.contains_key(&node) && own_name(node).is_none();
        let value = if is_inline { self.read(Use::of(self.sources, node, wish)) } else { self.named(inner, wish) };
        Value { nullable: value.nullable || nullable, ..value }
    }

    /// What a schema describes that others refer to; it is read once.
    fn named(&mut self, node: Node<'a>, wish: &str) -> Value {
        if let Some(value) = self.values.get(&node) {
            return value.clone();
        }
        if self.said(node).is_some_and(|overlay| overlay.drop) {
            return Value::of(Ty::Json, false);
        }
        let wish = self.claimed.get(&node).cloned().or_else(|| self.wish_of(node)).unwrap_or_else(|| wish.to_owned());
        let of = Use::of(self.sources, node, &wish);
        if let Some(asked) = self.reading.get_mut(&node) {
            *asked = true;
            if self.may_hold_itself(node) {
                return Value::of(Ty::Model(self.name(&of)), false);
            }
            self.degrade(node, "a schema that is nothing but itself", "any JSON");
            return Value::of(Ty::Json, false);
        }
        self.reading.insert(node, false);
        let value = self.read(of);
        self.reading.remove(&node);
        self.values.insert(node, value.clone());
        value
    }

    /// Whether a schema becomes a model, or can, though it has no properties: a union, a map.
    fn may_hold_itself(&self, node: Node<'a>) -> bool {
        let gathered = Gathered::of(self.sources, &[], &[node]);
        let is_map = gathered.may_be_object() && matches!(gathered.additional, Some(Additional::Of(_)));
        !gathered.choices.is_empty() || self.inheritance.has_children(node) || is_map && gathered.items.is_empty()
    }

    /// Whether a model was promised for what is being read, because it refers to itself.
    pub(super) fn is_promised(&self, node: Node<'a>) -> bool {
        self.reading.get(&node).copied().unwrap_or(false)
    }

    /// The name of the model of a use.
    pub(super) fn name(&mut self, of: &Use<'a>) -> String {
        let Some(node) = of.node() else { return of.wish.clone() };
        if let ([], [only]) = (&of.plain[..], &of.whole[..])
            && let Some(claimed) = self.claimed.get(only)
        {
            return claimed.clone();
        }
        let order = self.sources.order(node);
        let name = self.names.claim("types", &of.key, &origin::fitted(&of.wish));
        self.order.entry(name.clone()).or_insert(order);
        name
    }

    /// Takes up a model at the place of its schema.
    pub(super) fn put(&mut self, node: Node<'a>, name: String, doc: String, shape: Shape) {
        let order = self.sources.order(node);
        self.order.insert(name.clone(), order);
        self.models.insert(name.clone(), Model { name, doc, aliases: Vec::new(), shape, place: node.place() });
    }

    /// What the schemas of a use describe.
    pub(super) fn read(&mut self, of: Use<'a>) -> Value {
        if self.depth >= DEPTH {
            if let Some(node) = of.node() {
                self.degrade(node, format!("types that lie in each other more than {DEPTH} deep"), "any JSON");
            }
            return Value::of(Ty::Json, false);
        }
        self.depth += 1;
        let value = self.told_by(of);
        self.depth -= 1;
        value
    }

    fn told_by(&mut self, of: Use<'a>) -> Value {
        let gathered = match of.united {
            true => Gathered::united(self.sources, &of.whole),
            false => Gathered::of(self.sources, &of.plain, &of.whole),
        };
        let Some(node) = of.node() else {
            return Value::of(Ty::Json, false);
        };
        for broken in gathered.broken.clone() {
            let what = self.sources.broken(broken);
            self.degrade(broken, what, "what the other parts say");
        }
        for deep in gathered.too_deep.clone() {
            self.degrade(deep, "schemas that are put together from too many others", "what the others say");
        }
        for contradiction in gathered.contradictions.clone() {
            self.degrade(contradiction, "a type that contradicts that of another part", "the last one");
        }
        if gathered.values.is_some()
            && let Some(value) = self.told(&of, &gathered, node)
        {
            return value;
        }
        if !gathered.choices.is_empty()
            && let Some(value) = self.choice(&of, &gathered, node)
        {
            return value;
        }
        if of.plain.is_empty()
            && let [only] = of.whole[..]
            && self.inheritance.has_children(only)
            && gathered.discriminator.is_some()
        {
            return self.family(&of, &gathered, only);
        }
        if !gathered.properties.is_empty() && gathered.may_be_object() && gathered.types.len() <= 1 {
            let nullable = gathered.nullable;
            return Value::of(self.object(&of, gathered, node), nullable);
        }
        let nullable = gathered.nullable;
        Value::of(self.plain(&of, &gathered, node), nullable)
    }

    /// A struct, whose fields are read later: it may hold itself.
    pub(super) fn object(&mut self, of: &Use<'a>, gathered: Gathered<'a>, node: Node<'a>) -> Ty {
        let name = self.name(of);
        if let ([], [only]) = (&of.plain[..], &of.whole[..]) {
            // The same schema is met again before its fields are read.
            self.values.insert(*only, Value::of(Ty::Model(name.clone()), gathered.nullable));
        }
        if !self.models.contains_key(&name) {
            self.outlines.insert(name.clone(), union::outline(&gathered));
            let doc = facts::text(&[], &gathered.parts, &name);
            let shape = Struct { fields: Vec::new(), input: false, additional: None, page: None };
            self.put(node, name.clone(), doc, Shape::Struct(shape));
            self.pending.push(Pending { name: name.clone(), gathered, place: node });
        }
        Ty::Model(name)
    }

    /// Reads the fields of all structs that were met.
    fn drain(&mut self) {
        while let Some(Pending { name, gathered, place }) = self.pending.pop() {
            let shape = self.fields_of(&name, &gathered, place);
            if let Some(model) = self.models.get_mut(&name) {
                model.shape = Shape::Struct(shape);
            }
        }
    }

    /// Says that callers make values of this type: it is (in) the body of a request.
    pub(super) fn input(&mut self, ty: &Ty) {
        self.inputs.extend(ty.model().map(str::to_owned));
    }

    /// The field for a property of a type that is a model with fields.
    pub(super) fn property(&self, ty: &Ty, wire: &str) -> Option<&Field> {
        self.fields(ty)?.iter().find(|field| field.wire == wire)
    }

    /// The fields of a type that is a model with fields.
    pub(super) fn fields(&self, ty: &Ty) -> Option<&[Field]> {
        let Ty::Model(name) = ty else { return None };
        match &self.model(name)?.shape {
            Shape::Struct(shape) => Some(&shape.fields),
            _ => None,
        }
    }

    /// A model by its name.
    pub(super) fn model(&self, name: &str) -> Option<&Model> {
        self.models.get(name)
    }

    /// A model by its name, to say how it is a page.
    pub(super) fn model_mut(&mut self, name: &str) -> Option<&mut Model> {
        self.models.get_mut(name)
    }

    /// Takes up a model that no schema describes; its name is claimed already.
    pub(super) fn add(&mut self, model: Model) {
        self.models.insert(model.name.clone(), model);
    }

    /// Takes down that the crate says less than a node of the document, and what it says instead.
    pub(super) fn degrade(&mut self, node: Node<'_>, what: impl Into<String>, instead: impl Into<String>) {
        self.degradations.push(degradation(node, what.into(), instead.into()));
    }

    /// Like [`degrade`](Self::degrade), of a place.
    pub(super) fn degrade_at(&mut self, place: Place, what: &str, instead: &str) {
        self.degradations.push(Degradation {
            place,
            operation: None,
            what: what.to_owned(),
            instead: instead.to_owned(),
        });
    }

    /// Takes down that a node is odd, and how it is read.
    pub(super) fn repair(&mut self, node: Node<'_>, what: impl Into<String>, instead: impl Into<String>) {
        self.repairs.push(degradation(node, what.into(), instead.into()));
    }

    /// Everything, once all is read.
    pub(super) fn finish(mut self) -> Finished {
        let mut types = Vec::new();
        for (name, node) in std::mem::take(&mut self.named) {
            let value = self.value(node, &names::camel(&name).unwrap_or_default());
            self.drain();
            let ty = match value.ty {
                Ty::Json => Ty::Json,
                ty if value.nullable => Ty::OrNull(Box::new(ty)),
                ty => ty,
            };
            types.push(SchemaType { place: node.place(), pointer: format!("#{}", node.pointer()), ty });
        }
        self.untangle();
        self.settle();
        let order = std::mem::take(&mut self.order);
        let mut models: Vec<Model> = self.models.into_values().collect();
        models.sort_by_cached_key(|model| {
            (order.get(&model.name).copied().unwrap_or((usize::MAX, u32::MAX)), model.name.clone())
        });
        for findings in [&mut self.degradations, &mut self.repairs] {
            let mut seen = HashSet::new();
            findings.retain(|finding| {
                seen.insert((
                    finding.place.file.clone(),
                    finding.place.line,
                    finding.place.pointer.clone(),
                    finding.what.clone(),
                ))
            });
        }
        Finished {
            models,
            types,
            names: self.names,
            degradations: self.degradations,
            repairs: self.repairs,
            problems: self.problems,
        }
    }
}

/// Whether a schema stands among those that have names.
pub(super) fn is_component(node: Node<'_>) -> bool {
    matches!(node.parent().key(), Some("schemas" | "definitions" | "$defs"))
}

fn degradation(node: Node<'_>, what: String, instead: String) -> Degradation {
    Degradation { place: node.place(), operation: None, what, instead }
}
