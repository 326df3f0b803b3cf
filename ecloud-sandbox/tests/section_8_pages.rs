//! Protocol section 8: pages by cursor, by number, and of changes, with all that makes them hard.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_sandbox::{Grant, Purchase, Tier};
use serde_json::{Value, json};
use support::Served;

fn strategic() -> Served {
    Served::with(|builder| builder.tier(Tier::Strategic))
}

fn ids(page: &Value, name: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|object| object[name].as_str().unwrap().to_owned()).collect()
}

fn all_orders(served: &Served, filters: &str, between: impl Fn(usize)) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    for count in 0.. {
        let page = served.get(&format!("/trade/v1/orders?limit=37{filters}{cursor}")).ok();
        all.extend(ids(&page, "order_id"));
        between(count);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    all
}

#[test]
fn cursors_lead_through_everything_once_even_if_orders_change_meanwhile() {
    let served = strategic();
    let change = |count: usize| {
        let order = format!("/trade/v1/orders/T1{:06}/memo", 1 + count * 30);
        served.write("PUT", &order, json!({"memo": "changed while reading"})).ok();
    };
    let all = all_orders(&served, "", change);
    assert_eq!(all.len(), 500);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 500);
}

#[test]
fn filters_narrow_a_list() {
    let served = strategic();
    let paid = all_orders(&served, "&status=paid", |_| ());
    let both = all_orders(&served, "&status=paid&status=shipped", |_| ());
    assert!(paid.len() >= 40 && both.len() > paid.len());
    let first = served.get(&format!("/trade/v1/orders/{}", paid[0])).ok();
    let created = first["created_at"].as_str().unwrap();
    assert_eq!(all_orders(&served, &format!("&status=paid&created_from={created}"), |_| ()), paid);
    assert!(!all_orders(&served, &format!("&status=paid&created_to={created}"), |_| ()).contains(&paid[0]));
}

#[test]
fn a_cursor_is_of_no_use_elsewhere() {
    let served = strategic();
    let page = served.get("/trade/v1/orders?limit=2&status=paid").ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let refused = |target: &str| assert_eq!(served.get(target).refusal(), (400, "request.invalid".into()), "{target}");
    refused(&format!("/trade/v1/orders?cursor={cursor}"));
    refused(&format!("/trade/v1/orders?status=closed&cursor={cursor}"));
    refused(&format!("/trade/v1/orders?status=paid&status=closed&cursor={cursor}"));
    refused(&format!("/trade/v1/refunds?cursor={cursor}"));
    refused(&format!("/trade/v1/orders?status=paid&cursor={}x", cursor));
    let token = served.sandbox.issue_token(Grant::new("shop-2"));
    let elsewhere =
        served.request("GET", &format!("/trade/v1/orders?status=paid&cursor={cursor}")).token(&token).send();
    assert_eq!(elsewhere.refusal(), (400, "request.invalid".into()));
    assert_eq!(
        served.get(&format!("/trade/v1/orders?status=paid&limit=3&cursor={cursor}")).status,
        200,
        "the limit may change"
    );
}

