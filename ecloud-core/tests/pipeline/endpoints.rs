//! Several endpoints: which one a call goes to, where it goes on, and what stays where it was.

use std::sync::Arc;
use std::time::Duration;

use crate::platform::{Platform, SECRET, Step, TOKEN, ok, status};
use ecloud_core::transport::MemoryTransport;
use ecloud_core::{
    AttemptReason, Breaker, Client, ClientBuilder, Endpoint, EndpointState, Endpoints, Error, ErrorKind, Json,
    ManualClock, Method, Random, Request, RetryPolicy, RetrySafety, Timestamp,
};

const SKEW: &str = r#"{"error":{"code":"auth.timestamp_skew","message":"more than 300 seconds"}}"#;

/// A platform with an endpoint `https://0.example.com`, `https://1.example.com` and so on for each.
pub(crate) fn builder(regions: &[Platform], clock: &ManualClock) -> ClientBuilder {
    let regions: Vec<Platform> = regions.iter().map(|region| region.clone().on(clock)).collect();
    let transport = MemoryTransport::new(move |request: http::Request<_>| {
        let host = request.uri().host().unwrap();
        let number: usize = host.strip_suffix(".example.com").unwrap().parse().unwrap();
        regions[number].answer(request)
    });
    let builder = Client::builder().app("demo-app", SECRET).access_token(TOKEN).transport(transport);
    builder.clock(Arc::new(clock.clone())).random(Random::seeded(1))
}

pub(crate) fn at(number: usize) -> Endpoint {
    Endpoint::new(format!("https://{number}.example.com"))
}

/// The first as long as it is healthy, then the next.
fn ranked(count: usize) -> Endpoints {
    Endpoints::new((0..count).map(|number| at(number).with_priority(u32::try_from(number).unwrap())))
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200))
}

fn read(client: &Client) -> Request {
    client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1")
}

fn write(client: &Client) -> Request {
    client.for_shop("shop-1").request(Method::POST, "/trade/v1/orders")
}

fn counts(regions: &[Platform]) -> Vec<usize> {
    regions.iter().map(|region| region.seen().len()).collect()
}

async fn send(request: Request) -> Result<Json, Error> {
    request.send().await
}

#[tokio::test]
async fn a_call_that_meets_a_dead_endpoint_goes_on_to_another_at_once() {
    for (step, reason) in [(Step::Refuse, AttemptReason::NotSent), (Step::BreakOff, AttemptReason::OutcomeUnknown)] {
        let regions = [Platform::new([step]), Platform::new([])];
        let clock = clock();
        let client = builder(&regions, &clock).endpoints(ranked(2)).build().unwrap();
        let answer = write(&client).send_with_meta::<Json>().await.unwrap();
        assert_eq!(answer.meta.earlier_attempts()[0].reason, reason);
        assert_eq!((counts(&regions), clock.slept()), (vec![1, 1], Duration::ZERO));
        let keys: Vec<_> = regions.iter().map(|region| region.seen()[0].idempotency_key.clone()).collect();
        assert!(keys[0].is_some() && keys[0] == keys[1]);
        assert_ne!(regions[0].seen()[0].nonce, regions[1].seen()[0].nonce);
        assert_eq!(client.retry_budget().available(), 500);
    }
}

#[tokio::test]
async fn trouble_that_was_answered_is_backed_off_from_and_then_tried_elsewhere() {
    let regions = [Platform::new([status(503)]), Platform::new([])];
    let clock = clock();
    let client = builder(&regions, &clock).endpoints(ranked(2)).build().unwrap();
    send(read(&client)).await.unwrap();
    assert_eq!(counts(&regions), [1, 1]);
    assert!(!clock.slept().is_zero());
}

