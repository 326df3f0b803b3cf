//! What a receiver's function gets to see, and what is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecloud_core::event::{Acknowledgement, EventData, EventOutcome, StaleEvents, WebhookHandler, WebhookSigner};
use ecloud_core::{Clock, ManualClock, Timestamp};
use tokio::sync::oneshot;

use super::{SECRET, ShopEvent, clock, order_event, secret, signed, verifier};

type Handler = WebhookHandler<ShopEvent>;
/// The versions that were handled of each order, and whether they were stale.
type Handled = BTreeMap<String, Vec<(u64, bool)>>;

fn handler() -> Handler {
    WebhookHandler::new(verifier(&clock()))
}

async fn deliver(handler: &Handler, body: &str, result: Result<(), &'static str>) -> Acknowledgement {
    handler.handle(&signed("W1", body), body.as_bytes(), |_| async move { result }).await
}

fn paid(version: u64) -> String {
    order_event(&format!("E{version}"), "trade.order.paid", "T1", version)
}

#[tokio::test]
async fn an_event_is_handled_once_and_duplicates_are_acknowledged() {
    let handler = handler();
    let first = deliver(&handler, &paid(1), Ok(())).await;
    let second = deliver(&handler, &paid(1), Err("it isn't called again")).await;
    assert_eq!((first.outcome(), first.status().as_u16()), (EventOutcome::Handled, 204));
    assert_eq!((second.outcome(), second.status().as_u16()), (EventOutcome::Duplicate, 204));
}

#[tokio::test]
async fn an_event_whose_function_failed_is_sent_again_and_handled_then() {
    let handler = handler();
    let failed = deliver(&handler, &paid(1), Err("planted: the database is away")).await;
    assert_eq!((failed.outcome(), failed.status().as_u16()), (EventOutcome::Failed, 500));
    assert_eq!(failed.failure().map(ToString::to_string).as_deref(), Some("planted: the database is away"));
    assert!(!format!("{failed} {failed:?}").contains("planted") && failed.response().body().is_empty());
    assert_eq!(deliver(&handler, &paid(1), Ok(())).await.outcome(), EventOutcome::Handled);
}

#[tokio::test]
async fn an_event_whose_function_was_cancelled_is_handled_when_it_comes_again() {
    let handler = handler();
    let body = paid(1);
    let headers = signed("W1", &body);
    let mut never = Box::pin(handler.handle(&headers, body.as_bytes(), |_| std::future::pending::<Result<(), &str>>()));
    assert!(futures_poll(never.as_mut()).await);
    let meanwhile = deliver(&handler, &body, Ok(())).await;
    assert_eq!((meanwhile.outcome(), meanwhile.status().as_u16()), (EventOutcome::UnderWay, 503));
    assert_eq!(meanwhile.response().headers()["retry-after"], "1");
    drop(never);
    assert_eq!(deliver(&handler, &body, Ok(())).await.outcome(), EventOutcome::Handled);
}

