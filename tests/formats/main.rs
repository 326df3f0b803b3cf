//! Both formats carry the same data: every model of every domain, and the calls of a client over a sandbox.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod described;
mod models;
mod random;
mod wire;
