//! A platform of a few lines: it verifies each request by the protocol and answers what the test has prepared.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud_core::dialect::ecloud::{Incoming, SigningKey};
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{Client, ClientBuilder, Clock, ManualClock, Random, Timestamp};
use http::{Request, Response};

pub(crate) const SECRET: &str = "planted-app-secret";
pub(crate) const TOKEN: &str = "planted.access-token";

/// When the tests take place.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_unix_seconds(1_795_336_200)
}

/// What the platform does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Answer(u16, &'static [(&'static str, &'static str)], &'static str),
    Refuse,
    BreakOff,
}

pub(crate) fn ok() -> Step {
    Step::Answer(200, &[("content-type", "application/json")], r#"{"order_id":"T1"}"#)
}

pub(crate) fn status(status: u16) -> Step {
    Step::Answer(status, &[], "")
}

/// What the platform saw of one request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) target: String,
    pub(crate) nonce: String,
    pub(crate) timestamp: i64,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) clock: ManualClock,
    steps: Arc<Mutex<VecDeque<Step>>>,
    otherwise: Arc<Mutex<Step>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Platform {
    /// A platform that takes these steps, and then succeeds.
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            clock: ManualClock::new(start()),
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            otherwise: Arc::new(Mutex::new(ok())),
            seen: Arc::default(),
        }
    }

    /// The same on another platform's clock.
    pub(crate) fn on(mut self, clock: &ManualClock) -> Self {
        self.clock = clock.clone();
        self
    }

    pub(crate) fn otherwise(self, step: Step) -> Self {
        *self.otherwise.lock().unwrap() = step;
        self
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A client of this platform, on the same clock.
    pub(crate) fn client(&self) -> ClientBuilder {
        let platform = self.clone();
        Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", SECRET)
            .access_token(TOKEN)
            .clock(Arc::new(self.clock.clone()))
            .random(Random::seeded(1))
            .transport(MemoryTransport::new(move |request| platform.answer(request)))
    }

    pub(crate) fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let target = request.uri().path_and_query().unwrap().as_str().to_owned();
        let incoming =
            Incoming::parse(request.method(), &target, request.headers(), request.body()).expect("well formed");
        let timestamp = request.headers()["x-ecloud-timestamp"].to_str().unwrap().parse().unwrap();
        incoming.verify(&SigningKey::new(SECRET.as_bytes()), Timestamp::from_unix_seconds(timestamp)).expect("signed");
        self.seen.lock().unwrap().push(Seen {
            nonce: incoming.nonce().to_owned(),
            timestamp,
            idempotency_key: incoming.idempotency_key().map(str::to_owned),
            tag: request.headers().get("x-ecloud-tag").map(|tag| tag.to_str().unwrap().to_owned()),
            at: self.clock.now(),
            target: target.clone(),
        });
        self.step()
    }

    /// Answers a request that isn't signed.
    pub(crate) fn answer_unsigned(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.seen.lock().unwrap().push(Seen {
            target: request.uri().to_string(),
            nonce: String::new(),
            timestamp: 0,
            idempotency_key: None,
            tag: None,
            at: self.clock.now(),
        });
        self.step()
    }

    fn step(&self) -> Result<Response<Bytes>, TransportError> {
        let step = self.steps.lock().unwrap().pop_front().unwrap_or_else(|| self.otherwise.lock().unwrap().clone());
        match step {
            Step::Answer(status, headers, body) => {
                let mut answer = Response::builder().status(status);
                for (name, value) in headers {
                    answer = answer.header(*name, *value);
                }
                Ok(answer.body(Bytes::from_static(body.as_bytes())).unwrap())
            }
            Step::Refuse => Err(TransportError::not_sent("connection refused")),
            Step::BreakOff => Err(TransportError::outcome_unknown("connection reset")),
        }
    }
}
