//! Which part of a file an answer holds (RFC 9110, section 14.4).

use http::{HeaderMap, header};

/// `bytes 0-9/100`, or `bytes */100` where the range asked for isn't in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The first byte of the part, and its length; `None` where there is none.
    pub(super) part: Option<(u64, u64)>,
    /// Bytes of the whole file.
    pub(super) total: u64,
}

impl ContentRange {
    /// What the answer says, once and in the form that it has; a file of unknown size can't be read by range.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(header::CONTENT_RANGE).iter();
        let only = all.next().filter(|_| all.next().is_none())?;
        let (range, total) = only.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
        let total = number(total)?;
        if range == "*" {
            return Some(Self { part: None, total });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        (first <= last && last < total).then(|| Self { part: Some((first, last - first + 1)), total })
    }
}

/// Digits alone, where `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(text: &'static str) -> Option<ContentRange> {
        ContentRange::of(&HeaderMap::from_iter([(header::CONTENT_RANGE, HeaderValue::from_static(text))]))
    }

    #[test]
    fn a_part_and_the_whole_are_read() {
        assert_eq!(read("bytes 0-9/100"), Some(ContentRange { part: Some((0, 10)), total: 100 }));
        assert_eq!(read("bytes 99-99/100"), Some(ContentRange { part: Some((99, 1)), total: 100 }));
        assert_eq!(read("bytes */0"), Some(ContentRange { part: None, total: 0 }));
        assert_eq!(
            read("bytes 0-18446744073709551614/18446744073709551615"),
            Some(ContentRange { part: Some((0, u64::MAX)), total: u64::MAX })
        );
    }

    #[test]
    fn what_lies_is_not_believed() {
        for text in [
            "",
            "bytes",
            "bytes 0-9",
            "bytes 0-9/*",
            "bytes 9-0/100",
            "bytes 0-100/100",
            "bytes -9/100",
            "bytes 0-/100",
            "0-9/100",
            "items 0-9/100",
            "bytes +0-9/100",
            "bytes 0-9/-1",
            "bytes 0-9/18446744073709551616",
            "bytes  0-9/100",
            "bytes 0-9/100 ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let mut twice = HeaderMap::new();
        twice.append(header::CONTENT_RANGE, HeaderValue::from_static("bytes 0-9/100"));
        twice.append(header::CONTENT_RANGE, HeaderValue::from_static("bytes 0-9/200"));
        assert_eq!(ContentRange::of(&twice), None);
    }
}
