//! Pages: how a list is read page by page, by the overlay or by what the names of parameters and properties tell.

use super::answer::Answers;
use super::operation::{At, Reader};
use super::page_overlay;
use super::schema::Schemas;
use crate::model::{Field, Location, Output, Page, PageStyle, Paging, Parameter, Position, Shape, Ty};
use crate::overlay::PageOverlay;

/// Parameters that take the cursor of a page.
const CURSORS: &[&str] = &[
    "after",
    "aftercursor",
    "bookmark",
    "continuation",
    "continuationtoken",
    "cursor",
    "nextcursor",
    "nextpage",
    "nextpagetoken",
    "nexttoken",
    "pageafter",
    "pagecursor",
    "pagetoken",
    "paginationtoken",
    "startcursor",
];

/// Properties that hold the cursor of the next page.
const NEXT: &[&str] = &[
    "after",
    "aftercursor",
    "continuation",
    "continuationtoken",
    "cursor",
    "endcursor",
    "next",
    "nextcontinuationtoken",
    "nextcursor",
    "nextoffset",
    "nextpage",
    "nextpagecursor",
    "nextpagetoken",
    "nexttoken",
    "pagetoken",
    "paginationtoken",
];

/// Parameters that take the number of a page.
const NUMBERS: &[&str] = &["currentpage", "page", "pageindex", "pageno", "pagenum", "pagenumber", "pagepage"];

/// Parameters that take the number of items before a page.
const OFFSETS: &[&str] = &["firstresult", "offset", "pageoffset", "skip", "start", "startat", "startindex", "startrow"];

/// Parameters that say how many items a page holds.
const SIZES: &[&str] = &[
    "count",
    "first",
    "itemsperpage",
    "limit",
    "max",
    "maxitems",
    "maxpagesize",
    "maxresults",
    "maxresultsperpage",
    "pagelimit",
    "pagesize",
    "perpage",
    "resultsperpage",
    "rows",
    "size",
    "take",
    "top",
];

/// Flags that say whether more follow.
const MORE: &[&str] = &["hasmore", "hasmoreitems", "hasmoreresults", "hasnext", "hasnextpage", "more", "moreresults"];

/// How many items there are in all. A `count` may mean the page's own, so it counts only where nothing else is said.
const TOTALS: &[&str] = &[
    "itemcount",
    "total",
    "totalcount",
    "totalelements",
    "totalentries",
    "totalitems",
    "totalnumber",
    "totalrecords",
    "totalresults",
    "totalrows",
    "totalsize",
];

/// Properties that hold the next page's address.
const ADDRESSES: &[&str] =
    &["next", "nexthref", "nextlink", "nextpage", "nextpagelink", "nextpageurl", "nexturi", "nexturl", "odatanextlink"];

/// Properties that hold what is said about a page.
const ABOUT: &[&str] = &[
    "cursors",
    "data",
    "links",
    "meta",
    "metadata",
    "next",
    "page",
    "pageinfo",
    "pageinformation",
    "pages",
    "pagination",
    "paginginfo",
    "paging",
    "payload",
    "response",
    "responsemetadata",
    "result",
    "results",
];

/// Properties that hold the items, or what holds them.
const ITEMS: &[&str] = &[
    "data",
    "items",
    "results",
    "result",
    "records",
    "entries",
    "list",
    "content",
    "values",
    "value",
    "objects",
    "elements",
    "rows",
    "hits",
    "edges",
    "nodes",
    "resources",
    "embedded",
    "payload",
    "response",
];

/// Lists that are never the items.
const BESIDE: &[&str] = &[
    "aggregations",
    "errors",
    "facets",
    "filters",
    "included",
    "includes",
    "links",
    "messages",
    "notices",
    "sort",
    "warnings",
];

