//! Before a request is sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecloud_core::dialect::Rest;
use ecloud_core::dialect::ecloud::{
    ParameterPlace, SignatureComparison, SigningKey, mask_string_to_sign, string_to_sign,
};
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{Call, Client, ErrorKind, Method, Operation, OperationInfo, Request};
use http::Response;

use crate::{SECRET, TOKEN, all_shown, assert_harmless, client, request, start};

#[test]
fn a_request_is_explained_without_being_sent() {
    let client = client().build().unwrap();
    let trace = client.explain(&request(&client)).unwrap();
    assert_eq!((trace.method(), trace.path(), trace.timestamp()), ("GET", "/trade/v1/orders", start()));
    assert_eq!((trace.clock_offset_millis(), trace.expected()), (0, None));
    assert_eq!(trace.comparison(), SignatureComparison::Unknown);
    assert_eq!(trace.key_fingerprint(), SigningKey::new(SECRET.as_bytes()).fingerprint());
    let parameters: Vec<_> = trace.parameters().collect();
    let shown: Vec<_> =
        parameters.iter().map(|parameter| (parameter.place, parameter.name, parameter.is_masked)).collect();
    assert_eq!(
        shown,
        [
            (ParameterPlace::Header, "authorization", false),
            (ParameterPlace::Header, "x-ecloud-app-key", false),
            (ParameterPlace::Header, "x-ecloud-nonce", false),
            (ParameterPlace::Header, "x-ecloud-tag", false),
            (ParameterPlace::Query, "keyword", true),
            (ParameterPlace::Query, "page", false),
        ]
    );
    assert!(parameters[0].value.starts_with("sha256:"), "{parameters:?}");
    assert_eq!((&*parameters[1].value, &*parameters[3].value), ("demo-app", "blue"));
    assert_eq!((&*parameters[4].value, &*parameters[5].value), ("%XX%XX%XX%XX%XX%XX%2099999999999", "2"));
    assert_harmless(&all_shown(&trace));
}

#[tokio::test]
async fn what_is_explained_is_what_is_sent_but_for_the_nonce() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let place = Arc::clone(&seen);
    let transport = MemoryTransport::new(move |request: http::Request<bytes::Bytes>| {
        let (headers, uri) = (request.headers(), request.uri());
        let timestamp = headers["x-ecloud-timestamp"].to_str().unwrap();
        let text = string_to_sign(request.method().as_str(), uri.path(), uri.query(), timestamp, headers).unwrap();
        place
            .lock()
            .unwrap()
            .push((mask_string_to_sign(&text), headers["x-ecloud-nonce"].to_str().unwrap().to_owned()));
        Ok(Response::new("{}".into()))
    });
    let client = client().transport(transport).build().unwrap();
    let write = client
        .for_shop("shop-1")
        .request(Method::POST, "/trade/v1/orders/{id}/gifts")
        .path("id", "T1")
        .json(&serde_json::json!({"sku_id": "S1"}))
        .with_idempotency_key("key-1");
    let explained = write.explain().unwrap().string_to_sign().to_owned();
    assert!(
        explained.contains(":idempotency-key=key-1") && explained.contains(":x-ecloud-content-sha256="),
        "{explained}"
    );
    write.clone().send_raw().await.unwrap();
    let (sent, nonce) = seen.lock().unwrap()[0].clone();
    assert!(!explained.contains(&nonce), "the nonce of an explanation is its own");
    let nonce_of = |text: &str| text.split('&').find(|pair| pair.contains("nonce=")).unwrap().to_owned();
    assert_eq!(sent.replace(&nonce_of(&sent), ""), explained.replace(&nonce_of(&explained), ""));
}

#[test]
fn each_explanation_has_a_nonce_and_each_write_a_key() {
    let client = client().build().unwrap();
    let write = client.for_shop("shop-1").request(Method::POST, "/trade/v1/orders");
    let [first, second] = [(); 2].map(|()| client.explain(&write).unwrap());
    let values = |name| [&first, &second].map(|trace| trace.parameters().find(|pair| pair.name == name).unwrap().value);
    for name in ["x-ecloud-nonce", "idempotency-key"] {
        let [first, second] = values(name);
        assert!(first.len() == 32 && first != second, "{name}: {first} {second}");
    }
}

