//! Traffic: buyers who come by themselves.

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::business::Shop;
use crate::business::traffic;
use crate::dice::Dice;
use crate::platform::Refusal;

/// As many orders a second at most.
const MOST_A_SECOND: f64 = 1_000.0;
/// As many buyers come unless more is said.
const USUAL_LIMIT: u64 = 100_000;
/// As many buyers come at most.
const MOST: u64 = 10_000_000;

/// Buyers who come to a shop by themselves, at the platform's time: they place orders, pay most of them, and want some money back.
///
/// Everything follows from the seed. Nobody ships: that is for whoever is tested. Time brings the rest: unpaid orders close, shipped ones
/// arrive and are received.
///
/// ```
/// use std::time::Duration;
/// use ecloud_sandbox::{Sandbox, Traffic};
///
/// # fn main() -> Result<(), ecloud_sandbox::ControlError> {
/// let sandbox = Sandbox::builder().build();
/// sandbox.start_traffic(Traffic::orders_per_second(0.5).seed(7).refunded(0.1))?;
/// sandbox.advance(Duration::from_secs(60));
/// assert_eq!(sandbox.traffic().map(|report| report.arrived), Some(31));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "nobody comes until it is started"]
pub struct Traffic {
    orders_per_second: f64,
    #[serde(default = "first_seed")]
    seed: u64,
    #[serde(default = "most_pay")]
    paid_share: f64,
    #[serde(default)]
    refund_share: f64,
    #[serde(default = "usual_limit")]
    limit: u64,
}

fn first_seed() -> u64 {
    1
}

fn most_pay() -> f64 {
    0.9
}

fn usual_limit() -> u64 {
    USUAL_LIMIT
}

impl Traffic {
    /// So many buyers a second of the platform's time: more than 0, at most 1,000. 100,000 come, 9 of 10 pay, none wants his money back,
    /// unless more is said.
    pub fn orders_per_second(rate: f64) -> Self {
        Self {
            orders_per_second: rate,
            seed: first_seed(),
            paid_share: most_pay(),
            refund_share: 0.0,
            limit: USUAL_LIMIT,
        }
    }

    /// What all chance follows from; 1 unless given.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The share of orders that are paid, from 0 to 1.
    pub fn paid(mut self, share: f64) -> Self {
        self.paid_share = share;
        self
    }

    /// The share of paid orders whose buyers want their money back within two hours, from 0 to 1.
    pub fn refunded(mut self, share: f64) -> Self {
        self.refund_share = share;
        self
    }

    /// How many buyers come, at most 10,000,000.
    pub fn limit(mut self, buyers: u64) -> Self {
        self.limit = buyers;
        self
    }

    pub(crate) fn start(self, shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
        if !(self.orders_per_second > 0.0 && self.orders_per_second <= MOST_A_SECOND) {
            return Err(Refusal::invalid_field("orders_per_second", "must be more than 0 and at most 1000"));
        }
        for (field, share) in [("paid_share", self.paid_share), ("refund_share", self.refund_share)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Refusal::invalid_field(field, "must be at least 0 and at most 1"));
            }
        }
        if self.limit > MOST {
            return Err(Refusal::invalid_field("limit", format!("must be at most {MOST}")));
        }
        let traffic = traffic::Traffic {
            begins_at: now,
            interval_micros: (1_000_000.0 / self.orders_per_second) as u64,
            limit: self.limit,
            paid_share: self.paid_share,
            refund_share: self.refund_share,
            arrived: 0,
            ordered: 0,
            assortment: Vec::new(),
            receiver: None,
            dice: Dice::for_purpose(self.seed, "traffic"),
        };
        traffic::start(shop, traffic);
        // The first of them comes now.
        shop.catch_up(now)
    }
}

/// How much traffic there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrafficReport {
    /// How many buyers have come.
    pub arrived: u64,
    /// How many of them have placed an order; the others found nothing in stock.
    pub ordered: u64,
    /// Whether more will come.
    pub goes_on: bool,
}

impl TrafficReport {
    /// The traffic of a shop; nothing where none was started, or it was stopped.
    pub(crate) fn of(shop: &Shop) -> Option<Self> {
        let traffic::Traffic { arrived, ordered, limit, .. } = *shop.traffic.as_ref()?;
        Some(Self { arrived, ordered, goes_on: arrived < limit })
    }
}
