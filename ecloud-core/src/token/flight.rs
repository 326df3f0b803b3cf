//! One refresh that many wait for.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::slot::Current;
use crate::{Clock, Error};

/// How a refresh has ended.
#[derive(Clone)]
pub(super) enum Ended {
    Done(Arc<Current>),
    Failed(Arc<Error>),
    /// Its runtime was shut down, or it panicked.
    Abandoned,
}

/// A refresh under way. It runs on a task of its own; whoever waits may stop waiting at any time.
pub(super) struct Flight {
    state: Mutex<State>,
    /// When those who wait give up, in monotonic time.
    deadline: Duration,
}

#[derive(Default)]
struct State {
    ended: Option<Ended>,
    /// A place for each who waits; those who have gone leave theirs empty.
    waiting: Vec<Option<Waker>>,
    empty: Vec<usize>,
}

impl Flight {
    pub(super) fn new(deadline: Duration) -> Self {
        Self { state: Mutex::default(), deadline }
    }

    /// Tells all who wait.
    pub(super) fn end(&self, ended: Ended) {
        let waiting = {
            let mut state = self.state();
            state.ended = Some(ended);
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().flatten().for_each(Waker::wake);
    }

    /// Waits until it has ended, but not past its deadline or the caller's, in monotonic time; nothing where one of them has come.
    pub(super) async fn wait(&self, clock: &dyn Clock, deadline: Option<Duration>) -> Option<Ended> {
        let mut expiry = clock.expiry(deadline.map_or(self.deadline, |deadline| deadline.min(self.deadline)));
        let mut waiting = pin!(Waiting { flight: self, place: None });
        poll_fn(|context| match waiting.as_mut().poll(context) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending => expiry.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Waits until it has ended, however long that takes.
    pub(super) async fn ended(&self) {
        Waiting { flight: self, place: None }.await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight")
    }
}

struct Waiting<'a> {
    flight: &'a Flight,
    place: Option<usize>,
}

impl Future for Waiting<'_> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let mut state = self.flight.state();
        if let Some(ended) = &state.ended {
            return Poll::Ready(ended.clone());
        }
        let place = match self.place {
            Some(place) => place,
            None => state.empty.pop().unwrap_or_else(|| {
                state.waiting.push(None);
                state.waiting.len() - 1
            }),
        };
        state.waiting[place] = Some(context.waker().clone());
        drop(state);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        if let Some(place) = self.place
            && let Some(waker) = state.waiting.get_mut(place)
        {
            *waker = None;
            state.empty.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_go_leave_their_place_to_others() {
        let flight = Flight::new(Duration::MAX);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..1000 {
            let mut one = pin!(flight.ended());
            let mut two = pin!(flight.ended());
            assert!(one.as_mut().poll(&mut context).is_pending() && two.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(flight.state().waiting.len(), 2);
        let mut late = pin!(flight.ended());
        assert!(late.as_mut().poll(&mut context).is_pending());
        flight.end(Ended::Abandoned);
        assert!(late.as_mut().poll(&mut context).is_ready());
    }
}
