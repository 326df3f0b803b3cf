//! Schemas of other people's documents: what each of them becomes.

#[path = "support/foreign.rs"]
mod foreign;
#[path = "support/schemas.rs"]
mod schemas;

use ecloud_codegen::model::{Shape, Ty};
use schemas::{degraded, field, model, named, printed, ty};

#[test]
fn plain_types_go_by_their_type_and_not_by_their_format() {
    let reading = named(
        "plain_types",
        "
        Whole: {type: integer, format: int32}
        Big: {type: integer, format: uint64}
        Number: {type: number, format: money_v3}
        Text: {type: string, format: date-time}
        Flag: {type: boolean, format: boolean}
        Password: {type: string, format: password}
        Bytes: {type: string, format: binary}
        Anything: {}
        ",
    );
    for (name, expected) in [
        ("Whole", Ty::I64),
        ("Big", Ty::U64),
        ("Number", Ty::F64),
        ("Text", Ty::Text),
        ("Flag", Ty::Bool),
        ("Password", Ty::Secret),
        ("Bytes", Ty::Text),
        ("Anything", Ty::Json),
    ] {
        assert_eq!(ty(&reading, name), expected, "{name}");
    }
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn without_a_type_the_other_keywords_tell_it() {
    let reading = named(
        "untyped",
        "
        Object: {properties: {a: {type: string}}}
        Items: {items: {type: integer}}
        Values: {enum: [red, green]}
        Whole: {enum: [1, 2]}
        Flags: {enum: [true]}
        Day: {format: date}
        Map: {additionalProperties: {type: integer}}
        ",
    );
    assert_eq!(ty(&reading, "Object").to_string(), "Object");
    assert_eq!(ty(&reading, "Items").to_string(), "list of i64");
    assert_eq!(ty(&reading, "Values").to_string(), "Values");
    assert_eq!(ty(&reading, "Whole"), Ty::I64);
    assert_eq!(ty(&reading, "Flags"), Ty::Bool);
    assert_eq!(ty(&reading, "Day"), Ty::Text);
    assert_eq!(ty(&reading, "Map").to_string(), "map of i64");
}

#[test]
fn an_object_without_properties_is_a_map() {
    let reading = named(
        "maps",
        "
        Free: {type: object}
        Empty: {type: object, properties: {}}
        Closed: {type: object, additionalProperties: false}
        Prices: {type: object, additionalProperties: {type: number}}
        Patterns: {type: object, patternProperties: {'^x-': {type: boolean}}}
        Lists: {type: object, additionalProperties: {type: array, items: {type: string}}}
        ",
    );
    for (name, expected) in [
        ("Free", "map of json"),
        ("Empty", "map of json"),
        ("Closed", "map of json"),
        ("Prices", "map of f64"),
        ("Patterns", "map of bool"),
        ("Lists", "map of list of text"),
    ] {
        assert_eq!(ty(&reading, name).to_string(), expected, "{name}");
    }
}

#[test]
fn declared_additional_properties_have_a_field_and_a_ban_on_them_is_no_field() {
    let reading = named(
        "additional",
        "
        Open: {type: object, properties: {a: {type: string}}, additionalProperties: true}
        Typed: {type: object, properties: {additional: {type: string}}, additionalProperties: {type: integer}}
        Patterned: {type: object, properties: {a: {type: string}}, patternProperties: {'^x-': {type: string}}}
        Closed: {type: object, properties: {a: {type: string}}, additionalProperties: false}
        Silent: {type: object, properties: {a: {type: string}}}
        ",
    );
    assert_eq!(printed(&reading, "Open"), "struct Open\n    a: text\n    additional: others, of json\n");
    assert_eq!(printed(&reading, "Typed"), "struct Typed\n    additional: text\n    additional_2: others, of i64\n");
    assert_eq!(printed(&reading, "Patterned"), "struct Patterned\n    a: text\n    additional: others, of text\n");
    assert_eq!(printed(&reading, "Closed"), "struct Closed\n    a: text\n");
    assert_eq!(printed(&reading, "Silent"), "struct Silent\n    a: text\n");
}

#[test]
fn a_list_that_says_nothing_of_its_items_holds_any_json() {
    let reading = named(
        "lists",
        "
        Bare: {type: array}
        Tuple: {type: array, prefixItems: [{type: string}, {type: integer}]}
        Old: {type: array, items: [{type: string}]}
        Any: {type: array, items: true}
        ",
    );
    for name in ["Bare", "Tuple", "Old", "Any"] {
        assert_eq!(ty(&reading, name).to_string(), "list of json", "{name}");
    }
    assert_eq!(
        degraded(&reading),
        [
            "/components/schemas/Tuple/prefixItems: items that are described one by one; a list of any JSON",
            "/components/schemas/Old/items: items that are described one by one; a list of any JSON",
        ]
    );
}

#[test]
fn null_is_told_in_many_ways() {
    let reading = named(
        "nulls",
        "
        Kind: {type: string, enum: [a, b]}
        Thing:
          type: object
          required: [a, b, c, d, e, f, g, h, i]
          properties:
            a: {type: [string, 'null']}
            b: {type: string, nullable: true}
            c: {type: string, x-nullable: true}
            d: {oneOf: [{type: string}, {type: 'null'}]}
            e: {anyOf: [{$ref: '#/components/schemas/Kind'}, {type: 'null'}]}
            f: {type: string, enum: [x, y, null]}
            g: {allOf: [{$ref: '#/components/schemas/Kind'}], nullable: true}
            h: {$ref: '#/components/schemas/Kind', nullable: true}
            i: {type: string}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    a: text, required, nullable\n    b: text, required, nullable\n    \
         c: text, required, nullable\n    d: text, required, nullable\n    e: Kind, required, nullable\n    \
         f: ThingF, required, nullable\n    g: Kind, required, nullable\n    h: Kind, required, nullable\n    \
         i: text, required\n"
    );
    assert_eq!(printed(&reading, "ThingF"), "enum ThingF\n    X = \"x\"\n    Y = \"y\"\n");
}

#[test]
fn a_named_schema_that_may_be_null_is_so_wherever_it_is_used() {
    let reading = named(
        "named_null",
        "
        Name: {type: [string, 'null']}
        Thing: {type: object, required: [name, names], properties: {name: {$ref: '#/components/schemas/Name'}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    name: text, required, nullable\n    names: json, required\n"
    );
}

#[test]
fn absent_and_null_are_two_things_only_where_callers_write() {
    let text = "
        In:
          type: object
          required: [id, note]
          properties:
            id: {type: string, readOnly: true}
            note: {type: string, nullable: true}
            name: {type: string, nullable: true}
            size: {type: integer}
            part: {$ref: '#/components/schemas/Part'}
        Part: {type: object, properties: {name: {type: string, nullable: true}}}
        Out:
          type: object
          required: [id]
          properties:
            id: {type: string, readOnly: true}
            name: {type: string, nullable: true}
        ";
    let reading = named("presence", text);
    assert_eq!(
        printed(&reading, "In"),
        "struct In, input\n    id: text\n    note: text, required, nullable\n    name: text, nullable\n    \
         size: i64\n    part: Part\n"
    );
    assert_eq!(printed(&reading, "Part"), "struct Part, input\n    name: text, nullable\n");
    assert_eq!(printed(&reading, "Out"), "struct Out\n    id: text, required\n    name: text\n");
}

#[test]
fn a_property_that_is_required_and_nowhere_described_is_any_json_unless_it_is_one_in_other_letters() {
    let reading =
        named("undescribed", "Thing: {type: object, required: [ID, id, extra], properties: {id: {type: string}}}");
    assert_eq!(printed(&reading, "Thing"), "struct Thing\n    id: text, required\n    extra: json, required\n");
}

#[test]
fn constants_are_texts_that_are_always_the_same() {
    let reading = named(
        "constants",
        "
        Thing:
          type: object
          required: [kind]
          properties:
            kind: {const: thing}
            version: {type: string, enum: ['2']}
            maybe: {type: string, enum: [x, null]}
            number: {const: 3}
            flag: {type: boolean, const: true}
        Only: {type: string, enum: [only]}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    kind: text, required, always \"thing\"\n    version: text, always \"2\"\n    maybe: text\n    \
         number: i64\n    flag: bool\n"
    );
    assert_eq!(ty(&reading, "Only"), Ty::Text);
}

#[test]
fn several_types_are_a_union_by_look() {
    let reading = named(
        "several_types",
        "
        Id: {type: [string, integer]}
        Amount: {type: [number, integer]}
        Mixed: {type: [string, object, array], properties: {a: {type: string}}, items: {type: integer}}
        ",
    );
    assert_eq!(printed(&reading, "Id"), "union Id\n    Text: text\n    Integer: i64\n");
    assert_eq!(ty(&reading, "Amount"), Ty::F64);
    assert_eq!(
        printed(&reading, "Mixed"),
        "union Mixed\n    Text: text\n    Object: MixedObject\n    List: list of i64\n"
    );
    assert_eq!(printed(&reading, "MixedObject"), "struct MixedObject\n    a: text\n");
}

#[test]
fn a_type_that_there_is_not_is_read_as_what_it_sounds_like() {
    let reading = named(
        "odd_types",
        "
        Int: {type: int}
        Long: {type: Long}
        Decimal: {type: decimal}
        Date: {type: date}
        Str: {type: String}
        Any: {type: any}
        Odd: {type: blob}
        Holder: {type: object, properties: {a: {type: Str}}}
        ",
    );
    for (name, expected) in [
        ("Int", Ty::I64),
        ("Long", Ty::I64),
        ("Decimal", Ty::F64),
        ("Date", Ty::Text),
        ("Str", Ty::Text),
        ("Any", Ty::Json),
        ("Odd", Ty::Json),
    ] {
        assert_eq!(ty(&reading, name), expected, "{name}");
    }
    assert_eq!(degraded(&reading), ["/components/schemas/Odd: a type `blob` that there isn't; any JSON"]);
}

#[test]
fn a_node_of_the_wrong_sort_costs_no_more_than_itself() {
    let reading = named(
        "wrong_sorts",
        "
        Text: hello
        Nothing:
        List: []
        Thing:
          type: object
          required: true
          description: [a]
          properties:
            a: 3
            b: {type: string, enum: x, format: [1], minLength: {}}
            c: {$ref: 5, type: integer}
            d: {allOf: nothing, oneOf: {}, type: string}
            e:
        Odd: {type: object, properties: [a, b]}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    a: json\n    b: text\n    c: i64\n    d: text\n    e: json\n"
    );
    assert_eq!(ty(&reading, "Text"), Ty::Json);
    assert_eq!(ty(&reading, "Odd").to_string(), "map of json");
}

#[test]
fn texts_become_secrets_by_name() {
    let reading = named(
        "secrets",
        "
        CardDetails:
          type: object
          properties:
            number: {type: string}
            expiryMonth: {type: string}
            cvc: {type: string}
            encryptedCardNumber: {type: string}
            holderName: {type: string}
        Phone: {type: object, properties: {number: {type: string}}}
        Login:
          type: object
          properties:
            client_secret: {type: string}
            Access-Token: {type: string}
            pin: {type: integer}
            password: {type: string, nullable: true}
        ",
    );
    let secrets = |name: &str| -> Vec<String> {
        let Shape::Struct(shape) = &model(&reading, name).shape else { panic!("{name} is no struct") };
        shape.fields.iter().filter(|field| field.ty == Ty::Secret).map(|field| field.wire.clone()).collect()
    };
    assert_eq!(secrets("CardDetails"), ["number", "cvc"]);
    assert_eq!(secrets("Phone"), [""; 0]);
    assert_eq!(secrets("Login"), ["client_secret", "Access-Token", "password"]);
}

#[test]
fn facts_stand_behind_a_description_that_leaves_them_out() {
    let reading = named(
        "facts",
        "
        Thing:
          type: object
          properties:
            a: {type: string, maxLength: 40, description: The name}
            b: {type: string, maxLength: 40, description: At most 40 signs.}
            c: {type: integer, minimum: 1, maximum: 100, default: 20}
            d: {type: array, items: {type: string}, minItems: 1}
            e: {type: string, title: The title}
            f: {type: number, exclusiveMinimum: 0}
            g: {type: string, pattern: '^[A-Z]{3}$'}
            h: {type: integer, enum: [1, 2, 4]}
            i: {type: string, description: \"line\\rbreak\\u0007\"}
        ",
    );
    let doc = |wire: &str| field(&reading, "Thing", wire).doc.clone();
    assert_eq!(doc("a"), "The name. At most 40 characters.");
    assert_eq!(doc("b"), "At most 40 signs.");
    assert_eq!(doc("c"), "C. From 1 to 100. Default: `20`.");
    assert_eq!(doc("d"), "D. At least 1 item.");
    assert_eq!(doc("e"), "The title");
    assert_eq!(doc("f"), "F. More than 0.");
    assert_eq!(doc("g"), "G. Matches `^[A-Z]{3}$`.");
    assert_eq!(doc("h"), "H. One of 1, 2, 4.");
    assert!(!doc("i").contains(['\r', '\u{7}']), "{:?}", doc("i"));
}

#[test]
fn a_field_tells_a_plain_example_of_its_own_or_of_its_schema() {
    let reading = named(
        "examples",
        "
        Thing:
          type: object
          properties:
            a: {type: string, example: x1}
            b: {type: integer, examples: [3, 4]}
            c: {$ref: '#/components/schemas/Code'}
            d: {type: integer, example: many}
            e: {type: boolean, example: true}
            f: {type: array, items: {type: string}, example: [a]}
        Code: {type: string, example: c-9}
        ",
    );
    let example = |wire: &str| field(&reading, "Thing", wire).example.clone();
    assert_eq!(example("a").as_deref(), Some("x1"));
    assert_eq!(example("b").as_deref(), Some("3"));
    assert_eq!(example("c").as_deref(), Some("c-9"));
    assert_eq!(example("d"), None);
    assert_eq!(example("f"), None);
}

#[test]
fn a_field_without_an_example_has_one_that_fits_its_default_its_format_or_its_length() {
    let reading = named(
        "made_up",
        "
        Thing:
          type: object
          properties:
            a: {type: string, default: none}
            b: {type: string, format: date}
            c: {type: string, format: uuid}
            d: {type: string, maxLength: 2}
            e: {type: string, minLength: 12}
            f: {type: string, pattern: '^[A-Z]+$', minLength: 1, maxLength: 40}
            g: {type: string}
            h: {type: integer, default: 7}
        ",
    );
    let example = |wire: &str| field(&reading, "Thing", wire).example.clone();
    assert_eq!(example("a").as_deref(), Some("none"));
    assert_eq!(example("b").as_deref(), Some("2026-11-22"));
    assert_eq!(example("c").map(|text| text.len()), Some(36));
    assert_eq!(example("d").as_deref(), Some("AB"));
    assert_eq!(example("e").as_deref(), Some("ABCDEFGHIJAB"));
    assert_eq!(example("f").as_deref(), Some("ABC"));
    assert_eq!(example("g"), None);
    assert_eq!(example("h").as_deref(), Some("7"));
}

#[test]
fn a_list_that_has_properties_and_no_items_may_be_an_object_as_well() {
    let reading = named("list_of_properties", "Failure: {type: array, properties: {detail: {type: string}}}");
    assert_eq!(printed(&reading, "Failure"), "union Failure\n    List: list of json\n    Object: FailureObject\n");
    assert_eq!(printed(&reading, "FailureObject"), "struct FailureObject\n    detail: text\n");
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn a_deprecated_property_is_marked() {
    let reading = named(
        "deprecated",
        "Thing: {type: object, properties: {a: {type: string, deprecated: true}, b: {type: string}}}",
    );
    assert!(field(&reading, "Thing", "a").deprecated);
    assert!(!field(&reading, "Thing", "b").deprecated);
}

#[test]
fn items_of_lists_and_maps_may_be_null() {
    let reading = named(
        "null_items",
        "
        Name: {type: string, nullable: true}
        Names: {type: array, items: {$ref: '#/components/schemas/Name'}}
        Inline: {type: array, items: {type: [string, 'null']}}
        Map: {type: object, additionalProperties: {type: integer, nullable: true}}
        Any: {type: array, items: {nullable: true}}
        Plain: {type: array, nullable: true, items: {type: string}}
        ",
    );
    assert_eq!(ty(&reading, "Names").to_string(), "list of text or null");
    assert_eq!(ty(&reading, "Inline").to_string(), "list of text or null");
    assert_eq!(ty(&reading, "Map").to_string(), "map of i64 or null");
    assert_eq!(ty(&reading, "Any").to_string(), "list of json");
    assert_eq!(ty(&reading, "Plain").to_string(), "list of text or null");
    assert_eq!(ty(&reading, "Name").to_string(), "text or null");
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn what_a_document_says_about_single_values_is_kept() {
    let reading = named(
        "told_values",
        "
        Described:
          type: string
          enum: [a, b]
          x-enumDescriptions: {a: The first one., b: The second one.}
        Listed:
          type: string
          enum: [a, b]
          x-enum-varnames: [Alpha, Beta]
          x-enum-descriptions: [The first one., The second one.]
        Extended:
          type: string
          enum: ['1', '2']
          x-ms-enum: {name: Extended, values: [{value: '1', name: One, description: Just one.}, {value: '2', name: Two}]}
        ",
    );
    let told = |name: &str| -> Vec<(String, String)> {
        let Shape::Enum(shape) = &model(&reading, name).shape else { panic!("{name} is no enum") };
        shape.values.iter().map(|value| (value.variant.clone(), value.doc.clone())).collect()
    };
    let texts = |pairs: [(&str, &str); 2]| pairs.map(|(name, doc)| (name.to_owned(), doc.to_owned())).to_vec();
    assert_eq!(told("Described"), texts([("A", "The first one."), ("B", "The second one.")]));
    assert_eq!(told("Listed"), texts([("Alpha", "The first one."), ("Beta", "The second one.")]));
    assert_eq!(told("Extended"), texts([("One", "Just one."), ("Two", "The value `2`.")]));
}

#[test]
fn values_of_another_type_than_is_said_go_by_the_type_that_is_said() {
    let reading = named(
        "odd_values",
        "
        Texts: {type: string, enum: [1, 2, yes]}
        Numbers: {type: integer, enum: ['1', '2']}
        Lists: {type: array, items: {type: string}, enum: [a, b]}
        None: {type: string, enum: []}
        ",
    );
    assert_eq!(printed(&reading, "Texts"), "enum Texts\n    Value1 = \"1\"\n    Value2 = \"2\"\n    Yes = \"yes\"\n");
    assert_eq!(ty(&reading, "Numbers"), Ty::I64);
    assert_eq!(ty(&reading, "Lists").to_string(), "list of text");
    assert_eq!(ty(&reading, "None"), Ty::Text);
}

#[test]
fn an_answer_that_may_be_null_is_one_or_nothing() {
    let schemas = "Order: {type: object, properties: {id: {type: string}}}";
    let text = schemas::document(schemas).replace(
        "'204': {description: Done}",
        "'200': {description: Done, content: {application/json: {schema: {anyOf: [{$ref: '#/components/schemas/Order'}, {type: 'null'}]}}}}",
    );
    let reading = foreign::read("schemas_null_answer", &text);
    let operation = foreign::operation(&reading, "POST /things");
    assert_eq!(operation.output.to_string(), "Order or nothing");
}
