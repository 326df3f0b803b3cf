//! Many tasks over many shops, on one clock with the platform: the quota is used to the full, and never overdrawn.

use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::transport::{Body, Transport, TransportError};
use ecloud::{Clock, Method, Pause, Quota, QuotaLimit};
use ecloud_sandbox::{Grant, Sandbox, Tier};
use futures_util::stream::{FuturesUnordered, Stream};

/// A clock that goes on to the next pause's end once everybody waits: a simulation by events.
#[derive(Clone, Debug, Default)]
struct EventClock {
    state: Arc<Mutex<Events>>,
}

#[derive(Debug, Default)]
struct Events {
    monotonic: Duration,
    next: u64,
    ends: BinaryHeap<std::cmp::Reverse<(Duration, u64)>>,
    waiting: BTreeMap<u64, Waker>,
}

impl EventClock {
    /// Ends the next pause; false where nobody waits for one.
    fn go_on(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        while let Some(std::cmp::Reverse((end, number))) = state.ends.pop() {
            if let Some(waker) = state.waiting.remove(&number) {
                state.monotonic = state.monotonic.max(end);
                drop(state);
                waker.wake();
                return true;
            }
        }
        false
    }
}

impl Clock for EventClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_795_336_200) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        self.state.lock().unwrap().monotonic
    }

    fn sleep(&self, duration: Duration) -> Pause {
        let end = self.monotonic().saturating_add(duration);
        Box::pin(Sleep { clock: self.clone(), end, number: None })
    }

    fn expiry(&self, at: Duration) -> Pause {
        let clock = self.clone();
        // No deadline is reached here, so none has to wake anybody.
        Box::pin(poll_fn(move |_| if clock.monotonic() >= at { Poll::Ready(()) } else { Poll::Pending }))
    }
}

struct Sleep {
    clock: EventClock,
    end: Duration,
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (clock, end) = (self.clock.clone(), self.end);
        let mut state = clock.state.lock().unwrap();
        if state.monotonic >= end {
            return Poll::Ready(());
        }
        let number = *self.number.get_or_insert_with(|| {
            state.next += 1;
            let number = state.next;
            state.ends.push(std::cmp::Reverse((end, number)));
            number
        });
        state.waiting.insert(number, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.clock.state.lock().unwrap().waiting.remove(&number);
        }
    }
}

/// The sandbox behind a network that delays each way of each call, by a random time.
struct Network {
    sandbox: Sandbox,
    clock: EventClock,
    delays: std::ops::RangeInclusive<u64>,
    random: AtomicU64,
    sent: Arc<Mutex<Sent>>,
}

#[derive(Debug, Default)]
struct Sent {
    calls: u64,
    refused: u64,
    /// When the last one left.
    last: Duration,
}

impl Network {
    fn delay(&self) -> Pause {
        // A linear congruential generator (Knuth's MMIX), of which the upper bits are used.
        let step = |seed: u64| seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = step(self.random.load(Ordering::Relaxed));
        self.random.store(drawn, Ordering::Relaxed);
        let span = self.delays.end() - self.delays.start() + 1;
        self.clock.sleep(Duration::from_millis(self.delays.start() + (drawn >> 33) % span))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network")
    }
}

impl Transport for Network {
    fn send<'a, 'b>(
        &'a self,
        request: http::Request<Body>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Body>, TransportError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.sent.lock().unwrap().last = self.clock.monotonic();
            self.delay().await;
            let answer = self.sandbox.transport().send(request).await?;
            {
                let mut sent = self.sent.lock().unwrap();
                sent.calls += 1;
                sent.refused += u64::from(answer.status() == 429);
            }
            self.delay().await;
            Ok(answer)
        })
    }
}

/// Sends `calls` by 200 tasks over 50 shops. Says how many were refused for quota, and what share of the granted tokens was used.
fn simulate(calls: u64, delays: std::ops::RangeInclusive<u64>, quota: Quota) -> (u64, f64) {
    let clock = EventClock::default();
    let builder = Sandbox::builder().tier(Tier::Strategic).received_capacity(0).clock(Arc::new(clock.clone()));
    let sandbox = builder.build();
    let sent = Arc::new(Mutex::new(Sent::default()));
    let network = Network {
        sandbox: sandbox.clone(),
        clock: clock.clone(),
        delays,
        random: AtomicU64::new(7),
        sent: Arc::clone(&sent),
    };
    let client = sandbox.client().quota(quota).transport(network).build().unwrap();
    let shops: Vec<_> = (0..50)
        .map(|number| {
            let id = format!("shop-{number}");
            client.for_shop(id.clone()).access_token(sandbox.issue_token(Grant::new(id)))
        })
        .collect();
    let left = Arc::new(AtomicU64::new(calls));
    let mut tasks: FuturesUnordered<_> = (0..200)
        .map(|task| {
            let (shop, left) = (shops[task % shops.len()].clone(), Arc::clone(&left));
            async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    let request = shop.request(Method::GET, "/product/v1/categories");
                    request.quota("product.categories", 1).send_raw().await.unwrap();
                }
            }
        })
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match Pin::new(&mut tasks).poll_next(&mut context) {
            Poll::Ready(Some(())) => {}
            Poll::Ready(None) => break,
            Poll::Pending => assert!(clock.go_on(), "everybody waits, and for nothing"),
        }
    }
    let sent = sent.lock().unwrap();
    assert_eq!(sent.calls, calls + sent.refused, "each call was sent once, and once more when it was refused");
    let tier = Tier::Strategic;
    let granted = f64::from(tier.capacity()) + f64::from(tier.rate()) * sent.last.as_secs_f64();
    (sent.refused, calls as f64 / granted)
}

fn assert_used_to_the_full(calls: u64, delays: std::ops::RangeInclusive<u64>, quota: impl Into<Quota>) {
    let (refused, used) = simulate(calls, delays, quota.into());
    assert!(refused == 0 && used >= 0.99, "{refused} of {calls} were refused, {used:.4} was used");
}

#[test]
fn two_hundred_tasks_use_the_quota_to_the_full_and_are_never_refused() {
    assert_used_to_the_full(12_000, 1..=1, QuotaLimit::STRATEGIC);
}

#[test]
fn so_they_do_where_the_network_delays_each_call_by_another_time() {
    assert_used_to_the_full(12_000, 5..=200, QuotaLimit::STRATEGIC);
}

#[test]
fn so_they_do_where_each_shop_has_a_limit_beside() {
    let each_shop = QuotaLimit::new(20.0, 40.0).unwrap();
    assert_used_to_the_full(12_000, 5..=200, Quota::from(QuotaLimit::STRATEGIC).each_shop(each_shop));
}

#[test]
#[ignore = "a million calls take minutes"]
fn a_million_calls_use_the_quota_to_the_full_and_are_never_refused() {
    assert_used_to_the_full(1_000_000, 1..=1, QuotaLimit::STRATEGIC);
    assert_used_to_the_full(1_000_000, 5..=200, QuotaLimit::STRATEGIC);
}
