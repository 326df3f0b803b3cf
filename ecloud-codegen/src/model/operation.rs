//! Operations: the method and path, the facts of the extensions, parameters, body, answer.

use super::schema::{Schemas, aliases, description};
use super::{
    Body, ErrorCode, Location, Media, Operation, Output, PageStyle, Paging, Parameter, Quota, Retry, Style, Ty, Verb,
    keywords, steps,
};
use crate::json::Json;
use crate::load::{Node, Sort};
use crate::names::{self, Scope};
use crate::problem::Problems;

/// Names that the generated type of an operation has for itself.
const OWN: &[&str] = &[
    // Its fields.
    "call",
    "body",
    // Its methods, now and as DESIGN.md plans them.
    "changes",
    "download",
    "items",
    "pages",
    "prefetch",
    "request",
    "resume_from",
    "send",
    "send_raw",
    "send_with_meta",
    "start",
    "with_idempotency_key",
    "with_tag",
    "with_timeout",
    // Methods of `std::ops` traits, which lints would take setters for.
    "add",
    "bitand",
    "bitor",
    "bitxor",
    "div",
    "mul",
    "neg",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];

/// The most that one call may cost, from the protocol.
const WEIGHT: u32 = 40;

/// The media type of files and their parts.
const BYTES: &str = "application/octet-stream";

/// An operation and the resource that it belongs to.
pub(super) struct Read {
    pub(super) resource: String,
    pub(super) operation: Operation,
}

/// A path: its template, and the node with its operations, which may stand in another document.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) template: &'a str,
    pub(super) node: Node<'a>,
}

/// Reads the operation of a method on a path; what's wrong with it is taken down in `schemas.problems`.
pub(super) fn read<'a>(
    schemas: &mut Schemas<'a>,
    domain: &str,
    path: Path<'a>,
    verb: Verb,
    node: Node<'a>,
) -> Option<Read> {
    let Path { template, node: path } = path;
    let problems = &mut schemas.problems;
    keywords::check(node, keywords::OPERATION, "an operation", problems);
    let operation_id = node.required("operationId", Sort::Text, problems).and_then(Node::text);
    let resource = tag(node, problems);
    let method = node.required("x-ecloud-method", Sort::Text, problems).and_then(Node::text);
    let summary = node.required("summary", Sort::Text, problems).and_then(Node::text);
    let shop = node.field("security", Sort::List, problems).is_none_or(|list| list.items().next().is_some());
    let scope = node.field_text("x-ecloud-scope", problems);
    if shop && scope.is_none() {
        problems.add(node.problem("`x-ecloud-scope` is missing for an operation that acts for a shop"));
    }
    let quota = quota(node, problems);
    let retry = retry(node, verb, problems);
    let page = page(node, problems);
    let errors = errors(node, problems);
    let aliases = aliases(node, problems);
    let steps = steps::read(node, problems);
    let deprecated = node.field_bool("deprecated", problems).unwrap_or(false);
    let roles = node.field_texts("x-ecloud-roles", problems);
    let description = description(node, problems);
    let mut scope_of_names = Scope::reserving(OWN);
    let mut parameters = parameters(schemas, path, node, template, &mut scope_of_names);
    take_examples(node, &mut parameters, &mut schemas.problems);
    let body = body(schemas, node, &mut scope_of_names);
    let success = success(schemas, node);
    let (resource, operation_id, method) = (resource?, operation_id?, method?);
    let (status, output) = success?;
    Some(Read {
        resource: resource.to_owned(),
        operation: Operation {
            operation_id: operation_id.to_owned(),
            id: format!("{domain}.{resource}.{method}"),
            type_name: named(names::camel(operation_id), node, "operationId", schemas)?,
            method: named(names::snake(method), node, "x-ecloud-method", schemas)?,
            verb,
            path: template.to_owned(),
            summary: summary?.trim().to_owned(),
            description,
            deprecated,
            deprecation: String::new(),
            shop,
            scope: scope.map(str::to_owned),
            roles: roles.into_iter().map(str::to_owned).collect(),
            quota: Some(quota?),
            retry,
            idempotency_header: None,
            page: page.map(Paging::of),
            security: None,
            parameters,
            body,
            status,
            accept: (output == Output::Bytes).then(|| "*/*".to_owned()),
            output,
            errors,
            failures: Vec::new(),
            aliases,
            steps,
            place: node.place(),
        },
    })
}

