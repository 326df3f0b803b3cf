//! What the operations of somebody else's document answer with.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{Output, Shape, Ty};
use foreign::{only, posting, whats};

/// What an operation with these responses answers with.
fn answering(name: &str, responses: &str) -> Reading {
    let text = posting(&format!("responses:\n{responses}"));
    foreign::read(
        name,
        &format!(
            "{text}components:
  schemas:
    Order: {{type: object, properties: {{a: {{type: string}}}}}}
    Job: {{type: object, properties: {{b: {{type: string}}}}}}
    Problem: {{type: object, properties: {{c: {{type: string}}}}}}
"
        ),
    )
}

const ORDER: &str = "content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}";
const JOB: &str = "content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}";
const PROBLEM: &str = "content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}";

fn model(name: &str) -> Ty {
    Ty::Model(name.to_owned())
}

#[test]
fn successes_of_one_type_are_one_output() {
    for (index, (responses, output)) in [
        ("  '204': {description: Done.}".to_owned(), Output::Nothing),
        (format!("  '200': {{description: a, {ORDER}}}"), Output::Json(model("Order"))),
        (
            format!("  '200': {{description: a, {ORDER}}}\n  '201': {{description: b, {ORDER}}}"),
            Output::Json(model("Order")),
        ),
        (format!("  '200': {{description: a, {ORDER}}}\n  '204': {{description: b}}"), Output::Maybe(model("Order"))),
        (format!("  2XX: {{description: a, {ORDER}}}"), Output::Json(model("Order"))),
        (format!("  default: {{description: a, {ORDER}}}"), Output::Json(model("Order"))),
        (
            format!("  '200': {{description: a, {ORDER}}}\n  default: {{description: b, {PROBLEM}}}"),
            Output::Json(model("Order")),
        ),
        ("  '200': {description: a, content: {application/json: {}}}".to_owned(), Output::Json(Ty::Json)),
    ]
    .into_iter()
    .enumerate()
    {
        let reading = answering(&format!("operations_success_{index}"), &responses);
        assert_eq!(only(&reading).output, output, "{responses}");
        assert_eq!(whats(&reading), (vec![], vec!["the variable `id` of the path, which isn't declared"]));
    }
}

#[test]
fn successes_of_several_types_are_told_apart_by_status() {
    let reading = answering(
        "operations_by_status",
        &format!(
            "  '200': {{description: Done., {ORDER}}}\n  '202': {{description: Later., {JOB}}}\n  '204': {{description: None.}}"
        ),
    );
    let operation = only(&reading);
    assert_eq!(operation.output, Output::ByStatus("PostOrderAnswer".to_owned()));
    assert_eq!(operation.status, 200);
    let (_, answers) = reading.domain.model("PostOrderAnswer").expect("the answers");
    let Shape::Answers(cases) = &answers.shape else { panic!("{answers:?}") };
    let cases: Vec<(&str, u16, &Output)> =
        cases.iter().map(|case| (case.name.as_str(), case.status, &case.output)).collect();
    assert_eq!(
        cases,
        [
            ("Ok", 200, &Output::Json(model("Order"))),
            ("Accepted", 202, &Output::Json(model("Job"))),
            ("NoContent", 204, &Output::Nothing),
        ]
    );
}

#[test]
fn failures_are_kept_by_status() {
    let reading = answering(
        "operations_failures",
        &format!(
            "  '204': {{description: Done.}}\n  '302': {{description: Elsewhere.}}\n  '404': {{description: Gone., {PROBLEM}}}\n  \
             4XX: {{description: Wrong.}}\n  default: {{description: Else., {PROBLEM}}}\n  oops: {{description: What?}}"
        ),
    );
    let failures: Vec<(&str, Option<&Ty>, &str)> = only(&reading)
        .failures
        .iter()
        .map(|failure| (failure.status.as_str(), failure.ty.as_ref(), failure.doc.as_str()))
        .collect();
    let problem = model("Problem");
    assert_eq!(
        failures,
        [
            ("302", None, "Elsewhere."),
            ("404", Some(&problem), "Gone."),
            ("4XX", None, "Wrong."),
            ("default", Some(&problem), "Else."),
        ]
    );
    assert_eq!(whats(&reading).1[1], "an answer with the status `oops`");
}

