//! A read that has ended, copied to the mirror: a call of its own, that nobody waits for.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::outgoing::{Outgoing, Route};
use super::{RetryPolicy, run};
use crate::client::{Inner, RawAnswer};
use crate::endpoint::{Mirrored, difference};
use crate::{AttemptReason, Error};

/// What the endpoint has answered.
struct First {
    status: u16,
    request_id: Option<String>,
    /// Only of a success: the text of a refusal is another one each time.
    body: Option<Bytes>,
}

/// Copies a call that has ended, where it is a read that is to be copied.
pub(super) fn copy(client: Arc<Inner>, mut call: Outgoing, outcome: &Result<RawAnswer, Error>) {
    let Some((number, mirror)) = client.upstreams.mirror() else {
        return;
    };
    if !call.is_read || call.route != Route::Choice || !mirror.wants(client.random.fraction()) {
        return;
    }
    let Some(first) = First::of(outcome) else {
        return;
    };
    let (Some(place), Ok(runtime)) = (mirror.place(), Handle::try_current()) else {
        return mirror.skip();
    };
    call.route = Route::Mirror(number);
    call.timeout = client.attempt_timeout;
    call.retry = Some(Arc::new(RetryPolicy::none()));
    // The copy takes the token that the call had.
    call.takes_token = false;
    let span = tracing::info_span!("ecloud.mirror", ecloud.operation = call.shown());
    let copy = async move {
        let _place = place;
        let outcome = run(&client, &mut call).await;
        compare(&client, &call, &first, &outcome);
    };
    runtime.spawn(copy.instrument(span));
}

impl First {
    /// Nothing where no answer came: there is nothing to compare with.
    fn of(outcome: &Result<RawAnswer, Error>) -> Option<Self> {
        match outcome {
            Ok(answer) => Some(Self {
                status: answer.meta.status(),
                request_id: answer.meta.request_id().map(str::to_owned),
                body: Some(answer.body.clone()),
            }),
            Err(error) => {
                let request_id = error.request_id().map(str::to_owned);
                Some(Self { status: error.status()?, request_id, body: None })
            }
        }
    }
}

fn compare(client: &Inner, call: &Outgoing, first: &First, outcome: &Result<RawAnswer, Error>) {
    let Some((_, mirror)) = client.upstreams.mirror() else {
        return;
    };
    let (status, request_id) = match outcome {
        Ok(answer) => (Some(answer.meta.status()), answer.meta.request_id()),
        // It never left, so that nothing can be said of it.
        Err(error) if has_no_quota(error) => return mirror.skip(),
        Err(error) => (error.status(), error.request_id()),
    };
    let differences = match (&first.body, outcome) {
        (Some(body), Ok(answer)) if status == Some(first.status) => {
            difference(body, &answer.body, |member| mirror.is_ignored(member))
        }
        _ => Vec::new(),
    };
    let mirrored = Mirrored {
        operation: &call.operation,
        status: first.status,
        mirror_status: status,
        request_id: first.request_id.as_deref(),
        mirror_request_id: request_id,
        differences: &differences,
    };
    if !mirrored.is_same() {
        tracing::debug!(
            ecloud.operation = call.shown(),
            http.response.status_code = mirrored.status,
            ecloud.mirror_status = mirrored.mirror_status,
            ecloud.differences = differences.len(),
            "the mirror answers otherwise"
        );
    }
    mirror.ended(&mirrored);
}

fn has_no_quota(error: &Error) -> bool {
    error.attempts().last().is_some_and(|attempt| attempt.reason == AttemptReason::NoQuota)
}
