//! Stage: whether the access token covers the operation, before anything is sent: once a call, or of each attempt's token where these come from
//! the client's [`Tokens`](crate::Tokens).

#[cfg(feature = "jwt")]
use std::future::poll_fn;
#[cfg(feature = "jwt")]
use std::sync::atomic::Ordering;
#[cfg(feature = "jwt")]
use std::task::Poll;

use super::outgoing::Outgoing;
use super::record::Progress;
use crate::Error;
use crate::client::Inner;

/// Refuses what the platform would refuse for certain: a token that is a JWT and doesn't cover the operation. Any other is left to the
/// platform.
#[cfg_attr(
    not(feature = "jwt"),
    expect(unused_variables, clippy::unused_async, reason = "keys are waited for where tokens are verified")
)]
pub(super) async fn check(client: &Inner, call: &Outgoing, progress: &Progress) -> Result<(), Error> {
    let (Some(check), Some(token)) = (&client.token_check, &call.access_token) else {
        return Ok(());
    };
    let Some(known) = check.known(token) else {
        return Ok(());
    };
    #[cfg(feature = "jwt")]
    if check.verification.is_some() {
        let offset = client.upstreams.clock_offset().load(Ordering::Relaxed);
        let now = client.clock.now().offset_by_millis(offset);
        // Boxed, as few clients verify, and all would carry the future.
        let mut verified = Box::pin(check.verify(token, &known, now));
        // Keys that don't come before the call's deadline say nothing about the token: that it is too late says the next stage.
        let mut expiry = client.clock.expiry(progress.deadline);
        poll_fn(|context| match verified.as_mut().poll(context) {
            Poll::Pending => expiry.as_mut().poll(context).map(Ok),
            ready => ready,
        })
        .await?;
    }
    match (&known.claims, call.info) {
        (Some(claims), Some(operation)) => claims.permit(operation).map_err(Error::from),
        _ => Ok(()),
    }
}

/// The platform has taken a request.
pub(super) fn heard(client: &Inner) {
    if let Some(check) = &client.token_check {
        check.clock_is_known();
    }
}
