//! The hash chain: each line holds the hash of the one before it, and its own.
//!
//! `{"seq":2,"prev":"<64 hex digits>","record":{…},"hash":"<64 hex digits>"}`; the hash is that of the line up to the comma before `"hash"`,
//! SHA-256 or, with a key, HMAC-SHA256. Beside the file stands `<file>.head` with the last line's number and hash, and a hash of both: without
//! it nobody could tell a log whose end is missing from one that ends there.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::codec::hex;

/// What the first line names as the hash before it.
pub(super) const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const HASH: usize = 64;
/// `,"hash":"…"}`
const SUFFIX: usize = 9 + HASH + 2;

/// How lines are hashed.
#[derive(Clone)]
pub(super) enum Hasher {
    Plain,
    Keyed(Zeroizing<Vec<u8>>),
}

impl Hasher {
    fn hash(&self, text: &[u8]) -> String {
        let digest: [u8; 32] = match self {
            Self::Plain => Sha256::digest(text).into(),
            Self::Keyed(key) => {
                // HMAC takes keys of any length.
                let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
                mac.chain_update(text).finalize().into_bytes().into()
            }
        };
        let mut digits = [0; HASH];
        hex::write_lower(&digest, &mut digits);
        String::from_utf8_lossy(&digits).into_owned()
    }

    /// A line without its end, and its hash.
    pub(super) fn line(&self, seq: u64, prev: &str, record: &str) -> (String, String) {
        let mut line = format!(r#"{{"seq":{seq},"prev":"{prev}","record":{record}"#);
        let hash = self.hash(line.as_bytes());
        line.push_str(&format!(r#","hash":"{hash}"}}"#));
        (line, hash)
    }

    /// The text of the head file.
    pub(super) fn head(&self, seq: u64, hash: &str) -> String {
        let head = format!("{seq} {hash}");
        format!("{head} {}\n", self.hash(format!("head {head}").as_bytes()))
    }

    /// Number and hash of a head file's text; `None` where it wasn't written by [`head`](Self::head).
    pub(super) fn read_head(&self, text: &str) -> Option<(u64, String)> {
        let mut parts = text.split(' ');
        let (seq, hash) = (parts.next()?.parse().ok()?, parts.next()?);
        (self.head(seq, hash) == text).then(|| (seq, hash.to_owned()))
    }

    /// Whether a line's hash is that of its text.
    pub(super) fn agrees(&self, line: &Line<'_>) -> bool {
        self.hash(line.text.as_bytes()) == line.hash
    }
}

/// A line, taken apart.
pub(super) struct Line<'a> {
    pub(super) seq: u64,
    pub(super) prev: &'a str,
    text: &'a str,
    pub(super) hash: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let (text, suffix) = line.split_at_checked(line.len().checked_sub(SUFFIX)?)?;
        let hash = suffix.strip_prefix(r#","hash":""#)?.strip_suffix(r#""}"#)?;
        let (seq, rest) = text.strip_prefix(r#"{"seq":"#)?.split_once(',')?;
        let (prev, _) = rest.strip_prefix(r#""prev":""#)?.split_once(r#"","record":{"#)?;
        Some(Self { seq: seq.parse().ok()?, prev, text, hash })
    }
}
