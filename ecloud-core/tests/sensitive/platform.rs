//! A platform of a few lines: it has data keys, keeps what is sent, and opens what was sealed by its own key.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ecloud_core::sensitive::kind::Kind;
use ecloud_core::sensitive::{DataKey, Revealed};
use ecloud_core::transport::{Body, MemoryTransport, Transport, TransportError};
use ecloud_core::{Client, ManualClock, Random, RetryPolicy, Sensitive, Shop, Timestamp};
use http::{Request, Response};
use serde_json::{Value, json};

/// The base64 of data keys.
pub(crate) const KEYS: [&str; 3] = [
    "FqhLWl8fmBZyteARgAUxbvSZr2dPdECmb80A2kuCISQ=",
    "ZBJpUuWPMTerE7I3AAaW8ch8rk6bL5ho75UWaEWbDxE=",
    "7E38/xmiJVmbUXk8+eVOmOvEpIn8YuI99gdgKOArrxQ=",
];

/// Lets all other tasks run before it answers, as a network does.
#[derive(Debug)]
struct Network<T> {
    inner: T,
}

#[async_trait]
impl<T: Transport> Transport for Network<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.inner.send(request).await
    }
}

#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) clock: ManualClock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    keys: usize,
    fetches: usize,
    /// What is answered to a fetch or a reveal instead.
    instead: Option<(u16, String)>,
    bodies: Vec<Value>,
    reveals: Vec<Value>,
}

impl Platform {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        let state = State { keys: 1, ..State::default() };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn client(&self) -> Client {
        let platform = self.clone();
        Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", "secret")
            .access_token("token")
            .retry(RetryPolicy::none())
            .clock(Arc::new(self.clock.clone()))
            .random(Random::seeded(1))
            .transport(Network { inner: MemoryTransport::new(move |request| platform.answer(&request)) })
            .build()
            .unwrap()
    }

    pub(crate) fn shop(&self) -> Shop {
        self.client().for_shop("shop-1")
    }

    /// The active key retires, and another one is active.
    pub(crate) fn rotate(&self) {
        self.state.lock().unwrap().keys += 1;
    }

    pub(crate) fn answer_instead(&self, status: u16, body: &str) {
        self.state.lock().unwrap().instead = Some((status, body.to_owned()));
    }

    pub(crate) fn recover(&self) {
        self.state.lock().unwrap().instead = None;
    }

    pub(crate) fn fetches(&self) -> usize {
        self.state.lock().unwrap().fetches
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.state.lock().unwrap().bodies.clone()
    }

    pub(crate) fn reveals(&self) -> Vec<Value> {
        self.state.lock().unwrap().reveals.clone()
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.state.lock().unwrap();
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let answer = match request.uri().path() {
            "/security/v1/data-keys" => {
                state.fetches += 1;
                let item = |number: usize| {
                    let active = if number + 1 == state.keys { "active" } else { "retired" };
                    json!({"key_id": key_id(number), "key": KEYS[number], "state": active, "created_at": format!("{number}")})
                };
                json!({"items": (0..state.keys).map(item).collect::<Vec<_>>()})
            }
            "/security/v1/reveal" => {
                state.reveals.push(body.clone());
                json!({"items": body["items"].as_array().unwrap().iter().map(opened).collect::<Vec<_>>()})
            }
            _ => {
                state.bodies.push(body);
                return Ok(Response::new(Bytes::from_static(b"{}")));
            }
        };
        let (status, body) = state.instead.clone().unwrap_or((200, answer.to_string()));
        let answer = Response::builder().status(status).header("x-ecloud-request-id", "r-1");
        Ok(answer.header("content-type", "application/json").body(body.into()).unwrap())
    }
}

/// What the platform opens: `~1~platform-1~<text in hex>…~`; one of `refused` is refused.
fn opened(item: &Value) -> Value {
    let ciphertext = item["ciphertext"].as_str().unwrap();
    match ciphertext.rsplit('-').next().unwrap().trim_end_matches('~') {
        "refused" => json!({"error": {"code": "security.not_openable", "message": "not of this shop: 13800138000"}}),
        number => json!({"plaintext": text(number)}),
    }
}

pub(crate) fn text(number: impl std::fmt::Display) -> String {
    format!("planted-{number}")
}

/// A field that only the platform opens.
pub(crate) fn sealed<K: Kind>(number: impl std::fmt::Display) -> Sensitive<K> {
    Sensitive::from_ciphertext(format!("~1~platform-1~{}-{number}~", "A".repeat(40))).unwrap()
}

pub(crate) fn key_id(number: usize) -> String {
    format!("app-{}", number + 1)
}

/// Opens what a client has sealed, as the platform would.
pub(crate) fn open<K: Kind>(key: usize, shop: &str, ciphertext: &Value) -> Revealed {
    let key = DataKey::from_base64(&key_id(key), KEYS[key]).unwrap();
    key.open(K::KIND, shop, ciphertext.as_str().unwrap()).unwrap()
}
