//! The pipeline through bytes: a platform in memory verifies each request by itself, on a clock that the tests hold.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod bulk;
mod changes;
mod clock;
mod endpoints;
mod jobs;
mod mirror;
mod pages;
mod paging;
mod platform;
mod quota;
mod requests;
mod rest;
mod retry;
mod spans;
mod tags;
#[cfg(feature = "xml")]
mod xml;
