//! Two regions of one platform that come and go: calls survive, and no write is done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ecloud::prelude::*;
use ecloud::product::inventory::StockAdjustment;
use ecloud::transport::{Body, TransportError};
use ecloud::{Clock, Endpoint, EndpointState, Endpoints, ManualClock, QuotaLimit, Transport, bulk};
use ecloud_sandbox::{MemoryDoor, Sandbox, Tier};

/// Two ways to one platform, each down for a while in turn: before a request gets there, or after it has taken effect.
#[derive(Debug)]
struct Regions {
    platform: MemoryDoor,
    clock: ManualClock,
    /// How many requests were sent to each, also to one that was down.
    sent: Arc<[AtomicU64; 2]>,
}

#[async_trait]
impl Transport for Regions {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let number = usize::from(request.uri().host() == Some("west.example.com"));
        self.sent[number].fetch_add(1, Ordering::Relaxed);
        // A round of 4 minutes: east is down in the first, west in the third, a minute each; for its first half after the effect.
        let second = self.clock.monotonic().as_secs() % 240;
        let is_down = second / 60 == if number == 0 { 0 } else { 2 };
        if is_down && second % 60 >= 30 {
            return Err(TransportError::not_sent("connection refused"));
        }
        let answer = self.platform.send(request).await?;
        if is_down { Err(TransportError::outcome_unknown("connection reset")) } else { Ok(answer) }
    }
}

#[tokio::test]
async fn while_regions_come_and_go_every_write_is_done_once_and_calls_move_to_the_region_that_is_up() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).build();
    let sent: Arc<[AtomicU64; 2]> = Arc::default();
    let regions = Regions { platform: sandbox.transport(), clock: clock.clone(), sent: sent.clone() };
    let client = sandbox.client().transport(regions).quota(QuotaLimit::STRATEGIC);
    let endpoints = ["https://east.example.com", "https://west.example.com"].map(Endpoint::new);
    let client = client.endpoints(Endpoints::new(endpoints)).build().unwrap();
    clock.advance(Duration::from_secs(60));
    let inventory = Product::new(&client).inventory();
    let sku = Product::new(&client).items().list().items().try_next().await.unwrap().unwrap().skus[0].sku_id.clone();
    let before = inventory.get(sku.clone()).send().await.unwrap().available;

    let mut writes = bulk(0..3_000_u32, |_| {
        clock.advance(Duration::from_millis(500));
        inventory.adjust(sku.clone(), StockAdjustment::new(1)).send_with_meta()
    })
    .at_once(4);
    let (mut done, mut failed) = (0, 0);
    while let Some(write) = writes.next().await {
        match write.outcome {
            Ok(_) => done += 1,
            Err(error) => {
                assert!(error.attempts().len() > 1, "{error}");
                failed += 1;
            }
        }
    }
    clock.advance(Duration::from_secs(240 - clock.monotonic().as_secs() % 240 + 60));
    let after = inventory.get(sku).send().await.unwrap().available;
    assert_eq!((done, failed, after - before), (3_000, 0, 3_000));

    // Each region was down 6 times, for a quarter of the time: what went there meanwhile are the failures that open the breaker, and probes.
    let wasted: u64 = sent.iter().map(|sent| sent.load(Ordering::Relaxed)).sum::<u64>() - 3_000;
    assert!((60..300).contains(&wasted), "{wasted}");
    assert!(client.endpoints().iter().any(|endpoint| endpoint.state == EndpointState::Closed));
    assert_eq!(client.retry_budget().available(), client.retry_budget().capacity());
}
