//! Lists as iterators.

use std::time::Duration;

use ecloud_core::blocking::{Wait, block_on};
use ecloud_core::{Changes, ErrorKind, Method, Page, Position, Timestamp};
use serde::Deserialize;

use crate::platform::{Platform, items, pages};

#[test]
fn items_and_pages_are_iterators_over_the_whole_list() {
    let platform = Platform::new();
    let shop = platform.shop();
    let all: Result<Vec<u64>, _> = items(&shop).wait().collect();
    assert_eq!(all.unwrap(), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(platform.seen().len(), 3);
    let sizes: Vec<_> = pages(&shop).wait().map(|page| page.unwrap().len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
    let ahead: Vec<_> = items(&shop).prefetch().wait().map(Result::unwrap).collect();
    assert_eq!(ahead.len(), 7);
}

#[test]
fn a_list_that_is_left_early_asks_for_no_further_page_and_can_be_taken_up_again() {
    let platform = Platform::new();
    let shop = platform.shop();
    let mut some = items(&shop).wait();
    assert_eq!(some.by_ref().take(3).map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(platform.seen().len(), 1);
    let token = some.get_ref().resume_token().unwrap();
    drop(some);
    let rest = items(&shop).resume_from(&token).unwrap().wait();
    assert_eq!(rest.map(Result::unwrap).collect::<Vec<_>>(), [3, 4, 5, 6]);
}

#[test]
fn the_stream_can_be_taken_out_where_it_stands() {
    let shop = Platform::new().shop();
    let mut some = items(&shop).wait();
    assert_eq!(some.next().unwrap().unwrap(), 0);
    let mut stream = some.into_inner();
    assert_eq!(block_on(stream.try_next()).unwrap().unwrap(), Some(1));
    let rest: Vec<_> = (&mut stream).wait().map(Result::unwrap).collect();
    assert_eq!(rest, [2, 3, 4, 5, 6]);
}

#[test]
fn an_iterator_ends_after_an_error() {
    let shop = Platform::new().shop();
    let mut nothing = ecloud_core::Items::<Vec<u64>>::new(shop.request(Method::GET, "/nothing")).wait();
    assert_eq!(nothing.next().unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(nothing.next().is_none() && nothing.next().is_none());
}

#[test]
fn a_dropped_iterator_ends_the_call_that_was_under_way() {
    let platform = Platform::silent_after(1);
    let mut some = items(&platform.shop()).prefetch().wait();
    assert_eq!(some.next().unwrap().unwrap(), 0);
    assert_eq!(some.next().unwrap().unwrap(), 1);
    assert_eq!((platform.seen().len(), platform.under_way()), (2, 1), "the next page was asked for");
    drop(some);
    assert_eq!(platform.under_way(), 0);
}

#[test]
fn what_a_stream_spawns_when_it_is_dropped_finds_a_runtime() {
    struct Spawns(tokio::sync::mpsc::UnboundedSender<u8>);
    impl futures_core::Stream for Spawns {
        type Item = Result<u8, ecloud_core::Error>;
        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(Some(Ok(1)))
        }
    }
    impl Drop for Spawns {
        fn drop(&mut self) {
            let sender = self.0.clone();
            tokio::spawn(async move { sender.send(2) });
        }
    }
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let mut stream = Spawns(sender).wait();
    assert_eq!(stream.next().unwrap().unwrap(), 1);
    drop(stream);
    assert_eq!(block_on(receiver.recv()).unwrap(), Some(2));
}

#[derive(Deserialize)]
struct Nothing {}

impl Page for Nothing {
    type Item = u64;

    fn position(&self) -> Position<'_> {
        Position::Number { page: 1, page_size: 100, total: 0 }
    }

    fn into_items(self) -> Vec<u64> {
        Vec::new()
    }
}

#[test]
fn a_list_of_changes_tells_its_watermark_afterwards() {
    let platform = Platform::new();
    let from = Timestamp::from_unix_seconds(1_795_336_200) - Duration::from_secs(3600);
    let request = platform.shop().request(Method::GET, "/orders/1").query("modified_from", from);
    let mut changes = Changes::<Nothing>::new(request).wait();
    assert_eq!(changes.by_ref().map(Result::unwrap).count(), 0);
    assert_eq!(changes.get_ref().watermark(), from + Duration::from_secs(3300));
}
