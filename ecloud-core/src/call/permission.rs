//! Stage: whether the access token covers the operation, before anything is sent.

#[cfg(feature = "jwt")]
use std::sync::atomic::Ordering;

use super::outgoing::Outgoing;
use crate::Error;
use crate::client::Inner;

/// Refuses what the platform would refuse for certain: a token that is a JWT and doesn't cover the operation. Any other is left to the
/// platform.
#[cfg_attr(
    not(feature = "jwt"),
    expect(clippy::unused_async, reason = "keys are waited for where tokens are verified")
)]
pub(super) async fn check(client: &Inner, call: &Outgoing) -> Result<(), Error> {
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
        Box::pin(check.verify(token, &known, now)).await?;
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
