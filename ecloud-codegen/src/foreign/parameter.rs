//! Parameters: of an operation and of its path, in the path, the query, headers and cookies.

use super::operation::{At, Reader};
use super::prose;
use super::schema::Typed;
use super::template::Template;
use super::words::{singular, words};
use crate::load::{Node, Sort};
use crate::model::{Location, Parameter, Shape, Style, Ty};
use crate::names;

/// Headers that the client writes by itself.
const RESERVED: &[&str] = &[
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
];

/// All that an operation declares as parameters.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    /// Those of the path in its order, then the others in the document's.
    pub(super) list: Vec<Parameter>,
    /// The header for the idempotency key.
    pub(super) idempotency_header: Option<String>,
    /// The body of a Swagger 2.0 operation.
    pub(super) body: Option<Node<'a>>,
    /// The fields of the form of a Swagger 2.0 operation.
    pub(super) form: Vec<Node<'a>>,
}

/// How a value is written, and what of.
struct Written {
    ty: Ty,
    repeated: bool,
    style: Style,
}

/// Reads the parameters of an operation.
pub(super) fn read<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>) -> Parameters<'a> {
    let mut parameters = Parameters::default();
    // Each with its place in the path; what doesn't stand there comes after.
    let mut read: Vec<(usize, Parameter)> = Vec::new();
    let template = &at.outline.template;
    for node in declared(reader, at) {
        let place = prose::text(node, "in").to_lowercase();
        let location = match place.as_str() {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            "body" => {
                parameters.body = parameters.body.or(Some(node));
                continue;
            }
            "formdata" => {
                parameters.form.push(node);
                continue;
            }
            _ => {
                reader.degrade(at, node, format!("a parameter in `{place}`"), "left out");
                continue;
            }
        };
        let wire = prose::text(node, "name");
        if wire.is_empty() {
            reader.repair(at, node, "a parameter without a name", "left out");
            continue;
        }
        if location == Location::Header && RESERVED.contains(&wire.to_lowercase().as_str()) {
            continue;
        }
        if location == Location::Header && !at.outline.verb.is_read() && is_idempotency(&wire, node) {
            parameters.idempotency_header.get_or_insert(wire);
            continue;
        }
        let Some((position, location, wire)) = position(reader, at, node, location, wire) else {
            continue;
        };
        if !read.iter().any(|(_, other)| other.wire == wire && other.location == location) {
            read.push((position, parameter(reader, at, node, location, wire)));
        }
    }
    for (position, wire) in template.variables.iter().enumerate() {
        if !read.iter().any(|(other, _)| *other == position) {
            let what = format!("the variable `{wire}` of the path, which isn't declared");
            reader.repair(at, at.outline.node, what, "a text");
            read.push((position, text(reader, at, Location::Path, wire)));
        }
    }
    let literal = in_template(reader, at, &read);
    read.sort_by_key(|(position, _)| *position);
    parameters.list = read.into_iter().map(|(_, parameter)| parameter).chain(literal).collect();
    parameters
}

/// The parameters that an operation declares, then those that its path declares for all operations and it doesn't hide.
fn declared<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>) -> Vec<Node<'a>> {
    let mut declared: Vec<(Node<'a>, (&str, &str))> = Vec::new();
    for holder in [at.outline.node, at.outline.item] {
        let own = declared.len();
        for node in holder.get("parameters").into_iter().flat_map(Node::items) {
            let Some(target) = reader.sources.target(node) else {
                reader.degrade(at, node, reader.sources.broken(node), "no such parameter");
                continue;
            };
            if target.sort() != Sort::Map {
                reader.repair(at, node, format!("a parameter that is {}", target.sort().article()), "left out");
                continue;
            }
            let word = |key: &str| target.get(key).and_then(Node::text).unwrap_or_default();
            let id = (word("name"), word("in"));
            if !declared[..own].iter().any(|(_, other)| *other == id) {
                declared.push((target, id));
            }
        }
    }
    declared.into_iter().map(|(node, _)| node).collect()
}

/// Whether a header carries the idempotency key. What is called the id of a request is one if the document says so.
fn is_idempotency(wire: &str, node: Node<'_>) -> bool {
    let plain: String = wire.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let described = || {
        let doc = prose::text(node, "description").to_lowercase();
        doc.contains("idempoten") || doc.contains("stores keys")
    };
    plain.contains("idempotency")
        || plain.contains("idempotent")
        || plain == "paypalrequestid"
        || (plain.ends_with("requestid") && described())
}

