//! The report on a reading that is made by hand: what it says for everything that a reading can have, by its JSON Schema, and the
//! overlay that is suggested for it.

#[path = "support/folder.rs"]
mod folder;

use std::fs;
use std::path::Path;

use ecloud_codegen::foreign::{Degradation, Reading, SchemaType};
use ecloud_codegen::load::Limits;
use ecloud_codegen::model::{
    Body, Case, Domain, Failure, Field, Kind, Media, Model, Operation, Output, Page, PageStyle, Paging, Position,
    Presence, Resource, Retry, Shape, Struct, Ty, Verb,
};
use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::{self, Overlay};
use ecloud_codegen::problem::{Place, Problems};
use ecloud_codegen::report::Report;
use ecloud_codegen::resolve::Sources;
use serde_json::{Value, json};

/// A document whose paths and schemas are those of the reading.
const DOCUMENT: &str = "\
swagger: '2.0'
paths:
  x-note: {get: {}}
  /orders:
    get: {operationId: listOrders}
    post: {}
    parameters: []
  /orders/{id}: {delete: {}}
definitions: {Order: {}, Orders: {}}
";

fn place(pointer: &str) -> Place {
    Place { file: "tests/shop.yaml".to_owned(), line: 3, pointer: pointer.to_owned() }
}

fn operation(verb: Verb, path: &str, pointer: &str, output: Output) -> Operation {
    Operation {
        operation_id: String::new(),
        id: "shop.orders.x".to_owned(),
        type_name: format!("{}Orders", verb.as_str()),
        method: verb.as_str().to_lowercase(),
        verb,
        path: path.to_owned(),
        summary: "Does.\nIt".to_owned(),
        description: String::new(),
        deprecated: false,
        deprecation: String::new(),
        shop: false,
        scope: None,
        roles: Vec::new(),
        quota: None,
        retry: if verb.is_read() { Retry::Safe } else { Retry::Never },
        idempotency_header: None,
        page: None,
        security: None,
        parameters: Vec::new(),
        body: None,
        status: 200,
        output,
        accept: None,
        errors: Vec::new(),
        failures: Vec::new(),
        aliases: Vec::new(),
        steps: None,
        place: place(pointer),
    }
}

fn field(wire: &str, name: &str, ty: Ty) -> Field {
    Field {
        wire: wire.to_owned(),
        name: name.to_owned(),
        doc: String::new(),
        ty,
        presence: Presence::Optional,
        constant: None,
        deprecated: false,
        boxed: false,
        example: None,
    }
}

fn model(name: &str, pointer: &str, shape: Shape) -> Model {
    Model { name: name.to_owned(), doc: String::new(), aliases: Vec::new(), shape, place: place(pointer) }
}

fn fields(fields: Vec<Field>, page: Option<Page>) -> Shape {
    Shape::Struct(Struct { fields, input: false, additional: None, page })
}

fn named(name: &str) -> Ty {
    Ty::Model(name.to_owned())
}

