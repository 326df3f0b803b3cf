//! Types that an overlay gives to properties, as far as the wire fits them.

use super::gathered::{Additional, Gathered};
use super::schema::Schemas;
use crate::load::Node;
use crate::model::Ty;
use crate::overlay::{PropertyOverlay, Retype};
use crate::problem::Problem;

impl<'a> Schemas<'a> {
    /// The type of a property that an overlay retypes; `ty` is the one that the document gives it. Of a list or map it is the values
    /// that are retyped.
    ///
    /// What isn't written as the wanted type is read stays as it is: a mistake in the overlay, but for a decimal that the document
    /// writes as a number, which is only a wish that can't be fulfilled.
    pub(super) fn retyped(
        &mut self,
        said: &PropertyOverlay,
        wire: &str,
        place: Node<'a>,
        schemas: &[Node<'a>],
        ty: Ty,
    ) -> Ty {
        let Some(retype) = &said.retype else {
            return ty;
        };
        if *retype == Retype::Json {
            return Ty::Json;
        }
        let gathered = Gathered::of(self.sources, &[], schemas);
        let inner = match (&ty, gathered.items.last().copied(), &gathered.additional) {
            (Ty::List(inner), Some(items), _) => Some((inner, items)),
            (Ty::Map(inner), _, Some(Additional::Of(values))) => Some((inner, *values)),
            _ => None,
        };
        if let Some((inner, node)) = inner {
            let inner = Box::new(self.retyped(said, wire, place, &[node], (**inner).clone()));
            return if matches!(ty, Ty::List(_)) { Ty::List(inner) } else { Ty::Map(inner) };
        }
        let is_text = matches!(ty, Ty::Text | Ty::Secret | Ty::Json) || gathered.texts().is_some();
        let is_number = matches!(ty, Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 | Ty::F64 | Ty::Json);
        let wanted = match retype {
            Retype::Json => Some(Ty::Json),
            Retype::Money => (ty == Ty::Json || self.is_money(&gathered)).then_some(Ty::Money),
            Retype::Decimal | Retype::Text => is_text.then_some(Ty::Text),
            Retype::Timestamp => is_text.then_some(Ty::Timestamp),
            Retype::Id(name) => is_text.then(|| Ty::Id(name.clone())),
            Retype::Secret => is_text.then_some(Ty::Secret),
            Retype::Sensitive(kind) => is_text.then_some(Ty::Sensitive(*kind)),
            Retype::Integer => is_number.then_some(Ty::I64),
            Retype::Number => is_number.then_some(Ty::F64),
            Retype::Bool => matches!(ty, Ty::Bool | Ty::Json).then_some(Ty::Bool),
        };
        match wanted {
            Some(wanted) => wanted,
            None if *retype == Retype::Decimal && is_number => {
                let node = schemas.last().copied().unwrap_or(place);
                self.degrade(node, "a decimal that is a number in JSON and no text", "a number");
                ty
            }
            None => {
                let reason = format!("`{wire}` is {ty} in the document, which isn't written like that");
                self.problems.add(Problem { place: said.place.clone(), reason });
                ty
            }
        }
    }

    /// Whether a schema describes an amount as the core reads it: `{"amount": 12990, "currency": "CNY"}`.
    fn is_money(&self, gathered: &Gathered<'a>) -> bool {
        let is = |wire: &str, ty: &str| {
            let schemas = gathered.schemas_of(wire);
            schemas.is_some_and(|schemas| Gathered::of(self.sources, &[], schemas).is(ty))
        };
        is("amount", "integer") && is("currency", "string")
    }
}
