//! References, names and bad input in the schemas of other people's documents.

#[path = "support/foreign.rs"]
mod foreign;
#[path = "support/schemas.rs"]
mod schemas;

use std::fmt::Write as _;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{Shape, Ty};
use ecloud_codegen::naming::Lock;
use ecloud_codegen::overlay::Overlay;
use schemas::{degraded, document, model, named, printed, ty};

/// Reads the first of some files that stand in one folder.
fn files(test: &str, files: &[(&str, &str)]) -> Reading {
    let folder = foreign::folder::folder(&format!("references_{test}"));
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(path, text).expect("the file can be written");
    }
    foreign::read_file("shop", &folder.join(files[0].0), &Overlay::empty(), Lock::default()).expect("it is read")
}

#[test]
fn a_reference_that_leads_nowhere_costs_one_type() {
    let reading = named(
        "dangling",
        "
        Thing:
          type: object
          required: [a]
          properties:
            a: {$ref: '#/components/schemas/Nowhere'}
            b: {$ref: 'https://example.com/schemas.json#/Thing'}
            c: {$ref: 'missing.yaml#/Thing'}
            d: {type: array, items: {$ref: '#/nowhere'}}
            e: {type: string}
        Child: {allOf: [{$ref: '#/components/schemas/Nowhere'}, {type: object, properties: {f: {type: string}}}]}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    a: json, required\n    b: json\n    c: json\n    d: list of json\n    e: text\n"
    );
    assert_eq!(printed(&reading, "Child"), "struct Child\n    f: text\n");
    let all = degraded(&reading).join("\n");
    for reason in ["there is nothing", "nothing is fetched from a network", "the file can't be read"] {
        assert!(all.contains(reason), "{all}");
    }
    assert_eq!(degraded(&reading).len(), 5, "{all}");
}

#[test]
fn a_reference_may_lead_anywhere_in_the_document() {
    let reading = named(
        "anywhere",
        "
        Thing:
          type: object
          properties:
            inner: {type: object, properties: {a: {type: string}}}
            'a/b c': {type: boolean}
        Uses:
          type: object
          properties:
            inner: {$ref: '#/components/schemas/Thing/properties/inner'}
            escaped: {$ref: '#/components/schemas/Thing/properties/a~1b%20c'}
            raw: {$ref: '#/components/schemas/Thing/properties/a~1b c'}
            through: {$ref: '#/components/schemas/Alias/properties/inner'}
            bare: {$ref: Thing}
            item: {$ref: '#/components/schemas/List/items'}
        Alias: {$ref: '#/components/schemas/Thing'}
        List: {type: array, items: {type: object, properties: {b: {type: string}}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Uses"),
        "struct Uses\n    inner: ThingInner\n    escaped: bool\n    raw: bool\n    through: ThingInner\n    bare: Thing\n    \
         item: ListItem\n"
    );
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn siblings_of_a_reference_count_as_the_version_says() {
    let schemas = "
        Part: {type: object, required: [a], properties: {a: {type: string}}}
        Thing:
          type: object
          required: [told]
          properties:
            told: {$ref: '#/components/schemas/Part', description: The part., nullable: true}
            more: {$ref: '#/components/schemas/Part', required: [b], properties: {b: {type: string}}}
        ";
    let newer = named("siblings_31", schemas);
    assert!(printed(&newer, "Thing").contains("told: Part, required, nullable\n"), "{}", printed(&newer, "Thing"));
    assert!(printed(&newer, "ThingMore").contains("a: text, required\n    b: text, required\n"));
    let older = foreign::read("siblings_30", &document(schemas).replace("openapi: 3.1.0", "openapi: 3.0.3"));
    assert!(printed(&older, "Thing").contains("    more: Part\n"), "{}", printed(&older, "Thing"));
}

#[test]
fn schemas_in_files_beside_the_document_have_their_own_names() {
    let main =
        document("Thing: {type: object, properties: {a: {$ref: 'parts/part.yaml'}, b: {$ref: 'all.json#/defs/Box'}}}");
    let part = "type: object\nproperties: {up: {$ref: '../all.json#/defs/Box'}, self: {$ref: part.yaml}}\n";
    let all = r##"{"defs": {"Box": {"type": "object", "properties": {"kind": {"$ref": "#/defs/Kind"}}},
        "Kind": {"type": "string", "enum": ["a", "b"]}}}"##;
    let reading = files("beside", &[("api.yaml", &main), ("parts/part.yaml", part), ("all.json", all)]);
    assert_eq!(printed(&reading, "Thing"), "struct Thing\n    a: Part\n    b: Box_\n");
    assert_eq!(printed(&reading, "Part"), "struct Part\n    up: Box_\n    self_: Part, boxed, on the wire `self`\n");
    assert_eq!(printed(&reading, "Kind"), "enum Kind\n    A = \"a\"\n    B = \"b\"\n");
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn fields_on_a_circle_lie_behind_pointers_and_others_do_not() {
    let reading = named(
        "circles",
        "
        Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}, leaf: {$ref: '#/components/schemas/Leaf'}, all: {type: array, items: {$ref: '#/components/schemas/Node'}}}}
        Leaf: {type: object, properties: {a: {type: string}}}
        Json: {type: array, items: {$ref: '#/components/schemas/Json'}}
        Tree: {type: object, additionalProperties: {$ref: '#/components/schemas/Tree'}}
        ",
    );
    assert_eq!(
        printed(&reading, "Node"),
        "struct Node\n    next: Node, boxed\n    leaf: Leaf\n    all: list of Node\n"
    );
    assert_eq!(ty(&reading, "Json").to_string(), "list of json");
    assert_eq!(printed(&reading, "Tree"), "struct Tree\n    additional: others, of Tree\n");
    assert_eq!(degraded(&reading).len(), 1, "{:?}", degraded(&reading));
}

