//! The data keys of one application, as the platform gave them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

use super::{DataKey, InvalidDataKey};
use crate::{Error, ErrorKind};

/// The data keys of one application: the active one, and those that it has followed.
pub(super) struct KeyRing {
    active: Arc<DataKey>,
    keys: HashMap<Box<str>, Arc<DataKey>>,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    key_id: String,
    #[serde(deserialize_with = "zeroizing")]
    key: Zeroizing<String>,
    state: String,
    #[serde(default)]
    created_at: String,
}

fn zeroizing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

impl KeyRing {
    /// Reads the platform's answer, and overwrites it.
    pub(super) fn read(body: Bytes) -> Result<Self, Error> {
        let answer: Result<Answer, _> = serde_json::from_slice(&body);
        erase(body);
        // What serde says could repeat a part of a key.
        let answer = answer.map_err(|_| unusable("they are not of the form that the protocol names"))?;
        Self::of(answer.items)
    }

    fn of(items: Vec<Item>) -> Result<Self, Error> {
        let mut keys = HashMap::with_capacity(items.len());
        let mut active: Option<(String, Arc<DataKey>)> = None;
        for item in items {
            let key = DataKey::from_base64(&item.key_id, &item.key);
            let key = Arc::new(key.map_err(|error: InvalidDataKey| unusable(&error.to_string()))?);
            // Times of one form compare as texts.
            if item.state == "active" && active.as_ref().is_none_or(|(since, _)| *since < item.created_at) {
                active = Some((item.created_at, Arc::clone(&key)));
            }
            if keys.insert(key.id().into(), key).is_some() {
                return Err(unusable("an id stands there twice"));
            }
        }
        match active {
            Some((_, active)) => Ok(Self { active, keys }),
            None => Err(unusable("none of them is active")),
        }
    }

    /// The key that new texts are sealed with.
    pub(super) fn active(&self) -> &Arc<DataKey> {
        &self.active
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<DataKey>> {
        self.keys.get(id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("active", &self.active).field("keys", &self.keys.len()).finish()
    }
}

/// Overwrites a body that held secrets, unless somebody else still reads it.
pub(super) fn erase(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body[..].zeroize();
    }
}

fn unusable(reason: &str) -> Error {
    Error::new(ErrorKind::InvalidResponse, format!("the data keys can't be used: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "FqhLWl8fmBZyteARgAUxbvSZr2dPdECmb80A2kuCISQ=";

    fn read(items: &str) -> Result<KeyRing, Error> {
        KeyRing::read(Bytes::from(format!(r#"{{"items":[{items}]}}"#)))
    }

    fn item(id: &str, key: &str, state: &str, created_at: &str) -> String {
        format!(r#"{{"key_id":"{id}","key":"{key}","state":"{state}","created_at":"{created_at}"}}"#)
    }

    #[test]
    fn the_latest_active_key_seals_and_all_open() {
        let items = [
            item("k1", KEY, "retired", "2026-01-01T00:00:00.000Z"),
            item("k2", KEY, "active", "2026-02-01T00:00:00.000Z"),
            item("k3", KEY, "active", "2026-03-01T00:00:00.000Z"),
            item("k4", KEY, "of another world", "2026-04-01T00:00:00.000Z"),
        ];
        let ring = read(&items.join(",")).unwrap();
        assert_eq!(ring.active().id(), "k3");
        assert!(["k1", "k2", "k3", "k4"].iter().all(|id| ring.get(id).is_some()));
        assert!(ring.get("k5").is_none());
        assert!(!format!("{ring:?}").contains("FqhL"));
    }

    #[test]
    fn keys_that_cannot_be_used_are_refused_without_being_shown() {
        let good = item("k1", KEY, "active", "");
        let cases = [
            ("", "none of them is active"),
            (&*item("k1", KEY, "retired", ""), "none of them is active"),
            (&format!("{good},{good}"), "twice"),
            (&item("k 1", KEY, "active", ""), "id of a data key"),
            (&item("k1", &KEY[..40], "active", ""), "base64 of 32 bytes"),
            (r#"{"key_id":"k1","key":{"secret":"FqhLWl8f"},"state":"active"}"#, "form"),
            ("7", "form"),
        ];
        for (items, reason) in cases {
            let error = read(items).unwrap_err();
            assert!(error.message().contains(reason), "{error}");
            assert_eq!(error.kind(), ErrorKind::InvalidResponse);
            assert!(!format!("{error:?}").contains("FqhL"), "{error:?}");
        }
    }
}
