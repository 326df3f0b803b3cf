//! Schemas of anybody's document become types and models.

use std::collections::{HashMap, HashSet};

use super::gathered::{Additional, Gathered};
use super::inheritance::Inheritance;
use super::{Degradation, SchemaType, facts, words};
use crate::load::{Node, Sort};
use crate::model::{Field, Look, Model, Shape, Struct, Ty, Union, Variant};
use crate::names;
use crate::naming::Names;
use crate::overlay::Overlay;
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
}

/// What a schema describes, without words.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) ty: Ty,
    pub(super) nullable: bool,
    pub(super) constant: Option<String>,
}

impl Value {
    fn of(ty: Ty, nullable: bool) -> Self {
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

/// Reads schemas. Claims the names of all named schemas when it is made; those of inline ones where they are met.
pub(super) struct Schemas<'a> {
    pub(super) sources: &'a Sources,
    pub(super) overlay: &'a Overlay,
    /// The names of the crate; operations claim theirs here before their schemas are read.
    pub(super) names: Names,
    pub(super) inheritance: Inheritance<'a>,
    /// The schemas with names, in the document's order.
    named: Vec<(String, Node<'a>)>,
    /// The name of the model of a named schema.
    claimed: HashMap<Node<'a>, String>,
    pub(super) models: HashMap<String, Model>,
    /// Where a model stands among all nodes.
    pub(super) order: HashMap<String, (usize, u32)>,
    values: HashMap<Node<'a>, Value>,
    /// Named schemas that are being read, and whether somebody in them has asked for their union.
    reading: HashMap<Node<'a>, bool>,
    pending: Vec<Pending<'a>>,
    pub(super) inputs: HashSet<String>,
    /// Fields that only the platform sets.
    pub(super) read_only: HashSet<(String, String)>,
    degradations: Vec<Degradation>,
    repairs: Vec<Degradation>,
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
        let mut schemas = Self {
            sources,
            overlay,
            names,
            inheritance,
            named: Vec::new(),
            claimed: HashMap::new(),
            models: HashMap::new(),
            order: HashMap::new(),
            values: HashMap::new(),
            reading: HashMap::new(),
            pending: Vec::new(),
            inputs: HashSet::new(),
            read_only: HashSet::new(),
            degradations: Vec::new(),
            repairs: Vec::new(),
        };
        for (name, node) in &named {
            // What is only another name for a plain type needs none.
            if schemas.is_model(*node) {
                schemas.claim(name, *node);
            }
        }
        schemas.named = named;
        schemas
    }

    /// Whether a schema looks as if it would become a model.
    fn is_model(&self, node: Node<'a>) -> bool {
        if reference(node).is_some() && node.pairs().count() == 1 {
            return false;
        }
        let gathered = Gathered::of(self.sources, &[], &[node]);
        !gathered.properties.is_empty() || gathered.values.is_some() || !gathered.choices.is_empty()
    }

    /// The name of a schema that has one in the document.
    fn claim(&mut self, name: &str, node: Node<'a>) -> String {
        if let Some(claimed) = self.claimed.get(&node) {
            return claimed.clone();
        }
        let pointer = format!("#{}", node.pointer());
        let renamed = self.overlay.schema(Some(name), &pointer).and_then(|overlay| overlay.rename.clone());
        let wish = renamed.or_else(|| names::camel(name)).unwrap_or_else(|| "Schema".to_owned());
        let claimed = self.names.claim("types", &self.sources.key(node), &wish);
        self.claimed.insert(node, claimed.clone());
        claimed
    }

    /// The type of a schema at a place of use. `wish` is what an inline object, enum or union there is called (`CreateOrderRequest`).
    pub(super) fn ty(&mut self, node: Node<'a>, wish: &str) -> Typed {
        let typed = self.typed(vec![node], wish, false);
        self.drain();
        typed
    }

    /// The type of a value that several schemas describe together, with words.
    pub(super) fn typed(&mut self, nodes: Vec<Node<'a>>, wish: &str, united: bool) -> Typed {
        let value = match nodes[..] {
            [node] => self.value(node, wish),
            _ => self.common(&nodes, wish, united),
        };
        let gathered = Gathered::of(self.sources, &[], &nodes);
        let flag = |key: &str| gathered.parts.iter().any(|part| part.get(key).and_then(Node::bool) == Some(true));
        Typed {
            ty: value.ty,
            nullable: value.nullable,
            constant: value.constant,
            // A model says about itself what it says.
            doc: facts::text(&nodes, &gathered.parts, ""),
            example: facts::example(&gathered.parts),
            deprecated: flag("deprecated"),
            read_only: flag("readOnly"),
        }
    }

    /// What several schemas of one value describe: the same thing in other words, or each a part of it.
    fn common(&mut self, nodes: &[Node<'a>], wish: &str, united: bool) -> Value {
        let targets: HashSet<&str> = nodes.iter().filter_map(|node| reference(*node)).collect();
        if let ([last, ..], 1, true) = (nodes, targets.len(), nodes.iter().all(|node| reference(*node).is_some())) {
            return self.value(*last, wish);
        }
        let last = nodes.last().copied();
        let key = last.map(|node| format!("{}+", self.sources.key(node))).unwrap_or_default();
        self.read(Use { plain: Vec::new(), whole: nodes.to_vec(), united, key, wish: wish.to_owned() })
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
        if reference(node).is_none() {
            return self.read(Use::of(self.sources, node, wish));
        }
        let extends = |(key, _): (&str, Node<'a>)| ["properties", "allOf", "oneOf", "anyOf"].contains(&key);
        if node.pairs().any(extends) {
            return self.read(Use::of(self.sources, node, wish));
        }
        let nullable = ["nullable", "x-nullable"].iter().any(|key| node.get(key).and_then(Node::bool) == Some(true));
        match self.sources.target(node) {
            Some(target) => {
                let value = self.named(target, wish);
                Value { nullable: value.nullable || nullable, ..value }
            }
            None => {
                let what = self.sources.broken(node);
                self.degrade(node, what, "any JSON");
                Value::of(Ty::Json, nullable)
            }
        }
    }

    /// What a schema describes that others refer to; it is read once.
    pub(super) fn named(&mut self, node: Node<'a>, wish: &str) -> Value {
        if let Some(value) = self.values.get(&node) {
            return value.clone();
        }
        let key = node.key().unwrap_or_default();
        let holder = node.parent().key();
        let is_component = matches!(holder, Some("schemas" | "definitions" | "$defs"));
        if self.reading.contains_key(&node) {
            self.reading.insert(node, true);
            if is_component && self.is_union(node) {
                return Value::of(Ty::Model(self.claim(key, node)), false);
            }
            self.degrade(node, "a schema that is nothing but itself", "any JSON");
            return Value::of(Ty::Json, false);
        }
        self.reading.insert(node, false);
        let wish = match is_component {
            true => self.claimed.get(&node).cloned().unwrap_or_else(|| names::camel(key).unwrap_or_default()),
            false => wish.to_owned(),
        };
        let value = self.read(Use::of(self.sources, node, &wish));
        self.reading.remove(&node);
        self.values.insert(node, value.clone());
        value
    }

    fn is_union(&self, node: Node<'a>) -> bool {
        let gathered = Gathered::of(self.sources, &[], &[node]);
        !gathered.choices.is_empty() || self.inheritance.has_children(node)
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
        let name = self.names.claim("types", &of.key, &of.wish);
        self.order.entry(name.clone()).or_insert(order);
        name
    }

    /// Takes up a model at the place of its schema.
    pub(super) fn put(&mut self, node: Node<'a>, name: String, doc: String, shape: Shape) {
        let order = self.sources.order(node);
        self.order.insert(name.clone(), order);
        self.models.insert(name.clone(), Model { name, doc, shape, place: node.place() });
    }

    /// What the schemas of a use describe.
    pub(super) fn read(&mut self, of: Use<'a>) -> Value {
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
        if !gathered.properties.is_empty() {
            let nullable = gathered.nullable;
            return Value::of(self.object(&of, gathered, node), nullable);
        }
        let nullable = gathered.nullable;
        Value::of(self.plain(&of, &gathered, node), nullable)
    }

    /// The type of values that are told one by one; nothing if that says no more than their type.
    fn told(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Option<Value> {
        let values = gathered.values.as_deref().unwrap_or_default();
        let nullable = gathered.nullable || values.iter().any(|value| value.sort() == Sort::Null);
        if let Some(texts) = gathered.texts() {
            let value = match texts[..] {
                [] => Value::of(Ty::Text, nullable),
                [only] => Value { ty: Ty::Text, nullable, constant: Some(only.to_owned()) },
                _ => {
                    let name = self.name(of);
                    let shape = self.values(&name, &texts, &gathered.parts);
                    let doc = facts::text(&[], &gathered.parts, &name);
                    self.put(node, name.clone(), doc, Shape::Enum(shape));
                    Value::of(Ty::Model(name), nullable)
                }
            };
            return Some(value);
        }
        if !gathered.types.is_empty() {
            return None;
        }
        let all = |sort: Sort| values.iter().all(|value| value.sort() == sort || value.sort() == Sort::Null);
        let whole = || values.iter().all(|value| value.number().is_none_or(|text| text.parse::<i64>().is_ok()));
        let ty = match () {
            () if all(Sort::Bool) => Ty::Bool,
            () if all(Sort::Number) && whole() => Ty::I64,
            () if all(Sort::Number) => Ty::F64,
            () => return None,
        };
        Some(Value::of(ty, nullable))
    }

    /// A struct, whose fields are read later: it may hold itself.
    pub(super) fn object(&mut self, of: &Use<'a>, gathered: Gathered<'a>, node: Node<'a>) -> Ty {
        let name = self.name(of);
        if let ([], [only]) = (&of.plain[..], &of.whole[..]) {
            // The same schema is met again before its fields are read.
            self.values.insert(*only, Value::of(Ty::Model(name.clone()), gathered.nullable));
        }
        if !self.models.contains_key(&name) {
            let doc = facts::text(&[], &gathered.parts, &name);
            let shape = Struct { fields: Vec::new(), input: false, additional: None, page: None };
            self.put(node, name.clone(), doc, Shape::Struct(shape));
            self.pending.push(Pending { name: name.clone(), gathered, place: node });
        }
        Ty::Model(name)
    }

    /// The type of what is neither told value by value nor an object with properties.
    fn plain(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Ty {
        if gathered.types.len() > 1 {
            return self.several(of, gathered, node);
        }
        match gathered.types.first().copied() {
            Some(ty) => self.of_type(of, gathered, node, ty),
            None if gathered.items.is_some() || gathered.tuple.is_some() => self.list(of, gathered),
            None if gathered.additional.is_some() => self.map(of, gathered),
            None => {
                let has =
                    |keys: &[&str]| gathered.parts.iter().any(|part| keys.iter().any(|key| part.get(key).is_some()));
                match () {
                    () if has(&["pattern", "minLength", "maxLength"]) || is_text_format(gathered.format) => Ty::Text,
                    () if has(&["required", "minProperties", "maxProperties"]) => Ty::Map(Box::new(Ty::Json)),
                    () => Ty::Json,
                }
            }
        }
    }

    fn of_type(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>, ty: &str) -> Ty {
        match ty {
            "string" if gathered.format == Some("password") => Ty::Secret,
            "string" => Ty::Text,
            "integer" if gathered.format == Some("uint64") => Ty::U64,
            // Whatever the format: what documents call int32 holds more than that soon.
            "integer" => Ty::I64,
            "number" => Ty::F64,
            "boolean" => Ty::Bool,
            "array" => self.list(of, gathered),
            "object" => self.map(of, gathered),
            "file" => Ty::File,
            "any" => Ty::Json,
            other => {
                self.degrade(node, format!("a type `{other}` that there isn't"), "any JSON");
                Ty::Json
            }
        }
    }

    fn list(&mut self, of: &Use<'a>, gathered: &Gathered<'a>) -> Ty {
        if let Some(tuple) = gathered.tuple {
            self.degrade(tuple, "items that are described one by one", "a list of any JSON");
            return Ty::List(Box::new(Ty::Json));
        }
        let Some(items) = gathered.items else {
            return Ty::List(Box::new(Ty::Json));
        };
        let item = self.value(items, &item_of(&of.wish));
        Ty::List(Box::new(item.ty))
    }

    fn map(&mut self, of: &Use<'a>, gathered: &Gathered<'a>) -> Ty {
        let value = match gathered.additional {
            Some(Additional::Of(node)) => self.value(node, &format!("{}Value", of.wish)).ty,
            _ => Ty::Json,
        };
        Ty::Map(Box::new(value))
    }

    /// A union of what several types describe.
    fn several(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Ty {
        let types = gathered.types.clone();
        if types.iter().all(|ty| ["integer", "number"].contains(ty)) {
            return Ty::F64;
        }
        let name = self.name(of);
        let mut variants = Vec::new();
        for ty in types {
            let ty = self.of_type(of, gathered, node, ty);
            let look = self.look(&ty);
            let wish = super::choice::plain_name(&ty).to_owned();
            let variant = self.names.claim(&format!("variants {name}"), &wish, &wish);
            variants.push(Variant { name: variant, doc: String::new(), ty, tags: Vec::new(), look });
        }
        let doc = facts::text(&[], &gathered.parts, &name);
        self.put(node, name.clone(), doc, Shape::Union(Union { tag: None, variants }));
        Ty::Model(name)
    }

    /// What the JSON of a type looks like.
    pub(super) fn look(&self, ty: &Ty) -> Look {
        match ty {
            Ty::Bool => Look::Bool,
            Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 => Look::Integer,
            Ty::F64 => Look::Number,
            Ty::List(_) => Look::List,
            Ty::Map(_) | Ty::Money | Ty::Sensitive(_) | Ty::File => {
                Look::Object { known: Vec::new(), required: Vec::new(), constants: Vec::new() }
            }
            Ty::Json => Look::Any,
            Ty::Text | Ty::Secret | Ty::Id(_) | Ty::Timestamp => Look::Text(Vec::new()),
            Ty::Model(name) => match self.models.get(name).map(|model| &model.shape) {
                Some(Shape::Enum(shape)) => Look::Text(shape.values.iter().map(|value| value.wire.clone()).collect()),
                Some(Shape::Struct(_)) => {
                    Look::Object { known: Vec::new(), required: Vec::new(), constants: Vec::new() }
                }
                _ => Look::Any,
            },
        }
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

    /// Takes down that a node is odd, and how it is read.
    pub(super) fn repair(&mut self, node: Node<'_>, what: impl Into<String>, instead: impl Into<String>) {
        self.repairs.push(degradation(node, what.into(), instead.into()));
    }

    /// Everything, once all is read.
    pub(super) fn finish(mut self) -> Finished {
        let mut types = Vec::new();
        for (name, node) in std::mem::take(&mut self.named) {
            let value = self.value_of_component(&name, node);
            self.drain();
            types.push(SchemaType { place: node.place(), pointer: format!("#{}", node.pointer()), ty: value.ty });
        }
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
        Finished { models, types, names: self.names, degradations: self.degradations, repairs: self.repairs }
    }

    fn value_of_component(&mut self, name: &str, node: Node<'a>) -> Value {
        let wish = names::camel(name).unwrap_or_default();
        if reference(node).is_some() { self.value(node, &wish) } else { self.named(node, &wish) }
    }
}

/// What an item of a list is called whose name is wished for.
fn item_of(wish: &str) -> String {
    let words = words::words(wish);
    let Some((last, before)) = words.split_last() else {
        return format!("{wish}Item");
    };
    let one = words::singular(last);
    if one == *last {
        return format!("{wish}Item");
    }
    let name: Vec<&str> = before.iter().map(String::as_str).chain([one.as_str()]).collect();
    names::camel(&name.join("_")).unwrap_or_else(|| format!("{wish}Item"))
}

fn is_text_format(format: Option<&str>) -> bool {
    matches!(format, Some("date" | "date-time" | "email" | "uuid" | "uri" | "url" | "byte" | "binary" | "hostname"))
}

fn degradation(node: Node<'_>, what: String, instead: String) -> Degradation {
    Degradation { place: node.place(), operation: None, what, instead }
}
