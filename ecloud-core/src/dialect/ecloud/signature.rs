//! HMAC-SHA256 over the string to sign, and SHA-256 over the body.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::codec::hex;

/// An application's secret, as a keyed HMAC state: the key is worked in once, and the secret itself is not kept.
#[derive(Clone)]
pub struct SigningKey {
    state: Hmac<Sha256>,
}

impl SigningKey {
    /// The key that a secret is.
    pub fn new(app_secret: &[u8]) -> Self {
        // HMAC takes keys of any length (RFC 2104, section 2).
        Self {
            state: Hmac::new_from_slice(app_secret).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length")),
        }
    }

    /// Sixteen hexadecimal digits that tell this key from others, so that two sides can compare their secrets without showing them.
    ///
    /// They are the first of an HMAC over a text that no string to sign can be, so they are no signature, and no hash of the secret.
    ///
    /// ```
    /// use ecloud_core::dialect::ecloud::SigningKey;
    ///
    /// assert_eq!(SigningKey::new(b"demo-secret").fingerprint(), "56b3112384c2f0e5");
    /// ```
    pub fn fingerprint(&self) -> String {
        // Every string to sign has a `|`.
        self.sign("ecloud key fingerprint").as_str()[..16].to_owned()
    }

    /// Signs.
    pub fn sign(&self, string_to_sign: &str) -> Signature {
        let mut state = self.state.clone();
        state.update(string_to_sign.as_bytes());
        let mut text = [0; 64];
        hex::write_lower(&state.finalize().into_bytes(), &mut text);
        Signature { text }
    }

    /// Whether `signature` (64 lower-case hexadecimal digits) is the one of this text; takes the same time whatever differs.
    pub fn verify(&self, string_to_sign: &str, signature: &str) -> bool {
        let Some(bytes) = hex::read_lower(signature.as_bytes()) else {
            return false;
        };
        let mut state = self.state.clone();
        state.update(string_to_sign.as_bytes());
        state.verify_slice(&bytes).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A signature or digest: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    text: [u8; 64],
}

impl Signature {
    /// The digits.
    pub fn as_str(&self) -> &str {
        // Only hexadecimal digits are ever written.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The digest of a body, as `x-ecloud-content-sha256` carries it: 64 lower-case hexadecimal digits of its SHA-256.
pub fn body_digest(body: &[u8]) -> Signature {
    let mut text = [0; 64];
    hex::write_lower(&Sha256::digest(body), &mut text);
    Signature { text }
}
