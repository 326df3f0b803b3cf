//! Operations of somebody else's document: parameters, bodies, answers, security and servers, each rule on a small document.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{
    FormStyle, Location, Media, Operation, Output, Parameter, Presence, Retry, SchemeKind, Shape, Style, Ty,
};

/// A document of OpenAPI 3.0 with one operation, `POST /orders/{id}`, of which only these lines are given.
fn posting(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "openapi: 3.0.3\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /orders/{{id}}:\n    post:\n      operationId: postOrder\n{lines}"
    )
}

/// A document of Swagger 2.0 with one operation, `POST /orders`.
fn swagger(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "swagger: '2.0'\ninfo: {{title: Shop, version: '1'}}\nhost: api.shop.example\nbasePath: /v1/\nschemes: [http, https]\n\
         paths:\n  /orders:\n    post:\n      operationId: postOrder\n{lines}"
    )
}

fn only(reading: &Reading) -> &Operation {
    let mut operations = reading.domain.operations();
    let (_, operation) = operations.next().expect("an operation");
    assert!(operations.next().is_none());
    operation
}

fn parameter<'a>(operation: &'a Operation, wire: &str) -> &'a Parameter {
    operation.parameters.iter().find(|parameter| parameter.wire == wire).unwrap_or_else(|| panic!("{wire} is lost"))
}

/// What was degraded, and what was repaired.
fn whats(reading: &Reading) -> (Vec<&str>, Vec<&str>) {
    let degraded = reading.degradations.iter().map(|found| found.what.as_str()).collect();
    let repaired = reading.repairs.iter().map(|found| found.what.as_str()).collect();
    (degraded, repaired)
}

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
  - {{name: json, in: query, content: {{application/json: {object2}}}}}
  - {{name: objects, in: query, schema: {{type: array, items: {{type: object, properties: {{a: {{type: string}}}}}}}}}}
  - {{name: X-Object, in: header, {object}}}
responses: {{'204': {{description: Done.}}}}",
        object2 = format!("{{{object}}}"),
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
        ("PayPal-Request-Id", "Stores keys so that calls are idempotent.", true),
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

