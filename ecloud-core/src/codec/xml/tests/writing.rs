use serde::Serialize;

use super::*;
use crate::Currency;

#[test]
fn the_root_has_the_name_of_the_struct_and_properties_theirs() {
    let order = Order { total: Some(Money::new(-5, Currency::CNY)), kind: Some(Kind::PreOrder), ..order() };
    assert_eq!(
        written(&order),
        "<Order><id>T1</id><total><amount>-5</amount><currency>CNY</currency></total><type>pre_order</type></Order>"
    );
}

#[test]
fn lists_are_repetitions_and_maps_are_entries() {
    let order = Order {
        lines: vec![Line { sku: "S1".into(), quantity: 2, ..Line::default() }, Line { gift: true, ..Line::default() }],
        tags: vec!["a".into(), String::new()],
        labels: [("k<".to_owned(), "v&".to_owned())].into(),
        ..order()
    };
    assert_eq!(
        written(&order),
        "<Order><id>T1</id>\
         <lines><sku>S1</sku><quantity>2</quantity><gift>false</gift></lines>\
         <lines><sku></sku><quantity>0</quantity><gift>true</gift></lines>\
         <tags>a</tags><tags></tags>\
         <labels><entry><key>k&lt;</key><value>v&amp;</value></entry></labels></Order>"
    );
}

#[test]
fn what_has_a_meaning_in_xml_is_escaped_and_a_carriage_return_survives() {
    let order = Order { note: Some("<a> & ]]> \"'\r\n\t".into()), ..order() };
    assert_eq!(written(&order), "<Order><id>T1</id><note>&lt;a&gt; &amp; ]]&gt; \"'&#13;\n\t</note></Order>");
}

#[test]
fn absent_and_null_are_no_element_and_empty_is_one() {
    assert_eq!(written(&Order::default()), "<Order></Order>");
    assert_eq!(written(&Order { note: Some(String::new()), ..Order::default() }), "<Order><note></note></Order>");
}

#[test]
fn a_null_that_says_something_is_refused_with_its_path() {
    assert_eq!(unwritable(&Order { memo: Nullable::Null, ..order() }), "`memo`: null, which has no form in XML");
    #[derive(Serialize)]
    struct Holder {
        items: Vec<Option<u32>>,
    }
    assert_eq!(unwritable(&Holder { items: vec![Some(1), None] }), "`items[1]`: null, which has no form in XML");
}

#[test]
fn an_empty_list_is_refused_where_none_means_something_else() {
    #[derive(Serialize)]
    struct Patch {
        images: Option<Vec<String>>,
        videos: Nullable<Vec<String>>,
    }
    let said = "an empty list where none means something else; XML can't tell them apart";
    let patch = Patch { images: Some(Vec::new()), videos: Nullable::Absent };
    assert_eq!(unwritable(&patch), format!("`images`: {said}"));
    let patch = Patch { images: None, videos: Nullable::Value(Vec::new()) };
    assert_eq!(unwritable(&patch), format!("`videos`: {said}"));
    let patch = Patch { images: Some(vec!["a".into()]), videos: Nullable::Absent };
    assert_eq!(written(&patch), "<Patch><images>a</images></Patch>");
}

#[test]
fn control_characters_are_refused_with_their_path_and_not_shown() {
    for character in ['\0', '\u{1}', '\u{1b}', '\u{fffe}', '\u{ffff}'] {
        let lines = vec![Line::default(), Line { sku: format!("secret{character}"), ..Line::default() }];
        let said = unwritable(&Order { lines, ..order() });
        assert_eq!(said, "`lines[1].sku`: a character that XML can't carry");
    }
    let labels = [("a\u{7}".to_owned(), String::new())].into();
    assert_eq!(unwritable(&Order { labels, ..order() }), "`labels.entry[0].key`: a character that XML can't carry");
}

#[test]
fn what_has_no_name_is_no_document() {
    for said in [
        unwritable(&"text"),
        unwritable(&1),
        unwritable(&vec![order()]),
        unwritable(&BTreeMap::from([("a", 1)])),
        unwritable(&serde_json::json!({"a": 1})),
    ] {
        assert_eq!(said, "`the whole body`: a value without a name for the root element: a document is a struct");
    }
}

#[test]
fn what_has_no_form_is_refused() {
    #[derive(Serialize)]
    struct Holder<T> {
        a: T,
    }
    #[derive(Serialize)]
    enum Choice {
        One(u32),
        Two { b: u32 },
        Three(u32, u32),
    }
    for choice in [Choice::One(1), Choice::Two { b: 1 }, Choice::Three(1, 2)] {
        assert_eq!(unwritable(&Holder { a: choice }), "`a`: a variant with content, which has no form in XML");
    }
    assert_eq!(unwritable(&Holder { a: f64::NAN }), "`a`: a number that isn't finite");
    assert_eq!(unwritable(&Holder { a: f32::INFINITY }), "`a`: a number that isn't finite");
    let said = unwritable(&Holder { a: vec![vec![1]] });
    assert_eq!(said, "`a[0]`: a list right inside of a list, which has no form in XML");
    let said = unwritable(&Holder { a: BTreeMap::from([(vec![1], 2)]) });
    assert_eq!(said, "`a.entry[0].key`: a key that is no text");
    #[derive(Serialize)]
    struct Named {
        #[serde(rename = "$type")]
        kind: u32,
    }
    assert_eq!(unwritable(&Named { kind: 1 }), "`$type`: `$type`, which no element can be called");
}

#[test]
fn a_value_deeper_than_any_reader_goes_is_refused() {
    #[derive(Serialize)]
    struct Nested {
        inner: Option<Box<Nested>>,
    }
    let nested = (0..70).fold(Nested { inner: None }, |inner, _| Nested { inner: Some(Box::new(inner)) });
    assert!(unwritable(&nested).ends_with("elements nested deeper than 64"));
}

#[test]
fn a_request_says_the_ciphertext_of_a_personal_field_alone() {
    let sealed = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";
    let phone = format!(r#"{{"masked":"138****8000","ciphertext":"{sealed}"}}"#);
    let order = Order { phone: Some(serde_json::from_str(&phone).unwrap()), ..Order::default() };
    assert_eq!(
        written(&order),
        format!("<Order><phone><masked>138****8000</masked><ciphertext>{sealed}</ciphertext></phone></Order>")
    );
    let body = crate::codec::xml::request_body(&&order).unwrap();
    assert!(body.ends_with(format!("<Order><phone><ciphertext>{sealed}</ciphertext></phone></Order>").as_bytes()));
    let masked = Order { phone: Some(serde_json::from_str(r#"{"masked":"138"}"#).unwrap()), ..Order::default() };
    let said = crate::codec::xml::request_body(&&masked).unwrap_err();
    assert_eq!(said, "XML can't carry it: `phone`: a masked phone can't be sent: its ciphertext is missing");
}
