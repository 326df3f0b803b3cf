//! What became of the schemas of a document.

// Not every test needs all of it.
#![allow(dead_code)]

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{Field, Model, Shape, Ty};

/// Reads a document of these schemas. One that is called `In` is the body of a request.
pub(crate) fn named(test: &str, schemas: &str) -> Reading {
    super::foreign::read(&format!("schemas_{test}"), &document(schemas))
}

/// A document of these schemas.
pub(crate) fn document(schemas: &str) -> String {
    let margin = schemas.lines().find(|line| !line.trim().is_empty()).map_or(0, |line| {
        let bare = line.trim_start();
        line.len() - bare.len()
    });
    let mut text = String::from(
        "openapi: 3.1.0\ninfo: {title: Test, version: '1'}\npaths:\n  /things:\n    post:\n      operationId: create\n      \
         responses: {'204': {description: Done}}\n",
    );
    if schemas.lines().any(|line| line.trim_start().starts_with("In:")) {
        text.push_str(
            "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/In'}}}}\n",
        );
    }
    text.push_str("components:\n  schemas:\n");
    for line in schemas.lines() {
        text.push_str("    ");
        text.push_str(line.get(margin..).unwrap_or(line.trim_start()));
        text.push('\n');
    }
    text
}

/// The type of a named schema.
pub(crate) fn ty(reading: &Reading, name: &str) -> Ty {
    let pointer = format!("#/components/schemas/{name}");
    let found = reading.types.iter().find(|schema| schema.pointer == pointer);
    found.unwrap_or_else(|| panic!("{name} is lost")).ty.clone()
}

/// A model by its name.
pub(crate) fn model<'a>(reading: &'a Reading, name: &str) -> &'a Model {
    let all = || reading.domain.models().map(|(_, model)| model.name.clone()).collect::<Vec<String>>();
    reading.domain.model(name).unwrap_or_else(|| panic!("there is no {name} among {:?}", all())).1
}

/// A field of a struct by its name on the wire.
pub(crate) fn field<'a>(reading: &'a Reading, name: &str, wire: &str) -> &'a Field {
    let Shape::Struct(shape) = &model(reading, name).shape else { panic!("{name} is no struct") };
    shape.fields.iter().find(|field| field.wire == wire).unwrap_or_else(|| panic!("{name} has no {wire}"))
}

/// A model as it prints itself, without its place.
pub(crate) fn printed(reading: &Reading, name: &str) -> String {
    let text = model(reading, name).to_string();
    let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let head = head.split(", described at").next().unwrap_or(head);
    format!("{}\n{rest}", head.trim_start())
}

/// What is degraded: `pointer: what; instead`.
pub(crate) fn degraded(reading: &Reading) -> Vec<String> {
    let one = |found: &ecloud_codegen::foreign::Degradation| {
        format!("{}: {}; {}", found.place.pointer, found.what, found.instead)
    };
    reading.degradations.iter().map(one).collect()
}
