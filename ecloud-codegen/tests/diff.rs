//! What a new version of a document changes for callers, and how far that reaches.

mod support;

use std::fs;

use ecloud_codegen::diff::{Changes, Level};
use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{self, Domain, Presence, Shape, Ty};
use ecloud_codegen::resolve::Sources;

/// The sound document with an optional parameter, a body's model and an enum.
fn document() -> String {
    let list = "
  /test/v1/things:
    post:
      operationId: createThing
      tags: [things]
      summary: Makes a thing.
      x-ecloud-method: create
      x-ecloud-scope: test:write
      x-ecloud-quota: {group: test.things, weight: 1}
      parameters:
        - {name: dry, in: query, description: Whether to do nothing., schema: {type: boolean}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/ThingInput'}}}
      responses:
        '200':
          description: The thing.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
";
    let models = "
        colour: {$ref: '#/components/schemas/Colour'}
    Colour: {type: string, description: A colour., enum: [red, green]}
    ThingInput:
      type: object
      description: What a thing is to be.
      required: [name]
      properties:
        name: {type: string, description: Its name.}
        size: {type: integer, format: int32, description: Its size.}
";
    let text = support::SOUND.replace("paths:\n", &format!("paths:\n{list}"));
    format!("{text}{models}")
}

fn domain(name: &str, text: &str) -> Domain {
    let path = support::folder(&format!("diff_{name}")).join("test.yaml");
    fs::write(&path, text).expect("the document can be written");
    let sources = Sources::open(&path, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"));
    model::domain(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What changes when one text of the document becomes another: level, subject and what happened, a line each.
fn changes(name: &str, from: &str, to: &str) -> Vec<String> {
    let old = document();
    assert!(old.contains(from), "the document holds {from}");
    let changes = Changes::between(&domain(&format!("{name}_old"), &old), &domain(name, &old.replace(from, to)));
    told(&changes)
}

fn told(changes: &Changes) -> Vec<String> {
    let lines =
        changes.list.iter().map(|change| format!("{}: {} {}", change.level.as_str(), change.subject, change.what));
    lines.collect()
}

#[test]
fn the_same_document_changes_nothing() {
    let domain = domain("same", &document());
    let changes = Changes::between(&domain, &domain);
    assert_eq!(changes, Changes::default());
    assert_eq!(changes.level(), Level::Patch);
    assert_eq!(changes.to_string(), "Nothing changes for callers: patch.\n");
}

#[test]
fn each_change_has_its_level() {
    let size = "        size: {type: integer, format: int32, description: Its size.}\n";
    let dry = "      parameters:\n        - {name: dry, in: query, description: Whether to do nothing., schema: {type: boolean}}\n";
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("texts", "Makes a thing.", "Makes something.", &[]),
        ("value", "[red, green]", "[red, green, blue]", &["minor: Colour::Blue is new"]),
        ("no_value", "[red, green]", "[red]", &["major: Colour::Green is gone"]),
        ("field", size, "", &["major: ThingInput::size is gone"]),
        ("more", size, &format!("{size}{}", size.replace("size", "mass")), &["minor: ThingInput::mass is new"]),
        (
            "retyped",
            "int32, description: Its size",
            "int64, description: Its size",
            &["major: ThingInput::size is i64, was i32"],
        ),
        (
            "needed",
            "required: [name]\n      properties:\n        name: {type: string, description: Its name.}\n        size",
            "required: [name, size]\n      properties:\n        name: {type: string, description: Its name.}\n        size",
            &["major: ThingInput::size is always there, was optional"],
        ),
        (
            "method",
            "x-ecloud-method: create",
            "x-ecloud-method: make",
            &["major: things().create is called `things().make`"],
        ),
        (
            "id",
            "operationId: createThing",
            "operationId: makeThing",
            &["major: things().create its type is `MakeThing`, was `CreateThing`"],
        ),
        (
            "path",
            "/test/v1/things:",
            "/test/v2/things:",
            &["patch: things().create goes to `POST /test/v2/things`, went to `POST /test/v1/things`"],
        ),
        ("setter", dry, "", &["major: things().create: dry is gone"]),
        (
            "argument",
            "{name: dry, in: query,",
            "{name: dry, in: query, required: true,",
            &["major: things().create: dry is required: an argument, was a setter"],
        ),
        (
            "scope",
            "test:write",
            "test:admin",
            &["minor: things().create needs the scope `test:admin`, was `test:write`"],
        ),
        (
            "advice",
            "operationId: createThing",
            "deprecated: true\n      operationId: createThing",
            &["minor: things().create is deprecated"],
        ),
    ];
    for (name, from, to, expected) in cases {
        assert_eq!(changes(name, from, to), *expected, "{name}");
    }
}

#[test]
fn what_is_gone_and_what_is_new_is_told_both_ways() {
    let (small, large) = (domain("small", support::SOUND), domain("large", &document()));
    let grown = Changes::between(&small, &large);
    assert_eq!(grown.level(), Level::Minor);
    assert!(told(&grown).contains(&"minor: things().create is new: `POST /test/v1/things`".to_owned()));
    assert!(told(&grown).contains(&"minor: ThingInput is new".to_owned()));
    let shrunk = Changes::between(&large, &small);
    assert_eq!(shrunk.level(), Level::Major);
    assert!(told(&shrunk).contains(&"major: things().create is gone".to_owned()));
    assert!(told(&shrunk).contains(&"major: Colour is gone".to_owned()));
}

#[test]
fn a_call_that_answers_otherwise_breaks() {
    let old = domain("answers", &document());
    let mut new = old.clone();
    new.resources[0].operations[0].output = model::Output::Json(Ty::Text);
    let changes = Changes::between(&old, &new);
    assert_eq!(told(&changes), ["major: things().create answers with text, was Thing"]);
}

#[test]
fn a_field_that_may_be_null_breaks() {
    let old = domain("null", &document());
    let mut new = old.clone();
    let models = new.resources[0].models.iter_mut().chain(&mut new.shared);
    for model in models.filter(|model| model.name == "Thing") {
        if let Shape::Struct(shape) = &mut model.shape {
            shape.fields[0].presence = Presence::RequiredOrNull;
        }
    }
    let changes = Changes::between(&old, &new);
    assert_eq!(told(&changes), ["major: Thing::name is always there, or null, was always there"]);
}

#[test]
fn the_changelog_has_a_heading_for_each_level() {
    let (small, large) = (domain("log_small", support::SOUND), domain("log_large", &document()));
    let text = Changes::between(&small, &large).to_string();
    assert!(text.starts_with("Semver level: minor.\n\n### Added\n\n- `things().create` is new"), "{text}");
    assert!(!text.contains("### Breaking") && !text.contains("### Changed"), "{text}");
}