#[test]
fn a_cursor_is_valid_for_24_hours() {
    let served = strategic();
    let page = served.get("/trade/v1/orders?limit=2").ok();
    let target = format!("/trade/v1/orders?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    served.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(served.get(&target).status, 200);
    served.clock.advance(Duration::from_secs(1));
    assert_eq!(served.get(&target).refusal(), (400, "request.invalid".into()));
}

#[test]
fn pages_by_number_know_the_total() {
    let served = strategic();
    let first = served.get("/product/v1/items?page_size=25").ok();
    let total = first["total"].as_u64().unwrap();
    assert!(total >= 54, "{total}");
    let mut all = BTreeSet::new();
    for page in 1..=total.div_ceil(25) {
        all.extend(ids(&served.get(&format!("/product/v1/items?page_size=25&page={page}")).ok(), "item_id"));
    }
    assert_eq!(all.len() as u64, total);
    let beyond = served.get("/product/v1/items?page_size=25&page=9").ok();
    assert_eq!((beyond["items"].as_array().unwrap().len(), beyond["total"].as_u64()), (0, Some(total)));
}

#[test]
fn a_place_out_of_range_is_refused_not_clamped() {
    let served = strategic();
    for query in
        ["page=0", "page_size=0", "page_size=101", "page=101&page_size=100", "page=201", "page=x", "page=1&page=1"]
    {
        let answer = served.get(&format!("/product/v1/items?{query}"));
        assert_eq!(answer.refusal(), (400, "request.invalid".into()), "{query}");
    }
    assert_eq!(served.get("/product/v1/items?page=100&page_size=100").status, 200);
}

fn changes(served: &Served, from: Timestamp, to: Option<Timestamp>, place: &str) -> Value {
    let to = to.map(|to| format!("&modified_to={to}")).unwrap_or_default();
    served.get(&format!("/trade/v1/orders/changes?modified_from={from}{to}{place}")).ok()
}

#[test]
fn changes_come_newest_first_within_a_half_open_window() {
    let served = strategic();
    let (from, to) = (served.clock_now() - Duration::from_secs(80_000), served.clock_now());
    let page = changes(&served, from, Some(to), "&page_size=100");
    let keys: Vec<(String, String)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| {
            (order["modified_at"].as_str().unwrap().to_owned(), order["order_id"].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(keys.len() > 20, "{}", keys.len());
    assert!(keys.windows(2).all(|pair| pair[0] > pair[1]));
    let first: Timestamp = keys[0].0.parse().unwrap();
    let without = changes(&served, from, Some(first), "&page_size=100");
    assert!(!ids(&without, "order_id").contains(&keys[0].1), "the end is exclusive");
    let only = changes(&served, first, Some(first + Duration::from_millis(1)), "");
    assert!(ids(&only, "order_id").contains(&keys[0].1), "the start is inclusive");
}

#[test]
fn a_window_is_24_hours_at_most() {
    let served = strategic();
    let now = served.clock_now();
    let ask = |query: String| served.get(&format!("/trade/v1/orders/changes?{query}"));
    let day = Duration::from_secs(24 * 3600);
    assert_eq!(ask(format!("modified_from={}", now - day)).status, 200);
    for query in [
        String::new(),
        format!("modified_from={}", now - day - Duration::from_millis(1)),
        format!("modified_from={now}&modified_to={}", now - Duration::from_millis(1)),
        "modified_from=today".to_owned(),
    ] {
        assert_eq!(ask(query.clone()).refusal(), (400, "request.invalid".into()), "{query}");
    }
}

#[test]
fn an_order_stands_only_under_its_latest_change_and_leaves_its_old_place_at_once() {
    let served = strategic();
    let (from, to) = (served.clock_now() - Duration::from_secs(80_000), served.clock_now());
    let before = changes(&served, from, Some(to), "&page_size=10&page=1");
    let (first, total) = (ids(&before, "order_id")[0].clone(), before["total"].as_u64().unwrap());
    let second_page = ids(&changes(&served, from, Some(to), "&page_size=10&page=2"), "order_id");

    served.clock.advance(Duration::from_millis(5));
    served.write("PUT", &format!("/trade/v1/orders/{first}/memo"), json!({"memo": "moved"})).ok();
    let after = changes(&served, from, Some(to), "&page_size=10&page=2");
    assert_eq!(after["total"].as_u64().unwrap(), total - 1);
    let lost = &second_page[0];
    assert!(
        !ids(&after, "order_id").contains(lost),
        "whoever reads forwards loses the order that moved up to the first page"
    );
}

#[test]
fn a_change_becomes_visible_up_to_five_minutes_late() {
    let served = strategic();
    let start = served.clock_now() + Duration::from_millis(1);
    served.clock.advance(Duration::from_millis(1));
    let placed: BTreeSet<String> =
        (0..30).map(|_| served.sandbox.buyer().place(Purchase::new("S1000001-1", 1)).unwrap()).collect();
    let end = start + Duration::from_millis(1);
    let seen =
        || -> BTreeSet<String> { ids(&changes(&served, start, Some(end), ""), "order_id").into_iter().collect() };
    served.clock.advance(Duration::from_secs(100));
    let early = seen().len();
    assert!((1..30).contains(&early), "{early} of 30 are visible after 100 s");
    served.clock.advance(Duration::from_secs(200));
    assert_eq!(seen(), placed);
}

#[test]
fn a_finished_window_read_backwards_is_complete_while_orders_change() {
    let served = strategic();
    let (from, to) = (served.clock_now() - Duration::from_secs(80_000), served.clock_now() - Duration::from_secs(300));
    let total = changes(&served, from, Some(to), "&page_size=10")["total"].as_u64().unwrap();
    let expected: BTreeSet<String> = (1..=total.div_ceil(10))
        .flat_map(|page| ids(&changes(&served, from, Some(to), &format!("&page_size=10&page={page}")), "order_id"))
        .collect();
    let mut seen = BTreeSet::new();
    for page in (1..=total.div_ceil(10)).rev() {
        let found = ids(&changes(&served, from, Some(to), &format!("&page_size=10&page={page}")), "order_id");
        seen.extend(found.iter().cloned());
        served.clock.advance(Duration::from_millis(1));
        if let Some(order_id) = found.first() {
            served.write("PUT", &format!("/trade/v1/orders/{order_id}/memo"), json!({"memo": "moved"})).ok();
        }
    }
    assert!(expected.is_subset(&seen));
}