/// Where a parameter stands, and what it's called there: the place in the path, or behind all that stand in it. A path parameter that
/// the path doesn't have is none.
fn position<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    node: Node<'a>,
    location: Location,
    wire: String,
) -> Option<(usize, Location, String)> {
    if location != Location::Path {
        return Some((usize::MAX, location, wire));
    }
    let template = &at.outline.template;
    if let Some(position) = template.variables.iter().position(|variable| *variable == wire) {
        return Some((position, location, wire));
    }
    let hole = format!("{{{wire}}}");
    if let Some((name, _)) = template.query.iter().find(|(_, value)| *value == hole) {
        return Some((usize::MAX, Location::Query, name.clone()));
    }
    // `cartId` for `{cartID}`
    let plain = names::plain(&wire).replace(' ', "");
    let meant = |variable: &String| names::plain(variable).replace(' ', "") == plain && !plain.is_empty();
    if let Some(position) = template.variables.iter().position(meant) {
        let variable = template.variables[position].clone();
        reader.repair(at, node, format!("`{wire}` for the variable `{variable}` of the path"), "taken for it");
        return Some((position, location, variable));
    }
    reader.repair(at, node, format!("`{wire}` in the path, which has no such variable"), "left out");
    None
}

fn parameter<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    node: Node<'a>,
    location: Location,
    wire: String,
) -> Parameter {
    let content = node.get("content").and_then(|content| content.pairs().next());
    let schema = node.get("schema").or(content.and_then(|(_, media)| media.get("schema")));
    // In Swagger 2.0 a parameter is its own schema.
    let schema = schema.or(["type", "enum", "items", "$ref"].iter().any(|key| node.get(key).is_some()).then_some(node));
    let typed = schema.map(|schema| typed(reader, at, node, schema, &wire));
    if schema.is_none() {
        reader.repair(at, node, format!("the parameter `{wire}` without a type"), "a text");
    }
    let ty = typed.as_ref().map_or(Ty::Text, |typed| typed.ty.clone());
    let is_json = content.is_some_and(|(media, _)| media.contains("json"));
    let written =
        if is_json { as_json(reader, at, node, location, ty) } else { written(reader, at, node, location, ty) };
    reader.schemas.input(&written.ty);
    let name = name(reader, at, location, &wire);
    let required = location == Location::Path || flag(node, "required");
    let own = example(reader, node);
    Parameter {
        doc: doc(node, typed.as_ref()),
        deprecated: flag(node, "deprecated")
            || typed.as_ref().is_some_and(|typed| typed.deprecated && schema != Some(node)),
        example: own.or(typed.and_then(|typed| typed.example)),
        wire,
        name,
        location,
        style: written.style,
        required,
        repeated: written.repeated,
        ty: written.ty,
    }
}

/// The type of a parameter; the one that another parameter has got, if it's the same enum.
fn typed<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, schema: Node<'a>, wire: &str) -> Typed {
    // The values of a list are called like one of them, so there must be a word for many.
    let is_list = reader.sources.target(schema).is_some_and(|schema| schema.get("items").is_some());
    let one = words(wire).last().is_some_and(|word| singular(word) == *word);
    let many = if is_list && one { "Values" } else { "" };
    let wish = wish(at, node, wire) + many;
    let Some(slot) = reader.shared.slot(reader.sources, node) else {
        return reader.schemas.ty(schema, &wish);
    };
    if let Some(typed) = &slot.typed {
        return typed.clone();
    }
    let schema = slot.locked(reader.sources, &mut reader.schemas.names).unwrap_or(schema);
    let mut plain = names::camel(wire).unwrap_or_default();
    // `Status` alone may be anybody's.
    match names::plain(wire).contains(' ') {
        true => plain.push_str(many),
        false if is_list => plain.push_str("Parameters"),
        false => plain.push_str("Parameter"),
    }
    let wish = if reader.schemas.names.is_free("types", &plain) { plain } else { wish };
    let typed = reader.schemas.ty(schema, &wish);
    slot.typed = Some(typed.clone());
    typed
}

/// A parameter of which nothing is known but its name.
fn text(reader: &mut Reader<'_>, at: At<'_, '_>, location: Location, wire: &str) -> Parameter {
    Parameter {
        wire: wire.to_owned(),
        name: name(reader, at, location, wire),
        location,
        style: Style::Plain,
        required: true,
        repeated: false,
        ty: Ty::Text,
        deprecated: false,
        doc: String::new(),
        example: None,
    }
}

