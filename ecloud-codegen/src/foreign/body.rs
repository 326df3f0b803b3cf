//! The body of a request.

use super::form;
use super::media::{self, Kind};
use super::operation::{At, Reader};
use super::parameter::Parameters;
use super::prose;
use super::words::plural;
use crate::json::Json;
use crate::load::{Node, Sort};
use crate::model::{Body, Media, Ty};
use crate::names;

/// Reads the body of an operation's request, if it has one.
pub(super) fn read<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, parameters: &Parameters<'a>) -> Option<Body> {
    if let Some(holder) = at.outline.node.get("requestBody") {
        return modern(reader, at, holder);
    }
    if let Some(node) = parameters.body {
        return older(reader, at, node);
    }
    if parameters.form.is_empty() {
        return None;
    }
    let form = form::of_parameters(reader, at, &parameters.form, &consumed(reader.root, at.outline.node));
    let required = parameters.form.iter().any(|node| node.get("required").and_then(Node::bool) == Some(true));
    Some(named(reader, at, Body { required, ..form }))
}

/// The body of OpenAPI 3.
fn modern<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, holder: Node<'a>) -> Option<Body> {
    let Some(node) = reader.sources.target(holder).filter(|node| node.sort() == Sort::Map) else {
        reader.degrade(at, holder, reader.sources.broken(holder), "any JSON");
        return Some(named(reader, at, plain(Ty::Json, Media::Json, "application/json", false)));
    };
    let required = node.get("required").and_then(Node::bool).unwrap_or(false);
    let content = node.get("content")?;
    for (key, junk) in content.pairs().filter(|(key, _)| Kind::of(key).is_none()) {
        reader.repair(at, junk, format!("`{key}` among the media types"), "left out");
    }
    let all = media::of(content);
    let names: Vec<&str> = all.iter().map(|media| media.name).collect();
    let chosen = media::of_request(&names)?;
    several(reader, at, content, &names, chosen);
    let media = all[chosen];
    let schema = media.node.get("schema");
    let body = one(reader, at, media.name, media.kind, schema, media.node);
    let body = body.map(|body| Body { required, example: example(reader, media.node), ..body })?;
    Some(named(reader, at, body))
}

/// The body of Swagger 2.0.
fn older<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>) -> Option<Body> {
    let required = node.get("required").and_then(Node::bool).unwrap_or(false);
    let types = consumed(reader.root, at.outline.node);
    let known: Vec<&str> = types.iter().copied().filter(|name| Kind::of(name).is_some()).collect();
    let chosen = media::of_request(&known);
    if let Some(chosen) = chosen {
        several(reader, at, node, &known, chosen);
    }
    let name = chosen.map_or("application/json", |chosen| known[chosen]);
    // A form has its fields among the parameters, so this is none.
    let kind = Kind::of(name).filter(|kind| !matches!(kind, Kind::Form | Kind::Multipart)).unwrap_or(Kind::Json);
    let name = if kind == Kind::Json && Kind::of(name) != Some(Kind::Json) { "application/json" } else { name };
    let body = one(reader, at, name, kind, node.get("schema"), node)?;
    Some(named(reader, at, Body { required, ..body }))
}

/// The media types that a Swagger 2.0 operation takes.
fn consumed<'a>(root: Node<'a>, node: Node<'a>) -> Vec<&'a str> {
    let list = node.get("consumes").or_else(|| root.get("consumes"));
    list.into_iter().flat_map(Node::items).filter_map(Node::text).collect()
}

/// Tells that a body may be written in other ways too.
fn several<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, names: &[&str], chosen: usize) {
    let others: Vec<&str> =
        names.iter().enumerate().filter(|(index, _)| *index != chosen).map(|(_, name)| *name).collect();
    if !others.is_empty() {
        let what = format!("a body that may be {} too", list(&others));
        reader.repair(at, node, what, format!("always `{}`", names[chosen]));
    }
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn one<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    name: &str,
    kind: Kind,
    schema: Option<Node<'a>>,
    node: Node<'a>,
) -> Option<Body> {
    let wish = format!("{}Request", at.named.type_name);
    match kind {
        Kind::Json => {
            let ty = schema.map_or(Ty::Json, |schema| reader.schemas.ty(schema, &wish).ty);
            let name = if name.contains('*') { "application/json" } else { name };
            Some(plain(ty, Media::Json, name, false))
        }
        Kind::Multipart | Kind::Form => form::of_schema(reader, at, name, kind, schema, node),
        Kind::Text => Some(plain(Ty::Text, Media::Text, name, false)),
        Kind::Xml => {
            if schema.is_some_and(|schema| is_structured(reader, schema)) {
                reader.degrade(at, node, format!("a body in XML (`{name}`)"), "a text that the caller writes");
            }
            Some(plain(Ty::Text, Media::Text, name, false))
        }
        Kind::Bytes => {
            let name = if name.contains('*') { "application/octet-stream" } else { name };
            Some(plain(Ty::File, Media::Bytes, name, false))
        }
    }
}

fn plain(ty: Ty, media: Media, content_type: &str, required: bool) -> Body {
    Body { name: String::new(), ty, media, content_type: content_type.to_owned(), required, example: None }
}

/// Whether a schema describes more than a text.
pub(super) fn is_structured(reader: &Reader<'_>, schema: Node<'_>) -> bool {
    let Some(schema) = reader.sources.target(schema) else {
        return false;
    };
    let word = schema.get("type").and_then(Node::text);
    matches!(word, Some("object" | "array"))
        || ["properties", "allOf", "items"].iter().any(|key| schema.get(key).is_some())
}

/// Gives a body its name, and says that callers make it.
fn named(reader: &mut Reader<'_>, at: At<'_, '_>, body: Body) -> Body {
    reader.schemas.input(&body.ty);
    let wish = match &body.ty {
        Ty::Model(name) => names::snake(name).unwrap_or_default(),
        Ty::List(inner) => inner.model().and_then(names::snake).map_or("values".to_owned(), |name| plural(&name)),
        Ty::Map(_) => "entries".to_owned(),
        Ty::File => "file".to_owned(),
        Ty::Text => "text".to_owned(),
        _ => "value".to_owned(),
    };
    let scope = format!("parameters {}", at.outline.key);
    let name = reader.schemas.names.claim(&scope, "body", &wish);
    Body { name, ..body }
}

/// A body as it may occur: the single example, or the first of several.
fn example(reader: &Reader<'_>, media: Node<'_>) -> Option<Json> {
    let first = || {
        let (_, example) = media.get("examples")?.pairs().next()?;
        reader.sources.target(example)?.get("value")
    };
    media.get("example").or_else(first).map(Json::of)
}

/// The words about a request's body.
pub(super) fn doc(reader: &Reader<'_>, node: Node<'_>) -> String {
    let body = node.get("requestBody").and_then(|body| reader.sources.target(body));
    body.map(|body| prose::text(body, "description")).unwrap_or_default()
}
