//! How much may be spent on trying variants.
//!
//! Where unions hold unions, each variant that fails late has read all that is inside it in vain, and the next reads it again: a few
//! kilobytes that are nested just so would keep a thread busy for ever. So what was read in vain is counted for each outermost union; once it
//! is too much, no more is tried inside it, and what isn't read by then is kept as it came.

use std::cell::Cell;

use serde_json::Value;

/// How many JSON values may be read in vain: many times those of the largest answers, and read within a second.
const LIMIT: usize = 1 << 21;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static SPENT: Cell<usize> = const { Cell::new(0) };
}

/// Begins the choice among the variants of a union.
pub(super) fn begin() {
    if DEPTH.get() == 0 {
        SPENT.set(0);
    }
}

/// Whether more may be tried.
pub(super) fn is_left() -> bool {
    SPENT.get() < LIMIT
}

/// Adds a value that was read in vain.
pub(super) fn spend(value: &Value) {
    SPENT.set(SPENT.get().saturating_add(count(value)));
}

/// How many JSON values a value is, those in it counted.
pub(super) fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// While it lives, a variant is being read.
pub(super) struct Reading;

impl Reading {
    pub(super) fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}
