//! Reads copied to a second endpoint, and what comes of the two compared.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;

use super::endpoints::Endpoint;

/// How many copies are under way at most; calls that end meanwhile aren't copied.
const AT_ONCE: usize = 64;
/// How many differences of one answer are told.
const TOLD: usize = 16;

/// A second endpoint that gets a copy of a share of the reads, to see how it would have answered: a new version of a gateway, a region that
/// is being set up.
///
/// A copy is a call of its own, with its own nonce and signature: it is made once, without retries, after the answer to the first has come,
/// and on a task of its own, so that it never delays that one. Writes are never copied. A copy draws on the client's quota like any call,
/// since the platform counts it, but never waits for it: where there is no room now, where 64 copies are under way or no tokio runtime is
/// there, it is left out and counted as such. What the mirror says of quota and time concerns its copies alone.
///
/// Of two successes the bodies are compared as JSON, else as bytes; the order of an object's members makes no difference. Members
/// that are never alike for the same data are left out: `ciphertext` and `next_cursor`, and those that are
/// [named](Self::ignoring). Cursors belong to the endpoint that gave them, so pages after the first often differ.
#[derive(Clone)]
#[must_use]
pub struct Mirror {
    pub(super) endpoint: Endpoint,
    pub(super) share: f64,
    ignored: BTreeSet<String>,
    observer: Option<Observer>,
}

type Observer = Arc<dyn Fn(&Mirrored<'_>) + Send + Sync>;

/// What came of a read and of its copy. It names no values, only where they are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mirrored<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The status of the first answer.
    pub status: u16,
    /// The status of the copy's answer; `None` where none came.
    pub mirror_status: Option<u16>,
    /// The platform's id of the first request.
    pub request_id: Option<&'a str>,
    /// The platform's id of the copy.
    pub mirror_request_id: Option<&'a str>,
    /// Where the bodies of two successes differ, as JSON pointers (RFC 6901), 16 at most; the empty one is the whole body.
    pub differences: &'a [String],
}

/// How often reads were copied since the client was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MirrorCounts {
    /// Copies that were answered alike.
    pub same: u64,
    /// Copies with another status or another body.
    pub different: u64,
    /// Copies that no answer came to.
    pub unanswered: u64,
    /// Copies that were left out: no quota, too many under way, or no runtime.
    pub skipped: u64,
}

impl Mirror {
    /// Copies this share of the reads, from 0 to 1, to this endpoint.
    pub fn new(endpoint: impl Into<Endpoint>, share: f64) -> Self {
        let ignored = ["ciphertext", "next_cursor"].map(str::to_owned).into();
        Self { endpoint: endpoint.into(), share, ignored, observer: None }
    }

    /// Leaves members of this name out of the comparison, wherever they are.
    pub fn ignoring(mut self, member: impl Into<String>) -> Self {
        self.ignored.insert(member.into());
        self
    }

    /// Calls this with each copy that has ended, on the copy's task.
    pub fn on_copy(mut self, observer: impl Fn(&Mirrored<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirror").field("endpoint", &self.endpoint).field("share", &self.share).finish_non_exhaustive()
    }
}

impl Mirrored<'_> {
    /// Whether both were answered with the same status, and successes with the same body.
    pub fn is_same(&self) -> bool {
        self.mirror_status == Some(self.status) && self.differences.is_empty()
    }
}

/// A mirror at work.
pub(crate) struct Mirroring {
    mirror: Mirror,
    under_way: Arc<AtomicUsize>,
    same: AtomicU64,
    different: AtomicU64,
    unanswered: AtomicU64,
    skipped: AtomicU64,
}

/// A copy's place among those under way.
pub(crate) struct Place(Arc<AtomicUsize>);

impl Mirroring {
    pub(super) fn new(mirror: Mirror) -> Self {
        Self {
            mirror,
            under_way: Arc::default(),
            same: AtomicU64::new(0),
            different: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        }
    }

    /// Whether a call of this random number, from 0 up to and without 1, is copied.
    pub(crate) fn wants(&self, random: f64) -> bool {
        random < self.mirror.share
    }

