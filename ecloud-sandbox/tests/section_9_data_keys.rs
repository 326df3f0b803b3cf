//! Protocol section 9: data keys, their rotation and grant, and `reveal`. The client of these tests has a cipher of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ecloud_sandbox::{Grant, Purchase, Tier};
use serde_json::{Value, json};
use support::Served;

fn seal(key: &Value, kind: &str, shop: &str, text: &str) -> Value {
    let id = key["key_id"].as_str().unwrap();
    let bytes: [u8; 32] = BASE64_STANDARD.decode(key["key"].as_str().unwrap()).unwrap().try_into().unwrap();
    let aad = format!("{id}|{kind}|{shop}");
    let payload = Payload { msg: text.as_bytes(), aad: aad.as_bytes() };
    let sealed = Aes256Gcm::new(&bytes.into()).encrypt(&Nonce::from([7; 12]), payload).unwrap();
    let whole = [vec![7; 12], sealed].concat();
    json!({"ciphertext": format!("~1~{id}~{}~", BASE64_URL_SAFE_NO_PAD.encode(whole))})
}

fn keys(served: &Served) -> Vec<Value> {
    served.get("/security/v1/data-keys").ok()["items"].as_array().unwrap().clone()
}

fn states(keys: &[Value]) -> Vec<&str> {
    keys.iter().map(|key| key["state"].as_str().unwrap()).collect()
}

fn address(key: &Value, shop: &str) -> Value {
    json!({
        "name": seal(key, "name", shop, "王小雨"), "phone": seal(key, "phone", shop, "13912345678"),
        "address": seal(key, "address", shop, "人民路1号"), "country": "CN", "province": "上海市", "city": "上海市",
        "uses": ["return"],
    })
}

fn reveal(served: &Served, items: Value) -> support::Response {
    served.post("/security/v1/reveal", json!({"purpose": "a test", "items": items}))
}

#[test]
fn one_key_is_active_and_those_before_it_stay_readable() {
    let served = Served::start();
    let first = keys(&served);
    assert_eq!(states(&first), ["active"]);
    let id = served.sandbox.rotate_data_key();
    let both = keys(&served);
    assert_eq!(states(&both), ["retired", "active"]);
    assert_eq!((&both[0]["key"], both[1]["key_id"].as_str()), (&first[0]["key"], Some(&*id)));
    for key in &both {
        let written = served.post("/logistics/v1/addresses", address(key, served.sandbox.shop_id()));
        assert_eq!(written.status, 201);
        assert_eq!(written.json()["phone"]["masked"], "139****5678");
        let shown = &written.json()["phone"]["ciphertext"];
        assert!(shown.as_str().unwrap().starts_with("~1~platform-1~"), "without the grant answers are the platform's");
    }
}

#[test]
fn a_key_seals_for_one_shop_and_one_application_only() {
    let served = Served::start();
    let key = &keys(&served)[0];
    assert_eq!(
        served.post("/logistics/v1/addresses", address(key, "shop-2")).refusal(),
        (400, "request.invalid".into())
    );
    served.sandbox.add_app("other-app", "other-secret", Tier::Standard);
    let token = served.sandbox.issue_token_to("other-app", Grant::new(served.sandbox.shop_id()));
    let body = address(key, served.sandbox.shop_id());
    let other = |method, path| served.request(method, path).app("other-app", "other-secret").token(&token);
    let refused = other("POST", "/logistics/v1/addresses").json(&body).send();
    assert_eq!(refused.refusal(), (400, "request.invalid".into()));
    let theirs = other("GET", "/security/v1/data-keys").send().ok()["items"][0].clone();
    assert_ne!((&theirs["key_id"], &theirs["key"]), (&key["key_id"], &key["key"]));
}

