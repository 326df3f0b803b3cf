//! What a server may send, and what the caller is told of it.

use crate::platform::{Platform, Step};
use ecloud_core::{Error, ErrorKind, Method};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Order {
    #[expect(dead_code, reason = "only read")]
    total: u64,
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json"), ("x-ecloud-request-id", "r-7")];

async fn refusal(headers: &'static [(&'static str, &'static str)], body: &'static str) -> Error {
    let platform = Platform::new([Step::Answer(200, headers, body)]);
    let shop = platform.client().response_limit(1000).build().unwrap().for_shop("shop-1");
    shop.request(Method::GET, "/trade/v1/orders/T1").send::<Order>().await.unwrap_err()
}

#[tokio::test]
async fn an_answer_of_another_shape_is_named_by_its_path() {
    let error = refusal(JSON, r#"{"total":"13800138000","name":"张伟"}"#).await;
    assert_eq!(
        (error.kind(), error.status(), error.request_id()),
        (ErrorKind::InvalidResponse, Some(200), Some("r-7"))
    );
    let said = format!("{error} {error:?}");
    assert!(said.contains("another shape at `total`") && said.contains("GET /trade/v1/orders/T1"), "{said}");
    assert!(!said.contains("13800138000") && !said.contains("张伟"), "{said}");
}

#[tokio::test]
async fn what_is_not_json_says_what_it_is() {
    assert!(refusal(JSON, r#"{"total":"#).await.message().contains("not JSON: it ends too early at byte 9"));
    assert!(refusal(JSON, "").await.message().contains("another shape"));
    let html = refusal(&[("content-type", "text/html; charset=utf-8")], "<h1>Welcome</h1>").await;
    assert!(html.message().contains("`text/html; charset=utf-8` where JSON was asked for"), "{html}");
    assert!(html.message().contains("Welcome"), "{html}");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let body: &'static str = Box::leak("x".repeat(1001).into_boxed_str());
    let error = refusal(JSON, body).await;
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    assert!(error.message().contains("1000 bytes"), "{error}");
}

#[tokio::test]
async fn a_platforms_error_is_told_with_code_fields_and_request_id() {
    let body = r#"{"error":{"code":"request.invalid","message":"see the details","request_id":"r-9",
        "details":[{"field":"items[0].quantity","reason":"must be at least 1"}]}}"#;
    let platform = Platform::new([Step::Answer(400, &[], body)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/trade/v1/orders/T1").send::<Order>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /trade/v1/orders/T1: request.invalid: see the details (status 400, request id r-9)"
    );
    assert_eq!((&*error.details()[0].field, &*error.details()[0].reason), ("items[0].quantity", "must be at least 1"));
}

#[tokio::test]
async fn a_member_of_another_type_costs_the_error_no_other_member() {
    let body = r#"{"error":{"code":"request.invalid","message":5,"request_id":["r-9"],
        "details":[7,{"field":"a","reason":null},{"reason":"b"},{"field":"items[0]","reason":"must be there"}]}}"#;
    let platform = Platform::new([Step::Answer(400, &[("x-ecloud-request-id", "r-1")], body)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/trade/v1/orders/T1").send::<Order>().await.unwrap_err();
    assert_eq!((error.code(), error.request_id()), (Some("request.invalid"), Some("r-1")));
    let details: Vec<_> = error.details().iter().map(|detail| (&*detail.field, &*detail.reason)).collect();
    assert_eq!(details, [("a", ""), ("items[0]", "must be there")]);
}

#[tokio::test]
async fn a_wrong_signature_shows_where_the_two_strings_part() {
    let body = r#"{"error":{"code":"auth.signature_mismatch","message":"not the one",
        "expected":{"string_to_sign":"GET|/trade/v1/orders/T2|1795336200|:authorization=sha256:0123456789abcdef"}}}"#;
    let platform = Platform::new([Step::Answer(401, &[], body)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/trade/v1/orders/T1").send::<Order>().await.unwrap_err();
    assert_eq!(error.message(), "not the one; the strings to sign part at the path: the signature's trace shows it");
    let (said, trace) = (error.to_string(), error.signature_trace().unwrap());
    let said = format!("{said} {error:?} {trace} {trace:?}");
    assert!(!said.contains(crate::platform::TOKEN) && !said.contains(crate::platform::SECRET), "{said}");
}

#[tokio::test]
async fn headers_and_metadata_come_with_the_answer() {
    const HEADERS: &[(&str, &str)] = &[
        ("content-type", "application/json"),
        ("x-ecloud-request-id", "r-1"),
        ("x-ecloud-quota-group", "trade.orders"),
        ("x-ecloud-quota-remaining", "39"),
        ("x-ecloud-quota-capacity", "40"),
        ("x-ecloud-idempotent-replay", "true"),
    ];
    let platform = Platform::new([crate::platform::status(503), Step::Answer(200, HEADERS, r#"{"total":1}"#)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let answer = shop.request(Method::GET, "/trade/v1/orders/T1").send_with_meta::<Order>().await.unwrap();
    let meta = answer.meta;
    assert_eq!((meta.status(), meta.request_id(), meta.attempts()), (200, Some("r-1"), 2));
    let quota = meta.quota().unwrap();
    assert_eq!((quota.group, quota.remaining, quota.capacity), ("trade.orders", 39, 40));
    assert!(meta.is_idempotent_replay());
    assert_eq!(meta.elapsed(), platform.clock.slept());
}
