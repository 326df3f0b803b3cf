//! What the platform's answers teach.

use proptest::prelude::*;

use super::super::bucket::LONGEST_PAUSE;
use super::super::{Heard, QuotaKey};
use super::*;

fn learn(quotas: &Quotas, rate: &str, capacity: &str, remaining: Option<&str>, now: Moment) {
    quotas.learn(draw(1), Heard::read(Some((rate, capacity)), remaining), Duration::ZERO, now);
}

#[test]
fn a_larger_limit_opens_at_once() {
    let quotas = quotas(limit(20.0, 40.0));
    (0..39).for_each(|_| _ = take(&quotas, draw(1), at(0)));
    learn(&quotas, "100", "200", None, at(0));
    let waits: Vec<_> = (0..157).map(|_| take(&quotas, draw(1), at(0))).collect();
    // What was spent is kept, and the reserve of one token.
    assert_eq!((waits[0], waits[159 - 3], waits.iter().filter(|wait| **wait == 0).count()), (0, 0, 157));
}

#[test]
fn a_smaller_limit_puts_off_those_who_wait() {
    let quotas = quotas(limit(20.0, 40.0));
    (0..39).for_each(|_| _ = take(&quotas, draw(1), at(0)));
    let mut line = Line::new(&quotas, draw(1));
    assert_eq!(line.ask(at(0), EVER), Ok(Turn::In(Duration::from_millis(50))));
    learn(&quotas, "1", "40", None, at(0));
    assert_eq!(line.ask(at(50), EVER), Ok(Turn::In(Duration::from_millis(950))));
    assert_eq!(line.ask(at(1000), EVER), Ok(Turn::Now));
}

#[test]
fn what_remains_lowers_ours_and_never_raises_it() {
    let quotas = quotas(limit(20.0, 40.0));
    learn(&quotas, "20", "40", Some("4"), at(0));
    assert_eq!((0..6).map(|_| take(&quotas, draw(1), at(0))).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 50]);
    learn(&quotas, "20", "40", Some("39"), at(0));
    assert_eq!(take(&quotas, draw(1), at(0)), 100);
}

#[test]
fn what_remained_when_the_answer_left_has_grown_on_its_way() {
    let quotas = quotas(limit(20.0, 40.0));
    quotas.learn(draw(1), Heard::read(None, Some("4")), Duration::from_millis(500), at(500));
    assert_eq!((0..).take_while(|_| take(&quotas, draw(1), at(500)) == 0).count(), 15);
}

#[test]
fn a_pause_holds_back_its_key_alone_and_ends_with_room_for_the_refused_call() {
    let quotas = quotas(limit(20.0, 40.0));
    quotas.freeze(draw(1), Duration::from_secs(3), at(0));
    let other = Draw { group: "other", ..draw(1) };
    assert_eq!(take(&quotas, other, at(0)), 0);
    assert_eq!([take(&quotas, draw(1), at(1000)), take(&quotas, draw(1), at(1000))], [2000, 2050]);
}

#[test]
fn those_who_wait_are_put_off_by_the_pause_one_after_the_other() {
    let quotas = quotas(limit(20.0, 40.0));
    (0..39).for_each(|_| _ = take(&quotas, draw(1), at(0)));
    let mut lines: Vec<_> = (0..100).map(|_| Line::new(&quotas, draw(1))).collect();
    lines.iter_mut().for_each(|line| _ = line.ask(at(0), EVER).unwrap());
    quotas.freeze(draw(1), Duration::from_secs(60), at(0));
    // Each asks when its old time has come, then at the new one: there is no herd at the thaw.
    for (number, line) in (1..).zip(&mut lines) {
        assert_eq!(line.ask(at(50 * number), EVER), Ok(Turn::In(Duration::from_secs(60))));
    }
    for (number, line) in (1..).zip(&mut lines) {
        assert!(matches!(line.ask(at(60_000 + 50 * number - 1), EVER), Ok(Turn::In(_))));
        assert_eq!(line.ask(at(60_000 + 50 * number), EVER), Ok(Turn::Now));
    }
}

#[test]
fn those_who_wait_for_a_window_during_a_pause_overfill_none_afterwards() {
    let quotas = quotas(QuotaLimit::window(2, Duration::from_secs(1)).unwrap());
    let mut lines: Vec<_> = (0..12).map(|_| Line::new(&quotas, draw(1))).collect();
    lines.retain_mut(|line| line.ask(at(0), EVER) != Ok(Turn::Now));
    assert_eq!(lines.len(), 10);
    quotas.freeze(draw(1), Duration::from_secs(10), at(0));
    for second in 0..7 {
        let waiting = lines.len();
        lines.retain_mut(|line| line.ask(at(10_000 + 1000 * second), EVER) != Ok(Turn::Now));
        assert!(waiting - lines.len() <= 2, "second {second}");
    }
    assert_eq!(lines.len(), 0);
}

