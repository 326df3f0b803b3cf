//! Everything of the ecloud SDK that is the same for every operation: signing, retries, quotas, pages, transport, errors.
//!
//! Applications use it through the facade [`ecloud`](https://docs.rs/ecloud), whose domain crates are generated on top of it.
//!
//! # One call
//!
//! An operation becomes a [`Request`], which goes through one pipeline, compiled once for all operations: each attempt waits for
//! quota, is signed with a fresh nonce by a corrected clock, is sent, and is classified; then it is decided whether to try again. What
//! comes back is decoded in one generic line.
//!
//! | where | what |
//! |---|---|
//! | [`Client`], [`Shop`] | an application, and a shop that it works for |
//! | [`Operation`], [`Call`], [`Request`] | an operation as a type, and the way around one that doesn't exist yet |
//! | [`Pages`], [`Items`], [`Changes`] | lists as streams |
//! | [`Job`] | an operation that takes a while, waited for |
//! | [`transfer`] | files of any size: downloads by range, uploads in parts |
//! | [`bulk`](fn@bulk) | many calls of one operation, a few at a time |
//! | [`Error`], [`ErrorKind`] | what went wrong, and what to do about it |
//! | [`dialect`] | how a platform signs and refuses: the ecloud protocol with its verifier, and plain REST |
//! | [`transport`] | the seam to the network |
//! | [`OAuth`], [`Tokens`], [`token`] | access tokens of many shops |
//! | [`jwt`] | access tokens: what they say, and whether it is true |
//! | [`sensitive`] | personal fields |
//! | [`event`] | events that a platform pushes |
//! | [`types`] | money, time, identifiers |
//! | `blocking` | all of it without a runtime, with the feature of that name |
//!
//! # Spans
//!
//! Each call is a [`tracing`] span, and each of its requests a span within, from when it is handed to the transport: a wait for quota or before a
//! retry is the call's. Names and kinds are those of OpenTelemetry's HTTP conventions as `tracing-opentelemetry` reads them; both spans
//! have the level INFO and the target `ecloud_core`. These are all their fields:
//!
//! | field | `ecloud.call` | `ecloud.attempt` | what it is |
//! |---|---|---|---|
//! | `otel.name` | yes | yes | the operation; method and template of an attempt |
//! | `otel.kind` | yes | yes | `internal`; of an attempt `client` |
//! | `otel.status_code` | yes | yes | `ERROR` of one that fails |
//! | `error.type` | yes | yes | [`ErrorKind::as_str`] of a call that fails, [`AttemptReason::as_str`] of an attempt |
//! | `ecloud.operation` | yes | no | `trade.orders.get` |
//! | `ecloud.quota_group` | yes | no | the quota group that it draws on |
//! | `ecloud.attempts` | yes | no | how many attempts it took |
//! | `ecloud.attempt` | no | yes | the attempt's number, from 1 |
//! | `ecloud.request_id` | yes | yes | the platform's id of the request; a call's is the last one's |
//! | `http.request.method` | yes | yes | `GET` |
//! | `http.request.resend_count` | no | yes | the attempts before it, from the second on |
//! | `http.response.status_code` | yes | yes | of the answer; a call's is the last one's |
//! | `url.template` | yes | yes | `/trade/v1/orders/{order_id}`, below the endpoint |
//! | `url.scheme` | no | yes | `https` |
//! | `server.address` | no | yes | the endpoint's host |
//! | `server.port` | no | yes | its port |
//! | `network.protocol.version` | no | yes | of the answer: `1.1`, `2` |
//!
//! Paths, queries, headers and bodies are in no span, and neither is the shop, whose id is the caller's own word for it and may be
//! personal; a span of your own around the call can say more. A request by hand ([`Shop::request`]) whose path is a literal is
//! called by method and path; one whose path was put together at run time by its method alone, since anything may be in it. A quota group
//! whose name was put together at run time is `_OTHER`. The attempts of a copy to a [`Mirror`] are in a span `ecloud.mirror`, which has
//! `ecloud.operation` alone; a refresh of [`Tokens`], which outlives calls, is a span `ecloud.token_refresh` of the level DEBUG, without fields.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `reqwest` | yes | the network transport on reqwest, without TLS |
//! | `hyper` | no | a second network transport, on hyper, at a smaller price a call; the built-in one where `reqwest` is off |
//! | `rustls` | yes | TLS for the network transports: rustls on ring, with the operating system's certificates |
//! | `webpki-roots` | no | TLS trusts the packaged certificates of Mozilla's programme instead of the operating system's: a client starts sooner, and its trust is as old as the build |
//! | `http2` | no | HTTP/2 for them, under TLS |
//! | `blocking` | no | the module `blocking`: calls and lists without a runtime |
//! | `metrics` | no | `metrics`: what calls do and take, for the exporter of the application's choice |
//! | `xml` | no | requests and answers as XML, where a client asks for it |
//! | `chrono`, `jiff`, `time` | no | conversions between `Timestamp` and that crate's types |
//! | `jwt` | no | access tokens verified: signatures, keys of a platform, a gateway's side |
//! | `testing` | no | `testing`: sessions recorded and replayed, faults on purpose |
//!
//! # WebAssembly
//!
//! On `wasm32-unknown-unknown` the core and the domain crates build with default features off, and the application brings what the target
//! doesn't have:
//!
//! - a [`Transport`] over the host's requests, whose futures are `Send`: a page has one thread, so a wrapper that says so will do;
//! - a [`Clock`] over the host's time, since that target's standard library panics where it is asked for it. A client that is built
//!   without one is an error of kind [`Configuration`](ErrorKind::Configuration), not a panic;
//! - a source of randomness, as the crate `getrandom` 0.4 wants it: its feature `wasm_js` in a browser or in Node.js, else a function of the
//!   application's own under `--cfg getrandom_backend="custom"`. Without either the build stops with getrandom's message.
//!
//! `SystemClock` and `blocking` aren't there. On `wasm32-wasip1` and the like the standard library has clocks, and nothing is missing but
//! the network.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(feature = "blocking", not(all(target_family = "wasm", target_os = "unknown"))))]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub mod blocking;
mod bulk;
mod call;
mod client;
mod clock;
pub mod codec;
pub mod dialect;
mod endpoint;
mod error;
pub mod event;
mod job;
pub mod jwt;
#[cfg(feature = "metrics")]
pub mod metrics;
mod operation;
mod page;
mod quota;
mod random;
pub mod sensitive;
mod tag;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
pub mod transfer;
pub mod transport;
pub mod types;

