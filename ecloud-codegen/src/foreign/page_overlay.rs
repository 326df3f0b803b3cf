//! Pages as an overlay declares them.

use super::operation::{At, Reader};
use super::page;
use super::schema::Schemas;
use crate::model::{Location, Page, PageStyle, Paging, Parameter, Position, Ty};
use crate::overlay::Ways;
use crate::problem::Problem;

/// How an operation pages by its overlay.
///
/// # Errors
///
/// When the overlay names a parameter or property that isn't there, or lacks what can't be guessed.
pub(super) fn of(
    reader: &Reader<'_>,
    at: At<'_, '_>,
    ways: &Ways,
    parameters: &[Parameter],
    ty: &Ty,
) -> Result<(Paging, Page), Problem> {
    let problem = |reason: String| Problem { place: ways.place.clone(), reason };
    let in_query = |name: &String| {
        let declared = |parameter: &&Parameter| parameter.location == Location::Query && parameter.wire == *name;
        let found = parameters.iter().find(declared);
        found.ok_or_else(|| problem(format!("`{}` has no parameter `{name}` in its query", at.outline.key)))
    };
    let parameter = match &ways.parameter {
        Some(name) => Some(in_query(name)?),
        None => page::parameter_of(ways.style, parameters),
    };
    let by_address = matches!(ways.style, PageStyle::Link | PageStyle::Url);
    if parameter.is_none() && !by_address {
        return Err(problem(format!("pages by {} need the `parameter` that names them", ways.style.as_str())));
    }
    let size = match &ways.size {
        Some(name) => Some(in_query(name)?),
        None => page::size_of(parameters),
    };
    let schemas = &reader.schemas;
    let way = |pointer: &str| {
        way(schemas, ty, pointer)
            .ok_or_else(|| problem(format!("`{}` answers with nothing at `{pointer}`", at.outline.key)))
    };
    let (items, item) = match &ways.items {
        Some(pointer) => {
            let (way, ty) = way(pointer)?;
            let Ty::List(item) = ty else {
                return Err(problem(format!("what is at `{pointer}` is no list")));
            };
            (way, *item)
        }
        None => page::items(schemas, at, ty)
            .ok_or_else(|| problem("which of the lists holds the `items` isn't clear".to_owned()))?,
    };
    let next = match (ways.style, &ways.next, parameter) {
        (_, Some(next), _) => Some(way(next)?.0),
        (PageStyle::Cursor, None, Some(parameter)) => page::next(schemas, ty, parameter),
        (PageStyle::Url, None, _) => page::address(schemas, ty),
        _ => None,
    };
    let position = match (ways.style, next, &ways.more, &ways.total) {
        (PageStyle::Cursor, Some(next), _, _) => Position::Cursor(next),
        (PageStyle::Url, Some(next), _, _) => Position::Url(next),
        (PageStyle::Cursor | PageStyle::Url, None, _, _) => {
            return Err(problem("`next` must say where the answer names the next page".to_owned()));
        }
        (_, _, Some(more), _) => Position::More(way(more)?.0),
        (_, _, None, Some(total)) => Position::Total(way(total)?.0),
        (PageStyle::Link, ..) => Position::Open,
        _ => page::end(schemas, ty),
    };
    let paging = Paging {
        style: ways.style,
        parameter: parameter.filter(|_| !by_address).map(|parameter| parameter.wire.clone()),
        size: size.map(|parameter| parameter.wire.clone()),
        first: ways.first.unwrap_or(1),
    };
    Ok((paging, Page { position, items, item }))
}

/// The way to what is at a pointer of an answer, by the names of fields, and its type.
fn way(schemas: &Schemas<'_>, ty: &Ty, pointer: &str) -> Option<(Vec<String>, Ty)> {
    let mut way = Vec::new();
    let mut ty = ty.clone();
    for token in pointer.split('/').filter(|token| !token.is_empty()) {
        let wire = token.replace("~1", "/").replace("~0", "~");
        let field = schemas.property(&ty, &wire)?;
        way.push(field.name.clone());
        ty = field.ty.clone();
    }
    Some((way, ty))
}
