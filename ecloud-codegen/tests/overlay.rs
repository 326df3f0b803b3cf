//! The overlay: what it may say, what is refused and where, and that its JSON Schema says the same.

use std::path::Path;

use ecloud_codegen::load::{self, Limits};
use ecloud_codegen::model::{Kind, PageStyle, Quota, Retry};
use ecloud_codegen::overlay::{IDENTIFIERS, Overlay, PageOverlay, Retype};
use ecloud_codegen::problem::Problems;
use ecloud_codegen::resolve::Sources;
use serde_json::{Value, json};

/// An overlay that says everything that one can say.
const WHOLE: &str = r##"
ecloud-overlay: 1
name: square
package: square-client
servers: ["https://connect.example.com/", "http://localhost:8080"]
operations:
  CreatePayment:
    rename: create
    resource: payments
    retry: keyed
    idempotency-header: X-Key
    quota: {group: payments, weight: 2}
    sandbox: {answers: [1, two]}
  "GET /v2/orders":
    page: {style: cursor, parameter: cursor, size: limit, items: /data, next: /meta/next, first: 0}
  "GET /v2/locations": {page: false}
  "GET /v2/old": {drop: true}
schemas:
  Order:
    rename: SalesOrder
    properties:
      total: {type: money}
      rate: {type: decimal, rename: tax_rate}
      created_at: {type: timestamp, required: true, nullable: false}
      order_id: {type: "id:OrderId"}
      phone: {type: "sensitive:phone"}
      pin: {type: secret}
      junk: {drop: true}
  "#/components/schemas/Old": {drop: true}
"##;

fn read(text: &str) -> Result<Overlay, Problems> {
    Overlay::read(load::text_of(text, "overlay.yaml", &Limits::default())?.root())
}

fn refusal(text: &str) -> String {
    read(&format!("ecloud-overlay: 1\n{text}")).expect_err("the overlay is refused").to_string()
}

#[test]
fn everything_that_is_said_is_read() {
    let overlay = read(WHOLE).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(overlay.name.as_deref(), Some("square"));
    assert_eq!(overlay.package.as_deref(), Some("square-client"));
    assert_eq!(overlay.servers, ["https://connect.example.com", "http://localhost:8080"]);
    let create = overlay.operation(Some("CreatePayment"), "POST /v2/payments").expect("an operation");
    assert_eq!(create.rename.as_deref(), Some("create"));
    assert_eq!(create.resource.as_deref(), Some("payments"));
    assert_eq!(create.retry, Some(Retry::Keyed));
    assert_eq!(create.idempotency_header.as_deref(), Some("X-Key"));
    assert_eq!(create.quota, Some(Quota { group: "payments".to_owned(), weight: 2 }));
    assert!(create.sandbox.is_some() && !create.drop && create.page.is_none());
    let list = overlay.operation(Some("ListOrders"), "GET /v2/orders").expect("an operation");
    let Some(PageOverlay::Ways(ways)) = &list.page else { panic!("{:?}", list.page) };
    assert_eq!((ways.style, ways.parameter.as_deref()), (PageStyle::Cursor, Some("cursor")));
    assert_eq!((ways.items.as_deref(), ways.next.as_deref()), (Some("/data"), Some("/meta/next")));
    assert_eq!((ways.size.as_deref(), ways.first, ways.total.as_deref()), (Some("limit"), Some(0), None));
    let locations = overlay.operation(None, "GET /v2/locations").expect("an operation");
    assert_eq!(locations.page, Some(PageOverlay::Never));
    assert!(overlay.operation(None, "GET /v2/old").is_some_and(|old| old.drop));
    let order = overlay.schema(Some("Order"), "/components/schemas/Order").expect("a schema");
    assert_eq!(order.rename.as_deref(), Some("SalesOrder"));
    for (wire, retype) in [
        ("total", Retype::Money),
        ("rate", Retype::Decimal),
        ("created_at", Retype::Timestamp),
        ("order_id", Retype::Id("OrderId".to_owned())),
        ("phone", Retype::Sensitive(Kind::Phone)),
        ("pin", Retype::Secret),
    ] {
        assert_eq!(order.property(wire).and_then(|property| property.retype.clone()), Some(retype), "{wire}");
    }
    let created = order.property("created_at").expect("a property");
    assert_eq!((created.required, created.nullable), (Some(true), Some(false)));
    assert!(order.property("junk").is_some_and(|junk| junk.drop));
    assert!(order.property("other").is_none());
    assert!(overlay.schema(None, "#/components/schemas/Old").is_some_and(|old| old.drop));
    assert_eq!(overlay.unused(), []);
}