fn named(name: Option<String>, node: Node<'_>, key: &str, schemas: &mut Schemas<'_>) -> Option<String> {
    if name.is_none() {
        let node = node.get(key).unwrap_or(node);
        schemas.problems.add(node.problem("has no letter to make a name from"));
    }
    name
}

/// The one tag of an operation or an event: its resource.
pub(super) fn tag<'a>(node: Node<'a>, problems: &mut Problems) -> Option<&'a str> {
    let tags = node.field_texts("tags", problems);
    if let [tag] = tags[..] {
        return Some(tag);
    }
    problems.add(node.problem("needs exactly one tag, its resource"));
    None
}

fn quota(node: Node<'_>, problems: &mut Problems) -> Option<Quota> {
    let quota = node.required("x-ecloud-quota", Sort::Map, problems)?;
    let group = quota.required("group", Sort::Text, problems)?.text()?;
    let weight = match quota.field("weight", Sort::Number, problems) {
        None => 1,
        Some(weight) => match weight.number().and_then(|text| text.parse().ok()) {
            Some(number) if (1..=WEIGHT).contains(&number) => number,
            _ => {
                problems.add(weight.problem(format!("a weight is a whole number from 1 to {WEIGHT}")));
                1
            }
        },
    };
    Some(Quota { group: group.to_owned(), weight })
}

fn retry(node: Node<'_>, verb: Verb, problems: &mut Problems) -> Retry {
    let usual = Retry::of(verb);
    let Some(field) = node.field("x-ecloud-retry", Sort::Text, problems) else {
        return usual;
    };
    match field.text() {
        Some("safe") => Retry::Safe,
        Some("keyed") if !verb.is_read() => Retry::Keyed,
        Some("keyed") => {
            problems.add(field.problem(format!("{} carries no idempotency key", verb.as_str())));
            usual
        }
        Some("never") => Retry::Never,
        other => {
            let other = other.unwrap_or_default();
            problems.add(field.problem(format!("`{other}` is none of `safe`, `keyed`, `never`")));
            usual
        }
    }
}

fn page(node: Node<'_>, problems: &mut Problems) -> Option<PageStyle> {
    let field = node.field("x-ecloud-page", Sort::Text, problems)?;
    let word = field.text().unwrap_or_default();
    let styles = [PageStyle::Cursor, PageStyle::Number, PageStyle::Changes];
    let style = styles.into_iter().find(|style| style.as_str() == word);
    if style.is_none() {
        problems.add(field.problem(format!("`{word}` is no page style: `cursor`, `number` or `changes`")));
    }
    style
}

fn errors(node: Node<'_>, problems: &mut Problems) -> Vec<ErrorCode> {
    let mut errors = Vec::new();
    let codes = node.field("x-ecloud-errors", Sort::Map, problems);
    for (code, error) in codes.into_iter().flat_map(Node::pairs) {
        let status = error.required("status", Sort::Number, problems);
        let when = error.required("when", Sort::Text, problems);
        let (Some(status), Some(when)) = (status, when) else {
            continue;
        };
        match status.number().and_then(|text| text.parse().ok()) {
            Some(number) if (400..=599).contains(&number) => errors.push(ErrorCode {
                code: code.to_owned(),
                status: number,
                when: when.text().unwrap_or_default().trim().to_owned(),
            }),
            _ => problems.add(status.problem("is no status of an error")),
        }
    }
    errors
}