pub use http;
pub use http::Method;

pub use crate::bulk::{Bulk, BulkProgress, BulkResult, bulk};
pub use crate::call::{AttemptReason, AttemptRecord, Backoff, FailedAttempt, RetryBudget, RetryPolicy};
#[cfg(feature = "xml")]
#[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
pub use crate::client::Format;
pub use crate::client::{
    AccessToken, Answer, Call, Client, ClientBuilder, FormStyle, FromAnswer, ListStyle, Meta, Multipart, ObjectStyle,
    QuotaLeft, RawAnswer, Request, Sending, Shop,
};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use crate::clock::SystemClock;
pub use crate::clock::{Clock, ManualClock, Pause};
pub use crate::dialect::ecloud::SignatureTrace;
pub use crate::dialect::{Auth, KeyLocation, Security, SecurityScheme};
pub use crate::endpoint::{
    Breaker, Endpoint, EndpointCheck, EndpointState, EndpointStatus, Endpoints, Mirror, MirrorCounts, Mirrored,
};
pub use crate::error::{Error, ErrorKind, FieldError};
pub use crate::job::{Job, JobPhase, JobState, JobSteps};
pub use crate::operation::{Operation, OperationInfo, PageStyle, RetrySafety};
pub use crate::page::{Changes, Items, Page, Pages, Paging, Position, ResumeToken};
pub use crate::quota::{Quota, QuotaDraw, QuotaKey, QuotaLimit, QuotaPermit};
pub use crate::random::Random;
pub use crate::sensitive::Sensitive;
pub use crate::tag::Tag;
pub use crate::token::{OAuth, Tokens};
pub use crate::transport::Transport;
pub use crate::types::{Currency, File, Money, Nullable, Secret, Timestamp};
pub use bytes::Bytes;
/// How a struct is read from and written as a JSON object: serde's `Deserialize` and `Serialize`, derived at a fraction of the
/// compiler's time.
///
/// It is for structs with named fields and without type parameters, and knows these attributes of serde: `rename = "…"` (on the struct, too,
/// for formats that name theirs), `default`,
/// `skip_serializing_if = "…"`, `flatten` on one `BTreeMap<String, _>`, and `deserialize_with` for
/// [`null_as_empty`](codec::null_as_empty); any other is an error of the compiler. Three things differ from serde's derive: a struct isn't
/// read from a sequence, of a name that comes twice the last value counts, and what is flattened is read without a detour, numbers
/// as they stand.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use ecloud_core::{Json, Model};
///
/// #[derive(Debug, PartialEq, Model)]
/// struct Label {
///     id: String,
///     #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
///     kind: Option<String>,
///     #[serde(flatten)]
///     additional: BTreeMap<String, Json>,
/// }
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let label: Label = serde_json::from_str(r#"{"id":"L1","colour":"red"}"#)?;
/// assert_eq!((label.kind.as_deref(), &label.additional["colour"]), (None, &Json::from("red")));
/// assert_eq!(serde_json::to_string(&label)?, r#"{"id":"L1","colour":"red"}"#);
/// # Ok(()) }
/// ```
pub use ecloud_derive::Model;
pub use serde_json::Value as Json;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
