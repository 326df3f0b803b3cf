//! Orders are searched for, page by page, though the criteria stand in a body.

use ecloud::prelude::*;
use ecloud::trade::orders::{OrderSearch, OrderStatus};

use crate::{client, sandbox};

#[tokio::test]
async fn a_search_goes_through_all_its_pages_and_goes_on_where_it_was_left() {
    let (sandbox, _clock) = sandbox().await;
    let trade = Trade::new(client(&sandbox));
    let criteria = || OrderSearch::new().statuses([OrderStatus::Paid, OrderStatus::PartlyShipped]);

    let mut expected = Vec::new();
    let list = trade.orders().list().status(OrderStatus::Paid).status(OrderStatus::PartlyShipped);
    let mut listed = list.limit(100).items();
    while let Some(order) = listed.try_next().await.unwrap() {
        expected.push(order.order_id);
    }
    assert!(expected.len() > 50);

    let mut found = Vec::new();
    let mut pages = trade.orders().search(criteria()).limit(20).pages();
    let first = pages.try_next().await.unwrap().unwrap();
    found.extend(first.items.into_iter().map(|order| order.order_id));
    let resumed = pages.resume_token().unwrap();
    let other = trade.orders().search(OrderSearch::new()).limit(20).pages().resume_from(&resumed);
    assert!(other.is_err(), "it belongs to other criteria");
    let mut rest = trade.orders().search(criteria()).limit(20).pages().resume_from(&resumed).unwrap();
    while let Some(page) = rest.try_next().await.unwrap() {
        found.extend(page.items.into_iter().map(|order| order.order_id));
    }
    assert_eq!(found, expected);
}
