//! Bodies of requests in somebody else's document.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::model::{FormStyle, Media, Output, Presence, Shape, Ty};
use foreign::{only, posting, swagger, whats};

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
