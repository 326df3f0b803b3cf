//! A background task, on request: tokens are refreshed ahead without a call that asks for them.

use std::fmt;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::Tokens;
use crate::{Error, ErrorKind};

/// How many refreshes it has under way at a time.
const AT_ONCE: usize = 16;

/// Keeps tokens fresh until it is dropped.
#[must_use = "it ends when it is dropped"]
pub struct KeepFresh {
    task: AbortHandle,
}

impl Tokens {
    /// Refreshes the tokens of the shops in use as soon as they are due, looking every so often, 16 at a time, until what it returns is
    /// dropped. A shop is in use from its first call on, or from [`put`](Tokens::put); its token is refreshed on and on, so this is
    /// for shops that are called now and then and shall not wait for a refresh.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] outside a tokio runtime.
    pub fn keep_fresh(&self, every: Duration) -> Result<KeepFresh, Error> {
        let outside =
            |_| Error::new(ErrorKind::Configuration, "tokens are kept fresh on a tokio runtime, and here is none");
        let runtime = Handle::try_current().map_err(outside)?;
        let weak = std::sync::Arc::downgrade(&self.inner);
        let clock = self.inner.clock().clone();
        let task = runtime.spawn(async move {
            while let Some(inner) = weak.upgrade() {
                let tokens = Self { inner };
                loop {
                    let begun = tokens.begin_due(AT_ONCE);
                    if begun.is_empty() {
                        break;
                    }
                    for flight in begun {
                        flight.ended().await;
                    }
                }
                drop(tokens);
                clock.expiry(clock.monotonic().saturating_add(every)).await;
            }
        });
        Ok(KeepFresh { task: task.abort_handle() })
    }
}

impl Drop for KeepFresh {
    fn drop(&mut self) {
        // A refresh under way is a task of its own, and goes on.
        self.task.abort();
    }
}

impl fmt::Debug for KeepFresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeepFresh")
    }
}
