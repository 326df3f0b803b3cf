//! What the linter has to say of descriptions that can be generated from, and read badly.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

use ecloud_codegen::lint;

const SHARED: &str = "openapi: 3.1.0
info: {title: Shared, version: 1.0.0}
components:
  responses:
    Error:
      description: The call failed.
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Error:
      type: object
      description: What went wrong.
      required: [code]
      properties:
        code: {type: string, maxLength: 64, description: What it is.}
    GiftId: {type: string, x-ecloud-type: id, minLength: 1, maxLength: 64, description: Identifies a gift.}
";

const GIFTS: &str = "openapi: 3.1.0
info: {title: Gifts, version: 1.0.0, summary: What comes for free.}
x-ecloud-domain: present
x-ecloud-resources:
  gifts: {summary: The gifts of one shop.}
paths:
  /present/v1/gifts/{gift_id}:
    post:
      operationId: giveGift
      tags: [gifts]
      summary: Gives a gift.
      x-ecloud-method: give
      x-ecloud-scope: present:write
      x-ecloud-roles: [business]
      x-ecloud-quota: {group: present.gifts, weight: 1}
      x-ecloud-aliases: [赠品]
      x-ecloud-errors:
        present.gift_not_found: {status: 404, when: The shop has no such gift.}
      parameters:
        - {$ref: '#/components/parameters/GiftId'}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/GiftInput'}
            example: {colour: red, quantity: 2}
      responses:
        '200':
          description: The gift.
          content: {application/json: {schema: {$ref: '#/components/schemas/Gift'}}}
        default: {$ref: './shared.yaml#/components/responses/Error'}
components:
  parameters:
    GiftId:
      {name: gift_id, in: path, required: true, example: G1, description: Which gift., schema: {$ref: './shared.yaml#/components/schemas/GiftId'}}
  schemas:
    Gift:
      type: object
      description: What comes for free.
      required: [gift_id]
      properties:
        gift_id: {$ref: './shared.yaml#/components/schemas/GiftId', description: Which it is.}
        given_at: {type: string, format: date-time, description: When it was given. Absent until then.}
    GiftInput:
      type: object
      description: A gift to be given.
      required: [colour]
      properties:
        colour: {$ref: '#/components/schemas/Colour', description: Which colour it has.}
        quantity: {type: integer, format: int32, minimum: 1, maximum: 9, description: How many.}
    Colour:
      type: string
      enum: [red, blue]
      description: A colour.
      x-ecloud-values: {red: Like roses., blue: Like the sea.}
";

/// The folder of the descriptions of a test.
fn folder(test: &str, gifts: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint").join(test);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("shared.yaml"), SHARED).unwrap();
    fs::write(folder.join("gifts.yaml"), gifts).unwrap();
    folder
}

/// What is said where one text of the descriptions is replaced by another.
fn said(test: &str, old: &str, new: &str) -> Vec<String> {
    assert!(GIFTS.contains(old), "{old}");
    match lint::folder(&folder(test, &GIFTS.replacen(old, new, 1))) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.reason.clone()).collect(),
    }
}

#[test]
fn descriptions_that_keep_all_rules_pass_and_are_counted() {
    let looked = lint::folder(&folder("passes", GIFTS)).unwrap();
    assert_eq!((looked.documents, looked.operations, looked.schemas), (1, 1, 5));
}

#[test]
fn each_rule_is_told_with_its_reason() {
    for (number, (old, new, reason)) in [
        (
            "summary: Gives a gift.",
            "summary: Give a gift.",
            "its summary doesn't begin with a verb in the third person",
        ),
        ("summary: Gives a gift.", "summary: Gives a gift", "its summary doesn't end with a full stop"),
        (
            "x-ecloud-aliases: [赠品]",
            "x-ecloud-aliases: [present]",
            "it can't be found by a Chinese term: `x-ecloud-aliases` has none",
        ),
        ("x-ecloud-roles: [business]", "x-ecloud-roles: [boss]", "is no role: business, developer, operator"),
        ("status: 404", "status: 422", "`present.gift_not_found` has the status 422; by its name it's 404"),
        ("present.gift_not_found", "other.gift_not_found", "`other.gift_not_found` is of no domain"),
        (", when: The shop has no such gift.", ", when: no such gift", "`when` begins with a small letter"),
        (", example: G1", "", "the parameter `gift_id` has no example"),
        ("example: {colour: red, quantity: 2}", "x: {}", "the body has no example"),
        ("colour: red, quantity: 2", "colour: green, quantity: 2", "`green` is none of the values"),
        ("colour: red, quantity: 2", "colour: red, quantity: 10", "the example is outside of the limits: 10"),
        ("colour: red, quantity: 2", "quantity: 2", "the example has no `colour`"),
        ("colour: red, quantity: 2", "colour: red, size: 2", "the example has `size`, which isn't described"),
        ("colour: red, quantity: 2", "colour: red, quantity: many", "the example isn't a whole number"),
        ("given_at:", "given:", "the time `given` doesn't end in `_at`, `_by`, `_from` or `_to`"),
        (", description: How many.", "", "the property `quantity` has no description"),
        ("quantity: {type", "weight: {type", "the unit of `weight` doesn't stand in its name"),
        ("enum: [red, blue]", "enum: [red, blue, Green]", "the value `Green` isn't in lower snake case"),
        (", blue: Like the sea.", "", "`x-ecloud-values` doesn't say what `blue` means"),
        ("red: Like roses.", "red: Like roses", "what `red` means doesn't end with a full stop"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = said(&format!("rule-{number}"), old, new);
        assert!(said.iter().any(|said| said == reason), "{new:?}: {reason:?} isn't in {said:?}");
    }
}

#[test]
fn a_folder_without_descriptions_is_told() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint-nowhere");
    assert!(lint::folder(&folder).unwrap_err().to_string().contains("can't be listed"));
}
