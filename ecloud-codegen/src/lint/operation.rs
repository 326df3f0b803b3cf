//! Rules of operations.

use super::codes::Codes;
use super::{Lint, example, is_lower, text};
use crate::load::{Document, Node};

const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// Who an operation may be for.
const ROLES: [&str; 3] = ["business", "developer", "operator"];

/// Looks at the operations of a document, and says how many there are. A path that is a reference stands where it leads to.
pub(super) fn check<'a>(lint: &mut Lint<'a>, document: &'a Document, codes: &mut Codes) -> usize {
    let mut count = 0;
    for (path, item) in document.root().get("paths").into_iter().flat_map(Node::pairs) {
        for (method, operation) in item.pairs().filter(|(method, _)| METHODS.contains(method)) {
            count += 1;
            path_of(lint, path, operation);
            facts(lint, operation);
            errors(lint, operation, codes);
            parameters(lint, operation);
            body(lint, operation);
            answers(lint, method, operation);
        }
    }
    for (event, item) in document.root().get("webhooks").into_iter().flat_map(Node::pairs) {
        for (_, operation) in item.pairs().filter(|(method, _)| METHODS.contains(method)) {
            text::summary(lint, operation, &format!("the event `{event}`"));
        }
    }
    count
}

/// `/trade/v1/orders/{order_id}/close`.
fn path_of<'a>(lint: &mut Lint<'a>, path: &str, operation: Node<'a>) {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let is_version = |word: &str| word.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    if segments.len() < 3 || !is_version(segments[1]) {
        lint.wrong(operation, format!("the path `{path}` is not `/<domain>/v1/<resource>`"));
    }
    for segment in segments {
        let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if !name.map_or_else(|| is_lower(segment, '-'), |name| is_lower(name, '_')) {
            lint.wrong(operation, format!("`{segment}` of the path isn't in lower case with hyphens"));
        }
    }
}

/// What every operation says of itself.
fn facts<'a>(lint: &mut Lint<'a>, operation: Node<'a>) {
    text::summary(lint, operation, "the operation");
    let summary = operation.get("summary").and_then(Node::text).unwrap_or_default();
    // Third person: "Lists", "Gets".
    if !summary.split(' ').next().is_some_and(|verb| verb.ends_with('s')) {
        lint.wrong(operation, "its summary doesn't begin with a verb in the third person");
    }
    if let Some(description) = operation.get("description").and_then(Node::text) {
        text::sentences(lint, operation, "its description", description);
    }
    for key in ["x-ecloud-method", "x-ecloud-quota", "x-ecloud-roles", "x-ecloud-aliases"] {
        if operation.get(key).is_none() {
            lint.wrong(operation, format!("the operation has no `{key}`"));
        }
    }
    let method = operation.get("x-ecloud-method").and_then(Node::text).unwrap_or_default();
    if !is_lower(method, '_') {
        lint.wrong(operation, format!("the method `{method}` isn't in lower snake case"));
    }
    for role in operation.get("x-ecloud-roles").into_iter().flat_map(Node::items) {
        if !role.text().is_some_and(|role| ROLES.contains(&role)) {
            lint.wrong(role, format!("is no role: {}", ROLES.join(", ")));
        }
    }
    let aliases = operation.get("x-ecloud-aliases").into_iter().flat_map(Node::items).filter_map(Node::text);
    if !aliases.into_iter().any(|alias| !alias.is_ascii()) {
        lint.wrong(operation, "it can't be found by a Chinese term: `x-ecloud-aliases` has none");
    }
}

/// Each code has the status that its name says, and a sentence.
fn errors<'a>(lint: &mut Lint<'a>, operation: Node<'a>, codes: &mut Codes) {
    for (code, error) in operation.get("x-ecloud-errors").into_iter().flat_map(Node::pairs) {
        let status = error.get("status").and_then(Node::number).unwrap_or_default();
        codes.add(code, status, error);
        let expected = match code {
            _ if code.ends_with("_not_found") => "404",
            _ if code.ends_with("_conflict") => "409",
            _ => "422",
        };
        if status != expected {
            lint.wrong(error, format!("`{code}` has the status {status}; by its name it's {expected}"));
        }
        // That it is there the model says.
        if let Some(when) = error.get("when").and_then(Node::text) {
            text::sentences(lint, error, "`when`", when);
        }
    }
}

/// Parameters are described, and those that a call can't do without have an example.
fn parameters<'a>(lint: &mut Lint<'a>, operation: Node<'a>) {
    for reference in operation.get("parameters").into_iter().flat_map(Node::items) {
        let parameter = lint.follow(reference);
        text::description(lint, parameter, "the parameter");
        let name = parameter.get("name").and_then(Node::text).unwrap_or_default();
        if !is_lower(name, '_') {
            lint.wrong(parameter, format!("the parameter `{name}` isn't in lower snake case"));
        }
        let shown = operation.get("x-ecloud-example").and_then(|values| values.get(name)).or(parameter.get("example"));
        let schema = parameter.get("schema");
        match (shown, schema) {
            (Some(value), Some(schema)) => example::check(lint, value, schema),
            (None, _) if parameter.get("required").and_then(Node::bool) == Some(true) => {
                lint.wrong(operation, format!("the parameter `{name}` has no example"));
            }
            _ => {}
        }
    }
}

/// A body has an example that fits.
fn body<'a>(lint: &mut Lint<'a>, operation: Node<'a>) {
    let Some(body) = operation.get("requestBody").map(|body| lint.follow(body)) else { return };
    let Some(json) = body.get("content").and_then(|content| content.get("application/json")) else { return };
    let several = json.get("examples").into_iter().flat_map(Node::pairs);
    let several: Vec<Node<'a>> = several.filter_map(|(_, example)| lint.follow(example).get("value")).collect();
    let shown: Vec<Node<'a>> = json.get("example").into_iter().chain(several).collect();
    if shown.is_empty() {
        lint.wrong(body, "the body has no example");
    }
    for value in shown {
        if let Some(schema) = json.get("schema") {
            example::check(lint, value, schema);
        }
    }
}

/// One success, and the shared error.
fn answers<'a>(lint: &mut Lint<'a>, method: &str, operation: Node<'a>) {
    let Some(responses) = operation.get("responses") else {
        return lint.wrong(operation, "the operation has no answers");
    };
    let error = responses.get("default").and_then(|error| error.get("$ref")).and_then(Node::text);
    if !error.is_some_and(|path| path.ends_with("shared.yaml#/components/responses/Error")) {
        lint.wrong(responses, "`default` isn't the shared error");
    }
    for (status, answer) in responses.pairs().filter(|(status, _)| *status != "default") {
        let answer = lint.follow(answer);
        text::description(lint, answer, "the answer");
        let has_body = answer.get("content").is_some();
        if has_body == (status == "204") {
            lint.wrong(answer, "204 has no body, and every other success has one");
        }
        if method == "delete" && status != "204" {
            lint.wrong(answer, "a deletion is answered with 204");
        }
    }
}
