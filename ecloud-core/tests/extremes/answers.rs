//! What a server may send.

use std::time::Duration;

use ecloud_core::{ErrorKind, Quota, QuotaLimit, RetryPolicy};
use proptest::prelude::*;
use proptest::sample::select;

use crate::platform::{Anything, Platform, call, good};
use crate::values::{DATES, HEADERS, NUMBERS, body, headers};

const STATUSES: &[u16] =
    &[200, 204, 206, 302, 400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 501, 502, 503, 504, 999];
const DAYS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn answer() -> impl Strategy<Value = Anything> {
    let takes = select(&[0, 0, 0, 1, 900, 20_000, 70_000][..]).prop_map(Duration::from_millis);
    (select(STATUSES), headers(), body(), takes).prop_map(|(status, headers, body, takes)| Anything {
        status,
        headers,
        body,
        takes,
    })
}

fn quota(number: usize) -> Quota {
    let second = QuotaLimit::window(5, Duration::from_secs(1)).unwrap();
    match number {
        0 => Quota::default(),
        1 => Quota::none().each_shop(second).app(QuotaLimit::daily(100, 0, 480).unwrap()),
        2 => Quota::none().each_shop_group(QuotaLimit::ADVANCED).each_group(second),
        _ => QuotaLimit::UNLIMITED.into(),
    }
}

proptest! {
    /// Whatever a platform sends, calls end by their deadlines; and when it comes to its senses, so does the client.
    #[test]
    fn calls_end_by_their_deadlines_and_the_client_recovers(
        answers in proptest::collection::vec(answer(), 1..5),
        timeout in select(&[1, 50, 1000, 60_000, 600_000][..]).prop_map(Duration::from_millis),
        (policy, quotas, limit) in (0..3_usize, 0..4_usize, select(&[1_usize, 1000, 1 << 25, usize::MAX][..])),
        offset in select(&[Duration::ZERO, DAYS, Duration::MAX][..]),
    ) {
        let platform = Platform::new(answers);
        let policy = [RetryPolicy::standard(), RetryPolicy::adaptive(), RetryPolicy::none()][policy].clone();
        let client = platform.client().retry(policy).quota(quota(quotas)).response_limit(limit).max_clock_offset(offset);
        let client = client.build().unwrap();
        let shop = client.for_shop("shop-1");
        for _ in 0..4 {
            let _either = call(&platform, &shop, timeout);
        }
        let _some_time = client.quota("trade.orders").shop(&shop).expected_wait();
        platform.now_answers([good()]);
        platform.clock.advance(DAYS);
        prop_assert!(limit == 1 || call(&platform, &shop, timeout).is_ok());
    }
}

/// An answer of a status with one header, or with the same twice.
fn with(status: u16, name: &'static str, values: &[&str]) -> Anything {
    let body = match status {
        401 => br#"{"error":{"code":"auth.timestamp_skew"}}"#.to_vec(),
        _ => b"{}".to_vec(),
    };
    let headers = values.iter().map(|value| (name, value.as_bytes().to_vec())).collect();
    Anything { status, headers, body, takes: Duration::ZERO }
}

#[test]
fn each_header_at_each_extreme_alone_and_twice() {
    let values = || NUMBERS.iter().chain(DATES).copied();
    for status in [200, 401, 429, 503] {
        for name in HEADERS {
            for value in values() {
                for twice in [&[value][..], &[value, "1"], &["1", value]] {
                    let platform = Platform::new([with(status, name, twice)]);
                    let shop = platform.client().build().unwrap().for_shop("shop-1");
                    let outcome = call(&platform, &shop, Duration::from_secs(10));
                    let kind = outcome.err().map(|error| error.kind());
                    let announced = twice[0].parse().unwrap_or(0_u64);
                    let expected = match status {
                        _ if *name == "content-length" && announced > 32 * 1024 * 1024 => {
                            Some(ErrorKind::ResponseTooLarge)
                        }
                        200 if *name == "content-type" => Some(ErrorKind::InvalidResponse),
                        200 => None,
                        401 => Some(ErrorKind::Unauthenticated),
                        429 => Some(ErrorKind::Throttled),
                        _ => Some(ErrorKind::Unavailable),
                    };
                    assert_eq!(kind, expected, "{status} {name}: {twice:?}");
                }
            }
        }
    }
}

#[test]
fn an_answer_that_announces_more_than_there_can_be_is_read_as_what_it_is() {
    for announced in ["18446744073709551615", "9223372036854775807", "1099511627776", "+2", "-1", "x"] {
        let mut answer = good();
        answer.headers.push(("content-length", announced.as_bytes().to_vec()));
        let platform = Platform::new([answer]);
        let shop = platform.client().response_limit(usize::MAX).build().unwrap().for_shop("shop-1");
        assert!(call(&platform, &shop, Duration::from_secs(10)).is_ok(), "{announced}");
    }
}

#[test]
fn of_several_delays_the_longest_is_waited_out() {
    for (headers, waited) in [
        (&[("retry-after", "2"), ("retry-after", "5")][..], 5000),
        (&[("retry-after", "5"), ("retry-after", "soon"), ("retry-after", "2")], 5000),
        (&[("retry-after", "soon"), ("retry-after", "2")], 2000),
        (&[("x-ecloud-retry-after-ms", "900"), ("x-ecloud-retry-after-ms", "300"), ("retry-after", "5")], 900),
        (&[("x-ecloud-retry-after-ms", "-1"), ("retry-after", "5")], 5000),
    ] {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec())).collect();
        let platform = Platform::new([Anything { headers, status: 503, ..good() }, good()]);
        let shop = platform.client().build().unwrap().for_shop("shop-1");
        call(&platform, &shop, Duration::from_secs(60)).unwrap();
        let slept = platform.clock.slept().as_millis();
        assert!((waited..waited + 101).contains(&slept), "{waited}: {slept}");
    }
}

#[test]
fn of_two_dates_nobody_knows_which_is_the_platforms() {
    let refused = |values: &[&str]| {
        let platform = Platform::new([with(401, "date", values), good()]);
        let client = platform.client().build().unwrap();
        let outcome = call(&platform, &client.for_shop("shop-1"), Duration::from_secs(10));
        (outcome.is_err(), client.clock_offset_millis())
    };
    assert_eq!(refused(&[DATES[2]]), (false, 3_600_500));
    assert_eq!(refused(&[DATES[2], DATES[0]]), (true, 0));
    assert_eq!(refused(&[DATES[2], "soon"]), (true, 0));
}

#[test]
fn what_is_left_of_a_quota_is_told_in_digits_alone() {
    for (told, known) in [("7", Some(7)), ("+7", None), ("-0", None), ("7.0", None), ("NaN", None), ("", None)] {
        let mut answer = good();
        for (name, value) in [("group", "g"), ("remaining", told), ("capacity", "40")] {
            let name = ["x-ecloud-quota-group", "x-ecloud-quota-remaining", "x-ecloud-quota-capacity"]
                .into_iter()
                .find(|header| header.ends_with(name));
            answer.headers.push((name.unwrap(), value.as_bytes().to_vec()));
        }
        let platform = Platform::new([answer]);
        let shop = platform.client().build().unwrap().for_shop("shop-1");
        let request = shop.request(ecloud_core::Method::GET, "/trade/v1/orders/T1");
        let answer = crate::platform::at_once(request.send_with_meta::<ecloud_core::Json>()).unwrap();
        assert_eq!(answer.meta.quota().map(|left| left.remaining), known, "{told}");
    }
}