/// The parameters of the operation and of its path, those of the path template first and in its order.
fn parameters<'a>(
    schemas: &mut Schemas<'a>,
    path: Node<'a>,
    node: Node<'a>,
    template: &str,
    scope: &mut Scope,
) -> Vec<Parameter> {
    let mut own = Vec::new();
    for holder in [node, path] {
        let list = holder.field("parameters", Sort::List, &mut schemas.problems);
        for parameter in list.into_iter().flat_map(Node::items) {
            let target = schemas.sources.follow(parameter);
            let name = target.get("name").and_then(Node::text);
            // An operation's own parameter hides its path's.
            let hidden = holder == path && own.iter().any(|(_, other)| *other == name);
            if !hidden {
                own.push((target, name));
            }
        }
    }
    let wanted = variables(template);
    // Each with its place in the path; what doesn't stand there comes after.
    let mut read: Vec<(usize, Parameter)> = Vec::new();
    for (target, _) in own {
        let Some(parameter) = parameter(schemas, target, scope) else {
            continue;
        };
        if read.iter().any(|(_, other)| other.wire == parameter.wire) {
            let reason = format!("a parameter `{}` stands twice", parameter.wire);
            schemas.problems.add(target.problem(reason));
            continue;
        }
        let position = wanted.iter().position(|name| *name == parameter.wire);
        let in_path = parameter.location == Location::Path;
        if in_path && position.is_none() {
            let reason = format!("`{template}` has no `{{{}}}`", parameter.wire);
            schemas.problems.add(target.problem(reason));
        }
        let position = position.filter(|_| in_path);
        read.push((position.unwrap_or(usize::MAX), parameter));
    }
    for (position, name) in wanted.iter().enumerate() {
        if !read.iter().any(|(other, _)| *other == position) {
            let reason = format!("the path parameter `{name}` of `{template}` is not declared");
            schemas.problems.add(node.problem(reason));
        }
    }
    read.sort_by_key(|(position, _)| *position);
    read.into_iter().map(|(_, parameter)| parameter).collect()
}

/// Gives parameters the values that they have in the operation's own example.
fn take_examples(node: Node<'_>, parameters: &mut [Parameter], problems: &mut Problems) {
    let examples = node.field("x-ecloud-example", Sort::Map, problems);
    for (name, value) in examples.into_iter().flat_map(Node::pairs) {
        let text = value.text().or(value.number()).map(str::to_owned);
        let text = text.or_else(|| value.bool().map(|value| value.to_string()));
        match (parameters.iter_mut().find(|parameter| parameter.wire == name), text) {
            (Some(parameter), Some(text)) => parameter.example = Some(text),
            (None, _) => problems.add(value.problem(format!("the operation has no parameter `{name}`"))),
            (_, None) => problems.add(value.problem("an example of a parameter is one plain value")),
        }
    }
}

/// The variables of a path template, in order.
fn variables(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, tail)) = rest.split_once('{') {
        let Some((name, tail)) = tail.split_once('}') else {
            break;
        };
        names.push(name);
        rest = tail;
    }
    names
}

fn parameter<'a>(schemas: &mut Schemas<'a>, node: Node<'a>, scope: &mut Scope) -> Option<Parameter> {
    let problems = &mut schemas.problems;
    keywords::check(node, keywords::PARAMETER, "a parameter", problems);
    let wire = node.required("name", Sort::Text, problems)?.text()?;
    let location = node.required("in", Sort::Text, problems)?;
    let in_path = match location.text() {
        Some("path") => true,
        Some("query") => false,
        other => {
            let other = other.unwrap_or_default();
            problems.add(location.problem(format!("a parameter in `{other}` can't be expressed")));
            return None;
        }
    };
    let required = node.field_bool("required", problems).unwrap_or(false);
    if in_path && !required {
        problems.add(node.problem("a path parameter is always `required: true`"));
    }
    let usual = if in_path { "simple" } else { "form" };
    if let Some(style) = node.field("style", Sort::Text, problems)
        && style.text() != Some(usual)
    {
        problems.add(style.problem(format!("only the style `{usual}` can be expressed here")));
    }
    let schema = node.required("schema", Sort::Map, problems)?;
    let ty = schemas.ty(schema)?;
    let (ty, repeated) = match ty {
        Ty::List(inner) => (*inner, true),
        other => (other, false),
    };
    if repeated && (in_path || node.get("explode").and_then(Node::bool) == Some(false)) {
        return refuse(schemas, node, "a list in one value can't be expressed");
    }
    if !is_scalar(&ty) {
        return refuse(schemas, schema, "a parameter is one plain value or a list of them");
    }
    let Some(name) = names::snake(wire) else {
        return refuse(schemas, node, "the parameter's name has no letter or digit");
    };
    let own = description(node, &mut schemas.problems);
    let doc = if own.is_empty() { schemas.text_about(schema, wire) } else { own };
    let example = schemas.example(node).or_else(|| schemas.example(schema));
    Some(Parameter {
        wire: wire.to_owned(),
        name: scope.adapt(&name, wire),
        location: if in_path { Location::Path } else { Location::Query },
        style: Style::Plain,
        required,
        repeated,
        ty,
        deprecated: false,
        doc,
        example,
    })
}

