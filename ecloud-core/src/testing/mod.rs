//! For applications' own tests: sessions that are recorded and replayed, faults on purpose, a clock that is moved by hand.
//!
//! [`Recorder`], [`Replayer`] and [`Faults`] are [transports](crate::Transport): the first and the last go around another one, the second
//! stands in its place. [`MemoryTransport`] answers by a function.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ecloud_core::testing::{ManualClock, MemoryTransport, Recorder, Replayer};
//! use ecloud_core::{Client, Json, Method, Timestamp, Transport};
//!
//! fn client(transport: impl Transport) -> Result<Client, ecloud_core::Error> {
//!     let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
//!     let builder = Client::builder().endpoint("https://open.example.com").app("app", "secret");
//!     builder.transport(transport).clock(Arc::new(clock)).build()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = std::env::temp_dir().join(format!("ecloud-recording-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! # let file = directory.join("session.jsonl");
//! // Once, with the platform:
//! let platform = MemoryTransport::new(|_| {
//!     Ok(http::Response::new(r#"{"order_id":"T1001","receiver":{"name":"Zhang Wei"}}"#.into()))
//! });
//! let recorder = Recorder::to_file(platform, &file)?.with_salt("orders");
//! let shop = client(recorder.clone())?.for_shop("shop-1");
//! let recorded: Json = shop.request(Method::GET, "/trade/v1/orders/T1001").send().await?;
//! assert_eq!(recorder.finish()?, 1);
//! assert!(!std::fs::read_to_string(&file)?.contains("Zhang Wei"));
//!
//! // From then on, without it:
//! let replayer = Replayer::from_file(&file)?.with_salt("orders")?;
//! let shop = client(replayer.clone())?.for_shop("shop-1");
//! let replayed: Json = shop.request(Method::GET, "/trade/v1/orders/T1001").send().await?;
//! assert_eq!(replayed["order_id"], recorded["order_id"]);
//! assert!(replayer.unused().is_empty());
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok(()) }
//! ```
//!
//! # The format
//!
//! JSON Lines in UTF-8: one exchange a line, an attempt of a call being an exchange of its own, in the order in which they ended. Files can
//! be put together.
//!
//! | member | what |
//! |---|---|
//! | `v` | the version of the format: 1 |
//! | `salt` | eight letters by which the right salt is known |
//! | `at`, `elapsed_ms` | when it began, and how long it took; only with [a clock](Recorder::with_clock) |
//! | `request` | `method`, `path`, `query`, `headers`, `body`; neither host nor port |
//! | `response` | `status`, `headers`, `body`, and `cut` where the body broke off |
//! | `error` | in place of `response` where no answer came |
//!
//! `headers` is a list of pairs of name and value. `body` is absent for an empty one, else one of `{"text": "…"}`,
//! `{"binary": {"length": 5, "hash": "…"}}` and `{"omitted": "why"}`. `cut` and `error` are `{"sent": true, "message": "…"}`: `sent`
//! says whether the request may have reached the server.
//!
//! # What is replaced
//!
//! Before anything is written, secrets and personal data are replaced by placeholders: of a text `redacted-` and sixteen letters, with
//! `@redacted.example` behind them for an address of mail; of a number one that begins with `10`; of a ciphertext one whose key id is `redacted`.
//! A value has the same placeholder wherever it stands, by HMAC-SHA256 under the recorder's [salt](Recorder::with_salt), so that what an
//! answer named is asked for in the next request, replayed as well as recorded.
//!
//! - **Headers** are recorded by an allow-list: media types, caching, dates, pages, retries, quota, request ids, traffic tags. Of those whose
//!   names are those of secrets (`authorization`, signature, app key, nonce, cookies, API keys, idempotency key) the placeholder is
//!   recorded, of all others nothing, unless they are [added](Recorder::with_header).
//! - **By name**, in JSON (JSON within its texts too), XML, queries, forms and forms in parts: tokens, keys, passwords, signatures and their
//!   like; names of people, telephone numbers, addresses, mail, identity documents, bank accounts, dates of birth, places on the map; what
//!   buyers and sellers wrote (`memo`, `note`, `remark`, …). `name` alone may be a thing's and is replaced, `carrier_name` isn't. All that stands
//!   below such a name is replaced, but for identifiers, kinds, regions and times. Names can be [added](Recorder::with_redacted).
//! - **By form**, in any text, path or number: ciphertexts, addresses of mail, eleven digits or more (written in groups ten, behind a `+`
//!   seven), unbroken words of 20 characters with a digit or of 40 without, `Bearer …`, `password=…`. Times and amounts keep their digits.
//! - **By what was replaced before**: a name or secret that stood under its name is replaced in other texts of the same and later
//!   exchanges, too.
//! - **Bodies that are no text**, and files in forms, are recorded as their size and a keyed hash.
//!
//! What none of these finds is recorded: read a recording before you publish it.

mod exchange;
mod faults;
mod faulty_body;
mod line;
mod matching;
mod reading;
mod recorder;
mod redaction;
mod replayer;

pub use self::faults::{FaultCounts, Faults};
pub use self::recorder::Recorder;
pub use self::replayer::Replayer;
pub use crate::clock::ManualClock;
pub use crate::transport::MemoryTransport;
