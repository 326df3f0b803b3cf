//! Lists of changes: none is lost, whatever moves while they are read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{
    Changes, Client, Clock, Error, ErrorKind, ManualClock, Method, Page, Position, QuotaLimit, Random, RetryPolicy,
    Timestamp,
};
use http::{Request, Response};
use serde::Deserialize;
use serde_json::json;

use crate::platform::{SECRET, start};

/// An order at one of its changes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    id: u32,
    version: u32,
    modified_at: Timestamp,
}

#[derive(Debug, Deserialize)]
struct OrderPage {
    items: Vec<Order>,
    page: u32,
    page_size: u32,
    total: u64,
}

impl Page for OrderPage {
    type Item = Order;

    fn position(&self) -> Position<'_> {
        Position::Number { page: self.page, page_size: self.page_size, total: self.total }
    }

    fn into_items(self) -> Vec<Order> {
        self.items
    }
}

/// A platform whose orders change while they are listed, and whose changes become visible late.
#[derive(Clone)]
struct Platform {
    clock: ManualClock,
    state: Arc<Mutex<State>>,
}

struct State {
    orders: BTreeMap<u32, (Order, Timestamp)>,
    /// A linear congruential generator.
    random: u64,
    /// How many orders change at each request.
    changes: u32,
    /// The largest `total` that was told, and how many requests came.
    asked: u32,
    /// What this side's clock is ahead of the platform's, in milliseconds.
    ahead: i64,
    fails_at: Option<u32>,
}

impl Platform {
    fn new(orders: u32, changes: u32, seed: u64) -> Self {
        let state = State { orders: BTreeMap::new(), random: seed, changes, asked: 0, ahead: 0, fails_at: None };
        let platform = Self { clock: ManualClock::new(start()), state: Arc::new(Mutex::new(state)) };
        for id in 0..orders {
            platform.clock.advance(Duration::from_secs(20));
            platform.state.lock().unwrap().change(id, platform.now());
        }
        platform
    }

    /// The platform's own time.
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn client(&self) -> Client {
        let platform = self.clone();
        Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", SECRET)
            .access_token("T")
            .clock(Arc::new(Ahead { clock: self.clock.clone(), millis: self.state.lock().unwrap().ahead }))
            .random(Random::seeded(1))
            .quota(QuotaLimit::UNLIMITED)
            .retry(RetryPolicy::none())
            .transport(MemoryTransport::new(move |request| platform.answer(&request)))
            .build()
            .unwrap()
    }

    fn changes(&self, from: Timestamp) -> Changes<OrderPage> {
        let request =
            self.client().for_shop("shop-1").access_token("T").request(Method::GET, "/trade/v1/orders/changes");
        Changes::new(request.query("modified_from", from))
    }

    fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.clock.advance(Duration::from_millis(700));
        let now = self.now();
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        if state.fails_at == Some(state.asked) {
            return Err(TransportError::outcome_unknown("connection reset"));
        }
        let query: BTreeMap<_, _> = url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let time = |name: &str| query[name].parse::<Timestamp>().unwrap();
        let (from, to) = (time("modified_from"), time("modified_to"));
        assert!(to.duration_since(from).is_some_and(|length| length <= Duration::from_secs(24 * 3600)), "{from} {to}");
        let (page, size): (usize, usize) = (query["page"].parse().unwrap(), query["page_size"].parse().unwrap());
        assert!(page * size <= 10_000, "page {page} of {size} is out of reach");
        let visible =
            |(order, seen): &&(Order, Timestamp)| *seen <= now && order.modified_at >= from && order.modified_at < to;
        let mut rows: Vec<Order> = state.orders.values().filter(visible).map(|(order, _)| order.clone()).collect();
        rows.sort_by(|one, other| other.modified_at.cmp(&one.modified_at).then(other.id.cmp(&one.id)));
        let items: Vec<_> = rows
            .iter()
            .skip((page - 1) * size)
            .take(size)
            .map(|order| json!({"id": order.id, "version": order.version, "modified_at": order.modified_at}))
            .collect();
        let body = json!({"items": items, "page": page, "page_size": size, "total": rows.len()});
        // What changes now moves what the next page holds.
        for _ in 0..state.changes {
            let id = (state.fraction() * state.orders.len() as f64) as u32;
            state.change(id, now);
        }
        let date = httpdate::fmt_http_date(SystemTime::from(now));
        Ok(Response::builder().header("date", date).body(Bytes::from(body.to_string())).unwrap())
    }
}

impl State {
    /// A number from 0 up to and without 1.
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// An order changes, and is seen in lists within five minutes.
    fn change(&mut self, id: u32, now: Timestamp) {
        let late = Duration::from_millis((self.fraction() * 300_000.0) as u64);
        let version = self.orders.get(&id).map_or(1, |(order, _)| order.version + 1);
        self.orders.insert(id, (Order { id, version, modified_at: now }, now + late));
    }
}

