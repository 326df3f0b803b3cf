//! Parameters of somebody else's document: where they stand and how they are written.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::model::{Location, Retry, Style, Ty};
use foreign::{only, parameter, posting, swagger, whats};

#[test]
fn parameters_of_a_path_and_of_its_operation_are_merged_by_name_and_place() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}, description: Of the path.}
      - {name: view, in: query, schema: {type: string}}
      - {$ref: '#/components/parameters/Page'}
    get:
      operationId: getOrder
      parameters:
        - {name: view, in: query, required: true, schema: {type: integer}, description: Of the operation.}
        - {name: view, in: header, schema: {type: string}}
      responses: {'204': {description: Done.}}
components:
  parameters:
    Page: {name: page, in: query, schema: {type: integer}, example: 3, deprecated: true}
";
    let reading = foreign::read("operations_merged", text);
    let operation = only(&reading);
    let all: Vec<(&str, Location, &Ty, bool)> = operation
        .parameters
        .iter()
        .map(|parameter| (parameter.wire.as_str(), parameter.location, &parameter.ty, parameter.required))
        .collect();
    assert_eq!(
        all,
        [
            ("id", Location::Path, &Ty::Text, true),
            ("view", Location::Query, &Ty::I64, true),
            ("view", Location::Header, &Ty::Text, false),
            ("page", Location::Query, &Ty::I64, false),
        ]
    );
    assert_eq!(operation.parameters[1].doc, "Of the operation.");
    assert_ne!(operation.parameters[1].name, operation.parameters[2].name);
    assert_eq!(operation.parameters[3].example.as_deref(), Some("3"));
    assert!(operation.parameters[3].deprecated);
}

#[test]
fn lists_are_written_as_the_style_says() {
    let list = "schema: {type: array, items: {type: string}}";
    let text = posting(&format!(
        "parameters:
  - {{name: plain, in: query, {list}}}
  - {{name: comma, in: query, explode: false, {list}}}
  - {{name: space, in: query, style: spaceDelimited, explode: false, {list}}}
  - {{name: pipe, in: query, style: pipeDelimited, {list}}}
  - {{name: exploded, in: query, style: pipeDelimited, explode: true, {list}}}
  - {{name: 'ids[]', in: query, {list}}}
  - {{name: X-Tags, in: header, {list}}}
  - {{name: id, in: path, required: true, {list}}}
responses: {{'204': {{description: Done.}}}}"
    ));
    let reading = foreign::read("operations_lists", &text);
    let operation = only(&reading);
    for (wire, style) in [
        ("plain", Style::Plain),
        ("comma", Style::Comma),
        ("space", Style::Space),
        ("pipe", Style::Pipe),
        ("exploded", Style::Plain),
        ("ids[]", Style::Plain),
        ("X-Tags", Style::Comma),
        ("id", Style::Comma),
    ] {
        let parameter = parameter(operation, wire);
        assert_eq!((parameter.style, parameter.repeated, &parameter.ty), (style, true, &Ty::Text), "{wire}");
    }
    assert_eq!(parameter(operation, "ids[]").name, "ids");
    assert_eq!(whats(&reading), (vec![], vec![]));
}

#[test]
fn lists_of_swagger_are_written_as_the_collection_format_says() {
    let list = "in: query, type: array, items: {type: string}";
    let text = swagger(&format!(
        "parameters:
  - {{name: usual, {list}}}
  - {{name: csv, {list}, collectionFormat: csv}}
  - {{name: ssv, {list}, collectionFormat: ssv}}
  - {{name: tsv, {list}, collectionFormat: tsv}}
  - {{name: pipes, {list}, collectionFormat: pipes}}
  - {{name: multi, {list}, collectionFormat: multi}}
  - {{name: one, in: query, type: string, collectionFormat: csv}}
responses: {{'204': {{description: Done.}}}}"
    ));
    let reading = foreign::read("operations_collections", &text);
    let styles: Vec<(Style, bool)> =
        only(&reading).parameters.iter().map(|parameter| (parameter.style, parameter.repeated)).collect();
    assert_eq!(
        styles,
        [
            (Style::Comma, true),
            (Style::Comma, true),
            (Style::Space, true),
            (Style::Tab, true),
            (Style::Pipe, true),
            (Style::Plain, true),
            (Style::Plain, false),
        ]
    );
}

