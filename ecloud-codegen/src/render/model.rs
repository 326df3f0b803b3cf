//! Models as Rust types: structs, pages, and open enums.

use super::code::{Code, Imports, NARROW, WIDE, convert};
use crate::model::{Enum, Field, Model, Page, Shape, Struct, Ty};

/// Writes a model.
pub(super) fn model(code: &mut Code, imports: &mut Imports, model: &Model) {
    match &model.shape {
        Shape::Struct(shape) => {
            fields(code, imports, model, shape);
            if shape.input {
                input(code, imports, model, shape);
            }
            if let Some(page) = &shape.page {
                self::page(code, imports, model, page);
            }
        }
        Shape::Enum(shape) => values(code, imports, model, shape),
    }
}

fn about(code: &mut Code, model: &Model) {
    match model.doc.as_str() {
        "" => code.doc(format!("The model `{}`.", model.name)),
        doc => code.text(doc, WIDE),
    }
}

fn fields(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Struct) {
    imports.of("serde", "Deserialize");
    imports.of("serde", "Serialize");
    code.gap();
    about(code, model);
    // A model that callers make from nothing is made by `Default` too, as lints expect of a `new` without arguments.
    let default = if shape.input && !shape.fields.iter().any(|field| field.required) { "Default, " } else { "" };
    code.line(format!("#[derive(Clone, Debug, {default}PartialEq, Serialize, Deserialize)]"));
    code.line("#[non_exhaustive]");
    code.line(format!("pub struct {} {{", model.name));
    for field in &shape.fields {
        code.text(&field.doc, NARROW);
        let mut attributes = Vec::new();
        if field.name != field.wire {
            attributes.push(format!("rename = {:?}", field.wire));
        }
        if let Some(kind) = empty(field, shape.input) {
            let holder = if kind == "BTreeMap" { imports.of("std::collections", kind) } else { kind.to_owned() };
            let test = if kind == "Option" { "is_none" } else { "is_empty" };
            attributes.push(format!("default, skip_serializing_if = \"{holder}::{test}\""));
        }
        if !attributes.is_empty() {
            code.line(format!("#[serde({})]", attributes.join(", ")));
        }
        let ty = field_type(imports, field, shape.input);
        code.line(format!("pub {}: {ty},", field.name));
    }
    code.line("}");
}

/// What holds an optional field, empty when the field is absent.
///
/// In an answer an absent list is an empty one. In a request the two are told apart: a list that happens to be empty must not
/// vanish and be taken for "all".
fn empty(field: &Field, input: bool) -> Option<&'static str> {
    match field.ty {
        _ if field.required => None,
        _ if input => Some("Option"),
        Ty::List(_) => Some("Vec"),
        Ty::Map(_) => Some("BTreeMap"),
        _ => Some("Option"),
    }
}

fn field_type(imports: &mut Imports, field: &Field, input: bool) -> String {
    let mut ty = imports.ty(&field.ty);
    if field.boxed {
        ty = format!("Box<{ty}>");
    }
    match empty(field, input) {
        Some("Option") => format!("Option<{ty}>"),
        _ => ty,
    }
}

/// The value of a field from an argument of its name.
fn field_value(field: &Field) -> String {
    let value = convert(&field.ty, &field.name);
    if field.boxed { format!("Box::new({value})") } else { value }
}

