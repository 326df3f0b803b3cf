//! The seeded shop: what a sandbox has in it before anybody does anything.
//!
//! Everything follows from the seed and from the hour in which the sandbox starts: its history leads up to that hour. All sandboxes
//! of a process that start alike share one copy.

mod catalogue;
pub(crate) mod examples;
mod history;
mod people;
mod requests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ecloud_core::Timestamp;

pub(crate) use catalogue::{carriers, categories};
pub(crate) use people::some_receiver;

use crate::business::{Shop, ShopRules};
use crate::platform::Refusal;
use crate::protocol::sensitive::Safe;

const HOUR_MILLIS: i64 = 3_600_000;

/// As many different shops are kept for the next sandbox that starts.
const KEPT: usize = 8;

#[derive(Clone, PartialEq, Eq)]
struct Key {
    seed: u64,
    shop_id: String,
    number: u32,
    hour: Timestamp,
}

static KEPT_SHOPS: Mutex<VecDeque<(Key, Shop)>> = Mutex::new(VecDeque::new());

/// How much is in a shop.
#[derive(Clone, Copy, Debug)]
struct Size {
    items: usize,
    orders: usize,
}

/// A shop with its history up to `now`. Shop number 1 is the demo shop; the others are small.
pub(crate) fn shop(rules: &ShopRules, safe: Arc<Safe>, number: u32, now: Timestamp) -> Shop {
    let hour = now.offset_by_millis(-now.unix_millis().rem_euclid(HOUR_MILLIS));
    let key = Key { seed: rules.seed, shop_id: safe.shop_id.clone(), number, hour };
    // Held while the history is played, so that many sandboxes that start at once play it once.
    let mut kept = KEPT_SHOPS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = kept.iter().find(|(other, _)| *other == key).map(|(_, shop)| shop.clone());
    let mut shop = found.unwrap_or_else(|| {
        let shop = play(rules, safe, number, hour).expect("a test plays the histories of many seeds");
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((key, shop.clone()));
        shop
    });
    drop(kept);
    if shop_is_of_examples(&shop.safe) {
        examples::set_off(&mut shop, now).expect("a test sets it off");
    }
    shop.under(rules)
}

fn play(rules: &ShopRules, safe: Arc<Safe>, number: u32, hour: Timestamp) -> Result<Shop, Refusal> {
    if shop_is_of_examples(&safe) {
        let mut shop = Shop::new(rules, safe, number);
        people::move_in(&mut shop, hour);
        examples::set_out(&mut shop, hour)?;
        return Ok(shop);
    }
    let size = if number == 1 { Size { items: usize::MAX, orders: 500 } } else { Size { items: 12, orders: 24 } };
    let mut shop = Shop::new(rules, safe, number);
    people::move_in(&mut shop, hour);
    catalogue::fill(&mut shop, rules.seed, size, hour)?;
    history::play(&mut shop, rules.seed, size, hour)?;
    shop.catch_up(hour)?;
    Ok(shop)
}

fn shop_is_of_examples(safe: &Safe) -> bool {
    safe.shop_id == examples::SHOP_ID
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ecloud_core::Money;

    use super::*;
    use crate::business::trade::Order;
    use crate::platform::{Market, Settings};

    const NOW: Timestamp = Timestamp::from_unix_millis(1_763_800_000_123);

    fn seeded(seed: u64, now: Timestamp) -> Shop {
        let settings = Settings::default().with_seed(seed);
        Market::new(&settings, now).shop("demo-shop", now).unwrap().clone()
    }

    fn check_amounts(order: &Order) {
        let amounts = &order.amounts;
        let sum = |of: fn(&crate::business::trade::Line) -> Money| {
            order.lines.iter().map(|line| of(line).amount).sum::<i64>()
        };
        for line in &order.lines {
            assert_eq!(line.payment.amount, line.price_now());
            assert!(line.payment.amount >= 0 && (0..=line.payment.amount).contains(&line.refunded.amount));
            assert!(line.shipped_quantity + line.refunded_quantity <= line.quantity);
        }
        assert_eq!(
            amounts.goods.amount,
            order.lines.iter().map(|line| line.price.amount * i64::from(line.quantity)).sum::<i64>()
        );
        assert_eq!(amounts.adjustment.amount, sum(|line| line.adjustment));
        assert_eq!(amounts.discount.amount, sum(|line| line.discount));
        assert_eq!(amounts.promotion.amount, sum(|line| line.allocated_promotion));
        assert_eq!(amounts.payment.amount, sum(|line| line.payment) + amounts.freight.amount);
        assert!(amounts.refunded.amount <= amounts.paid.amount);
        let of_lines: i64 = order.promotions.iter().filter(|p| p.line_id.is_some()).map(|p| p.amount.amount).sum();
        let of_order: i64 = order.promotions.iter().filter(|p| p.line_id.is_none()).map(|p| p.amount.amount).sum();
        assert_eq!((of_lines, of_order), (amounts.discount.amount, amounts.promotion.amount));
    }

    #[test]
    fn the_demo_shop_has_enough_of_everything() {
        let shop = seeded(1, NOW);
        let mut orders: BTreeMap<&str, usize> = BTreeMap::new();
        for order in shop.orders.iter() {
            *orders.entry(order.status.as_str()).or_default() += 1;
        }
        assert!(shop.items.iter().count() >= 60);
        assert_eq!(orders.values().sum::<usize>(), 500);
        assert_eq!(orders.len(), 6, "{orders:?}");
        assert!(orders["paid"] >= 40, "{orders:?}");
        assert!(shop.refunds.iter().count() >= 40);
        assert!(shop.carriers.len() >= 8);
    }

    #[test]
    fn the_history_of_many_seeds_adds_up() {
        for seed in 0..20 {
            let shop = seeded(seed, NOW);
            let mut reserved: BTreeMap<&str, u32> = BTreeMap::new();
            for order in shop.orders.iter() {
                check_amounts(order);
                for line in &order.lines {
                    *reserved.entry(line.sku_id()).or_default() += line.reserved;
                    let expected =
                        if line.closed { 0 } else { line.quantity - line.shipped_quantity - line.refunded_quantity };
                    assert_eq!(line.reserved, expected, "{} {}", order.order_id, line.line_id);
                }
            }
            for stock in shop.stock.iter() {
                assert_eq!(
                    stock.reserved,
                    reserved.get(stock.sku_id.as_str()).copied().unwrap_or(0),
                    "{}",
                    stock.sku_id
                );
            }
        }
    }

    #[test]
    fn a_history_follows_from_its_seed_and_hour() {
        let ids =
            |shop: &Shop| shop.orders.newest_change_first().map(|order| order.order_id.clone()).collect::<Vec<_>>();
        let later = NOW.offset_by_millis(1_000);
        assert_eq!(ids(&seeded(1, NOW)), ids(&seeded(1, later)));
        assert_ne!(ids(&seeded(1, NOW)), ids(&seeded(2, NOW)));
    }

    #[test]
    fn nothing_in_the_history_lies_ahead() {
        let shop = seeded(1, NOW);
        assert!(shop.orders.iter().all(|order| order.modified_at <= NOW && order.created_at <= order.modified_at));
        assert!(shop.refunds.iter().all(|refund| refund.modified_at <= NOW));
        assert!(shop.shipments.iter().all(|shipment| shipment.modified_at <= NOW));
    }
}
