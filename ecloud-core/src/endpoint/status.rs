//! How endpoints fare, for whoever asks.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::breaker::State;
use super::upstream::Upstreams;
use crate::Error;

/// How an endpoint fares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointStatus {
    /// Its address.
    pub address: String,
    /// Whether calls are sent there.
    pub state: EndpointState,
    /// Failures in a row, as long as it is healthy.
    pub failures: u32,
    /// How long it is left alone yet; zero unless it is [open](EndpointState::Open).
    pub pause_left: Duration,
    /// What the platform's clock is ahead of this one there, in milliseconds, as far as it was learned.
    pub clock_offset_millis: i64,
}

/// Whether calls are sent to an endpoint, in the terms of a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointState {
    /// It is healthy: calls go there.
    Closed,
    /// It has failed: it is left alone.
    Open,
    /// It is being tried, one call at a time.
    HalfOpen,
}

/// What [`Client::check_endpoints`](crate::Client::check_endpoints) has found at one endpoint.
#[derive(Debug)]
#[non_exhaustive]
pub struct EndpointCheck {
    /// Its address.
    pub address: String,
    /// How long the call took, its wait for quota included; or why it failed.
    pub outcome: Result<Duration, Error>,
}

impl EndpointState {
    /// The state as it is written in events and metrics: `closed`, `open`, `half_open`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl State {
    pub(super) fn name(self) -> EndpointState {
        match self {
            Self::Closed { .. } => EndpointState::Closed,
            Self::Open { .. } => EndpointState::Open,
            Self::HalfOpen { .. } => EndpointState::HalfOpen,
        }
    }
}

impl Upstreams {
    /// How all that calls are shared among fare now, the canary last.
    pub(crate) fn status(&self, now: Duration) -> Vec<EndpointStatus> {
        let health = self.lock();
        let told = self.all.iter().zip(health.iter()).map(|(upstream, health)| {
            let (failures, until) = match health.state {
                State::Closed { failures } => (failures, now),
                State::Open { until } => (0, until),
                State::HalfOpen { .. } => (0, now),
            };
            EndpointStatus {
                address: upstream.address.to_string(),
                state: health.state.name(),
                failures,
                pause_left: until.saturating_sub(now),
                clock_offset_millis: upstream.clock_offset.load(Ordering::Relaxed),
            }
        });
        told.collect()
    }
}
