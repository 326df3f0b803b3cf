//! `#[derive(Model)]`: what is read, what is refused, what is written.

use std::collections::BTreeMap;

use ecloud_core::{Json, Model, Nullable};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// One field of each way of reading.
#[derive(Clone, Debug, PartialEq, Model)]
struct Order {
    id: String,
    /// A word of Rust's, with words in its documentation.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    r#loop: bool,
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    note: Nullable<String>,
    #[serde(deserialize_with = "ecloud_core::codec::null_as_empty")]
    lines: Vec<Line>,
    #[serde(default)]
    parent: Option<Box<Order>>,
    #[serde(rename = "a \"quoted\" name", default, skip_serializing_if = "Option::is_none")]
    pub(crate) quoted: Option<BTreeMap<String, Vec<u8>>>,
}

#[derive(Clone, Debug, PartialEq, Model)]
struct Line {
    count: u64,
}

/// A struct that has more than it names.
#[derive(Clone, Debug, PartialEq, Model)]
struct Open {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<u8>,
    #[serde(flatten)]
    additional: BTreeMap<String, Json>,
}

#[derive(Clone, Debug, Default, PartialEq, Model)]
struct Empty {}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// An order with nothing in it that may be left out.
fn order() -> Order {
    read(r#"{"id":"T1","loop":true,"lines":[]}"#).expect("an order")
}

#[test]
fn what_may_be_left_out_is_its_default_and_left_out_again() {
    let order = order();
    assert_eq!((order.r#type.as_ref(), &order.note, order.quoted.as_ref()), (None, &Nullable::Absent, None));
    assert_eq!(serde_json::to_string(&order).unwrap(), r#"{"id":"T1","loop":true,"lines":[],"parent":null}"#);
}

#[test]
fn everything_comes_out_as_it_went_in() {
    let text = r#"{"id":"T1","type":"b2b","loop":false,"note":null,"lines":[{"count":2}],"parent":{"id":"T0","loop":true,"lines":[],"parent":null},"a \"quoted\" name":{"x":[1]}}"#;
    let order: Order = read(text).unwrap();
    assert_eq!(order.note, Nullable::Null);
    assert_eq!(order.parent.as_ref().map(|parent| parent.id.as_str()), Some("T0"));
    assert_eq!(serde_json::to_string(&order).unwrap(), text);
    // The same through a tree of values, which gives names as owned strings.
    let tree: Json = read(text).unwrap();
    assert_eq!(Order::deserialize(&tree).unwrap(), order);
    assert_eq!(serde_json::from_value::<Order>(tree.clone()).unwrap(), order);
    assert_eq!(serde_json::to_value(&order).unwrap(), tree);
}

#[test]
fn unknown_names_are_passed_over_whatever_they_hold() {
    let text = r#"{"new":{"deep":[1,{"id":"T9"}]},"id":"T1","loop":true,"lines":null,"Id":"T2"}"#;
    assert_eq!(read(text), Ok(order()));
}

#[test]
fn what_has_to_be_there_is_named_when_it_is_missing() {
    for (text, missing) in [
        (r#"{"loop":true,"lines":[]}"#, "id"),
        (r#"{"id":"","lines":[]}"#, "loop"),
        (r#"{"id":"","loop":true}"#, "lines"),
    ] {
        let error = read::<Order>(text).unwrap_err();
        assert!(error.starts_with(&format!("missing field `{missing}`")), "{error}");
    }
}

#[test]
fn null_is_an_empty_list_and_no_text() {
    assert_eq!(read(r#"{"id":"T1","loop":true,"lines":null}"#), Ok(order()));
    let error = read::<Order>(r#"{"id":null,"loop":true,"lines":[]}"#).unwrap_err();
    assert!(error.starts_with("invalid type: null, expected a string"), "{error}");
}

#[test]
fn of_a_name_that_comes_twice_the_last_value_counts() {
    let text = r#"{"id":"T0","id":"T1","loop":false,"loop":true,"lines":[{"count":1}],"lines":[]}"#;
    assert_eq!(read(text), Ok(order()));
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["[]", r#"["T1",true]"#, "1", "null", r#""T1""#, r#"{"id":"T1""#] {
        assert!(read::<Order>(text).is_err(), "{text}");
    }
    let error = read::<Line>("[1]").unwrap_err();
    assert!(error.starts_with("invalid type: sequence, expected struct Line"), "{error}");
}

#[test]
fn what_no_field_has_a_name_for_is_kept_where_the_struct_says_so() {
    let text = r#"{"id":7,"a":{"b":[1.50,null]},"z":18446744073709551615}"#;
    let open: Open = read(text).unwrap();
    assert_eq!((open.id, open.additional.len()), (Some(7), 2));
    assert_eq!(serde_json::to_value(&open).unwrap(), json!({"id": 7, "a": {"b": [1.5, null]}, "z": u64::MAX}));
    assert_eq!(serde_json::to_string(&read::<Open>("{}").unwrap()).unwrap(), "{}");
}

#[test]
fn a_struct_without_fields_is_an_empty_object() {
    assert_eq!(read(r#"{"a":1}"#), Ok(Empty {}));
    assert_eq!(serde_json::to_string(&Empty {}).unwrap(), "{}");
}

#[test]
fn an_error_in_a_field_is_the_error_of_the_whole() {
    #[derive(Debug, Model)]
    struct Keyed {
        before: u8,
        map: BTreeMap<Key, u8>,
        after: u8,
    }
    /// Something that is no name of a JSON object.
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Model)]
    struct Key {
        id: u8,
    }
    let keyed = Keyed { before: 1, map: BTreeMap::from([(Key { id: 1 }, 2)]), after: 3 };
    assert!(serde_json::to_string(&keyed).unwrap_err().to_string().starts_with("key must be a string"));
}

#[test]
fn a_struct_goes_by_the_name_it_is_given() {
    #[derive(Debug, PartialEq, Model)]
    #[serde(rename = "goods.line")]
    struct GoodsLine {
        id: u8,
    }
    assert!(read::<GoodsLine>("1").unwrap_err().contains("expected struct goods.line"));
    assert_eq!(serde_json::to_string(&GoodsLine { id: 1 }).unwrap(), r#"{"id":1}"#);
    #[cfg(feature = "xml")]
    {
        let text = ecloud_core::codec::xml::to_string(&GoodsLine { id: 1 }).unwrap();
        assert!(text.ends_with("<goods.line><id>1</id></goods.line>"), "{text}");
        assert_eq!(ecloud_core::codec::xml::from_str::<GoodsLine>(&text).unwrap(), GoodsLine { id: 1 });
    }
}
