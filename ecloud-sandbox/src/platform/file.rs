//! A file as an answer (protocol, section 11): whole, or the range that was asked for, with the hash of the whole.

use std::fmt::Write as _;
use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::reply::Reply;
use crate::xml::Format;

/// Answers with a file. A range that it doesn't have is refused with 416; what is no single range of bytes is passed over (RFC 9110,
/// section 14.2).
pub(super) fn reply(status: StatusCode, file: Bytes, request: &HeaderMap) -> Reply {
    let size = file.len();
    let wanted = request.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, body, content_range) = match wanted.and_then(|range| range_of(range, size)) {
        None => (status, file.clone(), None),
        Some(Some(range)) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            (StatusCode::PARTIAL_CONTENT, file.slice(range), Some(shown))
        }
        Some(None) => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(format!("bytes */{size}"))),
    };
    let mut reply = Reply::success(status, Some(body), Format::Json);
    let headers = &mut reply.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(hash) = HeaderValue::from_str(&sha256(&file)) {
        headers.insert("x-ecloud-file-sha256", hash);
    }
    if let Some(range) = content_range.and_then(|range| HeaderValue::from_str(&range).ok()) {
        headers.insert(header::CONTENT_RANGE, range);
    }
    reply
}

/// The SHA-256 of a file, in lower-case hexadecimal.
pub(crate) fn sha256(file: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(file) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The range of a file that a `range` header means: `None` where it means none, `Some(None)` where the file doesn't have it.
fn range_of(header: &str, size: usize) -> Option<Option<Range<usize>>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<usize>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let range = match (first, last) {
        ("", suffix) => size - number(suffix)?.min(size)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(Some(range).filter(|range| range.start < range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_end_of_the_file() {
        assert_eq!(range_of("bytes=2-", 10), Some(Some(2..10)));
        assert_eq!(range_of("bytes=2-3", 10), Some(Some(2..4)));
        assert_eq!(range_of("bytes=2-99", 10), Some(Some(2..10)));
        assert_eq!(range_of("bytes=-4", 10), Some(Some(6..10)));
        assert_eq!(range_of("bytes=-40", 10), Some(Some(0..10)));
    }

    #[test]
    fn a_range_beyond_the_file_is_told_from_what_is_no_range() {
        assert_eq!(range_of("bytes=10-", 10), Some(None));
        assert_eq!(range_of("bytes=-0", 10), Some(None));
        for other in ["items=1-2", "bytes=3-2", "bytes=1-2,4-5", "bytes=+1-2", "bytes=a-b", "bytes"] {
            assert_eq!(range_of(other, 10), None, "{other}");
        }
    }

    #[test]
    fn a_part_carries_the_hash_of_the_whole() {
        let mut request = HeaderMap::new();
        request.insert(header::RANGE, HeaderValue::from_static("bytes=1-2"));
        let reply = reply(StatusCode::OK, Bytes::from_static(b"abc"), &request);
        assert_eq!((reply.status.as_u16(), reply.body.as_deref()), (206, Some(&b"bc"[..])));
        assert_eq!(reply.headers["content-range"], "bytes 1-2/3");
        assert_eq!(
            reply.headers["x-ecloud-file-sha256"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
