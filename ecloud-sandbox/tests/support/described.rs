//! The descriptions, read independently of the sandbox: every answer that a test gets is checked against them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Response;

static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let texts = [
        include_str!("../../api/product.json"),
        include_str!("../../api/trade.json"),
        include_str!("../../api/logistics.json"),
        include_str!("../../src/description/security.json"),
    ];
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
});

static VALIDATORS: LazyLock<Mutex<BTreeMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);

/// Codes that every call can have.
const COMMON: [&str; 22] = [
    "request.invalid",
    "auth.app_unknown",
    "auth.timestamp_skew",
    "auth.body_digest_mismatch",
    "auth.signature_mismatch",
    "auth.replayed",
    "auth.token_missing",
    "auth.token_invalid",
    "auth.token_expired",
    "auth.scope_denied",
    "auth.role_denied",
    "request.route_not_found",
    "idempotency.conflict",
    "idempotency.in_progress",
    "request.too_large",
    "request.unsupported_media_type",
    "quota.exceeded",
    "server.internal",
    "server.unavailable",
    "security.plaintext_refused",
    "server.bad_gateway",
    "server.timeout",
];

/// All operations: their identifiers, methods and path templates.
pub(crate) fn operations() -> impl Iterator<Item = &'static Value> {
    documents().map(|(_, operation)| operation)
}

/// All operations, each with its document.
pub(crate) fn documents() -> impl Iterator<Item = (&'static Value, &'static Value)> {
    DOCUMENTS
        .iter()
        .flat_map(|document| document["operations"].as_array().unwrap().iter().map(move |op| (document, op)))
}

/// The target that the examples of an operation's parameters make.
pub(crate) fn example_target(operation: &Value) -> String {
    let mut target = operation["path"].as_str().unwrap().to_owned();
    let example = |parameter: &Value| {
        let name = parameter["name"].as_str().unwrap().to_owned();
        (name, parameter["example"].as_str().map(str::to_owned))
    };
    for (name, example) in operation["path_params"].as_array().into_iter().flatten().map(example) {
        let example = example.unwrap_or_else(|| panic!("the path parameter {name} has no example"));
        target = target.replace(&format!("{{{name}}}"), &example);
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for parameter in operation["query"].as_array().into_iter().flatten() {
        match example(parameter) {
            (name, Some(example)) => drop(query.append_pair(&name, &example)),
            (name, None) => assert!(parameter["required"] != true, "the query parameter {name} has no example"),
        }
    }
    match query.finish() {
        query if query.is_empty() => target,
        query => format!("{target}?{query}"),
    }
}

fn find(method: &str, target: &str) -> Option<(&'static Value, &'static Value)> {
    let path = target.split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |operation: &Value| {
        let template: Vec<&str> = operation["path"].as_str().unwrap().split('/').collect();
        let method = if method == "HEAD" { "GET" } else { method };
        operation["method"] == method
            && template.len() == segments.len()
            && template.iter().zip(&segments).all(|(wanted, actual)| wanted.starts_with('{') || wanted == actual)
    };
    let mut fitting: Vec<_> = documents().filter(|(_, operation)| fits(operation)).collect();
    fitting.sort_by_key(|(_, operation)| operation["path"].as_str().unwrap().matches('{').count());
    fitting.first().copied()
}

/// Which operation a request means.
pub(crate) fn operation_of(method: &str, target: &str) -> Option<&'static str> {
    find(method, target).and_then(|(_, operation)| operation["operation_id"].as_str())
}

/// Checks an answer against the description of the operation that was asked for.
pub(crate) fn check(method: &str, target: &str, answer: &Response) {
    let Some((document, operation)) = find(method, target) else { return };
    // The shape of XML is what the tests of section 4 look at.
    if method == "HEAD" || !answer.whole || answer.header("content-type") == Some("application/xml") {
        return;
    }
    let id = operation["operation_id"].as_str().unwrap();
    if answer.status < 400 && operation["success"]["file"] == true {
        assert!(matches!(answer.status, 200 | 206), "{id}");
        assert!(answer.header("x-ecloud-file-sha256").is_some(), "{id} answers with a file without its hash");
    } else if answer.status < 400 {
        assert_eq!(Some(u64::from(answer.status)), operation["success"]["status"].as_u64(), "{id}");
        match &operation["success"]["schema"] {
            Value::Null => assert!(answer.body.is_empty(), "{id} answers with a body"),
            schema => validate(id, document, schema, &answer.json()),
        }
    } else if !answer.body.is_empty() {
        validate("Error", document, &json!({"$ref": "#/schemas/Error"}), &answer.json());
        let code = answer.code();
        let own = operation["errors"].get(&code).and_then(Value::as_u64);
        assert!(own.is_some() || COMMON.contains(&code.as_str()), "{id} doesn't name the code {code}");
        assert!(
            own.is_none_or(|status| status == u64::from(answer.status)),
            "{id}: {code} with status {}",
            answer.status
        );
    }
}

fn validate(name: &str, document: &Value, schema: &Value, value: &Value) {
    let key = format!("{} {name}", document["domain"]);
    let validator = *VALIDATORS.lock().unwrap().entry(key).or_insert_with(|| {
        let mut root = schema.clone();
        root["schemas"] = document["schemas"].clone();
        close(&mut root);
        Box::leak(Box::new(jsonschema::options().should_validate_formats(true).build(&root).unwrap()))
    });
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name} isn't as described: {errors:#?}");
}

/// Nothing may be answered that isn't described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            keywords.values_mut().for_each(close);
            if keywords.get("properties").is_some_and(Value::is_object) && keywords.contains_key("type") {
                keywords.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        _ => {}
    }
}
