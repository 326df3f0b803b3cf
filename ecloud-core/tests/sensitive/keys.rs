//! Data keys, and what they do to requests.

use std::time::Duration;

use ecloud_core::sensitive::SensitiveState;
use ecloud_core::sensitive::kind::{Name, Phone};
use ecloud_core::{ErrorKind, Method, Sensitive, Shop};
use serde_json::Value;

use crate::platform::{KEYS, Platform, key_id, open};

/// A body, written when the request is.
#[derive(serde::Serialize)]
struct Receiver<'a> {
    name: &'a Sensitive<Name>,
    phone: &'a Sensitive<Phone>,
}

async fn send(shop: &Shop, receiver: &Receiver<'_>) -> Result<Value, ecloud_core::Error> {
    shop.request(Method::POST, "/logistics/v1/addresses").json(receiver).send().await
}

#[tokio::test]
async fn a_plain_field_leaves_encrypted_for_its_kind_and_shop() {
    let platform = Platform::new();
    let shop = platform.shop();
    shop.data_keys().load().await.unwrap();
    let (name, phone) = (Sensitive::plain("张伟"), Sensitive::plain("13800138000"));
    send(&shop, &Receiver { name: &name, phone: &phone }).await.unwrap();

    let sent = &platform.bodies()[0];
    assert!(!sent.to_string().contains("13800138000") && !sent.to_string().contains("张伟"), "{sent}");
    assert_eq!(sent["phone"].as_object().unwrap().len(), 1, "ciphertext and nothing else");
    assert_eq!(open::<Name>(0, "shop-1", &sent["name"]["ciphertext"]).expose(), "张伟");
    assert_eq!(open::<Phone>(0, "shop-1", &sent["phone"]["ciphertext"]).expose(), "13800138000");
    assert!(serde_json::to_string(&phone).is_err(), "elsewhere it isn't written at all");
}

#[tokio::test]
async fn without_keys_or_a_shops_name_nothing_leaves_and_the_error_says_what_to_do() {
    let platform = Platform::new();
    let client = platform.client();
    let receiver = Receiver { name: &Sensitive::plain("张伟"), phone: &Sensitive::plain("13800138000") };
    let no_keys = send(&client.for_shop("shop-1"), &receiver).await.unwrap_err();
    assert!(no_keys.message().contains("data_keys().load()"), "{no_keys}");
    client.for_shop("shop-1").data_keys().load().await.unwrap();
    let no_name = send(&Shop::from(&client), &receiver).await.unwrap_err();
    assert!(no_name.message().contains("client.for_shop(id)"), "{no_name}");
    for error in [no_keys, no_name] {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(!format!("{error:?}{error}").contains("13800138000"));
    }
    assert!(platform.bodies().is_empty());
}

#[tokio::test]
async fn keys_that_one_shop_has_loaded_serve_all_shops_of_the_client() {
    let platform = Platform::new();
    let client = platform.client();
    client.for_shop("shop-1").data_keys().load().await.unwrap();
    let receiver = Receiver { name: &Sensitive::plain("张伟"), phone: &Sensitive::plain("1") };
    send(&client.for_shop("shop-2"), &receiver).await.unwrap();
    assert_eq!(open::<Name>(0, "shop-2", &platform.bodies()[0]["name"]["ciphertext"]).expose(), "张伟");
    assert_eq!(platform.fetches(), 1);
}

#[tokio::test]
async fn a_value_that_is_sent_again_is_the_same_to_the_byte_but_for_another_shop() {
    let platform = Platform::new();
    let client = platform.client();
    let shop = client.for_shop("shop-1");
    shop.data_keys().load().await.unwrap();
    let (name, phone) = (Sensitive::plain("张伟"), Sensitive::plain("13800138000"));
    let receiver = Receiver { name: &name.clone(), phone: &phone.clone() };
    send(&shop, &receiver).await.unwrap();
    platform.rotate();
    shop.data_keys().refresh().await.unwrap();
    send(&shop, &Receiver { name: &name, phone: &phone }).await.unwrap();
    send(&client.for_shop("shop-2"), &receiver).await.unwrap();

    let sent = platform.bodies();
    assert_eq!(sent[0], sent[1], "a write repeated under its key is the same request");
    assert_eq!(open::<Name>(1, "shop-2", &sent[2]["name"]["ciphertext"]).expose(), "张伟");
}

