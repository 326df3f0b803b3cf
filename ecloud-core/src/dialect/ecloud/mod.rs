//! The ecloud protocol, version 1: canonical form, signature, verification, errors.
//!
//! The client's side is [`Ecloud`]. The platform's side stands beside it, so that a gateway can be built from the same pieces:
//! [`Incoming`] reads and verifies a request, [`NonceMemory`] refuses a repeated one, [`Rejection`] says why.
//!
//! A signature is computed over `METHOD|PATH|TIMESTAMP|PARAMS`:
//!
//! ```
//! use ecloud_core::dialect::ecloud::{SigningKey, string_to_sign};
//! use http::{HeaderMap, HeaderValue};
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("x-ecloud-app-key", HeaderValue::from_static("demo-app"));
//! headers.insert("x-ecloud-nonce", HeaderValue::from_static("0123456789abcdef"));
//! let text = string_to_sign("GET", "/product/v1/items", None, "1767225600", &headers)?;
//! assert_eq!(text, "GET|/product/v1/items|1767225600|:x-ecloud-app-key=demo-app&:x-ecloud-nonce=0123456789abcdef");
//!
//! let signature = SigningKey::new(b"demo-secret").sign(&text);
//! assert_eq!(signature.as_str(), "3885966b8049fdbd973e50681d96f3a69bf5d98e2cdf3f0b5158af0d67306c63");
//! # Ok::<(), ecloud_core::dialect::ecloud::Rejection>(())
//! ```

mod canonical;
mod envelope;
mod header;
mod incoming;
mod nonce;
mod rejection;
mod signature;
mod signer;
mod trace;

pub(crate) use canonical::encode;
pub use canonical::{mask_string_to_sign, string_to_sign};
pub(crate) use header::{is_access_token, is_idempotency_key, is_tag};
pub use incoming::Incoming;
pub(crate) use incoming::is_pchar;
pub use nonce::NonceMemory;
pub use rejection::Rejection;
pub use signature::{Signature, SigningKey, body_digest};
pub use signer::Ecloud;
pub use trace::{
    ParameterDifference, ParameterPlace, SignatureComparison, SignatureDifference, SignatureTrace, SignedParameter,
};

/// How far a request's timestamp may lie from the platform's time, in seconds, both ends included.
pub const MAX_SKEW_SECONDS: i64 = 300;
/// How long a nonce is remembered, in seconds.
pub const NONCE_SECONDS: u64 = 900;
