//! What a page may say of itself.

use std::time::Duration;

use ecloud_core::{Changes, Clock, ErrorKind, Json, Method, Page, Pages, Position, QuotaLimit};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::json;

use crate::platform::{Anything, Platform, at_once, good};
use crate::values::{DATES, NUMBERS};

#[derive(Debug, Deserialize)]
struct Numbered {
    items: Vec<Json>,
    page: u32,
    page_size: u32,
    total: u64,
}

impl Page for Numbered {
    type Item = Json;

    fn position(&self) -> Position<'_> {
        Position::Number { page: self.page, page_size: self.page_size, total: self.total }
    }

    fn into_items(self) -> Vec<Json> {
        self.items
    }
}

fn answer() -> impl Strategy<Value = Anything> {
    let number = select(&[0, 1, 2, 99, 100, 101, 10_000, 4_294_967_295, u64::MAX][..]);
    let page = prop_oneof![4 => Just(1), 1 => number.clone()];
    let headers = proptest::collection::vec(
        (Just("date"), prop_oneof![select(DATES), select(NUMBERS)].prop_map(|value| value.as_bytes().to_vec())),
        0..3,
    );
    (page, number.clone(), number, 0..3_usize, headers).prop_map(|(page, page_size, total, items, mut headers)| {
        let body = json!({"items": vec![1; items], "page": page, "page_size": page_size, "total": total});
        headers.extend(good().headers);
        Anything { headers, body: body.to_string().into_bytes(), ..good() }
    })
}

proptest! {
    #[test]
    fn lists_and_changes_end_or_say_that_they_are_lost(
        answers in proptest::collection::vec(answer(), 1..4),
        hours in select(&[0_u32, 1, 24, 720][..]),
        page in select(NUMBERS),
    ) {
        let platform = Platform::new(answers);
        let shop = platform.client().quota(QuotaLimit::UNLIMITED).build().unwrap().for_shop("shop-1");
        let from = platform.clock.now() - Duration::from_secs(3600) * hours;
        let request = shop.request(Method::GET, "/orders").query("modified_from", from).query("page", page);
        let mut changes = Changes::<Numbered>::new(request.clone());
        let mut pages = Pages::<Numbered>::new(request);
        for _ in 0..50 {
            match at_once(changes.try_next()) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => prop_assert!(matches!(error.kind(), ErrorKind::Paging | ErrorKind::InvalidResponse), "{}", error),
            }
            prop_assert!(changes.watermark() >= from);
        }
        for _ in 0..50 {
            match at_once(pages.try_next()) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => prop_assert!(matches!(error.kind(), ErrorKind::Paging | ErrorKind::InvalidResponse), "{}", error),
            }
        }
    }
}
