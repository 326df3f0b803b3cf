//! The endpoints of a client at work.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use super::address::Address;
use super::breaker::{Breaker, Health};
use super::canary;
use super::endpoints::{Endpoint, Endpoints};
use super::mirror::Mirroring;
use crate::{Error, ErrorKind};

/// So many that those that a call has tried fit into a word, canary and mirror included.
const MOST: usize = 62;

/// One endpoint at work.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) address: Address,
    /// What the platform's clock is ahead of this one there, in milliseconds.
    pub(crate) clock_offset: AtomicI64,
    pub(super) weight: u32,
    pub(super) priority: u32,
    pub(super) is_in_zone: bool,
}

/// All endpoints at work: those that calls are shared among, behind them the canary and the mirror.
pub(crate) struct Upstreams {
    pub(super) all: Box<[Upstream]>,
    /// How many of them calls are shared among.
    pub(super) regular: usize,
    pub(super) breaker: Breaker,
    /// How those fare that calls may be sent to; one alone is always used.
    pub(super) health: Mutex<Vec<Health>>,
    canary: Option<f64>,
    mirror: Option<Mirroring>,
    /// The one that has answered last.
    last_heard: AtomicUsize,
}

impl Upstreams {
    /// Checks the configuration.
    pub(crate) fn new(endpoints: Endpoints, plain_hosts: &[String], now: Duration) -> Result<Self, Error> {
        let refused = |message: &'static str| Err(Error::new(ErrorKind::Configuration, message));
        let Endpoints { regular, zone, breaker, canary, mirror } = endpoints;
        if regular.is_empty() {
            return refused("endpoint: missing");
        }
        if regular.len() > MOST {
            return refused("endpoints: more than 62");
        }
        let is_share = |share: f64| (0.0..=1.0).contains(&share);
        if !canary.as_ref().is_none_or(|(_, share)| is_share(*share)) {
            return refused("endpoints: the canary's share is no number from 0 to 1");
        }
        if !mirror.as_ref().is_none_or(|mirror| is_share(mirror.share)) {
            return refused("endpoints: the mirror's share is no number from 0 to 1");
        }
        let shared = regular.len();
        let (canary, share) = canary.unzip();
        let behind = canary.into_iter().chain(mirror.as_ref().map(|mirror| mirror.endpoint.clone()));
        let all = regular.into_iter().chain(behind);
        let all = all.map(|endpoint| Upstream::new(&endpoint, zone.as_deref(), plain_hosts));
        let all: Box<[Upstream]> = all.collect::<Result<_, _>>()?;
        for (at, upstream) in all[..shared].iter().enumerate() {
            if all[..at].iter().any(|other| other.address.to_string() == upstream.address.to_string()) {
                return refused("endpoints: an address stands there twice");
            }
        }
        let chosen_among = shared + usize::from(share.is_some());
        Ok(Self {
            all,
            regular: shared,
            breaker,
            health: Mutex::new((0..chosen_among).map(|_| Health::new(now)).collect()),
            canary: share,
            mirror: mirror.map(Mirroring::new),
            last_heard: AtomicUsize::new(0),
        })
    }

    /// One of them, by its number.
    pub(crate) fn get(&self, number: usize) -> &Upstream {
        &self.all[number]
    }

    /// The addresses that answers may come from.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.all[..self.chosen_among()].iter().map(|upstream| &upstream.address)
    }

    /// All addresses that are spoken to.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Address> {
        self.all.iter().map(|upstream| &upstream.address)
    }

    /// How many calls may be sent to: the mirror isn't among them.
    pub(crate) fn chosen_among(&self) -> usize {
        self.regular + usize::from(self.canary.is_some())
    }

    /// Whether the shop is on the canary's side.
    pub(super) fn is_canary(&self, shop: Option<&str>) -> bool {
        self.canary.zip(shop).is_some_and(|(share, shop)| canary::has(share, shop))
    }

    /// The mirror and its number, where there is one.
    pub(crate) fn mirror(&self) -> Option<(usize, &Mirroring)> {
        self.mirror.as_ref().map(|mirror| (self.all.len() - 1, mirror))
    }

    /// Keeps in mind who has answered.
    pub(super) fn heard(&self, number: usize) {
        if self.last_heard.load(Ordering::Relaxed) != number {
            self.last_heard.store(number, Ordering::Relaxed);
        }
    }

    /// What the platform's clock is ahead of this one, in milliseconds, where it has answered last.
    pub(crate) fn clock_offset(&self) -> &AtomicI64 {
        &self.get(self.last_heard.load(Ordering::Relaxed)).clock_offset
    }
}

impl fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(ToString::to_string)).finish()
    }
}

impl Upstream {
    fn new(endpoint: &Endpoint, zone: Option<&str>, plain_hosts: &[String]) -> Result<Self, Error> {
        Ok(Self {
            address: Address::parse(&endpoint.address, plain_hosts)?,
            clock_offset: AtomicI64::new(0),
            weight: endpoint.weight,
            priority: endpoint.priority,
            is_in_zone: zone.is_some() && endpoint.zone.as_deref() == zone,
        })
    }
}
