//! A platform that answers with anything.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::transport::{Body, Transport, TransportError};
use ecloud_core::{Client, ClientBuilder, Clock, Error, Json, ManualClock, Method, Random, Shop, Timestamp};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body::Frame;

/// Anything that can be sent over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Anything {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// How long the answer takes.
    pub(crate) takes: Duration,
}

pub(crate) fn good() -> Anything {
    let headers = vec![("content-type", b"application/json".to_vec())];
    Anything { status: 200, headers, body: b"{}".to_vec(), takes: Duration::ZERO }
}

#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) clock: ManualClock,
    answers: Arc<Mutex<VecDeque<Anything>>>,
    seen: Arc<Mutex<usize>>,
}

impl Platform {
    /// A platform that gives these answers in turn, again and again.
    pub(crate) fn new(answers: impl IntoIterator<Item = Anything>) -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        Self { clock, answers: Arc::new(Mutex::new(answers.into_iter().collect())), seen: Arc::default() }
    }

    pub(crate) fn now_answers(&self, answers: impl IntoIterator<Item = Anything>) {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
    }

    pub(crate) fn requests(&self) -> usize {
        *self.seen.lock().unwrap()
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", "demo-secret")
            .access_token("token")
            .clock(Arc::new(self.clock.clone()))
            .random(Random::seeded(1))
            .transport(self.clone())
    }
}

#[async_trait::async_trait]
impl Transport for Platform {
    async fn send(&self, _: http::Request<Body>) -> Result<Response<Body>, TransportError> {
        *self.seen.lock().unwrap() += 1;
        let next = {
            let mut answers = self.answers.lock().unwrap();
            answers.rotate_left(1);
            answers.back().unwrap().clone()
        };
        self.clock.advance(next.takes);
        // In two pieces, so that what is announced of the size is made use of.
        let (first, second) = next.body.split_at(next.body.len() / 2);
        let pieces = [first, second].map(Bytes::copy_from_slice).into_iter().filter(|piece| !piece.is_empty());
        let mut answer = Response::new(Body::new(Pieces(pieces.collect())));
        *answer.status_mut() = StatusCode::from_u16(next.status).unwrap();
        for (name, value) in next.headers {
            let value = HeaderValue::from_bytes(&value).unwrap();
            answer.headers_mut().append(HeaderName::from_static(name), value);
        }
        Ok(answer)
    }
}

struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// On a manual clock and in memory nothing is ever waited for.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits for something that nobody brings about"),
    }
}

/// One call, which ends by its deadline: what came of it.
pub(crate) fn call(platform: &Platform, shop: &Shop, timeout: Duration) -> Result<Json, Error> {
    let request = shop.request(Method::POST, "/trade/v1/orders/T1/close").quota("trade.orders", 3);
    let (began, slept) = (platform.clock.monotonic(), platform.clock.slept());
    let outcome = at_once(request.with_timeout(timeout).send::<Json>());
    let (slept, took) = (platform.clock.slept() - slept, platform.clock.monotonic() - began);
    assert!(slept <= timeout, "slept {slept:?} of {timeout:?} (in all {took:?})");
    if let Err(error) = &outcome {
        let said = format!("{error} {error:?}");
        assert!(said.len() < 100_000 && !said.contains("demo-secret"), "{said}");
    }
    outcome
}
