//! Protocol section 9: personal fields are sealed in answers, and only sealed ones are taken.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use ecloud_sandbox::{Grant, Purchase};
use serde_json::{Value, json};
use support::Served;

fn paid_order(served: &Served) -> Value {
    let purchase = Purchase::new("S1000001-1", 1).receiver("王小雨", "13912345678", "人民路1号");
    let order_id = served.sandbox.buyer().buy(purchase).unwrap();
    served.get(&format!("/trade/v1/orders/{order_id}")).ok()
}

fn receiver_input(order: &Value) -> Value {
    let sealed = |field: &str| json!({"ciphertext": order["receiver"][field]["ciphertext"]});
    json!({
        "version": order["version"], "name": sealed("name"), "phone": sealed("phone"), "address": sealed("address"),
        "country": "CN", "province": "上海市", "city": "上海市",
    })
}

#[test]
fn answers_show_a_mask_and_a_ciphertext_and_never_the_text() {
    let served = Served::start();
    let order = paid_order(&served);
    assert_eq!(order["receiver"]["phone"]["masked"], "139****5678");
    assert_eq!(order["receiver"]["name"]["masked"], "王*");
    assert!(order["receiver"]["address"]["ciphertext"].as_str().unwrap().starts_with("~1~platform-1~"));
    let text = order.to_string();
    assert!(["王小雨", "13912345678", "人民路1号"].iter().all(|secret| !text.contains(secret)));
}

#[test]
fn a_ciphertext_from_an_answer_may_be_sent_back() {
    let served = Served::start();
    let order = paid_order(&served);
    let path = format!("/trade/v1/orders/{}/receiver", order["order_id"].as_str().unwrap());
    let changed = served.write("PUT", &path, receiver_input(&order)).ok();
    assert_eq!(changed["receiver"]["phone"]["masked"], "139****5678");
    assert_eq!(changed["receiver"]["city"], "上海市");
    assert_eq!(changed["version"].as_i64().unwrap(), order["version"].as_i64().unwrap() + 1);
}

#[test]
fn clear_and_masked_text_are_refused() {
    let served = Served::start();
    let order = paid_order(&served);
    let path = format!("/trade/v1/orders/{}/receiver", order["order_id"].as_str().unwrap());
    let phone = &order["receiver"]["phone"];
    for bad in [
        json!("13912345678"),
        json!("139****5678"),
        json!({"masked": "139****5678"}),
        json!({"masked": "139****5678", "ciphertext": phone["ciphertext"]}),
        json!({"ciphertext": "13912345678"}),
        json!({"plaintext": "13912345678"}),
        json!(13_912_345_678_i64),
    ] {
        let mut input = receiver_input(&order);
        input["phone"] = bad.clone();
        let answer = served.write("PUT", &path, input);
        assert_eq!(answer.refusal(), (422, "security.plaintext_refused".into()), "{bad}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("13912345678"), "the answer repeats it");
    }
    let listed = format!("{:?}", served.sandbox.received());
    assert!(!listed.contains("13912345678"), "the list of received requests repeats it");
}

#[test]
fn a_ciphertext_opens_for_its_kind_and_shop_only() {
    let served = Served::start();
    let order = paid_order(&served);
    let path = format!("/trade/v1/orders/{}/receiver", order["order_id"].as_str().unwrap());
    let mut swapped = receiver_input(&order);
    swapped["name"] = json!({"ciphertext": order["receiver"]["phone"]["ciphertext"]});
    assert_eq!(served.write("PUT", &path, swapped).refusal(), (400, "request.invalid".into()));

    let mut altered = receiver_input(&order);
    let text = order["receiver"]["name"]["ciphertext"].as_str().unwrap().replace("~platform-1~", "~platform-2~");
    altered["name"] = json!({"ciphertext": text});
    assert_eq!(served.write("PUT", &path, altered).refusal(), (400, "request.invalid".into()));

    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let other =
        served.request("GET", "/trade/v1/orders?status=paid&limit=1").token(&token).send().ok()["items"][0].clone();
    let path = format!("/trade/v1/orders/{}/receiver", other["order_id"].as_str().unwrap());
    let mut input = receiver_input(&order);
    input["version"] = other["version"].clone();
    let answer = served.request("PUT", &path).json(&input).token(&token).send();
    assert_eq!(answer.refusal(), (400, "request.invalid".into()));
}
