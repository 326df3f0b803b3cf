//! Events that a platform pushes: is it genuine, is it new, is it the latest, and what to answer.
//!
//! Platforms push by `POST`, as in the Standard Webhooks specification 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`, and
//! the body that was signed. They deliver at least once and in any order, and again with growing delays until they get a 2xx.
//!
//! | what | for |
//! |---|---|
//! | [`WebhookHandler`] | all of it: headers and bytes in, your function in between, what to answer out |
//! | [`WebhookVerifier`] | the signature alone |
//! | [`Event`], [`EventData`] | the envelope, and what is in it: a generated enum or an [`UntypedEvent`] |
//! | [`DuplicateGuard`], [`VersionGuard`] | what was handled, and how new it was, for a receiver of your own |
//! | [`WebhookSigner`], [`WebhookSecret`] | the sending side: test payloads, and platforms |
//!
//! ```
//! use ecloud_core::event::{UntypedEvent, WebhookHandler, WebhookSecret, WebhookSigner, WebhookVerifier};
//! use ecloud_core::{Clock, ManualClock, Timestamp};
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ecloud_core::Error> {
//! let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
//! let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_337_400));
//! let verifier = WebhookVerifier::with_clock([secret.clone()], Arc::new(clock.clone()))?;
//! let handler = WebhookHandler::<UntypedEvent>::new(verifier);
//!
//! // What the platform sends:
//! let body = br#"{"id":"E1","type":"trade.order.paid","occurred_at":"2026-11-22T08:30:00.000Z",
//!     "shop_id":"demo-shop","version":2,"data":{"order_id":"T1001"}}"#;
//! let headers = WebhookSigner::new(secret).headers("E1", clock.now(), body)?;
//!
//! // What a web framework's handler does with it:
//! let answer = handler
//!     .handle(&headers, body, |event| async move {
//!         println!("{} of shop {}", event.data.event_type, event.shop_id);
//!         Ok::<(), std::convert::Infallible>(())
//!     })
//!     .await;
//! assert_eq!(answer.status(), 204);
//! # Ok(()) }
//! ```
//!
//! # What is refused
//!
//! Errors have a [code](crate::Error::code) each, and show neither secrets nor what a sender wrote:
//!
//! | code | kind | status | when |
//! |---|---|---|---|
//! | `event.body_too_large` | `InvalidRequest` | 413 | the body is over the limit |
//! | `event.header_missing` | `InvalidRequest` | 400 | one of the three headers isn't there |
//! | `event.header_repeated` | `InvalidRequest` | 400 | one of them is there twice, whatever it says |
//! | `event.header_invalid` | `InvalidRequest` | 400 | one of them is not of its form, or `content-length` isn't the body's |
//! | `event.timestamp_skew` | `Unauthenticated` | 401 | it was sent more than the tolerance ago, or from now |
//! | `event.signature_version` | `Unauthenticated` | 401 | no signature is of version `v1` |
//! | `event.signature_mismatch` | `Unauthenticated` | 401 | no signature is one of a secret's |
//! | `event.body_invalid` | `InvalidResponse` | 400 | genuine, but the body isn't the envelope |
//! | `event.data_invalid` | `InvalidResponse` | 422 | genuine, but the data isn't what its type promises |

mod acknowledgement;
mod data;
mod digest;
mod duplicates;
mod envelope;
mod handler;
mod headers;
mod secret;
mod signer;
mod verifier;
mod versions;

pub use acknowledgement::{Acknowledgement, EventOutcome};
pub use data::{EventData, EventObject, RawData, UntypedEvent};
pub use duplicates::{Admission, Claim, DuplicateGuard};
pub use envelope::Event;
pub use handler::{StaleEvents, WebhookHandler};
pub use secret::WebhookSecret;
pub use signer::WebhookSigner;
pub use verifier::{Delivery, WebhookVerifier};
pub use versions::VersionGuard;

use crate::{Error, ErrorKind};

/// The name of an event, the same however often it is delivered.
pub const WEBHOOK_ID: http::HeaderName = http::HeaderName::from_static("webhook-id");
/// When this delivery was sent, in Unix seconds.
pub const WEBHOOK_TIMESTAMP: http::HeaderName = http::HeaderName::from_static("webhook-timestamp");
/// The signatures, separated by blanks.
pub const WEBHOOK_SIGNATURE: http::HeaderName = http::HeaderName::from_static("webhook-signature");

fn refusal(kind: ErrorKind, code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(kind, message).with_code(code)
}
