//! What an overlay says about somebody else's document, and what of it can't be.

#[path = "support/folder.rs"]
mod folder;

use std::fs;

use ecloud_codegen::foreign::{self, Options, Reading};
use ecloud_codegen::load::{self, Limits};
use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::Overlay;
use ecloud_codegen::problem::Problems;
use ecloud_codegen::resolve::Sources;

const DOCUMENT: &str = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
servers: [{url: 'https://a.example.com'}]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      parameters:
        - {name: skip, in: query, schema: {type: integer}}
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema:
                type: object
                properties:
                  result:
                    type: object
                    properties:
                      rows: {type: array, items: {$ref: '#/components/schemas/Order'}}
                      count: {type: integer}
    post:
      operationId: makeOrder
      tags: [orders]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses:
        '200': {description: Done., content: {application/json: {schema: {$ref: '#/components/schemas/Old'}}}}
  /debug: {get: {operationId: debug, responses: {'204': {description: Done.}}}}
components:
  schemas:
    Old: {type: object, properties: {a: {type: string}}}
    Colour: {type: string, enum: [red, green]}
    Order:
      type: object
      required: [id]
      properties:
        id: {type: string}
        total: {type: object, required: [amount, currency], properties: {amount: {type: integer}, currency: {type: string}}}
        price: {type: object, properties: {value: {type: string}}}
        rate: {type: string}
        ratio: {type: number}
        at: {type: string, format: date-time}
        times: {type: array, items: {type: string}}
        phones: {type: object, additionalProperties: {type: string}}
        colour: {$ref: '#/components/schemas/Colour'}
        size: {type: integer}
        note: {type: string}
        any: {}
";

fn read(name: &str, overlay: &str) -> Result<Reading, Problems> {
    let path = folder::folder(&format!("overlay_{name}")).join("shop.yaml");
    fs::write(&path, DOCUMENT).expect("the document can be written");
    let text = format!("ecloud-overlay: 1\n{overlay}\n");
    let overlay = Overlay::read(load::text_of(&text, "overlay.yaml", &Limits::default())?.root())?;
    let (sources, _) = Sources::open_tolerant(&path, &Limits::default())?;
    let reading = foreign::read(&sources, Options { name: "shop", overlay: &overlay, lock: Lock::default() })?;
    assert_eq!(overlay.unused(), []);
    Ok(reading)
}

/// The lines of the model that are about one thing.
fn lines(name: &str, overlay: &str, about: &str) -> Vec<String> {
    let reading = read(name, overlay).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(reading.degradations, []);
    let model = reading.domain.to_string();
    let begins = format!("    {about}:");
    model.lines().filter(|line| line.starts_with(&begins)).map(|line| line.trim().to_owned()).collect()
}

fn property(name: &str, property: &str, says: &str) -> String {
    let overlay = format!("schemas: {{Order: {{properties: {{{property}: {{{says}}}}}}}}}");
    lines(name, &overlay, property).join("|")
}

#[test]
fn properties_are_retyped_where_the_wire_fits() {
    for (wire, says, expected) in [
        ("id", "type: 'id:OrderId'", "id: OrderId, required"),
        ("total", "type: money", "total: money"),
        ("rate", "type: decimal", "rate: text"),
        ("at", "type: timestamp", "at: timestamp"),
        ("times", "type: timestamp", "times: list of timestamp"),
        ("phones", "type: 'sensitive:phone'", "phones: map of sensitive phone"),
        ("colour", "type: text", "colour: text"),
        ("size", "type: number", "size: f64"),
        ("ratio", "type: integer", "ratio: i64"),
        ("note", "type: secret", "note: secret"),
        ("total", "type: json", "total: json"),
        ("any", "type: money", "any: money"),
        ("any", "type: bool", "any: bool"),
    ] {
        assert_eq!(property("retyped", wire, says), expected, "{says}");
    }
}

