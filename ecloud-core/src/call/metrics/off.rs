//! What stands where the pipeline would count and time, without the feature `metrics`: nothing.

use http::Uri;

use super::again::Failure;
use super::outgoing::Outgoing;
use super::record::AttemptReason;
use crate::Error;
use crate::client::{Inner, RawAnswer};

pub(super) struct CallMeter;

impl CallMeter {
    pub(super) fn begin(_: &Inner, _: &Outgoing) -> Self {
        Self
    }

    pub(super) fn answered(&mut self, _: &Inner) {}

    pub(super) fn end(self, _: Option<&Error>) {}
}

pub(super) fn refused(_: String, _: &Error) {}

pub(super) struct AttemptMeter;

impl AttemptMeter {
    pub(super) fn begin(_: &Inner, _: &Outgoing, _: &Uri, _: i64) -> Self {
        Self
    }

    pub(super) fn end(self, _: &Inner, _: &Result<RawAnswer, Failure>) {}
}

pub(super) struct WaitMeter;

impl WaitMeter {
    pub(super) fn begin(_: &Inner) -> Self {
        Self
    }

    pub(super) fn end(self, _: &Inner, _: &Outgoing) {}
}

pub(super) fn retry(_: &Outgoing, _: AttemptReason) {}

pub(crate) fn endpoint_state(_: &str, _: &'static str) {}
