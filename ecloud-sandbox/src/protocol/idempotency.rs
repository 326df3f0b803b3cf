//! Section 6: what became of each write, by its key.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::Refusal;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// How long a key stays bound to its first request.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Whose key it is: keys of other applications and shops never meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct KeyOf {
    pub(crate) app_key: String,
    pub(crate) shop_id: Option<String>,
    pub(crate) key: String,
}

/// All that a key is bound to, as one digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The digest of a request: its method, path, query pairs as a set, content type and body.
    pub(crate) fn of(
        method: &str,
        path: &str,
        query: &[(String, String)],
        content_type: Option<&str>,
        body: &[u8],
    ) -> Self {
        let mut pairs: Vec<_> = query.iter().collect();
        pairs.sort();
        let mut digest = Sha256::new();
        let mut part = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        part(method.as_bytes());
        part(path.as_bytes());
        part(content_type.unwrap_or_default().as_bytes());
        part(body);
        for (name, value) in pairs {
            part(name.as_bytes());
            part(value.as_bytes());
        }
        Self(digest.finalize().into())
    }
}

/// A finished operation: what is given again to every later attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: StatusCode,
    pub(crate) body: Result<Option<Bytes>, Refusal>,
}

/// What the memory knows about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The key is new: do it, then [`keep`](Idempotency::keep) the outcome.
    New,
    /// It was done; this was the outcome.
    Replay(Outcome),
}

/// The outcomes of the last 24 hours.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    entries: HashMap<KeyOf, Entry>,
    oldest_first: VecDeque<(Timestamp, KeyOf)>,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    outcome: Outcome,
    /// The first attempt's answer is on its way until then.
    under_way_until: Timestamp,
}

impl Idempotency {
    /// Looks a request up.
    pub(crate) fn look_up(&mut self, key: &KeyOf, fingerprint: Fingerprint, now: Timestamp) -> Result<Lookup, Refusal> {
        self.forget(now);
        let Some(entry) = self.entries.get(key) else { return Ok(Lookup::New) };
        if entry.fingerprint != fingerprint {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "idempotency.conflict",
                "the idempotency key belongs to another request of the last 24 hours",
            ));
        }
        match entry.under_way_until.duration_since(now) {
            Some(left) if !left.is_zero() => Err(Refusal::new(
                StatusCode::CONFLICT,
                "idempotency.in_progress",
                "the first request with this idempotency key is still under way",
            )
            .with_retry_after(left)),
            _ => Ok(Lookup::Replay(entry.outcome.clone())),
        }
    }

    /// Keeps an outcome whose answer takes `delay` to leave.
    pub(crate) fn keep(
        &mut self,
        key: KeyOf,
        fingerprint: Fingerprint,
        outcome: Outcome,
        now: Timestamp,
        delay: Duration,
    ) {
        self.oldest_first.push_back((now, key.clone()));
        self.entries.insert(key, Entry { fingerprint, outcome, under_way_until: now + delay });
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((kept_at, key)) = self.oldest_first.front() {
            if now.duration_since(*kept_at).is_none_or(|age| age < KEPT) {
                break;
            }
            self.entries.remove(key);
            self.oldest_first.pop_front();
        }
    }
}

/// A key and what it is bound to, as a row of a saved platform.
#[derive(Serialize, Deserialize)]
struct KeyRow {
    kept_at: Timestamp,
    key: KeyOf,
    fingerprint: Fingerprint,
    #[serde(with = "crate::snapshot::http_status")]
    status: StatusCode,
    answer: AnswerRow,
    under_way_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerRow {
    Nothing,
    Body(#[serde(with = "crate::snapshot::base64")] Bytes),
    Refusal(Refusal),
}

impl Part for Idempotency {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { entries, oldest_first } = self;
        let row = |(kept_at, key): &(Timestamp, KeyOf)| {
            let Entry { fingerprint, outcome, under_way_until } = entries.get(key)?;
            let answer = match &outcome.body {
                Ok(None) => AnswerRow::Nothing,
                Ok(Some(body)) => AnswerRow::Body(body.clone()),
                Err(refusal) => AnswerRow::Refusal(refusal.clone()),
            };
            let (fingerprint, status, under_way_until) = (*fingerprint, outcome.status, *under_way_until);
            Some(KeyRow { kept_at: *kept_at, key: key.clone(), fingerprint, status, answer, under_way_until })
        };
        writer.rows("idempotency_key", oldest_first.iter().filter_map(row))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        if record.kind() != "idempotency_key" {
            return Ok(false);
        }
        let KeyRow { kept_at, key, fingerprint, status, answer, under_way_until } = record.read()?;
        let body = match answer {
            AnswerRow::Nothing => Ok(None),
            AnswerRow::Body(body) => Ok(Some(body)),
            AnswerRow::Refusal(refusal) => Err(refusal),
        };
        self.oldest_first.push_back((kept_at, key.clone()));
        self.entries.insert(key, Entry { fingerprint, outcome: Outcome { status, body }, under_way_until });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_millis(1_767_225_600_000);

    fn key(text: &str) -> KeyOf {
        KeyOf { app_key: "app".into(), shop_id: Some("shop".into()), key: text.into() }
    }

    fn print(body: &str) -> Fingerprint {
        Fingerprint::of("POST", "/a", &[], Some("application/json"), body.as_bytes())
    }

    fn outcome() -> Outcome {
        Outcome { status: StatusCode::OK, body: Ok(Some(Bytes::from_static(b"{}"))) }
    }

    #[test]
    fn the_same_request_gets_the_outcome_again_for_24_hours() {
        let mut memory = Idempotency::default();
        assert_eq!(memory.look_up(&key("k"), print("1"), START), Ok(Lookup::New));
        memory.keep(key("k"), print("1"), outcome(), START, Duration::ZERO);
        assert_eq!(memory.look_up(&key("k"), print("1"), START), Ok(Lookup::Replay(outcome())));
        let last = START + KEPT - Duration::from_millis(1);
        assert_eq!(memory.look_up(&key("k"), print("1"), last), Ok(Lookup::Replay(outcome())));
        assert_eq!(memory.look_up(&key("k"), print("1"), START + KEPT), Ok(Lookup::New));
    }

    #[test]
    fn another_request_under_the_key_is_a_conflict() {
        let mut memory = Idempotency::default();
        memory.keep(key("k"), print("1"), outcome(), START, Duration::ZERO);
        assert_eq!(memory.look_up(&key("k"), print("2"), START).unwrap_err().code(), "idempotency.conflict");
    }

    #[test]
    fn a_request_is_in_progress_until_its_answer_has_left() {
        let mut memory = Idempotency::default();
        memory.keep(key("k"), print("1"), outcome(), START, Duration::from_millis(800));
        let refusal = memory.look_up(&key("k"), print("1"), START + Duration::from_millis(300)).unwrap_err();
        assert_eq!(
            (refusal.code(), refusal.retry_after()),
            ("idempotency.in_progress", Some(Duration::from_millis(500)))
        );
        assert!(memory.look_up(&key("k"), print("1"), START + Duration::from_millis(800)).is_ok());
    }

    #[test]
    fn a_fingerprint_takes_query_pairs_as_a_set() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let one = Fingerprint::of("POST", "/a", &[pair("a", "1"), pair("b", "2")], None, b"");
        let two = Fingerprint::of("POST", "/a", &[pair("b", "2"), pair("a", "1")], None, b"");
        let other = Fingerprint::of("POST", "/a", &[pair("b", "21"), pair("a", "")], None, b"");
        assert_eq!(one, two);
        assert_ne!(one, other);
    }
}
