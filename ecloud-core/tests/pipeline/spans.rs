//! What a call shows of itself in traces: spans by OpenTelemetry's names, and no field that isn't on the list.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use ecloud_core::{Error, ErrorKind, Json, Method, QuotaLimit, RetryPolicy};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::platform::{Platform, SECRET, Step, TOKEN, ok, status};

/// The crate's page, which has the table of all fields.
const PAGE: &str = include_str!("../../src/lib.rs");

/// A span with all that was recorded of it, or an event.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    level: String,
    is_span: bool,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

/// Keeps all that the core says, at every level.
#[derive(Clone, Default)]
pub(crate) struct Listener(Arc<Mutex<Vec<Seen>>>);

impl Listener {
    fn note(&self, metadata: &'static Metadata<'static>, record: impl FnOnce(&mut Seen)) -> usize {
        let name = if metadata.is_span() { metadata.name() } else { "event" };
        let level = metadata.level().to_string();
        let mut seen = Seen { name, level, is_span: metadata.is_span(), ..Seen::default() };
        record(&mut seen);
        let mut all = self.0.lock().unwrap();
        all.push(seen);
        all.len()
    }

    /// All that was recorded under any of these names.
    pub(crate) fn values(&self) -> Vec<String> {
        self.all().into_iter().flat_map(|seen| seen.fields.into_values()).collect()
    }

    fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn spans(&self, name: &str) -> Vec<BTreeMap<&'static str, String>> {
        self.all().into_iter().filter(|seen| seen.name == name).map(|seen| seen.fields).collect()
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ecloud")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        Id::from_u64(self.note(attributes.metadata(), |seen| attributes.record(seen)) as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut self.0.lock().unwrap()[span.into_u64() as usize - 1]);
    }

    fn event(&self, event: &Event<'_>) {
        self.note(event.metadata(), |seen| event.record(seen));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Of one subscriber alone tracing asks that of the thread that comes by first, which may be another test's, and has none. So there are two.
pub(crate) fn listen() -> (Listener, (tracing::subscriber::DefaultGuard, tracing::Dispatch)) {
    let listener = Listener::default();
    let guard = tracing::subscriber::set_default(listener.clone());
    (listener, (guard, tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default())))
}

