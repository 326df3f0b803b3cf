//! What a strict replay says of a request that isn't the recorded one.

use super::*;

async fn recorded() -> Recording {
    let recording = Recording::default();
    let body = r#"{"items":[{"sku_id":"S1","quantity":2}],"receiver":{"phone":"13912345678"}}"#;
    ask(&recorder(&recording, "{}"), request("POST", "/orders?shop=1", body)).await.unwrap();
    recording
}

async fn refusal(recording: &Recording, request: Request<Body>) -> String {
    let replayer = recording.replayer().with_salt(SALT).unwrap();
    let error = ask(&replayer, request).await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "nothing was done");
    assert_eq!(replayer.unused().len(), recording.lines().len(), "the line is still to come");
    reason(&error)
}

#[tokio::test]
async fn another_method_path_or_query_is_told_with_what_was_expected() {
    let recording = recorded().await;
    for (method, target) in
        [("PUT", "/orders?shop=1"), ("POST", "/orders/x?shop=1"), ("POST", "/orders?shop=2"), ("POST", "/orders")]
    {
        let expected = format!("replay: line 1: POST /orders?shop=1 was expected, and {method} {target} came");
        assert_eq!(refusal(&recording, request(method, target, "")).await, expected);
    }
}

#[tokio::test]
async fn another_body_is_told_with_the_place() {
    let recording = recorded().await;
    for (body, expected) in [
        ("", "a body was recorded, and none came"),
        (
            r#"{"items":[{"sku_id":"S1","quantity":3}],"receiver":{"phone":"13912345678"}}"#,
            "the body differs at /items/0/quantity: 2 was expected, 3 came",
        ),
        (r#"{"items":[{"sku_id":"S1"}],"receiver":{"phone":"13912345678"}}"#, "the body lacks /items/0/quantity"),
        (r#"{"items":[],"receiver":{"phone":"13912345678"}}"#, "the body differs at /items: "),
        (
            r#"{"items":[{"sku_id":"S1","quantity":2}],"receiver":{"phone":"13912345678"},"gift":true}"#,
            "the body has a member that wasn't recorded: /gift",
        ),
        ("not JSON", "the body differs"),
    ] {
        let told = refusal(&recording, request("POST", "/orders?shop=1", body)).await;
        assert!(told.starts_with(&format!("replay: line 1: POST /orders?shop=1: {expected}")), "{told}");
    }
}

#[tokio::test]
async fn what_is_told_holds_no_personal_value() {
    let recording = recorded().await;
    let body = r#"{"items":[{"sku_id":"S1","quantity":2}],"receiver":{"phone":"13999999999"}}"#;
    let told = refusal(&recording, request("POST", "/orders?shop=1", body)).await;
    assert!(told.contains("/receiver/phone") && !told.contains("13999999999"), "{told}");
    let told = refusal(&recording, request("GET", "/customers/13999999999?name=Zhang&token=planted", "")).await;
    assert!(!["13999999999", "Zhang", "planted"].iter().any(|value| told.contains(value)), "{told}");
}

#[tokio::test]
async fn the_order_of_members_and_blanks_is_no_difference() {
    let recording = recorded().await;
    let body = r#"{ "receiver": {"phone":"13912345678"}, "items": [{"quantity":2,"sku_id":"S1"}] }"#;
    let replayer = recording.replayer().with_salt(SALT).unwrap();
    ask(&replayer, request("POST", "/orders?shop=1", body)).await.unwrap();
}

#[tokio::test]
async fn a_request_after_the_last_is_refused() {
    let recording = Recording::default();
    ask(&recorder(&recording, "{}"), request("GET", "/a", "")).await.unwrap();
    let replayer = recording.replayer();
    ask(&replayer, request("GET", "/a", "")).await.unwrap();
    let error = ask(&replayer, request("GET", "/a", "")).await.unwrap_err();
    assert_eq!(reason(&error), "replay: nothing more was recorded, and GET /a came");
}

#[tokio::test]
async fn a_client_is_told_by_the_source_of_its_error() {
    let recording = recorded().await;
    let client = client(recording.replayer());
    let call = client.for_shop("shop-1").request(ecloud::Method::GET, "/v1/other").send::<ecloud::Json>();
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    let source = error.source().and_then(std::error::Error::source).unwrap().to_string();
    assert_eq!(source, "replay: line 1: POST /orders?shop=1 was expected, and GET /v1/other came");
}
