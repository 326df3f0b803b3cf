//! Tokens of many shops: an authorisation server of a few lines, and everything that can go wrong on the way to it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod authority;
mod calls;
mod cancelled;
mod concurrent;
mod files;
mod oauth;
mod policies;
mod processes;
mod refreshes;
mod secrets;
