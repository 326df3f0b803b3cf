//! Who is woken when a connection can go on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

/// Wakes the task that uses a connection at the moment.
///
/// A connection is driven by the task that waits for its answer, and goes from one such task to the next. What is registered
/// with its socket is this signal, once: so an idle connection keeps no task alive, and what the connection and its answer
/// tell each other, within one turn of the same task, doesn't wake that task again.
pub(super) struct Signal {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    task: Option<Waker>,
    /// The task is at it: it looks at `again` before it goes to sleep.
    is_awake: bool,
    again: bool,
}

impl Signal {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default() })
    }

    /// The task of `context` takes its turn.
    pub(super) fn begin(&self, context: &Context<'_>) {
        let mut state = self.state();
        state.is_awake = true;
        state.again = false;
        match &mut state.task {
            Some(task) => task.clone_from(context.waker()),
            empty => *empty = Some(context.waker().clone()),
        }
    }

    /// Whether something has happened since it was last asked. If not, the turn is over, and the next signal wakes the task.
    pub(super) fn goes_on(&self) -> bool {
        let mut state = self.state();
        let again = std::mem::take(&mut state.again);
        state.is_awake = again;
        again
    }

    /// Nobody uses the connection any more.
    pub(super) fn rest(&self) {
        let task = {
            let mut state = self.state();
            state.is_awake = false;
            state.task.take()
        };
        drop(task);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = {
            let mut state = self.state();
            state.again = true;
            if state.is_awake { None } else { state.task.clone() }
        };
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_signal_in_the_middle_of_a_turn_is_seen_by_the_turn_and_wakes_nobody() {
        let (signal, count) = (Signal::new(), Arc::<Count>::default());
        let task = Waker::from(count.clone());
        signal.begin(&Context::from_waker(&task));
        signal.wake_by_ref();
        assert!(signal.goes_on());
        assert!(!signal.goes_on());
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        signal.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_signal_at_rest_holds_no_task() {
        let (signal, count) = (Signal::new(), Arc::<Count>::default());
        let task = Waker::from(count.clone());
        signal.begin(&Context::from_waker(&task));
        signal.rest();
        drop(task);
        assert_eq!(Arc::strong_count(&count), 1);
        signal.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
    }
}