#[test]
fn objects_are_written_as_the_style_says() {
    let object = "schema: {type: object, properties: {from: {type: string}}}";
    let text = posting(&format!(
        "parameters:
  - {{name: form, in: query, {object}}}
  - {{name: comma, in: query, explode: false, {object}}}
  - {{name: deep, in: query, style: deepObject, {object}}}
  - {{name: map, in: query, style: deepObject, schema: {{type: object, additionalProperties: {{type: string}}}}}}
  - {{name: json, in: query, content: {{application/json: {{{object}}}}}}}
  - {{name: objects, in: query, schema: {{type: array, items: {{type: object, properties: {{a: {{type: string}}}}}}}}}}
  - {{name: X-Object, in: header, {object}}}
responses: {{'204': {{description: Done.}}}}",
    ));
    let reading = foreign::read("operations_objects", &text);
    let operation = only(&reading);
    for (wire, style) in [
        ("form", Style::Form),
        ("comma", Style::FormComma),
        ("deep", Style::Deep),
        ("map", Style::Deep),
        ("json", Style::Json),
        ("objects", Style::Json),
        ("X-Object", Style::Plain),
    ] {
        let parameter = parameter(operation, wire);
        assert_eq!((parameter.style, parameter.repeated), (style, false), "{wire}");
    }
    assert!(matches!(parameter(operation, "deep").ty, Ty::Model(_)));
    assert!(matches!(parameter(operation, "map").ty, Ty::Map(_)));
    assert_eq!(parameter(operation, "X-Object").ty, Ty::Text);
    let (degraded, _) = whats(&reading);
    assert_eq!(
        degraded,
        ["the parameter `objects` is a list of objects", "the parameter `X-Object` is an object in the header"]
    );
    assert_eq!(reading.degradations[0].operation.as_deref(), Some("POST /orders/{id}"));
}

#[test]
fn one_value_or_a_list_of_them_is_a_list() {
    let text = posting(
        "parameters:
  - name: status
    in: query
    schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}
  - {name: size, in: query, schema: {anyOf: [{type: integer}, {type: string}]}}
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_one_or_list", &text);
    let status = parameter(only(&reading), "status");
    assert_eq!((&status.ty, status.repeated, status.style), (&Ty::Text, true, Style::Plain));
    let size = parameter(only(&reading), "size");
    assert_eq!((&size.ty, size.repeated), (&Ty::Text, false));
    assert!(reading.degradations.is_empty());
}

#[test]
fn an_enum_that_many_operations_write_out_is_one_type() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      parameters:
        - {name: X-Business, in: header, schema: {type: string, enum: [uk, us]}, description: Of a.}
        - {name: status, in: query, schema: {type: array, items: {type: string, enum: [open, paid]}}}
        - {name: sort, in: query, schema: {type: string, enum: [up, down]}}
  /b:
    get:
      operationId: getB
      parameters:
        - {name: X-Business, in: header, schema: {type: string, enum: [uk, us]}, description: Of b.}
        - {name: status, in: query, schema: {type: array, items: {type: string, enum: [open, paid]}}}
        - {name: sort, in: query, schema: {type: string, enum: [up, down, sideways]}}
