//! Section 10: what the platform tells, how often, and to whom.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ecloud_core::event::{Event, EventOutcome, UntypedEvent, WebhookHandler, WebhookVerifier};
use ecloud_core::{ManualClock, Method, Shop, Timestamp};
use ecloud_sandbox::{AuditVerdict, EventDelivery, EventFaults, Purchase, RefundRequest, Sandbox};
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const HOUR: Duration = Duration::from_secs(3600);

fn sandbox() -> (Sandbox, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone())).build();
    (sandbox, clock)
}

fn subscribed() -> (Sandbox, ManualClock) {
    let (sandbox, clock) = sandbox();
    sandbox.keep_events(SECRET).unwrap();
    (sandbox, clock)
}

fn verifier(clock: &ManualClock) -> WebhookVerifier {
    WebhookVerifier::with_clock([SECRET.parse().unwrap()], Arc::new(clock.clone())).unwrap()
}

fn read(delivery: &EventDelivery) -> Event<UntypedEvent> {
    Event::read(&delivery.body).unwrap()
}

fn data(event: &Event<UntypedEvent>) -> Value {
    event.data.data.read().unwrap()
}

/// Takes and acknowledges all that is due.
fn take(sandbox: &Sandbox) -> Vec<Event<UntypedEvent>> {
    let due = sandbox.events();
    due.iter().for_each(|delivery| sandbox.answer_event(delivery, 204));
    due.iter().map(read).collect()
}

/// Those of them that name this object: time goes on for the rest of the shop, too.
fn naming<'a>(events: &'a [Event<UntypedEvent>], id: &str) -> Vec<&'a Event<UntypedEvent>> {
    let id = Value::from(id);
    events.iter().filter(|event| data(event).as_object().unwrap().values().any(|value| *value == id)).collect()
}

/// The types and versions of those events that are about one sort of object.
fn of(events: &[&Event<UntypedEvent>], prefix: &str) -> Vec<(String, u64)> {
    let of_prefix = events.iter().filter(|event| event.event_type.starts_with(prefix));
    of_prefix.map(|event| (event.event_type[prefix.len()..].to_owned(), event.version)).collect()
}

fn shop(sandbox: &Sandbox) -> Shop {
    sandbox.client().build().unwrap().for_shop(sandbox.shop_id())
}

async fn ship(shop: &Shop, order_id: &str) -> Value {
    let tracking_number = format!("SF000000{}", &order_id[1..]);
    let input = json!({"order_id": order_id, "carrier_code": "sf", "tracking_number": tracking_number});
    shop.request(Method::POST, "/logistics/v1/shipments").json(&input).send().await.unwrap()
}

#[tokio::test]
async fn an_orders_life_is_told_in_events_whose_versions_grow() {
    let (sandbox, clock) = subscribed();
    let shop = shop(&sandbox);
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();
    ship(&shop, &order_id).await;
    clock.advance(40 * HOUR);
    sandbox.buyer().confirm_receipt(&order_id).unwrap();
    let all = take(&sandbox);

    let events = naming(&all, &order_id);
    let orders = of(&events, "trade.order.");
    assert_eq!(
        orders.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["created", "paid", "shipped", "changed", "finished"],
        "changed when the parcel was delivered"
    );
    assert!(orders.is_sorted_by(|a, b| a.1 < b.1), "{orders:?}");
    let shipments = of(&events, "logistics.shipment.");
    let names: Vec<&str> = shipments.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["created", "tracked", "tracked", "tracked", "tracked", "tracked", "signed"]);
    assert!(shipments.is_sorted_by(|a, b| a.1 < b.1), "{shipments:?}");
    let stock = of(&naming(&all, "S1000001-1"), "product.stock.");
    assert_eq!(stock.len(), 2, "reserved and shipped: {stock:?}");
    let paid = events.iter().find(|event| event.event_type == "trade.order.paid").unwrap();
    assert_eq!(
        (data(paid)["order_id"].as_str(), data(paid)["status"].as_str()),
        (Some(order_id.as_str()), Some("paid"))
    );
    assert_eq!(paid.shop_id.as_str(), "demo-shop");
    assert!(all.is_sorted_by_key(|event| event.occurred_at));
    assert!(sandbox.events().is_empty(), "all are acknowledged");
}

