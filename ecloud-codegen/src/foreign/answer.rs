//! What an operation answers with: successes by status, and failures.

use super::body::is_structured;
use super::form::is_bytes;
use super::media::{self, Kind};
use super::operation::{At, Reader};
use super::prose;
use crate::load::{Node, Sort};
use crate::model::{Case, Failure, Model, Output, Shape, Ty, Verb};
use crate::names;

/// The answers of an operation.
pub(super) struct Answers {
    /// The status of a success; of the first, where there are several.
    pub(super) status: u16,
    pub(super) output: Output,
    /// The media type asked for, where it isn't JSON.
    pub(super) accept: Option<String>,
    pub(super) failures: Vec<Failure>,
    /// Whether a success names the next page in its `Link` header.
    pub(super) has_link: bool,
}

/// A success that was read.
struct Success {
    status: u16,
    doc: String,
    output: Output,
}

/// Reads the answers of an operation.
pub(super) fn read<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>) -> Answers {
    let mut answers =
        Answers { status: 200, output: Output::Nothing, accept: None, failures: Vec::new(), has_link: false };
    let mut successes = Vec::new();
    let mut accepted: Vec<String> = Vec::new();
    for (key, status, holder) in by_status(reader, at) {
        let Some(node) = reader.sources.target(holder).filter(|node| node.sort() == Sort::Map) else {
            reader.degrade(at, holder, reader.sources.broken(holder), "an answer of which nothing is known");
            if is_success(status) {
                successes.push(Success { status, doc: String::new(), output: Output::Json(Ty::Json) });
            }
            continue;
        };
        let doc = prose::text(node, "description");
        if !is_success(status) {
            let ty = failure(reader, at, node, holder, status);
            answers.failures.push(Failure { status: key, ty, doc });
            continue;
        }
        let headers = node.get("headers").into_iter().flat_map(Node::pairs);
        answers.has_link |= headers.into_iter().any(|(name, _)| name.eq_ignore_ascii_case("link"));
        let wish = wish(at, node, holder, status, successes.is_empty());
        let (output, media) = success(reader, at, node, &wish);
        accepted.extend(media.filter(|media| !accepted.contains(media)));
        successes.push(Success { status, doc, output });
    }
    if at.outline.verb == Verb::Head {
        successes.iter_mut().for_each(|success| success.output = Output::Nothing);
        accepted.clear();
    }
    if let Some(first) = successes.first() {
        answers.status = exact(first.status);
    }
    if accepted.iter().any(|media| media::bare(media) != "application/json") {
        answers.accept = Some(accepted.join(", "));
    }
    answers.output = together(reader, at, successes);
    answers
}

/// The answers of an operation with their statuses: 2 stands for `2XX`, 0 for `default`. A default is a success where nothing else
/// is.
fn by_status<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>) -> Vec<(String, u16, Node<'a>)> {
    let mut all = Vec::new();
    let responses = at.outline.node.get("responses").into_iter().flat_map(Node::pairs);
    for (key, node) in responses.filter(|(key, _)| !key.starts_with("x-")) {
        let lower = key.trim().to_lowercase();
        let status = match lower.as_str() {
            "default" => Some(0),
            range if range.len() == 3 && range.ends_with("xx") => range[..1].parse().ok().filter(|digit| *digit < 6),
            status => status.parse().ok().filter(|status| (100..=599).contains(status)),
        };
        match status {
            Some(status) => all.push((key.to_owned(), status, node)),
            None => reader.repair(at, node, format!("an answer with the status `{key}`"), "left out"),
        }
    }
    let any = all.iter().any(|(_, status, _)| is_success(*status));
    if !any {
        // 2 means that it's taken for a success of any status.
        let default = all.iter_mut().find(|(_, status, _)| *status == 0);
        if let Some((_, status, _)) = default {
            *status = 2;
        }
    }
    all
}

fn is_success(status: u16) -> bool {
    status == 2 || (200..=299).contains(&status)
}

fn exact(status: u16) -> u16 {
    if status == 2 { 200 } else { status }
}

/// What one success holds, and the media type that it's asked for with.
fn success<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, wish: &str) -> (Output, Option<String>) {
    let Some(content) = node.get("content") else {
        return older(reader, at, node, wish);
    };
    for (key, junk) in content.pairs().filter(|(key, _)| Kind::of(key).is_none()) {
        reader.repair(at, junk, format!("`{key}` among the media types"), "left out");
    }
    let all = media::of(content);
    let names: Vec<&str> = all.iter().map(|media| media.name).collect();
    let Some(chosen) = media::of_answer(&names).map(|index| all[index]) else {
        return (Output::Nothing, None);
    };
    let schema = chosen.node.get("schema");
    let output = one(reader, at, chosen.node, chosen.kind, schema, wish);
    if output != Output::Bytes {
        let others: Vec<String> =
            names.iter().filter(|name| **name != chosen.name).map(|name| format!("`{name}`")).collect();
        if !others.is_empty() {
            let what = format!("an answer that may be {} too", others.join(", "));
            reader.repair(at, content, what, format!("always `{}`", chosen.name));
        }
        return (output, Some(chosen.name.to_owned()));
    }
    // Bytes are bytes, whichever they are.
    (output, Some(names.join(", ")))
}

