//! Section 7: a token bucket for each application and operation group.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ecloud_core::Timestamp;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::platform::Refusal;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// What an application has agreed with the platform: how fast its buckets fill and how much they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// 20 tokens a second, a bucket of 40.
    #[default]
    Standard,
    /// 100 tokens a second, a bucket of 200.
    Advanced,
    /// 500 tokens a second, a bucket of 1,000.
    Strategic,
}

impl Tier {
    /// Tokens a second.
    pub fn rate(self) -> u32 {
        match self {
            Self::Standard => 20,
            Self::Advanced => 100,
            Self::Strategic => 500,
        }
    }

    /// The most tokens that a bucket holds.
    pub fn capacity(self) -> u32 {
        self.rate() * 2
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Advanced => "advanced",
            Self::Strategic => "strategic",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTier;

impl fmt::Display for UnknownTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tier is standard, advanced or strategic")
    }
}

impl std::error::Error for UnknownTier {}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Standard, Self::Advanced, Self::Strategic]
            .into_iter()
            .find(|tier| tier.as_str() == text)
            .ok_or(UnknownTier)
    }
}

/// A tier by its name on the wire, as a member of rows of a saved platform: `#[serde(with = "tier_name")]`.
pub(crate) mod tier_name {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Tier;

    pub(crate) fn serialize<S: Serializer>(tier: &Tier, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(tier.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tier, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The buckets of all applications.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    buckets: HashMap<(String, String), Bucket>,
}

/// Levels count thousandths of a token, so that a refill of whole milliseconds is exact.
#[derive(Debug)]
struct Bucket {
    level: u64,
    filled_at: Timestamp,
}

/// What the buckets say about a request, for its answer's headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QuotaState {
    group: String,
    tier: Tier,
    remaining: u64,
}

impl QuotaState {
    /// Writes the four headers of section 7.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if let Ok(group) = HeaderValue::from_str(&self.group) {
            headers.insert("x-ecloud-quota-group", group);
        }
        headers.insert("x-ecloud-quota-rate", self.tier.rate().into());
        headers.insert("x-ecloud-quota-capacity", self.tier.capacity().into());
        headers.insert("x-ecloud-quota-remaining", self.remaining.into());
    }
}

impl Quotas {
    /// Takes `weight` tokens from the bucket of (`app_key`, `group`), or says how long they are away.
    pub(crate) fn spend(
        &mut self,
        app_key: &str,
        tier: Tier,
        group: &str,
        weight: u32,
        now: Timestamp,
    ) -> (QuotaState, Result<(), Refusal>) {
        let capacity = u64::from(tier.capacity()) * 1000;
        let bucket = self
            .buckets
            .entry((app_key.to_owned(), group.to_owned()))
            .or_insert(Bucket { level: capacity, filled_at: now });
        if let Some(elapsed) = now.duration_since(bucket.filled_at) {
            let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            bucket.level = capacity.min(bucket.level.saturating_add(elapsed.saturating_mul(u64::from(tier.rate()))));
            bucket.filled_at = now;
        }

        let cost = u64::from(weight) * 1000;
        let outcome = if bucket.level >= cost {
            bucket.level -= cost;
            Ok(())
        } else {
            let wait = Duration::from_millis((cost - bucket.level).div_ceil(u64::from(tier.rate())));
            let message = format!("the quota of {group} is used up; it has enough again in {} ms", wait.as_millis());
            Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "quota.exceeded", message).with_retry_after(wait))
        };
        (QuotaState { group: group.to_owned(), tier, remaining: bucket.level / 1000 }, outcome)
    }
}

/// A bucket as a row of a saved platform.
#[derive(Serialize, Deserialize)]
struct BucketRow {
    app_key: String,
    group: String,
    level: u64,
    filled_at: Timestamp,
}

impl Part for Quotas {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { buckets } = self;
        let mut buckets: Vec<_> = buckets.iter().collect();
        buckets.sort_by_key(|(name, _)| *name);
        let row = |((app_key, group), bucket): (&(String, String), &Bucket)| {
            let Bucket { level, filled_at } = *bucket;
            BucketRow { app_key: app_key.clone(), group: group.clone(), level, filled_at }
        };
        writer.rows("bucket", buckets.into_iter().map(row))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        if record.kind() != "bucket" {
            return Ok(false);
        }
        let BucketRow { app_key, group, level, filled_at } = record.read()?;
        self.buckets.insert((app_key, group), Bucket { level, filled_at });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_767_225_600_000 + millis)
    }

    #[test]
    fn a_bucket_starts_full_and_is_empty_after_its_capacity() {
        let mut quotas = Quotas::default();
        for left in (0..40).rev() {
            let (state, outcome) = quotas.spend("app", Tier::Standard, "trade.orders", 1, at(0));
            assert_eq!((state.remaining, outcome), (left, Ok(())));
        }
        let (state, outcome) = quotas.spend("app", Tier::Standard, "trade.orders", 1, at(0));
        assert_eq!(state.remaining, 0);
        assert_eq!(outcome.unwrap_err().retry_after(), Some(Duration::from_millis(50)));
    }

    #[test]
    fn the_wait_it_names_is_exactly_enough() {
        let mut quotas = Quotas::default();
        for _ in 0..40 {
            quotas.spend("app", Tier::Standard, "g", 1, at(0)).1.unwrap();
        }
        let wait = quotas.spend("app", Tier::Standard, "g", 3, at(7)).1.unwrap_err().retry_after().unwrap();
        assert_eq!(wait, Duration::from_millis(143));
        assert!(quotas.spend("app", Tier::Standard, "g", 3, at(149)).1.is_err());
        assert!(quotas.spend("app", Tier::Standard, "g", 3, at(150)).1.is_ok());
    }

    #[test]
    fn applications_and_groups_have_buckets_of_their_own() {
        let mut quotas = Quotas::default();
        quotas.spend("a", Tier::Standard, "g", 40, at(0)).1.unwrap();
        assert!(quotas.spend("a", Tier::Standard, "g", 1, at(0)).1.is_err());
        assert!(quotas.spend("b", Tier::Standard, "g", 1, at(0)).1.is_ok());
        assert!(quotas.spend("a", Tier::Standard, "h", 1, at(0)).1.is_ok());
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut quotas = Quotas::default();
        quotas.spend("a", Tier::Standard, "g", 40, at(1000)).1.unwrap();
        assert!(quotas.spend("a", Tier::Standard, "g", 1, at(0)).1.is_err());
        assert!(quotas.spend("a", Tier::Standard, "g", 1, at(1049)).1.is_err());
        assert!(quotas.spend("a", Tier::Standard, "g", 1, at(1050)).1.is_ok());
    }
}
