//! What is written, what is read, what is refused, and that no text does harm.

mod hostile;
mod reading;
mod refused;
mod writing;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sensitive::Sensitive;
use crate::sensitive::kind::Phone;
use crate::types::OrderId;
use crate::{Money, Nullable, Timestamp};

/// An order with one property of each shape, as generated code has them but for the derive, whose code names this crate from outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    id: OrderIdOrEmpty,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    total: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Sensitive<Phone>>,
    #[serde(default, skip_serializing_if = "Nullable::is_absent")]
    memo: Nullable<String>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct OrderIdOrEmpty(Option<OrderId>);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    quantity: u32,
    #[serde(default)]
    gift: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weight: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Normal,
    PreOrder,
}

fn order() -> Order {
    Order { id: OrderIdOrEmpty(Some("T1".into())), ..Order::default() }
}

/// A document without its declaration.
fn written<T: Serialize>(value: &T) -> String {
    let text = super::to_string(value).expect("it can be carried");
    text.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?>"#).expect("a declaration").to_owned()
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    super::from_str(text).expect("it is of the shape")
}

/// Why a text is refused as an order.
fn refusal(text: &str) -> String {
    refusal_as::<Order>(text)
}

fn refusal_as<T: DeserializeOwned>(text: &str) -> String {
    match super::from_str::<T>(text) {
        Ok(_) => panic!("taken: {text}"),
        Err(error) => error.message().strip_prefix("not the XML expected: ").expect("what was expected").to_owned(),
    }
}

/// Why a value can't be written.
fn unwritable<T: Serialize>(value: &T) -> String {
    let error = super::to_string(value).expect_err("it can't be carried");
    error.message().strip_prefix("XML can't carry it: ").expect("who can't").to_owned()
}
