//! The events of a document's `webhooks`: what the platform tells by itself.

use super::operation::tag;
use super::schema::{self, Schemas};
use super::{Domain, Event, Model, Shape, Ty, keywords};
use crate::json::Json;
use crate::load::{Node, Sort};
use crate::names;
use crate::problem::{Problem, Problems};

/// The shared schema that every event's body is, but for its data.
const ENVELOPE: &str = "Event";

/// Reads all events; what's wrong with them is taken down in `schemas.problems`.
pub(super) fn read_all<'a>(schemas: &mut Schemas<'a>, root: Node<'a>, domain: &str) -> Vec<Event> {
    let webhooks = root.field("webhooks", Sort::Map, &mut schemas.problems);
    let paths = webhooks.into_iter().flat_map(Node::pairs);
    paths.filter_map(|(name, path)| read(schemas, domain, name, path)).collect()
}

fn read<'a>(schemas: &mut Schemas<'a>, domain: &str, name: &str, path: Node<'a>) -> Option<Event> {
    let path = schemas.sources.follow(path);
    let problems = &mut schemas.problems;
    keywords::check(path, keywords::WEBHOOK, "a webhook", problems);
    let node = path.required("post", Sort::Map, problems)?;
    keywords::check(node, keywords::EVENT, "an event", problems);
    let variant = variant(domain, name);
    if variant.is_none() {
        problems.add(path.problem(format!("an event is called `{domain}.<object>.<what happened>`, in lower case")));
    }
    let resource = tag(node, problems);
    let summary = node.required("summary", Sort::Text, problems).and_then(Node::text);
    let object = node.required("x-ecloud-object", Sort::Map, problems);
    let mut of_object = |key: &str| object?.required(key, Sort::Text, problems)?.text().map(str::to_owned);
    let (kind, id) = (of_object("kind"), of_object("id"));
    if let (Some(kind), Some(node)) = (&kind, object)
        && !is_word(kind)
    {
        problems.add(node.problem(format!("`{kind}` is no word in lower case")));
    }
    let deprecated = node.field_bool("deprecated", problems).unwrap_or(false);
    let description = schema::description(node, problems);
    let (data, example) = body(schemas, node)?;
    Some(Event {
        event_type: name.to_owned(),
        variant: variant?,
        resource: resource?.to_owned(),
        kind: kind?,
        id: id?,
        summary: summary?.trim().to_owned(),
        description,
        deprecated,
        data,
        example,
        place: node.place(),
    })
}

/// The variant that stands for a type of event: `OrderPaid` for `trade.order.paid`.
fn variant(domain: &str, name: &str) -> Option<String> {
    let rest = name.strip_prefix(domain)?.strip_prefix('.')?;
    (rest.contains('.') && rest.split('.').all(is_word)).then(|| names::camel(rest))?
}

fn is_word(word: &str) -> bool {
    let known = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    word.starts_with(|sign: char| sign.is_ascii_lowercase()) && word.chars().all(known)
}

/// The model of an event's data, and a body as it may come.
fn body<'a>(schemas: &mut Schemas<'a>, node: Node<'a>) -> Option<(String, Option<Json>)> {
    let problems = &mut schemas.problems;
    let content = node.required("requestBody", Sort::Map, problems)?.required("content", Sort::Map, problems)?;
    let json = content.required("application/json", Sort::Map, problems)?;
    let schema = json.required("schema", Sort::Map, problems)?;
    let envelope = schemas.sources.named(schema).is_some_and(|named| named.name == ENVELOPE);
    let properties = schema.get("properties");
    let Some(data) = properties.and_then(|properties| properties.get("data")).filter(|_| envelope) else {
        let reason =
            format!("the body of an event is the shared `{ENVELOPE}`, with `data` under `properties` beside it");
        problems.add(schema.problem(reason));
        return None;
    };
    keywords::check(schema, &["$ref", "properties"], "the body of an event", problems);
    properties.into_iter().for_each(|node| keywords::check(node, &["data"], "the body of an event", problems));
    let Ty::Model(model) = schemas.ty(data)? else {
        schemas.problems.add(data.problem("the data of an event is an object with a name under `components/schemas`"));
        return None;
    };
    Some((model, json.get("example").map(Json::of)))
}

/// What only shows when all models are read: whether each event's data is an object that names what it is about.
pub(super) fn check(domain: &Domain, models: &[(Node<'_>, Model)], problems: &mut Problems) {
    for event in &domain.events {
        let mut wrong = |reason: String| problems.add(Problem { place: event.place.clone(), reason });
        if !domain.resources.iter().any(|resource| resource.name == event.resource) {
            wrong(format!("the resource `{}` has no text in `x-ecloud-resources`", event.resource));
        }
        let model = models.iter().find(|(_, model)| model.name == event.data);
        let Some(Shape::Struct(shape)) = model.map(|(_, model)| &model.shape) else {
            wrong(format!("the data of an event is an object, which `{}` is not", event.data));
            continue;
        };
        let names_it = |ty: &Ty| matches!(ty, Ty::Text | Ty::Id(_));
        if !shape.fields.iter().any(|field| field.wire == event.id && field.is_required() && names_it(&field.ty)) {
            wrong(format!("`{}` has no required text `{}` that names the {}", event.data, event.id, event.kind));
        }
    }
}

/// The models that a resource's events hold.
pub(super) fn used<'a>(domain: &'a Domain, resource: &'a str) -> impl Iterator<Item = &'a str> {
    let own = domain.events.iter().filter(move |event| event.resource == resource);
    own.map(|event| event.data.as_str())
}
