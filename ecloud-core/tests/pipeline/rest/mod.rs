//! Operations of platforms that aren't ecloud, as bytes: where credentials, parameters and bodies stand, and how answers are read.

mod answers;
mod auth;
mod bodies;
mod multipart;
mod parameters;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud_core::dialect::Dialect;
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{Call, Client, Error, ErrorKind, ManualClock, Method, OperationInfo, Request, Shop};
use http::Response;
use serde_json::Value;
use url::Url;

const READ: &OperationInfo = &OperationInfo::new("carts.get", Method::GET, "/carts/{id}");
const WRITE: &OperationInfo = &OperationInfo::new("carts.create", Method::POST, "/carts");

type Reply = Result<Response<Bytes>, TransportError>;

/// A platform that keeps what it was sent, and gives these answers one after the other, then empty JSON objects.
#[derive(Clone, Default)]
struct Platform {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl Platform {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), seen: Arc::default() }
    }

    fn client(&self, dialect: impl Dialect) -> Client {
        let platform = self.clone();
        let transport = MemoryTransport::new(move |request| {
            platform.seen.lock().unwrap().push(request);
            platform.replies.lock().unwrap().pop_front().unwrap_or_else(|| Ok(reply(200, "application/json", "{}")))
        });
        Client::builder()
            .endpoint("https://api.example.com/v2")
            .dialect(dialect)
            .clock(Arc::new(ManualClock::new(crate::platform::start())))
            .transport(transport)
            .build()
            .unwrap()
    }

    fn shop(&self, dialect: impl Dialect) -> Shop {
        self.client(dialect).into()
    }

    /// What was sent, first to last.
    fn seen(&self) -> Vec<http::Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request that was sent.
    fn only(&self) -> http::Request<Bytes> {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1);
        seen.remove(0)
    }
}

fn reply(status: u16, content_type: &str, body: &'static str) -> Response<Bytes> {
    let answer = Response::builder().status(status).header("content-type", content_type);
    answer.body(Bytes::from_static(body.as_bytes())).unwrap()
}

/// Sends what a test makes of an operation, and gives what arrived.
async fn sent(info: &'static OperationInfo, make: impl FnOnce(&mut Request)) -> http::Request<Bytes> {
    let platform = Platform::default();
    let mut request = Call::new(&platform.shop(ecloud_core::dialect::Rest::new())).request(info);
    make(&mut request);
    request.send::<Value>().await.unwrap();
    platform.only()
}

/// The refusal of a request that doesn't leave.
async fn refusal(info: &'static OperationInfo, make: impl FnOnce(&mut Request)) -> Error {
    let platform = Platform::default();
    let mut request = Call::new(&platform.shop(ecloud_core::dialect::Rest::new())).request(info);
    make(&mut request);
    let error = request.send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    assert!(platform.seen().is_empty());
    error
}

fn url(request: &http::Request<Bytes>) -> Url {
    Url::parse(&request.uri().to_string()).unwrap()
}

/// The query as the `url` crate reads it.
fn pairs(request: &http::Request<Bytes>) -> Vec<(String, String)> {
    url(request).query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Pairs to compare with.
fn expected<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn text(request: &http::Request<Bytes>) -> Cow<'_, str> {
    String::from_utf8_lossy(request.body())
}

/// A value whose text can't be had.
struct Unwritable;

impl std::fmt::Display for Unwritable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Err(std::fmt::Error)
    }
}
