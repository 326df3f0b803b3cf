//! `allOf`, `oneOf`, `anyOf` and discriminators in other people's documents.

#[path = "support/foreign.rs"]
mod foreign;
#[path = "support/schemas.rs"]
mod schemas;

use ecloud_codegen::foreign::Reading;
use ecloud_codegen::model::{Look, Shape, Ty, Union};
use schemas::{degraded, field, model, named, printed, ty};

fn union<'a>(reading: &'a Reading, name: &str) -> &'a Union {
    match &model(reading, name).shape {
        Shape::Union(shape) => shape,
        other => panic!("{name} is no union: {other:?}"),
    }
}

#[test]
fn all_of_is_one_flat_struct() {
    let reading = named(
        "flat",
        "
        Base: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}
        Thing:
          allOf:
            - $ref: '#/components/schemas/Base'
            - {type: object, properties: {size: {type: integer}}}
          required: [name, size]
          properties: {colour: {type: string}}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    id: text, required\n    name: text, required\n    size: i64, required\n    colour: text\n"
    );
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn all_of_one_reference_is_what_it_refers_to_unless_it_has_a_name() {
    let reading = named(
        "wrapped",
        "
        Kind: {type: string, enum: [a, b]}
        Part: {type: object, properties: {a: {type: string}}}
        Count: {type: integer}
        Choice: {oneOf: [{type: string}, {$ref: '#/components/schemas/Part'}]}
        Alias: {allOf: [{$ref: '#/components/schemas/Part'}]}
        Thing:
          type: object
          properties:
            kind: {allOf: [{$ref: '#/components/schemas/Kind'}], description: What kind}
            part: {allOf: [{$ref: '#/components/schemas/Part'}, {description: Which part}]}
            typed: {type: object, allOf: [{$ref: '#/components/schemas/Part'}], example: {a: b}}
            count: {allOf: [{$ref: '#/components/schemas/Count'}], default: 3}
            choice: {allOf: [{$ref: '#/components/schemas/Choice'}], readOnly: true}
            maybe: {allOf: [{$ref: '#/components/schemas/Part'}, {nullable: true}]}
            one: {oneOf: [{$ref: '#/components/schemas/Part'}]}
            any: {anyOf: [{$ref: '#/components/schemas/Kind'}], title: Any}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    kind: Kind\n    part: Part\n    typed: Part\n    count: i64\n    choice: Choice\n    maybe: Part\n    \
         one: Part\n    any: Kind\n"
    );
    // What has a name may say more tomorrow.
    assert_eq!(printed(&reading, "Alias"), "struct Alias\n    a: text\n");
    assert_eq!(field(&reading, "Thing", "kind").doc, "What kind");
}

#[test]
fn a_property_that_stands_twice_is_of_the_narrower_type() {
    let reading = named(
        "twice",
        "
        Kind: {type: string, enum: [a, b]}
        Base:
          type: object
          properties:
            kind: {type: string}
            number: {type: number}
            part: {$ref: '#/components/schemas/Part'}
            free: {}
            odd: {type: string}
            list: {type: array, items: {}}
        Part: {type: object, properties: {a: {type: string}}}
        Special: {allOf: [{$ref: '#/components/schemas/Part'}, {type: object, properties: {b: {type: string}}}]}
        Thing:
          allOf:
            - $ref: '#/components/schemas/Base'
            - type: object
              properties:
                kind: {$ref: '#/components/schemas/Kind'}
                number: {type: integer}
                part: {$ref: '#/components/schemas/Special'}
                free: {type: boolean}
                odd: {type: integer}
                list: {type: array, items: {type: string}}
        ",
    );
    assert_eq!(
        printed(&reading, "Thing"),
        "struct Thing\n    kind: Kind\n    number: i64\n    part: Special\n    free: bool\n    odd: i64\n    list: list of text\n"
    );
    assert_eq!(
        degraded(&reading),
        [
            "/components/schemas/Thing/allOf/1/properties/odd/type: a type that contradicts that of another part; the last one"
        ]
    );
}

