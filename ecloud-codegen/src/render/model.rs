//! Models as Rust types: structs, with a constructor and setters where callers make them.

use super::code::{Code, Imports, NARROW, WIDE, convert};
use super::{answers, enumeration, page, union};
use crate::model::{Domain, Field, Model, Presence, Shape, Struct, Ty};

/// Writes a model.
pub(super) fn model(code: &mut Code, imports: &mut Imports, domain: &Domain, model: &Model) {
    match &model.shape {
        Shape::Struct(shape) => {
            fields(code, imports, domain, model, shape);
            if shape.input {
                input(code, imports, model, shape);
            }
            if let Some(page) = &shape.page {
                page::page(code, imports, domain, model, page);
            }
        }
        Shape::Enum(shape) => enumeration::values(code, imports, model, shape),
        Shape::Union(shape) => union::union(code, imports, model, shape),
        Shape::Answers(cases) => answers::answers(code, imports, model, cases),
    }
}

/// What a model is.
pub(super) fn about(code: &mut Code, model: &Model) {
    match model.doc.as_str() {
        "" => code.doc(format!("The model `{}`.", model.name)),
        doc => code.text(doc, WIDE),
    }
    code.aliases(&model.aliases);
}

fn fields(code: &mut Code, imports: &mut Imports, domain: &Domain, model: &Model, shape: &Struct) {
    let derive = imports.core("Model");
    code.gap();
    about(code, model);
    // A model that callers make from nothing is made by `Default` too, as lints expect of a `new` without arguments.
    let default = if shape.input && !shape.fields.iter().any(Field::is_required) { "Default, " } else { "" };
    code.line(format!("#[derive(Clone, Debug, {default}PartialEq, {derive})]"));
    code.line("#[non_exhaustive]");
    code.line(format!("pub struct {} {{", model.name));
    for field in &shape.fields {
        code.text(&field.doc, NARROW);
        let mut attributes = Vec::new();
        if field.name != field.wire {
            attributes.push(format!("rename = {:?}", field.wire));
        }
        attributes.extend(presence(imports, domain, field));
        if !attributes.is_empty() {
            code.line(format!("#[serde({})]", attributes.join(", ")));
        }
        let ty = field_type(imports, field);
        code.line(format!("pub {}: {ty},", field.name));
    }
    if let Some((name, ty)) = &shape.additional {
        let ty = imports.ty(&Ty::Map(Box::new(ty.clone())));
        code.doc("What else there is, by name.");
        // The document says that there is more than it names, and only this keeps it.
        code.line("#[serde(flatten)]");
        code.line(format!("pub {name}: {ty},"));
    }
    code.line("}");
}

/// How serde reads and writes a field that may be absent or null.
fn presence(imports: &mut Imports, domain: &Domain, field: &Field) -> Option<String> {
    let empty = |holder: &str, test: &str| Some(format!("default, skip_serializing_if = \"{holder}::{test}\""));
    match field.presence {
        // Other people's platforms say null where they mean an empty list.
        Presence::Required if domain.platform.is_some() && matches!(field.ty, Ty::List(_) | Ty::Map(_)) => {
            Some("deserialize_with = \"ecloud_core::codec::null_as_empty\"".to_owned())
        }
        // What is any JSON is null where it isn't there.
        Presence::Required if domain.platform.is_some() && field.ty == Ty::Json => Some("default".to_owned()),
        Presence::Required => None,
        Presence::RequiredOrNull => Some("default".to_owned()),
        Presence::Optional => empty("Option", "is_none"),
        Presence::OptionalOrNull => empty(&imports.core("Nullable"), "is_absent"),
        Presence::Empty => match field.ty {
            Ty::Map(_) => empty(&imports.of("std::collections", "BTreeMap"), "is_empty"),
            _ => empty("Vec", "is_empty"),
        },
    }
}

fn field_type(imports: &mut Imports, field: &Field) -> String {
    let ty = value_type(imports, field);
    match field.presence {
        Presence::Required | Presence::Empty => ty,
        Presence::RequiredOrNull | Presence::Optional => format!("Option<{ty}>"),
        Presence::OptionalOrNull => format!("{}<{ty}>", imports.core("Nullable")),
    }
}

fn value_type(imports: &mut Imports, field: &Field) -> String {
    let ty = imports.ty(&field.ty);
    if field.boxed { format!("Box<{ty}>") } else { ty }
}

/// The value of a field from an argument of its name.
fn field_value(field: &Field) -> String {
    let value = convert(&field.ty, &field.name);
    if field.boxed { format!("Box::new({value})") } else { value }
}

