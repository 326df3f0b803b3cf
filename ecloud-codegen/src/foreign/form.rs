//! Forms: bodies that are written property by property, in one line or in parts.

use super::media::Kind;
use super::operation::{At, Reader};
use super::prose;
use crate::load::Node;
use crate::model::{Body, Field, FormStyle, Media, Model, Presence, Shape, Struct, Ty};
use crate::names;

/// The form that a schema describes. `media` holds the schema and says how properties are written.
pub(super) fn of_schema<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    name: &str,
    kind: Kind,
    schema: Option<Node<'a>>,
    media: Node<'a>,
) -> Option<Body> {
    let wish = format!("{}Request", at.named.type_name);
    let ty = schema.map_or(Ty::Json, |schema| reader.schemas.ty(schema, &wish).ty);
    let is_map = matches!(ty, Ty::Map(_));
    if reader.schemas.fields(&ty).is_none() && (kind == Kind::Multipart || !is_map) {
        reader.degrade(at, media, "a form whose fields aren't known", "no body");
        return None;
    }
    let encoding = media.get("encoding");
    let (content_type, media) = match kind {
        Kind::Multipart => {
            files(reader, &ty, schema, encoding);
            ("multipart/form-data", Media::Multipart)
        }
        _ => (name, Media::Form(styles(reader, &ty, encoding))),
    };
    Some(Body { name: String::new(), ty, media, content_type: content_type.to_owned(), required: false, example: None })
}

/// The styles of those properties that aren't plain values.
fn styles(reader: &Reader<'_>, ty: &Ty, encoding: Option<Node<'_>>) -> Vec<(String, FormStyle)> {
    let fields = reader.schemas.fields(ty).unwrap_or_default();
    let each = fields.iter().filter_map(|field| {
        let encoding = encoding.and_then(|encoding| encoding.get(&field.wire))?;
        Some((field.wire.clone(), style(reader, &field.ty, encoding)?))
    });
    each.collect()
}

/// The style of a property, where the document says one and the value isn't plain.
fn style(reader: &Reader<'_>, ty: &Ty, encoding: Node<'_>) -> Option<FormStyle> {
    let word = |key: &str| encoding.get(key).and_then(Node::text);
    let is_list = matches!(ty, Ty::List(_));
    if !is_list && !is_object(reader, ty) {
        return None;
    }
    if word("contentType").is_some_and(|media| Kind::of(media) == Some(Kind::Json)) && word("style").is_none() {
        return Some(FormStyle::Json);
    }
    let exploded = encoding.get("explode").and_then(Node::bool);
    match (word("style"), is_list) {
        (Some("deepObject"), true) => {
            let of_objects = matches!(ty, Ty::List(inner) if is_object(reader, inner));
            Some(if of_objects { FormStyle::Deep } else { FormStyle::Indexed })
        }
        (Some("deepObject"), false) => Some(FormStyle::Deep),
        (Some("spaceDelimited"), true) if exploded != Some(true) => Some(FormStyle::Space),
        (Some("pipeDelimited"), true) if exploded != Some(true) => Some(FormStyle::Pipe),
        (_, true) if exploded == Some(false) => Some(FormStyle::Comma),
        (_, true) => Some(FormStyle::Repeat),
        _ => None,
    }
}

fn is_object(reader: &Reader<'_>, ty: &Ty) -> bool {
    match ty {
        Ty::Map(_) | Ty::Json => true,
        Ty::Model(name) => {
            reader.schemas.model(name).is_some_and(|model| matches!(model.shape, Shape::Struct(_) | Shape::Union(_)))
        }
        _ => false,
    }
}

/// Makes files of those fields of a form in parts that are bytes.
fn files<'a>(reader: &mut Reader<'a>, ty: &Ty, schema: Option<Node<'a>>, encoding: Option<Node<'a>>) {
    let mut wires = Vec::new();
    if let Some(schema) = schema {
        let mut budget = LOOKED_AT;
        binary(reader, schema, &mut budget, &mut wires);
    }
    // What is said to be an image isn't text, whatever its schema says.
    for (wire, encoding) in encoding.into_iter().flat_map(Node::pairs) {
        let media = encoding.get("contentType").and_then(Node::text).unwrap_or_default();
        if Kind::of(media) == Some(Kind::Bytes) {
            wires.push(wire);
        }
    }
    let Some(model) = ty.model().and_then(|name| reader.schemas.model_mut(name)) else {
        return;
    };
    if let Shape::Struct(shape) = &mut model.shape {
        for field in shape.fields.iter_mut().filter(|field| wires.contains(&field.wire.as_str())) {
            match &mut field.ty {
                Ty::Text | Ty::Json => field.ty = Ty::File,
                Ty::List(inner) if matches!(**inner, Ty::Text | Ty::Json) => **inner = Ty::File,
                _ => {}
            }
        }
    }
}