    /// A place for one more copy, where there is one.
    pub(crate) fn place(&self) -> Option<Place> {
        let place = Place(self.under_way.clone());
        (self.under_way.fetch_add(1, Ordering::Relaxed) < AT_ONCE).then_some(place)
    }

    pub(crate) fn skip(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// Which members are left out of the comparison.
    pub(crate) fn is_ignored(&self, member: &str) -> bool {
        self.mirror.ignored.contains(member)
    }

    /// Counts and tells a copy that has ended.
    pub(crate) fn ended(&self, mirrored: &Mirrored<'_>) {
        let count = match mirrored.mirror_status {
            None => &self.unanswered,
            Some(_) if mirrored.is_same() => &self.same,
            Some(_) => &self.different,
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some(observer) = &self.mirror.observer {
            observer(mirrored);
        }
    }

    pub(crate) fn counts(&self) -> MirrorCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        MirrorCounts {
            same: read(&self.same),
            different: read(&self.different),
            unanswered: read(&self.unanswered),
            skipped: read(&self.skipped),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where two bodies differ, as JSON pointers; nothing where they are alike.
pub(crate) fn difference(one: &[u8], other: &[u8], is_ignored: impl Fn(&str) -> bool) -> Vec<String> {
    if one == other {
        return Vec::new();
    }
    match (serde_json::from_slice(one), serde_json::from_slice(other)) {
        (Ok(one), Ok(other)) => {
            let mut found = Vec::new();
            compare(&one, &other, &mut String::new(), &is_ignored, &mut found);
            found
        }
        _ => vec![String::new()],
    }
}

fn compare(one: &Value, other: &Value, at: &mut String, is_ignored: &impl Fn(&str) -> bool, found: &mut Vec<String>) {
    let length = at.len();
    let mut below = |name: &str, one: Option<&Value>, other: Option<&Value>, found: &mut Vec<String>| {
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        match (one, other) {
            (Some(one), Some(other)) => compare(one, other, at, is_ignored, found),
            _ => found.push(at.clone()),
        }
        at.truncate(length);
    };
    match (one, other) {
        _ if found.len() >= TOLD => {}
        (Value::Object(ones), Value::Object(others)) => {
            let names: BTreeSet<&String> = ones.keys().chain(others.keys()).collect();
            for name in names.into_iter().filter(|name| !is_ignored(name)) {
                below(name, ones.get(name), others.get(name), found);
            }
        }
        (Value::Array(ones), Value::Array(others)) => {
            for number in 0..ones.len().max(others.len()).min(ones.len() + TOLD).min(others.len() + TOLD) {
                below(&number.to_string(), ones.get(number), others.get(number), found);
            }
        }
        _ if one == other => {}
        _ => found.push(at.clone()),
    }
    found.truncate(TOLD);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(one: &str, other: &str) -> Vec<String> {
        difference(one.as_bytes(), other.as_bytes(), |name| name == "next_cursor")
    }

    #[test]
    fn differences_are_told_by_where_they_are() {
        assert_eq!(pointers(r#"{"a":1,"b":[1,2]}"#, r#"{ "b":[1,2],"a":1}"#), [""; 0]);
        assert_eq!(
            pointers(r#"{"a":1,"b":[1,{"c/d":null}],"gone":0}"#, r#"{"a":2,"b":[1,{"c/d":0},3],"new":{}}"#),
            ["/a", "/b/1/c~1d", "/b/2", "/gone", "/new"]
        );
        assert_eq!(pointers(r#"{"next_cursor":"x","items":[]}"#, r#"{"items":[]}"#), [""; 0]);
        assert_eq!(pointers("[1]", "{}"), [""]);
        assert_eq!(pointers("a,b", "a,c"), [""]);
    }

    #[test]
    fn no_more_than_some_are_told() {
        let many = format!("[{}]", vec!["0"; 100_000].join(","));
        assert_eq!(pointers(&many, "[]").len(), TOLD);
        assert_eq!(pointers(&many, &many.replace('0', "1")).len(), TOLD);
    }
}
