//! Sections 1 and 2: media types, which are obeyed and never sniffed.

use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::description::Operation;
use crate::platform::Refusal;

/// How data is written: either stands where the descriptions say the first.
const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// Refuses what the platform can't read or can't write.
pub(crate) fn check(operation: &Operation, headers: &HeaderMap, has_body: bool) -> Result<(), Refusal> {
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(unsupported("a request's content-encoding is not supported"));
    }
    let accept = essence(headers, &ACCEPT);
    if !matches!(accept.as_deref(), Some(JSON | XML | "*/*")) {
        return Err(unsupported("accept must be application/json, application/xml or */*"));
    }
    if let (true, Some(body)) = (has_body, &operation.body) {
        let declared = body.content_type.as_str();
        let said = essence(headers, &CONTENT_TYPE);
        if said.as_deref() != Some(declared) && !(declared == JSON && said.as_deref() == Some(XML)) {
            let other = if declared == JSON { " or application/xml" } else { "" };
            return Err(unsupported(format!("content-type must be {declared}{other}, in UTF-8")));
        }
    }
    Ok(())
}

/// A media type without its one harmless parameter, `charset=utf-8`; any other parameter stays and so matches nothing.
pub(crate) fn essence(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let (first, None) = (values.next()?, values.next()) else { return None };
    let value = first.to_str().ok()?.to_ascii_lowercase();
    let (essence, parameter) = value.split_once(';').unwrap_or((&value, "charset=utf-8"));
    match parameter.trim() {
        "charset=utf-8" | "charset=\"utf-8\"" => Some(essence.trim().to_owned()),
        _ => None,
    }
}

fn unsupported(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", message)
}
