//! Events, as a receiver of one domain's types gets them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ecloud::event::{EventData, EventOutcome, StaleEvents, WebhookHandler, WebhookVerifier};
use ecloud::logistics::events::LogisticsEvent;
use ecloud::prelude::*;
use ecloud::product::events::ProductEvent;
use ecloud::trade::events::TradeEvent;
use ecloud::trade::orders::{MemoInput, OrderStatus};
use ecloud_sandbox::{EventFaults, Purchase};

use super::{client, sandbox};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test]
async fn events_are_typed_and_a_domain_keeps_those_of_others_whole() {
    let (sandbox, clock) = sandbox().await;
    sandbox.keep_events(SECRET).unwrap();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();
    let verifier = WebhookVerifier::with_clock([SECRET.parse().unwrap()], Arc::new(clock)).unwrap();
    let handler = WebhookHandler::<TradeEvent>::new(verifier);
    let mut told = Vec::new();
    for delivery in sandbox.events() {
        let answer = handler.handle(&delivery.headers, &delivery.body, |event| {
            told.push(event);
            std::future::ready(Ok::<(), Error>(()))
        });
        assert_eq!(answer.await.outcome(), EventOutcome::Handled);
    }
    let [created, stock, paid] = &told[..] else { panic!("{told:?}") };
    let (TradeEvent::OrderCreated(before), TradeEvent::OrderPaid(after)) = (&created.data, &paid.data) else {
        panic!("{created:?} {paid:?}")
    };
    assert_eq!((before.order_id.as_str(), after.order_id.as_str()), (order_id.as_str(), order_id.as_str()));
    assert_eq!((&before.status, &after.status), (&OrderStatus::WaitPayment, &OrderStatus::Paid));
    assert!(created.version < paid.version);
    let TradeEvent::Unknown(other) = &stock.data else { panic!("{stock:?}") };
    let ProductEvent::StockChanged(stock) = other.read_as::<ProductEvent>().unwrap() else { panic!("{other:?}") };
    assert_eq!(stock.sku_id.as_str(), "S1000001-1");
    assert!(matches!(other.read_as::<LogisticsEvent>().unwrap(), LogisticsEvent::Unknown(_)));
    assert!(stock.reserved >= 2 && other.read_as::<LogisticsEvent>().unwrap().object().is_none());
}

#[tokio::test]
async fn a_copy_kept_from_late_and_repeated_events_ends_as_the_platform_has_it() {
    let (sandbox, clock) = sandbox().await;
    sandbox.keep_events(SECRET).unwrap();
    sandbox.set_event_faults(EventFaults::new().duplicates(2).shuffled().held_back(0.5, Duration::from_secs(900)));
    let orders = Trade::new(client(&sandbox).for_shop(sandbox.shop_id())).orders();
    let mut ids = Vec::new();
    for _ in 0..10 {
        let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
        orders.set_memo(order_id.as_str(), MemoInput::new("fragile")).send().await.unwrap();
        ids.push(order_id);
    }
    let verifier = WebhookVerifier::with_clock([SECRET.parse().unwrap()], Arc::new(clock.clone())).unwrap();
    let handler = WebhookHandler::<TradeEvent>::new(verifier).stale_events(StaleEvents::Skip);
    let (mut copy, mut outcomes) = (BTreeMap::<String, u64>::new(), BTreeMap::<String, u32>::new());
    for _ in 0..3 {
        for delivery in sandbox.events() {
            let answer = handler.handle(&delivery.headers, &delivery.body, |event| {
                if let Some(object) = event.data.object().filter(|object| object.kind == "order") {
                    let before = copy.insert(object.id.to_owned(), event.version).unwrap_or_default();
                    assert!(before < event.version, "the copy went back: {event:?}");
                }
                std::future::ready(Ok::<(), Error>(()))
            });
            let answer = answer.await;
            *outcomes.entry(format!("{:?}", answer.outcome())).or_default() += 1;
            sandbox.answer_event(&delivery, answer.status().as_u16());
        }
        clock.advance(Duration::from_secs(900));
    }
    for order_id in &ids {
        let order = orders.get(order_id.as_str()).send().await.unwrap();
        assert_eq!(copy[order_id], order.version, "{order_id}");
    }
    assert!(["Handled", "Duplicate", "Skipped"].iter().all(|outcome| outcomes.contains_key(*outcome)), "{outcomes:?}");
    let sent: Vec<_> = sandbox.published_events().into_iter().filter(|event| event.attempts > 0).collect();
    assert!(sent.len() >= 40 && sent.iter().all(|event| event.acknowledged_at.is_some()), "{sent:?}");
}