/// A clock that is ahead of the platform's, by less than it would mind.
#[derive(Debug)]
struct Ahead {
    clock: ManualClock,
    millis: i64,
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.clock.now().offset_by_millis(self.millis)
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> ecloud_core::Pause {
        self.clock.sleep(duration)
    }

    fn expiry(&self, at: Duration) -> ecloud_core::Pause {
        self.clock.expiry(at)
    }
}

/// Reads all changes again and again, watermark by watermark, until nothing changes any more; gives the last version of each order.
async fn mirror(platform: &Platform) -> BTreeMap<u32, u32> {
    let mut mirror = BTreeMap::new();
    let mut from = start();
    for round in 0..12 {
        if round == 8 {
            platform.state.lock().unwrap().changes = 0;
        }
        let mut changes = platform.changes(from);
        loop {
            match changes.try_next().await {
                Ok(Some(order)) => {
                    let version = mirror.entry(order.id).or_insert(0);
                    *version = (*version).max(order.version);
                }
                Ok(None) => break,
                Err(error) => assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}"),
            }
        }
        assert!(changes.watermark() >= from);
        from = changes.watermark();
        platform.clock.advance(Duration::from_secs(400));
    }
    mirror
}

fn last_versions(platform: &Platform) -> BTreeMap<u32, u32> {
    platform.state.lock().unwrap().orders.values().map(|(order, _)| (order.id, order.version)).collect()
}

#[tokio::test]
async fn none_is_lost_while_orders_move_and_become_visible_late() {
    for seed in 0..8 {
        let platform = Platform::new(2_000, 7, seed);
        assert_eq!(mirror(&platform).await, last_versions(&platform), "seed {seed}");
    }
}

#[tokio::test]
async fn none_is_lost_where_this_sides_clock_is_minutes_ahead() {
    for (seed, ahead) in [(1, 299_000), (2, 120_001), (3, -299_000)] {
        let platform = Platform::new(1_000, 7, seed);
        platform.state.lock().unwrap().ahead = ahead;
        assert_eq!(mirror(&platform).await, last_versions(&platform), "{ahead} ms ahead");
    }
}

#[tokio::test]
async fn none_is_lost_where_the_network_fails_in_the_middle_of_a_window() {
    for fails_at in 1..12 {
        let platform = Platform::new(700, 5, 1);
        platform.state.lock().unwrap().fails_at = Some(fails_at);
        assert_eq!(mirror(&platform).await, last_versions(&platform), "request {fails_at} fails");
    }
}

#[tokio::test]
async fn a_window_with_more_changes_than_can_be_reached_is_halved() {
    let platform = Platform::new(0, 0, 1);
    // Fifteen thousand within fifteen seconds.
    for id in 0..15_000 {
        platform.clock.advance(Duration::from_millis(1));
        platform.state.lock().unwrap().change(id, platform.now());
    }
    platform.clock.advance(Duration::from_secs(3600));
    let mut changes = platform.changes(start());
    let mut ids = Vec::new();
    while let Some(order) = changes.try_next().await.unwrap() {
        ids.push(order.id);
    }
    assert_eq!(ids, (0..15_000).collect::<Vec<_>>(), "oldest first, each once");
}

#[tokio::test]
async fn more_changes_in_one_millisecond_than_can_be_reached_are_an_error_and_no_loss() {
    let platform = Platform::new(0, 0, 1);
    (0..10_001).for_each(|id| platform.state.lock().unwrap().change(id, platform.now()));
    platform.clock.advance(Duration::from_secs(3600));
    let mut changes = platform.changes(start());
    let error: Error = changes.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(error.message().contains("within one millisecond"), "{error}");
    assert_eq!(changes.watermark(), start());
    assert!(changes.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn the_watermark_moves_when_the_last_item_of_a_window_is_out_and_not_before() {
    let platform = Platform::new(3, 0, 1);
    platform.clock.advance(Duration::from_secs(3600));
    let mut changes = platform.changes(start());
    for left in [2, 1, 0] {
        changes.try_next().await.unwrap().unwrap();
        assert_eq!(changes.watermark() > start(), left == 0, "{left} items left");
    }
    assert!(changes.try_next().await.unwrap().is_none());
    let settled = changes.watermark();
    assert!(platform.now().duration_since(settled).unwrap() >= Duration::from_secs(300));
    // From there on nothing is left to be asked.
    let asked = platform.state.lock().unwrap().asked;
    assert!(platform.changes(settled).try_next().await.unwrap().is_none());
    assert!(platform.state.lock().unwrap().asked <= asked + 1);
}

#[tokio::test]
async fn a_request_without_a_beginning_is_refused_before_anything_is_sent() {
    let platform = Platform::new(1, 0, 1);
    let request = platform.client().for_shop("s").access_token("T").request(Method::GET, "/trade/v1/orders/changes");
    for request in [request.clone(), request.query("modified_from", "yesterday")] {
        let error = Changes::<OrderPage>::new(request).try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.message().starts_with("modified_from: "), "{error}");
    }
    assert_eq!(platform.state.lock().unwrap().asked, 0);
}
