//! What applications test with: recordings, replays, faults on purpose.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod faults;
mod mismatches;
mod personal;
mod recording;
mod replaying;

use std::error::Error as _;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud::prelude::*;
use ecloud::testing::{ManualClock, MemoryTransport, Recorder, Replayer};
use ecloud::transport::{Body, TransportError};
use ecloud::{RetryPolicy, Transport};
use http::{Request, Response};
use http_body_util::BodyExt;

const SALT: &str = "the salt of these tests";

/// A file in memory.
#[derive(Clone, Default)]
struct Recording(Arc<Mutex<Vec<u8>>>);

impl Recording {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<ecloud::Json> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn replayer(&self) -> Replayer {
        Replayer::from_reader(self.text().as_bytes()).unwrap()
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A recorder of a platform that answers everything with `body`.
fn recorder(recording: &Recording, body: &'static str) -> Recorder<impl Transport> {
    let platform = MemoryTransport::new(move |_| Ok(Response::new(Bytes::from(body))));
    Recorder::new(platform, recording.clone()).with_salt(SALT)
}

/// A request, as a transport gets it.
fn request(method: &str, target: &str, body: &'static str) -> Request<Body> {
    let builder = Request::builder().method(method).uri(format!("https://open.example.com{target}"));
    builder.header("content-type", "application/json").body(Bytes::from(body).into()).unwrap()
}

/// Sends a request and reads the answer.
async fn ask(transport: &impl Transport, request: Request<Body>) -> Result<(u16, String), TransportError> {
    let answer = transport.send(request).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// What a transport's error says besides whether the request was sent.
fn reason(error: &TransportError) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// A client on a transport and a clock of its own, whose calls have one attempt.
fn client(transport: impl Transport) -> Client {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let builder = Client::builder().endpoint("https://open.example.com").app("planted-app", "planted-secret-1");
    builder.transport(transport).clock(Arc::new(clock)).retry(RetryPolicy::none()).build().unwrap()
}