/// How an operation pages, if it is a list; its model is told.
pub(super) fn of(
    reader: &mut Reader<'_>,
    at: At<'_, '_>,
    parameters: &[Parameter],
    answers: &Answers,
) -> Option<Paging> {
    let ty = match &answers.output {
        Output::Json(ty) | Output::Maybe(ty) => ty.clone(),
        _ => return None,
    };
    let (paging, page) = match at.outline.overlay.and_then(|said| said.page.as_ref()) {
        Some(PageOverlay::Never) => return None,
        Some(PageOverlay::Ways(ways)) => match page_overlay::of(reader, at, ways, parameters, &ty) {
            Ok(found) => found,
            Err(problem) => {
                reader.problems.add(problem);
                return None;
            }
        },
        // Guesses are for what can be asked again and again.
        None if at.outline.verb != crate::model::Verb::Get || matches!(answers.output, Output::Maybe(_)) => {
            return None;
        }
        None => guess(&reader.schemas, at, parameters, answers, &ty)?,
    };
    let Some(model) = ty.model().filter(|_| matches!(ty, Ty::Model(_))) else {
        // A plain list says nothing about where it stands.
        return (page.position == Position::Open).then_some(paging);
    };
    let name = model.to_owned();
    let Some(Shape::Struct(shape)) = reader.schemas.model_mut(&name).map(|model| &mut model.shape) else {
        return None;
    };
    match &shape.page {
        Some(other) if *other != page => {
            let what = format!("a list of `{name}`, which is the page of a list of another kind");
            reader.repair(at, at.outline.node, what, "no pages");
            None
        }
        _ => {
            shape.page = Some(page);
            Some(paging)
        }
    }
}

/// How an operation pages by what its names tell.
fn guess(
    schemas: &Schemas<'_>,
    at: At<'_, '_>,
    parameters: &[Parameter],
    answers: &Answers,
    ty: &Ty,
) -> Option<(Paging, Page)> {
    let (items, item) = items(schemas, at, ty)?;
    let size = size_of(parameters).map(|parameter| parameter.wire.clone());
    let paging = |style, parameter: Option<&Parameter>| Paging {
        style,
        parameter: parameter.map(|parameter| parameter.wire.clone()),
        size: size.clone(),
        first: 1,
    };
    let page = |position| Page { position, items: items.clone(), item: item.clone() };
    if let Some(cursor) = parameter_of(PageStyle::Cursor, parameters)
        && let Some(next) = next(schemas, ty, cursor)
    {
        return Some((paging(PageStyle::Cursor, Some(cursor)), page(Position::Cursor(next))));
    }
    let number = parameter_of(PageStyle::Number, parameters);
    let offset = parameter_of(PageStyle::Offset, parameters);
    let known = end(schemas, ty);
    if answers.has_link && known == Position::Open && (number.is_some() || offset.is_some() || size.is_some()) {
        return Some((paging(PageStyle::Link, None), page(Position::Open)));
    }
    if let Some(number) = number {
        let paging = Paging { first: first(at, number), ..paging(PageStyle::Number, Some(number)) };
        return Some((paging, page(known)));
    }
    // A start alone may be a moment or a place.
    if let Some(offset) = offset.filter(|_| size.is_some()) {
        return Some((paging(PageStyle::Offset, Some(offset)), page(known)));
    }
    let url = address(schemas, ty)?;
    // Where the last page's address stands beside the next one's, the two may be the same at the end.
    let (_, holder) = url.split_last()?;
    let is_last =
        |field: &Field| matches!(plain(&field.wire).as_str(), "last" | "lastpage" | "lasturl" | "lastpageurl");
    if schemas.fields(&follow(schemas, ty, holder)?)?.iter().any(is_last) {
        return None;
    }
    Some((paging(PageStyle::Url, None), page(Position::Url(url))))
}

/// What a parameter must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Text,
    Integer,
}

/// The first parameter of the query with one of these names, as far as its type fits.
fn parameter<'p>(parameters: &'p [Parameter], names: &[&str], is: Is) -> Option<&'p Parameter> {
    let fits = |parameter: &&Parameter| {
        let number = matches!(parameter.ty, Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 | Ty::F64);
        let fits = match is {
            Is::Text => parameter.ty == Ty::Text || parameter.ty == Ty::Secret,
            // Numbers are often declared as texts.
            Is::Integer => number || parameter.ty == Ty::Text,
        };
        parameter.location == Location::Query && !parameter.repeated && fits
    };
    let named = |parameter: &&Parameter| names.contains(&plain(&parameter.wire).as_str());
    parameters.iter().find(|parameter| fits(parameter) && named(parameter))
}

