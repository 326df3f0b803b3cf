//! Writes typed Rust clients and sandbox routes from OpenAPI documents.
//!
//! The command `ecloud-codegen` is this library with a command line; see [`command::HELP`]. Its way from document to code has
//! four stages, and a fifth that only sets the text:
//!
//! | stage | from | to |
//! |---|---|---|
//! | [`load`] | the bytes of a file | a tree whose nodes know file, line and JSON pointer |
//! | [`resolve`] | a file | all files that it refers to, every `$ref` known to lead somewhere |
//! | [`model`] | the tree | plain data: operations, models, names, what lives where; it prints itself |
//! | [`render`] | the model | Rust text |
//! | [`mod@format`] | Rust text | Rust text as `rustfmt` sets it |
//!
//! Somebody else's document goes the same way, but for the third stage: [`foreign`] reads it tolerantly and lists what comes out
//! otherwise than it stands there, [`overlay`] has what such a document doesn't say, [`naming`] finds names and keeps them, and
//! [`report`] tells what became of everything. [`deliver`] puts the whole crate in its place. [`diff`] compares two versions, and
//! [`mod@split`] takes a document apart.
//!
//! [`resolved`] writes the same model as JSON for programs that answer calls, [`output`] compares or writes files, and
//! [`workspace`] does all of it for all documents of a workspace.
//!
//! What a document of ours says and the generator can't express is a [`Problem`](problem::Problem) with file, line, pointer and reason.
//! Nothing is dropped or guessed in silence, and all problems of a run are told together.
//!
//! # Example
//!
//! ```
//! use ecloud_codegen::load::Limits;
//! use ecloud_codegen::resolve::Sources;
//! use ecloud_codegen::{model, render};
//!
//! # fn example(path: &std::path::Path) -> Result<(), ecloud_codegen::problem::Problems> {
//! let sources = Sources::open(path, &Limits::default())?;
//! let domain = model::domain(&sources)?;
//! for (name, text) in render::domain(&domain) {
//!     println!("{name}: {} lines", text.lines().count());
//! }
//! # Ok(()) }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod command;
pub mod create;
pub mod deliver;
pub mod diff;
pub mod foreign;
pub mod format;
pub mod json;
pub mod lint;
pub mod load;
pub mod model;
mod names;
pub mod naming;
pub mod output;
pub mod overlay;
pub mod problem;
pub mod render;
pub mod report;
pub mod resolve;
pub mod resolved;
pub mod split;
pub mod workspace;