/// Polls a future once; whether it is still pending.
async fn futures_poll<T>(mut future: std::pin::Pin<&mut (impl Future<Output = T> + ?Sized)>) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn what_is_refused_never_reaches_the_function() {
    let handler = handler();
    let body = paid(1);
    let bad_data = paid(1).replace(r#""T1""#, "1");
    let mut wrong = signed("W1", &body);
    wrong.insert("webhook-id", "W2".parse().expect("a value"));
    let mut without = signed("W1", &body);
    without.remove("webhook-id");
    for (headers, body, status, code) in [
        (signed("W1", "{}"), "{}".to_owned(), 400, "event.body_invalid"),
        (signed("W1", &bad_data), bad_data, 422, "event.data_invalid"),
        (wrong, body.clone(), 401, "event.signature_mismatch"),
        (without, body.clone(), 400, "event.header_missing"),
        (signed("W1", &body), "x".repeat(1024 * 1024 + 1), 413, "event.body_too_large"),
    ] {
        let called = |_| async { panic!("{code} reached the function") };
        let answer = handler.handle::<_, _, &str>(&headers, body.as_bytes(), called).await;
        assert_eq!((answer.outcome(), answer.status().as_u16()), (EventOutcome::Refused, status), "{code}");
        assert_eq!(answer.refusal().and_then(|refusal| refusal.code()), Some(code));
    }
    assert_eq!(deliver(&handler, &body, Ok(())).await.outcome(), EventOutcome::Handled, "nothing was marked as seen");
}

#[tokio::test]
async fn a_recorded_delivery_is_refused_once_its_time_is_over() {
    let clock = clock();
    let handler: Handler = WebhookHandler::new(verifier(&clock)).remember(10, Duration::from_secs(1));
    let body = paid(1);
    assert_eq!(deliver(&handler, &body, Ok(())).await.outcome(), EventOutcome::Handled);
    clock.advance(Duration::from_secs(301));
    let replayed = deliver(&handler, &body, Err("it isn't called")).await;
    assert_eq!(replayed.refusal().and_then(|refusal| refusal.code()), Some("event.timestamp_skew"));
}

#[tokio::test]
async fn an_event_that_a_newer_one_has_overtaken_says_so() {
    let handler = handler();
    let staleness = Mutex::new(Vec::new());
    for version in [2, 1, 3] {
        let body = paid(version);
        let note = |event: ecloud_core::event::Event<ShopEvent>| {
            staleness.lock().expect("no panic").push((event.version, event.stale));
            async { Ok::<(), &str>(()) }
        };
        let answer = handler.handle(&signed("W1", &body), body.as_bytes(), note).await;
        assert_eq!(answer.outcome(), EventOutcome::Handled);
    }
    assert_eq!(*staleness.lock().expect("no panic"), [(2, false), (1, true), (3, false)]);
}

#[tokio::test]
async fn an_overtaken_event_is_skipped_where_that_was_asked_for() {
    let handler = handler().stale_events(StaleEvents::Skip);
    assert_eq!(deliver(&handler, &paid(2), Ok(())).await.outcome(), EventOutcome::Handled);
    let skipped = deliver(&handler, &paid(1), Err("it isn't called")).await;
    assert_eq!((skipped.outcome(), skipped.status().as_u16()), (EventOutcome::Skipped, 204));
    assert_eq!(deliver(&handler, &paid(1), Ok(())).await.outcome(), EventOutcome::Duplicate);
}

#[tokio::test]
async fn an_event_that_failed_overtakes_nothing() {
    let handler = handler().stale_events(StaleEvents::Skip);
    assert_eq!(deliver(&handler, &paid(2), Err("away")).await.outcome(), EventOutcome::Failed);
    assert_eq!(deliver(&handler, &paid(1), Ok(())).await.outcome(), EventOutcome::Handled);
    assert_eq!(deliver(&handler, &paid(2), Ok(())).await.outcome(), EventOutcome::Handled);
}

#[tokio::test]
async fn where_old_events_are_skipped_those_of_one_object_take_turns() {
    let handler = handler().stale_events(StaleEvents::Skip);
    let (finish, finished) = oneshot::channel::<()>();
    let body = paid(1);
    let headers = signed("W1", &body);
    let slow = |_| async { finished.await.map_err(|_| "nobody finishes it") };
    let mut first = Box::pin(handler.handle(&headers, body.as_bytes(), slow));
    assert!(futures_poll(first.as_mut()).await);
    assert_eq!(deliver(&handler, &paid(2), Ok(())).await.outcome(), EventOutcome::UnderWay);
    let other = order_event("E9", "trade.order.paid", "T2", 1);
    assert_eq!(deliver(&handler, &other, Ok(())).await.outcome(), EventOutcome::Handled);
    finish.send(()).expect("it is awaited");
    assert_eq!(first.await.outcome(), EventOutcome::Handled);
    assert_eq!(deliver(&handler, &paid(2), Ok(())).await.outcome(), EventOutcome::Handled);
}

#[tokio::test]
async fn an_unknown_type_is_handled_like_any_other() {
    let handler = handler();
    let body = order_event("E1", "shop.renamed", "T1", 1);
    let look = |event: ecloud_core::event::Event<ShopEvent>| async move {
        match event.data {
            ShopEvent::Other(other) if other.data.as_str().contains("planted-buyer") => Ok(()),
            _ => Err("it isn't whole"),
        }
    };
    assert_eq!(handler.handle(&signed("W1", &body), body.as_bytes(), look).await.outcome(), EventOutcome::Handled);
}

#[tokio::test]
async fn no_debug_of_a_handler_shows_a_secret() {
    let shown = format!("{:?}", handler());
    assert!(shown.contains("***") && !shown.contains("MfKQ9"), "{shown}");
}

/// Repeatable and good enough to shuffle with.
struct Shuffle(u64);

impl Shuffle {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// A platform in small: it sends 200 events of 40 orders, each five times, shuffled, and again whatever isn't acknowledged.
async fn storm(clock: &ManualClock, seed: u64, stale: StaleEvents) -> Handled {
    let handler: Arc<Handler> = Arc::new(WebhookHandler::new(verifier(clock)).stale_events(stale));
    let handled: Arc<Mutex<Handled>> = Arc::default();
    let mut chance = Shuffle(seed);
    let mut outbox: Vec<(usize, u64)> =
        (0..200).flat_map(|event| std::iter::repeat_n((event % 40, event as u64 / 40 + 1), 5)).collect();
    assert_eq!(outbox.len(), 1000);
    let signer = WebhookSigner::new(secret(SECRET));
    let mut failures = 0;
    while !outbox.is_empty() {
        let (order, version) = outbox.swap_remove(chance.below(outbox.len()));
        let body = order_event(&format!("E{order}-{version}"), "trade.order.paid", &format!("T{order}"), version);
        let headers = signer.headers("W1", clock.now(), body.as_bytes()).expect("an id");
        let fails = chance.below(3) == 0;
        let handled = Arc::clone(&handled);
        let work = |event: ecloud_core::event::Event<ShopEvent>| {
            failures += usize::from(fails);
            async move {
                tokio::task::yield_now().await;
                if fails {
                    return Err("the database is away");
                }
                let order_id = event.data.object().map(|object| object.id.to_owned()).unwrap_or_default();
                handled.lock().expect("no panic").entry(order_id).or_default().push((event.version, event.stale));
                Ok(())
            }
        };
        let answer = handler.handle(&headers, body.as_bytes(), work).await;
        if !answer.status().is_success() {
            outbox.push((order, version));
        }
        clock.advance(Duration::from_secs(1));
    }
    assert!(failures > 20, "{failures}");
    Arc::into_inner(handled).expect("all are done").into_inner().expect("no panic")
}

#[tokio::test]
async fn each_event_is_handled_once_over_1000_shuffled_deliveries_with_failures() {
    for seed in 0..5 {
        let handled = storm(&clock(), seed, StaleEvents::Handle).await;
        assert_eq!(handled.len(), 40);
        for (order_id, events) in handled {
            let mut versions: Vec<u64> = events.iter().map(|(version, _)| *version).collect();
            let mut newest = 0;
            for (version, stale) in &events {
                assert_eq!(*stale, *version < newest, "{order_id}: {events:?}");
                newest = newest.max(*version);
            }
            versions.sort_unstable();
            assert_eq!(versions, [1, 2, 3, 4, 5], "{order_id}");
        }
    }
}

#[tokio::test]
async fn a_copy_of_the_objects_never_goes_back_and_ends_at_the_newest() {
    for seed in 0..5 {
        for (order_id, events) in storm(&clock(), seed, StaleEvents::Skip).await {
            assert!(events.is_sorted_by(|a, b| a.0 < b.0), "{order_id}: {events:?}");
            assert_eq!(events.last(), Some(&(5, false)), "{order_id}");
        }
    }
}

#[test]
fn of_deliveries_that_come_at_the_same_time_one_is_handled() {
    let handler = handler();
    let calls = Mutex::new(0);
    let body = paid(1);
    let headers = signed("W1", &body);
    let work = |_| async {
        tokio::task::yield_now().await;
        *calls.lock().expect("no panic") += 1;
        Ok::<(), &str>(())
    };
    let deliver = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for _ in 0..100 {
            let outcome = runtime.block_on(handler.handle(&headers, body.as_bytes(), work)).outcome();
            assert!(matches!(outcome, EventOutcome::Handled | EventOutcome::UnderWay | EventOutcome::Duplicate));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(deliver);
        }
    });
    assert_eq!(*calls.lock().expect("no panic"), 1);
}

#[test]
fn memory_has_a_window_longer_than_a_platform_tries() {
    let clock = clock();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let handler: Handler = WebhookHandler::new(verifier(&clock));
        let signer = WebhookSigner::new(secret(SECRET));
        let mut outcomes = Vec::new();
        for hours in [0, 75, 20, 2] {
            clock.advance(Duration::from_secs(hours * 3600));
            let body = paid(1);
            let headers = signer.headers("W1", clock.now(), body.as_bytes()).expect("an id");
            let answer = handler.handle(&headers, body.as_bytes(), |_| async { Ok::<(), &str>(()) }).await;
            outcomes.push(answer.outcome());
        }
        use EventOutcome::{Duplicate, Handled};
        assert_eq!(outcomes, [Handled, Duplicate, Duplicate, Handled]);
        assert_eq!(clock.now(), Timestamp::from_unix_seconds(super::NOW + 97 * 3600));
    });
}
