//! The pipeline of a call: one loop, its stages in the order of their modules, each a function of what the one above handed it.
//!
//! It is not generic: it is compiled once, whatever the number of operations.

mod adaptive;
mod again;
mod classify;
mod endpoint;
mod permission;
mod quota;
mod sign;
mod token;
mod transport;

mod budget;
mod check;
mod explain;
#[cfg(feature = "metrics")]
pub(crate) mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "metrics/off.rs"]
pub(crate) mod metrics;
mod mirror;
mod outgoing;
mod policy;
mod record;
mod skew;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

pub(crate) use self::adaptive::AdaptiveRate;
pub use self::budget::RetryBudget;
pub(crate) use self::check::check;
pub(crate) use self::classify::unreadable;
pub(crate) use self::explain::explain;
pub(crate) use self::outgoing::{Outgoing, Route};
pub use self::policy::{Backoff, FailedAttempt, RetryPolicy};
pub use self::record::{AttemptReason, AttemptRecord};
pub(crate) use self::sign::USER_AGENT;
pub(crate) use self::transport::collect;
pub(crate) use self::watch::shown;

use self::again::Again;
use self::budget::Unspent;
use self::record::Progress;
use self::watch::{AttemptWatch, CallWatch};
use crate::client::{Inner, RawAnswer};
use crate::{Error, ErrorKind, RetrySafety};

/// The pipeline of one call, boxed once.
pub(crate) type Pipeline = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// What the pipeline has come to. The call ends when that is read.
pub(crate) struct Answered {
    outcome: Result<RawAnswer, Error>,
    watch: Option<CallWatch>,
}

impl Answered {
    /// Reads the answer, which ends the call.
    pub(crate) fn read<T>(self, read: fn(RawAnswer) -> Result<T, Error>) -> Result<T, Error> {
        let outcome = self.outcome.and_then(read);
        if let Some(watch) = self.watch {
            watch.end(outcome.as_ref().err());
        }
        outcome
    }
}

/// Runs a call to its end: a success, or the error that the caller is told.
///
/// An async block keeps what it captures once, an async function its arguments twice; and this is the future that is boxed.
pub(crate) fn execute(client: Arc<Inner>, mut call: Outgoing) -> Pipeline {
    Box::pin(async move {
        let mut watch = CallWatch::begin(&client, &call);
        let outcome = run(&client, &mut call).instrument(watch.span.clone()).await;
        watch.answered(&client, &outcome);
        mirror::copy(client, call, &outcome);
        Answered { outcome, watch: Some(watch) }
    })
}

/// A call that was found wrong before there was anything to send.
pub(crate) fn refuse(shown: String, error: Error) -> Pipeline {
    Box::pin(async move {
        metrics::refused(shown, &error);
        Answered { outcome: Err(error), watch: None }
    })
}

async fn run(client: &Inner, call: &mut Outgoing) -> Result<RawAnswer, Error> {
    let mut progress = Progress::begin(client, call);
    prepare(client, call).map_err(|error| progress.end(call, error))?;
    if !call.takes_token {
        permission::check(client, call, &progress).await.map_err(|error| progress.end(call, error))?;
    }
    let mut unspent = None;
    loop {
        let failure = match attempt(client, call, &mut progress, unspent.take()).await {
            Ok(answer) => {
                permission::heard(client);
                return Ok(progress.succeed(client, call, answer));
            }
            Err(failure) => failure,
        };
        let decision = again::decide(client, call, &mut progress, failure);
        unspent = progress.unspent.take().map(|price| Unspent::new(&client.budget, price));
        match decision {
            Again::After(Duration::ZERO) => {}
            Again::After(delay) => client.clock.sleep(delay).await,
            Again::No(error) => return Err(progress.end(call, error)),
        }
    }
}

/// What is done once a call: the idempotency key, and the digest of the body.
fn prepare(client: &Inner, call: &mut Outgoing) -> Result<(), Error> {
    // A platform that does writes once under a key wants one on each write, even on one that changes nothing.
    let is_keyed = [call.safety, client.dialect.write_safety()].contains(&RetrySafety::Keyed);
    if is_keyed && !call.is_read && call.idempotency_key.is_none() {
        let key = client.random.hex().map_err(no_randomness)?;
        call.idempotency_key = http::HeaderValue::from_bytes(&key).ok();
    }
    if !call.body.is_empty() {
        call.body_digest = client.dialect.body_digest(&call.body);
    }
    Ok(())
}

/// One attempt, stage by stage. What was taken for it is given back if it ends, or is dropped, before it is sent.
async fn attempt(
    client: &Inner,
    call: &mut Outgoing,
    progress: &mut Progress,
    price: Option<Unspent<'_>>,
) -> Result<RawAnswer, again::Failure> {
    let wait = metrics::WaitMeter::begin(client);
    let permit = quota::permit(client, call, progress).await?;
    if call.policy(client).is_adaptive() {
        adaptive::turn(client, progress).await?;
    }
    wait.end(client, call);
    if call.takes_token {
        token::take(client, call, progress).await?;
    }
    let now = client.clock.monotonic();
    transport::in_time(progress, now)?;
    let chosen = endpoint::choose(client, call, &mut progress.visited, now);
    let (request, signed) = sign::sign(client, call, chosen.number())?;
    if let Some(permit) = permit {
        permit.spend();
    }
    if let Some(price) = price {
        price.spend();
    }
    let watch = AttemptWatch::begin(client, call, progress, &signed, request.uri());
    let outcome = match transport::exchange(client, progress, signed.at, request).instrument(watch.span.clone()).await {
        Ok(received) => {
            watch.answered(&received);
            classify::classify(client, call, &signed, received)
        }
        Err(failure) => Err(failure),
    };
    endpoint::conclude(client, chosen, signed.at, &outcome);
    watch.end(client, &outcome);
    if call.takes_token {
        token::learn(client, call, &outcome);
    }
    outcome
}

pub(crate) fn no_randomness(error: getrandom::Error) -> Error {
    Error::new(ErrorKind::Configuration, "the operating system gives no randomness").with_source(error)
}
