//! Protocol section 2: what the platform refuses, and in which order. Every request goes through a socket, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::time::Duration;

use ecloud_sandbox::{Grant, Role};
use serde_json::json;
use support::{Served, Signed};

const ORDERS: &str = "/trade/v1/orders";

fn refused(request: &Signed) -> (u16, String) {
    request.send().refusal()
}

fn expect(request: Signed, status: u16, code: &str) {
    let answer = request.send();
    assert_eq!(answer.refusal(), (status, code.to_owned()), "{}", String::from_utf8_lossy(&answer.body));
    let error = &answer.json()["error"];
    assert_eq!(error["request_id"].as_str(), answer.header("x-ecloud-request-id"));
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("date").is_some());
}

#[test]
fn a_request_that_is_right_is_answered() {
    let served = Served::start();
    let answer = served.get(&format!("{ORDERS}?limit=2"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.ok()["items"].as_array().unwrap().len(), 2);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("x-ecloud-request-id").is_some());
    assert_eq!(answer.header("date"), Some("Sat, 22 Nov 2025 08:26:40 GMT"));
}

#[test]
fn each_check_comes_before_those_below_it() {
    // Every request is wrong in all that is below its own mistake, too, as far as that is possible.
    let served = Served::start();
    let sandbox = &served.sandbox;
    let unknown_route = "/trade/v1/nothing";
    let skewed = (served.clock_seconds() - 301).to_string();

    let malformed = served.request("GET", unknown_route).header("x-ecloud-nonce", "short").app("nobody", "wrong");
    expect(malformed, 400, "request.invalid");
    let unknown = served.request("GET", unknown_route).app("nobody", "wrong").header("x-ecloud-timestamp", &skewed);
    expect(unknown, 401, "auth.app_unknown");
    let post = || served.request("POST", unknown_route).json(&json!({})).forged_body(b"{ }").token("wrong");
    expect(post().header("x-ecloud-timestamp", &skewed), 401, "auth.timestamp_skew");
    expect(post().app(sandbox.app_key(), "wrong"), 401, "auth.body_digest_mismatch");
    let wrongly_signed = served.request("GET", unknown_route).app(sandbox.app_key(), "wrong").token("wrong");
    expect(wrongly_signed, 401, "auth.signature_mismatch");

    let nonce = "a-nonce-used-before-1";
    let first = served.request("GET", unknown_route).header("x-ecloud-nonce", nonce).token("wrong");
    expect(first, 404, "request.route_not_found");
    let again = served.request("GET", unknown_route).header("x-ecloud-nonce", nonce).token("wrong");
    expect(again, 401, "auth.replayed");

    let no_method = served.request("DELETE", ORDERS).header("accept", "text/html").token("wrong");
    expect(no_method, 404, "request.route_not_found");
    let media = served.request("GET", ORDERS).header("accept", "text/html").token("wrong");
    expect(media, 415, "request.unsupported_media_type");
    expect(served.request("GET", ORDERS).without("authorization"), 401, "auth.token_missing");
    expect(served.request("GET", ORDERS).token("wrong"), 401, "auth.token_invalid");

    let operator = sandbox.issue_token(Grant::new(sandbox.shop_id()).scopes(["product:read"]).role(Role::Operator));
    let memo = || served.request("PUT", "/trade/v1/orders/none/memo").json(&json!({"bad": 1}));
    expect(memo().token(&operator), 403, "auth.scope_denied");
    let operator = sandbox.issue_token(Grant::new(sandbox.shop_id()).role(Role::Operator));
    expect(memo().token(&operator), 403, "auth.role_denied");

    for _ in 0..40 {
        served.get(&format!("{ORDERS}/none"));
    }
    expect(memo().key("used-for-this"), 429, "quota.exceeded");
    served.clock.advance(Duration::from_secs(2));
    expect(memo().key("used-for-this"), 400, "request.invalid");
    let other = served.request("PUT", "/trade/v1/orders/none/memo").json(&json!({"bad": 2})).key("used-for-this");
    expect(other, 409, "idempotency.conflict");
    expect(
        served.request("PUT", "/trade/v1/orders/none/memo").json(&json!({"memo": "x"})),
        404,
        "trade.order_not_found",
    );
}

