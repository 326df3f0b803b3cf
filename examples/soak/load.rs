//! Reads and writes against a sandbox that fails on the way, and the numbers that have to add up.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::product::inventory::StockAdjustment;
use ecloud::types::SkuId;
use ecloud::{Answer, AttemptReason, AttemptRecord, BulkProgress, bulk};
use ecloud_sandbox::{Fault, Sandbox};

/// What is asked of the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// How many calls in all; every second one is a write.
    pub(crate) calls: u32,
    /// How many calls are under way together.
    pub(crate) at_once: usize,
    /// The dice of the faults.
    pub(crate) seed: u64,
}

/// What came of it, on both sides.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) calls: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: BTreeMap<String, u64>,
    /// Attempts that left this side, as the client counts them.
    pub(crate) attempts_sent: u64,
    /// Requests that the platform received.
    pub(crate) attempts_seen: u64,
    pub(crate) retries: BTreeMap<String, u64>,
    pub(crate) acknowledged: u64,
    pub(crate) unknown: u64,
    /// Writes that took effect before those of unknown outcome were sent again.
    pub(crate) applied: u64,
    /// Writes that took effect after that.
    pub(crate) applied_in_the_end: u64,
}

/// One call of the load.
#[derive(Clone, Debug)]
enum Step {
    Read(SkuId),
    Write(SkuId),
}

/// Injects faults, makes the calls, and counts on both sides.
///
/// # Errors
///
/// Those of the calls before and after the load, which run without faults.
pub(crate) async fn run(
    sandbox: &Sandbox,
    client: &Client,
    load: Load,
    on_progress: impl FnMut(BulkProgress) + Send + 'static,
) -> Result<Report, Error> {
    let inventory = Product::new(client).inventory();
    let skus = skus(client).await?;
    let before = stock(client, &skus).await?;
    inject(sandbox, load.seed);
    sandbox.clear_received();

    let steps = (0..load.calls as usize).map(|number| {
        let sku = skus[number / 2 % skus.len()].clone();
        if number % 2 == 0 { Step::Read(sku) } else { Step::Write(sku) }
    });
    let mut calls = bulk(steps, |step| {
        let inventory = inventory.clone();
        async move {
            match step {
                Step::Read(sku) => inventory.get(sku).send_with_meta().await,
                Step::Write(sku) => inventory.adjust(sku, StockAdjustment::new(1)).send_with_meta().await,
            }
        }
    })
    .at_once(load.at_once)
    .on_progress(on_progress);

    let mut report = Report::default();
    let mut unknown = Vec::new();
    while let Some(result) = calls.next().await {
        let is_write = matches!(result.input, Step::Write(_));
        report.count(&result.outcome, is_write);
        if let (Step::Write(sku), Err(error)) = (result.input, result.outcome)
            && error.is_outcome_unknown()
        {
            unknown.push((sku, error.idempotency_key().unwrap_or_default().to_owned()));
        }
    }
    report.attempts_seen = sandbox.received().len() as u64;
    sandbox.clear_faults();

    report.applied = applied(&before, &stock(client, &skus).await?);
    // Under its key a write is done once, whether its first attempt took effect or not.
    for (sku, key) in unknown {
        inventory.adjust(sku, StockAdjustment::new(1)).with_idempotency_key(key).send().await?;
    }
    report.applied_in_the_end = applied(&before, &stock(client, &skus).await?);
    Ok(report)
}

/// All the ways in which a platform fails that stays a platform.
fn inject(sandbox: &Sandbox, seed: u64) {
    let faults = [
        Fault::dropped_connection(),
        Fault::dropped_connection().after_effect(),
        Fault::status(503),
        Fault::status(500).after_effect(),
        Fault::status(502).without_body().after_effect(),
        Fault::status(429).retry_after(Duration::from_millis(20)),
        Fault::cut_body(10),
    ];
    for (number, fault) in (0_u64..).zip(faults) {
        sandbox.inject(fault.share(0.04, seed.wrapping_add(number)));
    }
}

async fn skus(client: &Client) -> Result<Vec<SkuId>, Error> {
    let page = Product::new(client).items().list().page_size(20).send().await?;
    Ok(page.items.into_iter().flat_map(|item| item.skus).map(|sku| sku.sku_id).take(40).collect())
}

/// How many pieces of each SKU there are.
async fn stock(client: &Client, skus: &[SkuId]) -> Result<Vec<u64>, Error> {
    let inventory = Product::new(client).inventory();
    let mut counts = Vec::with_capacity(skus.len());
    for sku in skus {
        counts.push(u64::from(inventory.get(sku).send().await?.available));
    }
    Ok(counts)
}

fn applied(before: &[u64], after: &[u64]) -> u64 {
    after.iter().sum::<u64>() - before.iter().sum::<u64>()
}

impl Report {
    fn count<T>(&mut self, outcome: &Result<Answer<T>, Error>, is_write: bool) {
        self.calls += 1;
        let failed_attempts = match outcome {
            Ok(answer) => {
                self.succeeded += 1;
                self.attempts_sent += 1;
                self.acknowledged += u64::from(is_write);
                answer.meta.earlier_attempts()
            }
            Err(error) => {
                *self.failed.entry(format!("{:?}", error.kind())).or_default() += 1;
                self.unknown += u64::from(is_write && error.is_outcome_unknown());
                error.attempts()
            }
        };
        for AttemptRecord { reason, .. } in failed_attempts {
            let was_sent = !matches!(
                reason,
                AttemptReason::NotSent
                    | AttemptReason::NotSendable
                    | AttemptReason::NoQuota
                    | AttemptReason::NoToken
                    | AttemptReason::TokenUnfit
            );
            self.attempts_sent += u64::from(was_sent);
            *self.retries.entry(reason.to_string()).or_default() += 1;
        }
    }

    /// What doesn't add up, a line each; nothing where everything does.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let failed: u64 = self.failed.values().sum();
        let unknown_at_most = self.acknowledged + self.unknown;
        let checks = [
            (self.calls == self.succeeded + failed, "calls are not successes and failures".to_owned()),
            (
                self.attempts_seen == self.attempts_sent,
                format!("the platform saw {} attempts, the client sent {}", self.attempts_seen, self.attempts_sent),
            ),
            (
                (self.acknowledged..=unknown_at_most).contains(&self.applied),
                format!(
                    "{} writes were applied, {} acknowledged, {} of unknown outcome",
                    self.applied, self.acknowledged, self.unknown
                ),
            ),
            (
                self.applied_in_the_end == unknown_at_most,
                format!("{} writes were applied in the end instead of {unknown_at_most}", self.applied_in_the_end),
            ),
        ];
        checks.into_iter().filter(|(holds, _)| !holds).map(|(_, mistake)| mistake).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed: u64 = self.failed.values().sum();
        writeln!(f, "  calls      {:>7} = {} succeeded + {failed} failed", self.calls, self.succeeded)?;
        for (kind, count) in &self.failed {
            writeln!(f, "             {count:>7} {kind}")?;
        }
        writeln!(
            f,
            "  attempts   {:>7} sent by the client, {} seen by the platform",
            self.attempts_sent, self.attempts_seen
        )?;
        for (reason, count) in &self.retries {
            writeln!(f, "             {count:>7} {reason}")?;
        }
        writeln!(
            f,
            "  writes     {:>7} applied: {} acknowledged, {} of unknown outcome",
            self.applied, self.acknowledged, self.unknown
        )?;
        write!(
            f,
            "             {:>7} applied once those of unknown outcome were sent again under their keys",
            self.applied_in_the_end
        )
    }
}
