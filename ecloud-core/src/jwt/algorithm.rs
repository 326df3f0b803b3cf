//! How tokens are signed.

use std::fmt;

/// How a token is signed. There is no other way than these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 (RFC 8037): short keys, short signatures, and no choice of parameters.
    EdDsa,
    /// RSA with PKCS #1 v1.5 and SHA-256 (RFC 7518, section 3.3), keys of 2048 to 8192 bits.
    Rs256,
}

impl Algorithm {
    /// Its name in headers and key sets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of this name, which is case-sensitive.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::EdDsa, Self::Rs256].into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