#[test]
fn malformed_headers_are_refused() {
    let served = Served::start();
    let get = || served.request("GET", ORDERS);
    let bad_values = [
        ("x-ecloud-app-key", "a b"),
        ("x-ecloud-timestamp", "017"),
        ("x-ecloud-timestamp", "1.5"),
        ("x-ecloud-timestamp", "1234567890123"),
        ("x-ecloud-nonce", "with_underscore_0123456"),
        ("authorization", "Basic abc"),
        ("authorization", "Bearer  two-blanks"),
        ("x-ecloud-tag", "not ok"),
        ("x-ecloud-content-sha256", "ABC"),
    ];
    for (name, value) in bad_values {
        assert_eq!(refused(&get().header(name, value)), (400, "request.invalid".into()), "{name}: {value}");
    }
    for name in ["x-ecloud-app-key", "x-ecloud-timestamp", "x-ecloud-nonce", "accept"] {
        assert_eq!(refused(&get().without(name)), (400, "request.invalid".into()), "without {name}");
    }
    assert_eq!(refused(&get().signature("")), (400, "request.invalid".into()));
    assert_eq!(refused(&get().signature(&"A".repeat(64))), (400, "request.invalid".into()));
    for (name, value) in [("x-ecloud-tag", "t"), ("accept", "*/*"), ("x-ecloud-anything", "x")] {
        let twice = get().header(name, value).unsigned_header(name, value);
        assert_eq!(refused(&twice), (400, "request.invalid".into()), "{name} twice");
    }
    let post = || served.request("POST", ORDERS).json(&json!({}));
    assert_eq!(refused(&post().without("idempotency-key")), (400, "request.invalid".into()));
    assert_eq!(refused(&post().key("with blank")), (400, "request.invalid".into()));
    assert_eq!(refused(&post().without("x-ecloud-content-sha256")), (400, "request.invalid".into()));
    assert_eq!(refused(&post().without("content-type")), (400, "request.invalid".into()));
}

#[test]
fn malformed_paths_and_queries_are_refused() {
    let served = Served::start();
    let targets = [
        "/trade//v1/orders",
        "/trade/v1/orders/",
        "/trade/v1/./orders",
        "/trade/v1/%2e%2e/orders",
        "/trade/v1/orders/%zz",
        "/trade/v1/orders/%ff",
        "/trade/v1/orders/%00",
        "/trade/v1/orders?a=%",
        "/trade/v1/orders?a=%ff",
        "/trade/v1/orders?%zz=1",
    ];
    for target in targets {
        assert_eq!(refused(&served.request("GET", target)), (400, "request.invalid".into()), "{target}");
    }
    assert_eq!(refused(&served.request("GET", "/trade/v1/orders/T%2F1")), (404, "trade.order_not_found".into()));
}

#[test]
fn the_query_is_read_as_the_description_says() {
    let served = Served::start();
    let bad = [
        "limit=0",
        "limit=101",
        "limit=5&limit=6",
        "limit=05",
        "nothing=1",
        "status=shiny",
        "created_from=yesterday",
        "created_from=2025-11-22T08:00:00Z",
        "cursor=abc",
    ];
    for query in bad {
        let answer = served.get(&format!("{ORDERS}?{query}"));
        assert_eq!(answer.refusal(), (400, "request.invalid".into()), "{query}");
        assert!(answer.json()["error"]["details"][0]["field"].is_string(), "{query}");
    }
    let several = served.get(&format!("{ORDERS}?status=paid&status=closed&status=paid&limit=100&&")).ok();
    let statuses: Vec<&str> =
        several["items"].as_array().unwrap().iter().map(|order| order["status"].as_str().unwrap()).collect();
    assert!(statuses.contains(&"paid") && statuses.contains(&"closed"));
    assert!(statuses.iter().all(|status| ["paid", "closed"].contains(status)));
}

#[test]
fn time_is_compared_unrounded() {
    let served = Served::start();
    let now = served.clock_seconds();
    let at =
        |seconds: i64| served.request("GET", ORDERS).header("x-ecloud-timestamp", &seconds.to_string()).send().status;
    assert_eq!((at(now - 300), at(now + 300)), (200, 200));
    assert_eq!((at(now - 301), at(now + 301)), (401, 401));
    served.clock.advance(Duration::from_millis(1));
    assert_eq!((at(now - 300), at(now + 300)), (401, 200));
}

#[test]
fn a_wrong_signature_is_answered_with_what_should_have_been_signed() {
    let served = Served::start();
    let request = served.request("GET", "/trade/v1/orders?status=paid&limit=1").signature(&"0".repeat(64));
    let expected = request.string_to_sign();
    let answer = request.send();
    assert_eq!(answer.refusal(), (401, "auth.signature_mismatch".into()));
    let shown = answer.json()["error"]["expected"]["string_to_sign"].as_str().unwrap().to_owned();
    assert!(!shown.contains(served.sandbox.access_token()));
    let (before, rest) = expected.split_once(":authorization=").unwrap();
    let (_, after) = rest.split_once('&').unwrap();
    assert!(shown.starts_with(before) && shown.ends_with(after), "{shown}");
    assert!(shown.contains(":authorization=sha256"), "{shown}");
}