#[test]
fn inline_schemas_are_called_by_their_place() {
    let reading = named(
        "inline",
        "
        Order:
          type: object
          properties:
            items: {type: array, items: {title: Thing, type: object, properties: {price: {type: object, properties: {a: {type: string}}}}}}
            order_status: {type: string, enum: [open, closed]}
            prices: {type: object, additionalProperties: {type: object, properties: {a: {type: string}}}}
            status: {title: Status, type: string, enum: [x, y]}
        Status: {type: string, enum: [a, b]}
        Orders: {type: array, items: {type: object, properties: {a: {type: string}}}}
        admin.Order: {type: object, properties: {a: {type: string}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Order"),
        "struct Order\n    items: list of OrderItem\n    order_status: OrderStatus\n    prices: map of OrderPrice\n    \
         status: OrderStatus2\n"
    );
    assert_eq!(printed(&reading, "OrderItem"), "struct OrderItem\n    price: OrderItemPrice\n");
    assert_eq!(ty(&reading, "Orders").to_string(), "list of OrdersItem");
    assert_eq!(ty(&reading, "admin.Order").to_string(), "AdminOrder");
}

#[test]
fn an_inline_schema_of_a_base_is_called_by_the_base() {
    let reading = named(
        "inline_of_base",
        "
        Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {claws: {type: integer}}}]}
        Dog: {allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {bark: {type: string}}}]}
        Animal: {type: object, properties: {home: {type: object, properties: {a: {type: string}}}}}
        ",
    );
    for name in ["Animal", "Cat", "Dog"] {
        assert!(printed(&reading, name).contains("    home: AnimalHome\n"), "{}", printed(&reading, name));
    }
}

#[test]
fn no_name_is_longer_than_sixty_characters() {
    let long = "AVeryLongNameOfASchemaThatSomebodyHasThoughtOutInOneLongAfternoon";
    let mut nested = String::from("{type: object, properties: {a: {type: string}}}");
    for name in ["customerInformation", "deliveryPreferences", "additionalInstructions", "contactInformation"] {
        nested = format!("{{type: object, properties: {{{name}: {nested}}}}}");
    }
    let reading = named("long", &format!("{long}: {nested}"));
    assert_eq!(reading.domain.models().count(), 5);
    for (_, model) in reading.domain.models() {
        assert!(model.name.len() <= 60, "{}", model.name);
    }
}

