//! What is recorded is what the page says, and adds up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Response};
use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use super::endpoint_state;
use crate::transport::{MemoryTransport, TransportError};
use crate::{Client, ClientBuilder, Error, ErrorKind, Json, ManualClock, QuotaLimit, Random, Request, Timestamp};

/// The metrics' page, which has the tables of all names and labels.
const PAGE: &str = include_str!("../../metrics.rs");

/// One time series: name, labels, value; of a histogram the sum.
type Series = (String, BTreeMap<String, String>, f64);

fn listen() -> (Snapshotter, ::metrics::LocalRecorderGuard<'static>) {
    let recorder = Box::leak(Box::new(DebuggingRecorder::new()));
    (recorder.snapshotter(), ::metrics::set_default_local_recorder(recorder))
}

fn series(snapshotter: &Snapshotter) -> Vec<(MetricKind, Series)> {
    let value = |value| match value {
        DebugValue::Counter(count) => count as f64,
        DebugValue::Gauge(value) => value.into_inner(),
        DebugValue::Histogram(values) => values.into_iter().map(|value| value.into_inner()).sum(),
    };
    let all = snapshotter.snapshot().into_vec().into_iter();
    all.map(|(key, _, _, recorded)| {
        let (kind, key) = key.into_parts();
        let labels = key.labels().map(|label| (label.key().to_owned(), label.value().to_owned())).collect();
        (kind, (key.name().to_owned(), labels, value(recorded)))
    })
    .collect()
}

/// What a metric adds up to, by the value of one of its labels.
fn by(all: &[(MetricKind, Series)], name: &str, label: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (_, (_, labels, value)) in all.iter().filter(|(_, (of, ..))| of == name) {
        *sums.entry(labels[label].clone()).or_default() += *value as u64;
    }
    sums
}

fn sums(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// A client of a platform that answers with these statuses and then with 200; 0 refuses the connection, 1 breaks it off.
fn client(statuses: &[u16], clock: &ManualClock) -> ClientBuilder {
    let steps = Mutex::new(statuses.iter().copied().collect::<VecDeque<_>>());
    let date = "Sun, 22 Nov 2026 09:00:00 GMT";
    let transport = MemoryTransport::new(move |_| match steps.lock().unwrap().pop_front().unwrap_or(200) {
        0 => Err(TransportError::not_sent("connection refused")),
        1 => Err(TransportError::outcome_unknown("connection reset")),
        401 => {
            let body = r#"{"error":{"code":"auth.timestamp_skew","message":"late"}}"#;
            let answer =
                Response::builder().status(401).header("date", date).header("content-type", "application/json");
            Ok(answer.body(Bytes::from_static(body.as_bytes())).unwrap())
        }
        status => Ok(Response::builder().status(status).body(Bytes::from_static(b"{}")).unwrap()),
    });
    Client::builder()
        .endpoint("https://open.example.com:8443/gateway")
        .app("planted-app", "planted-secret")
        .access_token("planted-token")
        .clock(Arc::new(clock.clone()))
        .random(Random::seeded(1))
        .transport(transport)
}

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200))
}

fn read(client: &Client) -> Request {
    let request = client.for_shop("planted-shop").request(Method::GET, "/trade/v1/orders/{order_id}");
    request.path("order_id", "planted-order").query("keyword", "planted-name").quota("trade.orders", 1)
}

#[tokio::test]
async fn calls_attempts_and_retries_add_up_by_what_they_met_with() {
    let (snapshotter, _guard) = listen();
    let clock = clock();
    let client = client(&[503, 0, 429, 200, 404, 401], &clock).build().unwrap();
    read(&client).send::<Json>().await.unwrap();
    assert_eq!(read(&client).send::<Json>().await.unwrap_err().kind(), ErrorKind::NotFound);
    read(&client).send::<Json>().await.unwrap();
    assert_eq!(read(&client).send::<Vec<u8>>().await.unwrap_err().kind(), ErrorKind::InvalidResponse);
    let wrong: Result<Json, Error> = read(&client).header("host", "elsewhere").send().await;
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidRequest);

    let all = series(&snapshotter);
    let calls = sums(&[("success", 2), ("not_found", 1), ("invalid_response", 1), ("invalid_request", 1)]);
    assert_eq!(by(&all, "ecloud_calls_total", "outcome"), calls);
    assert_eq!(by(&all, "ecloud_calls_total", "operation"), sums(&[("GET /trade/v1/orders/{order_id}", 5)]));
    let attempts = [("success", 3), ("transient", 1), ("not_sent", 1), ("throttled", 1), ("refused", 1), ("clock", 1)];
    assert_eq!(by(&all, "ecloud_attempts_total", "outcome"), sums(&attempts));
    assert_eq!(by(&all, "ecloud_attempts_total", "endpoint"), sums(&[("open.example.com:8443", 8)]));
    let retries = sums(&[("transient", 1), ("not_sent", 1), ("throttled", 1), ("clock", 1)]);
    assert_eq!(by(&all, "ecloud_retries_total", "reason"), retries);
}

