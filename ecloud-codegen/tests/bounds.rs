//! Documents that are large in one way or another: they are generated, or refused, in bounded memory.

mod support;

use std::fmt::Write;
use std::fs;

use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{self, Domain, Shape};
use ecloud_codegen::render;
use ecloud_codegen::resolve::Sources;

fn domain(name: &str, text: &str) -> Domain {
    let path = support::folder(name).join("test.yaml");
    fs::write(&path, text).expect("the document can be written");
    let sources = Sources::open(&path, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"));
    model::domain(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn an_enum_of_ten_thousand_values_has_them_all() {
    let mut text = format!("{}    Many:\n      type: string\n      enum:\n", support::SOUND);
    for number in 0..10_000 {
        writeln!(text, "        - value-{number}").expect("a text can be written");
    }
    let domain = domain("many_values", &text);
    let (_, model) = domain.model("Many").expect("the enum");
    let Shape::Enum(shape) = &model.shape else { panic!("an enum") };
    assert_eq!(shape.values.len(), 10_000);
    let files = render::domain(&domain);
    assert!(files["things.rs"].contains("Value9999,"));
}

#[test]
fn a_path_of_five_thousand_characters_is_kept() {
    let long = format!("/test/v1/{}", "a".repeat(5_000));
    let text = support::SOUND.replace("  /test/v1/things/{thing_id}:", &format!("  ? {long}/{{thing_id}}\n  :"));
    let domain = domain("long_path", &text);
    let path = &domain.resources[0].operations[0].path;
    assert!(path.starts_with(&long), "{} characters", path.len());
    assert!(render::domain(&domain)["things.rs"].contains(&long));
}

#[test]
fn two_thousand_operations_are_all_there() {
    let mut text = support::SOUND.split("paths:").next().expect("the head").to_owned();
    text.push_str("paths:\n");
    for number in 0..2_000 {
        let operation = format!(
            "  /test/v1/things{number}:\n    get:\n      operationId: getThing{number}\n      tags: [things]\n      \
             summary: Gets.\n      x-ecloud-method: get{number}\n      x-ecloud-scope: test:read\n      \
             x-ecloud-quota: {{group: test.things}}\n      responses:\n        '200':\n          description: It.\n          \
             content: {{application/json: {{schema: {{$ref: '#/components/schemas/Thing{number}'}}}}}}\n"
        );
        text.push_str(&operation);
    }
    text.push_str("components:\n  schemas:\n");
    for number in 0..2_000 {
        let next = (number + 1) % 2_000;
        let schema = format!(
            "    Thing{number}:\n      type: object\n      properties:\n        \
             next: {{type: array, items: {{$ref: '#/components/schemas/Thing{next}'}}}}\n"
        );
        text.push_str(&schema);
    }
    let domain = domain("many_operations", &text);
    assert_eq!(domain.operations().count(), 2_000);
    assert_eq!(domain.models().count(), 2_000);
    assert!(render::domain(&domain)["things.rs"].contains("impl Operation for GetThing1999"));
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let path = support::folder("deep").join("test.yaml");
    let text = format!("a: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    fs::write(&path, text).expect("the document can be written");
    let problems = Sources::open(&path, &Limits::default()).expect_err("a refusal");
    assert!(problems.to_string().contains("recursion limit exceeded"), "{problems}");
}
