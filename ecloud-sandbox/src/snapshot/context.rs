//! Whether a row is written for a snapshot or for an answer, and in which shop it is read.
//!
//! Serde can't tell a value whom it is written for, and one list of a row's members is worth more than two that have to agree. Writing and
//! reading are synchronous, so the thread knows.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::protocol::sensitive::Safe;

thread_local! {
    static IS_KEPT: Cell<bool> = const { Cell::new(false) };
    static SAFE: RefCell<Option<Arc<Safe>>> = const { RefCell::new(None) };
}

/// Whether what is being written goes into a snapshot.
pub(crate) fn is_kept() -> bool {
    IS_KEPT.get()
}

/// The opposite, as `skip_serializing_if` wants it: the member is the platform's own and never part of an answer.
pub(crate) fn is_answer<T>(_: &T) -> bool {
    !is_kept()
}

/// Writes something for a snapshot.
pub(super) fn kept<T>(write: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            IS_KEPT.set(self.0);
        }
    }
    let _before = Before(IS_KEPT.replace(true));
    write()
}

/// Reads something of the shop whose personal fields this safe opens.
pub(crate) fn opened_in<T>(safe: &Arc<Safe>, read: impl FnOnce() -> T) -> T {
    struct Before(Option<Arc<Safe>>);
    impl Drop for Before {
        fn drop(&mut self) {
            SAFE.set(self.0.take());
        }
    }
    let _before = Before(SAFE.replace(Some(Arc::clone(safe))));
    read()
}

/// The safe of the shop that is being read; `None` outside of one.
pub(crate) fn safe() -> Option<Arc<Safe>> {
    SAFE.with_borrow(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_kept_within_the_call_that_keeps_it_and_no_longer() {
        assert!(is_answer(&()));
        assert!(kept(is_kept));
        let panicked = std::panic::catch_unwind(|| kept(|| panic!("while it is written")));
        assert!(panicked.is_err() && !is_kept());
    }
}
