//! Dropping at every poll.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::world::World;

/// A future that borrows the world it is of.
pub(crate) type OfWorld<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// More polls than any future here takes.
const NEVER: usize = 1000;

/// Polls a future up to so many times; whether it has ended.
pub(crate) fn polled(mut future: Pin<&mut (impl Future<Output = ()> + ?Sized)>, times: usize) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..times).any(|_| future.as_mut().poll(&mut context).is_ready())
}

/// Begins the same again and again, each time in a new world, and drops it after 0, 1, 2 … polls, until it ends by itself. After each the
/// world is looked at. Tells how many polls it took.
pub(crate) fn at_every_poll(
    world: impl Fn() -> World,
    begin: impl for<'a> Fn(&'a World) -> OfWorld<'a>,
    look: impl Fn(&World, bool),
) -> usize {
    for polls in 0..NEVER {
        let world = world();
        let mut future = begin(&world);
        let ended = polled(future.as_mut(), polls);
        drop(future);
        world.assert_whole();
        look(&world, ended);
        world.assert_works();
        if ended {
            return polls;
        }
    }
    panic!("it doesn't end");
}

/// Makes a future again and again, polls each once and drops it, until one ends.
pub(crate) fn with_a_new_future_for_each_poll<S, T>(of: &mut S, mut make: impl AsyncFnMut(&mut S) -> T) -> T {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..NEVER {
        if let Poll::Ready(outcome) = pin!(make(of)).poll(&mut context) {
            return outcome;
        }
    }
    panic!("it doesn't end");
}