#[tokio::test]
async fn refunds_items_and_what_time_brings_are_told_too() {
    let (sandbox, clock) = subscribed();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    let refund_id = sandbox.buyer().request_refund(&order_id, RefundRequest::default()).unwrap();
    let unpaid = sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();
    take(&sandbox);
    clock.advance(25 * HOUR);
    let events = take(&sandbox);
    let closed = naming(&events, &unpaid);
    assert_eq!(of(&closed, "trade.order."), [("closed".to_owned(), 2)]);
    assert_eq!(data(closed[0])["close_reason"], "payment_timeout");
    clock.advance(100 * HOUR);
    let events = take(&sandbox);
    let refunds = of(&naming(&events, &refund_id), "trade.refund.");
    assert!(
        !refunds.is_empty() && refunds.iter().all(|(name, version)| name == "changed" && *version > 1),
        "{refunds:?}"
    );

    sandbox.audit_item("I1000001", AuditVerdict::Ban { reason: "forbidden".into() }).unwrap();
    let events = take(&sandbox);
    let audited = naming(&events, "I1000001");
    assert_eq!(of(&audited, "product.item.").len(), 1);
    assert_eq!(data(audited[0])["audit_status"], "banned");
}

#[test]
fn what_happened_before_somebody_wanted_to_know_is_not_told() {
    let (sandbox, _) = sandbox();
    sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    assert!(sandbox.events().is_empty() && sandbox.published_events().is_empty());
    sandbox.keep_events(SECRET).unwrap();
    assert!(sandbox.events().is_empty());
    sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    assert_eq!(sandbox.events().len(), 3, "placed, stock reserved, paid");
    sandbox.stop_events();
    sandbox.buyer().buy(Purchase::new("S1000001-1", 1)).unwrap();
    assert!(sandbox.events().is_empty() && sandbox.published_events().is_empty());
}

#[test]
fn an_event_comes_again_with_growing_delays_until_it_is_acknowledged() {
    let (sandbox, clock) = subscribed();
    sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();
    let ids: BTreeSet<String> = sandbox.events().into_iter().map(|delivery| delivery.event_id).collect();
    assert_eq!(ids.len(), 2, "the order, and the stock");
    for (attempt, delay) in [(2, 5), (3, 300), (4, 1800), (5, 7200)] {
        clock.advance(Duration::from_secs(delay) - Duration::from_millis(1));
        assert!(sandbox.events().iter().all(|event| !ids.contains(&event.event_id)));
        clock.advance(Duration::from_millis(1));
        let again: Vec<_> = sandbox.events().into_iter().filter(|event| ids.contains(&event.event_id)).collect();
        assert_eq!(again.iter().map(|delivery| delivery.event_id.clone()).collect::<BTreeSet<_>>(), ids);
        for delivery in &again {
            assert_eq!(delivery.attempt, attempt);
            assert!(verifier(&clock).verify(&delivery.headers, &delivery.body).is_ok(), "signed anew");
            sandbox.answer_event(delivery, 503);
        }
    }
    clock.advance(5 * HOUR);
    sandbox.events().iter().for_each(|delivery| sandbox.answer_event(delivery, 200));
    clock.advance(1000 * HOUR);
    let published = sandbox.published_events();
    let order = published.iter().find(|event| event.event_type == "trade.order.created").unwrap();
    assert_eq!((order.attempts, order.statuses.as_slice()), (6, [503, 503, 503, 503, 200].as_slice()));
    assert!(order.acknowledged_at.is_some());
}

#[test]
fn after_ten_attempts_it_gives_up() {
    let (sandbox, clock) = subscribed();
    sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();
    let mut attempts = 0;
    for _ in 0..200 {
        attempts += sandbox.events().iter().filter(|delivery| delivery.event_type == "trade.order.created").count();
        clock.advance(HOUR);
    }
    assert_eq!(attempts, 10);
}

