//! Names of what was seen, all of one size.

use sha2::{Digest, Sha256};

/// The half of a SHA-256: names of any length take 16 bytes, and nobody finds two that meet.
pub(super) type Name = [u8; 16];

/// The name that these parts have together; no other parts have it, wherever their borders are.
pub(super) fn name(parts: &[&str]) -> Name {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let mut name = Name::default();
    name.copy_from_slice(&digest.finalize()[..16]);
    name
}