fn refuse<T>(schemas: &mut Schemas<'_>, node: Node<'_>, reason: &str) -> Option<T> {
    schemas.problems.add(node.problem(reason));
    None
}

/// Whether a value of the type is one text on the wire. A model counts: whether it's an enum shows when all are read.
fn is_scalar(ty: &Ty) -> bool {
    !matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Money | Ty::Sensitive(_))
}

fn body<'a>(schemas: &mut Schemas<'a>, node: Node<'a>, scope: &mut Scope) -> Option<Body> {
    let body = schemas.sources.follow(node.field("requestBody", Sort::Map, &mut schemas.problems)?);
    let required = body.field_bool("required", &mut schemas.problems).unwrap_or(false);
    let content = body.required("content", Sort::Map, &mut schemas.problems)?;
    if content.get(BYTES).is_some() {
        return Some(Body {
            name: scope.adapt("bytes", "the body"),
            ty: Ty::File,
            media: Media::Bytes,
            content_type: BYTES.to_owned(),
            required,
            example: None,
        });
    }
    let model = content_model(schemas, content)?;
    let name = names::snake(&model)?;
    Some(Body {
        name: scope.adapt(&name, "the body"),
        ty: Ty::Model(model),
        media: Media::Json,
        content_type: "application/json".to_owned(),
        required,
        example: example(schemas, content),
    })
}

/// A body as it may occur: the single example, or the first of several.
fn example<'a>(schemas: &Schemas<'a>, content: Node<'a>) -> Option<Json> {
    let json = content.get("application/json")?;
    let single = json.get("example");
    let first = || {
        let (_, example) = json.get("examples")?.pairs().next()?;
        schemas.sources.follow(example).get("value")
    };
    single.or_else(first).map(Json::of)
}

/// The status of the one success, and what it answers with.
fn success<'a>(schemas: &mut Schemas<'a>, node: Node<'a>) -> Option<(u16, Output)> {
    let responses = node.required("responses", Sort::Map, &mut schemas.problems)?;
    let mut successes = Vec::new();
    for (key, response) in responses.pairs() {
        match key.parse::<u16>() {
            Ok(status) if (200..=299).contains(&status) => successes.push((status, response)),
            Ok(status) if (400..=599).contains(&status) => {}
            Err(_) if key == "default" || key.starts_with("x-") => {}
            _ => schemas.problems.add(response.problem(format!("an answer with status `{key}` can't be expressed"))),
        }
    }
    let [(status, response)] = successes[..] else {
        return refuse(schemas, responses, "needs exactly one answer with a status from 200 to 299");
    };
    let response = schemas.sources.follow(response);
    let Some(content) = response.field("content", Sort::Map, &mut schemas.problems) else {
        return Some((status, Output::Nothing));
    };
    if content.get(BYTES).is_some() {
        return Some((status, Output::Bytes));
    }
    Some((status, Output::Json(Ty::Model(content_model(schemas, content)?))))
}

/// The model of a body that is JSON, and perhaps XML of the same data.
fn content_model<'a>(schemas: &mut Schemas<'a>, content: Node<'a>) -> Option<String> {
    for (media, node) in content.pairs() {
        if !["application/json", "application/xml"].contains(&media) {
            schemas.problems.add(node.problem(format!("the media type `{media}` can't be expressed")));
        }
    }
    let json = content.required("application/json", Sort::Map, &mut schemas.problems)?;
    let schema = json.required("schema", Sort::Map, &mut schemas.problems)?;
    match schemas.ty(schema)? {
        Ty::Model(name) => Some(name),
        _ => refuse(schemas, schema, "every body is an object with a name under `components/schemas`"),
    }
}