/// What a template says about its variables that no parameter does, and the pairs of the query that it holds.
fn in_template(reader: &mut Reader<'_>, at: At<'_, '_>, read: &[(usize, Parameter)]) -> Vec<Parameter> {
    let Template { optional, greedy, query, mended, .. } = &at.outline.template;
    for name in optional {
        reader.degrade(
            at,
            at.outline.node,
            format!("the variable `{name}` of the path may be left out"),
            "always there",
        );
    }
    for name in greedy {
        let what = format!("the variable `{name}` of the path may hold several segments");
        reader.degrade(at, at.outline.node, what, "one segment");
    }
    if *mended {
        let instead = format!("read as `{}`", at.outline.template.path);
        reader.repair(at, at.outline.node, "an odd path", instead);
    }
    let mut literal = Vec::new();
    for (name, value) in query {
        if read.iter().any(|(_, other)| other.location == Location::Query && other.wire == *name) {
            continue;
        }
        let mut parameter = text(reader, at, Location::Query, name);
        if !value.starts_with('{') {
            let what = format!("`{name}={value}` in the path");
            reader.degrade(at, at.outline.node, what, "a parameter that the caller sets");
            parameter.doc = format!("Always `{value}`.");
            parameter.example = Some(value.clone());
        }
        literal.push(parameter);
    }
    literal
}

/// What a parameter's own enum or object is called: after the parameter that operations share, else after operation and parameter.
fn wish(at: At<'_, '_>, node: Node<'_>, wire: &str) -> String {
    let holder = node.parent();
    let shared = holder.key() == Some("parameters") && holder.sort() == Sort::Map;
    let camel = |text: &str| names::camel(text).unwrap_or_default();
    match node.key().filter(|_| shared) {
        Some(key) => camel(key),
        None => format!("{}{}", at.named.type_name, camel(wire)),
    }
}

fn name(reader: &mut Reader<'_>, at: At<'_, '_>, location: Location, wire: &str) -> String {
    let scope = format!("parameters {}", at.outline.key);
    let key = format!("{}:{wire}", location.as_str());
    reader.schemas.names.claim(&scope, &key, &names::snake(wire).unwrap_or_default())
}

/// How a value is written that the document describes as JSON.
fn as_json<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, location: Location, ty: Ty) -> Written {
    if location == Location::Query {
        return Written { ty, repeated: false, style: Style::Json };
    }
    let what = format!("JSON in the {}", location.as_str());
    reader.degrade(at, node, what, "a text that the caller writes");
    Written { ty: Ty::Text, repeated: false, style: Style::Plain }
}

/// How a value is written that the document describes by a schema.
fn written<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, location: Location, ty: Ty) -> Written {
    let plain = |ty: Ty| Written { ty, repeated: false, style: Style::Plain };
    let wire = node.get("name").and_then(Node::text).unwrap_or_default();
    match ty {
        Ty::List(inner) => match scalar(reader, &inner) {
            Some(ty) => Written { ty, repeated: true, style: list_style(reader, at, node, location) },
            None if location == Location::Query => {
                reader.degrade(at, node, format!("the parameter `{wire}` is a list of objects"), "JSON text");
                Written { ty: Ty::List(inner), repeated: false, style: Style::Json }
            }
            None => {
                reader.degrade(at, node, format!("the parameter `{wire}` is a list of objects"), "a text");
                plain(Ty::Text)
            }
        },
        Ty::Map(_) => object(reader, at, node, location, ty),
        Ty::Model(ref name) => match reader.schemas.model(name).map(|model| &model.shape) {
            Some(Shape::Struct(_)) => object(reader, at, node, location, ty),
            Some(Shape::Union(_)) => union(reader, at, node, location, ty),
            _ => plain(ty),
        },
        // What is nothing in particular can be written as text, unless the document says how its parts are written.
        Ty::Json if style(node) == Some("deepObject") => object(reader, at, node, location, ty),
        Ty::Json | Ty::File | Ty::Money => plain(Ty::Text),
        other => plain(other),
    }
}

/// The type, if its values are one text each; a union of texts and numbers is a text.
fn scalar(reader: &Reader<'_>, ty: &Ty) -> Option<Ty> {
    scalar_within(reader, ty, 3)
}

/// The same for a type that so many unions may lie in.
fn scalar_within(reader: &Reader<'_>, ty: &Ty, depth: usize) -> Option<Ty> {
    match ty {
        Ty::List(_) | Ty::Map(_) => None,
        Ty::Json | Ty::File | Ty::Money | Ty::Secret | Ty::Sensitive(_) => Some(Ty::Text),
        Ty::Model(name) => match reader.schemas.model(name).map(|model| &model.shape) {
            Some(Shape::Struct(_) | Shape::Answers(_)) => None,
            Some(Shape::Union(union)) => {
                let depth = depth.checked_sub(1)?;
                let all = union.variants.iter().all(|variant| scalar_within(reader, &variant.ty, depth).is_some());
                all.then_some(Ty::Text)
            }
            Some(Shape::Enum(_)) | None => Some(ty.clone()),
        },
        other => Some(other.clone()),
    }
}

