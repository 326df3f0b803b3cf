//! Enums of types: told apart by a tag, or by what their JSON looks like.

use std::collections::BTreeMap;

use super::code::{Code, Imports, NARROW};
use super::model::about;
use crate::model::{Look, Model, Ty, Union, Variant};

/// Writes a union.
pub(super) fn union(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Union) {
    for name in ["Deserialize", "Deserializer", "Serialize", "Serializer"] {
        imports.of("serde", name);
    }
    let json = imports.core("Json");
    definition(code, imports, model, shape, &json);
    conversions(code, imports, model, shape);
    write(code, imports, model, shape);
    read(code, imports, model, shape, &json);
}

/// The type that a variant holds; what is large lies behind a pointer.
fn held(imports: &mut Imports, variant: &Variant) -> String {
    let ty = imports.ty(&variant.ty);
    if matches!(variant.ty, Ty::Model(_)) { format!("Box<{ty}>") } else { ty }
}

fn definition(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Union, json: &str) {
    code.gap();
    about(code, model);
    code.line("#[derive(Clone, Debug, PartialEq)]");
    code.line("#[non_exhaustive]");
    code.line(format!("pub enum {} {{", model.name));
    for variant in &shape.variants {
        match (variant.doc.as_str(), &variant.ty) {
            ("", Ty::Model(name)) => code.doc(format!("A [`{name}`].")),
            ("", ty) => code.doc(format!("A value of the type {ty}.")),
            (doc, _) => code.text(doc, NARROW),
        }
        let held = held(imports, variant);
        code.line(format!("{}({held}),", variant.name));
    }
    code.doc("Something that this version doesn't know; kept as it came.");
    code.line(format!("Unknown({json}), }}"));
}

/// `From` each type that only one variant has.
fn conversions(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Union) {
    let mut count = BTreeMap::new();
    for variant in &shape.variants {
        *count.entry(imports.ty(&variant.ty)).or_insert(0) += 1;
    }
    for variant in shape.variants.iter().filter(|variant| matches!(variant.ty, Ty::Model(_))) {
        let ty = imports.ty(&variant.ty);
        // A union may hold itself.
        if count.get(&ty) == Some(&1) && ty != model.name {
            code.gap();
            code.line(format!("impl From<{ty}> for {} {{", model.name));
            code.line(format!("fn from(value: {ty}) -> Self {{ Self::{}(Box::new(value)) }} }}", variant.name));
        }
    }
}

fn write(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Union) {
    code.gap();
    code.line(format!("impl Serialize for {} {{", model.name));
    code.line("fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> { match self {");
    for variant in &shape.variants {
        let name = &variant.name;
        match (&shape.tag, &variant.tags[..]) {
            (Some(tag), [value]) => {
                let union = imports.of("ecloud_core::codec", "union");
                code.line(format!("Self::{name}(value) => {union}::tagged(serializer, {tag:?}, {value:?}, value),"));
            }
            (Some(tag), values @ [_, ..]) => {
                let union = imports.of("ecloud_core::codec", "union");
                code.line(format!(
                    "Self::{name}(value) => {union}::tagged_among(serializer, {tag:?}, &{values:?}, value),"
                ));
            }
            _ => code.line(format!("Self::{name}(value) => value.serialize(serializer),")),
        }
    }
    code.line("Self::Unknown(value) => value.serialize(serializer), } } }");
}

fn read(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Union, json: &str) {
    let union = imports.of("ecloud_core::codec", "union");
    code.gap();
    code.line(format!("impl<'de> Deserialize<'de> for {} {{", model.name));
    code.line("fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {");
    if shape.tag.is_none() {
        looks(code, imports, shape);
    }
    code.line(format!("let value = {json}::deserialize(deserializer)?;"));
    match &shape.tag {
        Some(tag) => {
            code.line(format!("let read = match {union}::tag(&value, {tag:?}) {{"));
            for variant in shape.variants.iter().filter(|variant| !variant.tags.is_empty()) {
                let tags: Vec<String> = variant.tags.iter().map(|tag| format!("{tag:?}")).collect();
                let (tags, name) = (tags.join(" | "), &variant.name);
                code.line(format!("Some({tags}) => {union}::read(&value).map(Self::{name}),"));
            }
            code.line("_ => None, };");
            code.line("Ok(read.unwrap_or(Self::Unknown(value))) } }");
        }
        None => {
            code.line(format!("let read = {union}::choose(&value, SHAPES, |index| match index {{"));
            for (index, variant) in shape.variants.iter().enumerate() {
                code.line(format!("{index} => {union}::read(&value).map(Self::{}),", variant.name));
            }
            code.line("_ => None, });");
            code.line("Ok(read.unwrap_or(Self::Unknown(value))) } }");
        }
    }
}

/// What the variants look like, for the core to choose from.
fn looks(code: &mut Code, imports: &mut Imports, shape: &Union) {
    let name = imports.of("ecloud_core::codec::union", "Shape");
    code.line(format!("const SHAPES: &[{name}] = &["));
    for variant in &shape.variants {
        let list = |texts: &[String]| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            format!("&[{}]", quoted.join(", "))
        };
        let look = match &variant.look {
            Look::Text(values) if values.is_empty() => format!("{name}::TEXT"),
            Look::Text(values) => format!("{name}::texts({})", list(values)),
            Look::Integer => format!("{name}::INTEGER"),
            Look::Number => format!("{name}::NUMBER"),
            Look::Bool => format!("{name}::BOOL"),
            Look::List => format!("{name}::LIST"),
            Look::Any => format!("{name}::ANY"),
            Look::Object { known, required, constants } => {
                let mut text = format!("{name}::object({})", list(known));
                if !required.is_empty() {
                    text.push_str(&format!(".required({})", list(required)));
                }
                if !constants.is_empty() {
                    let pairs: Vec<String> =
                        constants.iter().map(|(key, values)| format!("({key:?}, {})", list(values))).collect();
                    text.push_str(&format!(".constants(&[{}])", pairs.join(", ")));
                }
                text
            }
        };
        code.line(format!("{look},"));
    }
    code.line("];");
}
