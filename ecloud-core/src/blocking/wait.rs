//! Waiting as a method of calls and lists.

use futures_core::Stream;

use super::Iter;
use super::runtime::block_on;
use crate::Error;
use crate::bulk::BulkResult;
use crate::quota::QuotaPermit;

/// Waits for a call, or goes through a list.
///
/// `Kind` tells futures from streams, and is never written: `.wait()` finds it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a call nor a list that can be waited for",
    note = "a future with another output than `Result<_, ecloud::Error>` is waited for by `ecloud::blocking::block_on`"
)]
pub trait Wait<Kind> {
    /// What comes of it: a result, or an iterator of results.
    type Waited;

    /// Waits for the outcome of a call, or makes an iterator of a list, which waits for each item.
    ///
    /// # Errors
    ///
    /// Those of the call; [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async task, before anything is sent. An
    /// iterator has that error as its one item.
    fn wait(self) -> Self::Waited;
}

/// Something to be waited for once: a future.
#[derive(Debug)]
pub enum Once {}

/// Something to be waited for again and again: a stream.
#[derive(Debug)]
pub enum Each {}

impl<F> Wait<Once> for F
where
    F: Future,
    F::Output: Outcome,
{
    type Waited = Result<<F::Output as Outcome>::Value, Error>;

    fn wait(self) -> Self::Waited {
        block_on(self).and_then(F::Output::came)
    }
}

impl<S> Wait<Each> for S
where
    S: Stream + Unpin,
    S::Item: Outcome,
{
    type Waited = Iter<S>;

    fn wait(self) -> Iter<S> {
        Iter::new(self)
    }
}

/// What can be handed out beside the error of a wait that isn't allowed.
pub trait Outcome: sealed::Sealed {
    /// What is handed out where all is well.
    type Value;

    /// The outcome as a result.
    ///
    /// # Errors
    ///
    /// The outcome's own.
    fn came(self) -> Result<Self::Value, Error>;
}

impl<T> Outcome for Result<T, Error> {
    type Value = T;

    fn came(self) -> Result<T, Error> {
        self
    }
}

/// What came of one input of [`bulk`](fn@crate::bulk).
impl<I, T> Outcome for BulkResult<I, T> {
    type Value = Self;

    fn came(self) -> Result<Self, Error> {
        Ok(self)
    }
}

/// What [`QuotaDraw::wait`](crate::QuotaDraw::wait) comes to.
impl Outcome for QuotaPermit {
    type Value = Self;

    fn came(self) -> Result<Self, Error> {
        Ok(self)
    }
}

mod sealed {
    use super::{BulkResult, Error, QuotaPermit};

    pub trait Sealed {}

    impl<T> Sealed for Result<T, Error> {}
    impl<I, T> Sealed for BulkResult<I, T> {}
    impl Sealed for QuotaPermit {}
}
