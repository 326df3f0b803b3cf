//! A call under way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::RawAnswer;
use crate::Error;
use crate::call::Pipeline;

/// A call under way, and what reads its answer: a future of `T`.
///
/// It does nothing until it is polled. The pipeline behind it is compiled once for all operations; only reading the answer is not.
/// Dropping it ends the attempt that is under way, whose write may have taken effect all the same; quota and retry budget that were taken for
/// an attempt that wasn't sent yet are given back.
#[must_use = "a call does nothing until it is awaited"]
pub struct Sending<T> {
    pipeline: Pipeline,
    read: fn(RawAnswer) -> Result<T, Error>,
}

impl<T> Sending<T> {
    pub(crate) fn new(pipeline: Pipeline, read: fn(RawAnswer) -> Result<T, Error>) -> Self {
        Self { pipeline, read }
    }
}

impl<T> Future for Sending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.pipeline.as_mut().poll(context) {
            Poll::Ready(answered) => Poll::Ready(answered.read(self.read)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}
