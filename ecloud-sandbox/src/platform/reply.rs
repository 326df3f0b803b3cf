//! How an answer is written: its head is the same for all (protocol, section 3).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ecloud_core::Timestamp;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::{Answer, Refusal};
use crate::xml::Format;

/// What will be an answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// What the body is.
    pub(crate) format: Format,
}

impl Reply {
    pub(crate) fn success(status: StatusCode, body: Option<Bytes>, format: Format) -> Self {
        Self { status, headers: HeaderMap::new(), body, format }
    }

    pub(crate) fn refusal(refusal: &Refusal, request_id: &str, format: Format) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(delay) = refusal.retry_after() {
            headers.insert("x-ecloud-retry-after-ms", millis(delay).into());
        }
        Self { status: refusal.status(), headers, body: Some(refusal.body(request_id, format)), format }
    }

    /// An error without a body, as a gateway in front of the platform may answer.
    pub(crate) fn bare(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: None, format: Format::Json }
    }

    /// The answer to a request with this method, at this time.
    pub(crate) fn into_answer(mut self, method: &Method, request_id: &str, now: Timestamp) -> Answer {
        let headers = &mut self.headers;
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("x-ecloud-request-id", id);
        }
        if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
            headers.insert(header::DATE, date);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut body = self.body.unwrap_or_default();
        if !body.is_empty() {
            let media_type = HeaderValue::from_static(self.format.media_type());
            headers.entry(header::CONTENT_TYPE).or_insert(media_type);
        }
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        if method == Method::HEAD {
            body = Bytes::new();
        }
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        Answer { response, delay: Duration::ZERO, cut: None, pace: None }
    }
}

/// Whole milliseconds, rounded up: a wait is never too short.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// The `date` header's form; it knows no time before 1970.
fn http_date(now: Timestamp) -> String {
    let time = if now < Timestamp::UNIX_EPOCH { UNIX_EPOCH } else { SystemTime::from(now) };
    httpdate::fmt_http_date(time)
}
