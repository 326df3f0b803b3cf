//! One request to the authorisation server, under its deadline and the limit of the answer's size.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use url::form_urlencoded::Serializer;

use super::{Inner, answer};
use crate::call::{USER_AGENT, collect};
use crate::dialect::server_delay;
use crate::transport::{Body, TransportError};
use crate::{Error, ErrorKind, Timestamp};

/// The largest answer that is read, in bytes: two tokens and a little more.
const ANSWER_LIMIT: usize = 256 * 1024;

/// What is asked for, form-encoded.
pub(super) struct Form {
    operation: &'static str,
    fields: String,
    secrets: Vec<String>,
}

impl Form {
    pub(super) fn new(operation: &'static str) -> Self {
        Self { operation, fields: String::new(), secrets: Vec::new() }
    }

    pub(super) fn grant(operation: &'static str, grant: &str) -> Self {
        let mut form = Self::new(operation);
        form.plain("grant_type", grant);
        form
    }

    pub(super) fn plain(&mut self, name: &str, value: &str) {
        let mut fields = Serializer::new(std::mem::take(&mut self.fields));
        self.fields = fields.append_pair(name, value).finish();
    }

    /// A value that no error shows, whatever the server makes of it.
    pub(super) fn secret(&mut self, name: &str, value: &str) {
        self.plain(name, value);
        self.secrets.push(value.to_owned());
    }

    pub(super) fn operation(&self) -> &'static str {
        self.operation
    }
}

impl Inner {
    /// Sends a form and takes in the body of a success, with the time at which it was asked for.
    pub(super) async fn send(&self, uri: &Uri, form: Form) -> Result<(Timestamp, Bytes), Error> {
        let asked_at = self.clock.now();
        let outcome = self.exchange(uri, form.fields.clone().into()).await.and_then(|(answer, body)| {
            if answer.status().is_success() {
                return Ok((asked_at, body));
            }
            let headers = answer.headers();
            let ids = ["x-ecloud-request-id", "x-request-id"];
            let request_id = ids.iter().find_map(|name| headers.get(*name)?.to_str().ok());
            let mut secrets: Vec<&str> = form.secrets.iter().map(String::as_str).collect();
            secrets.push(self.app_secret.expose());
            let error = answer::refusal(answer.status(), request_id, &body, &secrets);
            let error = error.with_retry_after(server_delay(headers));
            Err(if answer.status().is_redirection() { error.with_note("redirects are not followed") } else { error })
        });
        outcome.map_err(|error| error.of_call(form.operation.into(), None, Vec::new()))
    }

    async fn exchange(&self, uri: &Uri, form: Bytes) -> Result<(Response<()>, Bytes), Error> {
        let mut request = Request::new(Body::from(form));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.basic.clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, USER_AGENT);

        let mut expiry = self.clock.expiry(self.clock.monotonic().saturating_add(self.timeout));
        let mut received = pin!(self.receive(request));
        // An answer that is there is taken, late or not: a new refresh token may be in it.
        poll_fn(|context| match received.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => expiry.as_mut().poll(context).map(|()| Err(self.late())),
        })
        .await
    }

    async fn receive(&self, request: Request<Body>) -> Result<(Response<()>, Bytes), Error> {
        let (head, body) = self.transport.send(request).await.map_err(broken)?.into_parts();
        let body = collect(body, &head.headers, ANSWER_LIMIT).await.map_err(|(error, _)| match error {
            Some(error) => Error::new(ErrorKind::OutcomeUnknown, "the answer was cut off").with_source(error),
            None => {
                let message = format!("the answer is larger than the limit of {ANSWER_LIMIT} bytes");
                Error::new(ErrorKind::ResponseTooLarge, message)
            }
        })?;
        Ok((Response::from_parts(head, ()), body))
    }

    fn late(&self) -> Error {
        let message = format!("no answer came within {} ms", self.timeout.as_millis());
        Error::new(ErrorKind::OutcomeUnknown, message)
    }
}

fn broken(error: TransportError) -> Error {
    if error.is_outcome_unknown() {
        let message = "the connection broke off before an answer was there";
        return Error::new(ErrorKind::OutcomeUnknown, message).with_source(error);
    }
    Error::new(ErrorKind::NotSent, "the request could not be sent").with_source(error)
}
