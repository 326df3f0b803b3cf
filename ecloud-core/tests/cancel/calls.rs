//! Calls and draws that are dropped.

use std::time::Duration;

use ecloud_core::RetryPolicy;

use crate::drops::at_every_poll;
use crate::world::{QUOTA, World};

/// What a call has used of the quota is what it has sent, whenever it is dropped.
fn assert_nothing_lost(world: &World) {
    let sent = u32::try_from(world.seen()).unwrap();
    assert_eq!(world.quota_left(), QUOTA - sent);
}

#[test]
fn a_dropped_call_gives_back_what_it_has_not_used() {
    let polls = at_every_poll(
        || World::new(&[(200, r#"{"order_id":"T1","status":"closed"}"#)]),
        |world| Box::pin(async { drop(world.call().await.unwrap()) }),
        |world, _| {
            assert_nothing_lost(world);
            assert_eq!(world.client.retry_budget().available(), 500);
        },
    );
    assert!(polls > 5, "{polls}");
}

#[test]
fn a_call_that_is_dropped_before_its_retry_is_sent_gets_the_price_back() {
    let polls = at_every_poll(
        || World::new(&[(503, ""), (503, "")]),
        |world| Box::pin(async { drop(world.call().await.unwrap()) }),
        |world, ended| {
            assert_nothing_lost(world);
            let spent = 5 * u32::try_from(world.seen().saturating_sub(1)).unwrap();
            let paid_back = if ended { 5 } else { 0 };
            assert_eq!(world.client.retry_budget().available(), 500 - spent + paid_back, "{} sent", world.seen());
        },
    );
    assert!(polls > 8, "{polls}");
}

#[test]
fn a_call_that_is_slowed_down_or_throttled_gives_its_turn_and_permit_back() {
    let refusal = (429, "");
    at_every_poll(
        || World::with(&[refusal, refusal, refusal], RetryPolicy::adaptive()),
        |world| Box::pin(async { drop(world.call().await.unwrap()) }),
        |world, ended| {
            assert_nothing_lost(world);
            let spent = 5 * u32::try_from(world.seen().saturating_sub(1)).unwrap();
            let paid_back = if ended { 5 } else { 0 };
            assert_eq!(world.client.retry_budget().available(), 500 - spent + paid_back);
        },
    );
}

#[test]
fn a_call_that_is_dropped_in_line_gives_its_place_back() {
    at_every_poll(
        || {
            let world = World::new(&[]);
            drop(world.client.quota("trade.orders").weight(QUOTA).try_now().unwrap());
            world
        },
        |world| Box::pin(async { drop(world.call().await.unwrap()) }),
        |world, _| {
            // Who has waited is in the next window.
            let used = u32::try_from(world.seen()).unwrap();
            let whole = world.client.quota("trade.orders").weight(QUOTA - used);
            assert!(whole.expected_wait() <= Duration::from_secs(10), "{:?}", whole.expected_wait());
        },
    );
}

#[test]
fn a_dropped_draw_gives_its_place_back() {
    let spent = || {
        let world = World::new(&[]);
        drop(world.client.quota("trade.orders").weight(QUOTA).try_now().unwrap());
        world
    };
    at_every_poll(
        spent,
        |world| Box::pin(async { world.client.quota("trade.orders").weight(QUOTA).wait().await.give_back() }),
        |world, _| assert!(world.client.quota("trade.orders").weight(QUOTA).expected_wait() <= Duration::from_secs(10)),
    );
    at_every_poll(
        spent,
        |world| {
            Box::pin(async {
                let patience = Duration::from_secs(10);
                world.client.quota("trade.orders").deadline(patience).await.unwrap().give_back();
            })
        },
        |world, _| assert!(world.client.quota("trade.orders").weight(QUOTA).expected_wait() <= Duration::from_secs(10)),
    );
}