#[test]
fn a_nonce_is_remembered_even_if_a_later_check_fails() {
    let served = Served::start();
    let request = || served.request("GET", ORDERS).header("x-ecloud-nonce", "0123456789abcdef");
    assert_eq!(refused(&request().token("wrong")), (401, "auth.token_invalid".into()));
    assert_eq!(refused(&request()), (401, "auth.replayed".into()));
    served.clock.advance(Duration::from_millis(900_001));
    assert_eq!(request().header("x-ecloud-timestamp", &served.clock_seconds().to_string()).send().status, 200);
}

#[test]
fn a_full_nonce_memory_is_503() {
    let served = Served::with(|builder| builder.nonce_capacity(2));
    assert_eq!(served.get(ORDERS).status, 200);
    assert_eq!(served.get(ORDERS).status, 200);
    assert_eq!(served.get(ORDERS).refusal(), (503, "server.unavailable".into()));
}

#[test]
fn a_body_above_the_limit_is_refused_unread() {
    let served = Served::start();
    let head = "POST /trade/v1/orders HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10485761\r\n\r\n";
    let answer = served.raw(head.as_bytes()).unwrap();
    assert_eq!(answer.refusal(), (413, "request.too_large".into()));
    assert_eq!(answer.header("connection"), Some("close"));
    let mut chunked =
        b"POST /trade/v1/orders HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..11 {
        chunked.extend_from_slice(b"100000\r\n");
        chunked.extend_from_slice(&vec![b'a'; 0x10_0000]);
        chunked.extend_from_slice(b"\r\n");
    }
    assert_eq!(served.raw(&chunked).unwrap().refusal(), (413, "request.too_large".into()));
}

#[test]
fn media_types_are_obeyed() {
    let served = Served::start();
    let post = || served.request("POST", "/trade/v1/orders/batch-get").json(&json!({"order_ids": ["none"]}));
    for accept in ["application/json", "*/*"] {
        assert_eq!(post().header("accept", accept).send().status, 200, "{accept}");
    }
    assert_eq!(post().header("content-type", "application/json; charset=utf-8").send().status, 200);
    for (name, value) in [
        ("accept", "text/plain"),
        ("accept", "application/*"),
        ("accept", "text/xml"),
        ("accept", "application/xml; charset=gbk"),
        ("content-type", "text/plain"),
        ("content-type", "application/json; charset=gbk"),
        ("content-type", "text/xml"),
        ("content-encoding", "gzip"),
    ] {
        assert_eq!(
            refused(&post().header(name, value)),
            (415, "request.unsupported_media_type".into()),
            "{name}: {value}"
        );
    }
}

#[test]
fn headers_that_promise_another_request_change_nothing() {
    let served = Served::start();
    let answer = served
        .request("GET", &format!("{ORDERS}?limit=1"))
        .unsigned_header("x-http-method-override", "DELETE")
        .unsigned_header("x-original-url", "/nothing")
        .unsigned_header("x-forwarded-for", "1.2.3.4")
        .unsigned_header("cookie", "a=b")
        .send();
    assert_eq!(answer.status, 200);
}

#[test]
fn head_is_get_without_the_body() {
    let served = Served::start();
    let get = served.get(&format!("{ORDERS}?limit=1"));
    let head = served.request("HEAD", &format!("{ORDERS}?limit=1")).send();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(served.request("HEAD", "/trade/v1/orders/none").send().status, 404);
}

#[test]
fn tokens_expire_are_revoked_and_belong_to_one_application() {
    let served = Served::start();
    let sandbox = &served.sandbox;
    let end = served.clock_now() + Duration::from_secs(60);
    let token = sandbox.issue_token(Grant::new(sandbox.shop_id()).expires_at(end));
    let get = || served.request("GET", ORDERS).token(&token);
    assert_eq!(get().send().status, 200);
    served.control("POST", "/apps", Some(json!({"app_key": "other", "app_secret": "other-secret"}))).ok();
    assert_eq!(refused(&get().app("other", "other-secret")), (401, "auth.token_invalid".into()));
    served.clock.advance(Duration::from_secs(60));
    assert_eq!(
        refused(&get().header("x-ecloud-timestamp", &served.clock_seconds().to_string())),
        (401, "auth.token_expired".into())
    );
    assert!(sandbox.revoke_token(&token));
    assert_eq!(
        refused(&get().header("x-ecloud-timestamp", &served.clock_seconds().to_string())),
        (401, "auth.token_invalid".into())
    );
}
