//! The platform of the measurements: canned answers over kept-alive HTTP/1.1, in a process of its own.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use ecloud::Timestamp;
use ecloud::dialect::ecloud::{Incoming, SigningKey};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::answers;

pub(crate) const APP_KEY: &str = "bench-app";
pub(crate) const APP_SECRET: &str = "a secret of an ordinary length, 40 bytes";
/// As long as a short JWT.
pub(crate) const ACCESS_TOKEN: &str =
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzaG9wLTQyIiwic2NvcGUiOiJ0cmFkZTpyZWFkIn0.c2lnbmF0dXJl";

/// What answers with a stock: six fields.
pub(crate) const STOCK: &str = "/product/v1/inventory/I2001-1";
/// What answers with the small order.
pub(crate) const SMALL_ORDER: &str = "/trade/v1/orders/T1001";
/// What answers with the page.
pub(crate) const PAGE_OF_100: &str = "/trade/v1/orders?status=paid&limit=100";

/// A server process, which ends with this value.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts this program again as the server.
    pub(crate) fn start() -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or_else(|| io::Error::other("the server has no output"))?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until its input ends, which it does with the process that started it.
pub(crate) fn serve() -> io::Result<()> {
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(accept())
}

struct Platform {
    key: SigningKey,
    stock: Bytes,
    small_order: Bytes,
    page_of_100: Bytes,
}

async fn accept() -> io::Result<()> {
    let platform = Arc::new(Platform {
        key: SigningKey::new(APP_SECRET.as_bytes()),
        stock: answers::stock().into(),
        small_order: answers::small_order().into(),
        page_of_100: answers::page_of_100().into(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "http://{}", listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let platform = platform.clone();
        // Whoever signs wrongly must not be measured, and verifying each request would slow the server down for all.
        let verified = Arc::new(AtomicBool::new(false));
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let answer = platform.answer(&request, verified.swap(true, Ordering::Relaxed));
            std::future::ready(Ok::<_, Infallible>(answer))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

impl Platform {
    fn answer(&self, request: &Request<hyper::body::Incoming>, is_trusted: bool) -> Response<Full<Bytes>> {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let checked = || Incoming::parse(request.method(), target, request.headers(), b"")?.verify(&self.key, now());
        let refused = if is_trusted { None } else { checked().err() };
        let (status, body) = match (refused, target) {
            (Some(rejection), _) => (rejection.status(), rejection.message().to_owned().into()),
            (None, STOCK) => (200, self.stock.clone()),
            (None, SMALL_ORDER) => (200, self.small_order.clone()),
            (None, PAGE_OF_100) => (200, self.page_of_100.clone()),
            (None, _) => (404, Bytes::from_static(b"no such route")),
        };
        let mut answer = Response::new(Full::new(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        for (name, value) in [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
            ("x-ecloud-request-id", "0190a5c6-7d1e-7a3b-9c58-3f0e5d2b8a41"),
            ("x-ecloud-quota-group", "trade.orders"),
            ("x-ecloud-quota-rate", "1000000"),
            ("x-ecloud-quota-capacity", "2000000"),
            ("x-ecloud-quota-remaining", "1999999"),
        ] {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of a measurement lives in real time")]
fn now() -> Timestamp {
    std::time::SystemTime::now().into()
}
