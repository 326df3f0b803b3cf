//! The runtime behind the waits, and waiting itself.

use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::task::coop;

use crate::{Error, ErrorKind};

/// As long as Linux shows a thread's name.
const THREAD: &str = "ecloud-blocking";

/// More steps than tokio lets a task go before it has to yield.
const MORE_THAN_A_TASK_MAY: usize = 256;

/// The runtime of the process, once it has started.
static STARTED: Mutex<Option<&'static Handle>> = Mutex::new(None);

thread_local! {
    /// Whether this thread is polling a future that is being waited for.
    static IS_WAITING: Cell<bool> = const { Cell::new(false) };
}

/// Waits for any future, on this thread.
///
/// It needn't be `Send`. What it spawns runs on the runtime of this module, and goes on after it.
///
/// ```
/// use ecloud_core::blocking::block_on;
///
/// # fn main() -> Result<(), ecloud_core::Error> {
/// let sum = block_on(async { 1 + 1 })?;
/// assert_eq!(sum, 2);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Configuration`] in an async task, and where the system has no thread for the runtime; the future is dropped unpolled.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Error> {
    let waiting = Waiting::begin()?;
    let mut future = pin!(future);
    Ok(waiting.until(|context| future.as_mut().poll(context)))
}

/// This thread, allowed to wait and within the runtime.
pub(super) struct Waiting {
    _runtime: EnterGuard<'static>,
    _mark: Mark,
}

impl Waiting {
    /// Looks whether this thread may wait.
    pub(super) fn begin() -> Result<Self, Error> {
        if IS_WAITING.get() {
            return Err(refused("a future that is being waited for"));
        }
        if Handle::try_current().is_ok() && is_polling_a_task() {
            return Err(refused("an async task"));
        }
        if is_thread_ending() {
            return Err(refused("a thread that is ending"));
        }
        let _runtime = runtime()?.enter();
        Ok(Self { _runtime, _mark: Mark::set() })
    }

    /// Polls, and sleeps until it is woken.
    pub(super) fn until<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        let alarm = Arc::new(Alarm { thread: thread::current(), rang: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&alarm));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(outcome) = poll(&mut context) {
                return outcome;
            }
            // A thread may also wake up for nothing.
            while !alarm.rang.swap(false, Ordering::Acquire) {
                thread::park();
            }
        }
    }
}

/// Drops a value as if it were in a task: what goes on without it may have to be spawned.
pub(super) fn drop_within<T>(value: T) {
    let started = *STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    let _runtime = started.filter(|_| !is_thread_ending()).map(Handle::enter);
    drop(value);
}

/// Whether the thread is in its last moments, in which no runtime can be entered any more.
fn is_thread_ending() -> bool {
    Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed())
}

/// Wakes a thread.
struct Alarm {
    thread: Thread,
    rang: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rang.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

/// While it is there, this thread is waiting; also if the future panics.
struct Mark;

impl Mark {
    fn set() -> Self {
        IS_WAITING.set(true);
        Self
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        IS_WAITING.set(false);
    }
}

/// Whether this thread is in the middle of a task of tokio's.
///
/// A runtime in reach doesn't tell: `spawn_blocking` has one, too. But tasks alone have a budget of steps, which comes to an end. What is tried
/// here is put back when `before` is dropped.
fn is_polling_a_task() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(_before) = coop::poll_proceed(&mut context) else {
        return true;
    };
    (0..MORE_THAN_A_TASK_MAY).any(|_| match coop::poll_proceed(&mut context) {
        Poll::Ready(step) => {
            step.made_progress();
            false
        }
        Poll::Pending => true,
    })
}

fn refused(place: &str) -> Error {
    let message = format!(
        "blocking: called in {place}, whose thread must not wait; `.await` the call, or move it into \
         `tokio::task::spawn_blocking`"
    );
    Error::new(ErrorKind::Configuration, message)
}

/// The runtime of the process, started if need be.
fn runtime() -> Result<&'static Handle, Error> {
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    match *started {
        Some(handle) => Ok(handle),
        None => Ok(started.insert(start()?)),
    }
}

fn start() -> Result<&'static Handle, Error> {
    let unable = |error| Error::new(ErrorKind::Configuration, "blocking: no thread for its runtime").with_source(error);
    let runtime = Builder::new_current_thread().enable_all().thread_name(THREAD).build().map_err(unable)?;
    let handle: &'static Handle = Box::leak(Box::new(runtime.handle().clone()));
    thread::Builder::new().name(THREAD.into()).spawn(move || runtime.block_on(pending::<()>())).map_err(unable)?;
    Ok(handle)
}