/// How a value of one of several types is written: one or many texts are a list, texts and numbers a text.
fn union<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, location: Location, ty: Ty) -> Written {
    let variants: Vec<Ty> = match ty.model().and_then(|name| reader.schemas.model(name)).map(|model| &model.shape) {
        Some(Shape::Union(union)) => union.variants.iter().map(|variant| variant.ty.clone()).collect(),
        _ => Vec::new(),
    };
    let list = |ty: &Ty| match ty {
        Ty::List(inner) => scalar(reader, inner),
        other => scalar(reader, other),
    };
    let items: Option<Vec<Ty>> = variants.iter().map(list).collect();
    let wire = node.get("name").and_then(Node::text).unwrap_or_default();
    let Some(mut items) = items else {
        // With an object among them, what the object is written as holds for it.
        let style = object_style(node);
        if location == Location::Query && style == Style::Deep {
            return Written { ty, repeated: false, style };
        }
        reader.degrade(at, node, format!("the parameter `{wire}` is one of several types"), "a text");
        return Written { ty: Ty::Text, repeated: false, style: Style::Plain };
    };
    items.dedup();
    let item = if items.len() == 1 { items.swap_remove(0) } else { Ty::Text };
    if variants.iter().any(|ty| matches!(ty, Ty::List(_))) {
        reader.repair(at, node, format!("the parameter `{wire}` is one value or a list"), "a list");
        return Written { ty: item, repeated: true, style: list_style(reader, at, node, location) };
    }
    Written { ty: item, repeated: false, style: Style::Plain }
}

/// How an object is written.
fn object<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, location: Location, ty: Ty) -> Written {
    if location == Location::Query {
        return Written { ty, repeated: false, style: object_style(node) };
    }
    let wire = node.get("name").and_then(Node::text).unwrap_or_default();
    let what = format!("the parameter `{wire}` is an object in the {}", location.as_str());
    reader.degrade(at, node, what, "a text that the caller writes");
    Written { ty: Ty::Text, repeated: false, style: Style::Plain }
}

fn style<'a>(node: Node<'a>) -> Option<&'a str> {
    node.get("style").and_then(Node::text)
}

fn object_style(node: Node<'_>) -> Style {
    match style(node) {
        Some("deepObject") => Style::Deep,
        _ if node.get("explode").and_then(Node::bool) == Some(false) => Style::FormComma,
        _ => Style::Form,
    }
}

fn list_style<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, location: Location) -> Style {
    if let Some(style) = style(node).filter(|style| matches!(*style, "label" | "matrix")) {
        reader.degrade(at, node, format!("a list in the style `{style}`"), "joined by commas");
    }
    if matches!(location, Location::Path | Location::Header) {
        return Style::Comma;
    }
    match node.get("collectionFormat").and_then(Node::text) {
        Some("multi") => return Style::Plain,
        Some("ssv") => return Style::Space,
        Some("tsv") => return Style::Tab,
        Some("pipes") => return Style::Pipe,
        Some("csv") => return Style::Comma,
        _ => {}
    }
    // In Swagger 2.0 a parameter has no schema, and commas are usual.
    if node.get("schema").is_none() && node.get("content").is_none() {
        return Style::Comma;
    }
    let joined = match style(node) {
        Some("spaceDelimited") => Style::Space,
        Some("pipeDelimited") => Style::Pipe,
        Some("simple") => Style::Comma,
        _ if node.get("explode").and_then(Node::bool) == Some(false) => return Style::Comma,
        _ => return Style::Plain,
    };
    if node.get("explode").and_then(Node::bool) == Some(true) { Style::Plain } else { joined }
}

fn doc(node: Node<'_>, typed: Option<&Typed>) -> String {
    let own = prose::text(node, "description");
    let constant = typed.and_then(|typed| typed.constant.as_ref()).map(|value| format!("Always `{value}`."));
    let doc = match typed {
        Some(typed) if own.is_empty() || typed.doc.starts_with(&own) => typed.doc.clone(),
        _ => own,
    };
    match constant {
        Some(constant) if doc.is_empty() => constant,
        Some(constant) => format!("{doc} {constant}"),
        None => doc,
    }
}

fn flag(node: Node<'_>, key: &str) -> bool {
    node.get(key).is_some_and(|node| node.bool() == Some(true) || node.text() == Some("true"))
}

/// A value as it may occur, if it is a plain one.
fn example(reader: &Reader<'_>, node: Node<'_>) -> Option<String> {
    let first = || {
        let (_, example) = node.get("examples")?.pairs().next()?;
        reader.sources.target(example)?.get("value")
    };
    let example = node.get("example").or_else(|| node.get("x-example")).or_else(first)?;
    let flag = example.bool().map(|value| value.to_string());
    flag.or_else(|| example.text().or(example.number()).map(str::to_owned))
}
