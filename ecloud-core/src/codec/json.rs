//! JSON in and out, with errors that say where.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Writable;
use crate::sensitive::InRequest;

/// Writes a request's body: personal fields go out as ciphertext, and a mere mask is refused.
///
/// # Errors
///
/// Those of the value's `Serialize`.
pub(crate) fn request_body(value: &dyn Writable) -> Result<Bytes, serde_json::Error> {
    let _request = InRequest::enter();
    // Most bodies are at least as long as this; shorter ones aren't worth a second allocation.
    let mut out = Vec::with_capacity(128);
    value.write_json(&mut out)?;
    Ok(Bytes::from(out))
}

/// Why an answer's body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("the body is not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    #[error("the body is not JSON: {reason} at byte {offset}")]
    NotJson { reason: &'static str, offset: usize },
    #[error("the body has another shape at `{path}`: {reason}")]
    OtherShape { path: String, reason: String },
}

/// Reads an answer's body; an empty one reads as `null`, for operations without a result.
///
/// The bytes are checked for UTF-8 once and read as text, which is faster than checking each string.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ReadError> {
    read_borrowed(body)
}

/// Reads a body into what borrows from it.
pub(crate) fn read_borrowed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ReadError> {
    let text = std::str::from_utf8(body).map_err(|error| ReadError::NotUtf8(error.valid_up_to()))?;
    let text = if text.is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// Says where and why, but not what stood there, which may be personal.
fn explain(text: &str, error: &serde_json::Error) -> ReadError {
    let offset = offset_of(text, error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => ReadError::NotJson { reason: "it ends too early", offset },
        serde_json::error::Category::Data => {
            ReadError::OtherShape { path: path_at(text, offset), reason: without_values(&error.to_string()) }
        }
        _ => ReadError::NotJson { reason: "it breaks off", offset },
    }
}

fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column).min(text.len())
}

/// `invalid type: string "138…", expected u64 at line 1 column 9` without the quoted value and the position.
pub(super) fn without_values(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    let mut shown = String::new();
    for (at, piece) in message.split('"').enumerate() {
        shown.push_str(if at % 2 == 0 { piece } else { "…" });
    }
    crate::error::redact(&shown)
}

/// The path to the value that ends at `offset` or holds it: `items[3].payment.amount`.
fn path_at(text: &str, offset: usize) -> String {
    enum Step<'a> {
        Member(&'a str),
        Element(usize),
    }
    let bytes = &text.as_bytes()[..offset.min(text.len())];
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut string_start = None;
    let mut last_string = "";
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], string_start) {
            (b'\\', Some(_)) => at += 1,
            (b'"', Some(start)) => {
                last_string = text.get(start..at).unwrap_or("");
                string_start = None;
            }
            (_, Some(_)) => {}
            (b'"', None) => string_start = Some(at + 1),
            (b'{', None) => steps.push(Step::Member("")),
            (b'[', None) => steps.push(Step::Element(0)),
            // The error of a missing member points behind the object: the path then names the object.
            (b'}' | b']', None) if at + 1 < bytes.len() => {
                steps.pop();
            }
            (b'}' | b']', None) => {
                steps.pop();
            }
            (b':', None) => {
                if let Some(Step::Member(name)) = steps.last_mut() {
                    *name = last_string;
                }
            }
            (b',', None) => match steps.last_mut() {
                Some(Step::Element(index)) => *index += 1,
                Some(Step::Member(name)) => *name = "",
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for step in &steps {
        match step {
            Step::Member("") => {}
            Step::Member(name) if path.is_empty() => path.push_str(name),
            Step::Member(name) => {
                path.push('.');
                path.push_str(name);
            }
            Step::Element(index) => path.push_str(&format!("[{index}]")),
        }
    }
    if path.is_empty() { "the whole body".to_owned() } else { crate::error::redact(&path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Page {
        items: Vec<Order>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Order {
        id: String,
        total: u64,
    }

    fn refusal(body: &str) -> String {
        read::<Page>(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_value_is_named_by_its_path_and_not_shown() {
        let said = refusal(r#"{"items":[{"id":"a, ] } \" b","total":1},{"id":"b","total":"13800138000"}]}"#);
        assert_eq!(said, "the body has another shape at `items[1].total`: invalid type: string …, expected u64");
    }

    #[test]
    fn a_missing_member_is_named_with_its_object() {
        let said = refusal(r#"{"items":[{"id":"a","total":1},{"id":"b"}]}"#);
        assert_eq!(said, "the body has another shape at `items[1]`: missing field `total`");
    }

    #[test]
    fn what_is_no_json_says_where_it_ends() {
        assert_eq!(refusal(r#"{"items":[{"id""#), "the body is not JSON: it ends too early at byte 15");
        assert!(refusal("<html>").starts_with("the body is not JSON: it breaks off at byte"));
        assert_eq!(read::<Page>(b"{\"items\xff").unwrap_err().to_string(), "the body is not UTF-8 from byte 7 on");
    }

    #[test]
    fn an_empty_body_is_a_result_of_nothing() {
        assert!(read::<()>(b"").is_ok());
        assert!(read::<Page>(b"").is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in "[\\[\\]{}:,\"\\\\a1张 \n]{0,60}") {
            let _ = read::<Page>(body.as_bytes());
        }
    }
}