#[test]
fn names_that_vanish_or_collide_are_told_apart() {
    let reading = named(
        "odd_names",
        "
        Box: {type: string, enum: ['', ' ', '-', '+', red, Red, RED, '1', '10%', '>=', unknown, self, -name, name]}
        Thing:
          type: object
          properties:
            type: {type: string}
            self: {type: string}
            '+1': {type: integer}
            '-1': {type: integer}
            '@id': {type: string}
            id: {type: string}
            new: {type: string}
            订单: {type: string}
            طلب: {type: string}
            '🎁': {type: string}
        订单: {type: object, properties: {a: {type: string}}}
        '🎁': {type: object, properties: {a: {type: string}}}
        ",
    );
    let Shape::Enum(values) = &model(&reading, "Box_").shape else { panic!("no enum") };
    let mut variants: Vec<&str> = values.values.iter().map(|value| value.variant.as_str()).collect();
    assert_eq!(&variants[..4], ["Empty", "Blank", "Minus", "Plus"]);
    variants.sort_unstable();
    variants.dedup();
    assert_eq!(variants.len(), 14, "{variants:?}");
    assert!(!variants.contains(&"Unknown") && !variants.contains(&"Self"));
    let Shape::Struct(thing) = &model(&reading, "Thing").shape else { panic!("no struct") };
    let mut fields: Vec<&str> = thing.fields.iter().map(|field| field.name.as_str()).collect();
    assert!(fields.contains(&"订单") && fields.contains(&"طلب"), "{fields:?}");
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), 10, "{fields:?}");
    assert_eq!(model(&reading, "订单").name, "订单");
}

#[test]
fn ten_thousand_values_are_no_trouble() {
    let mut text = String::from("Many:\n  type: string\n  enum:\n");
    for number in 0..10_000 {
        let _ = writeln!(text, "    - value {}", number % 5_000 * 2 + number / 5_000);
    }
    let reading = named("many_values", &text);
    let Shape::Enum(values) = &model(&reading, "Many").shape else { panic!("no enum") };
    assert_eq!(values.values.len(), 10_000);
}

#[test]
fn long_chains_of_schemas_end() {
    const LONG: usize = 200;
    let chains = [
        "{type: array, items: {$ref: '#/components/schemas/S@'}}",
        "{allOf: [{$ref: '#/components/schemas/S@'}, {type: object, properties: {p@: {type: string}}}]}",
        "{allOf: [{$ref: '#/components/schemas/S@'}]}",
        "{oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/S@'}}]}",
        "{oneOf: [{type: integer}, {$ref: '#/components/schemas/S@'}]}",
        "{$ref: '#/components/schemas/S@'}",
        "{type: object, properties: {next: {$ref: '#/components/schemas/S@'}}}",
        "{type: object, additionalProperties: {$ref: '#/components/schemas/S@'}}",
        "{anyOf: [{$ref: '#/components/schemas/S@'}, {type: object, properties: {p@: {type: string}}}]}",
    ];
    for (index, chain) in chains.iter().enumerate() {
        for tail in ["{type: object, properties: {a: {type: string}}}", "{$ref: '#/components/schemas/S0'}"] {
            let mut text = String::new();
            for number in 0..LONG {
                let _ = writeln!(text, "S{number}: {}", chain.replace('@', &(number + 1).to_string()));
            }
            let _ = writeln!(text, "S{LONG}: {tail}");
            let reading = named(&format!("chain_{index}"), &text);
            assert_eq!(reading.types.len(), LONG + 1);
        }
    }
}

#[test]
fn choices_within_choices_do_not_multiply() {
    let mut text = String::new();
    for number in 0..40 {
        let next = number + 1;
        let _ = writeln!(
            text,
            "S{number}: {{type: object, properties: {{p{number}: {{type: string}}}}, oneOf: [{{$ref: '#/components/schemas/S{next}'}}, \
             {{allOf: [{{$ref: '#/components/schemas/S{next}'}}, {{properties: {{q: {{type: string}}}}}}]}}]}}"
        );
    }
    text.push_str("S40: {type: object, properties: {a: {type: string}}}\n");
    let reading = named("multiply", &text);
    assert!(reading.domain.models().count() < 2_000, "{}", reading.domain.models().count());
}

#[test]
fn a_key_that_stands_twice_and_a_merge_key_are_mended() {
    let reading = named(
        "twice",
        "
        Base: &base {type: object, required: [a]}
        Thing:
          <<: *base
          properties: {a: {type: integer}, a: {type: string}}
        ",
    );
    assert_eq!(printed(&reading, "Thing"), "struct Thing\n    a: text, required\n");
}

#[test]
fn no_schema_is_lost() {
    let reading =
        named("all", "A: {type: string}\nB: {type: object, properties: {a: {type: string}}}\nC: 3\nD: {$ref: Gone}\n");
    let types: Vec<String> = reading.types.iter().map(|schema| schema.ty.to_string()).collect();
    assert_eq!(types, ["text", "B", "json", "json"]);
    assert_eq!(ty(&reading, "C"), Ty::Json);
}
