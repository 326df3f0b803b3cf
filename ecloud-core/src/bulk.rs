//! Many calls of one operation, a few at a time.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use crate::Error;

/// How many calls are under way together unless it is said.
const AT_ONCE: usize = 8;

/// What came of one input.
#[derive(Debug)]
#[non_exhaustive]
pub struct BulkResult<I, T> {
    /// Which input it was, from 0.
    pub index: usize,
    /// The input.
    pub input: I,
    /// What came of it. A failure ends nothing but its own call.
    pub outcome: Result<T, Error>,
}

/// How far a bulk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkProgress {
    /// Calls that were begun.
    pub started: usize,
    /// Calls that came to a success.
    pub succeeded: usize,
    /// Calls that came to an error.
    pub failed: usize,
}

/// Makes one call for each input, a few at a time: a stream of what came of each.
///
/// Each call goes through the whole pipeline, with its own retries and its turn in the quota; what fails is a value in the stream, and the
/// others go on. At most [`at_once`](Bulk::at_once) calls are under way, and no input is taken before there is room for it. Results come
/// as the calls end, unless [`in_order`](Bulk::in_order) is asked for.
///
/// Dropping a future of [`next`](Bulk::next) loses nothing, as the calls stay under way with the stream. Dropping the stream ends them; a write
/// of them may have taken effect all the same. Inputs that weren't taken are untouched.
///
/// ```no_run
/// # async fn example(shop: ecloud_core::Shop) -> Result<(), ecloud_core::Error> {
/// use ecloud_core::{Json, Method, bulk};
///
/// let ids = ["T1001", "T1002", "T1003"];
/// let mut orders = bulk(ids, |id| {
///     shop.request(Method::GET, "/trade/v1/orders/{order_id}").path("order_id", id).send::<Json>()
/// })
/// .at_once(16);
/// while let Some(result) = orders.next().await {
///     match result.outcome {
///         Ok(order) => println!("{}: {order}", result.input),
///         Err(error) => eprintln!("{}: {error}", result.input),
///     }
/// }
/// # Ok(()) }
/// ```
pub fn bulk<N, F, C, T>(inputs: N, call: F) -> Bulk<N::IntoIter, F, C, T>
where
    N: IntoIterator,
    N::Item: Clone,
    F: FnMut(N::Item) -> C,
    C: Future<Output = Result<T, Error>>,
{
    Bulk {
        inputs: inputs.into_iter(),
        call,
        at_once: AT_ONCE,
        in_order: false,
        on_progress: None,
        progress: BulkProgress::default(),
        slots: VecDeque::new(),
        exhausted: false,
    }
}

/// Calls under way for many inputs; made by [`bulk`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Bulk<N: Iterator, F, C, T> {
    inputs: N,
    call: F,
    at_once: usize,
    in_order: bool,
    on_progress: Option<Box<dyn FnMut(BulkProgress) + Send>>,
    progress: BulkProgress,
    /// In the order of the inputs.
    slots: VecDeque<Slot<N::Item, C, T>>,
    exhausted: bool,
}

/// A call for one input.
struct Slot<I, C, T> {
    index: usize,
    input: I,
    state: State<C, T>,
}

enum State<C, T> {
    UnderWay(Pin<Box<C>>),
    /// It has ended, and those before it haven't.
    Ended(Result<T, Error>),
}

impl<N, F, C, T> Bulk<N, F, C, T>
where
    N: Iterator,
    N::Item: Clone,
    F: FnMut(N::Item) -> C,
    C: Future<Output = Result<T, Error>>,
{
    /// How many calls are under way together: 8 unless set, at least 1.
    pub fn at_once(mut self, calls: usize) -> Self {
        self.at_once = calls.max(1);
        self
    }

    /// Hands results out in the order of the inputs. A slow call then holds back those behind it: as many as may be under way together.
    pub fn in_order(mut self) -> Self {
        self.in_order = true;
        self
    }

    /// Is told how far it is after each call that begins or ends.
    pub fn on_progress(mut self, told: impl FnMut(BulkProgress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(told));
        self
    }

    /// How far it is.
    pub fn progress(&self) -> BulkProgress {
        self.progress
    }

    /// What came of the next input; `None` when all came.
    pub async fn next(&mut self) -> Option<BulkResult<N::Item, T>> {
        poll_fn(|context| self.poll_result(context)).await
    }

    /// All results, and the inputs that failed among them: those that came to a success, and those that didn't with their errors.
    ///
    /// Dropping this future ends the calls that are under way, and what came so far is lost.
    pub async fn finish(mut self) -> (Vec<(N::Item, T)>, Vec<(N::Item, Error)>) {
        let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
        while let Some(BulkResult { input, outcome, .. }) = self.next().await {
            match outcome {
                Ok(value) => succeeded.push((input, value)),
                Err(error) => failed.push((input, error)),
            }
        }
        (succeeded, failed)
    }

    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Option<BulkResult<N::Item, T>>> {
        self.fill();
        for at in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(at) else {
                break;
            };
            if let State::UnderWay(call) = &mut slot.state
                && let Poll::Ready(outcome) = call.as_mut().poll(context)
            {
                let count = if outcome.is_ok() { &mut self.progress.succeeded } else { &mut self.progress.failed };
                *count += 1;
                slot.state = State::Ended(outcome);
                self.tell();
            }
        }
        let ended = |slot: &Slot<N::Item, C, T>| matches!(slot.state, State::Ended(_));
        let at = match self.in_order {
            true => self.slots.front().filter(|slot| ended(slot)).map(|_| 0),
            false => self.slots.iter().position(ended),
        };
        match at.and_then(|at| self.slots.remove(at)) {
            Some(Slot { index, input, state: State::Ended(outcome) }) => {
                Poll::Ready(Some(BulkResult { index, input, outcome }))
            }
            _ if self.slots.is_empty() && self.exhausted => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    /// Begins calls while there is room.
    fn fill(&mut self) {
        while !self.exhausted && self.slots.len() < self.at_once {
            let Some(input) = self.inputs.next() else {
                self.exhausted = true;
                return;
            };
            let call = (self.call)(input.clone());
            self.slots.push_back(Slot { index: self.progress.started, input, state: State::UnderWay(Box::pin(call)) });
            self.progress.started += 1;
            self.tell();
        }
    }

    fn tell(&mut self) {
        if let Some(told) = &mut self.on_progress {
            told(self.progress);
        }
    }
}

// Calls are pinned on the heap; nothing else is pinned.
impl<N: Iterator, F, C, T> Unpin for Bulk<N, F, C, T> {}

impl<N, F, C, T> Stream for Bulk<N, F, C, T>
where
    N: Iterator,
    N::Item: Clone,
    F: FnMut(N::Item) -> C,
    C: Future<Output = Result<T, Error>>,
{
    type Item = BulkResult<N::Item, T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_result(context)
    }
}

impl<N, F, C, T> FusedStream for Bulk<N, F, C, T>
where
    N: Iterator,
    N::Item: Clone,
    F: FnMut(N::Item) -> C,
    C: Future<Output = Result<T, Error>>,
{
    fn is_terminated(&self) -> bool {
        self.exhausted && self.slots.is_empty()
    }
}

impl<N: Iterator, F, C, T> fmt::Debug for Bulk<N, F, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk").field("at_once", &self.at_once).field("progress", &self.progress).finish_non_exhaustive()
    }
}