#[tokio::test]
async fn what_concerns_the_call_and_not_the_endpoint_stays_there() {
    let throttled = Step::Answer(429, &[("x-ecloud-retry-after-ms", "50")], "");
    let in_progress = Step::Answer(409, &[], r#"{"error":{"code":"idempotency.in_progress","message":"under way"}}"#);
    for step in [throttled, in_progress] {
        let regions = [Platform::new([step]), Platform::new([])];
        let client =
            builder(&regions, &clock()).endpoints(Endpoints::new([at(0), at(1).with_weight(0)])).build().unwrap();
        send(write(&client)).await.unwrap();
        assert_eq!(counts(&regions), [2, 0]);
    }
}

#[tokio::test]
async fn a_write_without_a_key_goes_to_a_second_endpoint_only_if_it_never_reached_the_first() {
    let plain = |regions: &[Platform]| {
        let builder = builder(regions, &clock()).endpoints(ranked(2));
        builder.build().unwrap()
    };
    // A write that may be repeated by its nature, on a platform without idempotency keys.
    let put = |client: &Client| {
        let request = client.for_shop("shop-1").request(Method::PUT, "/trade/v1/orders/T1/memo");
        request.retry_safety(RetrySafety::Safe)
    };
    let rest = |regions: &[Platform]| {
        let regions: Vec<Platform> = regions.to_vec();
        let transport = MemoryTransport::new(move |request: http::Request<ecloud_core::Bytes>| {
            let number: usize = request.uri().host().unwrap().split('.').next().unwrap().parse().unwrap();
            regions[number].answer_unsigned(&request)
        });
        let client = Client::builder().endpoints(ranked(2)).dialect(ecloud_core::dialect::Rest::new());
        client.transport(transport).clock(Arc::new(clock())).build().unwrap()
    };
    let regions = [Platform::new([Step::BreakOff, Step::BreakOff]), Platform::new([])];
    send(put(&rest(&regions))).await.unwrap();
    assert_eq!(counts(&regions), [3, 0]);

    let regions = [Platform::new([Step::Refuse]), Platform::new([])];
    send(put(&rest(&regions))).await.unwrap();
    assert_eq!(counts(&regions), [1, 1]);

    let regions = [Platform::new([Step::BreakOff]), Platform::new([])];
    send(write(&plain(&regions)).with_idempotency_key("K1")).await.unwrap();
    assert_eq!(counts(&regions), [1, 1]);
}

#[tokio::test]
async fn an_endpoint_that_fails_is_left_alone_probed_and_taken_back() {
    let regions = [Platform::new([]).otherwise(Step::Refuse), Platform::new([])];
    let clock = clock();
    let client = builder(&regions, &clock).endpoints(ranked(2)).build().unwrap();
    for _ in 0..20 {
        send(read(&client)).await.unwrap();
    }
    assert_eq!(counts(&regions), [5, 20]);
    let state = |client: &Client| client.endpoints().iter().map(|one| one.state).collect::<Vec<_>>();
    assert_eq!(state(&client), [EndpointState::Open, EndpointState::Closed]);
    assert_eq!(client.endpoints()[0].pause_left, Duration::from_secs(10));
    assert_eq!(client.endpoints()[0].address, "https://0.example.com");

    clock.advance(Duration::from_secs(10));
    send(read(&client)).await.unwrap();
    assert_eq!((counts(&regions), client.endpoints()[0].pause_left), (vec![6, 21], Duration::from_secs(20)));

    let back = Platform::clone(&regions[0]).otherwise(ok());
    clock.advance(Duration::from_secs(20));
    send(read(&client)).await.unwrap();
    assert_eq!(state(&client)[0], EndpointState::HalfOpen);
    send(read(&client)).await.unwrap();
    assert_eq!(state(&client)[0], EndpointState::Closed);
    send(read(&client)).await.unwrap();
    assert_eq!((back.seen().len(), regions[1].seen().len()), (9, 21));
}

#[tokio::test]
async fn where_every_endpoint_is_down_calls_are_still_tried() {
    let regions = [Platform::new([]).otherwise(Step::Refuse), Platform::new([]).otherwise(Step::Refuse)];
    let client = builder(&regions, &clock()).endpoints(Endpoints::new([at(0), at(1)])).retry(RetryPolicy::none());
    let client = client.build().unwrap();
    for _ in 0..50 {
        assert_eq!(send(read(&client)).await.unwrap_err().kind(), ErrorKind::NotSent);
    }
    assert_eq!(counts(&regions).iter().sum::<usize>(), 50);
    _ = regions[1].clone().otherwise(ok());
    let answered = async {
        for _ in 0..50 {
            if send(read(&client)).await.is_ok() {
                return true;
            }
        }
        false
    };
    assert!(answered.await);
}

#[tokio::test]
async fn a_call_with_less_time_than_an_attempt_says_nothing_of_the_endpoint() {
    let regions = [Platform::new([]), Platform::new([])];
    let clock = clock();
    let late = clock.clone();
    let transport = MemoryTransport::new(move |_| {
        late.advance(Duration::from_secs(2));
        Ok(http::Response::new(ecloud_core::Bytes::new()))
    });
    let client = builder(&regions, &clock).endpoints(ranked(2)).transport(transport).build().unwrap();
    for _ in 0..10 {
        let error = send(read(&client).with_timeout(Duration::from_secs(1))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
    assert_eq!(client.endpoints()[0].state, EndpointState::Closed);
}

#[tokio::test]
async fn an_endpoint_that_hangs_until_calls_are_over_is_left_alone() {
    let regions = [Platform::new([]), Platform::new([])];
    let clock = clock();
    let late = clock.clone();
    let transport = MemoryTransport::new(move |request: http::Request<ecloud_core::Bytes>| {
        if request.uri().host() == Some("0.example.com") {
            late.advance(Duration::from_secs(6));
        }
        Ok(http::Response::new("{}".into()))
    });
    let client = builder(&regions, &clock).endpoints(ranked(2)).transport(transport).timeout(Duration::from_secs(5));
    let client = client.build().unwrap();
    let mut failed = 0;
    for _ in 0..10 {
        failed += usize::from(send(read(&client)).await.is_err());
    }
    assert_eq!((failed, client.endpoints()[0].state), (5, EndpointState::Open));
}

#[tokio::test]
async fn each_endpoint_has_its_own_clock() {
    let ahead = Step::Answer(401, &[("date", "Sun, 22 Nov 2026 09:30:00 GMT")], SKEW);
    let regions = [Platform::new([ahead, ok(), Step::Refuse]), Platform::new([])];
    let clock = clock();
    let client = builder(&regions, &clock).endpoints(ranked(2)).build().unwrap();
    send(read(&client)).await.unwrap();
    assert_eq!(client.clock_offset_millis(), 3_600_500);
    send(read(&client)).await.unwrap();
    assert_eq!(client.clock_offset_millis(), 0);
    let offsets: Vec<i64> = client.endpoints().iter().map(|one| one.clock_offset_millis).collect();
    assert_eq!(offsets, [3_600_500, 0]);
    let signed =
        |region: &Platform| region.seen().iter().map(|seen| seen.timestamp - 1_795_336_200).collect::<Vec<_>>();
    assert_eq!((signed(&regions[0]), signed(&regions[1])), (vec![0, 3600, 3600], vec![0]));
}

#[tokio::test]
async fn a_shop_is_on_one_side_of_a_canary() {
    let regions = [Platform::new([]), Platform::new([])];
    let endpoints = Endpoints::new([at(0)]).with_canary(at(1), 0.2);
    let client = builder(&regions, &clock()).endpoints(endpoints).build().unwrap();
    for number in 0..200 {
        for _ in 0..2 {
            let shop = client.for_shop(format!("shop-{number}"));
            send(shop.request(Method::GET, "/trade/v1/orders/T1")).await.unwrap();
        }
    }
    let [regular, canary] = counts(&regions)[..] else { panic!("two") };
    assert_eq!((regular + canary, canary % 2), (400, 0));
    assert!((50..110).contains(&canary), "{canary}");
}

#[tokio::test]
async fn a_check_asks_each_endpoint_once_and_brings_back_those_that_answer() {
    let regions = [Platform::new([]).otherwise(Step::Refuse), Platform::new([])];
    let clock = clock();
    let breaker = Breaker::default().with_failures(1).with_successes(1);
    let client = builder(&regions, &clock).endpoints(ranked(2).with_breaker(breaker)).build().unwrap();
    let checks = client.check_endpoints(&read(&client)).await.unwrap();
    let told: Vec<_> = checks.iter().map(|check| (check.address.as_str(), check.outcome.is_ok())).collect();
    assert_eq!(told, [("https://0.example.com", false), ("https://1.example.com", true)]);
    assert_eq!((counts(&regions), client.endpoints()[0].state), (vec![1, 1], EndpointState::Open));

    _ = regions[0].clone().otherwise(ok());
    assert!(client.check_endpoints(&read(&client)).await.unwrap().iter().all(|check| check.outcome.is_ok()));
    assert_eq!(client.endpoints()[0].state, EndpointState::Closed);

    let error = client.check_endpoints(&write(&client)).await.unwrap_err();
    assert_eq!((error.kind(), counts(&regions)), (ErrorKind::InvalidRequest, vec![2, 2]));
}

#[tokio::test]
async fn prefixes_belong_to_their_endpoints() {
    let regions = [Platform::new([Step::Refuse]), Platform::new([])];
    let endpoints = Endpoints::new([
        Endpoint::new("https://0.example.com/gateway").with_weight(1),
        Endpoint::new("https://1.example.com/edge/v2/").with_priority(1),
    ]);
    let client = builder(&regions, &clock()).endpoints(endpoints).build().unwrap();
    send(read(&client).query("a", 1)).await.unwrap();
    assert_eq!(regions[0].seen()[0].target, "/gateway/trade/v1/orders/T1?a=1");
    assert_eq!(regions[1].seen()[0].target, "/edge/v2/trade/v1/orders/T1?a=1");
}

#[test]
fn a_configuration_that_can_t_be_meant_is_refused() {
    let none: [Endpoint; 0] = [];
    for (endpoints, reason) in [
        (Endpoints::new(none), "endpoint: missing"),
        (Endpoints::new((0..63).map(at)), "more than 62"),
        (Endpoints::new([at(0), at(1), at(0)]), "twice"),
        (Endpoints::new(["https://a.example.com", "https://a.example.com/"]), "twice"),
        (Endpoints::new(["https://a.example.com", "http://b.example.com"]), "http is for this machine alone"),
        (Endpoints::new([at(0)]).with_canary(at(1), 1.1), "canary's share"),
        (Endpoints::new([at(0)]).with_canary(at(1), f64::NAN), "canary's share"),
        (Endpoints::new([at(0)]).with_canary("ftp://x", 0.5), "neither https nor http"),
        (Endpoints::new([at(0)]).with_mirror(ecloud_core::Mirror::new(at(1), -0.1)), "mirror's share"),
    ] {
        let error = builder(&[], &clock()).endpoints(endpoints).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(reason), "{error}");
    }
    let secret = Endpoint::new("https://user:planted-password@a.example.com");
    assert!(!format!("{:?}", Endpoints::new([secret])).contains("planted"));
}
