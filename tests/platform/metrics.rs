//! What Prometheus is told agrees with what the caller and the platform have seen.

use std::collections::BTreeMap;

use ecloud::prelude::*;
use ecloud::product::inventory::StockAdjustment;
use ecloud::{AttemptRecord, Method};
use ecloud_sandbox::Fault;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{client, sandbox};

/// A recorder for Prometheus, for this thread alone.
pub(crate) struct Listener {
    handle: PrometheusHandle,
    _guard: metrics::LocalRecorderGuard<'static>,
}

impl Listener {
    pub(crate) fn begin() -> Self {
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let (handle, guard) = (recorder.handle(), metrics::set_default_local_recorder(recorder));
        ecloud::metrics::describe();
        Self { handle, _guard: guard }
    }

    pub(crate) fn text(&self) -> String {
        self.handle.render()
    }

    /// What a counter adds up to, by the value of one of its labels.
    fn by(&self, name: &str, label: &str) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for line in self.text().lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{').map(str::to_owned))
        {
            let (labels, count) = line.rsplit_once("} ").unwrap();
            let value = labels.split(',').find_map(|pair| pair.strip_prefix(label)?.strip_prefix('='));
            *sums.entry(value.unwrap().trim_matches('"').to_owned()).or_default() += count.parse::<u64>().unwrap();
        }
        sums
    }
}

/// What the caller has seen.
#[derive(Default)]
struct Told {
    calls: BTreeMap<String, u64>,
    attempts: BTreeMap<String, u64>,
}

impl Told {
    fn count<T>(&mut self, outcome: Result<ecloud::Answer<T>, Error>) {
        let (outcome, failed) = match &outcome {
            Ok(answer) => {
                *self.attempts.entry("success".to_owned()).or_default() += 1;
                ("success", answer.meta.earlier_attempts())
            }
            Err(error) => (error.kind().as_str(), error.attempts()),
        };
        *self.calls.entry(outcome.to_owned()).or_default() += 1;
        for AttemptRecord { reason, .. } in failed {
            *self.attempts.entry(reason.as_str().to_owned()).or_default() += 1;
        }
    }
}

#[tokio::test]
async fn under_faults_metrics_are_what_the_caller_was_told_and_the_platform_saw() {
    let listener = Listener::begin();
    let (sandbox, _) = sandbox().await;
    let client = client(&sandbox);
    let inventory = Product::new(&client).inventory();
    let page = Product::new(&client).items().list().page_size(1).send_with_meta().await;
    let sku = page.as_ref().unwrap().value.items[0].skus[0].sku_id.clone();
    let mut told = Told::default();
    told.count(page);

    let faults = [
        Fault::dropped_connection(),
        Fault::status(503),
        Fault::status(429).retry_after(std::time::Duration::from_millis(20)),
        Fault::cut_body(10),
    ];
    for (seed, fault) in (1..).zip(faults) {
        sandbox.inject(fault.share(0.15, seed));
    }
    let shop = client.for_shop("shop-1");
    for _ in 0..60 {
        told.count(inventory.get(&sku).send_with_meta().await);
        told.count(inventory.adjust(&sku, StockAdjustment::new(1)).send_with_meta().await);
        told.count(inventory.get("no-such-sku").send_with_meta().await);
        let read = shop.request(Method::GET, "/product/v1/items").send_with_meta::<Vec<String>>().await;
        if read.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidResponse) {
            // The attempt has succeeded: it is the answer that isn't what was asked for.
            *told.attempts.entry("success".to_owned()).or_default() += 1;
        }
        told.count(read);
    }

    assert_eq!(listener.by("ecloud_calls_total", "outcome"), told.calls);
    assert_eq!(told.calls.values().sum::<u64>(), 241);
    let attempts = listener.by("ecloud_attempts_total", "outcome");
    assert_eq!(attempts, told.attempts);
    assert!(
        ["transient", "throttled", "outcome_unknown", "refused"].iter().all(|reason| attempts.contains_key(*reason))
    );
    let seen: u64 = attempts.iter().filter(|(outcome, _)| *outcome != "not_sent").map(|(_, count)| count).sum();
    assert_eq!(seen, sandbox.received().len() as u64);

    // Each attempt is the first of its call, or a retry.
    let retries: u64 = listener.by("ecloud_retries_total", "reason").values().sum();
    assert_eq!(attempts.values().sum::<u64>(), 241 + retries);
}
