//! Section 8, cursors: opaque to clients, and of no use for anything but the list that they came from.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ecloud_core::Timestamp;
use ecloud_core::dialect::ecloud::SigningKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::Refusal;

/// How long a cursor stays valid.
const VALID: Duration = Duration::from_secs(24 * 60 * 60);

/// Hex digits of the authentication code that a cursor carries: 128 bits.
const CODE_DIGITS: usize = 32;

/// Makes and opens cursors under a key of the platform's.
#[derive(Debug)]
pub(crate) struct Cursors {
    key: SigningKey,
}

/// The list that a cursor belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListOf<'a> {
    pub(crate) app_key: &'a str,
    pub(crate) shop_id: &'a str,
    pub(crate) operation: &'a str,
    /// All query pairs but `cursor` and `limit`.
    pub(crate) filters: &'a [(String, String)],
}

impl ListOf<'_> {
    fn digest(&self) -> String {
        let mut filters: Vec<_> = self.filters.iter().collect();
        filters.sort();
        filters.dedup();
        let mut digest = Sha256::new();
        for part in [self.app_key, self.shop_id, self.operation]
            .into_iter()
            .chain(filters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
        {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        BASE64_URL_SAFE_NO_PAD.encode(&digest.finalize()[..16])
    }
}

#[derive(Serialize, Deserialize)]
struct Contents {
    list: String,
    issued_at: Timestamp,
    /// The place in the list after which the next page begins.
    after: (Timestamp, String),
}

impl Cursors {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { key: SigningKey::new(secret) }
    }

    /// A cursor to what comes after the object with this sort key and identifier.
    pub(crate) fn seal(&self, list: ListOf<'_>, after: (Timestamp, &str), now: Timestamp) -> String {
        let contents = Contents { list: list.digest(), issued_at: now, after: (after.0, after.1.to_owned()) };
        let contents = serde_json::to_vec(&contents).expect("times and strings always encode");
        let contents = BASE64_URL_SAFE_NO_PAD.encode(contents);
        let code = self.code(&contents);
        format!("{contents}.{code}")
    }

    /// The sort key and identifier in a cursor.
    pub(crate) fn open(&self, cursor: &str, list: ListOf<'_>, now: Timestamp) -> Result<(Timestamp, String), Refusal> {
        let refused = |reason: &str| Refusal::invalid_field("cursor", reason);
        let (contents, code) = cursor.rsplit_once('.').ok_or_else(|| refused("is not one of this platform's"))?;
        if !same(code, &self.code(contents)) {
            return Err(refused("is not one of this platform's, or was altered"));
        }
        let contents: Contents = BASE64_URL_SAFE_NO_PAD
            .decode(contents)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| refused("is not one of this platform's"))?;
        if contents.list != list.digest() {
            return Err(refused("belongs to another application, shop, operation or set of filters"));
        }
        if now.duration_since(contents.issued_at).is_some_and(|age| age > VALID) {
            return Err(refused("has expired after 24 hours"));
        }
        Ok(contents.after)
    }

    fn code(&self, contents: &str) -> String {
        let mut code = self.key.sign(contents).to_string();
        code.truncate(CODE_DIGITS);
        code
    }
}

/// Compares in a time that doesn't depend on where two texts differ.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_millis(1_767_225_600_000);

    fn filters(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn list<'a>(app_key: &'a str, shop_id: &'a str, filters: &'a [(String, String)]) -> ListOf<'a> {
        ListOf { app_key, shop_id, operation: "trade.orders.list", filters }
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let cursors = Cursors::new(b"secret");
        let (paid, closed) = (filters(&[("status", "paid")]), filters(&[("status", "closed")]));
        let cursor = cursors.seal(list("app", "shop", &paid), (START, "T1"), START);
        assert_eq!(cursors.open(&cursor, list("app", "shop", &paid), START), Ok((START, "T1".to_owned())));
        assert!(cursors.open(&cursor, list("app", "shop", &closed), START).is_err());
        assert!(cursors.open(&cursor, list("app", "other", &paid), START).is_err());
        assert!(cursors.open(&cursor, list("other", "shop", &paid), START).is_err());
        assert!(Cursors::new(b"other").open(&cursor, list("app", "shop", &paid), START).is_err());
    }

    #[test]
    fn filters_are_a_set() {
        let cursors = Cursors::new(b"secret");
        let one = filters(&[("status", "paid"), ("status", "closed")]);
        let two = filters(&[("status", "closed"), ("status", "paid"), ("status", "paid")]);
        let cursor = cursors.seal(list("app", "shop", &one), (START, "T1"), START);
        assert!(cursors.open(&cursor, list("app", "shop", &two), START).is_ok());
    }

    #[test]
    fn every_altered_character_is_noticed() {
        let cursors = Cursors::new(b"secret");
        let cursor = cursors.seal(list("app", "shop", &[]), (START, "T1"), START);
        for index in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(cursors.open(&altered, list("app", "shop", &[]), START).is_err(), "{index}");
        }
    }

    #[test]
    fn a_cursor_is_valid_for_24_hours() {
        let cursors = Cursors::new(b"secret");
        let cursor = cursors.seal(list("app", "shop", &[]), (START, "T1"), START);
        assert!(cursors.open(&cursor, list("app", "shop", &[]), START + VALID).is_ok());
        assert!(cursors.open(&cursor, list("app", "shop", &[]), START + VALID + Duration::from_millis(1)).is_err());
    }
}
