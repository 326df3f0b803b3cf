//! Time as a seam: where the client's and the sandbox's clock comes from.
//!
//! Nothing here reads the system's time directly, so a test decides what time it is: [`ManualClock`] moves only when it is told,
//! or by the pauses of those who use it, which return at once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::{Error, Timestamp};

/// A future that completes when time has come. Dropping it ends the pause, and nothing else happens.
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and lets callers wait.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The wall clock's time. It may jump.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment. It never goes back, and deadlines are measured with it.
    fn monotonic(&self) -> Duration;

    /// A pause that the caller wants to make: for a back-off, or for its turn. Dropping it ends it.
    fn sleep(&self, duration: Duration) -> Pause;

    /// Completes once [`monotonic`](Self::monotonic) has reached `at`: for deadlines, which nobody wants to reach. Dropping it forgets
    /// the deadline.
    fn expiry(&self, at: Duration) -> Pause;
}

/// The clock of who is given none.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) where the system has none.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) fn system() -> Result<Arc<dyn Clock>, Error> {
    Ok(Arc::new(SystemClock::new()))
}

/// The clock of who is given none.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration), since this system has none.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) fn system() -> Result<Arc<dyn Clock>, Error> {
    Err(Error::new(crate::ErrorKind::Configuration, "clock: missing, since wasm32-unknown-unknown has none of its own"))
}

/// The system's time, with the pauses of the tokio runtime that the caller runs on.
///
/// There is none on `wasm32-unknown-unknown`, whose standard library has no time: there a client needs a clock of the application's own.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[derive(Clone, Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl SystemClock {
    /// A clock whose monotonic time begins now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
    pub fn new() -> Self {
        Self { start: std::time::Instant::now() }
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pause {
        Box::pin(tokio::time::sleep(duration))
    }

    fn expiry(&self, at: Duration) -> Pause {
        match self.start.checked_add(at) {
            Some(instant) => Box::pin(tokio::time::sleep_until(instant.into())),
            None => Box::pin(std::future::pending()),
        }
    }
}

/// A clock for tests: it moves when it is told, and by the pauses of those who use it.
///
/// A [`sleep`](Clock::sleep) moves the clock on by its length and returns at once, so that a test of long waits takes no time; one that is
/// dropped unpolled moves nothing. An [`expiry`](Clock::expiry) never moves it. Clones are the same clock.
///
/// ```
/// use ecloud_core::{Clock, ManualClock, Timestamp};
/// use std::time::Duration;
///
/// let clock = ManualClock::new(Timestamp::from_unix_seconds(1_767_225_600));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().unix_seconds(), 1_767_225_660);
/// ```
#[derive(Clone)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
}

struct ManualState {
    now: Timestamp,
    monotonic: Duration,
    slept: Duration,
    waiting: Vec<Waker>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        let state = ManualState { now, monotonic: Duration::ZERO, slept: Duration::ZERO, waiting: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Moves the clock on, and wakes what waits for it.
    pub fn advance(&self, duration: Duration) {
        let waiting = {
            let mut state = self.state();
            state.now = state.now + duration;
            state.monotonic = state.monotonic.saturating_add(duration);
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Sets the wall clock, forwards or backwards; the monotonic time stays.
    pub fn set_now(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// How long its users have slept, all together.
    pub fn slept(&self) -> Duration {
        self.state().slept
    }

    fn state(&self) -> MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("now", &self.state().now).finish_non_exhaustive()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    fn sleep(&self, duration: Duration) -> Pause {
        let clock = self.clone();
        Box::pin(async move {
            clock.advance(duration);
            let mut state = clock.state();
            state.slept = state.slept.saturating_add(duration);
        })
    }

    fn expiry(&self, at: Duration) -> Pause {
        Box::pin(Expiry { clock: self.clone(), at })
    }
}

struct Expiry {
    clock: ManualClock,
    at: Duration,
}

impl Future for Expiry {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        if state.monotonic >= self.at {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}
