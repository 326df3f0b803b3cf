//! Enums of texts, open to values that the document doesn't know.

use super::code::{Code, Imports, NARROW};
use super::model::about;
use crate::model::{Enum, Model};

/// Writes an open enum.
pub(super) fn values(code: &mut Code, imports: &mut Imports, model: &Model, shape: &Enum) {
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
    code.line("#[inline]");
    code.line("pub fn as_str(&self) -> &str { match self {");
    for value in &shape.values {
        code.line(format!("Self::{} => {:?},", value.variant, value.wire));
    }
    code.line("Self::Unknown(value) => value, } } }");
    code.gap();
    code.line(format!("impl From<&str> for {name} {{ #[inline] fn from(value: &str) -> Self {{ match value {{"));
    for value in &shape.values {
        code.line(format!("{:?} => Self::{},", value.wire, value.variant));
    }
    code.line("other => Self::Unknown(other.to_owned()), } } }");
    code.gap();
    code.line(format!("impl {fmt}::Display for {name} {{"));
    code.line(format!(
        "#[inline] fn fmt(&self, f: &mut {fmt}::Formatter<'_>) -> {fmt}::Result {{ f.write_str(self.as_str()) }} }}"
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
