//! What a caller may set.

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{
    Backoff, ErrorKind, FailedAttempt, ManualClock, Method, Quota, QuotaLimit, RetryPolicy, Shop, Timestamp,
};

use crate::platform::{Anything, Platform, at_once, call, good};

const LONG: Duration = Duration::MAX;

fn throttled(headers: &[(&'static str, &str)]) -> Anything {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())).collect();
    Anything { status: 429, headers, ..good() }
}

fn unwell() -> Anything {
    Anything { status: 503, ..good() }
}

#[test]
fn a_client_with_the_longest_of_everything_works() {
    let platform = Platform::new([unwell(), throttled(&[("retry-after", "18446744073709551615")]), good()]);
    let client = platform.client().timeout(LONG).attempt_timeout(LONG).connect_timeout(LONG).max_clock_offset(LONG);
    let client = client.response_limit(usize::MAX).retry(RetryPolicy::standard().with_max_attempts(u32::MAX));
    let shop = client.quota(QuotaLimit::UNLIMITED).build().unwrap().for_shop("shop-1");
    // On a clock at its beginning, with a deadline at the end of time, there is room even for that delay.
    at_once(shop.request(Method::GET, "/trade/v1/orders/T1").send::<ecloud_core::Json>()).unwrap();
    assert!(platform.clock.slept() >= Duration::from_secs(u64::MAX));
    // And now there is none for any.
    let late = at_once(shop.request(Method::GET, "/trade/v1/orders/T1").send::<ecloud_core::Json>());
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Throttled);
}

#[test]
fn timeouts_and_limits_of_zero_are_named() {
    let platform = Platform::new([good()]);
    for (client, said) in [
        (platform.client().timeout(Duration::ZERO), "call timeout: zero"),
        (platform.client().attempt_timeout(Duration::ZERO), "attempt timeout: zero"),
        (platform.client().connect_timeout(Duration::ZERO), "connect timeout: zero"),
        (platform.client().response_limit(0), "response limit: zero"),
    ] {
        let error = client.build().unwrap_err();
        assert!(error.kind() == ErrorKind::Configuration && error.message().starts_with(said), "{error}");
    }
}

#[test]
fn a_call_without_time_sends_nothing() {
    let platform = Platform::new([good()]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let error = call(&platform, &shop, Duration::ZERO).unwrap_err();
    assert_eq!((error.kind(), error.is_outcome_unknown(), platform.requests()), (ErrorKind::Timeout, false, 0));
}

#[test]
fn a_call_whose_turn_comes_with_its_deadline_sends_nothing() {
    let platform = Platform::new([good()]);
    let limit = QuotaLimit::window(3, Duration::from_secs(10)).unwrap();
    let shop = platform.client().quota(Quota::from(limit).reserve(Duration::ZERO)).build().unwrap().for_shop("shop-1");
    call(&platform, &shop, Duration::from_secs(10)).unwrap();
    let error = call(&platform, &shop, Duration::from_secs(10)).unwrap_err();
    assert_eq!((error.kind(), error.is_outcome_unknown(), platform.requests()), (ErrorKind::Timeout, false, 1));
}

/// Waits that a caller may think of.
#[derive(Debug)]
struct Always(Duration);

impl Backoff for Always {
    fn wait(&self, _: &FailedAttempt<'_>) -> Option<Duration> {
        Some(self.0)
    }
}

#[test]
fn attempts_without_end_are_ended_by_the_budget_and_waits_by_the_deadline() {
    for (wait, requests) in [(Duration::ZERO, 101), (Duration::from_nanos(1), 101), (LONG, 1)] {
        let platform = Platform::new([unwell()]);
        let policy = RetryPolicy::own(Always(wait)).with_max_attempts(u32::MAX);
        let client = platform.client().retry(policy).quota(QuotaLimit::UNLIMITED).build().unwrap();
        let error = call(&platform, &client.for_shop("shop-1"), Duration::from_secs(10)).unwrap_err();
        assert_eq!((error.kind(), platform.requests()), (ErrorKind::Unavailable, requests), "{wait:?}");
    }
    for policy in [
        RetryPolicy::standard().with_backoff(LONG, LONG),
        RetryPolicy::standard().with_backoff(LONG, Duration::ZERO),
        RetryPolicy::adaptive().with_max_attempts(u32::MAX).with_backoff(Duration::ZERO, LONG),
    ] {
        let platform = Platform::new([throttled(&[]), unwell()]);
        let client = platform.client().retry(policy).build().unwrap();
        call(&platform, &client.for_shop("shop-1"), Duration::from_secs(10)).unwrap_err();
    }
}

#[test]
fn limits_of_any_size_let_a_call_through_or_say_how_long_it_would_wait() {
    let sizes = [f64::MIN_POSITIVE, 1e-300, 1.0, 1e300, f64::MAX];
    let mut limits: Vec<_> =
        sizes.iter().flat_map(|rate| sizes.iter().filter_map(|capacity| QuotaLimit::new(*rate, *capacity))).collect();
    for count in [1, u32::MAX] {
        for length in [Duration::from_millis(1), Duration::from_secs(366 * 24 * 60 * 60)] {
            limits.extend(QuotaLimit::window(count, length));
            limits.extend(QuotaLimit::clock_window(count, length));
        }
        limits.extend([-1440, 0, 1440].map(|offset| QuotaLimit::daily(count, 23, offset).unwrap()));
    }
    for limit in limits {
        for reserve in [Duration::ZERO, Duration::from_millis(200), LONG] {
            let platform = Platform::new([good(), throttled(&[("x-ecloud-retry-after-ms", "18446744073709551615")])]);
            let client = platform.client().quota(Quota::from(limit).reserve(reserve)).build().unwrap();
            let shop: Shop = client.for_shop("shop-1");
            for weight in [0, 1, u32::MAX, u32::MAX] {
                let draw = client.quota("trade.orders").weight(weight);
                let expected = draw.expected_wait();
                match at_once(draw.deadline(Duration::from_secs(60))) {
                    Ok(permit) => permit.settle(weight / 2),
                    Err(error) => assert!(error.retry_after() >= Some(expected.min(Duration::from_secs(60)))),
                }
                let kind = call(&platform, &shop, Duration::from_secs(10)).err().map(|error| error.kind());
                assert!(matches!(kind, None | Some(ErrorKind::Throttled)), "{kind:?}: {limit:?} {reserve:?} {weight}");
            }
        }
    }
}

#[test]
fn clocks_at_both_ends_of_time_sign_and_wait() {
    for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let platform = Platform::new([unwell(), throttled(&[("retry-after", "1")]), good()]);
        let clock = ManualClock::new(now);
        clock.advance(LONG);
        clock.set_now(now);
        let quota = Quota::none().app(QuotaLimit::daily(100, 23, -1440).unwrap()).each_shop(QuotaLimit::STANDARD);
        let client = platform.client().clock(Arc::new(clock)).quota(quota).build().unwrap();
        let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").quota("g", 1);
        // At the end of the monotonic clock no call has any time left; it ends all the same.
        let error = at_once(request.send::<ecloud_core::Json>()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{now}");

        platform.clock.set_now(now);
        let client = platform.client().quota(QuotaLimit::daily(100, 23, 1440).unwrap()).build().unwrap();
        call(&platform, &client.for_shop("shop-1"), Duration::from_secs(60)).unwrap();
    }
}
