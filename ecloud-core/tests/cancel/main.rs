//! Futures and streams that are dropped, at each point at which they can be: what they had taken is back, and what they belong to works on.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod calls;
mod drops;
mod streams;
mod world;