/// Whether a list of this name is never what a page is of.
pub(super) fn is_beside(name: &str) -> bool {
    BESIDE.contains(&plain(name).as_str())
}

/// A name without case and signs, by which names are compared.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect()
}

/// The parameter that names a page of a style. An offset that is a text may be a cursor.
pub(super) fn parameter_of(style: PageStyle, parameters: &[Parameter]) -> Option<&Parameter> {
    match style {
        PageStyle::Cursor => {
            let offset = || parameter(parameters, OFFSETS, Is::Text);
            parameter(parameters, CURSORS, Is::Text).or_else(offset)
        }
        PageStyle::Number | PageStyle::Changes => parameter(parameters, NUMBERS, Is::Integer),
        PageStyle::Offset => parameter(parameters, OFFSETS, Is::Integer),
        PageStyle::Link | PageStyle::Url => None,
    }
}

/// The parameter that says how many items a page holds.
pub(super) fn size_of(parameters: &[Parameter]) -> Option<&Parameter> {
    parameter(parameters, SIZES, Is::Integer)
}

/// The way to the next page's cursor.
pub(super) fn next(schemas: &Schemas<'_>, ty: &Ty, cursor: &Parameter) -> Option<Vec<String>> {
    let own = plain(&cursor.wire);
    let is_text = |field: &Field| matches!(field.ty, Ty::Text | Ty::Secret);
    let only_next = OFFSETS.contains(&own.as_str()) || own == "after";
    // First what is called next, then what is called like the parameter.
    let next = |field: &Field| {
        let name = plain(&field.wire);
        is_text(field) && NEXT.contains(&name.as_str()) && name.starts_with("next")
    };
    let like = |field: &Field| {
        let name = plain(&field.wire);
        is_text(field) && NEXT.contains(&name.as_str()) && (!only_next || name == "after")
    };
    way(schemas, ty, &next).or_else(|| way(schemas, ty, &like))
}

/// What the answer says about its end.
pub(super) fn end(schemas: &Schemas<'_>, ty: &Ty) -> Position {
    let flag = |field: &Field| field.ty == Ty::Bool && MORE.contains(&plain(&field.wire).as_str());
    if let Some(way) = way(schemas, ty, &flag) {
        return Position::More(way);
    }
    let number = |field: &Field| matches!(field.ty, Ty::I32 | Ty::I64 | Ty::U32 | Ty::U64 | Ty::F64);
    let total = |field: &Field| number(field) && TOTALS.contains(&plain(&field.wire).as_str());
    if let Some(way) = way(schemas, ty, &total) {
        return Position::Total(way);
    }
    // Beside the limit and the offset that were asked for, the count is of all.
    let beside = |name: &str| {
        let fields = schemas.fields(ty).unwrap_or_default();
        fields.iter().find(|field| number(field) && plain(&field.wire) == name)
    };
    match (beside("count"), beside("offset"), beside("limit")) {
        (Some(count), Some(_), Some(_)) => Position::Total(vec![count.name.clone()]),
        _ => Position::Open,
    }
}

/// The way to the next page's address.
pub(super) fn address(schemas: &Schemas<'_>, ty: &Ty) -> Option<Vec<String>> {
    let named = |field: &Field| ADDRESSES.contains(&plain(&field.wire).as_str());
    let next = |field: &Field| field.ty == Ty::Text && named(field);
    if let Some(way) = way(schemas, ty, &next) {
        return Some(way);
    }
    // A link of its own: `_links.next.href`
    let link = |field: &Field| plain(&field.wire) == "next" && href(schemas, &field.ty).is_some();
    let mut way = way(schemas, ty, &link)?;
    let at = follow(schemas, ty, &way)?;
    way.push(href(schemas, &at)?);
    Some(way)
}

fn href(schemas: &Schemas<'_>, ty: &Ty) -> Option<String> {
    let fields = schemas.fields(ty)?;
    let is_href = |field: &&Field| field.ty == Ty::Text && matches!(plain(&field.wire).as_str(), "href" | "url");
    fields.iter().find(is_href).map(|field| field.name.clone())
}