#[test]
fn method_and_path_win_over_the_id() {
    let text = "ecloud-overlay: 1\noperations:\n  get: {rename: a}\n  GET /x: {rename: b}\n";
    let overlay = read(text).expect("an overlay");
    assert_eq!(overlay.operation(Some("get"), "GET /x").and_then(|found| found.rename.as_deref()), Some("b"));
    assert_eq!(overlay.operation(Some("get"), "GET /y").and_then(|found| found.rename.as_deref()), Some("a"));
}

#[test]
fn an_entry_that_matches_nothing_is_told_with_its_place() {
    let overlay = read(WHOLE).expect("an overlay");
    overlay.operation(Some("CreatePayment"), "POST /v2/payments");
    overlay.operation(Some("ListOrders"), "GET /v2/orders");
    overlay.operation(None, "GET /v2/old");
    let order = overlay.schema(Some("Order"), "/components/schemas/Order").expect("a schema");
    for wire in ["total", "rate", "created_at", "order_id", "phone", "junk"] {
        assert!(order.property(wire).is_some());
    }
    let told: Vec<String> = overlay.unused().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "overlay.yaml:16: #/operations/GET ~1v2~1locations: no operation is called `GET /v2/locations` in the document",
            "overlay.yaml:27: #/schemas/Order/properties/pin: the schema has no property `pin` in the document",
            "overlay.yaml:29: #/schemas/#~1components~1schemas~1Old: no schema is called `/components/schemas/Old` in the \
             document",
        ]
    );
}

#[test]
fn an_overlay_that_says_nothing_is_one() {
    for text in ["ecloud-overlay: 1\n", "ecloud-overlay: 1\noperations:\n  # nothing yet\nschemas:\n"] {
        let overlay = read(text).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(overlay.operation(Some("a"), "GET /a").is_none());
        assert_eq!(overlay.unused(), []);
    }
}