fn fields(pairs: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

const ANSWERED: &[(&str, &str)] = &[("content-type", "application/json"), ("x-ecloud-request-id", "req-1")];

#[tokio::test]
async fn a_call_and_each_of_its_requests_are_spans_by_opentelemetrys_names() {
    let (listener, _guard) = listen();
    let platform = Platform::new([status(503), Step::Refuse, Step::Answer(200, ANSWERED, "{}")]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let request = shop.request(Method::GET, "/trade/v1/orders/{order_id}").path("order_id", "T1");
    request.quota("trade.orders", 1).send::<Json>().await.unwrap();

    let operation = "GET /trade/v1/orders/{order_id}";
    let of_call = fields(&[
        ("otel.name", operation),
        ("otel.kind", "internal"),
        ("ecloud.operation", operation),
        ("ecloud.quota_group", "trade.orders"),
        ("ecloud.attempts", "3"),
        ("ecloud.request_id", "req-1"),
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("url.template", "/trade/v1/orders/{order_id}"),
    ]);
    assert_eq!(listener.spans("ecloud.call"), [of_call]);

    let every = [
        ("otel.name", operation),
        ("otel.kind", "client"),
        ("http.request.method", "GET"),
        ("url.scheme", "https"),
        ("url.template", "/trade/v1/orders/{order_id}"),
        ("server.address", "open.example.com"),
        ("server.port", "443"),
    ];
    let failed = [("otel.status_code", "ERROR")];
    let of_attempt = |own: &[(&'static str, &str)]| fields(&[&every[..], own].concat());
    let attempts = [
        of_attempt(
            &[
                &failed[..],
                &[
                    ("ecloud.attempt", "1"),
                    ("error.type", "transient"),
                    ("http.response.status_code", "503"),
                    ("network.protocol.version", "1.1"),
                ],
            ]
            .concat(),
        ),
        of_attempt(
            &[&failed[..], &[("ecloud.attempt", "2"), ("http.request.resend_count", "1"), ("error.type", "not_sent")]]
                .concat(),
        ),
        of_attempt(&[
            ("ecloud.attempt", "3"),
            ("http.request.resend_count", "2"),
            ("http.response.status_code", "200"),
            ("ecloud.request_id", "req-1"),
            ("network.protocol.version", "1.1"),
        ]),
    ];
    assert_eq!(listener.spans("ecloud.attempt"), attempts);
    assert!(listener.all().iter().filter(|seen| seen.is_span).all(|seen| seen.level == "INFO"));
}

#[tokio::test]
async fn an_answer_that_cant_be_read_fails_the_call_and_no_attempt() {
    let (listener, _guard) = listen();
    let platform = Platform::new([ok()]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let read = shop.request(Method::GET, "/trade/v1/orders/T1").send::<Vec<u8>>().await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidResponse);
    let calls = listener.spans("ecloud.call");
    assert_eq!((&*calls[0]["error.type"], &*calls[0]["otel.status_code"]), ("invalid_response", "ERROR"));
    assert!(!listener.spans("ecloud.attempt")[0].contains_key("error.type"));
}

#[tokio::test]
async fn an_attempt_that_finds_no_quota_sends_no_request_and_is_no_span() {
    let (listener, _guard) = listen();
    let platform = Platform::new([]);
    let limit = QuotaLimit::new(0.001, 1.0).unwrap();
    let client = platform.client().quota(limit).timeout(std::time::Duration::from_secs(1));
    let shop = client.build().unwrap().for_shop("shop-1");
    let call = || shop.request(Method::GET, "/trade/v1/orders").quota("trade.orders", 1).send::<Json>();
    call().await.unwrap();
    assert_eq!(call().await.unwrap_err().kind(), ErrorKind::Throttled);
    assert_eq!((listener.spans("ecloud.call").len(), listener.spans("ecloud.attempt").len()), (2, 1));
    assert_eq!(listener.spans("ecloud.call")[1]["error.type"], "throttled");
}

/// Calls whose every part has something that nobody may see.
async fn personal_calls() -> Vec<Error> {
    let echo = r#"{"error":{"code":"trade.refused","message":"planted-name 13912345678","request_id":"13912345678"}}"#;
    let steps = [
        Step::Answer(422, &[("content-type", "application/json"), ("x-ecloud-request-id", "13912345678")], echo),
        Step::BreakOff,
        status(404),
    ];
    let platform = Platform::new(steps);
    let client = platform.client().retry(RetryPolicy::none()).build().unwrap();
    let mut errors = Vec::new();
    for path in ["/trade/v1/orders/{order_id}".into(), "/trade/v1/orders/planted-order".to_owned()] {
        for method in [Method::POST, Method::PUT] {
            let shop = client.for_shop("planted-shop").access_token(TOKEN);
            let request = if path.contains('{') {
                shop.request(method, "/trade/v1/orders/{order_id}").path("order_id", "planted-order")
            } else {
                shop.request(method, path.clone())
            };
            let request = request
                .query("keyword", "planted-name")
                .header("x-note", "planted-name")
                .json(&serde_json::json!({"phone": "13912345678"}))
                .quota("planted-group".to_owned(), 1)
                .with_tag("planted-tag")
                .with_idempotency_key("planted-key");
            errors.extend(request.send::<Json>().await.err());
        }
    }
    errors
}

#[tokio::test]
async fn nothing_of_path_query_headers_body_shop_or_keys_is_in_any_span_or_event() {
    let (listener, _guard) = listen();
    assert_eq!(personal_calls().await.len(), 3);
    let all = listener.all();
    assert!(all.iter().any(|seen| seen.name == "event"), "events were listened to");
    for seen in &all {
        for (field, value) in &seen.fields {
            let is_shown = ["planted", "13912345678", SECRET, TOKEN].iter().any(|word| value.contains(word));
            assert!(!is_shown, "{}: {field} = {value}", seen.name);
        }
    }
    let names: Vec<_> = listener.spans("ecloud.attempt").into_iter().map(|mut span| span.remove("otel.name")).collect();
    let template = "/trade/v1/orders/{order_id}";
    let expected = [format!("POST {template}"), format!("PUT {template}"), "POST".to_owned(), "PUT".to_owned()];
    assert_eq!(names, expected.map(Some));
    assert!(listener.spans("ecloud.call").iter().all(|span| span["ecloud.quota_group"] == "_OTHER"));
}

#[tokio::test]
async fn the_page_has_every_field_and_no_other_field_is_ever_recorded() {
    let (listener, _guard) = listen();
    personal_calls().await;
    let platform = Platform::new([status(503), Step::Answer(200, ANSWERED, "{}")]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    shop.request(Method::GET, "/trade/v1/orders").send::<Json>().await.unwrap();

    let recorded = |name: &str| listener.spans(name).iter().flat_map(BTreeMap::keys).copied().collect();
    let (of_calls, of_attempts): (BTreeSet<_>, BTreeSet<_>) = (recorded("ecloud.call"), recorded("ecloud.attempt"));
    let (_, table) = PAGE.split_once("| field | `ecloud.call` | `ecloud.attempt` |").unwrap();
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("//! | `"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(" | ").collect()).collect();
    let listed = |column: usize| {
        let rows = rows.iter().filter(|row| row[column] == "yes");
        rows.map(|row| row[0].trim_end_matches('`')).collect::<BTreeSet<_>>()
    };
    assert_eq!((of_calls, of_attempts), (listed(1), listed(2)));

    let of_events = ["message", "ecloud.operation", "ecloud.again", "ecloud.delay_ms", "error.type"];
    for event in listener.spans("event") {
        let is_known = |name: &&'static str| of_events.contains(name) || *name == "http.response.status_code";
        assert!(event.keys().all(is_known), "{event:?}");
    }
}
