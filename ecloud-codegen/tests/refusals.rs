//! What the generator refuses, and that it says where and why.

mod support;

use std::fs;

use ecloud_codegen::load::Limits;
use ecloud_codegen::resolve::Sources;
use ecloud_codegen::{model, resolved};

/// Runs all stages that can refuse a document, and gives what was said, without the folder.
fn refusal_of_bytes(name: &str, bytes: &[u8]) -> String {
    let folder = support::folder(name);
    let path = folder.join("test.yaml");
    fs::write(&path, bytes).expect("the document can be written");
    let outcome = Sources::open(&path, &Limits::default()).and_then(|sources| {
        let domain = model::domain(&sources)?;
        resolved::write(&sources, &domain)
    });
    let problems = outcome.expect_err("the document is refused");
    problems.to_string().replace(&format!("{}/", folder.display()), "")
}

fn refusal(name: &str, text: &str) -> String {
    refusal_of_bytes(name, text.as_bytes())
}

/// The sound document with one text replaced by another.
fn changed(from: &str, to: &str) -> String {
    assert!(support::SOUND.contains(from), "the sound document holds {from}");
    support::SOUND.replace(from, to)
}

#[test]
fn the_sound_document_is_taken() {
    let path = support::folder("sound").join("test.yaml");
    fs::write(&path, support::SOUND).expect("the document can be written");
    let sources = Sources::open(&path, &Limits::default()).expect("sources");
    assert!(model::domain(&sources).is_ok());
}

#[test]
fn a_reference_to_nothing_names_both_ends() {
    let text = changed("schemas/Thing'", "schemas/Think'");
    assert_eq!(
        refusal("dangling", &text),
        "test.yaml:20: #/paths/~1test~1v1~1things~1{thing_id}/get/responses/200/content/application~1json/schema: \
         `$ref` to `#/components/schemas/Think`: `test.yaml` has nothing at `/components/schemas/Think`"
    );
}

#[test]
fn a_missing_file_is_said_where_it_is_referred_to() {
    let text = refusal("no_file", &changed("'#/components/schemas/Thing'", "'./other.yaml#/components/schemas/Thing'"));
    assert!(text.contains("test.yaml:20: #/paths/"), "{text}");
    assert!(text.contains("other.yaml: can't be opened"), "{text}");
}

#[test]
fn nothing_is_fetched_from_a_network() {
    let text = refusal("network", &changed("'#/components/schemas/Thing'", "'https://example.com/a.yaml#/Thing'"));
    assert!(text.contains("only files are followed, nothing is fetched"), "{text}");
}

#[test]
fn references_in_a_circle_are_refused() {
    let circle = "    Thing: {$ref: '#/components/schemas/Other'}\n    Other: {$ref: '#/components/schemas/Thing'}\n";
    let at = support::SOUND.find("    Thing:\n").expect("the schema");
    let text = refusal("circle", &format!("{}{circle}", &support::SOUND[..at]));
    assert!(text.contains("test.yaml:23: #/components/schemas/Thing: `$ref`"), "{text}");
    assert!(text.contains("leads in a circle"), "{text}");
}

#[test]
fn a_type_that_is_made_of_nothing_but_itself_is_refused() {
    let text = refusal(
        "endless",
        &format!("{}    Words: {{type: array, items: {{$ref: '#/components/schemas/Words'}}}}\n", support::SOUND),
    );
    assert!(text.contains("contains itself"), "{text}");
}

#[test]
fn truncated_yaml_is_refused_with_its_line() {
    let at = support::SOUND.find(", in: path").expect("the parameter");
    let text = refusal("truncated", &support::SOUND[..at]);
    assert!(text.starts_with("test.yaml:1"), "{text}");
    assert!(text.contains("is not valid YAML"), "{text}");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let row = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{row}]\n"));
    }
    let text = refusal("bomb", &text);
    assert!(text.contains("aliases expand to more than 100000 nodes"), "{text}");
}

