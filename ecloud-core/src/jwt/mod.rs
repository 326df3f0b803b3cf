//! Access tokens as JSON Web Tokens (protocol section 5): what they say, and whether it is true.
//!
//! | | who needs it | what it does |
//! |---|---|---|
//! | [`Claims::of`] | a client | reads what a token says, and verifies nothing |
//! | `Verifier`, `KeySet`, `Jwks` (feature `jwt`) | a platform, a gateway, a client that wants to know | tells whether the platform said it |
//!
//! # What is verified
//!
//! A `Verifier` takes a token only if all of this holds:
//!
//! - it is a JWS in the compact form (RFC 7515) of at most 16 KiB: three parts in unpadded base64url, header and payload JSON objects in
//!   which no name stands twice;
//! - its header names an algorithm, `EdDSA` or `RS256`, and by `kid` a key of the set that is for this very algorithm. The algorithm is
//!   the key's: a token can't choose another one, `none` is none, and no symmetric key is ever used. Keys that the header brings along
//!   (`jwk`, `jku`, `x5c`, `x5u`) are not looked at; `crit`, `b64` and `zip` are refused, and so is a `typ` of another kind of token;
//! - the signature is that key's, over the bytes as they came; only then the payload is read;
//! - `iss` is the platform, `aud` the application and nobody else, `exp` lies ahead and `nbf` doesn't, by the clock that the caller goes by,
//!   with the leeway that he allows; `sub`, `iat`, `scope` and `role` are there and of their types.
//!
//! A client verifies less, as its own tokens come from the platform and go back to it: `ClientBuilder::verify_tokens` says what.
//!
//! `iat` is not compared with the clock, as RFC 7519 asks for no such thing, and `jti` isn't looked up: a token that was revoked verifies until
//! it expires. What a token allows is asked of its claims: [`Claims::permit`].

#[cfg(feature = "jwt")]
mod algorithm;
mod claims;
mod compact;
#[cfg(feature = "jwt")]
mod fetch;
#[cfg(feature = "jwt")]
mod header;
#[cfg(feature = "jwt")]
mod jwks;
#[cfg(feature = "jwt")]
mod key;
#[cfg(feature = "jwt")]
mod key_set;
mod permit;
mod role;
mod strict_json;
mod token_check;
#[cfg(feature = "jwt")]
mod verifier;

#[cfg(feature = "jwt")]
pub use algorithm::Algorithm;
pub use claims::Claims;
#[cfg(feature = "jwt")]
pub use jwks::Jwks;
#[cfg(feature = "jwt")]
pub use key_set::KeySet;
pub use permit::Denial;
pub use role::Role;
pub(crate) use token_check::TokenCheck;
#[cfg(feature = "jwt")]
pub(crate) use token_check::Verification;
#[cfg(feature = "jwt")]
pub use verifier::Verifier;

/// The longest token that is looked at, in bytes: servers take no longer headers either.
pub(crate) const TOKEN_LIMIT: usize = 16 * 1024;

/// A text of a token or a key set as an error may show it: neither is to be trusted before it is verified.
fn shown(text: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:~-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) { text } else { "…" }
}
