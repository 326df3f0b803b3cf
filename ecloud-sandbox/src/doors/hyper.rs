//! The door for everything else: an HTTP server that hides nothing from the platform.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use ecloud_core::{Clock, SystemClock};
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Response, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::framing::{Framing, Watched};
use super::paced::PacedBody;
use crate::platform::{Request, RequestBody};
use crate::sandbox::Sandbox;

/// The most connections at a time; others wait.
const CONNECTIONS: usize = 1_024;
/// The most bytes that the head of a request may have.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long a client may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// How long a client may take to send a body.
const BODY_WITHIN: Duration = Duration::from_secs(60);
/// How long requests under way may take to finish once the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(3);

/// A server that answers for a sandbox until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(sandbox: Sandbox, listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(run(sandbox, listener, stopped));
        Ok(Self { address, stop, running })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests, lets those under way finish, for three seconds at most, and closes. Dropping the future closes at once,
    /// as dropping the server does.
    pub async fn stop(mut self) {
        // The receiver lives as long as the task that is awaited next.
        let _ = self.stop.send(true);
        let _ = (&mut self.running).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn run(sandbox: Sandbox, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let builder = builder();
    let graceful = GracefulShutdown::new();
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let place = tokio::select! {
            _ = stopped.changed() => break,
            place = Arc::clone(&room).acquire_owned() => place,
        };
        let (stream, peer) = tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of file descriptors, or a client that has gone already: the next may do better.
                Err(_) => {
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        while connections.try_join_next().is_some() {}
        let from_loopback = peer.ip().to_canonical().is_loopback();
        let door = Door { sandbox: sandbox.clone(), framing: Framing::default(), from_loopback };
        let stream = Watched::new(stream, door.framing.clone());
        let service = service_fn(move |request| door.clone().pass(request));
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            // A connection that breaks is the client's business, and often a fault that a test asked for.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    // Sockets live in real time, whatever the platform's clock says.
    let clock = SystemClock::new();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = clock.expiry(STOP_WITHIN) => {}
    }
    connections.shutdown().await;
}

/// HTTP/1.1 and, for clients that begin with it, HTTP/2.
fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_LIMIT);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(HEAD_LIMIT as u32).max_concurrent_streams(256);
    builder
}

/// What passes requests on and answers back.
#[derive(Clone)]
struct Door {
    sandbox: Sandbox,
    framing: Framing,
    from_loopback: bool,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault dropped the connection")
    }
}

impl std::error::Error for Dropped {}

impl Door {
    async fn pass(self, request: http::Request<Incoming>) -> Result<Response<PacedBody>, Dropped> {
        let (mut head, body) = request.into_parts();
        let hidden_length = self.framing.hidden_length().and_then(|length| HeaderValue::try_from(length).ok());
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let mut trailers = HeaderMap::new();
        let body = self.read(Request::limit_of(&target, self.from_loopback), &head.headers, body, &mut trailers).await;
        self.framing.next_head();
        // What is left of a body that wasn't read, or not as the client meant it, would be taken for the next request.
        let is_left = hidden_length.is_some() || !matches!(body, RequestBody::Whole(_));
        let closes = is_left && head.version < Version::HTTP_2;
        if let Some(length) = hidden_length {
            head.headers.insert(CONTENT_LENGTH, length);
        }
        let from_loopback = self.from_loopback;
        let request = Request { method: head.method, target, headers: head.headers, body, trailers, from_loopback };

        let clock = self.sandbox.clock();
        let mut answer = self.sandbox.platform().answer(&request, clock.now());
        if !answer.delay.is_zero() {
            clock.sleep(answer.delay).await;
        }
        if answer.is_dropped() {
            return Err(Dropped);
        }
        if closes {
            answer.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let body = PacedBody::new(&answer, Arc::clone(clock));
        Ok(answer.response.map(|_| body))
    }

    /// Reads a body, no further than the platform takes it and no longer than a client may need.
    async fn read(
        &self,
        limit: usize,
        headers: &HeaderMap,
        mut body: Incoming,
        trailers: &mut HeaderMap,
    ) -> RequestBody {
        let length =
            headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit as u64) {
            return RequestBody::TooLarge;
        }
        let mut too_late = SystemClock::new().expiry(BODY_WITHIN);
        let mut bytes = BytesMut::new();
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                () = &mut too_late => return RequestBody::Incomplete,
            };
            match frame {
                None => return RequestBody::Whole(bytes.freeze()),
                Some(Err(_)) => return RequestBody::Incomplete,
                Some(Ok(frame)) => {
                    let data = match frame.into_data() {
                        Ok(data) => data,
                        Err(frame) => {
                            trailers.extend(frame.into_trailers().unwrap_or_default());
                            continue;
                        }
                    };
                    if bytes.len() + data.len() > limit {
                        return RequestBody::TooLarge;
                    }
                    bytes.extend_from_slice(&data);
                }
            }
        }
    }
}
