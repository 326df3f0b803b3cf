//! Under faults all numbers add up, on both sides.

use std::sync::Arc;

use ecloud::QuotaLimit;
use ecloud::prelude::*;
use ecloud_sandbox::{Sandbox, Tier};

use crate::load::{self, Load};

async fn soak(load: Load, policy: ecloud::RetryPolicy) -> load::Report {
    let clock = ecloud::ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder()
        .tier(Tier::Strategic)
        .clock(Arc::new(clock))
        .received_capacity(load.calls as usize * 6)
        .start()
        .await;
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).retry(policy).build().unwrap();
    load::run(&sandbox, &client, load, |_| {}).await.unwrap()
}

#[tokio::test]
async fn under_faults_calls_attempts_and_writes_add_up_and_no_write_is_done_twice() {
    for seed in 1..=2 {
        let load = Load { calls: 600, at_once: 12, seed };
        let report = soak(load, ecloud::RetryPolicy::standard()).await;
        assert_eq!(report.mistakes(), [""; 0], "seed {seed}:\n{report}");
        assert_eq!(report.calls, 600);
        assert!(report.attempts_sent > 700, "there were faults:\n{report}");
    }
}

#[tokio::test]
async fn without_retries_writes_of_unknown_outcome_are_applied_once_they_are_sent_again_under_their_keys() {
    let load = Load { calls: 400, at_once: 12, seed: 3 };
    let report = soak(load, ecloud::RetryPolicy::none()).await;
    assert_eq!(report.mistakes(), [""; 0], "{report}");
    assert!(report.unknown > 10 && report.applied < report.applied_in_the_end, "{report}");
}
