//! Each shape by itself.

use super::*;

fn is_refused(quotas: &Quotas, weight: u32, now: Moment, patience: Duration) -> bool {
    Line::new(quotas, draw(weight)).ask(now, patience).is_err()
}

#[test]
fn a_full_bucket_lets_a_burst_through_and_then_one_each_interval() {
    let quotas = quotas(limit(20.0, 40.0));
    let waits: Vec<_> = (0..42).map(|_| take(&quotas, draw(1), at(0))).collect();
    assert_eq!(waits[..39], [0; 39]);
    assert_eq!(waits[39..], [50, 100, 150]);
}

#[test]
fn a_weight_takes_as_many_tokens_and_one_above_the_capacity_is_not_stuck() {
    let quotas = quotas(limit(20.0, 40.0));
    assert_eq!(take(&quotas, draw(30), at(0)), 0);
    assert_eq!(take(&quotas, draw(10), at(0)), 50);
    let quotas = super::quotas(limit(20.0, 40.0));
    assert_eq!(take(&quotas, draw(u32::MAX), at(0)), 0);
    assert!(is_refused(&quotas, 1, at(0), Duration::from_secs(3600)), "it is paid for afterwards");
}

#[test]
fn the_reserve_is_kept_back_and_leaves_at_least_one_token() {
    let quotas = Quotas::new(limit(20.0, 40.0).into());
    assert_eq!((0..37).map(|_| take(&quotas, draw(1), at(0))).max(), Some(50), "36 at once");
    let quotas = Quotas::new(Quota::from(limit(20.0, 40.0)).reserve(Duration::MAX));
    assert_eq!([take(&quotas, draw(1), at(0)), take(&quotas, draw(1), at(0))], [0, 50]);
}

#[test]
fn whoever_can_not_wait_takes_nothing() {
    let quotas = quotas(limit(1.0, 2.0));
    take(&quotas, draw(1), at(0));
    assert!(is_refused(&quotas, 1, at(0), Duration::from_millis(999)));
    assert_eq!(take(&quotas, draw(1), at(0)), 1000);
}

#[test]
fn a_dropped_place_goes_to_whoever_comes_next_and_those_behind_keep_their_times() {
    let quotas = quotas(limit(1.0, 2.0));
    take(&quotas, draw(1), at(0));
    let mut first = Line::new(&quotas, draw(1));
    let mut second = Line::new(&quotas, draw(1));
    assert_eq!(first.ask(at(0), EVER), Ok(Turn::In(Duration::from_secs(1))));
    assert_eq!(second.ask(at(0), EVER), Ok(Turn::In(Duration::from_secs(2))));
    drop(first);
    assert_eq!(take(&quotas, draw(1), at(0)), 2000);
    assert_eq!(second.ask(at(2000), EVER), Ok(Turn::Now));
}

#[test]
fn time_that_goes_back_gives_nothing() {
    let quotas = quotas(limit(1.0, 2.0));
    take(&quotas, draw(1), at(10_000));
    assert_eq!(take(&quotas, draw(1), at(5_000)), 1000);
}

#[test]
fn a_window_that_is_full_makes_wait_for_the_next_one() {
    let quotas = quotas(QuotaLimit::window(3, Duration::from_secs(10)).unwrap());
    assert_eq!(
        (0..7).map(|_| take(&quotas, draw(1), at(500))).collect::<Vec<_>>(),
        [0, 0, 0, 10_000, 10_000, 10_000, 20_000]
    );
    // The window of the last one, in which two more have room, was opened in advance.
    assert_eq!([take(&quotas, draw(2), at(20_499)), take(&quotas, draw(1), at(20_499))], [1, 10_001]);
}

#[test]
fn a_window_opens_when_the_first_call_comes_and_is_quiet_at_its_end() {
    let quotas = Quotas::new(QuotaLimit::window(3, Duration::from_secs(10)).unwrap().into());
    assert_eq!(take(&quotas, draw(1), at(7_000)), 0);
    assert_eq!(take(&quotas, draw(1), at(16_799)), 0);
    assert_eq!(take(&quotas, draw(1), at(16_800)), 400);
}

#[test]
fn a_place_in_a_window_that_is_given_back_is_taken_by_the_next() {
    let quotas = quotas(QuotaLimit::window(1, Duration::from_secs(10)).unwrap());
    take(&quotas, draw(1), at(0));
    let mut line = Line::new(&quotas, draw(1));
    assert_eq!(line.ask(at(0), EVER), Ok(Turn::In(Duration::from_secs(10))));
    assert_eq!(take(&quotas, draw(1), at(0)), 20_000);
    drop(line);
    assert_eq!([take(&quotas, draw(1), at(0)), take(&quotas, draw(1), at(0))], [10_000, 30_000]);
}

#[test]
fn more_than_a_window_takes_goes_when_it_is_empty() {
    let quotas = quotas(QuotaLimit::window(3, Duration::from_secs(10)).unwrap());
    take(&quotas, draw(1), at(0));
    assert_eq!([take(&quotas, draw(u32::MAX), at(0)), take(&quotas, draw(2), at(0))], [10_000, 0]);
}

#[test]
fn a_day_begins_at_its_hour_where_the_platform_is() {
    // It is 08:30:00 UTC, so 16:30 in China: midnight there is in seven and a half hours.
    const TO_MIDNIGHT: u64 = 27_000_000;
    let quotas = quotas(Quota::none().app(QuotaLimit::daily(2, 0, 480).unwrap()));
    assert_eq!([take(&quotas, draw(1), at(0)), take(&quotas, draw(1), at(0))], [0, 0]);
    assert!(is_refused(&quotas, 1, at(0), Duration::from_secs(60)));
    assert_eq!(take(&quotas, draw(1), at(TO_MIDNIGHT - 1)), 1);
    assert_eq!(take(&quotas, draw(1), at(TO_MIDNIGHT)), 0);
    assert_eq!(take(&quotas, draw(1), at(TO_MIDNIGHT)), 86_400_000);
    let quotas = super::quotas(Quota::none().app(QuotaLimit::daily(1, 9, 0).unwrap()));
    assert_eq!([take(&quotas, draw(1), at(0)), take(&quotas, draw(1), at(0))], [0, 1_800_000]);
}

#[test]
fn a_wall_clock_that_is_set_back_gives_nothing_and_is_followed() {
    const DAY: i64 = 86_400_000;
    let quotas = quotas(Quota::none().app(QuotaLimit::daily(2, 0, 0).unwrap()));
    take(&quotas, draw(1), at(0));
    let ago = |days: i64| Moment { unix_millis: at(0).unix_millis - days * DAY, ..at(0) };
    assert_eq!([take(&quotas, draw(1), ago(30)), take(&quotas, draw(1), ago(30))].map(|wait| wait > 0), [false, true]);
    assert_eq!(take(&quotas, draw(1), ago(28)), 0);
}
