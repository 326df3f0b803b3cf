//! Orders are mirrored by their changes, and none is missing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::{ManualClock, QuotaLimit};
use ecloud_sandbox::{Purchase, Sandbox, Tier};

/// What this side knows of the shop's orders: the version of each, and up to when that is everything.
struct Mirror {
    versions: BTreeMap<String, u64>,
    watermark: Timestamp,
}

impl Mirror {
    async fn catch_up(&mut self, trade: &Trade) {
        let mut changes = trade.orders().changes(self.watermark).page_size(7).items();
        while let Some(order) = changes.try_next().await.unwrap() {
            let version = self.versions.entry(order.order_id.to_string()).or_insert(0);
            *version = order.version.max(*version);
        }
        self.watermark = changes.watermark();
    }
}

#[tokio::test]
async fn no_order_is_missing_in_a_mirror_while_buyers_go_on_and_changes_are_seen_late() {
    let start = Timestamp::from_unix_seconds(1_795_336_200);
    let clock = ManualClock::new(start);
    let sandbox = Sandbox::builder()
        .tier(Tier::Strategic)
        .change_delay(Duration::from_secs(300))
        .clock(Arc::new(clock.clone()))
        .start()
        .await;
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).build().unwrap();
    let trade = Trade::new(&client);
    let on_sale = Product::new(&client).items().list().send().await.unwrap();
    let skus = on_sale.items.iter().flat_map(|item| &item.skus);
    let sku = skus.max_by_key(|sku| sku.available).unwrap().sku_id.clone();

    let mut mirror = Mirror { versions: BTreeMap::new(), watermark: start - Duration::from_secs(60 * 24 * 3600) };
    for round in 0..6_u64 {
        // Orders are placed, and paid in the next round, between the pages as it were: at any distance from the watermark.
        for _ in 0..4 {
            sandbox.buyer().place(Purchase::new(sku.as_str(), 1)).unwrap();
            clock.advance(Duration::from_secs(40 + round));
        }
        mirror.catch_up(&trade).await;
    }
    clock.advance(Duration::from_secs(700));
    mirror.catch_up(&trade).await;

    let mut all = trade.orders().list().limit(100).items();
    let mut count = 0;
    while let Some(order) = all.try_next().await.unwrap() {
        count += 1;
        assert_eq!(mirror.versions.get(order.order_id.as_str()), Some(&order.version), "{}", order.order_id);
    }
    assert_eq!(mirror.versions.len(), count);
    assert!(count >= 24, "{count}");
}
