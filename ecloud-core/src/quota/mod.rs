//! Quota: each attempt waits its turn, so that the platform doesn't have to refuse it.

mod bucket;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use bucket::{Bucket, WaitsTooLong};

/// How fast calls may go, for each quota group of an application: a bucket of tokens that fills at a rate (protocol section 7).
///
/// What the platform says in its `x-ecloud-quota-*` headers replaces these figures as soon as it is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuotaLimit {
    limit: Option<Limit>,
}

/// A rate in tokens a second, and how many tokens the bucket holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) rate: f64,
    pub(crate) capacity: f64,
}

impl QuotaLimit {
    /// The tier `standard`: 20 tokens a second, 40 at once.
    pub const STANDARD: Self = Self::of(20.0, 40.0);
    /// The tier `advanced`: 100 tokens a second, 200 at once.
    pub const ADVANCED: Self = Self::of(100.0, 200.0);
    /// The tier `strategic`: 500 tokens a second, 1000 at once.
    pub const STRATEGIC: Self = Self::of(500.0, 1000.0);
    /// No limit on this side: the platform refuses what is too much, and the client tries again.
    pub const UNLIMITED: Self = Self { limit: None };

    const fn of(rate: f64, capacity: f64) -> Self {
        Self { limit: Some(Limit { rate, capacity }) }
    }

    /// `rate` tokens a second, `capacity` at once; `None` unless both are finite, the rate above 0 and the capacity at least 1.
    pub fn new(rate: f64, capacity: f64) -> Option<Self> {
        Limit::new(rate, capacity).map(|limit| Self { limit: Some(limit) })
    }
}

impl Limit {
    fn new(rate: f64, capacity: f64) -> Option<Self> {
        (rate.is_finite() && capacity.is_finite() && rate > 0.0 && capacity >= 1.0).then_some(Self { rate, capacity })
    }

    /// What an answer says of its group, if it can be believed.
    pub(crate) fn from_headers(rate: &str, capacity: &str) -> Option<Self> {
        Self::new(rate.parse().ok()?, capacity.parse().ok()?)
    }
}

/// The buckets of an application, one for each group that was called.
#[derive(Debug)]
pub(crate) struct Buckets {
    limit: Option<Limit>,
    by_group: Mutex<HashMap<Box<str>, Arc<Bucket>>>,
}

impl Buckets {
    pub(crate) fn new(limit: QuotaLimit) -> Self {
        Self { limit: limit.limit, by_group: Mutex::default() }
    }

    /// The bucket of a group; `None` where nothing is limited on this side.
    pub(crate) fn of(&self, group: &str) -> Option<Arc<Bucket>> {
        let limit = self.limit?;
        let mut by_group = self.by_group.lock().unwrap_or_else(PoisonError::into_inner);
        match by_group.get(group) {
            Some(bucket) => Some(bucket.clone()),
            None => Some(by_group.entry(group.into()).or_insert_with(|| Arc::new(Bucket::new(limit))).clone()),
        }
    }
}