#[test]
fn what_is_not_utf_8_is_refused() {
    assert_eq!(refusal_of_bytes("bytes", b"openapi: \xff"), "test.yaml: is not UTF-8 (byte 9)");
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let path = support::folder("large").join("test.yaml");
    fs::write(&path, support::SOUND).expect("the document can be written");
    let limits = Limits { bytes: 100, ..Limits::default() };
    let text = Sources::open(&path, &limits).expect_err("a refusal").to_string();
    assert!(text.ends_with("is larger than 100 bytes"), "{text}");
}

#[test]
fn two_operations_with_one_id_are_refused() {
    let second = "  /test/v1/others:
    get:
      operationId: getThing
      tags: [things]
      summary: Gets another.
      x-ecloud-method: other
      x-ecloud-scope: test:read
      x-ecloud-quota: {group: test.things, weight: 1}
      responses: {'204': {description: Nothing.}}
components:
";
    let text = refusal("twice", &changed("components:\n", second));
    assert_eq!(text, "test.yaml:23: #/paths/~1test~1v1~1others/get: the operationId `getThing` stands twice");
}

#[test]
fn an_unknown_page_style_is_refused() {
    let text =
        refusal("page_style", &changed("      x-ecloud-scope", "      x-ecloud-page: offset\n      x-ecloud-scope"));
    assert_eq!(
        text,
        "test.yaml:13: #/paths/~1test~1v1~1things~1{thing_id}/get/x-ecloud-page: \
         `offset` is no page style: `cursor`, `number` or `changes`"
    );
}

#[test]
fn a_page_without_what_its_style_needs_is_refused() {
    let text =
        refusal("page_shape", &changed("      x-ecloud-scope", "      x-ecloud-page: cursor\n      x-ecloud-scope"));
    assert!(text.contains("a list by cursor with `Thing`: needs an optional string `next_cursor`"), "{text}");
}

#[test]
fn a_path_parameter_that_is_not_declared_is_refused() {
    let text = refusal("parameter", &changed("name: thing_id, in: path", "name: other, in: path"));
    assert!(text.contains("`/test/v1/things/{thing_id}` has no `{other}`"), "{text}");
    assert!(text.contains("the path parameter `thing_id` of `/test/v1/things/{thing_id}` is not declared"), "{text}");
}

#[test]
fn a_node_of_the_wrong_sort_is_refused() {
    let text = refusal("sort", &changed("summary: Gets a thing.", "summary: [Gets, a, thing]"));
    assert!(
        text.contains(
            "test.yaml:11: #/paths/~1test~1v1~1things~1{thing_id}/get/summary: expected a string, found a list"
        ),
        "{text}"
    );
}

