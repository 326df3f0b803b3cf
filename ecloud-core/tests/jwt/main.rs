//! Tokens that are verified, as platforms, attackers and clocks bring them along.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod forge;
mod keys;
mod refresh;
mod time;
mod tokens;
