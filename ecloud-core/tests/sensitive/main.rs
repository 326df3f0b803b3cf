//! Personal fields over the wire: encrypted on the way out, opened on the record.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod keys;
mod platform;
mod reveal;
