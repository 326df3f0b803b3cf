//! Whatever is wrong with one node of somebody else's document, the others are read.

#[path = "support/foreign.rs"]
mod foreign;

use serde_json::{Value, json};

/// A document that has most of what documents have.
fn sound() -> Value {
    let order = json!({"$ref": "#/components/schemas/Order"});
    let body = json!({"application/json": {"schema": order, "example": {"id": "1"}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1", "description": "A shop. Of things."},
        "servers": [{"url": "https://{region}.shop.example", "variables": {"region": {"default": "eu"}}}],
        "tags": [{"name": "orders", "description": "What is bought."}],
        "security": [{"key": []}],
        "paths": {
            "/orders": {
                "parameters": [{"name": "X-View", "in": "header", "schema": {"type": "string"}}],
                "get": {
                    "operationId": "listOrders",
                    "tags": ["orders"],
                    "parameters": [
                        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                        {"name": "status", "in": "query", "explode": false,
                         "schema": {"type": "array", "items": {"type": "string", "enum": ["open", "paid"]}}},
                        {"name": "filter", "in": "query", "style": "deepObject",
                         "schema": {"type": "object", "properties": {"from": {"type": "string"}}}},
                        {"$ref": "#/components/parameters/Limit"},
                    ],
                    "responses": {
                        "200": {"description": "All.", "headers": {"Link": {"schema": {"type": "string"}}},
                                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Orders"}}}},
                        "default": {"$ref": "#/components/responses/Failed"},
                    },
                },
                "post": {
                    "operationId": "createOrder",
                    "tags": ["orders"],
                    "summary": "Creates.",
                    "deprecated": true,
                    "security": [{"oauth": ["write"]}],
                    "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}],
                    "requestBody": {"required": true, "content": body},
                    "responses": {"200": {"description": "Done.", "content": body}, "202": {"description": "Later."}},
                },
            },
            "/orders/{id}/files": {
                "put": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
                    "requestBody": {"content": {"multipart/form-data": {
                        "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
                        "encoding": {"file": {"contentType": "image/png"}},
                    }}},
                    "responses": {"200": {"description": "It.", "content": {"application/pdf": {}}}},
                },
            },
        },
        "components": {
            "parameters": {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
            "responses": {"Failed": {"description": "No.", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"code": {"type": "string"}}}}}}},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "oauth": {"type": "oauth2", "flows": {}},
            },
            "schemas": {
                "Orders": {"type": "object", "properties": {"data": {"type": "array", "items": order}, "cursor": {"type": "string"}}},
                "Order": {"type": "object", "required": ["id"], "properties": {
                    "id": {"type": "string"}, "parent": order, "kind": {"oneOf": [{"type": "string"}, order]},
                }, "allOf": [{"type": "object", "properties": {"note": {"type": "string", "nullable": true}}}]},
            },
        },
    })
}

/// The pointers of all nodes.
fn pointers(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(pairs) => {
            for (key, value) in pairs {
                pointers(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &format!("{pointer}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// Whether a node holds operations, or is one, so that operations are lost with it.
fn holds_operations(pointer: &str) -> bool {
    let depth = pointer.matches('/').count();
    let is_method = ["/get", "/post", "/put"].iter().any(|method| pointer.ends_with(method));
    pointer.is_empty() || (pointer.starts_with("/paths") && (depth <= 2 || (depth == 3 && is_method)))
}

#[test]
fn one_bad_node_costs_no_operation() {
    let sound = sound();
    let reading = foreign::read("tolerance_sound", &sound.to_string());
    assert_eq!(reading.domain.operations().count(), 3);
    assert!(reading.degradations.is_empty(), "{:?}", reading.degradations);
    let mut all = Vec::new();
    pointers(&sound, "", &mut all);
    assert!(all.len() > 150, "{}", all.len());
    let junk = [json!(null), json!(7), json!("odd"), json!([null, 7, "odd", {}]), json!({"$ref": "#/nowhere"})];
    for pointer in all.iter().filter(|pointer| !holds_operations(pointer)) {
        for junk in &junk {
            let mut document = sound.clone();
            *document.pointer_mut(pointer).expect("the node") = junk.clone();
            let reading = foreign::try_read("tolerance", &document.to_string(), None);
            let reading = reading.unwrap_or_else(|problems| panic!("{pointer} as {junk}: {problems}"));
            assert_eq!(reading.domain.operations().count(), 3, "{pointer} as {junk}");
        }
    }
}

#[test]
fn a_node_that_refers_to_itself_or_to_what_holds_it_ends() {
    let sound = sound();
    let mut all = Vec::new();
    pointers(&sound, "", &mut all);
    for pointer in all.iter().filter(|pointer| !holds_operations(pointer)) {
        let up = pointer.rsplit_once('/').map_or("", |(up, _)| up);
        for target in [pointer.as_str(), up, "/components/schemas/Order"] {
            let mut document = sound.clone();
            *document.pointer_mut(pointer).expect("the node") = json!({"$ref": format!("#{target}")});
            let reading = foreign::try_read("tolerance_circles", &document.to_string(), None);
            let reading = reading.unwrap_or_else(|problems| panic!("{pointer} to {target}: {problems}"));
            assert_eq!(reading.domain.operations().count(), 3, "{pointer} to {target}");
        }
    }
}
