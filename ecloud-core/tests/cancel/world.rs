//! A client whose transport, bodies and clock are each pending for a while, and can be seen to be given back.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::transport::{Body, Transport, TransportError};
use ecloud_core::{
    Client, Clock, Error, Json, ManualClock, Method, Pause, Quota, QuotaLimit, Random, Request, RetryPolicy, Shop,
    Timestamp,
};
use http::Response;
use http_body::Frame;

use crate::drops::polled;

/// How many connections the transport has.
const CONNECTIONS: usize = 3;
/// How often everything is pending before it goes on.
const PENDING: usize = 2;
/// What the quota takes in ten seconds.
pub(crate) const QUOTA: u32 = 10;

pub(crate) struct World {
    pub(crate) client: Client,
    transport: Pool,
}

impl World {
    /// A platform that answers with these statuses and bodies, and then with `{}`.
    pub(crate) fn new(answers: &[(u16, &'static str)]) -> Self {
        Self::with(answers, RetryPolicy::standard())
    }

    pub(crate) fn with(answers: &[(u16, &'static str)], policy: RetryPolicy) -> Self {
        let transport = Pool {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            seen: Arc::default(),
            free: Arc::new(AtomicUsize::new(CONNECTIONS)),
        };
        let limit = QuotaLimit::window(QUOTA, Duration::from_secs(10)).unwrap();
        let quota = Quota::from(limit).reserve(Duration::ZERO);
        let clock = Slow(ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200)));
        let client = Client::builder().endpoint("https://open.example.com").app("demo-app", "demo-secret");
        let client = client.access_token("token").quota(quota).retry(policy).random(Random::seeded(1));
        let client = client.clock(Arc::new(clock)).transport(transport.clone()).build().unwrap();
        Self { client, transport }
    }

    pub(crate) fn shop(&self) -> Shop {
        self.client.for_shop("shop-1")
    }

    pub(crate) fn request(&self) -> Request {
        self.shop().request(Method::POST, "/trade/v1/orders/T1/close").quota("trade.orders", 1)
    }

    pub(crate) async fn call(&self) -> Result<Json, Error> {
        self.request().send().await
    }

    /// How many requests the platform has seen.
    pub(crate) fn seen(&self) -> usize {
        self.transport.seen.load(Ordering::Relaxed)
    }

    /// How much of the quota can be drawn at once.
    pub(crate) fn quota_left(&self) -> u32 {
        let draw = |weight| self.client.quota("trade.orders").weight(weight).expected_wait().is_zero();
        (1..=QUOTA).rev().find(|weight| draw(*weight)).unwrap_or(0)
    }

    /// Nothing is held by anybody.
    pub(crate) fn assert_whole(&self) {
        assert_eq!(self.transport.free.load(Ordering::Relaxed), CONNECTIONS, "connections");
    }

    /// The client makes calls as if nothing had happened.
    pub(crate) fn assert_works(&self) {
        self.transport.answers.lock().unwrap().clear();
        for _ in 0..CONNECTIONS + 1 {
            let mut call = Box::pin(async { drop(self.call().await.unwrap()) });
            assert!(polled(call.as_mut(), 1000));
        }
        self.assert_whole();
    }
}

/// Goes on after it was pending for a while.
async fn pending() {
    let mut left = PENDING;
    poll_fn(|_| {
        left = left.saturating_sub(1);
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A clock whose pauses take a few polls.
#[derive(Debug)]
struct Slow(ManualClock);

impl Clock for Slow {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Pause {
        let sleep = self.0.sleep(duration);
        Box::pin(async move {
            pending().await;
            sleep.await;
        })
    }

    fn expiry(&self, at: Duration) -> Pause {
        self.0.expiry(at)
    }
}

/// A transport of a few connections.
#[derive(Clone, Debug)]
struct Pool {
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    seen: Arc<AtomicUsize>,
    free: Arc<AtomicUsize>,
}

/// A connection that is in use until it is dropped.
struct Connection(Arc<AtomicUsize>);

impl Connection {
    fn take(free: &Arc<AtomicUsize>) -> Self {
        free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(1)).expect("a free connection");
        Self(free.clone())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Transport for Pool {
    async fn send(&self, _: http::Request<Body>) -> Result<Response<Body>, TransportError> {
        let connection = Connection::take(&self.free);
        self.seen.fetch_add(1, Ordering::Relaxed);
        pending().await;
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap_or((200, "{}"));
        let pieces = body.as_bytes().chunks(8).map(Bytes::from_static).collect();
        let body = Body::new(Chunks { pieces, is_pending: true, _connection: connection });
        let answer = Response::builder().status(status).header("content-type", "application/json");
        Ok(answer.body(body).unwrap())
    }
}

/// A body each of whose pieces is waited for.
struct Chunks {
    pieces: VecDeque<Bytes>,
    is_pending: bool,
    _connection: Connection,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        self.is_pending = !self.is_pending;
        if !self.is_pending {
            return Poll::Pending;
        }
        Poll::Ready(self.pieces.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}