#[test]
fn all_of_a_choice_gives_each_branch_the_rest() {
    let reading = named(
        "all_of_choice",
        "
        Method: {oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Cash'}]}
        Card: {type: object, required: [number], properties: {number: {type: string}}}
        Cash: {type: object, required: [till], properties: {till: {type: integer}}}
        Payment:
          allOf:
            - $ref: '#/components/schemas/Method'
            - {type: object, required: [amount], properties: {amount: {type: integer}}}
        ",
    );
    assert_eq!(printed(&reading, "Method"), "union Method\n    Card: Card\n    Cash: Cash\n");
    assert_eq!(printed(&reading, "Payment"), "union Payment\n    Card: PaymentCard\n    Cash: PaymentCash\n");
    let card = printed(&reading, "PaymentCard");
    assert!(card.contains("    number: text, required\n") && card.contains("    amount: i64, required\n"), "{card}");
}

#[test]
fn schemas_that_lie_in_themselves_by_all_of_end() {
    let reading = named(
        "all_of_circle",
        "
        A: {allOf: [{$ref: '#/components/schemas/B'}, {type: object, properties: {a: {type: string}}}]}
        B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {type: string}}}]}
        C: {allOf: [{$ref: '#/components/schemas/C'}]}
        D: {$ref: '#/components/schemas/E'}
        E: {$ref: '#/components/schemas/D'}
        F: {oneOf: [{$ref: '#/components/schemas/F'}, {type: string}]}
        ",
    );
    let a = printed(&reading, "A");
    assert!(a.contains("a: text") && a.contains("b: text"), "{a}");
    assert_eq!(ty(&reading, "C"), Ty::Json);
    assert_eq!(ty(&reading, "D"), Ty::Json);
    assert!(degraded(&reading).iter().any(|found| found.contains("leads in a circle")), "{:?}", degraded(&reading));
}

#[test]
fn branches_that_are_all_strings_are_one_open_enum() {
    let reading = named(
        "string_branches",
        "
        Small: {type: string, enum: [s, m]}
        Size: {anyOf: [{type: string}, {$ref: '#/components/schemas/Small'}]}
        Titled:
          oneOf:
            - {const: 0x1, title: First one, description: The first.}
            - {const: b2, title: Second one}
        Formats: {oneOf: [{type: string, format: date}, {type: string, format: date-time}]}
        Numbers: {oneOf: [{type: integer}, {type: number}]}
        ",
    );
    assert_eq!(printed(&reading, "Size"), "enum Size\n    S = \"s\"\n    M = \"m\"\n");
    assert_eq!(printed(&reading, "Titled"), "enum Titled\n    FirstOne = \"0x1\"\n    SecondOne = \"b2\"\n");
    let Shape::Enum(titled) = &model(&reading, "Titled").shape else { panic!("no enum") };
    assert_eq!(titled.values[0].doc, "The first.");
    assert_eq!(ty(&reading, "Formats"), Ty::Text);
    assert_eq!(ty(&reading, "Numbers"), Ty::F64);
}

