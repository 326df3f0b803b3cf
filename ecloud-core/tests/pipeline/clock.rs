//! A clock that the platform refuses: what is learned from its answer, and what isn't.

use std::sync::Arc;
use std::time::Duration;

use crate::platform::{Platform, SECRET, Step, start};
use bytes::Bytes;
use ecloud_core::transport::{Body, Transport, TransportError};
use ecloud_core::{Client, ClientBuilder, Error, ManualClock, Method, Random, RetryPolicy};
use http::{Request, Response};
use serde_json::Value;

const SKEW: &str = r#"{"error":{"code":"auth.timestamp_skew","message":"more than 300 seconds"}}"#;

async fn read(client: &Client) -> Result<Value, Error> {
    client.for_shop("shop-1").access_token("T").request(Method::GET, "/trade/v1/orders/T1").send().await
}

fn client(platform: &Platform) -> ClientBuilder {
    platform.client().retry(RetryPolicy::none())
}

fn refusal(headers: &'static [(&'static str, &'static str)]) -> Step {
    Step::Answer(401, headers, SKEW)
}

/// One hour ahead of the client.
const AHEAD: (&str, &str) = ("date", "Sun, 22 Nov 2026 09:30:00 GMT");

#[tokio::test]
async fn a_wrong_clock_is_corrected_once_and_for_later_calls() {
    let platform = Platform::new([refusal(&[AHEAD])]);
    let client = client(&platform).build().unwrap();
    assert_eq!(client.clock_offset_millis(), 0);
    read(&client).await.unwrap();
    read(&client).await.unwrap();
    let timestamps: Vec<_> = platform.seen().iter().map(|one| one.timestamp - start().unix_seconds()).collect();
    assert_eq!(timestamps, [0, 3600, 3600]);
    assert_eq!(client.clock_offset_millis(), 3_600_500);
}

#[tokio::test]
async fn a_clock_that_stays_wrong_is_an_error_after_one_correction() {
    let platform = Platform::new([]).otherwise(refusal(&[AHEAD]));
    let error = read(&client(&platform).build().unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some("auth.timestamp_skew"));
    assert_eq!(platform.seen().len(), 2);
}

#[tokio::test]
async fn what_says_nothing_certain_is_not_learned() {
    for (headers, reason) in [
        (&[][..], "no readable date"),
        (&[("date", "yesterday")], "no readable date"),
        (&[("date", "Tue, 24 Nov 2026 08:30:00 GMT")], "further away than the client may correct"),
        (&[AHEAD, ("age", "7")], "from a cache"),
        (&[("date", "Sun, 22 Nov 2026 08:30:00 GMT")], "is the time that the request was signed with"),
        (&[("date", "Fri, 31 Dec 9999 23:59:59 GMT")], "further away than the client may correct"),
        (&[("date", "Thu, 01 Jan 1970 00:00:00 GMT")], "further away than the client may correct"),
    ] {
        let platform = Platform::new([refusal(headers)]);
        let client = client(&platform).build().unwrap();
        let error = read(&client).await.unwrap_err();
        assert_eq!(error.code(), Some("auth.timestamp_skew"), "{headers:?}");
        assert!(error.message().contains(reason), "{headers:?}: {error}");
        assert_eq!(client.clock_offset_millis(), 0, "{headers:?}");
        read(&client).await.unwrap();
        assert_eq!(platform.seen()[1].timestamp, start().unix_seconds(), "{headers:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_told_so_signs_with_its_own_time_alone() {
    let platform = Platform::new([refusal(&[AHEAD])]);
    let client = client(&platform).without_clock_correction().build().unwrap();
    let error = read(&client).await.unwrap_err();
    assert!(error.message().contains("told not to correct its clock"), "{error}");
    assert_eq!((platform.seen().len(), client.clock_offset_millis()), (1, 0));
}

/// A platform an hour ahead, each of whose answers takes its time: half on the way there, half on the way back.
#[derive(Debug)]
struct Slow {
    clock: ManualClock,
    takes: Duration,
}

#[async_trait::async_trait]
impl Transport for Slow {
    async fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
        self.clock.advance(self.takes / 2);
        let date = std::time::SystemTime::from(ecloud_core::Clock::now(&self.clock)) + Duration::from_secs(3600);
        self.clock.advance(self.takes / 2);
        let answer = Response::builder().status(401).header("date", httpdate::fmt_http_date(date));
        answer.body(Body::from(Bytes::from_static(SKEW.as_bytes()))).map_err(TransportError::outcome_unknown)
    }
}

#[tokio::test]
async fn the_platforms_time_is_that_of_the_middle_of_the_exchange_unless_it_took_too_long() {
    for (seconds, offset) in [(0, 3_600_500), (4, 3_600_500), (14, 3_600_500), (16, 0)] {
        let clock = ManualClock::new(start());
        let client = Client::builder()
            .endpoint("https://open.example.com")
            .app("demo-app", SECRET)
            .attempt_timeout(Duration::from_secs(30))
            .clock(Arc::new(clock.clone()))
            .random(Random::seeded(1))
            .transport(Slow { clock, takes: Duration::from_secs(seconds) })
            .build()
            .unwrap();
        let error = read(&client).await.unwrap_err();
        assert_eq!(client.clock_offset_millis(), offset, "{seconds} s");
        assert_eq!(error.message().contains("took too long"), offset == 0, "{seconds} s: {error}");
    }
}