#[test]
fn properties_are_told_to_be_there_or_null_or_to_go() {
    assert_eq!(property("required", "note", "required: true"), "note: text, required");
    assert_eq!(property("optional", "id", "required: false"), "id: text");
    assert_eq!(property("nullable", "note", "nullable: true"), "note: text, nullable");
    assert_eq!(property("dropped", "note", "drop: true"), "");
    let renamed = "schemas: {Order: {properties: {note: {rename: remark}}}}";
    assert_eq!(lines("renamed", renamed, "remark"), ["remark: text, on the wire `note`"]);
}

#[test]
fn what_the_wire_does_not_fit_is_an_error_with_its_place() {
    for (wire, says, reason) in [
        ("size", "type: timestamp", "`size` is i64 in the document, which isn't written like that"),
        ("price", "type: money", "`price` is OrderPrice in the document, which isn't written like that"),
        ("note", "type: money", "`note` is text in the document"),
        ("note", "type: integer", "`note` is text in the document"),
        ("times", "type: bool", "`times` is text in the document"),
    ] {
        let overlay = format!("schemas: {{Order: {{properties: {{{wire}: {{{says}}}}}}}}}");
        let said = read("unfit", &overlay).expect_err("the overlay is refused").to_string();
        assert!(said.starts_with(&format!("overlay.yaml:2: #/schemas/Order/properties/{wire}: {reason}")), "{said}");
    }
}

#[test]
fn a_decimal_of_a_number_stays_a_number_and_is_told() {
    let reading = read("decimal", "schemas: {Order: {properties: {ratio: {type: decimal}}}}").expect("a reading");
    let told: Vec<&str> = reading.degradations.iter().map(|degradation| degradation.what.as_str()).collect();
    assert_eq!(told, ["a decimal that is a number in JSON and no text"]);
    assert!(reading.domain.to_string().contains("    ratio: f64\n"));
}

#[test]
fn schemas_are_renamed_and_dropped() {
    let reading = read("schemas", "schemas: {Order: {rename: SalesOrder}, Old: {drop: true}}").expect("a reading");
    let model = reading.domain.to_string();
    assert!(model.contains("  struct SalesOrder,") && !model.contains("Old"), "{model}");
    assert!(model.contains("answers 200 json"), "{model}");
    let by_pointer =
        read("pointer", "schemas: {'#/components/schemas/Order': {rename: SalesOrder}}").expect("a reading");
    assert!(by_pointer.domain.to_string().contains("  struct SalesOrder,"));
}

#[test]
fn operations_are_renamed_grouped_dropped_and_told_about() {
    let overlay = "
servers: ['https://b.example.com/v1']
operations:
  listOrders:
    rename: all
    page: {style: offset, parameter: skip, items: /result/rows, total: /result/count}
  POST /orders: {resource: purchases, rename: buy, idempotency-header: X-Key, quota: {group: g, weight: 3}}
  debug: {drop: true}";
    let reading = read("operations", overlay).unwrap_or_else(|problems| panic!("{problems}"));
    let model = reading.domain.to_string();
    for line in [
        "operation shop.orders.all = GET /orders",
        "pages by offset, as `skip`",
        "resource purchases (Purchases)",
        "operation shop.purchases.buy = POST /orders",
        "quota g x 3, retry keyed",
        "idempotency key in `X-Key`",
    ] {
        assert!(model.contains(line), "{line}\n{model}");
    }
    assert!(!model.contains("/debug"));
    let servers = reading.domain.platform.expect("a platform").servers;
    assert_eq!(servers.iter().map(|server| server.url.as_str()).collect::<Vec<_>>(), ["https://b.example.com/v1"]);
}

#[test]
fn a_page_that_cannot_be_is_an_error_with_its_place() {
    for page in [
        "{style: offset, parameter: skip, items: /result/nothing}",
        "{style: offset, parameter: nothing, items: /result/rows}",
    ] {
        let overlay = format!("operations: {{listOrders: {{page: {page}}}}}");
        let said = read("page", &overlay).expect_err("the overlay is refused").to_string();
        assert!(said.starts_with("overlay.yaml:2: #/operations/listOrders/page: "), "{said}");
    }
    let reading = read("no_page", "operations: {listOrders: {page: false}}").expect("a reading");
    assert!(!reading.domain.to_string().contains("pages by"));
}
