//! Types without properties and choices: texts, numbers, lists, maps, and several of them at once.

use super::facts;
use super::gathered::{Additional, Gathered};
use super::schema::{Schemas, Use, Value};
use crate::load::{Node, Sort};
use crate::model::{Look, Shape, Struct, Ty, Union, Variant};

impl<'a> Schemas<'a> {
    /// The type of values that are told one by one; nothing if that says no more than their type.
    pub(super) fn told(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Option<Value> {
        let values = gathered.values.as_deref().unwrap_or_default();
        let nullable = gathered.nullable || values.iter().any(|value| value.sort() == Sort::Null);
        if let Some(texts) = gathered.texts() {
            let value = match texts[..] {
                [] => Value::of(Ty::Text, nullable),
                // What may be null as well isn't always the same.
                [only] => Value { ty: Ty::Text, nullable, constant: (!nullable).then(|| only.to_owned()) },
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

    /// The type of what is neither told value by value nor an object with properties.
    pub(super) fn plain(&mut self, of: &Use<'a>, gathered: &Gathered<'a>, node: Node<'a>) -> Ty {
        if gathered.types.len() > 1 {
            return self.several(of, gathered, node);
        }
        match gathered.types.first().copied() {
            Some(ty) => self.of_type(of, gathered, node, ty),
            None if !gathered.items.is_empty() || gathered.tuple.is_some() => self.list(of, gathered),
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
        let wish = self.wish_of_item(&of.wish, "Item");
        let item = match gathered.items[..] {
            [] => Ty::Json,
            [items] => self.element(items, &wish),
            // What several parts say of the items holds for each item.
            _ => self.common(&gathered.items, &wish, gathered.united).ty,
        };
        Ty::List(Box::new(item))
    }

    fn map(&mut self, of: &Use<'a>, gathered: &Gathered<'a>) -> Ty {
        let value = match gathered.additional {
            Some(Additional::Of(node)) => {
                let wish = self.wish_of_item(&of.wish, "Value");
                self.element(node, &wish)
            }
            _ => Ty::Json,
        };
        // A map of itself needs a name, and a type can't be named that is no model.
        if let ([], [only]) = (&of.plain[..], &of.whole[..])
            && self.is_promised(*only)
        {
            let (node, name) = (*only, self.name(of));
            let doc = facts::text(&[], &gathered.parts, &name);
            let field = self.names.claim(&format!("fields {name}"), "*", "additional");
            let shape = Struct { fields: Vec::new(), input: false, additional: Some((field, value)), page: None };
            self.put(node, name.clone(), doc, Shape::Struct(shape));
            return Ty::Model(name);
        }
        Ty::Map(Box::new(value))
    }

    /// The type of an item of a list or a value of a map; null is one of them where the schema says so.
    pub(super) fn element(&mut self, node: Node<'a>, wish: &str) -> Ty {
        let value = self.value(node, wish);
        match value.ty {
            Ty::Json => Ty::Json,
            ty if value.nullable => Ty::OrNull(Box::new(ty)),
            ty => ty,
        }
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
            let ty = match ty {
                "object" if !gathered.properties.is_empty() => {
                    let plain: Vec<Node<'a>> = of.plain.iter().chain(&of.whole).copied().collect();
                    let gathered = Gathered::of(self.sources, &plain, &[]);
                    let (key, wish) = (format!("{} object", of.key), format!("{name}Object"));
                    self.object(&Use { plain, whole: Vec::new(), united: false, key, wish }, gathered, node)
                }
                _ => self.of_type(of, gathered, node, ty),
            };
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
            Ty::OrNull(inner) => self.look(inner),
            Ty::Json => Look::Any,
            Ty::Text | Ty::Secret | Ty::Id(_) | Ty::Timestamp => Look::Text(Vec::new()),
            Ty::Model(name) => match self.models.get(name).map(|model| &model.shape) {
                Some(Shape::Enum(shape)) => Look::Text(shape.values.iter().map(|value| value.wire.clone()).collect()),
                Some(Shape::Struct(_)) => {
                    let (known, required) = self.outlines.get(name).cloned().unwrap_or_default();
                    Look::Object { known, required, constants: Vec::new() }
                }
                Some(Shape::Union(shape)) => self.look_of_union(&shape.variants),
                _ => Look::Any,
            },
        }
    }
}

fn is_text_format(format: Option<&str>) -> bool {
    matches!(format, Some("date" | "date-time" | "email" | "uuid" | "uri" | "url" | "byte" | "binary" | "hostname"))
}
