//! Operations of somebody else's document: security, servers, texts, retries, and what lives where.

#[path = "support/foreign.rs"]
mod foreign;

use ecloud_codegen::model::{Location, Output, Retry, SchemeKind};
use foreign::{only, posting, swagger, whats};

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

#[test]
fn other_peoples_webhooks_stop_no_document() {
    for (index, webhooks) in [
        "webhooks: {paid: {$ref: '#/components/pathItems/Paid'}}",
        "webhooks: {paid: null, b: 7, c: [], d: {post: 5, x-a: {}}}",
        "webhooks: []",
        "webhooks: 7",
        "webhooks: null",
        "x-webhooks: {a.b: {post: {requestBody: {content: {application/json: {schema: {type: [string, 'null']}}}}}}}",
        "webhooks: {a: {post: {requestBody: {$ref: '#/nowhere'}, responses: {}}}}",
        "webhooks: {trade.order.paid: {post: {tags: [a, b], x-ecloud-object: 3}}}",
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\n{webhooks}\n\
             paths: {{/a: {{get: {{responses: {{'204': {{description: a}}}}}}}}}}\n"
        );
        let reading = foreign::try_read(&format!("operations_webhooks_{index}"), &text, None);
        let reading = reading.unwrap_or_else(|problems| panic!("{webhooks}: {problems}"));
        assert_eq!(reading.domain.operations().count(), 1, "{webhooks}");
        assert!(reading.domain.events.is_empty(), "{webhooks}");
    }
}