fn degradation(pointer: &str, operation: Option<&str>, what: &str) -> Degradation {
    let operation = operation.map(str::to_owned);
    Degradation { place: place(pointer), operation, what: what.to_owned(), instead: "any JSON".to_owned() }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn reading() -> Reading {
    let page = Page {
        position: Position::Cursor(texts(&["meta", "next_"])),
        items: texts(&["data_items"]),
        item: named("Order"),
    };
    let data = field("data/items", "data_items", Ty::List(Box::new(named("Order"))));
    let orders = fields(vec![data, field("meta", "meta", named("Meta"))], Some(page));
    let order =
        fields(vec![field("pin", "pin", Ty::Secret), field("phone", "phone", Ty::Sensitive(Kind::Phone))], None);
    let cases = vec![
        Case { name: "Ok".to_owned(), status: 200, doc: String::new(), output: Output::Json(named("Order")) },
        Case { name: "Others".to_owned(), status: 2, doc: String::new(), output: Output::Nothing },
        Case { name: "Default".to_owned(), status: 0, doc: String::new(), output: Output::Bytes },
    ];
    let mut list = operation(Verb::Get, "/orders", "/paths/~1orders/get", Output::Json(named("Orders")));
    list.operation_id = "listOrders".to_owned();
    list.page = Some(Paging { style: PageStyle::Cursor, parameter: Some("after".to_owned()), size: None, first: 0 });
    list.failures = vec![
        Failure { status: "4XX".to_owned(), ty: Some(Ty::Map(Box::new(Ty::I64))), doc: String::new() },
        Failure { status: "default".to_owned(), ty: None, doc: String::new() },
    ];
    let mut create =
        operation(Verb::Post, "/orders", "/paths/~1orders/post", Output::ByStatus("CreateAnswer".to_owned()));
    create.body = Some(Body {
        name: "orders".to_owned(),
        ty: Ty::List(Box::new(named("Order"))),
        media: Media::Json,
        content_type: "application/json".to_owned(),
        required: true,
        example: None,
    });
    let delete = operation(Verb::Delete, "/orders/{id}", "/paths/~1orders~1{id}/delete", Output::Maybe(Ty::Timestamp));
    let resource = Resource {
        name: "orders".to_owned(),
        module: "orders".to_owned(),
        handle: "Orders_".to_owned(),
        summary: String::new(),
        description: String::new(),
        aliases: Vec::new(),
        operations: vec![list, create, delete],
        models: vec![
            model("Orders", "/definitions/Orders", orders),
            model("CreateAnswer", "/paths/~1orders/post/responses", Shape::Answers(cases)),
        ],
    };
    let domain = Domain {
        name: "shop".to_owned(),
        handle: "Shop".to_owned(),
        source: "tests/shop.yaml".to_owned(),
        title: "Shop \u{1b}[31m".to_owned(),
        version: "1".to_owned(),
        summary: String::new(),
        description: String::new(),
        resources: vec![resource],
        events: Vec::new(),
        shared: vec![
            model("Order", "/definitions/Order", order),
            model("Meta", "/definitions/Orders/properties/meta", fields(vec![field("next", "next_", Ty::Text)], None)),
        ],
        package: "my-shop".to_owned(),
        platform: None,
        examples_run: false,
    };
    Reading {
        domain,
        degradations: vec![
            degradation("/definitions/Order/properties/a/oneOf/1", None, "in a schema"),
            degradation("/definitions/Orders2", None, "in a schema that nothing reaches"),
            degradation("/paths/~1orders/get/parameters/3", None, "below an operation"),
            degradation("/parameters/Common", Some("DELETE /orders/{id}"), "of an operation"),
        ],
        repairs: vec![degradation("", None, "odd")],
        types: vec![SchemaType {
            place: place("/definitions/Order"),
            pointer: "#/definitions/Order".to_owned(),
            ty: named("Order"),
        }],
        lock: Lock::default(),
    }
}

fn sources(name: &str) -> Sources {
    let path = folder::folder(&format!("report_{name}")).join("shop.yaml");
    fs::write(&path, DOCUMENT).expect("the document can be written");
    Sources::open_tolerant(&path, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn report(name: &str) -> Value {
    let (sources, reading) = (sources(name), reading());
    let mut report = Report::new(&sources, &Problems::new(), &Overlay::empty(), &reading);
    report.written(["a\nb\n", "c\n"].into_iter());
    let report = serde_json::from_str(&report.json().pretty()).expect("JSON");
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("report.schema.json");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(schema).expect("the schema can be read")).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema));
    if let Err(error) = jsonschema::validator_for(&schema).expect("a schema").validate(&report) {
        panic!("{} at {}", error, error.instance_path());
    }
    report
}

#[test]
fn the_totals_are_counted_in_the_document() {
    let totals = json!({
        "operations_in": 3, "operations_out": 3, "operations_dropped": 0, "operations_lost": 0,
        "schemas_in": 2, "schemas_out": 1, "degradations": 4, "repairs": 1, "files": 2, "lines": 3,
    });
    let report = report("totals");
    assert_eq!(report["totals"], totals);
    assert_eq!(report["document"]["format"], "Swagger 2.0");
    assert_eq!(report["crate"], json!({"package": "my-shop", "name": "my_shop", "handle": "my_shop::Shop"}));
}