#[test]
fn branches_that_only_require_properties_are_no_choice() {
    let reading = named(
        "only_required",
        "
        Thing:
          type: object
          properties: {a: {type: string}, b: {type: string}}
          anyOf: [{required: [a]}, {required: [b]}]
        Other:
          type: object
          properties: {a: {type: string}}
          oneOf: [{required: [a]}, {not: {required: [a]}}]
        ",
    );
    assert_eq!(printed(&reading, "Thing"), "struct Thing\n    a: text\n    b: text\n");
    assert_eq!(printed(&reading, "Other"), "struct Other\n    a: text\n");
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn a_discriminator_names_the_values_of_its_variants() {
    let reading = named(
        "tagged",
        "
        Method:
          oneOf:
            - $ref: '#/components/schemas/CardMethod'
            - $ref: '#/components/schemas/CashMethod'
            - $ref: '#/components/schemas/BankMethod'
          discriminator:
            propertyName: type
            mapping:
              card: '#/components/schemas/CardMethod'
              credit: CardMethod
              cash: '#/components/schemas/CashMethod'
        CardMethod: {type: object, properties: {type: {type: string}, number: {type: string}}}
        CashMethod: {type: object, properties: {type: {type: string}}}
        BankMethod: {type: object, properties: {type: {type: string}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Method"),
        "union Method by `type`\n    Card: CardMethod, for card credit\n    Cash: CashMethod, for cash\n    \
         Bank: BankMethod, for BankMethod\n"
    );
}

#[test]
fn a_tag_is_filled_in_where_a_variant_has_only_one() {
    let reading = named(
        "prefilled",
        "
        Method:
          oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Cash'}]
          discriminator: {propertyName: type, mapping: {card: '#/components/schemas/Card', cash: Cash, coins: Cash}}
        Card: {type: object, required: [type], properties: {type: {type: string, enum: [card, cash, coins]}}}
        Cash: {type: object, required: [type], properties: {type: {type: string}}}
        ",
    );
    assert_eq!(field(&reading, "Card", "type").constant.as_deref(), Some("card"));
    assert_eq!(field(&reading, "Card", "type").ty, Ty::Text);
    assert_eq!(field(&reading, "Cash", "type").constant, None);
}

#[test]
fn without_a_mapping_the_tag_is_a_constant_or_the_name_of_the_schema() {
    let reading = named(
        "unmapped",
        "
        Pet:
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator: {propertyName: kind}
        Cat: {type: object, properties: {kind: {type: string, enum: [cat]}}}
        Dog: {type: object, properties: {kind: {type: string}}}
        ",
    );
    assert_eq!(printed(&reading, "Pet"), "union Pet by `kind`\n    Cat: Cat, for cat\n    Dog: Dog, for Dog\n");
}

#[test]
fn a_base_with_a_discriminator_is_one_of_its_children() {
    let reading = named(
        "inherited",
        "
        CartUpdateAction:
          type: object
          required: [action]
          properties: {action: {type: string}}
          discriminator:
            propertyName: action
            mapping:
              addItem: '#/components/schemas/CartAddItemAction'
              setKey: '#/components/schemas/CartSetKeyAction'
        CartAddItemAction:
          allOf:
            - $ref: '#/components/schemas/CartUpdateAction'
            - {type: object, required: [sku], properties: {sku: {type: string}}}
        CartSetKeyAction:
          allOf:
            - $ref: '#/components/schemas/CartUpdateAction'
            - {type: object, properties: {key: {type: string}}}
        CartUpdate:
          type: object
          properties: {actions: {type: array, items: {$ref: '#/components/schemas/CartUpdateAction'}}}
        ",
    );
    assert_eq!(
        printed(&reading, "CartUpdateAction"),
        "union CartUpdateAction by `action`\n    AddItem: CartAddItemAction, for addItem\n    \
         SetKey: CartSetKeyAction, for setKey\n"
    );
    assert_eq!(
        printed(&reading, "CartAddItemAction"),
        "struct CartAddItemAction\n    action: text, required, always \"addItem\"\n    sku: text, required\n"
    );
    assert_eq!(printed(&reading, "CartUpdate"), "struct CartUpdate\n    actions: list of CartUpdateAction\n");
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn a_base_that_the_mapping_names_is_a_variant_of_itself() {
    let reading = named(
        "base_itself",
        "
        Pet:
          type: object
          properties: {kind: {type: string}, name: {type: string}}
          discriminator: {propertyName: kind, mapping: {pet: Pet, cat: Cat}}
        Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {claws: {type: integer}}}]}
        ",
    );
    let pet = printed(&reading, "Pet");
    assert!(pet.contains("    Cat: Cat, for cat\n") && pet.contains("PetBase, for pet\n"), "{pet}");
    assert!(printed(&reading, "PetBase").contains("name: text"));
}

#[test]
fn a_base_that_lists_its_children_is_no_circle() {
    let reading = named(
        "mutual",
        "
        Pet:
          type: object
          required: [kind]
          properties: {kind: {type: string}}
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: '#/components/schemas/Dog'}}
        Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {claws: {type: integer}}}]}
        Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, properties: {bark: {type: string}}}]}
        ",
    );
    assert_eq!(printed(&reading, "Pet"), "union Pet by `kind`\n    Cat: Cat, for cat\n    Dog: Dog, for dog\n");
    assert!(printed(&reading, "Cat").contains("claws: i64"));
    assert!(!printed(&reading, "Cat").contains("bark"));
}

