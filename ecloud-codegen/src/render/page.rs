//! Models as pages of lists.

use super::code::{Code, Imports};
use crate::model::{Domain, Field, Model, Page, Position, Presence, Shape, Struct, Ty};

/// Writes what makes a model a page.
pub(super) fn page(code: &mut Code, imports: &mut Imports, domain: &Domain, model: &Model, page: &Page) {
    let Some(items) = items(domain, model, &page.items) else {
        return;
    };
    let (name, item) = (imports.core("Page"), imports.ty(&page.item));
    let position = imports.core("Position");
    let place = place(domain, model, &page.position);
    code.gap();
    code.line(format!("impl {name} for {} {{", model.name));
    code.line(format!("type Item = {item};"));
    code.gap();
    code.line(format!("fn position(&self) -> {position}<'_> {{ {position}::{place} }}"));
    code.gap();
    code.line(format!("fn into_items(self) -> Vec<Self::Item> {{ {items} }}"));
    // Only what isn't the protocol's own has to be counted.
    if let Some(list) = read(domain, model, &page.items).filter(|_| domain.platform.is_some()) {
        let count = match list.optional {
            true => format!("Some({}.map_or(0, Vec::len))", list.text),
            false => format!("Some(self.{}.len())", list.text),
        };
        code.gap();
        code.line(format!("fn item_count(&self) -> Option<usize> {{ {count} }}"));
    }
    code.line("}");
}

/// What the page says about where it stands, as a variant of the core's `Position`.
fn place(domain: &Domain, model: &Model, position: &Position) -> String {
    let read = |way: &[String]| read(domain, model, way);
    let known = match position {
        Position::Number => Some("Number { page: self.page, page_size: self.page_size, total: self.total }".to_owned()),
        Position::Cursor(way) => read(way).map(|value| format!("Cursor({})", value.text())),
        Position::Url(way) => read(way).map(|value| format!("Url({})", value.text())),
        Position::More(way) => read(way).map(|value| format!("More({})", value.copied("unwrap_or_default()"))),
        Position::Total(way) => read(way).map(|value| value.total()),
        Position::Open => None,
    };
    known.unwrap_or_else(|| "Open".to_owned())
}

/// An expression that reads a field of a page, and what it gives.
struct Read<'a> {
    /// Gives a place, or an `Option` of a reference.
    text: String,
    optional: bool,
    field: &'a Field,
}

impl Read<'_> {
    /// As `Option<&str>`.
    fn text(&self) -> String {
        match self.optional {
            true => {
                format!("{}.map(String::as_str)", self.text).replace(".as_ref().map(String::as_str)", ".as_deref()")
            }
            false => format!("Some(self.{}.as_str())", self.text),
        }
    }

    /// As a copy, or what stands for nothing.
    fn copied(&self, nothing: &str) -> String {
        match self.optional {
            true => format!("{}.copied().{nothing}", self.text).replace(".as_ref().copied()", ""),
            false => format!("self.{}", self.text),
        }
    }

    /// As the variant that says the total.
    fn total(&self) -> String {
        let value = self.copied("unwrap_or_default()");
        match self.field.ty {
            Ty::U64 => format!("Total({value})"),
            Ty::U32 => format!("Total({value}.into())"),
            // Negative numbers and those beyond come out as the nearest that there is.
            Ty::F64 => format!("Total({value} as u64)"),
            _ => format!("Total(u64::try_from({value}).unwrap_or_default())"),
        }
    }
}

/// The fields on a way through models.
fn fields<'a>(domain: &'a Domain, model: &'a Model, way: &[String]) -> Option<Vec<&'a Field>> {
    let mut shape = structure(model)?;
    let mut fields = Vec::new();
    for (index, name) in way.iter().enumerate() {
        let field = shape.fields.iter().find(|field| field.name == *name)?;
        fields.push(field);
        if index + 1 < way.len() {
            let Ty::Model(inner) = &field.ty else {
                return None;
            };
            shape = structure(domain.model(inner)?.1)?;
        }
    }
    Some(fields)
}

fn structure(model: &Model) -> Option<&Struct> {
    match &model.shape {
        Shape::Struct(shape) => Some(shape),
        _ => None,
    }
}

/// The expression that reads what lies at the end of a way.
fn read<'a>(domain: &'a Domain, model: &'a Model, way: &[String]) -> Option<Read<'a>> {
    let fields = fields(domain, model, way)?;
    let mut text = String::new();
    let mut optional = false;
    for field in &fields {
        let name = &field.name;
        let lifted = match field.presence {
            Presence::Required | Presence::Empty => None,
            Presence::OptionalOrNull => Some("as_option()"),
            _ => Some("as_ref()"),
        };
        text = match (optional, lifted) {
            (false, None) if text.is_empty() => name.clone(),
            (false, None) => format!("{text}.{name}"),
            (false, Some(lift)) if text.is_empty() => format!("self.{name}.{lift}"),
            (false, Some(lift)) => format!("self.{text}.{name}.{lift}"),
            (true, None) => format!("{text}.map(|at| &at.{name})"),
            (true, Some(lift)) => format!("{text}.and_then(|at| at.{name}.{lift})"),
        };
        optional |= lifted.is_some();
    }
    Some(Read { text, optional, field: fields.last()? })
}

/// The expression that takes the items out.
fn items(domain: &Domain, model: &Model, way: &[String]) -> Option<String> {
    let fields = fields(domain, model, way)?;
    let mut text = "self".to_owned();
    let mut optional = false;
    for field in &fields {
        let name = &field.name;
        let lifted = match field.presence {
            Presence::Required | Presence::Empty => None,
            Presence::OptionalOrNull => Some(".into_option()"),
            _ => Some(""),
        };
        text = match (optional, lifted) {
            (false, None) => format!("{text}.{name}"),
            (false, Some(lift)) => format!("{text}.{name}{lift}"),
            (true, None) => format!("{text}.map(|at| at.{name})"),
            (true, Some(lift)) => format!("{text}.and_then(|at| at.{name}{lift})"),
        };
        optional |= lifted.is_some();
    }
    Some(if optional { format!("{text}.unwrap_or_default()") } else { text })
}
