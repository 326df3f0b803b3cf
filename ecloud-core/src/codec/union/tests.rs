//! Unions as the generator writes them.

use proptest::prelude::*;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::*;
use crate::sensitive::{InRequest, kind::Name};
use crate::{Nullable, Sensitive};

/// A union without a tag; a container may hold others of it.
#[derive(Debug, PartialEq)]
enum Content {
    Reference(Box<Reference>),
    Container(Box<Container>),
    Text(String),
    Count(i64),
    Parts(Vec<Content>),
    Unknown(Value),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reference {
    id: i64,
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    label: Nullable<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Container {
    inner: Content,
    size: i64,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const SHAPES: &[Shape] = &[
            Shape::object(&["id", "label"]).required(&["id"]),
            Shape::object(&["inner", "size"]).required(&["inner", "size"]),
            Shape::TEXT,
            Shape::INTEGER,
            Shape::LIST,
        ];
        let value = Value::deserialize(deserializer)?;
        let read = choose(&value, SHAPES, |index| match index {
            0 => read(&value).map(Self::Reference),
            1 => read(&value).map(Self::Container),
            2 => read(&value).map(Self::Text),
            3 => read(&value).map(Self::Count),
            4 => read(&value).map(Self::Parts),
            _ => None,
        });
        Ok(read.unwrap_or(Self::Unknown(value)))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Reference(value) => value.serialize(serializer),
            Self::Container(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Count(value) => value.serialize(serializer),
            Self::Parts(value) => value.serialize(serializer),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

/// A union with a tag that its types don't have as a field, or have beside it.
#[derive(Debug, PartialEq)]
enum Action {
    AddCountry(Country),
    Rename(Renaming),
    Unknown(Value),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Country {
    country: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Renaming {
    action: String,
    name: Sensitive<Name>,
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = match tag(&value, "action") {
            Some("addCountry") => read(&value).map(Self::AddCountry),
            Some("rename" | "renameAll") => read(&value).map(Self::Rename),
            _ => None,
        };
        Ok(read.unwrap_or(Self::Unknown(value)))
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AddCountry(value) => tagged(serializer, "action", "addCountry", value),
            Self::Rename(value) => tagged_among(serializer, "action", &["rename", "renameAll"], value),
            Self::Unknown(value) => value.serialize(serializer),
        }
    }
}

fn action(text: &str) -> Action {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_tag_is_written_once_whether_the_type_has_it_or_not() {
    for text in [
        r#"{"action":"addCountry","country":"DE"}"#,
        r#"{"action":"rename","name":{"masked":"a*"}}"#,
        r#"{"action":"renameAll","name":{"masked":"a*"}}"#,
        r#"{"action":"unheardOf","x":[1,null]}"#,
        r#"{"action":"addCountry","country":null}"#,
        r#"{"action":7}"#,
        "[1]",
        "null",
    ] {
        assert_eq!(serde_json::to_string(&action(text)).unwrap(), text);
    }
    let text = r#"{"action":"","name":{"masked":"a*"}}"#;
    let written = serde_json::to_string(&Action::Rename(serde_json::from_str(text).unwrap())).unwrap();
    assert_eq!(written, r#"{"action":"rename","name":{"masked":"a*"}}"#);
}

#[test]
fn a_variant_that_is_no_object_has_no_place_for_a_tag() {
    let written = tagged(serde_json::value::Serializer, "action", "addCountry", &1);
    assert_eq!(written.unwrap_err().to_string(), "a variant with a tag is an object");
}

#[test]
fn personal_fields_within_a_tagged_variant_know_that_they_are_sent() {
    let masked = action(r#"{"action":"rename","name":{"masked":"a*"}}"#);
    let sealed = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";
    let both = action(&format!(r#"{{"action":"rename","name":{{"masked":"a*","ciphertext":"{sealed}"}}}}"#));
    let _request = InRequest::enter();
    assert!(serde_json::to_string(&masked).is_err());
    let sent = serde_json::to_value(&both).unwrap();
    assert_eq!(sent, json!({"action": "rename", "name": {"ciphertext": sealed}}));
}

#[test]
fn variants_are_read_at_any_depth() {
    let text = r#"{"inner":[{"id":1,"label":null},"a",{"inner":2,"size":3},{"id":"x"}],"size":4}"#;
    let Content::Container(outer) = serde_json::from_str(text).unwrap() else { panic!("a container") };
    let Content::Parts(parts) = outer.inner else { panic!("parts") };
    assert!(matches!(&parts[0], Content::Reference(reference) if reference.label == Nullable::Null));
    assert!(matches!(&parts[1], Content::Text(_)));
    assert!(matches!(&parts[2], Content::Container(inner) if inner.inner == Content::Count(2)));
    assert_eq!(parts[3], Content::Unknown(json!({"id": "x"})));
}

/// A union each of whose variants reads the rest of the chain before it fails.
#[derive(Debug, PartialEq, Serialize)]
enum Chain {
    Long(Box<Link>),
    Short(Box<Link>),
    Unknown(Value),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    #[serde(rename = "a")]
    _next: Option<Chain>,
    #[serde(rename = "z")]
    _last: i64,
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const SHAPES: &[Shape] = &[Shape::object(&["a", "z"]), Shape::object(&["a", "z"])];
        let value = Value::deserialize(deserializer)?;
        let read = choose(&value, SHAPES, |index| match index {
            0 => read(&value).map(Self::Long),
            _ => read(&value).map(Self::Short),
        });
        Ok(read.unwrap_or(Self::Unknown(value)))
    }
}

#[test]
fn a_chain_in_which_nothing_fits_costs_no_more_than_its_share() {
    let links = 100;
    let text = format!("{}{}{}", r#"{"a":"#.repeat(links), "null", r#","z":"no"}"#.repeat(links));
    let kept: Chain = serde_json::from_str(&text).unwrap();
    let Chain::Unknown(value) = kept else { panic!("nothing fits") };
    assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());

    // What comes after it has its own share.
    let fits: Chain = serde_json::from_str(r#"{"a":{"a":null,"z":1},"z":2}"#).unwrap();
    assert!(matches!(fits, Chain::Long(_)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "addCountry|rename|[a-z]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let name = "id|label|inner|size|action|country|name|[a-z]{1,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner.clone(), 0..5).prop_map(|map| map.into_iter().collect()),
            (inner, any::<i64>()).prop_map(|(inner, size)| json!({"inner": inner, "size": size})),
        ]
    })
}

/// Whether what was written is what was read, but for properties that the type doesn't know.
fn is_kept(read: &Value, written: &Value) -> bool {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            let known = if written.contains_key("size") { ["inner", "size"] } else { ["id", "label"] };
            let is_told = |name: &String| written.contains_key(name) || !known.contains(&name.as_str());
            let was = |name: &String, value| read.get(name).is_some_and(|was| is_kept(was, value));
            read == written || read.keys().all(is_told) && written.iter().all(|(name, value)| was(name, value))
        }
        (Value::Array(read), Value::Array(written)) => {
            read.len() == written.len() && read.iter().zip(written).all(|(was, is)| is_kept(was, is))
        }
        _ => read == written,
    }
}

proptest! {
    #[test]
    fn whatever_the_json_it_is_read_and_nothing_of_it_is_lost(value in any_json()) {
        let content: Content = serde_json::from_value(value.clone()).unwrap();
        let written = serde_json::to_value(&content).unwrap();
        match &content {
            Content::Unknown(kept) => prop_assert_eq!(kept, &value),
            _ => prop_assert!(is_kept(&value, &written), "{} -> {}", value, written),
        }
        // What was written reads as the same again.
        prop_assert_eq!(serde_json::from_value::<Content>(written).unwrap(), content);
    }

    #[test]
    fn whatever_the_tag_nothing_is_lost(value in any_json(), tag in "addCountry|rename|renameAll|other") {
        let mut value = value;
        if let Value::Object(fields) = &mut value {
            fields.insert("action".to_owned(), tag.into());
        }
        let action: Action = serde_json::from_value(value.clone()).unwrap();
        let written = serde_json::to_value(&action).unwrap();
        match &action {
            Action::Unknown(_) => prop_assert_eq!(&written, &value),
            Action::AddCountry(country) => {
                prop_assert_eq!(&json!({"action": "addCountry", "country": country.country}), &written);
            }
            Action::Rename(_) => prop_assert_eq!(&written["action"], &value["action"]),
        }
        prop_assert_eq!(serde_json::from_value::<Action>(written).unwrap(), action);
    }
}
