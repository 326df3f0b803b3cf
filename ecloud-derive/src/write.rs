//! The implementations for a struct, as text.

use std::fmt::Write;

use crate::parse::{Field, Read, Structure};

/// `Serialize` and `Deserialize`.
pub(crate) fn implementations(structure: &Structure) -> String {
    let mut out = String::from("#[automatically_derived] #[allow(deprecated)] const _: () = {\n");
    out.push_str("use ::ecloud_core::codec::object;\n");
    draft(&mut out, structure);
    reader(&mut out, structure);
    writer(&mut out, structure);
    out.push_str("};\n");
    out
}

/// The fields that are found by their names, with their places.
fn named(structure: &Structure) -> impl Iterator<Item = (usize, &Field)> {
    structure.fields.iter().filter(|field| field.read != Read::Rest).enumerate()
}

/// The struct while it is read: what has to be there may still be missing.
fn draft(out: &mut String, structure: &Structure) {
    out.push_str("struct __Draft {\n");
    for Field { name, ty, read, .. } in &structure.fields {
        _ = match read {
            Read::Optional | Read::Rest => writeln!(out, "{name}: {ty},"),
            Read::Required | Read::NullAsEmpty => writeln!(out, "{name}: object::Option<{ty}>,"),
        };
    }
    out.push_str("}\n");
}

fn reader(out: &mut String, structure: &Structure) {
    let Structure { name, wire, fields } = structure;
    let names: Vec<&str> = named(structure).map(|(_, field)| field.wire.as_str()).collect();
    _ = writeln!(
        out,
        "impl<'de> object::Draft<'de> for __Draft {{\ntype Model = {name};\nconst NAME: &'static str = {wire};\n\
         const NAMES: &'static [&'static str] = &[{}];",
        names.join(", "),
    );
    out.push_str("#[inline] fn new() -> Self { Self {\n");
    for Field { name, read, .. } in fields {
        _ = match read {
            Read::Optional | Read::Rest => writeln!(out, "{name}: object::Default::default(),"),
            Read::Required | Read::NullAsEmpty => writeln!(out, "{name}: object::Option::None,"),
        };
    }
    out.push_str("} }\n#[inline] fn place(name: &str) -> usize { match name {\n");
    for (place, field) in named(structure) {
        _ = writeln!(out, "{} => {place},", field.wire);
    }
    out.push_str(
        "_ => object::UNKNOWN } }\n\
         fn read<A: object::MapAccess<'de>>(&mut self, place: usize, map: &mut A) -> object::Result<(), A::Error> { match place {\n",
    );
    for (place, Field { name, read, .. }) in named(structure) {
        let read = match read {
            Read::Required => "required",
            Read::NullAsEmpty => "null_as_empty",
            Read::Optional | Read::Rest => "optional",
        };
        _ = writeln!(out, "{place} => object::{read}(&mut self.{name}, map),");
    }
    out.push_str("_ => object::skip(map) } }\n");
    if let Some(rest) = fields.iter().find(|field| field.read == Read::Rest) {
        _ = writeln!(
            out,
            "const HAS_REST: bool = true;\n\
             fn rest<A: object::MapAccess<'de>>(&mut self, name: object::String, map: &mut A) -> object::Result<(), A::Error> {{ \
             object::rest(&mut self.{}, name, map) }}",
            rest.name,
        );
    }
    _ = writeln!(out, "fn finish<E: object::Error>(self) -> object::Result<{name}, E> {{ object::Result::Ok({name} {{");
    for Field { name, read, wire, .. } in fields {
        _ = match read {
            Read::Optional | Read::Rest => writeln!(out, "{name}: self.{name},"),
            Read::Required | Read::NullAsEmpty => writeln!(out, "{name}: object::found(self.{name}, {wire})?,"),
        };
    }
    _ = writeln!(
        out,
        "}}) }} }}\n\
         impl<'de> object::Deserialize<'de> for {name} {{\n\
         fn deserialize<D: object::Deserializer<'de>>(deserializer: D) -> object::Result<Self, D::Error> {{ \
         object::read::<__Draft, D>(deserializer) }} }}"
    );
}

fn writer(out: &mut String, structure: &Structure) {
    let Structure { name, wire, fields } = structure;
    let rest = fields.iter().find(|field| field.read == Read::Rest);
    let kind = if rest.is_some() { "MapWriter" } else { "Writer" };
    _ = writeln!(
        out,
        "impl object::Serialize for {name} {{\n\
         fn serialize<S: object::Serializer>(&self, serializer: S) -> object::Result<S::Ok, S::Error> {{\n\
         let mut object = object::{kind}::new(serializer, {wire}, {});",
        fields.len(),
    );
    for Field { name, wire, read, skip, .. } in fields {
        _ = match (read, skip) {
            (Read::Rest, _) => writeln!(out, "object.rest(&self.{name});"),
            (_, Some(skip)) => writeln!(out, "object.unless({skip}(&self.{name}), {wire}, &self.{name});"),
            (_, None) => writeln!(out, "object.field({wire}, &self.{name});"),
        };
    }
    out.push_str("object.end() } }\n");
}
