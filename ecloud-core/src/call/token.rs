//! Stage: the shop's access token, where the client's [`Tokens`](crate::Tokens) have it: read after the wait for quota, as it may end meanwhile, and
//! before an endpoint is chosen, as that may fall ill meanwhile.

use super::again::Failure;
use super::outgoing::Outgoing;
use super::record::{AttemptReason, Progress};
use crate::client::{Inner, RawAnswer};

/// Gives the call the token of its next attempt. A refresh is waited for until the call's deadline; where the call is dropped, it goes on
/// all the same.
pub(super) async fn take(client: &Inner, call: &mut Outgoing, progress: &mut Progress) -> Result<(), Failure> {
    let (Some(tokens), Some(shop)) = (&client.tokens, &call.shop) else {
        return Ok(());
    };
    let has_ended = std::mem::take(&mut progress.token_ended);
    if let Some(token) = tokens.ready(shop).filter(|_| !has_ended) {
        call.access_token = Some(token);
        return Ok(());
    }
    let ended = call.access_token.take().filter(|_| has_ended);
    let within = progress.remaining(client);
    let token = match &ended {
        Some(ended) => Box::pin(tokens.replace(shop, ended, within)).await,
        None => Box::pin(tokens.current(shop, Some(within))).await,
    };
    call.access_token = Some(token.map_err(|error| Failure::last(AttemptReason::NoToken, error))?);
    Ok(())
}

/// A token that the platform doesn't know isn't used once more. The call isn't sent again, as only an expired token allows that.
pub(super) fn learn(client: &Inner, call: &Outgoing, outcome: &Result<RawAnswer, Failure>) {
    if let (Err(failure), Some(tokens)) = (outcome, &client.tokens)
        && failure.error.code() == Some("auth.token_invalid")
        && let (Some(shop), Some(token)) = (&call.shop, &call.access_token)
    {
        tokens.doubt(shop, token);
    }
}