/// What a success of Swagger 2.0 holds.
fn older<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, wish: &str) -> (Output, Option<String>) {
    let Some(schema) = node.get("schema") else {
        return (Output::Nothing, None);
    };
    let list = at.outline.node.get("produces").or_else(|| reader.root.get("produces"));
    let names: Vec<&str> = list.into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let chosen = media::of_answer(&names);
    let name = chosen.map_or("application/json", |chosen| names[chosen]);
    let kind = Kind::of(name).unwrap_or(Kind::Json);
    let output = one(reader, at, node, kind, Some(schema), wish);
    let all = output == Output::Bytes && !names.is_empty();
    (output, Some(if all { names.join(", ") } else { name.to_owned() }))
}

/// What an answer of one media type holds.
fn one<'a>(
    reader: &mut Reader<'a>,
    at: At<'_, 'a>,
    node: Node<'a>,
    kind: Kind,
    schema: Option<Node<'a>>,
    wish: &str,
) -> Output {
    let target = schema.and_then(|schema| reader.sources.target(schema));
    if target.is_some_and(is_bytes) {
        return Output::Bytes;
    }
    match kind {
        Kind::Json => match schema {
            Some(schema) => {
                let typed = reader.schemas.ty(schema, wish);
                match typed.ty {
                    Ty::Json => Output::Json(Ty::Json),
                    ty if typed.nullable => Output::Maybe(ty),
                    ty => Output::Json(ty),
                }
            }
            None => Output::Json(Ty::Json),
        },
        Kind::Text | Kind::Xml => {
            if schema.is_some_and(|schema| is_structured(reader, schema)) {
                let what = if kind == Kind::Xml { "an object in XML" } else { "an object in a text" };
                reader.degrade(at, node, what, "the text as it comes");
            }
            Output::Text
        }
        Kind::Multipart | Kind::Form | Kind::Bytes => Output::Bytes,
    }
}

/// The type of a failure's body, if it is JSON.
fn failure<'a>(reader: &mut Reader<'a>, at: At<'_, 'a>, node: Node<'a>, holder: Node<'a>, status: u16) -> Option<Ty> {
    let schema = match node.get("content") {
        Some(content) => media::of(content).into_iter().find(|media| media.kind == Kind::Json)?.node.get("schema")?,
        None => node.get("schema")?,
    };
    let wish = wish(at, node, holder, status, false);
    Some(reader.schemas.ty(schema, &wish).ty)
}

/// What an inline type of an answer is called: after the answer that operations share, else after operation and status.
fn wish(at: At<'_, '_>, node: Node<'_>, holder: Node<'_>, status: u16, first: bool) -> String {
    let shared = node != holder && node.parent().key() == Some("responses");
    let end = if is_success(status) { "Response" } else { "Error" };
    // `404NotFound` is called like the rest of it.
    let key = node.key().map(|key| key.trim_start_matches(|sign: char| !sign.is_alphabetic()));
    if let Some(name) = key.filter(|_| shared).and_then(names::camel) {
        let told = name.ends_with(end) || name.ends_with("Response");
        return if told { name } else { format!("{name}{end}") };
    }
    let own = &at.named.type_name;
    match status {
        _ if first => format!("{own}Response"),
        0 => format!("{own}Error"),
        status => format!("{own}{}", phrase(status)),
    }
}

/// What a status is called.
fn phrase(status: u16) -> String {
    let phrase = match status {
        0 => "Default",
        2 => "Success",
        3 => "Redirection",
        4 => "ClientError",
        5 => "ServerError",
        200 => "Ok",
        201 => "Created",
        202 => "Accepted",
        203 => "NonAuthoritative",
        204 => "NoContent",
        205 => "ResetContent",
        206 => "PartialContent",
        207 => "MultiStatus",
        208 => "AlreadyReported",
        400 => "BadRequest",
        401 => "Unauthorized",
        402 => "PaymentRequired",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreconditionFailed",
        413 => "PayloadTooLarge",
        415 => "UnsupportedMediaType",
        422 => "UnprocessableEntity",
        423 => "Locked",
        428 => "PreconditionRequired",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        501 => "NotImplemented",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => return format!("Status{status}"),
    };
    phrase.to_owned()
}

/// What a success answers with, whichever it is.
fn together(reader: &mut Reader<'_>, at: At<'_, '_>, successes: Vec<Success>) -> Output {
    let mut outputs: Vec<&Output> = Vec::new();
    for success in &successes {
        if success.output != Output::Nothing && !outputs.contains(&&success.output) {
            outputs.push(&success.output);
        }
    }
    let empty = successes.iter().any(|success| success.output == Output::Nothing);
    match &outputs[..] {
        [] => Output::Nothing,
        [Output::Json(ty)] if empty => Output::Maybe(ty.clone()),
        [one] => (*one).clone(),
        _ => by_case(reader, at, successes),
    }
}

/// A model with a variant for each success.
fn by_case(reader: &mut Reader<'_>, at: At<'_, '_>, mut successes: Vec<Success>) -> Output {
    let place = at.outline.node.get("responses").unwrap_or(at.outline.node);
    let key = reader.sources.key(place);
    let name = reader.schemas.names.claim("types", &key, &format!("{}Answer", at.named.type_name));
    let scope = format!("variants {name}");
    // An exact status is asked for before a range that it's in.
    successes.sort_by_key(|success| success.status == 2);
    let cases = successes.into_iter().map(|success| Case {
        name: reader.schemas.names.claim(&scope, &success.status.to_string(), &phrase(success.status)),
        status: success.status,
        doc: success.doc,
        output: success.output,
    });
    let shape = Shape::Answers(cases.collect());
    let doc = format!("What `{}` answers with.", at.named.type_name);
    reader.schemas.add(Model { name: name.clone(), doc, aliases: Vec::new(), shape, place: place.place() });
    Output::ByStatus(name)
}
