//! Connections that wait for their next request.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::connection::Connection;
#[cfg(all(feature = "http2", feature = "rustls"))]
use super::http2::Shared;
use super::origin::Origin;
use crate::Clock;
use crate::transport::IDLE;

/// The idle connections of a transport. Those that are idle for too long are closed, without anybody asking for them.
pub(super) struct Pool {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The longest idle first.
    idle: HashMap<Origin, Vec<Idle>>,
    /// Connections of HTTP/2, and when each was used last.
    #[cfg(all(feature = "http2", feature = "rustls"))]
    shared: HashMap<Origin, (Shared, Duration)>,
    /// Whether a task closes what is idle for too long.
    is_swept: bool,
}

struct Idle {
    connection: Box<Connection>,
    since: Duration,
}

impl Pool {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::default() })
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The connection that was used last and is still open.
    pub(super) fn take(&self, origin: &Origin) -> Option<Box<Connection>> {
        let too_old = self.clock.monotonic().checked_sub(IDLE);
        loop {
            // What is closed here is dropped after the lock.
            let Idle { mut connection, since } = self.state().idle.get_mut(origin)?.pop()?;
            if too_old.is_none_or(|limit| since > limit) && connection.is_still_idle() {
                return Some(connection);
            }
        }
    }

    /// The server's connection of HTTP/2, if there is one that is open.
    #[cfg(all(feature = "http2", feature = "rustls"))]
    pub(super) fn shared(&self, origin: &Origin) -> Option<Shared> {
        let now = self.clock.monotonic();
        let mut state = self.state();
        let (shared, used) = state.shared.get_mut(origin)?;
        if shared.is_open() && now.saturating_sub(*used) < IDLE {
            *used = now;
            return Some(shared.clone());
        }
        let closed = state.shared.remove(origin);
        drop(state);
        drop(closed);
        None
    }

    /// Shares a connection of HTTP/2, unless another came first.
    #[cfg(all(feature = "http2", feature = "rustls"))]
    pub(super) fn share(self: &Arc<Self>, origin: &Origin, shared: Shared) {
        let mut state = self.state();
        let used = self.clock.monotonic();
        state.shared.entry(origin.clone()).or_insert((shared, used));
        self.keep_swept(state);
    }

    /// Keeps a connection whose exchange is over, if it can take another.
    pub(super) fn give_back(self: &Arc<Self>, origin: &Origin, mut connection: Box<Connection>) {
        if !connection.is_idle() {
            return;
        }
        connection.rest();
        let mut state = self.state();
        let idle = Idle { connection, since: self.clock.monotonic() };
        match state.idle.get_mut(origin) {
            Some(others) => others.push(idle),
            None => {
                state.idle.insert(origin.clone(), vec![idle]);
            }
        }
        self.keep_swept(state);
    }

    /// Sees to it that what is idle for too long is closed.
    fn keep_swept(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if !state.is_swept
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            state.is_swept = true;
            drop(state);
            let sweeping = Sweeping { pool: Arc::downgrade(self), is_over: false };
            runtime.spawn(sweep(sweeping, self.clock.clone()));
        }
    }

    /// Closes what has been idle for too long; answers with when the next one will have been.
    fn close_old(&self) -> Option<Duration> {
        let mut closed = Vec::new();
        let now = self.clock.monotonic();
        let mut state = self.state();
        state.idle.retain(|_, idle| {
            let old = idle.partition_point(|idle| idle.since.saturating_add(IDLE) <= now);
            closed.extend(idle.drain(..old));
            !idle.is_empty()
        });
        let next = state.idle.values().filter_map(|idle| idle.first()).map(|idle| idle.since).min();
        #[cfg(all(feature = "http2", feature = "rustls"))]
        let (_unused, next) = {
            let unused: Vec<_> = state.shared.extract_if(|_, (_, used)| used.saturating_add(IDLE) <= now).collect();
            (unused, next.into_iter().chain(state.shared.values().map(|(_, used)| *used)).min())
        };
        state.is_swept = next.is_some();
        next.map(|since| since.saturating_add(IDLE))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idle: usize = self.state().idle.values().map(Vec::len).sum();
        f.debug_struct("Pool").field("idle", &idle).finish_non_exhaustive()
    }
}

/// The task that closes idle connections; it ends with the last of them.
async fn sweep(mut sweeping: Sweeping, clock: Arc<dyn Clock>) {
    while let Some(next) = sweeping.pool.upgrade().and_then(|pool| pool.close_old()) {
        clock.expiry(next).await;
    }
    sweeping.is_over = true;
}

/// Says so when the task ends before its time, with its runtime.
struct Sweeping {
    pool: Weak<Pool>,
    is_over: bool,
}

impl Drop for Sweeping {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade().filter(|_| !self.is_over) {
            pool.state().is_swept = false;
        }
    }
}
