//! Active checks: one request to each endpoint, whatever its health.

use std::sync::Arc;

use super::outgoing::{Outgoing, Route};
use super::{RetryPolicy, execute};
use crate::client::Inner;
use crate::endpoint::EndpointCheck;
use crate::{Error, ErrorKind, bulk};

/// Sends a read to each endpoint once. `complete` makes the call, for each anew.
pub(crate) async fn check(
    client: &Arc<Inner>,
    mut complete: impl FnMut() -> Result<Outgoing, Error>,
) -> Result<Vec<EndpointCheck>, Error> {
    let first = complete()?;
    if !first.is_read {
        let error = Error::new(ErrorKind::InvalidRequest, "a check of endpoints is made with a read");
        return Err(error.of_call(first.operation, None, Vec::new()));
    }
    let count = client.upstreams.chosen_among();
    let mut answers = bulk(0..count, |number| {
        let pipeline = complete().map(|mut call| {
            call.route = Route::Check(number);
            call.retry = Some(Arc::new(RetryPolicy::none()));
            execute(client.clone(), call)
        });
        async move { pipeline?.await.read(Ok) }
    })
    .at_once(count)
    .in_order();
    let mut checks = Vec::new();
    while let Some(result) = answers.next().await {
        let address = client.upstreams.get(result.index).address.to_string();
        checks.push(EndpointCheck { address, outcome: result.outcome.map(|answer| answer.meta.elapsed) });
    }
    Ok(checks)
}
