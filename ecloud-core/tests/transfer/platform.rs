//! A platform with files: it verifies each request, and fails as the test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use ecloud_core::dialect::ecloud::{Incoming, SigningKey, body_digest};
use ecloud_core::transport::{MemoryTransport, TransportError};
use ecloud_core::{Client, Clock, Json, ManualClock, Method, Random, Request, Shop, Timestamp};
use http::{HeaderMap, Response};

const SECRET: &[u8] = b"planted-app-secret";
/// Where the file of the downloads is.
pub(crate) const FILE: &str = "/trade/v1/exports/E1/file";
/// Where uploads begin.
pub(crate) const UPLOADS: &str = "/product/v1/media/uploads";

/// What is there, what happened, and what is to go wrong.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) file: Vec<u8>,
    /// What the platform says of the file's hash, instead of the truth.
    pub(crate) says: Option<String>,
    pub(crate) says_nothing: bool,
    pub(crate) knows_no_ranges: bool,
    /// Replaces the `content-range` of a part.
    pub(crate) content_range: Option<&'static str>,
    /// The ranges that were asked for.
    pub(crate) ranges: Vec<String>,
    /// How often the next requests break off, after they took effect.
    pub(crate) break_offs: u32,
    /// The file of the second part and all after it.
    pub(crate) file_later: Option<Vec<u8>>,

    pub(crate) part_size: u64,
    /// The body that began the session, and the key under which it began.
    pub(crate) sessions: BTreeMap<String, Json>,
    pub(crate) parts: BTreeMap<u32, Vec<u8>>,
    /// The numbers of parts as they came.
    pub(crate) came: Vec<u32>,
    /// Parts that are refused once each.
    pub(crate) refused: Vec<u32>,
    pub(crate) completions: BTreeMap<String, u32>,
    pub(crate) refuse_completion: bool,
    /// The next completion takes effect, and its answer is lost.
    pub(crate) break_off_completion: bool,
    /// How many parts take effect without an answer.
    pub(crate) break_off_parts: u32,
}

#[derive(Clone)]
pub(crate) struct Platform {
    store: Arc<Mutex<Store>>,
    clock: ManualClock,
}

/// Bytes that no two places have alike.
pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

impl Platform {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        Self { store: Arc::default(), clock }
    }

    pub(crate) fn with_file(file: Vec<u8>) -> Self {
        let platform = Self::new();
        platform.store().file = file;
        platform
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    pub(crate) fn shop(&self) -> Shop {
        let platform = self.clone();
        let client = Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", "planted-app-secret")
            .access_token("planted.access-token")
            .clock(Arc::new(self.clock.clone()))
            .random(Random::seeded(1))
            .transport(MemoryTransport::new(move |request| platform.answer(&request)))
            .build()
            .unwrap();
        client.for_shop("shop-1")
    }

    pub(crate) fn file_request(&self) -> Request {
        self.shop().request(Method::GET, FILE)
    }

    fn answer(&self, request: &http::Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let target = request.uri().path_and_query().unwrap().as_str();
        let (method, headers, body) = (request.method(), request.headers(), request.body());
        let incoming = Incoming::parse(method, target, headers, body).expect("well formed");
        incoming.verify(&SigningKey::new(SECRET), self.clock.now()).expect("signed");
        let mut store = self.store();
        let answer = if target == FILE {
            assert_eq!(headers["accept"], "*/*");
            store.file_answer(headers)
        } else {
            store.upload_answer(method, target, headers, body)
        };
        if store.break_offs > 0 {
            store.break_offs -= 1;
            return Err(TransportError::outcome_unknown("connection reset"));
        }
        Ok(answer)
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response<Bytes> {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(body.into()).unwrap()
}

fn json(status: u16, body: &Json) -> Response<Bytes> {
    answer(status, &[("content-type", "application/json")], body.to_string())
}

fn refusal(status: u16, code: &str) -> Response<Bytes> {
    let body = serde_json::json!({"error": {"code": code, "message": "refused"}});
    json(status, &body)
}

impl Store {
    fn file_answer(&mut self, headers: &HeaderMap) -> Response<Bytes> {
        let range = headers["range"].to_str().unwrap().to_owned();
        self.ranges.push(range.clone());
        let sha256 = self.says.clone().unwrap_or_else(|| body_digest(&self.file).as_str().to_owned());
        let mut head = vec![("content-type", "application/octet-stream")];
        if !self.says_nothing {
            head.push(("x-ecloud-file-sha256", &sha256));
        }
        if self.knows_no_ranges {
            return answer(200, &head, self.file.clone());
        }
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        let size = self.file.len();
        if first >= size {
            let range = format!("bytes */{size}");
            head.push(("content-range", &range));
            return answer(416, &head, "");
        }
        let last = last.min(size - 1);
        let range = self.content_range.map_or_else(|| format!("bytes {first}-{last}/{size}"), str::to_owned);
        head.push(("content-range", &range));
        let answer = answer(206, &head, self.file[first..=last].to_vec());
        if let Some(later) = self.file_later.take() {
            self.file = later;
        }
        answer
    }

    fn upload_answer(&mut self, method: &Method, target: &str, headers: &HeaderMap, body: &Bytes) -> Response<Bytes> {
        let key = headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
        let below = target.strip_prefix(UPLOADS).unwrap();
        if below.is_empty() {
            self.sessions.entry(key.unwrap()).or_insert(serde_json::from_slice(body).unwrap());
            return json(201, &serde_json::json!({"upload_id": "up/1", "part_size": self.part_size}));
        }
        let below = below.strip_prefix("/up%2F1/").expect("the session's id");
        if let Some(number) = below.strip_prefix("parts/") {
            assert_eq!(
                (method, &headers["content-type"]),
                (&Method::PUT, &"application/octet-stream".parse().unwrap())
            );
            let number: u32 = number.parse().unwrap();
            self.came.push(number);
            if let Some(at) = self.refused.iter().position(|refused| *refused == number) {
                self.refused.remove(at);
                return refusal(422, "product.part_refused");
            }
            self.parts.insert(number, body.to_vec());
            if self.break_off_parts > 0 {
                self.break_off_parts -= 1;
                self.break_offs = 1;
            }
            return answer(204, &[], "");
        }
        assert_eq!(below, "complete");
        *self.completions.entry(key.unwrap()).or_default() += 1;
        let whole: Vec<u8> = self.parts.values().flatten().copied().collect();
        let is_whole = self.sessions.values().next().unwrap()["sha256"] == body_digest(&whole).as_str();
        if std::mem::take(&mut self.refuse_completion) || !is_whole {
            return refusal(422, "product.upload_incomplete");
        }
        if std::mem::take(&mut self.break_off_completion) {
            self.break_offs = 1;
        }
        json(201, &serde_json::json!({"media_id": "M1", "size": whole.len()}))
    }
}
