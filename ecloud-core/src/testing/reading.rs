//! How a recording is read: line by line, each mistake told with its line.

use std::io::{BufRead, BufReader, Read};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::error::Category;

use super::line::{Line, RecordedBody, RecordedError, RecordedRequest, VERSION};
use crate::{Error, ErrorKind};

/// The longest line that is read, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

/// An exchange that was read.
pub(super) struct Entry {
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) salt: String,
    pub(super) request: RecordedRequest,
    pub(super) outcome: RecordedOutcome,
}

pub(super) enum RecordedOutcome {
    Failed(RecordedError),
    Answered { status: StatusCode, headers: HeaderMap, body: RecordedContent, cut: Option<RecordedError> },
}

/// The body of an answer.
pub(super) enum RecordedContent {
    Bytes(Bytes),
    /// As many bytes that weren't recorded.
    Zeros(usize),
    /// Why there is none.
    Omitted(String),
}

/// Reads a recording; empty lines are passed over.
pub(super) fn read(recording: impl Read) -> Result<Vec<Entry>, Error> {
    let mut reader = BufReader::new(recording);
    let mut entries = Vec::new();
    for number in 1.. {
        let wrong = |what: String| Error::new(ErrorKind::Configuration, format!("recording, line {number}: {what}"));
        let mut line = Vec::new();
        let length = reader
            .by_ref()
            .take(LONGEST as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| wrong(format!("it can't be read: {error}")))?;
        if length == 0 {
            break;
        }
        if length > LONGEST {
            return Err(wrong(format!("longer than {} MiB", LONGEST >> 20)));
        }
        if !line.trim_ascii().is_empty() {
            entries.push(entry(number, &line).map_err(wrong)?);
        }
    }
    Ok(entries)
}

#[derive(Deserialize)]
struct Version {
    v: Option<u64>,
}

fn entry(number: usize, text: &[u8]) -> Result<Entry, String> {
    let is_whole = text.ends_with(b"\n");
    // What serde_json says may hold values, so only the place is told.
    let explain = |error: serde_json::Error| match error.classify() {
        Category::Eof if is_whole => "JSON that is cut off".to_owned(),
        Category::Eof => "cut off; the recorder may have been stopped while it wrote".to_owned(),
        Category::Data => format!("not an exchange of version {VERSION}: see column {}", error.column()),
        Category::Syntax | Category::Io => format!("not JSON: see column {}", error.column()),
    };
    let version: Version = serde_json::from_slice(text).map_err(explain)?;
    match version.v {
        Some(VERSION) => {}
        Some(version) => return Err(format!("version {version} of the format isn't known, only {VERSION} is")),
        None => return Err("not an exchange: `v`, the version of the format, is missing".to_owned()),
    }
    let line: Line = serde_json::from_slice(text).map_err(explain)?;
    if Method::from_bytes(line.request.method.as_bytes()).is_err() {
        return Err("its method isn't one".to_owned());
    }
    let outcome = match (line.response, line.error) {
        (Some(response), None) => RecordedOutcome::Answered {
            status: StatusCode::from_u16(response.status).map_err(|_| "its status isn't one".to_owned())?,
            headers: headers(&response.headers)?,
            body: content(response.body)?,
            cut: response.cut,
        },
        (None, Some(error)) => RecordedOutcome::Failed(error),
        _ => return Err("it has to have either `response` or `error`".to_owned()),
    };
    Ok(Entry { line: number, salt: line.salt, request: line.request, outcome })
}

fn headers(recorded: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (index, (name, value)) in recorded.iter().enumerate() {
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let (name, value) = header.ok_or_else(|| format!("header {} of its response isn't one", index + 1))?;
        headers.try_append(name, value).map_err(|_| "its response has too many headers".to_owned())?;
    }
    Ok(headers)
}

fn content(body: RecordedBody) -> Result<RecordedContent, String> {
    Ok(match body {
        RecordedBody::Empty => RecordedContent::Bytes(Bytes::new()),
        RecordedBody::Text(text) => RecordedContent::Bytes(text.into()),
        RecordedBody::Binary { length, .. } if length <= LONGEST => RecordedContent::Zeros(length),
        RecordedBody::Binary { .. } => return Err(format!("its response is larger than {} MiB", LONGEST >> 20)),
        RecordedBody::Omitted(reason) => RecordedContent::Omitted(reason),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str =
        r#"{"v":1,"salt":"x","request":{"method":"GET","path":"/"},"error":{"sent":false,"message":"m"}}"#;

    fn mistake(recording: &str) -> String {
        read(recording.as_bytes()).err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn empty_lines_are_passed_over_and_the_last_needs_no_end() {
        let entries = read(format!("\n{GOOD}\r\n \n{GOOD}").as_bytes()).unwrap();
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 4]);
        assert!(read(&b""[..]).unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_values() {
        let answer = |response: &str| {
            format!(r#"{{"v":1,"salt":"x","request":{{"method":"GET","path":"/"}},"response":{response}}}"#)
        };
        for (line, expected) in [
            (GOOD[..40].to_owned(), "cut off; the recorder may have been stopped while it wrote"),
            ("{\n".to_owned(), "JSON that is cut off"),
            ("planted\n".to_owned(), "not JSON: see column 1"),
            ("\u{0}\u{1}\n".to_owned(), "not JSON: see column 1"),
            (GOOD.replace("\"v\":1", "\"v\":2"), "version 2 of the format isn't known, only 1 is"),
            ("{}\n".to_owned(), "not an exchange: `v`, the version of the format, is missing"),
            (GOOD.replace("\"GET\"", "\"G T\""), "its method isn't one"),
            (GOOD.replace("\"GET\"", "[\"planted\"]"), "not an exchange of version 1: see column"),
            (GOOD.replace("\"error\"", "\"planted\""), "it has to have either `response` or `error`"),
            (answer(r#"{"status":99}"#), "its status isn't one"),
            (answer(r#"{"status":200,"headers":[["a b","planted"]]}"#), "header 1 of its response isn't one"),
            (
                answer(r#"{"status":200,"body":{"binary":{"length":99999999999,"hash":""}}}"#),
                "its response is larger than 64 MiB",
            ),
        ] {
            let mistake = mistake(&format!("{GOOD}\n{line}"));
            assert!(mistake.starts_with(&format!("recording, line 2: {expected}")), "{mistake}");
            assert!(!mistake.contains("planted"), "{mistake}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_memory_is_full() {
        let endless = std::io::repeat(b'x');
        assert!(read(endless).is_err_and(|error| error.message() == "recording, line 1: longer than 64 MiB"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes[..]);
        }

        #[test]
        fn a_line_with_anything_in_it_is_read_or_refused(at in 0..GOOD.len(), bytes in "\\PC{0,8}") {
            let _ = read(format!("{}{bytes}{}", &GOOD[..at], &GOOD[at..]).as_bytes());
        }
    }
}