/// The value of a field that callers don't say.
fn preset(field: &Field) -> String {
    match (&field.constant, field.presence) {
        (Some(constant), Presence::Required) => format!("{constant:?}.into()"),
        (Some(constant), Presence::RequiredOrNull) => format!("Some({constant:?}.into())"),
        (_, Presence::OptionalOrNull) => "Nullable::Absent".to_owned(),
        (_, Presence::Empty) => "Default::default()".to_owned(),
        _ => "None".to_owned(),
    }
}

/// Whether callers say it when they make the model.
pub(super) fn is_argument(field: &Field) -> bool {
    field.is_required() && field.constant.is_none()
}

fn input(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Struct) {
    let required: Vec<&Field> = shape.fields.iter().filter(|field| is_argument(field)).collect();
    let optional: Vec<&Field> = shape.fields.iter().filter(|field| !field.is_required()).collect();
    code.gap();
    code.line(format!("impl {} {{", model.name));
    code.doc(match (required.is_empty(), optional.is_empty() && shape.additional.is_none()) {
        (_, true) => "From all that it has.",
        (true, false) => "With nothing in it yet: everything is absent until it is set.",
        (false, false) => "From what is required; everything else is absent until it is set.",
    });
    // The document decides how much is required; lints allow seven arguments.
    if required.len() > 7 {
        code.line("#[expect(clippy::too_many_arguments, reason = \"one for each required field\")]");
    }
    let arguments: Vec<String> = required
        .iter()
        .map(|field| match field.presence {
            Presence::RequiredOrNull => format!("{}: Option<{}>", field.name, value_type(imports, field)),
            _ => format!("{}: {}", field.name, imports.argument(&field.ty)),
        })
        .collect();
    code.line("#[inline]");
    code.line(format!("pub fn new({}) -> Self {{ Self {{", arguments.join(", ")));
    for field in &shape.fields {
        let value = match field.presence {
            _ if !is_argument(field) => preset(field),
            Presence::RequiredOrNull => field.name.clone(),
            _ => field_value(field),
        };
        if value == field.name {
            code.line(format!("{value},"));
        } else {
            code.line(format!("{}: {value},", field.name));
        }
    }
    if let Some((name, _)) = &shape.additional {
        code.line(format!("{name}: {}::new(),", imports.of("std::collections", "BTreeMap")));
    }
    code.line("} }");
    for field in optional {
        setters(code, imports, shape, field);
    }
    if let Some((name, ty)) = &shape.additional {
        let value = imports.argument(ty);
        code.gap();
        code.doc("Adds something by its name.");
        code.line(format!(
            "pub fn {name}(mut self, name: impl Into<String>, value: {value}) -> Self {{ self.{name}.insert(name.into(), {}); self }}",
            convert(ty, "value")
        ));
    }
    code.line("}");
    if required.is_empty() && shape.fields.iter().any(Field::is_required) {
        code.gap();
        code.line(format!("impl Default for {} {{ fn default() -> Self {{ Self::new() }} }}", model.name));
    }
}

fn setters(code: &mut Code, imports: &mut Imports, shape: &Struct, field: &Field) {
    let name = &field.name;
    let setter = setter(field);
    let argument = imports.argument(&field.ty);
    let value = field_value(field);
    let value = match field.presence {
        Presence::OptionalOrNull => format!("{}::Value({value})", imports.core("Nullable")),
        _ => format!("Some({value})"),
    };
    code.gap();
    code.text(&field.doc, NARROW);
    if field.deprecated {
        code.line("#[deprecated]");
    }
    code.line("#[inline]");
    code.line(format!("pub fn {setter}(mut self, {name}: {argument}) -> Self {{ self.{name} = {value}; self }}"));
    let null = format!("{}_null", name.trim_end_matches('_'));
    if field.presence == Presence::OptionalOrNull && !shape.fields.iter().any(|other| other.name == null) {
        code.gap();
        code.doc(format!("Says that there is no [`{name}`](Self::{name}), which is more than leaving it out."));
        code.line(format!(
            "pub fn {null}(mut self) -> Self {{ self.{name} = {}::Null; self }}",
            imports.core("Nullable")
        ));
    }
}

/// The name of the setter of an optional field: the field's, unless a model has such a method already.
pub(super) fn setter(field: &Field) -> String {
    let taken = field.name == "new";
    format!("{}{}", field.name, if taken { "_" } else { "" })
}
