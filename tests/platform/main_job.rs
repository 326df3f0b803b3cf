//! The main job: products, stock, orders, shipments, tracking.

use std::collections::BTreeSet;

use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::product::inventory::StockInput;
use ecloud::product::items::ListingStatus;
use ecloud::trade::orders::OrderStatus;
use ecloud_sandbox::Purchase;
use futures_util::{StreamExt, TryStreamExt};

use crate::{client, sandbox};

#[tokio::test]
async fn products_are_listed_over_all_pages_each_once() {
    let (sandbox, _) = sandbox().await;
    let product = Product::new(client(&sandbox));
    let mut items = product.items().list().page_size(7).items();
    let mut seen = BTreeSet::new();
    while let Some(item) = items.try_next().await.unwrap() {
        assert!(seen.insert(item.item_id.clone()), "{} came twice", item.item_id);
    }
    let page = product.items().list().page_size(1).send().await.unwrap();
    assert_eq!(seen.len() as u64, page.total);
    assert!(seen.len() >= 60);
}

#[tokio::test]
async fn lists_are_streams_to_the_futures_crates() {
    let (sandbox, _) = sandbox().await;
    let items = Product::new(client(&sandbox)).items().list().page_size(7).items();
    let first: Vec<_> = items.take(10).try_collect().await.unwrap();
    assert_eq!(first.len(), 10);
    assert_eq!(sandbox.received().len(), 2, "no page was fetched before it was wanted");
}

#[tokio::test]
async fn lists_are_narrowed_by_status_and_keyword() {
    let (sandbox, _) = sandbox().await;
    let product = Product::new(client(&sandbox));
    let all = product.items().list().send().await.unwrap();
    let on_sale = product.items().list().status(ListingStatus::OnSale).send().await.unwrap();
    assert!(on_sale.total > 0 && on_sale.total < all.total);
    assert!(on_sale.items.iter().all(|item| item.listing_status == ListingStatus::OnSale));
    let title = &on_sale.items[0].title;
    let found = product.items().list().keyword(title.as_str()).send().await.unwrap();
    assert!(found.items.iter().any(|item| item.title == *title));
}

#[tokio::test]
async fn stock_falls_when_an_order_is_placed_and_a_stale_version_is_a_conflict() {
    let (sandbox, _) = sandbox().await;
    let inventory = Product::new(client(&sandbox)).inventory();
    let on_sale = Product::new(client(&sandbox)).items().list().status(ListingStatus::OnSale).send().await.unwrap();
    let sku = on_sale.items.iter().flat_map(|item| &item.skus).find(|sku| sku.available > 10).unwrap();

    let before = inventory.get(&sku.sku_id).send().await.unwrap();
    sandbox.buyer().place(Purchase::new(sku.sku_id.as_str(), 3)).unwrap();
    let after = inventory.get(&sku.sku_id).send().await.unwrap();
    assert_eq!(after.available, before.available - 3);

    let error = inventory.set(&sku.sku_id, StockInput::new(100, before.version)).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.status()),
        (ErrorKind::Conflict, Some("product.inventory_conflict"), Some(409))
    );
    let set = inventory.set(&sku.sku_id, StockInput::new(100, after.version)).send().await.unwrap();
    assert_eq!(set.available, 100);
}

#[tokio::test]
async fn every_paid_order_is_shipped_once_and_its_tracking_can_be_read() {
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let (trade, logistics) = (Trade::new(&client), Logistics::new(&client));
    let mut shipped = Vec::new();
    let mut paid = trade.orders().list().status(OrderStatus::Paid).limit(10).items();
    while let Some(order) = paid.try_next().await.unwrap() {
        let number = format!("SF{:013}", shipped.len());
        let input = ShipmentInput::new(&order.order_id, "sf", number.as_str());
        match logistics.shipments().create(input).send().await {
            Ok(shipment) => shipped.push((order.order_id, shipment, number)),
            Err(error) => assert_eq!(error.code(), Some("trade.order_on_hold"), "{error}"),
        }
    }
    assert!(shipped.len() >= 40, "{}", shipped.len());
    for (order_id, shipment, number) in &shipped {
        let order = trade.orders().get(order_id).send().await.unwrap();
        assert_eq!(order.status, OrderStatus::Shipped);
        assert_eq!(order.shipment_ids, std::slice::from_ref(&shipment.shipment_id));
        let tracking = logistics.tracking().get(number.as_str()).send().await.unwrap();
        assert_eq!((&tracking.order_id, tracking.events.is_empty()), (order_id, false));
    }

    let again = ShipmentInput::new(&shipped[0].0, "sf", "SF9999999999999");
    let error = logistics.shipments().create(again).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("trade.order_not_shippable")));
}

#[tokio::test]
async fn orders_add_up_to_the_cent() {
    let (sandbox, _) = sandbox().await;
    let mut orders = Trade::new(client(&sandbox)).orders().list().limit(100).items();
    let mut count = 0;
    while let Some(order) = orders.try_next().await.unwrap() {
        let lines = Money::try_sum(order.lines.iter().map(|line| line.payment)).unwrap();
        assert_eq!(lines.checked_add(order.amounts.freight), Some(order.amounts.payment), "{}", order.order_id);
        count += 1;
    }
    assert!(count >= 500);
}

#[tokio::test]
async fn what_another_shop_owns_is_not_found() {
    let (sandbox, _) = sandbox().await;
    let stranger = sandbox.issue_token(ecloud_sandbox::Grant::new("another-shop"));
    let client = client(&sandbox);
    let page = Trade::new(&client).orders().list().limit(1).send().await.unwrap();
    let order_id = &page.items[0].order_id;
    let theirs = Trade::new(client.for_shop("another-shop").access_token(stranger));
    let error = theirs.orders().get(order_id).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("trade.order_not_found")));
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_both_strings() {
    let (sandbox, _) = sandbox().await;
    let client = sandbox.client().app(sandbox.app_key(), "another-secret").build().unwrap();
    let error = Product::new(&client).items().list().send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("auth.signature_mismatch")));
    assert!(error.to_string().contains("so the secrets differ"), "{error}");
}
