//! What a server may send and a caller may set, at its extremes: no panic, no overflow, no sleep beyond a call's deadline, and a typed
//! end of each call.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod lists;
mod platform;
mod settings;
mod values;
