//! What would be signed, what was signed, and where the platform's string parts from it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod before;
mod hostile;
mod refused;

use std::sync::Arc;

use bytes::Bytes;
use ecloud_core::dialect::ecloud::{SignatureTrace, mask_string_to_sign, string_to_sign};
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{Client, ClientBuilder, Error, ManualClock, Method, Random, Request, Timestamp};
use http::Response;

const SECRET: &str = "planted-app-secret";
const TOKEN: &str = "planted.access-token";

fn start() -> Timestamp {
    Timestamp::from_unix_seconds(1_795_336_200)
}

/// A client on a clock and randomness of its own.
fn client() -> ClientBuilder {
    Client::builder()
        .endpoint("https://open.example.com")
        .app("demo-app", SECRET)
        .access_token(TOKEN)
        .clock(Arc::new(ManualClock::new(start())))
        .random(Random::seeded(1))
        .transport(MemoryTransport::new(|_| Err(TransportError::not_sent("nothing is sent here"))))
}

/// A client of a platform that refuses each signature, and expects what `expected` makes of the string that was signed, in its masked form;
/// `None` says nothing.
fn refusing(expected: impl Fn(String) -> Option<String> + Send + Sync + 'static) -> Client {
    let transport = MemoryTransport::new(move |request: http::Request<Bytes>| {
        let (headers, uri) = (request.headers(), request.uri());
        let timestamp = headers["x-ecloud-timestamp"].to_str().unwrap();
        let text = string_to_sign(request.method().as_str(), uri.path(), uri.query(), timestamp, headers).unwrap();
        let mut error = serde_json::json!({"code": "auth.signature_mismatch", "message": "not the one"});
        if let Some(expected) = expected(mask_string_to_sign(&text)) {
            error["expected"] = serde_json::json!({"string_to_sign": expected});
        }
        let body = serde_json::json!({"error": error}).to_string();
        Ok(Response::builder().status(401).body(body.into()).unwrap())
    });
    client().transport(transport).build().unwrap()
}

/// A request with query values of both kinds.
fn request(client: &Client) -> Request {
    let shop = client.for_shop("shop-1");
    shop.request(Method::GET, "/trade/v1/orders").query("keyword", "张伟 13800138000").query("page", 2).with_tag("blue")
}

/// The error of a request whose signature is refused.
async fn refusal(expected: impl Fn(String) -> Option<String> + Send + Sync + 'static) -> Error {
    request(&refusing(expected)).send::<()>().await.unwrap_err()
}

/// The trace of a request whose signature is refused by a platform that expects this of the string.
async fn trace(expected: impl Fn(String) -> String + Send + Sync + 'static) -> SignatureTrace {
    refusal(move |signed| Some(expected(signed))).await.signature_trace().unwrap().clone()
}

/// Nothing that is secret or personal is in what is shown.
fn assert_harmless(shown: &str) {
    for planted in [SECRET, TOKEN, "13800138000", "%E5%BC%A0", "张伟"] {
        assert!(!shown.contains(planted), "{planted} in {shown}");
    }
}

/// What a trace shows in any way.
fn all_shown(trace: &SignatureTrace) -> String {
    format!("{trace}\n{trace:?}\n{trace:#?}\n{:?}", trace.parameters().collect::<Vec<_>>())
}