#[test]
fn a_body_is_written_as_json_where_it_can_be() {
    let schema = "{schema: {type: object, properties: {a: {type: string}}}}";
    for (index, (content, media, content_type)) in [
        (format!("text/plain: {schema}, application/json: {schema}"), Media::Json, "application/json"),
        (format!("application/vnd.api+json: {schema}"), Media::Json, "application/vnd.api+json"),
        (format!("'*/*': {schema}"), Media::Json, "application/json"),
        (format!("multipart/form-data: {schema}"), Media::Multipart, "multipart/form-data"),
        (
            format!("application/x-www-form-urlencoded: {schema}"),
            Media::Form(Vec::new()),
            "application/x-www-form-urlencoded",
        ),
        ("text/csv: {schema: {type: string}}".to_owned(), Media::Text, "text/csv"),
        ("image/png: {schema: {type: string, format: binary}}".to_owned(), Media::Bytes, "image/png"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = posting(&format!(
            "requestBody: {{required: true, content: {{required: false, {content}}}}}
responses: {{'204': {{description: Done.}}}}"
        ));
        let reading = foreign::read(&format!("operations_body_{index}"), &text);
        let body = only(&reading).body.as_ref().expect("a body");
        assert_eq!((&body.media, body.content_type.as_str(), body.required), (&media, content_type, true));
        assert!(whats(&reading).1.contains(&"`required` among the media types"));
    }
}

#[test]
fn bodies_of_every_type_have_a_name() {
    for (index, (schema, name)) in [
        ("{$ref: '#/components/schemas/NewOrder'}", "new_order"),
        ("{type: array, items: {$ref: '#/components/schemas/NewOrder'}}", "new_orders"),
        ("{type: object, additionalProperties: {type: string}}", "entries"),
        ("{type: string}", "text"),
        ("{}", "value"),
        ("{type: object, properties: {a: {type: string}}}", "post_order_request"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = posting(&format!(
            "requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}
responses: {{'204': {{description: Done.}}}}"
        ));
        let text = format!(
            "{text}components: {{schemas: {{NewOrder: {{type: object, properties: {{a: {{type: string}}}}}}}}}}\n"
        );
        let reading = foreign::read(&format!("operations_body_name_{index}"), &text);
        let body = only(&reading).body.as_ref().expect("a body");
        assert_eq!((body.name.as_str(), body.required), (name, false));
    }
}

#[test]
fn a_form_in_parts_has_files() {
    let text = posting(
        "requestBody:
  content:
    multipart/form-data:
      schema:
        type: object
        required: [file]
        properties:
          file: {type: string, format: binary}
          more: {type: array, items: {type: string, format: binary}}
          picture: {type: string}
          about: {type: object, properties: {a: {type: string}}}
      encoding: {picture: {contentType: image/png}}
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_parts", &text);
    let body = only(&reading).body.as_ref().expect("a body");
    assert_eq!(body.media, Media::Multipart);
    let (_, model) = reading.domain.model(body.ty.model().expect("a model")).expect("the model");
    let Shape::Struct(shape) = &model.shape else { panic!("{model:?}") };
    let types: Vec<&Ty> = shape.fields.iter().map(|field| &field.ty).collect();
    assert_eq!(types[0], &Ty::File);
    assert_eq!(types[1], &Ty::List(Box::new(Ty::File)));
    assert_eq!(types[2], &Ty::File);
    assert!(matches!(types[3], Ty::Model(_)));
}

#[test]
fn a_form_in_one_line_has_the_styles_of_its_encoding() {
    let text = posting(
        "requestBody:
  content:
    application/x-www-form-urlencoded:
      schema:
        type: object
        properties:
          name: {type: string}
          tags: {type: array, items: {type: string}}
          ids: {type: array, items: {type: string}}
          card: {type: object, properties: {number: {type: string}}}
          extra: {type: object, properties: {a: {type: string}}}
      encoding:
        name: {style: deepObject}
        tags: {style: form, explode: false}
        ids: {style: deepObject, explode: true}
        card: {style: deepObject, explode: true}
        extra: {contentType: application/json}
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_encoding", &text);
    let body = only(&reading).body.as_ref().expect("a body");
    let styles = [
        ("tags", FormStyle::Comma),
        ("ids", FormStyle::Indexed),
        ("card", FormStyle::Deep),
        ("extra", FormStyle::Json),
    ];
    assert_eq!(body.media, Media::Form(styles.map(|(name, style)| (name.to_owned(), style)).to_vec()));
}

#[test]
fn a_form_of_swagger_is_made_of_its_parameters() {
    let text = swagger(
        "consumes: [application/x-www-form-urlencoded]
parameters:
  - {name: name, in: formData, type: string, required: true, description: Its name.}
  - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_form_data", &text);
    let body = only(&reading).body.as_ref().expect("a body");
    assert_eq!(body.media, Media::Form(vec![("tags".to_owned(), FormStyle::Repeat)]));
    let (_, model) = reading.domain.model("PostOrderRequest").expect("the form");
    let Shape::Struct(shape) = &model.shape else { panic!("{model:?}") };
    assert!(shape.input);
    let fields: Vec<(&str, &Ty, Presence)> =
        shape.fields.iter().map(|field| (field.wire.as_str(), &field.ty, field.presence)).collect();
    assert_eq!(
        fields,
        [("name", &Ty::Text, Presence::Required), ("tags", &Ty::List(Box::new(Ty::Text)), Presence::Optional)]
    );

    let text = swagger(
        "parameters: [{name: file, in: formData, type: file, required: true}]
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_form_file", &text);
    assert_eq!(only(&reading).body.as_ref().expect("a body").media, Media::Multipart);
}

#[test]
fn a_body_of_swagger_is_a_parameter() {
    let text = swagger(
        "consumes: [application/xml, application/json]
parameters:
  - {name: order, in: body, required: true, schema: {$ref: '#/definitions/Order'}}
responses: {'200': {description: Done., schema: {$ref: '#/definitions/Order'}}}",
    );
    let text = format!("{text}definitions: {{Order: {{type: object, properties: {{a: {{type: string}}}}}}}}\n");
    let reading = foreign::read("operations_swagger_body", &text);
    let operation = only(&reading);
    let body = operation.body.as_ref().expect("a body");
    assert_eq!((&body.ty, &body.media, body.required), (&Ty::Model("Order".to_owned()), &Media::Json, true));
    assert_eq!(operation.output, Output::Json(Ty::Model("Order".to_owned())));
    assert_eq!(operation.accept, None);
}

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

#[test]
fn security_is_alternatives_of_schemes() {
    let text = "\
openapi: 3.1.0
info: {title: Shop, version: '1'}
security: [{Token: []}]
components:
  securitySchemes:
    Token: {type: http, scheme: Bearer}
    Login: {type: http, scheme: basic}
    Key: {type: apiKey, in: query, name: api_key, description: From the dashboard.}
    Session: {type: apiKey, in: cookie, name: sid}
    OAuth: {type: oauth2, flows: {}}
    Digest: {type: http, scheme: digest}
paths:
  /usual: {get: {operationId: usual, responses: {'204': {description: Done.}}}}
  /open: {get: {operationId: open, security: [], responses: {'204': {description: Done.}}}}
  /either:
    get:
      operationId: either
      security: [{Key: [], Session: []}, {OAuth: [orders.read, orders.write]}, {}]
      responses: {'204': {description: Done.}}
  /odd:
    get:
      operationId: odd
      security: [{OAuth: null}, {Unknown: []}, null]
      responses: {'204': {description: Done.}}
";
    let reading = foreign::read("operations_security", text);
    let platform = reading.domain.platform.as_ref().expect("a platform");
    let kinds: Vec<&SchemeKind> = platform.schemes.iter().map(|scheme| &scheme.kind).collect();
    assert_eq!(
        kinds,
        [
            &SchemeKind::Bearer,
            &SchemeKind::Basic,
            &SchemeKind::ApiKey(Location::Query, "api_key".to_owned()),
            &SchemeKind::ApiKey(Location::Cookie, "sid".to_owned()),
            &SchemeKind::Bearer,
        ]
    );
    let security = |key: &str| foreign::operation(&reading, key).security.clone();
    assert_eq!(security("GET /usual"), Some(vec![vec![0]]));
    assert_eq!(security("GET /open"), Some(vec![vec![]]));
    assert_eq!(security("GET /either"), Some(vec![vec![2, 3], vec![4], vec![]]));
    assert_eq!(security("GET /odd"), Some(vec![vec![4]]));
    assert_eq!(foreign::operation(&reading, "GET /either").scope.as_deref(), Some("orders.read orders.write"));
    assert!(!foreign::operation(&reading, "GET /open").shop);
    assert_eq!(whats(&reading).0, ["the HTTP authentication scheme `digest`"]);
}

#[test]
fn servers_have_their_variables_filled_in() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
servers:
  - {url: 'http://localhost:9000'}
  - {url: 'https://{region}.shop.example:{port}/v1/', description: Live., variables: {region: {default: eu}, port: {default: 443}}}
  - {url: 'https://{who}.shop.example', variables: {who: {enum: [a, b]}}}
  - {url: 'https://{unknown}.shop.example'}
  - {url: /relative}
paths:
  /below: {get: {operationId: below, servers: [{url: 'https://eu.shop.example:443/v1/upload'}], responses: {'204': {description: a}}}}
  /else: {get: {operationId: else, servers: [{url: 'https://other.example'}], responses: {'204': {description: a}}}}
";
    let reading = foreign::read("operations_servers", text);
    let platform = reading.domain.platform.as_ref().expect("a platform");
    let urls: Vec<&str> = platform.servers.iter().map(|server| server.url.as_str()).collect();
    assert_eq!(urls, ["https://eu.shop.example:443/v1", "https://a.shop.example", "http://localhost:9000"]);
    assert_eq!(platform.servers[0].doc, "Live.");
    foreign::operation(&reading, "GET /upload/below");
    foreign::operation(&reading, "GET /else");
    assert_eq!(whats(&reading).0, ["a server of its own, `https://other.example`"]);
    assert_eq!(whats(&reading).1.len(), 2);

    let reading = foreign::read("operations_host", &swagger("responses: {'204': {description: a}}"));
    assert_eq!(reading.domain.platform.expect("a platform").servers[0].url, "https://api.shop.example/v1");
}

#[test]
fn what_is_deprecated_says_what_to_use() {
    let text = posting(
        "summary: Posts.
description: 'Posts an order. Deprecated, use `PUT /orders` instead. It is old.'
deprecated: true
responses: {'204': {description: Done.}}",
    );
    let reading = foreign::read("operations_deprecated", &text);
    let operation = only(&reading);
    assert!(operation.deprecated);
    assert_eq!(operation.deprecation, "Deprecated, use `PUT /orders` instead.");
}

#[test]
fn a_summary_is_made_where_there_is_none() {
    let reading = foreign::read("operations_summary", &posting("description: \"Posts\\r\\nit. And\\tmore.\""));
    assert_eq!((only(&reading).summary.as_str(), only(&reading).description.as_str()), ("Posts it.", "And more."));
    let reading = foreign::read("operations_no_summary", &posting("tags: [orders]"));
    assert_eq!(only(&reading).summary, "Post order");
}

#[test]
fn reads_may_be_made_again_and_writes_may_not() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /a:
    get: {responses: {'200': {description: a, content: {application/json: {schema: {type: string}}}}}}
    head: {responses: {'200': {description: a, content: {application/json: {schema: {type: string}}}}}}
    put: {responses: {'204': {description: a}}}
    delete:
      requestBody: {content: {application/json: {schema: {type: string}}}}
      responses: {'204': {description: a}}
    options: {responses: {'204': {description: a}}}
    trace: {responses: {'204': {description: a}}}
";
    let overlay = "ecloud-overlay: 1\noperations:\n  PUT /a: {retry: safe, quota: {group: writes, weight: 2}}\n";
    let reading = foreign::try_read("operations_retry", text, Some(overlay)).expect("the document is read");
    let retries: Vec<Retry> = reading.domain.operations().map(|(_, operation)| operation.retry).collect();
    assert_eq!(retries, [Retry::Safe, Retry::Safe, Retry::Safe, Retry::Never, Retry::Safe, Retry::Safe]);
    assert_eq!(foreign::operation(&reading, "HEAD /a").output, Output::Nothing);
    assert!(foreign::operation(&reading, "DELETE /a").body.is_some());
    assert_eq!(foreign::operation(&reading, "PUT /a").quota.as_ref().map(|quota| quota.weight), Some(2));
}

#[test]
fn path_items_by_reference_and_junk_among_paths_lose_no_operation() {
    let text = "\
openapi: 3.1.0
info: {title: Shop, version: '1'}
webhooks: {paid: {post: {responses: {}}}}
paths:
  x-note: nothing
  /a: {$ref: '#/components/pathItems/A'}
  /b: {$ref: '#/paths/~1a'}
  /c: {$ref: '#/nowhere'}
  /d: 7
  /e: {get: null, x-internal: true, summary: a, post: {operationId: e}}
components:
  pathItems:
    A: {get: {responses: {'204': {description: a}}}}
";
    let reading = foreign::read("operations_items", text);
    let keys: Vec<String> = reading
        .domain
        .operations()
        .map(|(_, operation)| format!("{} {}", operation.verb.as_str(), operation.path))
        .collect();
    assert_eq!(keys, ["GET /a", "GET /b", "POST /e"]);
    let (degraded, repaired) = whats(&reading);
    assert_eq!(degraded.len(), 1);
    assert_eq!(
        repaired,
        ["1 webhooks, which the platform calls", "a path that is a number", "an operation that is null"]
    );
}

#[test]
fn a_document_without_paths_is_refused_with_its_place() {
    for (index, (text, reason)) in [
        ("openapi: 3.0.3\ninfo: {title: a, version: '1'}\n", "has no `paths`"),
        ("swagger: '2.0'\npaths: []\n", "the paths are a list, not a map"),
        ("name: something else\n", "is no Swagger 2.0 or OpenAPI 3 document"),
        ("- a\n- b\n", "is no Swagger 2.0 or OpenAPI 3 document"),
    ]
    .into_iter()
    .enumerate()
    {
        let problems = foreign::try_read(&format!("operations_refused_{index}"), text, None).expect_err("a refusal");
        assert!(problems.to_string().contains(reason), "{problems}");
        assert!(problems.to_string().contains("api.yaml:"), "{problems}");
    }
}

#[test]
fn models_live_with_the_only_resource_that_needs_them() {
    let text = "\
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /a:
    get:
      tags: [a]
      responses:
        '200': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/OfA'}}}}
        '404': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/Failure'}}}}
  /b:
    get:
      tags: [b]
      responses:
        '200': {description: a, content: {application/json: {schema: {$ref: '#/components/schemas/OfBoth'}}}}
components:
  schemas:
    OfA: {type: object, properties: {inner: {$ref: '#/components/schemas/OfBoth'}}}
    OfBoth: {type: object, properties: {a: {type: string}}}
    Failure: {type: object, properties: {a: {type: string}}}
    OfNone: {type: object, properties: {a: {type: string}}}
";
    let reading = foreign::read("operations_placed", text);
    let mut places: Vec<(&str, &str)> =
        reading.domain.models().map(|(module, model)| (model.name.as_str(), module)).collect();
    places.sort_unstable();
    assert_eq!(places, [("Failure", "a"), ("OfA", "a"), ("OfBoth", "types"), ("OfNone", "types")]);
    assert_eq!(reading.types.len(), 4);
}