/// How many parts of a schema are looked at; they may refer to each other in circles.
const LOOKED_AT: usize = 64;

/// The properties of a schema that are bytes, or lists of them.
fn binary<'a>(reader: &Reader<'a>, schema: Node<'a>, budget: &mut usize, wires: &mut Vec<&'a str>) {
    let (Some(schema), Some(left)) = (reader.sources.target(schema), budget.checked_sub(1)) else {
        return;
    };
    *budget = left;
    for (wire, property) in schema.get("properties").into_iter().flat_map(Node::pairs) {
        let Some(property) = reader.sources.target(property) else {
            continue;
        };
        let item = property.get("items").and_then(|items| reader.sources.target(items));
        if is_bytes(property) || item.is_some_and(is_bytes) {
            wires.push(wire);
        }
    }
    for part in schema.get("allOf").into_iter().flat_map(Node::items) {
        binary(reader, part, budget, wires);
    }
}

/// Whether a schema describes bytes.
pub(super) fn is_bytes(schema: Node<'_>) -> bool {
    let word = |key: &str| schema.get(key).and_then(Node::text).unwrap_or_default();
    word("format") == "binary"
        || word("type") == "file"
        || (!word("contentMediaType").is_empty()
            && word("contentEncoding").is_empty()
            && super::media::Kind::of(word("contentMediaType")) == Some(Kind::Bytes))
}

/// The form that the parameters of a Swagger 2.0 operation describe.
pub(super) fn of_parameters<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    nodes: &[Node<'a>],
    consumed: &[&str],
) -> Body {
    let place = at.outline.node.get("parameters").unwrap_or(at.outline.node);
    let wish = format!("{}Request", at.named.type_name);
    let name = reader.schemas.names.claim("types", &reader.sources.key(place), &wish);
    let scope = format!("fields {name}");
    let mut fields: Vec<Field> = Vec::new();
    let mut styles = Vec::new();
    for &node in nodes {
        let wire = prose::text(node, "name");
        if wire.is_empty() || fields.iter().any(|field| field.wire == wire) {
            reader.repair(at, node, "a field of a form without a name of its own", "left out");
            continue;
        }
        let is_file = node.get("type").and_then(Node::text) == Some("file");
        let wish = format!("{}{}", at.named.type_name, names::camel(&wire).unwrap_or_default());
        let typed = reader.schemas.ty(node.get("schema").unwrap_or(node), &wish);
        let ty = if is_file { Ty::File } else { typed.ty };
        if matches!(ty, Ty::List(_)) {
            styles.push((wire.clone(), collection(node)));
        }
        let required = node.get("required").and_then(Node::bool) == Some(true);
        fields.push(Field {
            name: reader.schemas.names.claim(&scope, &wire, &names::snake(&wire).unwrap_or_default()),
            wire,
            doc: typed.doc,
            ty,
            presence: if required { Presence::Required } else { Presence::Optional },
            constant: typed.constant,
            deprecated: typed.deprecated,
            boxed: false,
            example: typed.example,
        });
    }
    let in_parts = fields.iter().any(|field| matches!(&field.ty, Ty::File))
        || (consumed.iter().any(|name| Kind::of(name) == Some(Kind::Multipart))
            && !consumed.iter().any(|name| Kind::of(name) == Some(Kind::Form)));
    reader.schemas.add(Model {
        name: name.clone(),
        doc: format!("The form of `{}`.", at.named.type_name),
        aliases: Vec::new(),
        shape: Shape::Struct(Struct { fields, input: true, additional: None, page: None }),
        place: place.place(),
    });
    let (media, content_type) = if in_parts {
        (Media::Multipart, "multipart/form-data")
    } else {
        (Media::Form(styles), "application/x-www-form-urlencoded")
    };
    Body {
        name: String::new(),
        ty: Ty::Model(name),
        media,
        content_type: content_type.to_owned(),
        required: false,
        example: None,
    }
}

/// How a list among the parameters is written.
fn collection(node: Node<'_>) -> FormStyle {
    match node.get("collectionFormat").and_then(Node::text) {
        Some("multi") => FormStyle::Repeat,
        Some("ssv") => FormStyle::Space,
        Some("pipes") => FormStyle::Pipe,
        _ => FormStyle::Comma,
    }
}
