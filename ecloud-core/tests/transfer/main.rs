//! Files through bytes: a platform in memory keeps one file for downloads and takes parts for uploads, as protocol section 11 says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod download;
mod folder;
mod platform;
mod save;
mod upload;
