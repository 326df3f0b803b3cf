//! The door for tests: a wiremock server whose last resort is the platform.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Clock;
use http::header::CONTENT_TYPE;
use wiremock::{Match, Mock, MockServer, Respond, ResponseTemplate};

use crate::platform::{Answer, Cut, Request, RequestBody};
use crate::sandbox::Sandbox;

/// The lowest priority, so that everything that a test mounts comes first; and one above, for connections that are dropped.
const LAST: u8 = 255;
const BEFORE_LAST: u8 = 254;

/// A mock server in front of the platform.
///
/// Wiremock decides between an answer and an error before it asks for either. So a matcher lets the platform answer: a
/// connection that is to be dropped matches, and the mock behind it fails; any other answer waits in the slot for the mock below.
/// Wiremock takes one request at a time, so the slot never holds another request's answer.
#[derive(Debug)]
pub(crate) struct WiremockDoor {
    server: MockServer,
}

impl WiremockDoor {
    /// Opens a port of its own and stands at its lowest priority. Nothing is recorded: the sandbox has a bounded list of its own.
    pub(crate) async fn open(sandbox: Sandbox) -> Self {
        let server = MockServer::builder().disable_request_recording().start().await;
        let slot = Slot { sandbox, answer: Arc::default() };
        Mock::given(Dropped(slot.clone()))
            .respond_with_err(|_: &wiremock::Request| DroppedConnection)
            .with_priority(BEFORE_LAST)
            .mount(&server)
            .await;
        Mock::given(wiremock::matchers::any()).respond_with(slot).with_priority(LAST).mount(&server).await;
        Self { server }
    }

    pub(crate) fn server(&self) -> &MockServer {
        &self.server
    }
}

#[derive(Clone)]
struct Slot {
    sandbox: Sandbox,
    answer: Arc<Mutex<Option<Answer>>>,
}

impl Slot {
    fn ask(&self, request: &wiremock::Request) -> Answer {
        let url = &request.url;
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let request = Request {
            method: request.method.clone(),
            target,
            headers: request.headers.clone(),
            body: RequestBody::Whole(Bytes::copy_from_slice(&request.body)),
            trailers: http::HeaderMap::new(),
            // The server listens on 127.0.0.1 only.
            from_loopback: true,
        };
        self.sandbox.platform().answer(&request, self.sandbox.outside_now())
    }

    fn put(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    }

    fn take(&self) -> Option<Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Matches requests whose connection is to be dropped. Wiremock can't send half a body, so a body that is cut off drops the
/// connection, too.
struct Dropped(Slot);

impl Match for Dropped {
    fn matches(&self, request: &wiremock::Request) -> bool {
        let answer = self.0.ask(request);
        let length = answer.response.body().len();
        let drops = match answer.cut {
            Some(Cut::Connection) => true,
            Some(Cut::Body { after }) => after < length,
            None => false,
        };
        if !drops {
            self.0.put(answer);
        }
        drops
    }
}

#[derive(Debug)]
struct DroppedConnection;

impl std::fmt::Display for DroppedConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault dropped the connection")
    }
}

impl std::error::Error for DroppedConnection {}

impl Respond for Slot {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let answer = self.take().unwrap_or_else(|| self.ask(request));
        let length = answer.response.body().len();
        let delay = answer.delay + answer.pace.map_or(Duration::ZERO, |pace| pace.total(length));
        let (head, body) = answer.response.into_parts();
        let mut template = ResponseTemplate::new(head.status);
        for (name, value) in &head.headers {
            template = template.append_header(name, value);
        }
        if !body.is_empty() {
            // The template's own idea of the type would win over the header.
            let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            template = template.set_body_raw(body, content_type);
        }
        if passes_at_once(&**self.sandbox.clock(), delay) { template } else { template.set_delay(delay) }
    }
}

/// Whether a delay is over without any waiting: there is none, or the clock is a manual one and has moved on by it.
fn passes_at_once(clock: &dyn Clock, delay: Duration) -> bool {
    if delay.is_zero() {
        return true;
    }
    let mut pause = clock.sleep(delay);
    pause.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
}
