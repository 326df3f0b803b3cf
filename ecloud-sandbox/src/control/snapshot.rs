//! Snapshots over HTTP: the document is the answer, or the body. No path is taken, so nobody can have a file written or read.

use std::io::{self, Write};

use bytes::{Buf, Bytes};
use ecloud_core::Timestamp;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};

use super::http::no_route;
use crate::platform::reply::Reply;
use crate::platform::{Answer, Platform, Refusal, Request, RequestBody, State};
use crate::snapshot::{MEDIA_TYPE, SnapshotError};
use crate::xml::Format;

/// Whether a request for the control interface is one of these.
pub(crate) fn is_about_snapshots(path: &[String], method: &Method) -> bool {
    match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["v1", "snapshot"] => method == Method::GET || method == Method::HEAD,
        ["v1", "restore"] => method == Method::POST,
        _ => false,
    }
}

impl Platform {
    /// Answers with a snapshot, or goes on from the one that was sent.
    pub(crate) fn answer_about_snapshots(&self, state: &mut State, request: &Request, now: Timestamp) -> Answer {
        let request_id = state.next_request_id();
        let done = match () {
            () if !request.from_loopback => Err(no_route()),
            () if request.method == Method::POST => self.take_back(state, request),
            () => self.give(state, now),
        };
        let reply = done.unwrap_or_else(|refusal| Reply::refusal(&refusal, &request_id, Format::Json));
        reply.into_answer(&request.method, &request_id, now)
    }

    fn give(&self, state: &mut State, now: Timestamp) -> Result<Reply, Refusal> {
        let mut document = Document(Vec::new());
        self.write(state, &mut document, now).map_err(refused)?;
        let mut reply = Reply::success(StatusCode::OK, Some(document.0.into()), Format::Json);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        Ok(reply)
    }

    fn take_back(&self, state: &mut State, request: &Request) -> Result<Reply, Refusal> {
        let document = document(request)?;
        *state = self.read(&mut document.reader()).map_err(refused)?;
        Ok(Reply::success(StatusCode::NO_CONTENT, None, Format::Json))
    }
}

/// A snapshot in memory: no larger than one that could be restored over HTTP.
struct Document(Vec<u8>);

impl Write for Document {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > Request::SNAPSHOT_LIMIT {
            let message = format!("it is larger than {} bytes: save it to a file", Request::SNAPSHOT_LIMIT);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body, which must say that it is a snapshot: a page in a browser can't send that without being asked first.
fn document(request: &Request) -> Result<Bytes, Refusal> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.split(';').next().map(str::trim) != Some(MEDIA_TYPE) {
        let message = format!("the body must be a snapshot, with content-type: {MEDIA_TYPE}");
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.unsupported_media_type", message));
    }
    match &request.body {
        RequestBody::Whole(bytes) => Ok(bytes.clone()),
        RequestBody::Incomplete => Err(Refusal::invalid("the body ended before all of it was there")),
        RequestBody::TooLarge => {
            let message =
                format!("the snapshot is larger than {} bytes: restore it from its file", Request::SNAPSHOT_LIMIT);
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", message))
        }
    }
}

fn refused(error: SnapshotError) -> Refusal {
    Refusal::rule("sandbox.snapshot_refused", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_could_not_be_sent_back_is_not_made() {
        let mut document = Document(vec![0; Request::SNAPSHOT_LIMIT - 2]);
        document.write_all(b"ab").unwrap();
        let error = document.write_all(b"c").unwrap_err();
        assert!(error.to_string().contains("save it to a file"), "{error}");
        assert_eq!(document.0.len(), Request::SNAPSHOT_LIMIT);
    }
}
