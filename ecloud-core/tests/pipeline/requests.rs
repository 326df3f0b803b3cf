//! What is refused before it is sent.

use crate::platform::Platform;
use ecloud_core::dialect::Rest;
use ecloud_core::sensitive::kind::Phone;
use ecloud_core::transport::MemoryTransport;
use ecloud_core::{Call, Client, ErrorKind, Method, OperationInfo, Request, Sensitive};
use serde_json::Value;

async fn refusal(request: impl FnOnce(Request) -> Request) -> String {
    let platform = Platform::new([]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error =
        request(shop.request(Method::POST, "/trade/v1/orders/{order_id}/close")).send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    assert_eq!(platform.seen().len(), 0);
    error.to_string()
}

#[tokio::test]
async fn path_parameters_that_would_lead_elsewhere_are_refused() {
    for value in ["", ".", ".."] {
        assert!(refusal(|request| request.path("order_id", value)).await.contains("`order_id` is empty, `.` or `..`"));
    }
    assert!(refusal(|request| request).await.contains("the path parameter `order_id` has no value"));
    assert!(refusal(|request| request.path("order_id", "T1").path("shop", "s")).await.contains("no parameter `shop`"));
}

#[tokio::test]
async fn literal_paths_that_can_be_read_in_two_ways_are_refused() {
    let platform = Platform::new([]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for path in ["trade", "/trade//v1", "/trade/", "/a/%2e%2E/b", "/a/../b", "/a b", "/张", "/a?b=c", "/a#b"] {
        let error = shop.request(Method::GET, path).send::<Value>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
    assert_eq!(platform.seen().len(), 0);
}

#[tokio::test]
async fn parameters_arrive_as_they_are_whatever_they_hold() {
    let platform = Platform::new([]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    for value in ["T1", "a/b", "a b+c&d=e%2f", "张伟 🏠", "...", "%2e%2e", "\u{1f}", "'\"#?;:@"] {
        let request =
            shop.request(Method::GET, "/trade/v1/orders/{order_id}").path("order_id", value).query("keyword", value);
        // The platform of these tests verifies each signature by itself.
        if value.chars().any(char::is_control) {
            continue;
        }
        request.send::<Value>().await.unwrap();
    }
    assert_eq!(platform.seen()[1].target, "/trade/v1/orders/a%2Fb?keyword=a%2Fb");
}

#[tokio::test]
async fn headers_of_the_protocol_can_not_be_set_by_hand() {
    for name in ["x-ecloud-tag", "X-Ecloud-Nonce", "authorization", "idempotency-key", "host", "content-length"] {
        assert!(
            refusal(|request| request.path("order_id", "T1").header(name, "x")).await.contains("is set by the client")
        );
    }
    assert!(refusal(|request| request.path("order_id", "T1").header("x y", "z")).await.contains("not of the form"));
}

#[tokio::test]
async fn keys_and_tags_of_another_form_are_refused() {
    assert!(
        refusal(|request| request.path("order_id", "T1").with_idempotency_key("a b")).await.contains("idempotency key")
    );
    assert!(refusal(|request| request.path("order_id", "T1").with_tag("")).await.contains("the tag"));
}

#[tokio::test]
async fn a_mere_mask_is_refused_without_being_shown() {
    let phone: Sensitive<Phone> = serde_json::from_str(r#"{"masked":"138****8000"}"#).unwrap();
    let said = refusal(|request| request.path("order_id", "T1").json(&serde_json::json!(null)).json(&phone)).await;
    assert!(said.contains("a masked phone can't be sent") && !said.contains("138"), "{said}");
}

#[tokio::test]
async fn an_operation_of_a_shop_needs_a_token_and_a_token_has_no_line_breaks() {
    const INFO: &OperationInfo = &OperationInfo::new("trade.orders.get", Method::GET, "/trade/v1/orders");
    let platform = Platform::new([]);
    let transport = || MemoryTransport::new(|_| Ok(http::Response::default()));
    let client =
        Client::builder().endpoint("https://open.example.com").app("k", "s").transport(transport()).build().unwrap();
    let error = Call::new(&client.for_shop("shop-1")).request(INFO).send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().starts_with("trade.orders.get: no access token"), "{error}");

    let broken = platform.client().build().unwrap().for_shop("shop-1").access_token("planted\ntoken");
    let error = Call::new(&broken).request(INFO).send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(!format!("{error:?}").contains("planted"), "{error}");
    assert_eq!(platform.seen().len(), 0);
}

#[test]
fn a_configuration_that_can_not_work_names_its_setting() {
    let base = || Client::builder().endpoint("https://open.example.com").app("app-1", "planted-secret");
    for (builder, named) in [
        (Client::builder().app("app-1", "s"), "endpoint"),
        (base().endpoint("open.example.com"), "endpoint"),
        (base().endpoint("http://open.example.com"), "endpoint"),
        (Client::builder().endpoint("https://open.example.com"), "app"),
        (base().app("", "planted-secret"), "app key"),
        (base().app("app 1", "planted-secret"), "app key"),
        (base().app("app-1", ""), "app secret"),
        (base().app("app-1", "planted-secret\n"), "app secret"),
        (base().access_token("planted secret"), "access token"),
        (base().timeout(std::time::Duration::ZERO), "call timeout"),
        (base().response_limit(0), "response limit"),
        (base().dialect(Rest::new()), "app"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{named}");
        assert!(error.to_string().starts_with(named), "{named}: {error}");
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }
}

#[tokio::test]
async fn a_plain_rest_platform_gets_its_credential_and_no_signature() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let transport = {
        let seen = seen.clone();
        MemoryTransport::new(move |request| {
            seen.lock().unwrap().push(request.headers().clone());
            let answer = http::Response::builder().header("content-type", "application/json");
            Ok(answer.status(if request.method() == Method::POST { 503 } else { 200 }).body("{}".into()).unwrap())
        })
    };
    let client = Client::builder()
        .endpoint("https://api.example.com/v2")
        .dialect(Rest::api_key("x-api-key", "planted-key").unwrap())
        .transport(transport)
        .build()
        .unwrap();
    let shop = client.for_shop("shop-1").access_token("planted-token");
    shop.request(Method::GET, "/things").send::<Value>().await.unwrap();
    let error = shop.request(Method::POST, "/things").send::<Value>().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts().len()),
        (ErrorKind::Unavailable, 1),
        "a write is not sent twice by itself"
    );
    let seen = seen.lock().unwrap();
    assert_eq!(
        (&seen[0]["x-api-key"], &seen[0]["authorization"]),
        (&"planted-key".parse().unwrap(), &"Bearer planted-token".parse().unwrap())
    );
    assert!(!seen[0].keys().any(|name| name.as_str().starts_with("x-ecloud-")));
    assert!(!format!("{client:?} {shop:?} {error:?}").contains("planted"), "{client:?}");
}
