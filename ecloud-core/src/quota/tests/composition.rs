//! Several limits at once.

use super::*;

fn of<'a>(shop: &'a Arc<str>, group: &'a str) -> Draw<'a> {
    Draw { group, shop: Some(shop), weight: 1 }
}

#[test]
fn each_key_counts_what_it_says() {
    let shops = shops(2);
    let cases = [
        (Quota::none().app(limit(1.0, 2.0)), [false, false, false]),
        (Quota::none().each_group(limit(1.0, 2.0)), [true, false, true]),
        (Quota::none().each_shop(limit(1.0, 2.0)), [false, true, true]),
        (Quota::none().each_shop_group(limit(1.0, 2.0)), [true, true, true]),
    ];
    for (quota, expected) in cases {
        let goes_after_the_first = [of(&shops[0], "b"), of(&shops[1], "a"), of(&shops[1], "b")].map(|draw| {
            let quotas = quotas(quota.clone());
            assert_eq!(Line::new(&quotas, of(&shops[0], "a")).ask(at(0), EVER), Ok(Turn::Now));
            Line::new(&quotas, draw).ask(at(0), Duration::ZERO) == Ok(Turn::Now)
        });
        assert_eq!(goes_after_the_first, expected, "{quota:?}");
    }
}

#[test]
fn all_limits_are_charged_or_none() {
    let quotas = quotas(Quota::none().app(limit(1.0, 11.0)).each_group(limit(1.0, 2.0)));
    assert_eq!(take(&quotas, draw(1), at(0)), 0);
    for _ in 0..20 {
        assert!(Line::new(&quotas, draw(1)).ask(at(0), Duration::from_millis(999)).is_err());
    }
    let left = (0..).take_while(|_| take(&quotas, Draw { group: "other", shop: None, weight: 1 }, at(0)) == 0).count();
    assert_eq!(left, 1, "the other group has one token of its own");
    let left = ["c", "d", "e", "f", "g", "h", "i", "j", "k"].map(|group| {
        Line::new(&quotas, Draw { group, shop: None, weight: 1 }).ask(at(0), Duration::ZERO) == Ok(Turn::Now)
    });
    assert_eq!(
        left,
        [true, true, true, true, true, true, true, true, false],
        "the application's ten, and none was lost"
    );
}

#[test]
fn a_shop_with_a_long_line_does_not_hold_up_the_others() {
    let shops = shops(2);
    let quotas = quotas(Quota::none().app(limit(20.0, 40.0)).each_shop(limit(1.0, 2.0)));
    let flood: Vec<_> = (0..300).map(|_| (0, of(&shops[0], GROUP))).collect();
    let mut lines: Vec<_> = flood.iter().map(|(_, draw)| Line::new(&quotas, *draw)).collect();
    assert!(lines.iter_mut().all(|line| line.ask(at(0), EVER).is_ok()));
    assert_eq!(Line::new(&quotas, of(&shops[1], GROUP)).ask(at(0), Duration::ZERO), Ok(Turn::Now));
}

#[test]
fn a_dropped_line_gives_back_what_it_held_in_each() {
    let quotas = quotas(Quota::none().app(limit(1.0, 2.0)).each_group(limit(0.1, 2.0)));
    take(&quotas, draw(1), at(0));
    let mut line = Line::new(&quotas, draw(1));
    assert_eq!(line.ask(at(0), EVER), Ok(Turn::In(Duration::from_secs(10))));
    // Another group empties the application's bucket just before.
    assert_eq!(take(&quotas, Draw { group: "other", ..draw(1) }, at(9_999)), 0);
    assert!(matches!(line.ask(at(10_000), EVER), Ok(Turn::In(wait)) if wait < Duration::from_secs(1)));
    drop(line);
    assert_eq!(take(&quotas, draw(1), at(11_000)), 0);
}

#[test]
fn with_one_limit_each_is_woken_once_and_in_the_order_of_coming() {
    let quotas = quotas(QuotaLimit::STANDARD);
    let calls: Vec<_> = (0..1000).map(|call| (call % 7, draw(1 + (call % 3) as u32))).collect();
    let mut by_coming: Vec<_> = (0..calls.len()).collect();
    by_coming.sort_by_key(|call| calls[*call].0);
    let (left, asked) = departures(&quotas, &calls);
    assert!(asked <= 2 * calls.len(), "{asked}");
    // Their order of asking at one millisecond is that of their numbers.
    assert!(by_coming.windows(2).all(|pair| left[pair[0]].monotonic <= left[pair[1]].monotonic));
}

#[test]
fn with_several_limits_the_narrowest_is_used_to_the_full_and_nobody_starves() {
    let shops = shops(50);
    // 50 shops of 1 a second and an application of 20: the application's limit is the narrow one.
    let quotas = quotas(Quota::none().app(limit(20.0, 40.0)).each_shop(limit(1.0, 3.0)).each_group(limit(30.0, 60.0)));
    let calls: Vec<_> = (0..5000).map(|call| (0, of(&shops[call % 50], GROUP))).collect();
    let (left, asked) = departures(&quotas, &calls);
    let took = left.iter().map(|left| left.monotonic).max().unwrap();
    let granted = 40.0 + 20.0 * took.as_secs_f64();
    assert!(5000.0 / granted >= 0.99, "{took:?}");
    assert!(asked <= 6 * calls.len(), "{asked}");
    let last = |shop| left.iter().skip(shop).step_by(50).map(|left| left.monotonic).max().unwrap();
    let (first, slowest) = ((0..50).map(last).min().unwrap(), (0..50).map(last).max().unwrap());
    assert!(first.as_secs_f64() > 0.8 * slowest.as_secs_f64(), "{first:?} {slowest:?}");
}

#[test]
fn shops_at_rest_are_forgotten_and_those_in_use_are_not() {
    let shops = shops(10_000);
    let quotas = quotas(Quota::none().each_shop(limit(1.0, 2.0)).each_shop_group(limit(1.0, 2.0)));
    let mut waiting = Line::new(&quotas, of(&shops[0], GROUP));
    assert_eq!(waiting.ask(at(0), EVER), Ok(Turn::Now));
    let mut waiting = Line::new(&quotas, of(&shops[0], GROUP));
    assert_eq!(waiting.ask(at(0), EVER), Ok(Turn::In(Duration::from_secs(1))));
    for (number, shop) in shops.iter().enumerate().skip(1) {
        // A shop each 10 ms: a hundred of them are not full again.
        let now = at(10 * number as u64);
        assert_eq!(Line::new(&quotas, of(shop, GROUP)).ask(now, EVER), Ok(Turn::Now));
    }
    assert!(quotas.shops() <= 300, "{} of 10,000 are still there", quotas.shops());
    assert_eq!(waiting.ask(at(1_000_000), EVER), Ok(Turn::Now), "its place was kept");
}

#[test]
fn ten_thousand_shops_cost_less_than_a_kibibyte_each_even_before_they_are_forgotten() {
    let shops = shops(10_000);
    let quotas = quotas(Quota::none().each_shop(limit(1.0, 2.0)).each_shop_group(limit(1.0, 2.0)));
    for shop in &shops {
        for group in ["trade.orders", "trade.refunds", "product.items"] {
            _ = Line::new(&quotas, of(shop, group)).ask(at(0), EVER);
        }
    }
    assert_eq!(quotas.shops(), 10_000);
    assert!(quotas.bytes() < 10_000 * 1024, "{} bytes a shop", quotas.bytes() / 10_000);
}
