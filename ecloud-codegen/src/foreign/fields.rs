//! The fields of structs.

use super::gathered::{Additional, Gathered};
use super::schema::{Schemas, Typed};
use super::secrets;
use crate::load::Node;
use crate::model::{Field, Presence, Struct, Ty};
use crate::names;

impl<'a> Schemas<'a> {
    /// Reads the properties of a model.
    pub(super) fn fields_of(&mut self, owner: &str, gathered: &Gathered<'a>, place: Node<'a>) -> Struct {
        let scope = format!("fields {owner}");
        let mut fields = Vec::new();
        let said = self.said(place);
        for (wire, schemas) in &gathered.properties {
            let overlay = said.and_then(|overlay| overlay.property(wire));
            if overlay.is_some_and(|overlay| overlay.drop) {
                continue;
            }
            let wish = self.wish_of_property(owner, place, schemas, wire);
            let typed = self.typed(schemas.clone(), &wish, wire, gathered.united);
            let rename = overlay.and_then(|overlay| overlay.rename.clone());
            let wish = rename.or_else(|| names::snake(wire)).unwrap_or_else(|| "field".to_owned());
            let required = overlay.and_then(|overlay| overlay.required).unwrap_or(gathered.required.contains(wire));
            let nullable = overlay.and_then(|overlay| overlay.nullable).unwrap_or(typed.nullable);
            let name = self.names.claim(&scope, wire, &wish);
            if typed.read_only {
                self.read_only.insert((owner.to_owned(), name.clone()));
            }
            let doc = doc(&typed, gathered, wire);
            let ty = match overlay.filter(|overlay| overlay.retype.is_some()) {
                Some(overlay) => self.retyped(overlay, wire, place, schemas, typed.ty),
                None if typed.ty == Ty::Text
                    && typed.constant.is_none()
                    && secrets::is_secret(owner, gathered, wire) =>
                {
                    Ty::Secret
                }
                None => typed.ty,
            };
            // A schema that a discriminator tells by one value always has that.
            let tag = self.tag_value(place, wire).filter(|_| overlay.is_none_or(|overlay| overlay.retype.is_none()));
            let ty = if tag.is_some() { Ty::Text } else { ty };
            let constant = tag.or(typed.constant).filter(|_| ty == Ty::Text);
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
        fields.extend(self.undescribed(owner, gathered, place));
        let additional = gathered.additional.map(|additional| {
            let ty = match additional {
                Additional::Any => Ty::Json,
                Additional::Of(node) => self.element(node, &format!("{owner}Value")),
            };
            (self.names.claim(&scope, "*", "additional"), ty)
        });
        Struct { fields, input: false, additional, page: None }
    }

    /// Fields for what a schema requires and doesn't describe: any JSON, since nothing is known but that it is wanted.
    fn undescribed(&mut self, owner: &str, gathered: &Gathered<'a>, place: Node<'a>) -> Vec<Field> {
        let described = |wire: &str| {
            // Who writes `Id` for `id` means what is described.
            gathered.properties.iter().any(|(other, _)| other.eq_ignore_ascii_case(wire))
        };
        let mut wires: Vec<&str> = gathered.required.iter().copied().filter(|wire| !described(wire)).collect();
        wires.sort_unstable();
        if wires.is_empty() || gathered.additional.is_some() {
            return Vec::new();
        }
        let names = wires.join("`, `");
        self.repair(place, format!("requires `{names}`, which it doesn't describe"), "any JSON there");
        let said = self.said(place);
        let mut fields = Vec::new();
        for wire in wires {
            let overlay = said.and_then(|overlay| overlay.property(wire));
            if overlay.is_some_and(|overlay| overlay.drop) {
                continue;
            }
            let rename = overlay.and_then(|overlay| overlay.rename.clone());
            let wish = rename.or_else(|| names::snake(wire)).unwrap_or_else(|| "field".to_owned());
            let ty = match overlay.filter(|overlay| overlay.retype.is_some()) {
                Some(overlay) => self.retyped(overlay, wire, place, &[], Ty::Json),
                None => Ty::Json,
            };
            fields.push(Field {
                wire: wire.to_owned(),
                name: self.names.claim(&format!("fields {owner}"), wire, &wish),
                doc: format!("`{}`, which is required and not described.", wire.replace(['`', '\n', '\r'], " ")),
                ty,
                presence: Presence::Required,
                constant: None,
                deprecated: false,
                boxed: false,
                example: None,
            });
        }
        fields
    }
}

/// The text about a field.
fn doc(typed: &Typed, gathered: &Gathered<'_>, wire: &str) -> String {
    let mut doc = typed.doc.clone();
    if doc.is_empty() {
        doc = format!("The property `{}`.", wire.replace(['`', '\n', '\r'], " "));
    }
    if let Some(constant) = &typed.constant {
        let always = if gathered.required.contains(wire) { "Always" } else { "Always, where it is there," };
        doc.push_str(&format!("\n\n{always} `{}`.", constant.replace(['`', '\n', '\r'], " ")));
    }
    doc
}
