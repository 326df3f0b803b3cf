//! Stage: the shop's access token, where the client's [`Tokens`](crate::Tokens) have it: read after the wait for quota, as it may end meanwhile, and
//! before an endpoint is chosen, as that may fall ill meanwhile. What it allows is looked at here, too, as it is another one each time.

use super::again::Failure;
use super::outgoing::Outgoing;
use super::permission;
use super::record::{AttemptReason, Progress};
use crate::client::{Inner, RawAnswer};
use crate::{Error, Tokens};

const EXPIRED: &str = "auth.token_expired";
const INVALID: &str = "auth.token_invalid";

/// Gives the call the token of its next attempt, and sees whether it may be sent with it. One that is over by its own claims is replaced as
/// one that the platform calls expired, once a call.
pub(super) async fn take(client: &Inner, call: &mut Outgoing, progress: &mut Progress) -> Result<(), Failure> {
    let (Some(tokens), Some(shop)) = (&client.tokens, call.shop.clone()) else {
        return Ok(());
    };
    obtain(client, tokens, &shop, call, progress).await?;
    let Err(error) = permission::check(client, call, progress).await else {
        return Ok(());
    };
    if error.code() != Some(EXPIRED) || std::mem::replace(&mut progress.token_replaced, true) {
        return Err(unfit(tokens, &shop, call, error));
    }
    progress.token_ended = true;
    obtain(client, tokens, &shop, call, progress).await?;
    permission::check(client, call, progress).await.map_err(|error| unfit(tokens, &shop, call, error))
}

/// A refresh is waited for until the call's deadline; where the call is dropped, it goes on all the same.
async fn obtain(
    client: &Inner,
    tokens: &Tokens,
    shop: &str,
    call: &mut Outgoing,
    progress: &mut Progress,
) -> Result<(), Failure> {
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

/// The token was refused here, and the next one wouldn't be another.
fn unfit(tokens: &Tokens, shop: &str, call: &Outgoing, error: Error) -> Failure {
    doubt(tokens, shop, call, &error);
    Failure::last(AttemptReason::TokenUnfit, error)
}

/// What the platform says of a token counts, whatever was known of it.
pub(super) fn learn(client: &Inner, call: &Outgoing, outcome: &Result<RawAnswer, Failure>) {
    if let (Err(failure), Some(tokens), Some(shop)) = (outcome, &client.tokens, &call.shop) {
        doubt(tokens, shop, call, &failure.error);
    }
}

/// A token that the platform doesn't know isn't used once more. The call isn't sent again, as only an expired token allows that.
fn doubt(tokens: &Tokens, shop: &str, call: &Outgoing, error: &Error) {
    if let (Some(INVALID), Some(token)) = (error.code(), &call.access_token) {
        tokens.doubt(shop, token);
    }
}
