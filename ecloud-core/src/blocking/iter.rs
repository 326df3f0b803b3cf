//! A stream as an iterator.

use std::fmt;
use std::iter::FusedIterator;
use std::pin::Pin;

use futures_core::Stream;

use super::Outcome;
use super::runtime::{Waiting, drop_within};
use crate::Error;

/// A stream as an iterator, which waits for each item; made by [`Wait::wait`](super::Wait::wait).
///
/// After an error it ends, as the stream does. Dropping it ends the stream, and the calls that were under way for it.
///
/// ```no_run
/// # fn example(request: ecloud_core::Request) -> Result<(), ecloud_core::Error> {
/// use ecloud_core::blocking::Wait;
/// use ecloud_core::{Items, Json};
///
/// let mut orders = Items::<Vec<Json>>::new(request).prefetch().wait();
/// for order in orders.by_ref().take(1000) {
///     println!("{}", order?);
/// }
/// let later = orders.get_ref().resume_token();
/// # Ok(()) }
/// ```
#[must_use = "an iterator does nothing until it is asked for an item"]
pub struct Iter<S> {
    /// There until it is taken out.
    stream: Option<S>,
    /// It was asked where it must not wait.
    refused: bool,
}

impl<S> Iter<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: Some(stream), refused: false }
    }

    /// The stream: for its resume token, watermark or progress.
    pub fn get_ref(&self) -> &S {
        match &self.stream {
            Some(stream) => stream,
            None => unreachable!("only `into_inner` takes it out"),
        }
    }

    /// The stream itself, where it stands.
    pub fn into_inner(mut self) -> S {
        match self.stream.take() {
            Some(stream) => stream,
            None => unreachable!("only `into_inner` takes it out"),
        }
    }
}

impl<S> Iterator for Iter<S>
where
    S: Stream + Unpin,
    S::Item: Outcome,
{
    type Item = Result<<S::Item as Outcome>::Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.refused {
            return None;
        }
        let waiting = match Waiting::begin() {
            Ok(waiting) => waiting,
            Err(error) => {
                // An iterator that only ever refuses would keep those busy who skip errors.
                self.refused = true;
                return Some(Err(error));
            }
        };
        let stream = self.stream.as_mut()?;
        waiting.until(|context| Pin::new(&mut *stream).poll_next(context)).map(S::Item::came)
    }
}

impl<S> FusedIterator for Iter<S>
where
    S: futures_core::FusedStream + Unpin,
    S::Item: Outcome,
{
}

impl<S> Drop for Iter<S> {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            drop_within(stream);
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Iter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(self.get_ref()).finish()
    }
}
