//! A client that knows nothing but PROTOCOL.md: it builds its own canonical form, signs with its own HMAC and writes its own bytes.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod described;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ecloud_core::{Clock, ManualClock, Timestamp};
use ecloud_sandbox::{Sandbox, SandboxBuilder, Server, Tier};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) const START: Timestamp = Timestamp::from_unix_millis(1_763_800_000_000);

/// A sandbox behind the hyper door, on a manual clock.
pub(crate) struct Served {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: ManualClock,
    pub(crate) address: SocketAddr,
    runtime: tokio::runtime::Runtime,
    server: Option<Server>,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let clock = ManualClock::new(START);
        let sandbox = configure(Sandbox::builder().clock(Arc::new(clock.clone()))).build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sandbox.serve(listener).unwrap()
        });
        Self { sandbox, clock, address: server.address(), runtime, server: Some(server) }
    }

    /// The shop of the examples, at their moment.
    pub(crate) fn of_examples() -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_millis(1_772_352_000_000));
        let configure =
            |builder: SandboxBuilder| builder.examples().clock(Arc::new(clock.clone())).tier(Tier::Strategic);
        Self { clock: clock.clone(), ..Self::with(configure) }
    }

    pub(crate) fn stop(mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> Signed {
        Signed::new(self, method, target)
    }

    pub(crate) fn get(&self, target: &str) -> Response {
        self.request("GET", target).send()
    }

    pub(crate) fn post(&self, target: &str, body: Value) -> Response {
        self.request("POST", target).json(&body).send()
    }

    pub(crate) fn write(&self, method: &str, target: &str, body: Value) -> Response {
        self.request(method, target).json(&body).send()
    }

    /// A request to the control interface, which isn't signed.
    pub(crate) fn control(&self, method: &str, target: &str, body: Option<Value>) -> Response {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut text =
            format!("{method} /sandbox/v1{target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
        if !body.is_empty() {
            text.push_str("content-type: application/json\r\n");
        }
        text.push_str("\r\n");
        exchange(self.address, &[text.as_bytes(), body.as_bytes()].concat(), method == "HEAD")
            .expect("the control interface answers")
    }

    pub(crate) fn raw(&self, bytes: &[u8]) -> Option<Response> {
        exchange(self.address, bytes, false)
    }

    /// The first of something that a list answers with.
    pub(crate) fn first(&self, target: &str) -> Value {
        self.get(target).ok()["items"][0].clone()
    }
}

/// A request that will be signed as protocol section 2 says, once everything is in it.
pub(crate) struct Signed {
    address: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    secret: String,
    signature: Option<String>,
    extra: Vec<(String, String)>,
}

fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("nonce-{:020}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Signed {
    fn new(served: &Served, method: &str, target: &str) -> Self {
        let sandbox = &served.sandbox;
        let mut headers = vec![
            ("x-ecloud-app-key".to_owned(), sandbox.app_key().to_owned()),
            ("x-ecloud-timestamp".to_owned(), served.clock.now().unix_seconds().to_string()),
            ("x-ecloud-nonce".to_owned(), nonce()),
            ("authorization".to_owned(), format!("Bearer {}", sandbox.access_token())),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        if !matches!(method, "GET" | "HEAD") {
            headers.push(("idempotency-key".to_owned(), nonce()));
        }
        Self {
            address: served.address,
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: Vec::new(),
            secret: sandbox.app_secret().to_owned(),
            signature: None,
            extra: Vec::new(),
        }
    }

    /// Sets a header before signing.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header after signing, even if it is there already.
    pub(crate) fn unsigned_header(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body(body.to_string().as_bytes()).header("content-type", "application/json")
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        let digest = hex(&Sha256::digest(body));
        self.header("x-ecloud-content-sha256", &digest)
    }

    /// The body that is sent instead of the signed one.
    pub(crate) fn forged_body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn signature(mut self, signature: &str) -> Self {
        self.signature = Some(signature.to_owned());
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn app(mut self, key: &str, secret: &str) -> Self {
        self.secret = secret.to_owned();
        self.header("x-ecloud-app-key", key)
    }

    pub(crate) fn string_to_sign(&self) -> String {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut pairs: Vec<(String, String)> = query
            .split('&')
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
                (encode(&decode(name)), encode(&decode(value)))
            })
            .collect();
        for (name, value) in &self.headers {
            let signed = matches!(name.as_str(), "authorization" | "idempotency-key")
                || (name.starts_with("x-ecloud-") && name != "x-ecloud-signature" && name != "x-ecloud-timestamp");
            if signed {
                pairs.push((
                    format!(":{}", encode(name.as_bytes())),
                    encode(value.trim_matches([' ', '\t']).as_bytes()),
                ));
            }
        }
        pairs.sort();
        let params: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let timestamp =
            self.headers.iter().find(|(name, _)| name == "x-ecloud-timestamp").map_or("", |(_, value)| value);
        format!("{}|{path}|{timestamp}|{}", self.method, params.join("&"))
    }

    /// The request's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let signature = self.signature.clone().unwrap_or_else(|| {
            let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
            mac.update(self.string_to_sign().as_bytes());
            hex(&mac.finalize().into_bytes())
        });
        let mut head = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.target);
        for (name, value) in self.headers.iter().chain(&self.extra) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !signature.is_empty() {
            let _ = write!(head, "x-ecloud-signature: {signature}\r\n");
        }
        if !self.body.is_empty() {
            let _ = write!(head, "content-length: {}\r\n", self.body.len());
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends it; `None` where the connection closes without an answer.
    pub(crate) fn try_send(&self) -> Option<Response> {
        let answer = exchange(self.address, &self.bytes(), self.method == "HEAD");
        if let Some(answer) = &answer {
            described::check(&self.method, &self.target, answer);
        }
        answer
    }

    pub(crate) fn send(&self) -> Response {
        self.try_send().expect("the sandbox answers")
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether as much came as the head promised.
    pub(crate) whole: bool,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.header(name).unwrap_or_else(|| panic!("{name} is missing")).parse().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code, to compare with.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }
}

fn exchange(address: SocketAddr, bytes: &[u8], is_head: bool) -> Option<Response> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may refuse a request before it has read all of it.
    let _ = stream.write_all(bytes);
    let mut received = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(response) = parse(&received, is_head).filter(|response| response.whole) {
            return Some(response);
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return parse(&received, is_head),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
        }
    }
}

fn parse(bytes: &[u8], is_head: bool) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = bytes[end + 4..].to_vec();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let whole = is_head || status == 204 || body.len() >= length.unwrap_or(0);
    Some(Response { status, headers, body, whole })
}

fn decode(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next(), bytes.next()]
                    .map(|digit| char::from(digit.unwrap_or(b'0')).to_digit(16).unwrap_or(0));
                (digits[0] * 16 + digits[1]) as u8
            }
            other => other,
        });
    }
    decoded
}

fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Served {
    pub(crate) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn clock_seconds(&self) -> i64 {
        self.clock.now().unix_seconds()
    }
}

impl Signed {
    /// The request as the platform's heart takes it.
    pub(crate) fn as_request(&self) -> ecloud_sandbox::Request {
        let bytes = self.bytes();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut request = ecloud_sandbox::Request::new(self.method.parse().unwrap(), self.target.clone());
        for (name, value) in head.split("\r\n").skip(1).filter_map(|line| line.split_once(": ")) {
            request.headers.append(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        request.body = ecloud_sandbox::RequestBody::Whole(self.body.clone().into());
        request
    }
}