#[tokio::test]
async fn after_a_rotation_new_texts_are_sealed_with_the_new_key() {
    let platform = Platform::new();
    let shop = platform.shop();
    let keys = shop.data_keys();
    assert!(!keys.is_loaded() && keys.active_key_id().is_none());
    keys.load().await.unwrap();
    platform.rotate();
    keys.load().await.unwrap();
    assert_eq!(keys.active_key_id(), Some(key_id(0)), "fresh keys aren't fetched again");
    platform.clock.advance(Duration::from_secs(3601));
    keys.load().await.unwrap();
    assert_eq!((keys.active_key_id(), platform.fetches()), (Some(key_id(1)), 2));
    let phone = keys.seal(&Sensitive::<Phone>::plain("13800138000")).unwrap();
    assert!(phone.ciphertext().unwrap().starts_with("~1~app-2~"));
}

#[tokio::test]
async fn keys_that_cannot_be_renewed_go_on_being_used() {
    let platform = Platform::new();
    let keys = platform.shop().data_keys();
    keys.load().await.unwrap();
    platform.clock.advance(Duration::from_secs(3601));
    platform.answer_instead(503, "");
    keys.load().await.unwrap();
    assert_eq!(keys.refresh().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(keys.active_key_id(), Some(key_id(0)));
}

#[tokio::test]
async fn a_thousand_callers_fetch_once_whatever_comes_of_it() {
    let platform = Platform::new();
    let shop = platform.shop();
    let all = |count: usize| {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let keys = shop.data_keys();
                tokio::spawn(async move { keys.load().await })
            })
            .collect();
        async move {
            let mut outcomes = Vec::new();
            for task in tasks {
                outcomes.push(task.await.unwrap());
            }
            outcomes
        }
    };
    platform.answer_instead(403, r#"{"error":{"code":"auth.scope_denied","message":"no","request_id":"r"}}"#);
    let held = shop.data_keys();
    let outcomes = all(1000).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap_err().kind() == ErrorKind::Denied));
    assert!(!held.is_loaded());
    let failed = platform.fetches();
    assert_eq!(failed, 1, "a refusal is shared, too");
    platform.recover();
    assert!(all(1000).await.iter().all(Result::is_ok));
    assert_eq!(platform.fetches() - failed, 1);
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_refused_and_not_shown() {
    let platform = Platform::new();
    let keys = platform.shop().data_keys();
    for body in [
        format!(r#"{{"items":[{{"key_id":"k1","key":"{}","state":"active"}}]}}"#, &KEYS[0][..20]),
        format!(r#"{{"items":[{{"key_id":"k1","key":"{}","state":"retired"}}]}}"#, KEYS[0]),
        format!(r#"["{}"]"#, KEYS[0]),
        String::new(),
    ] {
        platform.answer_instead(200, &body);
        let error = keys.load().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(!format!("{error:?}{error}{keys:?}").contains(&KEYS[0][..8]), "{error:?}");
    }
}

#[tokio::test]
async fn a_sealed_field_can_be_stored_and_sent_later() {
    let platform = Platform::new();
    let keys = platform.shop().data_keys();
    let plain = Sensitive::<Phone>::plain("13800138000");
    assert_eq!(keys.seal(&plain).unwrap_err().kind(), ErrorKind::InvalidRequest);
    keys.load().await.unwrap();
    let sealed = keys.seal(&plain).unwrap();
    assert_eq!((sealed.state(), sealed.masked()), (SensitiveState::Encrypted, Some("138****8000")));
    let stored = serde_json::to_value(&sealed).unwrap();
    assert_eq!(open::<Phone>(0, "shop-1", &stored["ciphertext"]).expose(), "13800138000");
    let read: Sensitive<Phone> = serde_json::from_value(stored).unwrap();
    assert_eq!(keys.seal(&read).unwrap(), sealed, "what is sealed stays as it is");
}