#[test]
fn in_swagger_a_discriminator_is_the_name_of_a_property() {
    let text = "
swagger: '2.0'
info: {title: T, version: '1'}
paths: {}
definitions:
  Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}
  Cat: {allOf: [{$ref: '#/definitions/Pet'}, {type: object, properties: {claws: {type: integer}}}]}
  Home: {type: object, properties: {pet: {$ref: '#/definitions/Pet'}, cat: {$ref: '#/definitions/Cat'}}}
";
    let reading = foreign::read("swagger_discriminator", text);
    assert_eq!(printed(&reading, "Pet"), "union Pet by `kind`\n    Cat: Cat, for Cat\n");
    assert_eq!(printed(&reading, "Home"), "struct Home\n    pet: Pet\n    cat: Cat\n");
}

#[test]
fn any_of_objects_that_agree_is_one_struct() {
    let reading = named(
        "merged",
        "
        Contact:
          anyOf:
            - {type: object, required: [name, mail], properties: {name: {type: string}, mail: {type: string}}}
            - {type: object, required: [name], properties: {name: {type: string}, phone: {type: string}}}
        Disagreeing:
          anyOf:
            - {type: object, properties: {a: {type: string}}}
            - {type: object, properties: {a: {type: integer}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Contact"),
        "struct Contact\n    name: text, required\n    mail: text\n    phone: text\n"
    );
    assert_eq!(union(&reading, "Disagreeing").variants.len(), 2);
}

#[test]
fn one_of_beside_properties_gives_each_branch_the_properties() {
    let reading = named(
        "beside",
        "
        Shipment:
          type: object
          required: [id]
          properties: {id: {type: string}}
          oneOf:
            - {title: By weight, required: [weight], properties: {weight: {type: number}}}
            - {title: By volume, required: [volume], properties: {volume: {type: number}}}
        ",
    );
    assert_eq!(
        printed(&reading, "Shipment"),
        "union Shipment\n    ByWeight: ShipmentByWeight\n    ByVolume: ShipmentByVolume\n"
    );
    assert_eq!(
        printed(&reading, "ShipmentByWeight"),
        "struct ShipmentByWeight\n    id: text, required\n    weight: f64, required\n"
    );
}

#[test]
fn branches_of_one_type_are_one_variant_and_one_variant_is_no_union() {
    let reading = named(
        "same",
        "
        Part: {type: object, properties: {a: {type: string}}}
        Same: {oneOf: [{$ref: '#/components/schemas/Part'}, {$ref: '#/components/schemas/Part'}]}
        Lists: {oneOf: [{type: array, items: {type: string}}, {type: array, items: {type: string}}, {type: string}]}
        Nested: {oneOf: [{type: string}, {oneOf: [{type: integer}, {type: boolean}]}]}
        ",
    );
    assert_eq!(ty(&reading, "Same").to_string(), "Part");
    assert_eq!(printed(&reading, "Lists"), "union Lists\n    List: list of text\n    Text: text\n");
    assert_eq!(printed(&reading, "Nested"), "union Nested\n    Text: text\n    Integer: i64\n    Bool: bool\n");
}

#[test]
fn the_look_of_a_variant_tells_what_it_must_have() {
    let reading = named(
        "looks",
        "
        Source: {oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Bank'}, {type: string}]}
        Card:
          type: object
          required: [type, number]
          properties:
            type: {type: string, enum: [card, scheme]}
            number: {type: string}
            currency: {type: string, enum: [EUR, USD]}
        Bank:
          type: object
          required: [type]
          properties:
            type: {type: string, enum: [bank]}
            currency: {type: string, enum: [EUR, USD]}
        ",
    );
    let looks: Vec<&Look> = union(&reading, "Source").variants.iter().map(|variant| &variant.look).collect();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
    assert_eq!(
        *looks[0],
        Look::Object {
            known: texts(&["type", "number", "currency"]),
            required: texts(&["number", "type"]),
            constants: vec![("type".to_owned(), texts(&["card", "scheme"]))],
        }
    );
    assert_eq!(
        *looks[1],
        Look::Object {
            known: texts(&["type", "currency"]),
            required: texts(&["type"]),
            constants: vec![("type".to_owned(), texts(&["bank"]))],
        }
    );
    assert_eq!(*looks[2], Look::Text(Vec::new()));
}

#[test]
fn a_union_may_hold_itself_in_lists_and_maps() {
    let reading = named(
        "self_union",
        "
        Value:
          oneOf:
            - {type: string}
            - {type: number}
            - {type: array, items: {$ref: '#/components/schemas/Value'}}
            - {type: object, additionalProperties: {$ref: '#/components/schemas/Value'}}
        ",
    );
    assert_eq!(
        printed(&reading, "Value"),
        "union Value\n    Text: text\n    Number: f64\n    List: list of Value\n    Map: map of Value\n"
    );
    assert_eq!(degraded(&reading), [""; 0]);
}

#[test]
fn a_union_is_never_one_of_itself() {
    let reading = named(
        "self_variant",
        "
        A: {oneOf: [{$ref: '#/components/schemas/A'}, {type: string}, {type: integer}]}
        B: {oneOf: [{type: boolean}, {$ref: '#/components/schemas/C'}]}
        C: {oneOf: [{type: integer}, {$ref: '#/components/schemas/D'}]}
        D: {oneOf: [{type: string}, {$ref: '#/components/schemas/B'}]}
        ",
    );
    assert_eq!(printed(&reading, "A"), "union A\n    Text: text\n    Integer: i64\n");
    let circle: Vec<String> = ["B", "C", "D"].iter().map(|name| printed(&reading, name)).collect();
    let inner = circle
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| ["B", "C", "D"].iter().any(|name| line.ends_with(&format!(": {name}"))));
    assert_eq!(inner.count(), 2, "{circle:?}");
    assert_eq!(degraded(&reading).len(), 1, "{:?}", degraded(&reading));
}

#[test]
fn a_type_with_another_default_in_each_branch_tells_them_apart() {
    let reading = named(
        "defaults",
        "
        Included: {anyOf: [{$ref: '#/components/schemas/User'}, {$ref: '#/components/schemas/Order'}]}
        User:
          type: object
          required: [type, attributes]
          properties: {type: {type: string, default: user}, attributes: {type: object, properties: {a: {type: string}}}}
        Order:
          type: object
          required: [attributes]
          properties: {type: {type: string, default: order}, attributes: {type: object, properties: {b: {type: string}}}}
        ",
    );
    let constants: Vec<String> = union(&reading, "Included")
        .variants
        .iter()
        .map(|variant| match &variant.look {
            Look::Object { constants, .. } => format!("{constants:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(constants, [r#"[("type", ["user"])]"#, r#"[("type", ["order"])]"#]);
}

#[test]
fn a_base_below_a_base_has_its_own_cases_and_is_one_of_the_others() {
    let reading = named(
        "two_levels",
        "
        Animal: {type: object, discriminator: {propertyName: kind}, properties: {kind: {type: string}}}
        Bird:
          allOf:
            - $ref: '#/components/schemas/Animal'
            - {type: object, discriminator: {propertyName: species}, properties: {species: {type: string}}}
          discriminator: {propertyName: species}
        Owl: {allOf: [{$ref: '#/components/schemas/Bird'}, {type: object, properties: {night: {type: boolean}}}]}
        Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {claws: {type: integer}}}]}
        ",
    );
    assert_eq!(
        printed(&reading, "Animal"),
        "union Animal by `kind`\n    Bird: BirdBase, for Bird\n    Owl: Owl, for Owl\n    Cat: Cat, for Cat\n"
    );
    assert_eq!(printed(&reading, "Bird"), "union Bird by `species`\n    Owl: Owl, for Owl\n");
    assert!(printed(&reading, "Owl").contains("night: bool"));
}
