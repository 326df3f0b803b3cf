//! Which schema has which Rust type, by the report that the generator wrote, and the examples that stand beside it.

use serde_json::Value;

use crate::document::{Document, below, local};

/// A schema of the document and the type that was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Where the schema stands.
    pub(crate) pointer: String,
    /// The type, as a path from the root of its crate.
    pub(crate) rust: String,
    /// Values that the document gives beside the schema, not within it: of a request or an answer.
    pub(crate) examples: Vec<(String, Value)>,
}

/// Everything in the report that has a type: named schemas, bodies of requests and of answers that are JSON or a form.
pub(crate) fn all(document: &Document, report: &Value) -> Vec<Typed> {
    let mut all: Vec<Typed> = Vec::new();
    for schema in list(report, "schemas") {
        if let (Some(pointer), Some(rust)) = (text(schema, "pointer"), text(schema, "rust_type")) {
            all.push(Typed { pointer: plain(pointer), rust: rust.to_owned(), examples: Vec::new() });
        }
    }
    for operation in list(report, "operations") {
        let Some(pointer) = text(operation, "pointer").map(plain) else { continue };
        if let Some(rust) = text(operation, "request_type") {
            all.extend(request(document, &pointer, rust, text(operation, "request_media")));
        }
        let statuses = document.at(&below(&pointer, "responses")).and_then(Value::as_object);
        for status in statuses.into_iter().flat_map(|map| map.keys()) {
            let rust = answer(list(operation, "responses"), status).filter(|rust| *rust != "ecloud_core::Bytes");
            let pointer = below(&below(&pointer, "responses"), status);
            all.extend(rust.and_then(|rust| body(document, &pointer, rust, None)));
        }
    }
    all
}

/// The type of an answer with a status. A success that isn't told for itself is of the one type that successes have.
fn answer<'v>(told: &'v [Value], status: &str) -> Option<&'v str> {
    let own = told.iter().find(|answer| text(answer, "status").is_some_and(|told| told.eq_ignore_ascii_case(status)));
    let mut successes = told.iter().filter(|answer| answer.get("success") == Some(&Value::Bool(true)));
    match own {
        Some(own) => text(own, "type"),
        None if status.starts_with('2') => text(successes.next().filter(|_| successes.next().is_none())?, "type"),
        None => None,
    }
}

fn request(document: &Document, operation: &str, rust: &str, media: Option<&str>) -> Option<Typed> {
    if document.at(&below(operation, "requestBody")).is_some() {
        return body(document, &below(operation, "requestBody"), rust, media);
    }
    // Swagger 2.0 has the body among the parameters, those of the path's item included.
    let item = operation.rsplit_once('/').map_or("", |(item, _)| item);
    [operation, item].into_iter().find_map(|holder| {
        let parameters = below(holder, "parameters");
        let count = document.at(&parameters)?.as_array()?.len();
        let found = (0..count).filter_map(|index| document.follow(&below(&parameters, &index.to_string())));
        let (pointer, _) = found.into_iter().find(|(_, parameter)| text(parameter, "in") == Some("body"))?;
        let schema = below(&pointer, "schema");
        document.at(&schema)?;
        Some(Typed { pointer: schema, rust: rust.to_owned(), examples: Vec::new() })
    })
}

/// A body of a request or an answer; of the media type that is used, if that is known.
fn body(document: &Document, pointer: &str, rust: &str, used: Option<&str>) -> Option<Typed> {
    let (pointer, node) = document.follow(pointer)?;
    if let Some(content) = node.get("content").and_then(Value::as_object) {
        let fitting = content.keys().filter(|media| rank(media) < 3);
        let media = match used.filter(|used| content.contains_key(*used)) {
            Some(used) => fitting.into_iter().find(|media| *media == used)?,
            None => fitting.min_by_key(|media| rank(media))?,
        };
        let pointer = below(&below(&pointer, "content"), media);
        let schema = below(&pointer, "schema");
        document.at(&schema)?;
        return Some(Typed { pointer: schema, rust: rust.to_owned(), examples: beside(document, &pointer) });
    }
    let schema = below(&pointer, "schema");
    document.at(&schema)?;
    // Swagger 2.0: one example a media type.
    let examples = node.get("examples").and_then(Value::as_object).into_iter().flatten();
    let examples = examples.filter(|(media, _)| rank(media) < 3);
    let examples = examples.map(|(media, value)| (below(&below(&pointer, "examples"), media), value.clone()));
    Some(Typed { pointer: schema, rust: rust.to_owned(), examples: examples.collect() })
}

/// The examples of a media type.
fn beside(document: &Document, media: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let single = below(media, "example");
    if let Some(value) = document.at(&single) {
        found.push((single, value.clone()));
    }
    let several = below(media, "examples");
    for name in document.at(&several).and_then(Value::as_object).into_iter().flat_map(|map| map.keys()) {
        let Some((pointer, example)) = document.follow(&below(&several, name)) else { continue };
        if let Some(value) = example.get("value") {
            found.push((below(&pointer, "value"), value.clone()));
        }
    }
    found
}

/// Which media type of several a body is read as; 3 and more are no JSON values.
fn rank(media: &str) -> usize {
    let media = media.split(';').next().unwrap_or_default().trim();
    match media {
        "application/json" => 0,
        "*/*" | "text/json" => 1,
        _ if media.ends_with("+json") => 1,
        "application/x-www-form-urlencoded" => 2,
        _ => 3,
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn plain(pointer: &str) -> String {
    local(pointer).unwrap_or_else(|| pointer.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_found_with_the_examples_beside_them() {
        let document = Document::of(json!({
            "openapi": "3.0.0",
            "paths": { "/a": { "post": {
                "requestBody": { "$ref": "#/components/requestBodies/A" },
                "responses": { "200": { "content": { "application/json": {
                    "schema": {}, "examples": { "x": { "$ref": "#/components/examples/X" } } } } } },
            } } },
            "components": {
                "requestBodies": { "A": { "content": {
                    "text/plain": {}, "application/json": { "schema": {}, "example": 1 } } } },
                "examples": { "X": { "value": 2 } },
            },
        }));
        let report = json!({ "operations": [
            { "pointer": "#/paths/~1a/post", "request_type": "a::A", "responses": [
                { "status": "200", "success": true, "type": "a::B" }, { "status": "404", "success": false, "type": null },
            ] },
        ] });
        let found = all(&document, &report);
        assert_eq!(found[0].pointer, "/components/requestBodies/A/content/application~1json/schema");
        assert_eq!(found[0].examples[0].1, 1);
        assert_eq!(found[1].rust, "a::B");
        assert_eq!(found[1].examples, [("/components/examples/X/value".to_owned(), json!(2))]);
    }

    #[test]
    fn swagger_has_the_body_among_the_parameters() {
        let document = Document::of(json!({
            "swagger": "2.0",
            "paths": { "/a": { "post": {
                "parameters": [{ "in": "query" }, { "in": "body", "schema": { "type": "object" } }],
                "responses": { "200": { "schema": {}, "examples": { "application/json": 1 } } },
            } } },
        }));
        let report = json!({ "operations": [
            { "pointer": "/paths/~1a/post", "request_type": "a::A", "responses": [
                { "status": "200", "success": true, "type": "a::B" }, { "status": "404", "success": false, "type": null },
            ] },
        ] });
        let found = all(&document, &report);
        assert_eq!(found[0].pointer, "/paths/~1a/post/parameters/1/schema");
        assert_eq!(found[1].examples[0].1, 1);
    }
}
