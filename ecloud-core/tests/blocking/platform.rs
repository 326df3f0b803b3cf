//! A platform of a few lines: seven orders, in pages of what is asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ecloud_core::dialect::Rest;
use ecloud_core::transport::{Body, Transport, TransportError};
use ecloud_core::{
    Call, Client, Items, ManualClock, Method, OperationInfo, Pages, Paging, Random, Request, Shop, Timestamp,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const ORDERS: u64 = 7;

/// What comes after `silent_after` requests is never answered.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) clock: ManualClock,
    silent_after: usize,
    seen: Arc<Mutex<Vec<String>>>,
    under_way: Arc<AtomicUsize>,
}

impl Platform {
    pub(crate) fn new() -> Self {
        Self::silent_after(usize::MAX)
    }

    pub(crate) fn silent_after(requests: usize) -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        Self { clock, silent_after: requests, seen: Arc::default(), under_way: Arc::default() }
    }

    pub(crate) fn client(&self) -> Client {
        let client = Client::builder().endpoint("https://api.example.com").dialect(Rest::new());
        let client = client.transport(self.clone()).clock(Arc::new(self.clock.clone())).random(Random::seeded(1));
        client.build().unwrap()
    }

    pub(crate) fn shop(&self) -> Shop {
        self.client().for_shop("shop-1")
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Requests that are neither answered nor given up.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }
}

/// The order of this number.
pub(crate) fn order(shop: &Shop, number: u64) -> Request {
    shop.request(Method::GET, "/orders/{number}").path("number", number)
}

const LIST: &OperationInfo =
    &OperationInfo::new("orders.list", Method::GET, "/orders").paging(&Paging::offset("offset").size("limit"));

fn list(shop: &Shop) -> Request {
    Call::new(shop).request(LIST).query("limit", 3)
}

pub(crate) fn items(shop: &Shop) -> Items<Vec<u64>> {
    Items::new(list(shop))
}

pub(crate) fn pages(shop: &Shop) -> Pages<Vec<u64>> {
    Pages::new(list(shop))
}

/// Counts a request until its answer is there, or nobody waits for it any more.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Transport for Platform {
    async fn send(&self, request: http::Request<Body>) -> Result<Response<Body>, TransportError> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(self.under_way.clone());
        let uri = request.uri().clone();
        let seen = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(format!("{} {}", request.method(), uri.path_and_query().unwrap()));
            seen.len()
        };
        if seen > self.silent_after {
            std::future::pending::<()>().await;
        }
        let (status, body) = match uri.path().strip_prefix("/orders") {
            Some("") if request.method() == Method::POST => {
                let size = request.body().as_bytes().map_or(0, <[u8]>::len);
                (StatusCode::OK, json!({"bytes": size}))
            }
            Some("") => (StatusCode::OK, page(uri.query().unwrap_or_default())),
            Some(number) => match number.trim_start_matches('/').parse::<u64>() {
                Ok(number) if number < ORDERS => (StatusCode::OK, json!({"number": number})),
                _ => (StatusCode::NOT_FOUND, json!({})),
            },
            None => (StatusCode::NOT_FOUND, json!({})),
        };
        let answer = Response::builder().status(status).header("content-type", "application/json");
        Ok(answer.body(Body::from(body.to_string().into_bytes())).unwrap())
    }
}

fn page(query: &str) -> Value {
    let number = |name: &str| {
        let mut values = query.split('&').filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        values.next().map(|value| value.parse::<u64>().unwrap())
    };
    let offset = number("offset").unwrap_or(0);
    let limit = number("limit").unwrap();
    (offset..(offset + limit).min(ORDERS)).collect()
}
