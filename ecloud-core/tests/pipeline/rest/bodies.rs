//! Bodies of one piece: JSON under other names, forms in one line, text, bytes.

use bytes::Bytes;
use ecloud_core::sensitive::kind::Phone;
use ecloud_core::{FormStyle, Sensitive};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{WRITE, expected, refusal, sent, text};

/// The form that arrived, as the `url` crate reads it.
async fn form(value: &impl Serialize, styles: &[(&str, FormStyle)]) -> Vec<(String, String)> {
    let request = sent(WRITE, |request| request.set_form(value, styles)).await;
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    form_urlencoded::parse(request.body()).into_owned().collect()
}

#[tokio::test]
async fn plain_properties_are_pairs_and_null_is_none() {
    let value = json!({"amount": 1999, "note": "a b&c=d+é", "express": true, "coupon": null});
    assert_eq!(form(&value, &[]).await, expected([("amount", "1999"), ("express", "true"), ("note", "a b&c=d+é")]));
    let request = sent(WRITE, |request| request.set_form(&json!({"note": "a b+c"}), &[])).await;
    assert_eq!(text(&request), "note=a+b%2Bc");
}

#[tokio::test]
async fn lists_repeat_their_name_and_objects_are_named_by_their_way() {
    let value = json!({"expand": ["a", "b"], "address": {"city": "Berlin", "lines": ["x", "y"], "zip": null},
        "items": [{"id": 1}, {"id": 2}]});
    let pairs = expected([
        ("address[city]", "Berlin"),
        ("address[lines][0]", "x"),
        ("address[lines][1]", "y"),
        ("expand", "a"),
        ("expand", "b"),
        ("items[0][id]", "1"),
        ("items[1][id]", "2"),
    ]);
    assert_eq!(form(&value, &[]).await, pairs);
}

#[tokio::test]
async fn a_style_by_property_is_obeyed() {
    let list = json!({"id": ["a", null, "b,c"], "other": [1, 2]});
    for (style, of_id) in [
        (FormStyle::Repeat, vec![("id", "a"), ("id", "b,c")]),
        (FormStyle::Brackets, vec![("id[]", "a"), ("id[]", "b,c")]),
        (FormStyle::Indexed, vec![("id[0]", "a"), ("id[2]", "b,c")]),
        (FormStyle::Deep, vec![("id[0]", "a"), ("id[2]", "b,c")]),
        (FormStyle::Comma, vec![("id", "a,b,c")]),
        (FormStyle::Space, vec![("id", "a b,c")]),
        (FormStyle::Pipe, vec![("id", "a|b,c")]),
        (FormStyle::Json, vec![("id", r#"["a",null,"b,c"]"#)]),
    ] {
        let mut wanted: Vec<_> = of_id.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        wanted.extend(expected([("other", "1"), ("other", "2")]));
        assert_eq!(form(&list, &[("id", style)]).await, wanted, "{style:?}");
    }
}

#[tokio::test]
async fn a_style_holds_for_objects_and_lists_of_them_too() {
    let value = json!({"size": {"h": 4, "w": 3}, "lines": [{"id": 1}], "none": []});
    let pairs = form(&value, &[("size", FormStyle::Comma), ("lines", FormStyle::Brackets), ("none", FormStyle::Comma)]);
    assert_eq!(pairs.await, expected([("lines[][id]", "1"), ("size", "h,4,w,3")]));
    let pairs = form(&value, &[("size", FormStyle::Json), ("lines", FormStyle::Json)]).await;
    assert_eq!(pairs, expected([("lines", r#"[{"id":1}]"#), ("size", r#"{"h":4,"w":3}"#)]));
}

#[tokio::test]
async fn a_form_of_something_else_than_an_object_is_refused() {
    for value in [json!([1]), json!("a=b"), json!(null)] {
        assert!(refusal(WRITE, |request| request.set_form(&value, &[])).await.message().contains("made of an object"));
    }
}

const SEALED: &str = "~1~k1~fkevFY6dtU_F5JAp3EqkEAZfyekqW4FICWJ6-7-122rZc_8BIA61~";

#[derive(Serialize)]
struct Buyer {
    phone: Sensitive<Phone>,
}

#[tokio::test]
async fn personal_fields_go_into_forms_as_ciphertext_and_never_as_a_mere_mask() {
    let phone = serde_json::from_value(json!({"masked": "138****8000", "ciphertext": SEALED})).unwrap();
    assert_eq!(form(&Buyer { phone }, &[]).await, expected([("phone[ciphertext]", SEALED)]));
    let masked = Buyer { phone: serde_json::from_value(json!({"masked": "138****8000"})).unwrap() };
    let error = refusal(WRITE, |request| request.set_form(&masked, &[])).await;
    assert!(error.message().contains("a masked phone can't be sent") && !error.message().contains("138"), "{error}");
    refusal(WRITE, |request| request.set_json_as("application/vnd.api+json", &masked)).await;
}

#[tokio::test]
async fn json_text_and_bytes_go_under_the_media_type_that_they_have() {
    let request = sent(WRITE, |request| request.set_json_as("application/vnd.api+json", &json!({"data": 1}))).await;
    assert_eq!(request.headers()["content-type"], "application/vnd.api+json");
    assert_eq!(serde_json::from_slice::<Value>(request.body()).unwrap(), json!({"data": 1}));

    let request = sent(WRITE, |request| request.set_text("text/plain; charset=utf-8", "张 1")).await;
    assert_eq!(
        (&*text(&request), &request.headers()["content-type"]),
        ("张 1", &"text/plain; charset=utf-8".parse().unwrap())
    );

    let bytes = Bytes::from_static(b"\x00\xff\x89PNG");
    let request = sent(WRITE, |request| request.set_bytes("image/png", bytes.clone())).await;
    assert_eq!((request.body(), &request.headers()["content-type"]), (&bytes, &"image/png".parse().unwrap()));

    refusal(WRITE, |request| request.set_text("text/plain\r\nx-evil: 1", "x")).await;
}

#[tokio::test]
async fn a_read_may_have_a_body() {
    let request = sent(super::READ, |request| {
        request.set_path("id", &1);
        request.set_json(&json!({"query": "x"}));
    })
    .await;
    assert_eq!(text(&request), r#"{"query":"x"}"#);
}
