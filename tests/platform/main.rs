//! The whole way, as a user goes it: typed calls, over real HTTP, to a sandbox that verifies by itself.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod changes;
mod doors;
mod endpoints;
mod events;
mod faults;
mod files;
mod jwt;
mod main_job;
#[cfg(feature = "metrics")]
mod metrics;
mod planted;
mod quota;
mod search;
mod secrets;
mod sensitive;
mod signature;
mod soak;
mod tokens;
mod verified_tokens;
mod writes_once;

#[path = "../../examples/soak/load.rs"]
mod load;

use std::sync::Arc;

use ecloud::prelude::*;
use ecloud::{ManualClock, QuotaLimit};
use ecloud_sandbox::{Sandbox, Tier};

/// A sandbox on wiremock, and a client of it, on one manual clock: waits take no time.
async fn sandbox() -> (Sandbox, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).start().await;
    (sandbox, clock)
}

fn client(sandbox: &Sandbox) -> Client {
    sandbox.client().quota(QuotaLimit::STRATEGIC).build().unwrap()
}