#[test]
fn types_are_full_paths() {
    let report = report("types");
    assert_eq!(report["schemas"][0]["pointer"], "/definitions/Order");
    assert_eq!(report["schemas"][0]["rust_type"], "my_shop::types::Order");
    let [list, create, delete] = [0, 1, 2].map(|index| &report["operations"][index]);
    assert_eq!(list["response_type"], "my_shop::orders::Orders");
    assert_eq!(list["operation_id"], "listOrders");
    assert_eq!(create["operation_id"], Value::Null);
    assert_eq!(create["request_type"], "Vec<my_shop::types::Order>");
    assert_eq!(create["response_type"], "my_shop::orders::CreateAnswer");
    assert_eq!(delete["response_type"], "Option<ecloud_core::Timestamp>");
    assert_eq!(delete["request_type"], Value::Null);
}

#[test]
fn answers_are_told_by_status() {
    let report = report("answers");
    let response = |status, success, ty| json!({"status": status, "success": success, "type": ty});
    let failures = [
        response("200", true, Some("my_shop::orders::Orders")),
        response("4XX", false, Some("std::collections::BTreeMap<String, i64>")),
        response("default", false, None),
    ];
    assert_eq!(report["operations"][0]["responses"], json!(failures));
    let cases = [
        response("200", true, Some("my_shop::types::Order")),
        response("2XX", true, None),
        response("default", true, Some("ecloud_core::Bytes")),
    ];
    assert_eq!(report["operations"][1]["responses"], json!(cases));
}

#[test]
fn a_degradation_stands_with_each_operation_that_meets_it() {
    let report = report("met");
    let met = |index: usize| -> Vec<&str> {
        let degradations = report["operations"][index]["degradations"].as_array().expect("a list").iter();
        degradations.map(|degradation| degradation["what"].as_str().expect("text")).collect()
    };
    assert_eq!(met(0), ["in a schema", "below an operation"]);
    assert_eq!(met(1), ["in a schema"]);
    assert_eq!(met(2), ["of an operation"]);
}

#[test]
fn the_summary_is_plain_text_and_nothing_of_the_document_is_obeyed() {
    let (sources, reading) = (sources("summary"), reading());
    let report = Report::new(&sources, &Problems::new(), &Overlay::empty(), &reading);
    let text = report.summary(false);
    assert!(text.starts_with("Shop \\u{1b}[31m 1 · Swagger 2.0 · tests/shop.yaml\n"), "{text}");
    assert!(text.contains("  operations  3 of 3\n"), "{text}");
    assert!(text.contains("  lists       1 read page by page\n"), "{text}");
    let line = "    tests/shop.yaml:3: #/parameters/Common: of an operation; any JSON\n";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(report.summary(true).contains("\u{1b}[32m3 of 3\u{1b}[0m"));
}

#[test]
fn a_long_list_is_cut_and_counted() {
    let (sources, mut reading) = (sources("long"), reading());
    reading.degradations = vec![degradation("/a", None, "odd"); 100];
    let report = Report::new(&sources, &Problems::new(), &Overlay::empty(), &reading);
    assert!(report.summary(false).contains("    and 80 more, all of them in the report (`--report FILE`)\n"));
    assert_eq!(report.json().get("degradations").map(|list| format!("{list:?}").matches("odd").count()), Some(100));
}

#[test]
fn a_suggestion_points_into_the_answer_by_names_on_the_wire() {
    let suggested = overlay::suggest(&reading().domain);
    let expected = "\
operations:
  # Does. It
  \"GET /orders\":
    page: { style: cursor, parameter: \"after\", first: 0, items: \"/data~1items\", next: \"/meta/next\" }
  # \"DELETE /orders/{id}\": { retry: safe }  # if twice is as good as once

schemas:
  \"#/definitions/Order\":
    properties:
      \"pin\": { type: secret }
";
    assert!(suggested.ends_with(expected), "{suggested}");
    let document = ecloud_codegen::load::text_of(&suggested, "overlay.yaml", &Limits::default()).expect("YAML");
    let overlay = Overlay::read(document.root()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(overlay.operation(None, "GET /orders").is_some_and(|list| list.page.is_some()));
}