";
    let reading = foreign::read("operations_shared_enum", text);
    let types = |key: &str| -> Vec<Ty> {
        foreign::operation(&reading, key).parameters.iter().map(|parameter| parameter.ty.clone()).collect()
    };
    let model = |name: &str| Ty::Model(name.to_owned());
    assert_eq!(types("GET /a"), [model("XBusiness"), model("StatusParameter"), model("GetASort")]);
    assert_eq!(types("GET /b"), [model("XBusiness"), model("StatusParameter"), model("GetBSort")]);
    assert_eq!(parameter(foreign::operation(&reading, "GET /b"), "X-Business").doc, "Of b.");
}

#[test]
fn headers_that_the_client_writes_are_no_parameters() {
    let header = |name: &str| format!("  - {{name: {name}, in: header, required: true, schema: {{type: string}}}}\n");
    let names = ["Accept", "content-type", "Authorization", "User-Agent", "Host", "X-Own"];
    let headers: String = names.into_iter().map(header).collect();
    let text = posting(&format!("parameters:\n{headers}responses: {{'204': {{description: Done.}}}}"));
    let reading = foreign::read("operations_headers", &text);
    let wires: Vec<&str> = only(&reading).parameters.iter().map(|parameter| parameter.wire.as_str()).collect();
    assert_eq!(wires, ["id", "X-Own"]);
}

#[test]
fn an_idempotency_header_makes_a_write_repeatable() {
    for (index, (header, description, expected)) in [
        ("Idempotency-Key", "", true),
        ("x-amzn-IdempotencyKey", "", true),
        ("PayPal-Request-Id", "", true),
        ("Request-Id", "Makes the call idempotent.", true),
        ("X-Request-Id", "Shows up in logs.", false),
    ]
    .into_iter()
    .enumerate()
    {
        let text = posting(&format!(
            "parameters: [{{name: {header}, in: header, schema: {{type: string}}, description: '{description}'}}]
responses: {{'204': {{description: Done.}}}}"
        ));
        let reading = foreign::read(&format!("operations_idempotency_{index}"), &text);
        let operation = only(&reading);
        assert_eq!(operation.idempotency_header.as_deref(), expected.then_some(header));
        assert_eq!(operation.retry, if expected { Retry::Keyed } else { Retry::Never });
        assert_eq!(operation.parameters.len(), if expected { 1 } else { 2 });
    }
}

#[test]
fn a_path_and_its_parameters_are_reconciled() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /carts/{cartID}/{undeclared}/{maybe?}:
    get:
      operationId: getCart
      parameters:
        - {name: cartId, in: path, required: true, schema: {type: integer}}
        - {name: stranger, in: path, required: true, schema: {type: string}}
        - {name: maybe, in: path, required: false, schema: {type: string}}
      responses: {'204': {description: Done.}}
  orders/{id}?view=full&lang={lang}:
    get:
      operationId: getOrder
      parameters:
        - {name: lang, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: Done.}}
";
    let reading = foreign::read("operations_paths", text);
    let cart = foreign::operation(&reading, "GET /carts/{cartID}/{undeclared}/{maybe}");
    let all: Vec<(&str, &Ty)> =
        cart.parameters.iter().map(|parameter| (parameter.wire.as_str(), &parameter.ty)).collect();
    assert_eq!(all, [("cartID", &Ty::I64), ("undeclared", &Ty::Text), ("maybe", &Ty::Text)]);
    let order = foreign::operation(&reading, "GET /orders/{id}");
    let all: Vec<(&str, Location)> =
        order.parameters.iter().map(|parameter| (parameter.wire.as_str(), parameter.location)).collect();
    assert_eq!(all, [("id", Location::Path), ("lang", Location::Query), ("view", Location::Query)]);
    let (degraded, repaired) = whats(&reading);
    assert_eq!(degraded, ["the variable `maybe` of the path may be left out", "`view=full` in the path"]);
    assert_eq!(
        repaired,
        [
            "the variable `undeclared` of the path, which isn't declared",
            "`cartId` for the variable `cartID` of the path",
            "`stranger` in the path, which has no such variable",
            "the variable `id` of the path, which isn't declared",
            "an odd path",
        ]
    );
}
