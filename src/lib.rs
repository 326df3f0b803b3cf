//! The SDK of the ecloud open platform: products, trades and logistics as typed calls.
//!
//! ```no_run
//! use ecloud::prelude::*;
//! use ecloud::trade::orders::OrderStatus;
//!
//! # async fn example() -> Result<(), Error> {
//! let client = Client::builder().endpoint("https://open.example.com").app("app-key", "app-secret").build()?;
//! let trade = Trade::new(client.for_shop("shop-42").access_token("the shop's token"));
//!
//! let order = trade.orders().get("T1001").send().await?;
//! let mut paid = trade.orders().list().status(OrderStatus::Paid).items(); // a stream over all pages
//! while let Some(order) = paid.try_next().await? {
//!     println!("{} {}", order.order_id, order.amounts.payment);
//! }
//! # Ok(()) }
//! ```
//!
//! # Where to look
//!
//! | you want to | look at |
//! |---|---|
//! | configure a client, work for a shop | [`Client::builder`], [`Client::for_shop`], [`Shop`] |
//! | find an operation | [`product`], [`trade`], [`logistics`]: a module for each resource, a page for each operation |
//! | send an operation that has no type yet | [`Shop::request`] |
//! | go through a list | `items()` and `pages()` of the operation: [`Items`], [`Pages`] |
//! | make many calls of one operation | [`bulk`](fn@bulk) |
//! | see what a request signs | [`Request::explain`], and of a refusal [`Error::signature_trace`] |
//! | call without a runtime | the module `blocking`, with the feature of that name |
//! | mirror what changes | `items()` of a list of changes: [`Changes`] |
//! | know what went wrong, and what to do | [`Error`], [`ErrorKind`] |
//! | send a write again without doing it twice | [`Error::idempotency_key`] |
//! | work for many shops, with tokens that stay fresh | [`OAuth`], [`Tokens`], [`token`] |
//! | see quota, request id and attempts | `send_with_meta()` of the operation: [`Answer`], [`Meta`] |
//! | see calls in traces and metrics | [the core's page](https://docs.rs/ecloud-core) on its spans, and its module `metrics` |
//! | store, show, send and open personal fields | [`Sensitive`], [`sensitive`] |
//! | receive events that the platform pushes | [`event`], and the `events` of a domain |
//! | test without the network | the crate [`ecloud-sandbox`](https://docs.rs/ecloud-sandbox) |
//!
//! # What a call goes through
//!
//! Each attempt waits for its quota, is signed with a fresh nonce by a clock that the platform may correct, is sent, and is judged. What
//! failed for a passing reason is tried again, under one budget for the client and one deadline for the call; writes carry an idempotency
//! key, so that they are done once. [`RetryPolicy`] and [`Quota`] say more.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `product`, `trade`, `logistics` | yes | the domain |
//! | `reqwest` | yes | the network transport on reqwest, without TLS |
//! | `hyper` | no | a second network transport, on hyper, at a smaller price a call; the built-in one where `reqwest` is off |
//! | `rustls` | yes | TLS for the network transports: rustls on ring, with the operating system's certificates |
//! | `webpki-roots` | no | TLS trusts the packaged certificates of Mozilla's programme instead of the operating system's: a client starts sooner, and its trust is as old as the build |
//! | `http2` | no | HTTP/2 for them, under TLS |
//! | `blocking` | no | the module `blocking`: calls and lists without a runtime |
//! | `metrics` | no | `metrics`: what calls do and take, for the exporter of the application's choice |
//! | `xml` | no | requests and answers as XML, where a client asks for it |
//! | `chrono`, `jiff`, `time` | no | conversions between [`Timestamp`] and that crate's types |
//! | `testing` | no | `testing`: sessions recorded and replayed, faults on purpose |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use ecloud_core::*;

#[cfg(feature = "logistics")]
#[doc(inline)]
pub use ecloud_logistics as logistics;
#[cfg(feature = "product")]
#[doc(inline)]
pub use ecloud_product as product;
#[cfg(feature = "trade")]
#[doc(inline)]
pub use ecloud_trade as trade;

/// What most programs need: `use ecloud::prelude::*;`
pub mod prelude {
    pub use ecloud_core::{Client, Currency, Error, ErrorKind, Money, Operation, Shop, Timestamp};

    #[cfg(feature = "logistics")]
    pub use ecloud_logistics::Logistics;
    #[cfg(feature = "product")]
    pub use ecloud_product::Product;
    #[cfg(feature = "trade")]
    pub use ecloud_trade::Trade;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../README.zh-CN.md")]
mod readme_zh_cn {}
