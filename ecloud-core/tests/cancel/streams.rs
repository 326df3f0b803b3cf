//! Streams that are dropped, and streams whose futures are.

use std::ops::Range;
use std::time::Duration;

use ecloud_core::{Bulk, Changes, Items, Json, Method, Page, Pages, Position, Request, Sending, bulk};
use serde::Deserialize;

use crate::drops::{at_every_poll, with_a_new_future_for_each_poll};
use crate::world::World;

#[derive(Debug, Deserialize)]
struct Numbered {
    items: Vec<u32>,
    page: u32,
    total: u64,
}

impl Page for Numbered {
    type Item = u32;

    fn position(&self) -> Position<'_> {
        Position::Number { page: self.page, page_size: 2, total: self.total }
    }

    fn into_items(self) -> Vec<u32> {
        self.items
    }
}

const PAGES: &[(u16, &str)] = &[
    (200, r#"{"items":[1,2],"page":1,"total":5}"#),
    (503, ""),
    (200, r#"{"items":[3,4],"page":2,"total":5}"#),
    (200, r#"{"items":[5],"page":3,"total":5}"#),
];

/// A list of changes is read from its last page to its first.
const CHANGES: &[(u16, &str)] = &[
    (200, r#"{"items":[4,3],"page":1,"total":4}"#),
    (200, r#"{"items":[2,1],"page":2,"total":4}"#),
    (503, ""),
    (200, r#"{"items":[4,3],"page":1,"total":4}"#),
];

fn list(world: &World) -> Request {
    world.shop().request(Method::GET, "/orders")
}

fn changes(world: &World) -> Changes<Numbered> {
    Changes::new(list(world).query("modified_from", "2026-11-22T08:00:00.000Z"))
}

/// Calls for four inputs, two at a time.
fn calls(world: &World) -> Bulk<Range<u32>, impl FnMut(u32) -> Sending<Json>, Sending<Json>, Json> {
    bulk(0..4, |number| world.request().query("number", number).send()).at_once(2).in_order()
}

#[test]
fn a_dropped_stream_gives_its_connections_back() {
    at_every_poll(
        || World::new(PAGES),
        |world| Box::pin(async { while Pages::<Numbered>::new(list(world)).try_next().await.is_err() {} }),
        |_, _| {},
    );
    for ahead in [false, true] {
        at_every_poll(
            || World::new(PAGES),
            |world| {
                Box::pin(async move {
                    let items = Items::<Numbered>::new(list(world));
                    let mut items = if ahead { items.prefetch() } else { items };
                    while items.try_next().await.unwrap().is_some() {}
                })
            },
            |_, _| {},
        );
    }
    at_every_poll(
        || World::new(CHANGES),
        |world| {
            Box::pin(async {
                let mut changes = changes(world);
                while changes.try_next().await.unwrap().is_some() {}
            })
        },
        |_, _| {},
    );
}

#[test]
fn a_dropped_bulk_gives_everything_back() {
    at_every_poll(
        || World::new(&[(503, "")]),
        |world| Box::pin(async { assert_eq!(calls(world).finish().await.0.len(), 4) }),
        |world, _| assert_eq!(world.quota_left(), 10 - u32::try_from(world.seen()).unwrap()),
    );
}

#[test]
fn lists_go_on_after_each_dropped_future() {
    for ahead in [false, true] {
        let world = World::new(PAGES);
        let items = Items::<Numbered>::new(list(&world));
        let mut items = if ahead { items.prefetch() } else { items };
        let mut came = Vec::new();
        while let Some(item) =
            with_a_new_future_for_each_poll(&mut items, async |items| items.try_next().await).unwrap()
        {
            came.push(item);
        }
        assert_eq!((came, world.seen()), (vec![1, 2, 3, 4, 5], 4));
    }
    let world = World::new(PAGES);
    let mut pages = Pages::<Numbered>::new(list(&world));
    let mut sizes = Vec::new();
    while let Some(page) = with_a_new_future_for_each_poll(&mut pages, async |pages| pages.try_next().await).unwrap() {
        sizes.push(page.items.len());
    }
    assert_eq!((sizes, world.seen()), (vec![2, 2, 1], 4));
}

#[test]
fn changes_go_on_after_each_dropped_future() {
    let world = World::new(CHANGES);
    let mut changes = changes(&world);
    let before = changes.watermark();
    let mut came = Vec::new();
    while let Some(item) =
        with_a_new_future_for_each_poll(&mut changes, async |changes| changes.try_next().await).unwrap()
    {
        assert!(came.len() == 3 || changes.watermark() == before);
        came.push(item);
    }
    assert_eq!((came, world.seen()), (vec![1, 2, 3, 4], 4));
    assert!(changes.watermark() > before + Duration::from_secs(60));
}

#[test]
fn a_bulk_goes_on_after_each_dropped_future() {
    let world = World::new(&[(503, "")]);
    let mut calls = calls(&world);
    let mut came = Vec::new();
    while let Some(result) = with_a_new_future_for_each_poll(&mut calls, async |calls| calls.next().await) {
        assert!(result.outcome.is_ok());
        came.push(result.index);
    }
    assert_eq!((came, world.seen()), (vec![0, 1, 2, 3], 5));
}