#[test]
fn another_client_explains_a_request_as_its_own() {
    let here = client().build().unwrap();
    let there = client().endpoint("https://test.example.com/gw").app("demo-app", "another-secret").build().unwrap();
    let (mine, other) = (here.explain(&request(&here)).unwrap(), there.explain(&request(&here)).unwrap());
    assert_eq!((mine.path(), other.path()), ("/trade/v1/orders", "/gw/trade/v1/orders"));
    assert_ne!(mine.key_fingerprint(), other.key_fingerprint());
}

#[test]
fn an_operation_explains_itself() {
    struct Ping(Call);
    impl Operation for Ping {
        type Output = ();
        const INFO: &'static OperationInfo = &OperationInfo::new("meta.ping.get", Method::GET, "/meta/v1/ping");
        fn request(&self) -> Request {
            self.0.request(Self::INFO)
        }
    }
    let client = client().build().unwrap();
    let ping = Ping(Call::new(&client.for_shop("shop-1")));
    assert_eq!(ping.explain().unwrap().path(), "/meta/v1/ping");
    assert_eq!(client.explain(&ping.request()).unwrap().path(), "/meta/v1/ping");
}

#[test]
fn what_can_not_be_sent_can_not_be_explained() {
    let ours = client().build().unwrap();
    let broken = ours.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/{order_id}");
    let error = ours.explain(&broken).unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("GET /trade/v1/orders/{order_id}")));

    let plain = Client::builder()
        .endpoint("https://api.example.com")
        .dialect(Rest::bearer(TOKEN).unwrap())
        .transport(MemoryTransport::new(|_| Err(TransportError::not_sent("nothing is sent here"))))
        .build()
        .unwrap();
    let error = plain.explain(&plain.for_shop("shop-1").request(Method::GET, "/pets")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("signs nothing"), "{error}");
}

#[tokio::test]
async fn the_learned_clock_is_the_one_that_is_explained() {
    let platform_time = start() + Duration::from_secs(1000);
    let transport = MemoryTransport::new(move |request: http::Request<bytes::Bytes>| {
        let seconds: i64 = request.headers()["x-ecloud-timestamp"].to_str().unwrap().parse().unwrap();
        if platform_time.unix_seconds() - seconds < 300 {
            return Ok(Response::new("{}".into()));
        }
        let body = r#"{"error":{"code":"auth.timestamp_skew","message":"too late"}}"#;
        let date = httpdate_of(platform_time.unix_seconds());
        Ok(Response::builder().status(401).header("date", date).body(body.into()).unwrap())
    });
    let client = client().transport(transport).build().unwrap();
    request(&client).send_raw().await.unwrap();
    let trace = client.explain(&request(&client)).unwrap();
    assert_eq!((trace.clock_offset_millis(), trace.timestamp()), (1_000_500, platform_time));
    assert!(trace.to_string().contains("own clock +1000500 ms"), "{trace}");
}

/// 2026-11-22T08:30:00Z is a Sunday.
fn httpdate_of(seconds: i64) -> String {
    let since = seconds - start().unix_seconds();
    format!("Sun, 22 Nov 2026 08:{:02}:{:02} GMT", 30 + since / 60, since % 60)
}

#[test]
fn the_picture_is_this_one() {
    // Fingerprint and digest were computed by another program.
    let client = client().build().unwrap();
    let shown = client.explain(&request(&client)).unwrap().to_string();
    let nonce = shown.split("nonce=").nth(1).unwrap()[..32].to_owned();
    let expected = "\
signature of GET /trade/v1/orders
  app secret  fingerprint ce385b21ca2f5084
  time        1795336200 = 2026-11-22T08:30:00.000Z, own clock +0 ms
  parameters
     1  header  authorization     sha256:08f192d3152601ee
     2  header  x-ecloud-app-key  demo-app
     3  header  x-ecloud-nonce    NONCE
     4  header  x-ecloud-tag      blue
     5  query   keyword           %XX%XX%XX%XX%XX%XX%2099999999999 (masked)
     6  query   page              2
    masked: x and X stand for letters, 9 for a digit, %XX for an encoded one or a byte beyond ASCII
  string to sign, 213 bytes
    GET|/trade/v1/orders|1795336200|:authorization=sha256:08f192d3152601ee&:x-ecloud-app-key=demo-app&:x-ecloud-nonce=NONCE\
&:x-ecloud-tag=blue&keyword=%XX%XX%XX%XX%XX%XX%2099999999999&page=2";
    assert_eq!(shown.replace(&nonce, "NONCE"), expected);
}