fn input(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Struct) {
    let (required, optional): (Vec<&Field>, Vec<&Field>) = shape.fields.iter().partition(|field| field.required);
    code.gap();
    code.line(format!("impl {} {{", model.name));
    code.doc(match (required.is_empty(), optional.is_empty()) {
        (_, true) => "From all that it has.",
        (true, false) => "With nothing in it yet: everything is absent until it is set.",
        (false, false) => "From what is required; everything else is absent until it is set.",
    });
    // The document decides how much is required; lints allow seven arguments.
    if required.len() > 7 {
        code.line("#[expect(clippy::too_many_arguments, reason = \"one for each required field\")]");
    }
    let arguments: Vec<String> =
        required.iter().map(|field| format!("{}: {}", field.name, imports.argument(&field.ty))).collect();
    code.line(format!("pub fn new({}) -> Self {{ Self {{", arguments.join(", ")));
    for field in &shape.fields {
        let value = if field.required { field_value(field) } else { "None".to_owned() };
        if value == field.name {
            code.line(format!("{value},"));
        } else {
            code.line(format!("{}: {value},", field.name));
        }
    }
    code.line("} }");
    for field in optional {
        let setter = setter(field);
        let argument = imports.argument(&field.ty);
        let value = field_value(field);
        code.gap();
        code.text(&field.doc, NARROW);
        code.line(format!(
            "pub fn {setter}(mut self, {name}: {argument}) -> Self {{ self.{name} = Some({value}); self }}",
            name = field.name
        ));
    }
    code.line("}");
}

/// The name of the setter of an optional field: the field's, unless a model has such a method already.
pub(super) fn setter(field: &Field) -> String {
    let taken = field.name == "new";
    format!("{}{}", field.name, if taken { "_" } else { "" })
}

fn page(code: &mut Code, imports: &mut Imports, model: &Model, page: &Page) {
    let (name, item) = (imports.core("Page"), imports.ty(&page.item));
    let position = imports.core("Position");
    let body = if page.cursor {
        format!("{position}::Cursor(self.next_cursor.as_deref())")
    } else {
        format!("{position}::Number {{ page: self.page, page_size: self.page_size, total: self.total }}")
    };
    code.gap();
    code.line(format!("impl {name} for {} {{", model.name));
    code.line(format!("type Item = {item};"));
    code.gap();
    code.line(format!("fn position(&self) -> {position}<'_> {{ {body} }}"));
    code.gap();
    code.line("fn into_items(self) -> Vec<Self::Item> { self.items }");
    code.line("}");
}

fn values(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Enum) {
    for name in ["Deserialize", "Deserializer", "Serialize", "Serializer"] {
        imports.of("serde", name);
    }
    let fmt = imports.of("std", "fmt");
    let name = &model.name;
    code.gap();
    about(code, model);
    if shape.states.is_some() {
        code.doc("");
        code.doc("What leads from one to another stands on the [module's page](self#states).");
    }
    code.line("#[derive(Clone, Debug, PartialEq, Eq, Hash)]");
    code.line("#[non_exhaustive]");
    code.line(format!("pub enum {name} {{"));
    for value in &shape.values {
        code.text(&value.doc, NARROW);
        code.line(format!("{},", value.variant));
    }
    code.doc("A value that this version doesn't know; kept as it came.");
    code.line("Unknown(String), }");
    code.gap();
    code.line(format!("impl {name} {{"));
    code.doc("The value as it goes over the wire.");
    code.line("pub fn as_str(&self) -> &str { match self {");
    for value in &shape.values {
        code.line(format!("Self::{} => {:?},", value.variant, value.wire));
    }
    code.line("Self::Unknown(value) => value, } } }");
    code.gap();
    code.line(format!("impl From<&str> for {name} {{ fn from(value: &str) -> Self {{ match value {{"));
    for value in &shape.values {
        code.line(format!("{:?} => Self::{},", value.wire, value.variant));
    }
    code.line("other => Self::Unknown(other.to_owned()), } } }");
    code.gap();
    code.line(format!("impl {fmt}::Display for {name} {{"));
    code.line(format!(
        "fn fmt(&self, f: &mut {fmt}::Formatter<'_>) -> {fmt}::Result {{ f.write_str(self.as_str()) }} }}"
    ));
    code.gap();
    code.line(format!("impl Serialize for {name} {{"));
    code.line("fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {");
    code.line("serializer.serialize_str(self.as_str()) } }");
    code.gap();
    code.line(format!("impl<'de> Deserialize<'de> for {name} {{"));
    code.line("fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {");
    code.line("ecloud_core::codec::open_enum(deserializer, |value| Self::from(value)) } }");
}
