//! What goes wrong on purpose, by chance that can be repeated.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;

use super::faulty_body::{Slow, Truncated};
use crate::transport::{Body, Transport, TransportError};
use crate::{Clock, Random};

/// Injects faults into the exchanges of another transport.
///
/// Each fault has a probability from 0 to 1, 0 unless set. Of these at most one happens to an exchange: not sent, lost before the server,
/// a status, lost behind the server, truncated; where their probabilities add up to more than 1, the later ones get what is left. Latency
/// and slow bodies come on top.
///
/// What happens to the first exchange, the second and so on follows from the seed alone: the same seed gives the same faults, whatever else is
/// drawn meanwhile. All waits go through the clock. Clones count on together.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use ecloud_core::testing::{Faults, ManualClock, MemoryTransport};
/// use ecloud_core::Timestamp;
///
/// let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
/// let server = MemoryTransport::new(|_| Ok(http::Response::new("{}".into())));
/// let faults = Faults::new(server, 7, clock)
///     .with_latency(1.0, Duration::from_millis(5)..=Duration::from_millis(200))
///     .with_server_errors(0.1)
///     .with_lost_answers(0.05);
/// assert_eq!(faults.counts().calls, 0);
/// ```
pub struct Faults<T> {
    transport: Arc<T>,
    clock: Arc<dyn Clock>,
    seed: u64,
    chances: Chances,
    calls: Arc<AtomicU64>,
    counts: Arc<Mutex<FaultCounts>>,
}

/// How often each fault was injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultCounts {
    /// Exchanges, with and without faults.
    pub calls: u64,
    /// Exchanges that began late.
    pub delayed: u64,
    /// Requests that weren't sent, and said so.
    pub not_sent: u64,
    /// Requests that never reached the server, with an unknown outcome.
    pub lost_requests: u64,
    /// Answers with 500 or 503 in the server's stead.
    pub server_errors: u64,
    /// Answers of the server that were dropped, with an unknown outcome.
    pub lost_answers: u64,
    /// Answers whose body broke off.
    pub truncated: u64,
    /// Answers whose body came slowly.
    pub slow: u64,
}

#[derive(Clone)]
struct Chances {
    latency: (f64, Duration, Duration),
    not_sent: f64,
    lost_requests: f64,
    server_errors: f64,
    lost_answers: f64,
    truncated: f64,
    slow: (f64, usize, Duration),
}

/// What happens to one exchange.
struct Plan {
    latency: Option<Duration>,
    fault: Option<Fault>,
    is_slow: bool,
    /// What part of the body comes before it breaks off.
    part: f64,
}

#[derive(Clone, Copy)]
enum Fault {
    NotSent,
    LostRequest,
    Status(StatusCode),
    LostAnswer,
    Truncated,
}

impl<T: Transport> Faults<T> {
    /// No faults yet; those that are set follow from the seed.
    pub fn new(transport: T, seed: u64, clock: Arc<dyn Clock>) -> Self {
        let chances = Chances {
            latency: (0.0, Duration::ZERO, Duration::ZERO),
            not_sent: 0.0,
            lost_requests: 0.0,
            server_errors: 0.0,
            lost_answers: 0.0,
            truncated: 0.0,
            slow: (0.0, 1, Duration::ZERO),
        };
        Self { transport: Arc::new(transport), clock, seed, chances, calls: Arc::default(), counts: Arc::default() }
    }

    /// Waits before the request is sent, for a time from this range, each as likely as the others.
    #[must_use]
    pub fn with_latency(mut self, probability: f64, range: RangeInclusive<Duration>) -> Self {
        self.chances.latency = (probability, *range.start(), *range.end());
        self
    }

    /// Doesn't send the request, and says so.
    #[must_use]
    pub fn with_not_sent(mut self, probability: f64) -> Self {
        self.chances.not_sent = probability;
        self
    }

    /// Doesn't send the request, and leaves the outcome unknown.
    #[must_use]
    pub fn with_lost_requests(mut self, probability: f64) -> Self {
        self.chances.lost_requests = probability;
        self
    }

    /// Answers with 500 or 503, each as likely, instead of sending the request.
    #[must_use]
    pub fn with_server_errors(mut self, probability: f64) -> Self {
        self.chances.server_errors = probability;
        self
    }

    /// Drops the answer once the server has given one, and leaves the outcome unknown.
    #[must_use]
    pub fn with_lost_answers(mut self, probability: f64) -> Self {
        self.chances.lost_answers = probability;
        self
    }

    /// Breaks the answer's body off somewhere before its end, or where it ends if nobody knows its size.
    #[must_use]
    pub fn with_truncated_bodies(mut self, probability: f64) -> Self {
        self.chances.truncated = probability;
        self
    }

