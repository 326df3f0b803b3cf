//! The fields of structs.

use super::gathered::{Additional, Gathered};
use super::schema::{Schemas, Typed};
use super::{facts, secrets};
use crate::load::Node;
use crate::model::{Field, Presence, Struct, Ty};
use crate::names;
use crate::overlay::Retype;

impl<'a> Schemas<'a> {
    /// Reads the properties of a model.
    pub(super) fn fields_of(&mut self, owner: &str, gathered: &Gathered<'a>, place: Node<'a>) -> Struct {
        let scope = format!("fields {owner}");
        let mut fields = Vec::new();
        for (wire, schemas) in &gathered.properties {
            let overlay = self.overlay.schema(place.key(), &format!("#{}", place.pointer()));
            let overlay = overlay.and_then(|overlay| overlay.property(wire));
            if overlay.is_some_and(|overlay| overlay.drop) {
                continue;
            }
            let suffix = names::camel(wire).unwrap_or_else(|| "Field".to_owned());
            let wish = if suffix.starts_with(owner) { suffix } else { format!("{owner}{suffix}") };
            let typed = self.typed(schemas.clone(), &wish, gathered.united);
            let rename = overlay.and_then(|overlay| overlay.rename.clone());
            let wish = rename.or_else(|| names::snake(wire)).unwrap_or_else(|| "field".to_owned());
            let required = overlay.and_then(|overlay| overlay.required).unwrap_or(gathered.required.contains(wire));
            let nullable = overlay.and_then(|overlay| overlay.nullable).unwrap_or(typed.nullable);
            let name = self.names.claim(&scope, wire, &wish);
            if typed.read_only {
                self.read_only.insert((owner.to_owned(), name.clone()));
            }
            let doc = doc(&typed, gathered, wire, schemas);
            let ty = match overlay.and_then(|overlay| overlay.retype.as_ref()) {
                Some(retype) => retyped(retype),
                None if typed.ty == Ty::Text
                    && typed.constant.is_none()
                    && secrets::is_secret(owner, gathered, wire) =>
                {
                    Ty::Secret
                }
                None => typed.ty,
            };
            let constant = typed.constant.filter(|_| ty == Ty::Text);
            fields.push(Field {
                wire: (*wire).to_owned(),
                name,
                doc,
                ty,
                presence: match (required, nullable) {
                    (true, false) => Presence::Required,
                    (true, true) => Presence::RequiredOrNull,
                    (false, true) => Presence::OptionalOrNull,
                    (false, false) => Presence::Optional,
                },
                constant,
                deprecated: typed.deprecated,
                boxed: false,
                example: typed.example,
            });
        }
        let additional = gathered.additional.map(|additional| {
            let ty = match additional {
                Additional::Any => Ty::Json,
                Additional::Of(node) => self.value(node, &format!("{owner}Value")).ty,
            };
            (self.names.claim(&scope, "*", "additional"), ty)
        });
        Struct { fields, input: false, additional, page: None }
    }
}

/// The text about a field.
fn doc(typed: &Typed, gathered: &Gathered<'_>, wire: &str, schemas: &[Node<'_>]) -> String {
    let mut doc = if typed.doc.is_empty() { facts::text(schemas, &[], wire) } else { typed.doc.clone() };
    if doc.is_empty() {
        doc = format!("The property `{}`.", wire.replace(['`', '\n', '\r'], " "));
    }
    if let Some(constant) = &typed.constant {
        let always = if gathered.required.contains(wire) { "Always" } else { "Always, where it is there," };
        doc.push_str(&format!("\n\n{always} `{}`.", constant.replace(['`', '\n', '\r'], " ")));
    }
    doc
}

/// The type that an overlay gives a property.
fn retyped(retype: &Retype) -> Ty {
    match retype {
        Retype::Money => Ty::Money,
        Retype::Decimal | Retype::Text => Ty::Text,
        Retype::Timestamp => Ty::Timestamp,
        Retype::Integer => Ty::I64,
        Retype::Number => Ty::F64,
        Retype::Bool => Ty::Bool,
        Retype::Json => Ty::Json,
        Retype::Id(name) => Ty::Id(name.clone()),
        Retype::Secret => Ty::Secret,
        Retype::Sensitive(kind) => Ty::Sensitive(*kind),
    }
}
