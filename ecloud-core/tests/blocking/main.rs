//! Calls and lists without a runtime: on plain threads, against a platform in memory and one on a socket.

#![cfg(feature = "blocking")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod lists;
mod places;
mod platform;
#[cfg(feature = "reqwest")]
mod sockets;
mod waits;
