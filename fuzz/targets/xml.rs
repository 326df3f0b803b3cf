//! XML from anywhere: nothing panics, and what is read comes back when it is written and read again.

#![no_main]

use std::collections::BTreeMap;

use ecloud_core::codec::xml;
use ecloud_trade::orders::{Order, OrderPage};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};

/// One of everything that a model can have, under names that a fuzzer finds soon.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct A {
    #[serde(default)]
    t: String,
    n: Option<i64>,
    f: Option<f64>,
    b: Option<bool>,
    l: Vec<String>,
    o: Option<Box<A>>,
    a: Option<Vec<B>>,
    m: Option<BTreeMap<String, B>>,
    e: Option<E>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct B {
    x: String,
    l: Vec<A>,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum E {
    Paid,
    Shipped,
}

fuzz_target!(|text: &str| {
    comes_back::<A>(text);
    comes_back::<Order>(text);
    comes_back::<OrderPage>(text);
});

fn comes_back<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    let Ok(read) = xml::from_str::<T>(text) else { return };
    let written = xml::to_string(&read).expect("what was read can be written");
    let again = xml::from_str::<T>(&written).expect("what was written can be read");
    assert_eq!(read, again, "{written}");
}
