//! The endpoints of a client, as they are configured.

use std::fmt;

use super::breaker::Breaker;
use super::mirror::Mirror;

/// One address of the platform: a region, a gateway, a data centre.
///
/// ```
/// use ecloud_core::Endpoint;
///
/// let nearby = Endpoint::new("https://cn-east.example.com").with_zone("east").with_weight(3);
/// let fallback = Endpoint::new("https://cn-north.example.com").with_priority(1);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Endpoint {
    pub(super) address: String,
    pub(super) weight: u32,
    pub(super) priority: u32,
    pub(super) zone: Option<String>,
}

impl Endpoint {
    /// An endpoint of weight 1 and priority 0. The address is of the form that [`ClientBuilder::endpoint`](crate::ClientBuilder::endpoint)
    /// takes; it is checked when the client is built.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), weight: 1, priority: 0, zone: None }
    }

    /// Its share of the calls among endpoints of the same priority and zone; 1 unless set. One of weight 0 is only used where no other is
    /// left.
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Its rank; 0 unless set. Calls go to the lowest number that has a healthy endpoint.
    pub fn with_priority(mut self, priority: u32) -> Self {
        self.priority = priority;
        self
    }

    /// Where it is, in words of your own; see [`Endpoints::prefer_zone`].
    pub fn with_zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }
}

impl fmt::Debug for Endpoint {
    /// An allow-list: an address that isn't checked yet may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("weight", &self.weight)
            .field("priority", &self.priority)
            .field("zone", &self.zone)
            .finish_non_exhaustive()
    }
}

impl<T: Into<String>> From<T> for Endpoint {
    fn from(address: T) -> Self {
        Self::new(address)
    }
}

/// Several endpoints of one platform, and how calls are shared among them.
///
/// Each attempt goes to a healthy endpoint: of those with the lowest [priority](Endpoint::with_priority), of the [preferred
/// zone](Self::prefer_zone) if one of them is, by [weight](Endpoint::with_weight). An endpoint that fails several times in a row is left
/// alone for a while ([`Breaker`]); where none is healthy, calls are shared among all, since a call that isn't tried has failed for
/// certain. A call that meets a dead endpoint goes on to another one at once, as a further attempt: it counts against the policy's limit
/// and is paid from the retry budget.
///
/// **A write goes to a second endpoint only if it never reached the first, or carries an idempotency key**; otherwise all its attempts
/// stay where the first one went. The offset of the platform's clock is kept for each endpoint.
///
/// ```
/// use ecloud_core::{Client, Endpoint, Endpoints, Mirror};
///
/// # fn main() -> Result<(), ecloud_core::Error> {
/// let endpoints = Endpoints::new([
///     Endpoint::new("https://east.example.com").with_zone("east"),
///     Endpoint::new("https://west.example.com").with_zone("west"),
///     Endpoint::new("https://fallback.example.com").with_priority(1),
/// ])
/// .prefer_zone("east")
/// .with_canary("https://next.example.com", 0.05)
/// .with_mirror(Mirror::new("https://rehearsal.example.com", 0.01).on_copy(|copy| {
///     if !copy.is_same() {
///         println!("{}: {} and {:?}, {:?}", copy.operation, copy.status, copy.mirror_status, copy.differences);
///     }
/// }));
/// let client = Client::builder().endpoints(endpoints).app("app-key", "app-secret").build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Endpoints {
    pub(super) regular: Vec<Endpoint>,
    pub(super) zone: Option<String>,
    pub(super) breaker: Breaker,
    pub(super) canary: Option<(Endpoint, f64)>,
    pub(super) mirror: Option<Mirror>,
}

impl Endpoints {
    /// These endpoints: 1 to 62 of them, no address twice.
    pub fn new(endpoints: impl IntoIterator<Item = impl Into<Endpoint>>) -> Self {
        Self {
            regular: endpoints.into_iter().map(Into::into).collect(),
            zone: None,
            breaker: Breaker::default(),
            canary: None,
            mirror: None,
        }
    }

    /// Prefers the endpoints of this zone to others of the same priority, as long as one of them is healthy.
    pub fn prefer_zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// When an endpoint is left alone, and for how long; [`Breaker::default`] unless set. A client with one endpoint has no breaker.
    pub fn with_breaker(mut self, breaker: Breaker) -> Self {
        self.breaker = breaker;
        self
    }

    /// Sends the calls of a share of the shops, from 0 to 1, to this endpoint while it is healthy.
    ///
    /// A shop is on one side for good, in every process: it is on the canary's where the first 8 bytes of the SHA-256 of its
    /// [id](crate::Client::for_shop), as a big-endian number, are below share × 2⁶⁴. So a share that grows keeps the shops that it had.
    /// Calls without a shop's id stay with the others.
    pub fn with_canary(mut self, endpoint: impl Into<Endpoint>, share: f64) -> Self {
        self.canary = Some((endpoint.into(), share));
        self
    }

    /// Copies a share of the reads to another endpoint, and compares what comes of them.
    pub fn with_mirror(mut self, mirror: Mirror) -> Self {
        self.mirror = Some(mirror);
        self
    }
}