#[test]
fn with_the_grant_answers_are_sealed_with_the_active_key() {
    let served = Served::start();
    let order = |served: &Served| {
        let purchase = Purchase::new("S1000001-1", 1).receiver("王小雨", "13912345678", "人民路1号");
        let order_id = served.sandbox.buyer().buy(purchase).unwrap();
        served.get(&format!("/trade/v1/orders/{order_id}")).ok()
    };
    served.sandbox.grant_data_keys(true);
    let key = keys(&served)[0].clone();
    let sealed = order(&served)["receiver"]["phone"]["ciphertext"].as_str().unwrap().to_owned();
    let id = key["key_id"].as_str().unwrap();
    let inner = sealed.strip_prefix(&format!("~1~{id}~")).unwrap().strip_suffix('~').unwrap();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(inner).unwrap();
    let (nonce, message) = bytes.split_first_chunk::<12>().unwrap();
    let secret: [u8; 32] = BASE64_STANDARD.decode(key["key"].as_str().unwrap()).unwrap().try_into().unwrap();
    let aad = format!("{id}|phone|{}", served.sandbox.shop_id());
    let payload = Payload { msg: message, aad: aad.as_bytes() };
    let text = Aes256Gcm::new(&secret.into()).decrypt(&Nonce::from(*nonce), payload).unwrap();
    assert_eq!(text, b"13912345678");
    served.sandbox.grant_data_keys(false);
    let without = order(&served);
    assert!(without["receiver"]["phone"]["ciphertext"].as_str().unwrap().starts_with("~1~platform-1~"));
}

#[test]
fn a_reveal_answers_one_for_one_and_is_recorded_without_the_texts() {
    let served = Served::start();
    let purchase = Purchase::new("S1000001-1", 1).receiver("王小雨", "13912345678", "人民路1号");
    let order_id = served.sandbox.buyer().buy(purchase).unwrap();
    let receiver = served.get(&format!("/trade/v1/orders/{order_id}")).ok()["receiver"].clone();
    let phone = &receiver["phone"]["ciphertext"];
    let items = json!([
        {"ciphertext": phone, "kind": "phone"},
        {"ciphertext": phone, "kind": "name"},
        {"ciphertext": receiver["name"]["ciphertext"], "kind": "name"},
        {"ciphertext": "13912345678", "kind": "phone"},
    ]);
    let answer = reveal(&served, items).ok();
    assert_eq!(
        (&answer["items"][0]["plaintext"], &answer["items"][2]["plaintext"]),
        (&json!("13912345678"), &json!("王小雨"))
    );
    for refused in [1, 3] {
        assert_eq!(answer["items"][refused]["error"]["code"], "security.ciphertext_refused");
    }
    let reveals = served.sandbox.reveals();
    assert_eq!(reveals.len(), 1);
    let opened: Vec<bool> = reveals[0].fields.iter().map(|(_, opened)| *opened).collect();
    assert_eq!((&*reveals[0].purpose, &*opened), ("a test", &[true, false, true, false][..]));
    assert!(!format!("{reveals:?}{:?}", served.sandbox.received()).contains("王小雨"));
}

#[test]
fn a_reveal_needs_a_purpose_one_to_a_hundred_fields_and_its_scope() {
    let served = Served::with(|builder| builder.tier(Tier::Strategic));
    let item = json!({"ciphertext": "~1~k~AAAA~", "kind": "phone"});
    assert_eq!(reveal(&served, json!([])).refusal(), (400, "request.invalid".into()));
    assert_eq!(reveal(&served, json!(vec![item.clone(); 101])).refusal(), (400, "request.invalid".into()));
    assert_eq!(reveal(&served, json!([{"ciphertext": "a", "kind": "age"}])).refusal(), (400, "request.invalid".into()));
    for purpose in ["", "  "] {
        let body = json!({"purpose": purpose, "items": [item]});
        assert_eq!(served.post("/security/v1/reveal", body).refusal(), (400, "request.invalid".into()));
    }
    let token = served.sandbox.issue_token(Grant::new(served.sandbox.shop_id()).scopes(["trade:read"]));
    let body = json!({"purpose": "a test", "items": [item]});
    let denied = served.request("POST", "/security/v1/reveal").json(&body).token(&token).send();
    assert_eq!(denied.refusal(), (403, "auth.scope_denied".into()));
    let denied = served.request("GET", "/security/v1/data-keys").token(&token).send();
    assert_eq!(denied.refusal(), (403, "auth.scope_denied".into()));
    assert!(served.sandbox.reveals().is_empty());
}
