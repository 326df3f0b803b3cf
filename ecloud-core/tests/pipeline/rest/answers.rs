//! Answers by status and media type, and what an error keeps of them.

use bytes::Bytes;
use ecloud_core::dialect::Rest;
use ecloud_core::transport::TransportError;
use ecloud_core::{Call, Error, ErrorKind, FromAnswer, Method, Operation, OperationInfo, RawAnswer, Request};
use http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Platform, Reply, WRITE, reply};

fn request(replies: impl IntoIterator<Item = Reply>) -> Request {
    Call::new(&Platform::new(replies).shop(Rest::new())).request(WRITE)
}

fn answer(status: u16, content_type: &str, body: &'static str) -> Request {
    request([Ok(reply(status, content_type, body))])
}

#[tokio::test]
async fn bytes_text_and_nothing_are_read_whatever_the_media_type() {
    let pdf = answer(200, "application/pdf", "%PDF").send_as::<Bytes>().await.unwrap();
    assert_eq!(pdf, "%PDF");
    assert_eq!(answer(200, "text/csv", "a,张").send_as::<String>().await.unwrap(), "a,张");
    answer(202, "text/html", "<p>accepted").send_as::<()>().await.unwrap();
    let raw = answer(203, "text/html", "<p>").send_as::<RawAnswer>().await.unwrap();
    assert_eq!((raw.status(), &raw.body[..]), (203, &b"<p>"[..]));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_an_error() {
    let answer = Response::builder().header("x-request-id", "r-1").body(Bytes::from_static(b"a\xff")).unwrap();
    let error = request([Ok(answer)]).send_as::<String>().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(200)));
    assert_eq!((error.operation(), error.request_id()), (Some("carts.create"), Some("r-1")));
}

#[tokio::test]
async fn an_optional_answer_is_none_where_the_body_is_empty_or_null() {
    for (status, body) in [(204, ""), (200, "null")] {
        assert_eq!(answer(status, "application/json", body).send_as::<Option<Value>>().await.unwrap(), None);
    }
    let some = answer(200, "application/json", r#"{"a":1}"#).send_as::<Option<Value>>().await.unwrap();
    assert_eq!(some, Some(json!({"a": 1})));
    let error = answer(200, "application/json", "{").send_as::<Option<Value>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[derive(Debug, PartialEq, Deserialize)]
struct Order {
    id: u32,
}

#[derive(Debug, PartialEq)]
enum Created {
    Done(Order),
    Queued,
}

/// As the generator writes it.
impl FromAnswer for Created {
    fn from_answer(answer: &RawAnswer) -> Result<Self, Error> {
        match answer.status() {
            201 => answer.json().map(Self::Done),
            202 => Ok(Self::Queued),
            _ => Err(answer.unexpected("the status is none of those described")),
        }
    }
}

struct CreateOrder {
    call: Call,
}

impl Operation for CreateOrder {
    // Nothing that could be read as JSON.
    type Output = Created;
    const INFO: &'static OperationInfo = &OperationInfo::new("orders.create", Method::POST, "/orders");

    fn request(&self) -> Request {
        self.call.request(Self::INFO)
    }
}

#[tokio::test]
async fn an_answer_is_one_of_several_by_its_status() {
    let platform = Platform::new([
        Ok(reply(201, "application/json", r#"{"id":7}"#)),
        Ok(reply(202, "text/plain", "wait")),
        Ok(reply(200, "application/json", r#"{"id":13800138000}"#)),
    ]);
    let create = CreateOrder { call: Call::new(&platform.shop(Rest::new())) };
    let done = create.request().send_as_with_meta::<Created>().await.unwrap();
    assert_eq!((done.value, done.meta.status()), (Created::Done(Order { id: 7 }), 201));
    assert_eq!(create.request().send_as::<Created>().await.unwrap(), Created::Queued);
    let error = create.request().send_as::<Created>().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.operation()),
        (ErrorKind::InvalidResponse, Some(200), Some("orders.create"))
    );
    assert!(error.message().starts_with("the status is none of those described"), "{error}");
    assert!(!format!("{error} {error:?}").contains("13800138000"), "{error:?}");
}

#[tokio::test]
async fn json_is_read_under_each_of_its_names_and_without_one() {
    for content_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.api+json;v=1",
        "application/problem+json",
        "text/json",
        "*/*",
    ] {
        assert_eq!(answer(200, content_type, r#"{"id":1}"#).send::<Order>().await.unwrap().id, 1, "{content_type}");
    }
    let bare = Response::new(Bytes::from_static(br#"{"id":1}"#));
    assert_eq!(request([Ok(bare)]).send::<Order>().await.unwrap().id, 1);
    for content_type in ["text/html", "application/jsonp", "application/xml", "json"] {
        let error = answer(200, content_type, r#"{"id":1}"#).send::<Order>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{content_type}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Problem {
    title: String,
    phone: String,
}

const PROBLEM: &str = r#"{"title":"no","phone":"13800138000"}"#;

#[tokio::test]
async fn a_refusal_keeps_headers_and_body_and_shows_neither() {
    let mut refused = reply(422, "application/problem+json", PROBLEM);
    refused.headers_mut().insert("x-debug", "planted-header".parse().unwrap());
    let error = request([Ok(refused)]).send::<Order>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert_eq!(error.headers().unwrap()["x-debug"], "planted-header");
    assert_eq!(error.body(), Some(PROBLEM.as_bytes()));
    let problem = error.body_as::<Problem>().unwrap();
    assert_eq!(problem, Problem { title: "no".to_owned(), phone: "13800138000".to_owned() });
    assert_eq!(error.body_as::<Order>().map(|order| order.id), None);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("13800138000") && !shown.contains("planted"), "{shown}");
}

#[tokio::test]
async fn an_answer_that_can_not_be_read_is_kept_too() {
    let error = answer(200, "application/json", PROBLEM).send::<Order>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.body_as::<Problem>().unwrap().title, "no");
    assert_eq!(error.headers().unwrap()["content-type"], "application/json");
}

#[tokio::test]
async fn a_refusal_of_the_ecloud_platform_keeps_its_answer_too() {
    use crate::platform::{Platform, Step};
    let body = r#"{"error":{"code":"trade.order_not_found","message":"no"},"hint":"T2"}"#;
    let platform = Platform::new([Step::Answer(404, &[("x-hint", "h")], body)]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error = shop.request(Method::GET, "/trade/v1/orders/T1").send::<Value>().await.unwrap_err();
    assert_eq!(error.code(), Some("trade.order_not_found"));
    assert_eq!(
        (&error.headers().unwrap()["x-hint"], &error.body_as::<Value>().unwrap()["hint"]),
        (&"h".parse().unwrap(), &json!("T2"))
    );
}

#[tokio::test]
async fn of_a_large_body_an_error_keeps_nothing_and_of_none_there_is_nothing() {
    let kept = |length: usize| Response::builder().status(400).body(Bytes::from(vec![b'1'; length])).unwrap();
    for (length, is_kept) in [(64 * 1024, true), (64 * 1024 + 1, false), (0, false)] {
        let error = request([Ok(kept(length))]).send::<Value>().await.unwrap_err();
        assert_eq!((error.body().is_some(), error.headers().is_some()), (is_kept, true), "{length}");
    }
    let error = request([Err(TransportError::outcome_unknown("reset"))]).send::<Value>().await.unwrap_err();
    assert!(error.headers().is_none() && error.body().is_none() && error.body_as::<Value>().is_none());
}