#[tokio::test]
async fn gauges_show_the_budget_and_the_offset_of_the_clock() {
    let (snapshotter, _guard) = listen();
    let clock = clock();
    let client = client(&[401, 200, 503, 503], &clock).build().unwrap();
    read(&client).send::<Json>().await.unwrap();
    read(&client).send::<Json>().await.unwrap();
    let all = series(&snapshotter);
    let of = |name: &str| all.iter().find(|(_, (of, ..))| of == name).map(|(_, (.., value))| *value);
    // Two retries at 5 tokens, of which the last is paid back.
    assert_eq!(of("ecloud_retry_tokens"), Some(f64::from(client.retry_budget().available())));
    assert_eq!(of("ecloud_retry_tokens"), Some(495.0));
    assert_eq!(of("ecloud_clock_offset_seconds"), Some(client.clock_offset_millis() as f64 / 1000.0));
    assert_ne!(client.clock_offset_millis(), 0);
}

#[tokio::test]
async fn the_wait_for_quota_is_timed_and_is_in_no_attempt() {
    let (snapshotter, _guard) = listen();
    let clock = clock();
    let client = client(&[], &clock).quota(QuotaLimit::new(0.5, 1.0).unwrap()).build().unwrap();
    for _ in 0..2 {
        read(&client).send::<Json>().await.unwrap();
    }
    let all = series(&snapshotter);
    assert!(by(&all, "ecloud_quota_wait_seconds", "quota_group")["trade.orders"] >= 1);
    assert_eq!(by(&all, "ecloud_attempt_duration_seconds", "outcome"), sums(&[("success", 0)]));
    assert!(by(&all, "ecloud_call_duration_seconds", "outcome")["success"] >= 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_is_counted_as_cancelled_and_not_timed() {
    let (snapshotter, _guard) = listen();
    let clock = clock();
    let client = client(&[], &clock).quota(QuotaLimit::UNLIMITED).transport(Never).build().unwrap();
    let mut call = Box::pin(read(&client).send::<Json>());
    let polled = std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context))).await;
    assert!(polled.is_pending());
    drop(call);
    drop(read(&client).send::<Json>());
    let all = series(&snapshotter);
    assert_eq!(by(&all, "ecloud_calls_total", "outcome"), sums(&[("cancelled", 1)]));
    assert_eq!(by(&all, "ecloud_attempts_total", "outcome"), sums(&[("cancelled", 1)]));
    assert!(all.iter().all(|(_, (name, ..))| !name.contains("_duration_")));
}

/// A platform that never answers.
#[derive(Debug)]
struct Never;

#[async_trait::async_trait]
impl crate::Transport for Never {
    async fn send(
        &self,
        _: http::Request<crate::transport::Body>,
    ) -> Result<Response<crate::transport::Body>, TransportError> {
        std::future::pending().await
    }
}

/// The rows of the page's table whose first column has this heading: each cell without its backticks.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, table) = PAGE.split_once(&format!("//! | {heading} |")).unwrap();
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("//! | "));
    rows.map(|row| row.split('|').map(|cell| cell.trim().replace('`', "")).collect()).collect()
}

#[tokio::test]
async fn tables_constants_and_what_is_recorded_are_the_same() {
    let (snapshotter, _guard) = listen();
    crate::metrics::describe();
    let clock = clock();
    let client = client(&[503, 1, 404], &clock).build().unwrap();
    _ = read(&client).send::<Json>().await;
    let path = "/trade/v1/orders/planted-order".to_owned();
    let by_hand = client.for_shop("planted-shop").request(Method::GET, path).quota("planted-group".to_owned(), 1);
    by_hand.send::<Json>().await.unwrap();
    endpoint_state("open.example.com:8443", "open");

    let all = series(&snapshotter);
    let recorded: BTreeSet<_> = all
        .iter()
        .map(|(kind, (name, labels, _))| {
            let labels: Vec<_> = labels.keys().cloned().collect();
            (name.clone(), format!("{kind:?}").to_lowercase(), labels)
        })
        .collect();
    let listed: BTreeSet<_> = table("name")
        .into_iter()
        .map(|row| {
            let mut labels: Vec<_> = row[2].split(", ").filter(|label| !label.is_empty()).map(str::to_owned).collect();
            labels.sort();
            (row[0].clone(), row[1].clone(), labels)
        })
        .collect();
    assert_eq!(recorded, listed);

    let constants: BTreeSet<_> = PAGE.lines().filter(|line| line.starts_with("pub const")).collect();
    let constants: BTreeSet<_> = constants.iter().filter_map(|line| line.split('"').nth(1)).collect();
    assert_eq!(constants, listed.iter().map(|(name, ..)| name.as_str()).collect());
    let described = snapshotter.snapshot().into_vec();
    assert!(described.iter().all(|(_, unit, description, _)| unit.is_some() && description.is_some()));

    let known: BTreeSet<_> = table("label").into_iter().map(|row| row[0].clone()).collect();
    let used: BTreeSet<_> = all.iter().flat_map(|(_, (_, labels, _))| labels.keys().cloned()).collect();
    assert_eq!(used, known);
    for (_, (name, labels, _)) in &all {
        assert!(!labels.values().any(|value| value.contains("planted")), "{name}: {labels:?}");
    }
}

#[test]
fn one_state_of_an_endpoint_is_in_force() {
    let (snapshotter, _guard) = listen();
    for (state, expected) in [("open", [0, 0, 1]), ("half_open", [0, 1, 0]), ("closed", [1, 0, 0])] {
        endpoint_state("open.example.com", state);
        let states = by(&series(&snapshotter), "ecloud_endpoint_state", "state");
        assert_eq!(states.into_values().collect::<Vec<_>>(), expected, "{state}");
    }
}
