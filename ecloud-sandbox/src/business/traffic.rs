//! Traffic: buyers who come by themselves, so many an hour, and do what buyers do.
//!
//! Everything follows from the seed. What the seller does is left to whoever is tested: nobody ships.

use std::sync::Arc;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::Shop;
use super::buyer::{self, Basket, Claim};
use super::due::Due;
use super::product::{ListingStatus, SkuStatus};
use super::trade::{OrderKind, PaymentMethod, Receiver, RefundKind, RefundReason};
use crate::dice::Dice;
use crate::seed::some_receiver;

const SECOND_MILLIS: i64 = 1_000;

/// The buyers who come to a shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Traffic {
    /// When the first of them comes.
    pub(crate) begins_at: Timestamp,
    /// The time between two of them, in microseconds.
    pub(crate) interval_micros: u64,
    /// How many come at most.
    pub(crate) limit: u64,
    /// The share of those who pay.
    #[serde(with = "crate::snapshot::exact")]
    pub(crate) paid_share: f64,
    /// The share, of those who paid, who want their money back before anything is shipped.
    #[serde(with = "crate::snapshot::exact")]
    pub(crate) refund_share: f64,
    /// How many have come.
    pub(crate) arrived: u64,
    /// How many of them have placed an order.
    pub(crate) ordered: u64,
    /// Which variants are bought, as they were for sale when the first buyer came.
    pub(crate) assortment: Vec<String>,
    pub(crate) dice: Dice,
    /// Whom all goods go to, once somebody has ordered.
    #[serde(skip)]
    pub(crate) receiver: Option<Arc<Receiver>>,
}

impl Traffic {
    /// When the next buyer comes; nothing once all have come.
    fn next_at(&self) -> Option<Timestamp> {
        let after = i64::try_from(self.arrived.saturating_mul(self.interval_micros) / 1_000).ok()?;
        (self.arrived < self.limit).then(|| self.begins_at.offset_by_millis(after))
    }
}

/// What a buyer of the traffic does after he has placed an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Errand {
    /// He pays it.
    Pays,
    /// He wants his money back.
    Refunds,
}

/// Buyers come from now on, instead of those that came before.
pub(crate) fn start(shop: &mut Shop, mut traffic: Traffic) {
    let for_sale = shop.skus.iter().filter(|sku| {
        let item = shop.items.get(&sku.item_id);
        sku.status == SkuStatus::Enabled && item.is_some_and(|item| item.listing_status == ListingStatus::OnSale)
    });
    traffic.assortment = for_sale.map(|sku| sku.sku_id.clone()).collect();
    let next_at = traffic.next_at();
    shop.traffic = Some(traffic);
    if let Some(at) = next_at {
        shop.due.insert((at, Due::Arrival));
    }
}

/// A buyer has come.
pub(crate) fn arrival_is_due(shop: &mut Shop, now: Timestamp) {
    // Of traffic that was started anew or stopped, arrivals may still be due.
    let Some(mut traffic) = shop.traffic.take_if(|traffic| traffic.next_at() == Some(now)) else { return };
    traffic.arrived += 1;
    if let Some(order_id) = order(shop, &mut traffic, now) {
        traffic.ordered += 1;
        if traffic.dice.happens(traffic.paid_share) {
            let pays_at = now.offset_by_millis(traffic.dice.between(5, 600) * SECOND_MILLIS);
            shop.due.insert((pays_at, Due::Errand(order_id.clone(), Errand::Pays)));
            if traffic.dice.happens(traffic.refund_share) {
                let asks_at = pays_at.offset_by_millis(traffic.dice.between(60, 7_200) * SECOND_MILLIS);
                shop.due.insert((asks_at, Due::Errand(order_id, Errand::Refunds)));
            }
        }
    }
    if let Some(at) = traffic.next_at() {
        shop.due.insert((at, Due::Arrival));
    }
    shop.traffic = Some(traffic);
}

/// Places an order of what is there; nothing where a buyer finds nothing.
fn order(shop: &mut Shop, traffic: &mut Traffic, now: Timestamp) -> Option<String> {
    let mut lines: Vec<(String, u32)> = Vec::new();
    for _ in 0..traffic.dice.between(1, 3) {
        if traffic.assortment.is_empty() {
            return None;
        }
        let sku_id = traffic.dice.pick(&traffic.assortment).clone();
        let quantity = traffic.dice.between(1, 3) as u32;
        let is_there = shop.stock.get(&sku_id).is_some_and(|stock| stock.available >= quantity);
        if is_there && lines.iter().all(|(other, _)| *other != sku_id) {
            lines.push((sku_id, quantity));
        }
    }
    let basket = Basket {
        buyer_id: format!("b-{:05}", traffic.dice.between(1, 20_000)),
        kind: OrderKind::Normal,
        lines,
        receiver: Arc::clone(traffic.receiver.get_or_insert_with(|| Arc::new(some_receiver(&shop.safe)))),
        freight: *traffic.dice.pick(&[0, 0, 600, 800, 1_200]),
        message: None,
        discounts: Vec::new(),
    };
    if basket.lines.is_empty() {
        return None;
    }
    // What was for sale may be taken off sale meanwhile: then nothing has happened.
    buyer::place(shop, basket, now).ok().map(|order| order.order_id.clone())
}

/// A buyer goes on, where the seller's and the platform's doings still allow it.
pub(crate) fn errand_is_due(shop: &mut Shop, order_id: String, errand: Errand, now: Timestamp) {
    _ = match errand {
        Errand::Pays => buyer::pay(shop, &order_id, PaymentMethod::Wallet, now).map(drop),
        Errand::Refunds => {
            let claim = Claim {
                order_id,
                line_id: None,
                kind: RefundKind::RefundOnly,
                quantity: None,
                amount: None,
                reason: RefundReason::ChangedMind,
                explanation: None,
            };
            buyer::claim(shop, claim, now).map(drop)
        }
    };
}