#[tokio::test]
async fn every_fault_is_survived_and_each_event_handled_once() {
    let (sandbox, clock) = subscribed();
    sandbox.set_event_faults(
        EventFaults::new()
            .duplicates(4)
            .other_versions()
            .shuffled()
            .forged(0.2)
            .backdated(0.1, HOUR)
            .held_back(0.3, Duration::from_secs(600)),
    );
    let shop = shop(&sandbox);
    for _ in 0..40 {
        let order_id = sandbox.buyer().buy(Purchase::new("S1000002-1", 1)).unwrap();
        ship(&shop, &order_id).await;
    }
    let handler = WebhookHandler::<UntypedEvent>::new(verifier(&clock));
    let mut handled: BTreeMap<String, u32> = BTreeMap::new();
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    let mut deliveries = 0;
    for _ in 0..200 {
        for delivery in sandbox.events() {
            deliveries += 1;
            let fails = deliveries % 7 == 0;
            let work = |event: Event<UntypedEvent>| {
                if !fails {
                    *handled.entry(event.id).or_default() += 1;
                }
                async move { if fails { Err("the database is away") } else { Ok(()) } }
            };
            let answer = handler.handle(&delivery.headers, &delivery.body, work).await;
            let name = match (answer.outcome(), answer.refusal().and_then(|refusal| refusal.code())) {
                (EventOutcome::Refused, Some("event.signature_mismatch")) => "forged",
                (EventOutcome::Refused, Some("event.timestamp_skew")) => "old",
                (EventOutcome::Handled, _) => "handled",
                (EventOutcome::Duplicate, _) => "duplicate",
                (EventOutcome::Failed, _) => "failed",
                other => panic!("{other:?}"),
            };
            *outcomes.entry(name).or_default() += 1;
            sandbox.answer_event(&delivery, answer.status().as_u16());
        }
        if sandbox.published_events().iter().all(|event| event.acknowledged_at.is_some()) {
            break;
        }
        clock.advance(Duration::from_secs(600));
    }
    let published = sandbox.published_events();
    assert!(deliveries >= 1000, "{deliveries}");
    assert_eq!(outcomes.len(), 5, "{outcomes:?}");
    assert!(published.iter().all(|event| event.acknowledged_at.is_some() && handled.get(&event.event_id) == Some(&1)));
    assert_eq!(handled.len(), published.len());
}

#[test]
fn no_event_holds_anything_personal_and_no_debug_a_body() {
    let (sandbox, _) = subscribed();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 1).message("planted message")).unwrap();
    sandbox.buyer().request_refund(&order_id, RefundRequest::default()).unwrap();
    for delivery in sandbox.events() {
        let body = String::from_utf8(delivery.body.to_vec()).unwrap();
        for hidden in ["planted", "masked", "ciphertext", "receiver", "phone"] {
            assert!(!body.contains(hidden), "{body}");
        }
        assert!(!format!("{delivery:?}").contains("shop_id"));
    }
}

#[test]
fn while_secrets_rotate_a_delivery_is_genuine_by_the_new_one_and_by_the_one_before() {
    const NEWER: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u";
    let (sandbox, clock) = subscribed();
    assert_eq!(Sandbox::builder().build().rotate_event_secret(NEWER).unwrap_err().code(), "sandbox.callback_not_found");
    assert_eq!(sandbox.rotate_event_secret("whsec_short").unwrap_err().code(), "request.invalid");
    let next = |secrets: [&str; 3]| {
        sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap();
        let delivery = sandbox.events().remove(0);
        secrets.map(|secret| {
            let verifier = WebhookVerifier::with_clock([secret.parse().unwrap()], Arc::new(clock.clone())).unwrap();
            verifier.verify(&delivery.headers, &delivery.body).is_ok()
        })
    };
    let newest = "whsec_bm1sa2ppaGdmZWRjYmE5ODc2NTQzMjEw";
    assert_eq!(next([SECRET, NEWER, newest]), [true, false, false]);
    sandbox.rotate_event_secret(NEWER).unwrap();
    assert_eq!(next([SECRET, NEWER, newest]), [true, true, false]);
    sandbox.rotate_event_secret(newest).unwrap();
    assert_eq!(next([SECRET, NEWER, newest]), [false, true, true]);
}
