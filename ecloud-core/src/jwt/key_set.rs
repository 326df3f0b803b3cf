//! A platform's public keys.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::compact::Compact;
use super::header::Header;
use super::key::PublicKey;
use super::{Algorithm, shown, strict_json};
use crate::{Error, ErrorKind};

/// The longest key set that is read, in bytes.
pub(super) const SET_LIMIT: usize = 256 * 1024;
/// The most keys that a set may have.
const MOST_KEYS: usize = 100;

/// The keys of a JSON Web Key Set (RFC 7517), by their `kid`.
///
/// A key that isn't fit for tokens takes no other with it: a token that names it is refused, and told why. Not fit are two keys of one `kid`,
/// RSA keys of less than 2048 bits, symmetric and private keys, and keys of other kinds or for other purposes.
///
/// ```
/// use ecloud_core::jwt::KeySet;
///
/// let keys = KeySet::from_json(
///     br#"{"keys": [
///         {"kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///         {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}
///     ]}"#,
/// )?;
/// assert_eq!(keys.ids().collect::<Vec<_>>(), ["2026-11"]);
/// let (id, reason) = keys.refused().next().expect("there is one");
/// assert_eq!(id, "shared");
/// assert_eq!(reason, "it is a symmetric key: who can verify with it can sign with it");
/// # Ok::<(), ecloud_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: BTreeMap<String, Result<PublicKey, String>>,
}

impl KeySet {
    /// Reads a key set. Keys without a `kid` are left out, as no token can name them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`] where it is no key set: longer than 256 KiB, more than 100 keys, no JSON, or with a name that stands twice.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let refused = |reason: &'static str| Err(Error::new(ErrorKind::InvalidResponse, reason));
        if bytes.len() > SET_LIMIT {
            return refused("the key set is longer than 256 KiB");
        }
        let Some(members) = strict_json::object(bytes) else {
            return refused("the key set is no JSON object in which each name stands once");
        };
        let Some(Value::Array(list)) = members.get("keys") else {
            return refused("the key set has no list `keys`");
        };
        if list.len() > MOST_KEYS {
            return refused("the key set has more than 100 keys");
        }
        let mut keys = BTreeMap::new();
        for entry in list {
            let Some(members) = entry.as_object() else {
                return refused("the key set has a key that is no object");
            };
            let Some(id) = members.get("kid").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
                continue;
            };
            let key = match keys.contains_key(id) {
                true => Err("its `kid` is that of another key, too".to_owned()),
                false => PublicKey::read(members),
            };
            keys.insert(id.to_owned(), key);
        }
        Ok(Self { keys })
    }

    /// The ids of the keys that verify tokens.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter(|(_, key)| key.is_ok()).map(|(id, _)| id.as_str())
    }

    /// The keys that are not fit, with the reason: for the one who looks after the platform.
    pub fn refused(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().filter_map(|(id, key)| Some((id.as_str(), key.as_ref().err()?.as_str())))
    }

    /// Whether there is a key of this id, fit or not.
    pub(super) fn has(&self, id: &str) -> bool {
        self.keys.contains_key(id)
    }

    /// Whether there is a key of the id that a token's header names, or it names none.
    pub(super) fn has_key_of(&self, token: &str) -> bool {
        let header = Compact::split(token).and_then(|compact| Header::read(&compact.header()?).ok());
        header.is_none_or(|header| self.has(&header.key_id))
    }

    /// The key that a header names, if it is for the algorithm that the header names; or why a token of this header is refused.
    pub(super) fn key(&self, id: &str, algorithm: Algorithm) -> Result<&PublicKey, String> {
        let key = match self.keys.get(id) {
            None => return Err(format!("the key `{}` is unknown", shown(id))),
            Some(Err(reason)) => return Err(format!("the key `{}` isn't used: {reason}", shown(id))),
            Some(Ok(key)) => key,
        };
        match key.algorithm() == algorithm {
            true => Ok(key),
            false => {
                Err(format!("the key `{}` is for {}, and the header says {algorithm}", shown(id), key.algorithm()))
            }
        }
    }
}

impl fmt::Debug for KeySet {
    /// Which keys there are; what makes them up is nobody's to read here.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: Vec<&str> = self.refused().map(|(id, _)| shown(id)).collect();
        let ids: Vec<&str> = self.ids().map(shown).collect();
        f.debug_struct("KeySet").field("ids", &ids).field("refused", &refused).finish()
    }
}