/// The type at the end of a way.
fn follow(schemas: &Schemas<'_>, ty: &Ty, way: &[String]) -> Option<Ty> {
    let mut ty = ty.clone();
    for name in way {
        ty = schemas.fields(&ty)?.iter().find(|field| field.name == *name)?.ty.clone();
    }
    Some(ty)
}

/// How far down a page tells where it stands.
const DEPTH: usize = 3;

/// The way to the first field that is wanted, the shortest first, through what is said about a page.
fn way(schemas: &Schemas<'_>, ty: &Ty, wanted: &dyn Fn(&Field) -> bool) -> Option<Vec<String>> {
    let mut level: Vec<(Vec<String>, Ty)> = vec![(Vec::new(), ty.clone())];
    for _ in 0..DEPTH {
        let mut below = Vec::new();
        for (way, ty) in &level {
            for field in schemas.fields(ty).unwrap_or_default() {
                let way = [&way[..], std::slice::from_ref(&field.name)].concat();
                if wanted(field) {
                    return Some(way);
                }
                if ABOUT.contains(&plain(&field.wire).as_str()) {
                    below.push((way, field.ty.clone()));
                }
            }
        }
        level = below;
    }
    None
}

/// The way to the items, and what an item is.
pub(super) fn items(schemas: &Schemas<'_>, at: At<'_, '_>, ty: &Ty) -> Option<(Vec<String>, Ty)> {
    if let Ty::List(item) = ty {
        return Some((Vec::new(), (**item).clone()));
    }
    let fields = schemas.fields(ty)?;
    if let Some((field, item)) = list(fields, at) {
        return Some((vec![field.name.clone()], item));
    }
    // One step down: `payload.orders`, `_embedded.orders`, `data.items`.
    let holders = fields.iter().filter(|field| ITEMS.contains(&plain(&field.wire).as_str()));
    for holder in holders {
        let inner = schemas.fields(&holder.ty).unwrap_or_default();
        if let Some((field, item)) = list(inner, at) {
            return Some((vec![holder.name.clone(), field.name.clone()], item));
        }
    }
    None
}

/// The field of the items: the only list, or the one that is called like items or like the end of the path.
fn list<'f>(fields: &'f [Field], at: At<'_, '_>) -> Option<(&'f Field, Ty)> {
    let lists: Vec<(&Field, &Ty)> = fields
        .iter()
        .filter_map(|field| match &field.ty {
            Ty::List(item) if !is_beside(&field.wire) => Some((field, &**item)),
            _ => None,
        })
        .collect();
    if let [(field, item)] = lists[..] {
        return Some((field, item.clone()));
    }
    let named = |name: &str| lists.iter().find(|(field, _)| plain(&field.wire) == name);
    let literal = at.outline.template.segments().rev().find_map(|segment| match segment {
        super::template::Segment::Literal(text) => Some(plain(text)),
        super::template::Segment::Variable(_) => None,
    });
    let found = literal.and_then(|name| named(&name)).or_else(|| ITEMS.iter().find_map(|name| named(name)));
    found.map(|(field, item)| (*field, (*item).clone()))
}

/// The number of the first page, by what the document says about the parameter.
fn first(at: At<'_, '_>, number: &Parameter) -> u32 {
    let doc = number.doc.to_lowercase();
    let says = [
        "zero-based",
        "zero based",
        "0-based",
        "0-indexed",
        "starts at 0",
        "starting from 0",
        "(0..n)",
        "first page is 0",
    ];
    if says.iter().any(|text| doc.contains(text)) {
        return 0;
    }
    let parameters = [at.outline.node, at.outline.item].into_iter().filter_map(|holder| holder.get("parameters"));
    let zero = parameters.flat_map(crate::load::Node::items).any(|node| {
        let schema = node.get("schema").unwrap_or(node);
        let is_it = node.get("name").and_then(crate::load::Node::text) == Some(&number.wire);
        is_it && schema.get("default").and_then(crate::load::Node::number) == Some("0")
    });
    u32::from(!zero)
}