/// What is wrong, with what is said about it behind the place. Where the third is true, the JSON Schema refuses it too.
const WRONG: &[(&str, &str, bool)] = &[
    ("nome: x", "overlay.yaml:2: #/nome: `nome` is no key here: `ecloud-overlay`, `name`", true),
    ("name: My Crate", "overlay.yaml:2: #/name: a package's name is of small letters and digits", true),
    ("name: self", "overlay.yaml:2: #/name: a package's name is of small letters and digits", false),
    ("servers: [/v2]", "overlay.yaml:2: #/servers: `/v2` is no address", true),
    ("servers: https://x", "overlay.yaml:2: #/servers: expected a list, found a string", true),
    ("operations: [a]", "overlay.yaml:2: #/operations: expected a map, found a list", true),
    ("operations: {a: true}", "overlay.yaml:2: #/operations/a: expected a map, found a boolean", true),
    ("operations: {a: {raname: x}}", "#/operations/a/raname: `raname` is no key here: `rename`, `resource`", true),
    ("operations: {a: {rename: Create}}", "#/operations/a: `Create` is no name for a method", true),
    ("operations: {a: {rename: type}}", "#/operations/a: `type` is no name for a method", false),
    ("operations: {a: {retry: often}}", "/retry: `often` is no retry: `safe`, `keyed`, `never`", true),
    (
        "operations: {a: {retry: safe, idempotency-header: K}}",
        "with an `idempotency-header`, `retry` is `keyed`",
        false,
    ),
    ("operations: {a: {drop: yes please}}", "/drop: expected a boolean, found a string", true),
    ("operations: {a: {quota: {weight: 1}}}", "/quota: `group` is missing", true),
    ("operations: {a: {quota: {group: g, weight: -1}}}", "/weight: expected a whole number of 0 or more", true),
    ("operations: {a: {page: true}}", "/page: expected a map, or `false` where there are no pages", true),
    ("operations: {a: {page: {}}}", "/page: `style` is missing", true),
    ("operations: {a: {page: {style: changes}}}", "`changes` is no style: `cursor`, `number`, `offset`", true),
    ("operations: {a: {page: {style: url, next: data.next}}}", "`next` is a JSON pointer and begins with `/`", true),
    ("schemas: {A: {rename: sales_order}}", "#/schemas/A: `sales_order` is no name for a type", true),
    ("schemas: {A: {properties: {p: {rename: P}}}}", "/properties/p: `P` is no name for a field", true),
    ("schemas: {A: {properties: {p: {type: float}}}}", "/p/type: `float` is no type: `money`, `decimal`", true),
    ("schemas: {A: {properties: {p: {type: 'id:FooId'}}}}", "`FooId` is no identifier of the core: `", true),
    ("schemas: {A: {properties: {p: {type: 'sensitive:x'}}}}", "`x` is no kind of personal datum: `name`", true),
];

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, reason, _) in WRONG {
        let said = refusal(text);
        assert!(said.contains(reason), "{text}\n{said}\n{reason}");
        assert!(said.starts_with("overlay.yaml:2: #/"), "{said}");
    }
    assert_eq!(
        read("name: x").expect_err("no head").to_string(),
        "overlay.yaml:1: #: an overlay says `ecloud-overlay: 1`"
    );
    assert!(read("ecloud-overlay: 2").is_err());
    assert!(read("[]").is_err());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let said = refusal("operations:\n  a: {raname: x}\n  b: {retry: often}\n");
    assert_eq!(said.lines().count(), 2, "{said}");
}

/// A file of the crate as JSON.
fn json_of(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(path).expect("the file can be read");
    serde_json::from_str(&text).expect("the file is JSON")
}

/// An overlay as the validator takes it: the same tree, by way of our own JSON.
fn value(text: &str) -> Value {
    let document = load::text_of(text, "overlay.yaml", &Limits::default()).expect("YAML");
    serde_json::from_str(&ecloud_codegen::json::Json::of(document.root()).pretty()).expect("JSON")
}

#[test]
fn the_schema_takes_what_is_read_and_refuses_what_is_refused() {
    let schema = json_of("overlay.schema.json");
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in [WHOLE, "ecloud-overlay: 1\noperations:\n  # nothing\n"] {
        if let Err(error) = validator.validate(&value(text)) {
            panic!("{} at {}", error, error.instance_path());
        }
    }
    for (text, _, refused) in WRONG {
        assert_eq!(!validator.is_valid(&value(&format!("ecloud-overlay: 1\n{text}"))), *refused, "{text}");
    }
    assert!(!validator.is_valid(&json!({})));
}

#[test]
fn the_identifiers_are_those_of_the_core() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/shared.yaml");
    if !shared.is_file() {
        // A package of the crate alone has no documents of the workspace.
        return;
    }
    let sources = Sources::open(&shared, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"));
    let identifiers = ecloud_codegen::model::identifiers(&sources).unwrap_or_else(|problems| panic!("{problems}"));
    let mut names: Vec<&str> = identifiers.iter().map(|identifier| identifier.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, IDENTIFIERS);
    let schema = json_of("overlay.schema.json");
    let listed = &schema["$defs"]["property"]["properties"]["type"]["anyOf"][1]["enum"];
    let expected: Vec<String> = IDENTIFIERS.iter().map(|name| format!("id:{name}")).collect();
    assert_eq!(listed, &json!(expected));
}