#[test]
fn an_inline_answer_is_called_after_its_operation_or_the_answer_that_is_shared() {
    let object = "content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}";
    let text = posting(
        &format!("responses:
  '200': {{description: a, {object}}}
  '201': {{description: a, content: {{application/json: {{schema: {{type: object, properties: {{b: {{type: string}}}}}}}}}}}}
  '404': {{$ref: '#/components/responses/404NotFound'}}
  '409': {{description: a, content: {{application/json: {{schema: {{type: object, properties: {{c: {{type: string}}}}}}}}}}}}"),
    );
    let text = format!(
        "{text}components: {{responses: {{404NotFound: {{description: a, content: {{application/json: {{schema: {{type: object, properties: {{d: {{type: string}}}}}}}}}}}}}}}}\n"
    );
    let reading = foreign::read("operations_inline", &text);
    let mut names: Vec<&str> = reading.domain.models().map(|(_, model)| model.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["NotFoundError", "PostOrderAnswer", "PostOrderConflict", "PostOrderCreated", "PostOrderResponse"]
    );
}

#[test]
fn what_is_no_json_is_text_or_bytes_and_asked_for() {
    for (index, (content, output, accept)) in [
        (
            "application/vnd.api+json: {schema: {$ref: '#/components/schemas/Order'}}",
            Output::Json(model("Order")),
            Some("application/vnd.api+json"),
        ),
        ("text/csv: {schema: {type: string}}", Output::Text, Some("text/csv")),
        ("application/pdf: {schema: {type: string, format: binary}}", Output::Bytes, Some("application/pdf")),
        ("image/png: {}, image/jpeg: {}, text/plain: {}", Output::Bytes, Some("image/png, image/jpeg, text/plain")),
        (
            "text/plain: {}, application/json: {schema: {$ref: '#/components/schemas/Order'}}",
            Output::Json(model("Order")),
            None,
        ),
        ("'*/*': {schema: {type: string, format: binary}}", Output::Bytes, Some("*/*")),
    ]
    .into_iter()
    .enumerate()
    {
        let reading = answering(
            &format!("operations_media_{index}"),
            &format!("  '200': {{description: a, content: {{{content}}}}}"),
        );
        let operation = only(&reading);
        assert_eq!((&operation.output, operation.accept.as_deref()), (&output, accept), "{content}");
        assert!(reading.degradations.is_empty());
    }
    let reading = answering(
        "operations_xml",
        "  '200': {description: a, content: {application/xml: {schema: {$ref: '#/components/schemas/Order'}}}}",
    );
    assert_eq!(only(&reading).output, Output::Text);
    assert_eq!(whats(&reading).0, ["an object in XML"]);
}

#[test]
fn a_reference_that_leads_nowhere_costs_a_line_and_no_operation() {
    let reading = answering(
        "operations_dangling",
        "  '200': {$ref: '#/components/responses/Nowhere'}\n  '404': {description: a, content: {application/json: {schema: {$ref: '#/nowhere'}}}}",
    );
    assert_eq!(only(&reading).output, Output::Json(Ty::Json));
    assert_eq!(reading.degradations.len(), 2);

    let text = posting(
        "parameters: [{$ref: '#/components/parameters/Nowhere'}, null, 7]
requestBody: {$ref: '#/components/requestBodies/Nowhere'}
responses: null",
    );
    let reading = foreign::read("operations_odd", &text);
    let operation = only(&reading);
    assert_eq!(operation.body.as_ref().map(|body| &body.ty), Some(&Ty::Json));
    assert_eq!(operation.output, Output::Nothing);
    assert_eq!(reading.degradations.len(), 2);
}
