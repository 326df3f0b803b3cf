//! Events of `webhooks`: what our documents must say of them.

mod support;

use std::fs;

use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{self, Domain};
use ecloud_codegen::problem::Problems;
use ecloud_codegen::resolve::Sources;

const COMMON: &str = "\
openapi: 3.1.0
info: {title: common, version: 1.0.0}
components:
  schemas:
    Event: {type: object, properties: {data: {type: object}}}
    Other: {type: object, properties: {data: {type: object}}}
";

const WEBHOOKS: &str = "\
webhooks:
  test.thing.made:
    post:
      tags: [things]
      summary: A thing was made.
      x-ecloud-object: {kind: thing, id: name}
      requestBody:
        content:
          application/json:
            schema:
              $ref: './common.yaml#/components/schemas/Event'
              properties:
                data: {$ref: '#/components/schemas/Thing'}
      responses: {2XX: {description: Taken.}}
components:
";

/// Reads the sound document with these events in it.
fn read(name: &str, webhooks: &str) -> Result<Domain, Problems> {
    let folder = support::folder(name);
    fs::write(folder.join("common.yaml"), COMMON).expect("the document can be written");
    let path = folder.join("test.yaml");
    fs::write(&path, support::SOUND.replace("components:\n", webhooks)).expect("the document can be written");
    model::domain(&Sources::open(&path, &Limits::default())?)
}

fn refusal(name: &str, from: &str, to: &str) -> String {
    assert!(WEBHOOKS.contains(from), "the sound events hold {from}");
    read(name, &WEBHOOKS.replace(from, to)).expect_err("the document is refused").to_string()
}

#[test]
fn an_event_becomes_a_variant_and_its_data_lives_with_its_resource() {
    let domain = read("events_sound", WEBHOOKS).unwrap_or_else(|problems| panic!("{problems}"));
    let event = &domain.events[0];
    assert_eq!((event.variant.as_str(), event.data.as_str()), ("ThingMade", "Thing"));
    assert_eq!((domain.event_type().as_str(), event.kind.as_str()), ("TestEvent", "thing"));
    assert_eq!(domain.model("Thing").map(|(module, _)| module), Some("things"));
}

#[test]
fn an_event_of_another_domain_or_form_is_refused() {
    for (index, name) in ["other.thing.made", "test.made", "test.Thing.made", "test.thing.", "made"].iter().enumerate()
    {
        let text = refusal(&format!("events_name_{index}"), "test.thing.made", name);
        assert!(text.contains("an event is called `test.<object>.<what happened>`"), "{name}: {text}");
    }
}

#[test]
fn what_an_event_must_say_is_missed_where_it_is_not_said() {
    for (index, (from, to, reason)) in [
        ("      summary: A thing was made.\n", "", "`summary` is missing"),
        ("      tags: [things]\n", "", "needs exactly one tag"),
        ("[things]", "[others]", "the resource `others` has no text"),
        ("      x-ecloud-object: {kind: thing, id: name}\n", "", "`x-ecloud-object` is missing"),
        ("id: name", "id: size", "`Thing` has no required text `size` that names the thing"),
        ("kind: thing", "kind: 'a {}'", "`a {}` is no word in lower case"),
        ("schemas/Event", "schemas/Other", "the body of an event is the shared `Event`"),
        ("                data:", "                more:", "the body of an event is the shared `Event`"),
        ("    post:", "    put:", "`post` is missing"),
        ("      tags:", "      operationId: a\n      tags:", "`operationId` of an event can't be expressed"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = refusal(&format!("events_missing_{index}"), from, to);
        assert!(text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn names_that_events_take_can_be_taken_only_once() {
    let again = WEBHOOKS.replace("webhooks:\n", "").replace("thing.made", "thing.made_");
    let twice = WEBHOOKS.replace("components:\n", &again);
    let text = read("events_twice", &twice).expect_err("the document is refused").to_string();
    assert!(text.contains("would be called `ThingMade`, which is the name of the event `test.thing.made`"), "{text}");
}
