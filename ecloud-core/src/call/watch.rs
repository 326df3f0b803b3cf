//! What can be seen of a call from outside: a span a call and one an attempt, and what the metrics count.
//!
//! The fields of both spans stand here, and nothing else of a call, an answer or an error gets there: an allow-list, so that nothing leaks
//! when a struct grows. The crate's page has the table. The shop isn't in it: its id is the caller's own word for it, a name or a telephone
//! number perhaps. Nor are path and query, whose values may be personal, but for the path's template.

use std::borrow::Cow;

use http::{Method, Uri, Version, uri::Scheme};
use tracing::Span;
use tracing::field::{self, Empty};

use super::again::Failure;
use super::metrics::{AttemptMeter, CallMeter};
use super::outgoing::Outgoing;
use super::record::Progress;
use super::sign::Signed;
use super::transport::Received;
use crate::Error;
use crate::client::{Inner, RawAnswer};
use crate::error::redact;

/// What takes the place of a value that might be anything, as in OpenTelemetry's conventions.
const OTHER: &str = "_OTHER";

/// A call that is watched.
pub(crate) struct CallWatch {
    pub(super) span: Span,
    meter: CallMeter,
}

impl CallWatch {
    pub(super) fn begin(client: &Inner, call: &Outgoing) -> Self {
        let span = tracing::info_span!(
            "ecloud.call",
            otel.name = call.shown(),
            otel.kind = "internal",
            otel.status_code = Empty,
            ecloud.operation = call.shown(),
            ecloud.quota_group = quota_group(call),
            ecloud.attempts = Empty,
            ecloud.request_id = Empty,
            http.request.method = known(&call.method),
            http.response.status_code = Empty,
            url.template = call.template,
            error.type = Empty,
        );
        Self { span, meter: CallMeter::begin(client, call) }
    }

    /// The pipeline has come to its end.
    pub(super) fn answered(&mut self, client: &Inner, outcome: &Result<RawAnswer, Error>) {
        self.meter.answered(client);
        if self.span.is_disabled() {
            return;
        }
        let (status, request_id, attempts) = match outcome {
            Ok(answer) => (Some(answer.meta.status()), answer.meta.request_id(), answer.meta.attempts()),
            Err(error) => (error.status(), error.request_id(), error.attempts().len()),
        };
        self.span.record("http.response.status_code", status);
        note_request_id(&self.span, request_id);
        self.span.record("ecloud.attempts", attempts);
    }

    /// The call has come to its end, its answer is read.
    pub(super) fn end(self, error: Option<&Error>) {
        if let Some(error) = error {
            note_failure(&self.span, error.kind().as_str());
        }
        self.meter.end(error);
    }
}

/// An attempt that is watched: from when its request is handed to the transport, so that no wait for quota is in it.
pub(super) struct AttemptWatch {
    pub(super) span: Span,
    meter: AttemptMeter,
}

impl AttemptWatch {
    pub(super) fn begin(client: &Inner, call: &Outgoing, progress: &Progress, signed: &Signed<'_>, uri: &Uri) -> Self {
        let before = progress.attempts();
        let span = tracing::info_span!(
            "ecloud.attempt",
            otel.name = field::display(SpanName(call)),
            otel.kind = "client",
            otel.status_code = Empty,
            ecloud.attempt = before + 1,
            ecloud.request_id = Empty,
            http.request.method = known(&call.method),
            http.request.resend_count = (before > 0).then_some(before),
            http.response.status_code = Empty,
            url.scheme = uri.scheme_str(),
            url.template = call.template,
            server.address = uri.host(),
            server.port = port(uri),
            network.protocol.version = Empty,
            error.type = Empty,
        );
        Self { span, meter: AttemptMeter::begin(client, call, uri, signed.clock_offset_millis) }
    }

    /// A whole answer has come.
    pub(super) fn answered(&self, received: &Received) {
        if !self.span.is_disabled() {
            self.span.record("network.protocol.version", version(received.version));
        }
    }

    /// It is known what the attempt has come to.
    pub(super) fn end(self, client: &Inner, outcome: &Result<RawAnswer, Failure>) {
        self.meter.end(client, outcome);
        if self.span.is_disabled() {
            return;
        }
        let (status, request_id) = match outcome {
            Ok(answer) => (Some(answer.meta.status()), answer.meta.request_id()),
            Err(failure) => (failure.status, failure.error.request_id()),
        };
        self.span.record("http.response.status_code", status);
        note_request_id(&self.span, request_id);
        if let Err(failure) = outcome {
            note_failure(&self.span, failure.reason.as_str());
        }
    }
}

/// The platform's own word, so shown like any text of the platform.
fn note_request_id(span: &Span, request_id: Option<&str>) {
    if let Some(request_id) = request_id {
        span.record("ecloud.request_id", redact(request_id));
    }
}

/// `error` is one of a few words, never a message.
fn note_failure(span: &Span, error: &'static str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error);
}

/// What an operation is called where others can see it: by its id, or by method and path where that is the text of the program. A path
/// that was put together at run time may have anything in it, and leaves the method alone.
pub(crate) fn shown<'a>(operation: &'a str, template: Option<&str>, method: &Method) -> &'a str {
    if template.is_some() { operation } else { known(method) }
}

/// The call's quota group, by its name if that is the text of the program, which has so many and no more.
pub(super) fn quota_group(call: &Outgoing) -> Option<&'static str> {
    call.quota.as_ref().map(|(group, _)| match group {
        Cow::Borrowed(group) => group,
        Cow::Owned(_) => OTHER,
    })
}

/// The method of RFC 9110 and RFC 5789, since anybody can make one up.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => OTHER,
    }
}

fn port(uri: &Uri) -> u16 {
    let by_scheme = || if uri.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    uri.port_u16().unwrap_or_else(by_scheme)
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}

/// Method and template, as OpenTelemetry's conventions name the span of a request.
struct SpanName<'a>(&'a Outgoing);

impl std::fmt::Display for SpanName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let method = known(&self.0.method);
        f.write_str(if method == OTHER { "HTTP" } else { method })?;
        self.0.template.map_or(Ok(()), |template| write!(f, " {template}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_somebody_made_up_is_not_shown() {
        let made_up = Method::from_bytes(b"PLANTED").unwrap();
        assert_eq!((known(&made_up), known(&Method::PATCH)), (OTHER, "PATCH"));
        assert_eq!(shown("PLANTED /orders/T1", None, &made_up), OTHER);
    }

    #[test]
    fn the_port_is_the_schemes_unless_it_is_said() {
        let port_of = |uri: &'static str| port(&Uri::from_static(uri));
        assert_eq!(port_of("https://open.example.com/a"), 443);
        assert_eq!(port_of("http://localhost/a"), 80);
        assert_eq!(port_of("https://open.example.com:8443/a"), 8443);
    }
}