#[test]
fn all_that_is_wrong_is_said_together() {
    let text = changed("in: path, required: true", "in: cookie").replace("weight: 1", "weight: 99");
    let text = refusal("together", &text.replace("type: string, description: Its name.", "description: Its name."));
    assert_eq!(text.lines().count(), 4, "{text}");
    for reason in ["a weight is a whole number from 1 to 40", "in `cookie`", "is not declared", "`type` is missing"] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn what_can_not_be_expressed_is_said_and_never_dropped() {
    let name = "{type: string, description: Its name.}";
    for (case, schema, reason) in [
        ("all_of", "{allOf: [{type: string}]}", "`allOf` of a schema can't be expressed"),
        ("one_of", "{oneOf: [{type: string}]}", "`oneOf` of a schema can't be expressed"),
        ("null", "{type: [string, 'null']}", "a choice of types can't be expressed"),
        ("anything", "{type: object}", "may hold anything"),
        ("open", "{}", "`type` is missing, so that anything would be allowed"),
        ("inline_object", "{type: object, properties: {a: {type: string}}}", "an object needs a name"),
        ("inline_enum", "{type: string, enum: [a]}", "an enum needs a name"),
        ("odd_type", "{type: text}", "`text` is no type"),
        ("misspelt", "{type: string, x-ecloud-sensitve: name}", "`x-ecloud-sensitve` of a schema can't be expressed"),
        ("elsewhere", "{$ref: '#/info'}", "a schema is referred to by its name under `components/schemas`"),
    ] {
        let text = refusal(case, &changed(name, schema));
        assert!(text.contains("test.yaml:28: #/components/schemas/Thing/properties/name"), "{case}: {text}");
        assert!(text.contains(reason), "{case}: {text}");
    }
}

#[test]
fn a_header_parameter_is_refused() {
    let more = "      parameters:\n        - {name: x-a, in: header, schema: {type: string}}\n";
    let text = refusal("header", &changed("      parameters:\n", more));
    assert!(text.contains("a parameter in `header` can't be expressed"), "{text}");
}

#[test]
fn two_answers_of_success_are_refused() {
    let more = "      responses:\n        '202': {description: Later.}\n";
    let text = refusal("answers", &changed("      responses:\n", more));
    assert!(text.contains("needs exactly one answer with a status from 200 to 299"), "{text}");
}

#[test]
fn types_that_would_share_a_name_are_refused() {
    let text = changed("    Thing:\n", "    things: {type: string, enum: [a]}\n    Thing:\n");
    let text = refusal("names", &text);
    assert!(text.contains("the schema at `/components/schemas/things` would be called `Things`"), "{text}");
    assert!(text.contains("which is the name of the resource `things` already"), "{text}");
}

#[test]
fn names_that_the_generated_code_has_for_itself_are_refused() {
    let text = refusal("method", &changed("x-ecloud-method: get", "x-ecloud-method: new"));
    assert!(text.contains("the operation `getThing` would be called `new`"), "{text}");
    let text =
        refusal("module", &support::SOUND.replace("things: {summary", "lib: {summary").replace("[things]", "[lib]"));
    assert!(text.contains("the resource `lib` would be called `lib`"), "{text}");
    let text = refusal("prelude", &support::SOUND.replace("Thing'", "Option'").replace("    Thing:", "    Option:"));
    assert!(
        text.contains("would be called `Option`, which is the name of the generated code itself already"),
        "{text}"
    );
}

#[test]
fn a_state_machine_of_states_that_are_none_is_refused() {
    let machine = "    State:
      type: string
      enum: [a, b]
      x-ecloud-states:
        initial: [a]
        terminal: [c]
        transitions:
          - {from: [a], to: b}
          - {from: [a], event: time_passes, operation: getThing, to: b}
          - {from: [a], event: time_passes, to: 5}
";
    let text = refusal("states", &format!("{}{machine}", support::SOUND));
    assert!(text.contains("/x-ecloud-states/terminal/0: `c` is none of the values"), "{text}");
    assert!(text.contains("/transitions/2/to: expected a state, found a number"), "{text}");
    assert_eq!(text.matches("a transition has either an `operation` or an `event`").count(), 2, "{text}");
}

#[test]
fn a_resource_without_a_text_is_refused() {
    let text = refusal("resource", &changed("tags: [things]", "tags: [others]"));
    assert!(text.contains("the resource `others` has no text in `x-ecloud-resources`"), "{text}");
}

#[test]
fn a_job_without_its_other_operation_or_without_a_status_is_refused() {
    let job = |poll: &str| {
        changed("x-ecloud-method: get", &format!("x-ecloud-method: get\n      x-ecloud-job: {{poll: {poll}}}"))
    };
    assert_eq!(
        refusal("job_without_poll", &job("pollThing")),
        "test.yaml:9: #/paths/~1test~1v1~1things~1{thing_id}/get: the resource has no operation `pollThing`"
    );
    let text = refusal("job_without_id", &job("getThing"));
    assert!(text.ends_with("`Thing` has no required `thing_id` of the type that `getThing` takes"), "{text}");
}

#[test]
fn an_upload_whose_part_takes_no_bytes_is_refused() {
    let upload = "x-ecloud-method: get\n      x-ecloud-upload: {part: getThing, complete: getThing}";
    let text = refusal("upload_without_bytes", &changed("x-ecloud-method: get", upload));
    assert!(text.contains("a part takes bytes, answers with nothing"), "{text}");
}

#[test]
fn an_example_of_a_parameter_that_is_not_there_is_refused() {
    let text = "x-ecloud-method: get\n      x-ecloud-example: {think_id: T1}";
    let text = refusal("example_of_nothing", &changed("x-ecloud-method: get", text));
    assert!(text.ends_with("the operation has no parameter `think_id`"), "{text}");
}
