//! Whatever calls come, and whatever their delays within the reserve: the platform refuses none.

use proptest::prelude::*;

use super::*;

/// The platform's side of a limit, as it counts what arrives.
enum Platform {
    Tokens {
        rate: f64,
        capacity: f64,
        tokens: f64,
        at: f64,
    },
    /// A window that the first call opens.
    Window {
        count: u64,
        length: i64,
        begin: i64,
        used: u64,
    },
    ClockWindow {
        count: u64,
        length: i64,
        number: i64,
        used: u64,
    },
}

impl Platform {
    fn tokens(rate: f64, capacity: f64) -> Self {
        Self::Tokens { rate, capacity, tokens: capacity, at: 0.0 }
    }

    /// Whether it takes a call that arrives then.
    fn takes(&mut self, weight: u32, now: Moment) -> bool {
        match self {
            Self::Tokens { rate, capacity, tokens, at } => {
                let now = now.monotonic.as_secs_f64();
                *tokens = (*tokens + (now - *at) * *rate).min(*capacity) - f64::from(weight);
                *at = now;
                *tokens >= -1e-6
            }
            Self::Window { count, length, begin, used } => {
                let now = i64::try_from(now.monotonic.as_millis()).unwrap();
                if now >= *begin + *length {
                    (*begin, *used) = (now, 0);
                }
                *used += u64::from(weight);
                *used <= *count
            }
            Self::ClockWindow { count, length, number, used } => {
                let now = now.unix_millis.div_euclid(*length);
                if now > *number {
                    (*number, *used) = (now, 0);
                }
                *used += u64::from(weight);
                *used <= *count
            }
        }
    }
}

/// Sends the calls, each with its delay, and says whether the platform took them all.
fn all_are_taken(quota: Quota, mut platform: Platform, calls: &[(u64, u32, u64)]) -> bool {
    let quotas = Quotas::new(quota);
    let mut come = 0;
    let coming: Vec<_> = calls
        .iter()
        .map(|(pause, weight, _)| {
            come += pause;
            (come, draw(*weight))
        })
        .collect();
    let (left, _) = departures(&quotas, &coming);
    let mut arrivals: Vec<_> = left
        .iter()
        .zip(calls)
        .map(|(left, (_, weight, delay))| (after(*left, Duration::from_millis(*delay)), *weight))
        .collect();
    arrivals.sort_by_key(|(moment, _)| moment.monotonic);
    arrivals.into_iter().all(|(moment, weight)| platform.takes(weight, moment))
}

/// Pause before it, weight, delay on the way; in bursts and with rests.
fn calls() -> impl Strategy<Value = Vec<(u64, u32, u64)>> {
    let pause = prop_oneof![4 => Just(0), 3 => 0..60_u64, 1 => 0..3000_u64];
    let delay = prop_oneof![2 => 5..=200_u64, 1 => Just(5), 1 => Just(200)];
    proptest::collection::vec((pause, 1..=4_u32, delay), 1..200)
}

proptest! {
    #[test]
    fn a_token_bucket_is_never_overdrawn(calls in calls(), rate in 1.0..100.0_f64, seconds in 1.0..4.0_f64) {
        let capacity = (rate * seconds).max(8.0);
        let quota = limit(rate, capacity);
        prop_assert!(all_are_taken(quota.into(), Platform::tokens(rate, capacity), &calls));
    }

    #[test]
    fn a_window_is_never_overfilled(calls in calls(), count in 4..40_u32, length in 201..3000_u64) {
        let quota = QuotaLimit::window(count, Duration::from_millis(length)).unwrap();
        let length = i64::try_from(length).unwrap();
        let platform = Platform::Window { count: count.into(), length, begin: -length, used: 0 };
        prop_assert!(all_are_taken(quota.into(), platform, &calls));
    }

    #[test]
    fn a_window_by_the_clock_is_never_overfilled(calls in calls(), count in 4..40_u32, length in 201..3000_u64) {
        let quota = QuotaLimit::clock_window(count, Duration::from_millis(length)).unwrap();
        let length = i64::try_from(length).unwrap();
        let platform = Platform::ClockWindow { count: count.into(), length, number: 0, used: 0 };
        prop_assert!(all_are_taken(quota.into(), platform, &calls));
    }

    #[test]
    fn a_bucket_beside_others_is_never_overdrawn(calls in calls(), count in 4..20_u32, shared in 1..20_u32) {
        let window = QuotaLimit::window(count, Duration::from_secs(1)).unwrap();
        let rate = f64::from(shared);
        let quota = || Quota::none().app(limit(rate, 3.0 * rate + 8.0)).each_group(window).each_shop(limit(5.0, 12.0));
        prop_assert!(all_are_taken(quota(), Platform::tokens(rate, 3.0 * rate + 8.0), &calls));
        prop_assert!(all_are_taken(quota(), Platform::tokens(5.0, 12.0), &calls));
        let platform = Platform::Window { count: count.into(), length: 1000, begin: -1000, used: 0 };
        prop_assert!(all_are_taken(quota(), platform, &calls));
    }
}

#[test]
fn it_is_the_reserve_that_lets_a_burst_through_behind_slow_calls() {
    // Four calls that arrive together, though they left one after the other from a full bucket, and a burst behind them.
    let mut calls = vec![(50, 1, 200), (50, 1, 150), (50, 1, 100), (50, 1, 50), (50, 1, 5)];
    calls.resize(60, (0, 1, 5));
    let taken = |quota| all_are_taken(quota, Platform::tokens(20.0, 40.0), &calls);
    assert!(!taken(Quota::default().reserve(Duration::ZERO)));
    assert!(taken(Quota::default()));
}