    /// Lets the answer's body come in chunks of at most `bytes`, each after a pause.
    #[must_use]
    pub fn with_slow_bodies(mut self, probability: f64, bytes: usize, pause: Duration) -> Self {
        self.chances.slow = (probability, bytes.max(1), pause);
        self
    }

    /// How often each fault was injected so far.
    pub fn counts(&self) -> FaultCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, add: impl FnOnce(&mut FaultCounts)) {
        add(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What happens to exchange `number`. As much is drawn whatever happens, and from a source of its own.
    fn plan(&self, number: u64) -> Plan {
        // An odd factor takes the numbers far apart, so that no sequence runs into the next one's.
        let start = Random::seeded(self.seed ^ number.wrapping_mul(0xd134_2543_de82_ef95)).fraction();
        let random = Random::seeded(start.to_bits() ^ number.rotate_left(32) ^ self.seed);
        let [which, status, late, latency, slow, part] = std::array::from_fn(|_| random.fraction());
        let chances = &self.chances;
        let (is_late, least, most) = chances.latency;
        Plan {
            latency: (late < is_late).then(|| least.saturating_add(most.saturating_sub(least).mul_f64(latency))),
            fault: self.fault(which, if status < 0.5 { 500 } else { 503 }),
            is_slow: slow < chances.slow.0,
            part,
        }
    }

    fn fault(&self, mut drawn: f64, status: u16) -> Option<Fault> {
        let chances = &self.chances;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let faults = [
            (chances.not_sent, Fault::NotSent),
            (chances.lost_requests, Fault::LostRequest),
            (chances.server_errors, Fault::Status(status)),
            (chances.lost_answers, Fault::LostAnswer),
            (chances.truncated, Fault::Truncated),
        ];
        faults.into_iter().find_map(|(probability, fault)| {
            // Neither a negative number nor NaN makes the others likelier.
            let probability = probability.max(0.0);
            let happens = drawn < probability;
            drawn -= probability;
            happens.then_some(fault)
        })
    }

    async fn exchange(&self, request: Request<Body>, plan: &Plan) -> Result<Response<Body>, TransportError> {
        match plan.fault {
            Some(Fault::NotSent) => {
                self.count(|counts| counts.not_sent += 1);
                return Err(TransportError::not_sent("injected: not sent"));
            }
            Some(Fault::LostRequest) => {
                self.count(|counts| counts.lost_requests += 1);
                return Err(TransportError::outcome_unknown("injected: the request was lost"));
            }
            Some(Fault::Status(status)) => {
                self.count(|counts| counts.server_errors += 1);
                return Ok(server_error(status));
            }
            Some(Fault::LostAnswer | Fault::Truncated) | None => {}
        }
        let answer = self.transport.send(request).await?;
        match plan.fault {
            Some(Fault::LostAnswer) => {
                self.count(|counts| counts.lost_answers += 1);
                Err(TransportError::outcome_unknown("injected: the answer was lost"))
            }
            Some(Fault::Truncated) => {
                self.count(|counts| counts.truncated += 1);
                Ok(answer.map(|body| {
                    let known = body.size_hint().exact().map(|size| (size as f64 * plan.part) as u64);
                    Body::new(Truncated::new(body, known))
                }))
            }
            _ => Ok(answer),
        }
    }
}

/// The error that the protocol has for this status.
fn server_error(status: StatusCode) -> Response<Body> {
    let code = if status == StatusCode::SERVICE_UNAVAILABLE { "server.unavailable" } else { "server.internal" };
    let body = format!(r#"{{"error":{{"code":"{code}","message":"injected"}}}}"#);
    let mut answer = Response::new(Body::from(body.into_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

#[async_trait]
impl<T: Transport> Transport for Faults<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let plan = self.plan(self.calls.fetch_add(1, Ordering::Relaxed));
        self.count(|counts| counts.calls += 1);
        if let Some(latency) = plan.latency {
            self.count(|counts| counts.delayed += 1);
            self.clock.sleep(latency).await;
        }
        let answer = self.exchange(request, &plan).await?;
        if !plan.is_slow {
            return Ok(answer);
        }
        self.count(|counts| counts.slow += 1);
        let (_, bytes, pause) = self.chances.slow;
        Ok(answer.map(|body| Body::new(Slow::new(body, bytes, pause, self.clock.clone()))))
    }
}

impl<T> Clone for Faults<T> {
    fn clone(&self) -> Self {
        Self {
            transport: self.transport.clone(),
            clock: self.clock.clone(),
            seed: self.seed,
            chances: self.chances.clone(),
            calls: self.calls.clone(),
            counts: self.counts.clone(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Faults<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("transport", &self.transport).field("seed", &self.seed).finish_non_exhaustive()
    }
}