#[test]
fn an_absurd_pause_is_a_day() {
    for pause in [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(86_401)] {
        let quotas = quotas(limit(20.0, 40.0));
        quotas.freeze(draw(1), pause, at(0));
        quotas.freeze(draw(1), pause, at(0));
        assert_eq!(quotas.expected_wait(draw(1), at(0)), LONGEST_PAUSE);
        assert_eq!(quotas.expected_wait(draw(1), at(86_400_000)), Duration::ZERO);
    }
}

#[test]
fn answers_speak_of_the_key_that_is_configured() {
    let shops = shops(2);
    let of = |shop| Draw { shop: Some(shop), ..draw(1) };
    let both = || Quota::none().each_group(limit(1.0, 9.0)).each_shop(limit(1.0, 9.0));
    for (quota, others_wait) in [
        (both(), true),
        (both().answers_speak_of(QuotaKey::Shop), false),
        (both().answers_speak_of(QuotaKey::ShopGroup), false),
        (Quota::none().each_shop(limit(1.0, 9.0)), false),
    ] {
        let quotas = quotas(quota);
        quotas.freeze(of(&shops[0]), Duration::from_secs(5), at(0));
        assert!(!quotas.expected_wait(of(&shops[0]), at(0)).is_zero());
        assert_eq!(!quotas.expected_wait(of(&shops[1]), at(0)).is_zero(), others_wait);
    }
}

/// Numbers as servers shouldn't send them.
fn figure() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "",
        " ",
        "-1",
        "0",
        "-0",
        "NaN",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e308",
        "1e-320",
        "99999999999999999999999999",
        "20,20",
        "0x10",
    ];
    prop_oneof![
        proptest::sample::select(ODD).prop_map(str::to_owned),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        "\\PC{0,8}",
    ]
}

#[derive(Clone, Debug)]
enum Event {
    Come { weight: u32, stays: bool },
    Learn { rate: String, capacity: String, remaining: String, round_trip: Duration },
    Freeze { weight: u32, pause: Duration },
    Refund(u32),
    Pass(u64),
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        any::<u64>().prop_map(Duration::from_millis),
        (0..5000_u64).prop_map(Duration::from_millis)
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let weight = || prop_oneof![Just(0), Just(u32::MAX), 1..50_u32];
    prop_oneof![
        4 => (weight(), any::<bool>()).prop_map(|(weight, stays)| Event::Come { weight, stays }),
        2 => (figure(), figure(), figure(), duration())
            .prop_map(|(rate, capacity, remaining, round_trip)| Event::Learn { rate, capacity, remaining, round_trip }),
        1 => (weight(), duration()).prop_map(|(weight, pause)| Event::Freeze { weight, pause }),
        1 => weight().prop_map(Event::Refund),
        2 => (0..100_000_u64).prop_map(Event::Pass),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_there_is_no_panic_and_a_day_and_a_token_later_calls_go_again(
        events in proptest::collection::vec(event(), 0..60),
        daily in any::<bool>(),
    ) {
        let app = if daily { QuotaLimit::daily(1000, 5, -90).unwrap() } else { QuotaLimit::UNLIMITED };
        let quotas = Quotas::new(Quota::none().app(app).each_group(QuotaLimit::STANDARD).each_shop_group(
            QuotaLimit::window(7, Duration::from_secs(3)).unwrap(),
        ));
        let mut now = 0;
        let mut lines = Vec::new();
        for event in events {
            match event {
                Event::Come { weight, stays } => {
                    let mut line = Line::new(&quotas, draw(weight));
                    if line.ask(at(now), Duration::from_secs(3600)).is_ok() && stays {
                        lines.push(line);
                    }
                }
                Event::Learn { rate, capacity, remaining, round_trip } => {
                    let heard = Heard::read(Some((&rate, &capacity)), Some(&remaining));
                    quotas.learn(draw(1), heard, round_trip, at(now));
                }
                Event::Freeze { weight, pause } => quotas.freeze(draw(weight), pause, at(now)),
                Event::Refund(weight) => quotas.refund(draw(weight), at(now), at(now)),
                Event::Pass(millis) => now += millis,
            }
            _ = quotas.expected_wait(draw(1), at(now));
        }
        drop(lines);
        // The platform may have told the lowest rate that is believed, and somebody may have taken more than there ever was.
        learn(&quotas, "1e9", "1000", None, at(now));
        let wait = quotas.expected_wait(draw(1), at(now));
        prop_assert!(wait <= 2 * LONGEST_PAUSE, "{:?}", wait);
    }
}
