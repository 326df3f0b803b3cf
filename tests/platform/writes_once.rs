//! A write is done once, whatever happens to its answer.

use ecloud::prelude::*;
use ecloud::product::inventory::StockAdjustment;
use ecloud::product::items::ListingStatus;
use ecloud::types::SkuId;
use ecloud_sandbox::{Fault, Sandbox};

use crate::{client, sandbox};

async fn some_sku(sandbox: &Sandbox) -> SkuId {
    let page = Product::new(client(sandbox)).items().list().status(ListingStatus::OnSale).send().await.unwrap();
    page.items[0].skus[0].sku_id.clone()
}

async fn available(sandbox: &Sandbox, sku: &SkuId) -> u32 {
    Product::new(client(sandbox)).inventory().get(sku).send().await.unwrap().available
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_after_it_took_effect_is_not_done_twice() {
    let (sandbox, _) = sandbox().await;
    let sku = some_sku(&sandbox).await;
    for fault in [Fault::dropped_connection(), Fault::status(502).without_body(), Fault::status(503)] {
        let before = available(&sandbox, &sku).await;
        sandbox.inject(fault.clone().after_effect().operation("product.inventory.adjust"));
        let adjust = Product::new(client(&sandbox)).inventory().adjust(&sku, StockAdjustment::new(5));
        let answer = adjust.send_with_meta().await.unwrap();
        assert_eq!((answer.meta.attempts(), answer.meta.is_idempotent_replay()), (2, true), "{fault:?}");
        assert_eq!(available(&sandbox, &sku).await, before + 5, "{fault:?}");
    }
}

#[tokio::test]
async fn a_write_of_unknown_outcome_can_be_sent_again_under_its_key() {
    let (sandbox, _) = sandbox().await;
    let sku = some_sku(&sandbox).await;
    let before = available(&sandbox, &sku).await;
    sandbox.inject(Fault::dropped_connection().after_effect().next(5).operation("product.inventory.adjust"));
    let inventory = Product::new(client(&sandbox)).inventory();
    let error = inventory.adjust(&sku, StockAdjustment::new(5)).send().await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");

    let key = error.idempotency_key().unwrap();
    inventory.adjust(&sku, StockAdjustment::new(5)).with_idempotency_key(key).send().await.unwrap();
    assert_eq!(available(&sandbox, &sku).await, before + 5);

    let other = inventory.adjust(&sku, StockAdjustment::new(6)).with_idempotency_key(key).send().await.unwrap_err();
    assert_eq!(other.code(), Some("idempotency.conflict"));
    assert_eq!(available(&sandbox, &sku).await, before + 5);
}

#[tokio::test]
async fn a_share_of_lost_answers_leaves_the_sum_right() {
    let (sandbox, _) = sandbox().await;
    let sku = some_sku(&sandbox).await;
    let before = available(&sandbox, &sku).await;
    sandbox.inject(Fault::dropped_connection().after_effect().share(0.3, 11).operation("product.inventory.adjust"));
    sandbox.inject(Fault::status(503).share(0.2, 12).operation("product.inventory.adjust"));
    let inventory = Product::new(client(&sandbox)).inventory();
    let (mut done, mut unknown) = (0, Vec::new());
    for _ in 0..100 {
        match inventory.adjust(&sku, StockAdjustment::new(1)).send().await {
            Ok(_) => done += 1,
            Err(error) if error.is_outcome_unknown() => unknown.push(error.idempotency_key().unwrap().to_owned()),
            Err(error) => panic!("{error}"),
        }
    }
    sandbox.clear_faults();
    for key in &unknown {
        inventory.adjust(&sku, StockAdjustment::new(1)).with_idempotency_key(key).send().await.unwrap();
    }
    assert_eq!(done + unknown.len(), 100);
    assert_eq!(available(&sandbox, &sku).await, before + 100);
}
