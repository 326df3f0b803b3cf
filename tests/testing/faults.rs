//! Faults on purpose: how many, which, and the same for the same seed.

use std::time::Duration;

use ecloud::Clock;
use ecloud::testing::{FaultCounts, Faults};

use super::*;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH))
}

fn faults(seed: u64, clock: Arc<ManualClock>) -> Faults<impl Transport> {
    Faults::new(MemoryTransport::new(|_| Ok(Response::new(Bytes::from("0123456789")))), seed, clock)
}

/// What came of each of `calls` exchanges.
async fn outcomes(faults: &impl Transport, calls: usize) -> Vec<String> {
    let mut outcomes = Vec::new();
    for _ in 0..calls {
        outcomes.push(match ask(faults, request("GET", "/", "")).await {
            Ok((status, body)) => format!("{status} {body}"),
            Err(error) => reason(&error),
        });
    }
    outcomes
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let run = async |seed| {
        let clock = clock();
        let faults = faults(seed, clock.clone())
            .with_latency(0.5, Duration::from_millis(5)..=Duration::from_millis(200))
            .with_not_sent(0.1)
            .with_lost_requests(0.1)
            .with_server_errors(0.1)
            .with_lost_answers(0.1)
            .with_truncated_bodies(0.1)
            .with_slow_bodies(0.3, 4, Duration::from_millis(10));
        (outcomes(&faults, 300).await, faults.counts(), clock.slept())
    };
    assert_eq!(run(7).await, run(7).await);
    assert_ne!(run(7).await.0, run(8).await.0);
    let counts = run(7).await.1;
    assert_eq!(counts.calls, 300);
    for (name, count) in [
        ("not sent", counts.not_sent),
        ("lost requests", counts.lost_requests),
        ("server errors", counts.server_errors),
        ("lost answers", counts.lost_answers),
        ("truncated", counts.truncated),
    ] {
        assert!((15..=50).contains(&count), "{name}: {count} of 300 at a tenth");
    }
    assert!((115..=185).contains(&counts.delayed), "{counts:?}");
}

#[tokio::test]
async fn each_fault_is_what_it_says_and_is_counted() {
    let clock = clock();
    let certain = || faults(1, clock.clone());
    let expect = async |faults: Faults<_>, outcome: &str, counted: FaultCounts| {
        assert_eq!(outcomes(&faults, 1).await, [outcome]);
        assert_eq!(format!("{:?}", faults.counts()), format!("{counted:?}"));
    };
    let mut counts = FaultCounts::default();
    counts.calls = 1;
    let mut counted = counts;
    counted.not_sent = 1;
    expect(certain().with_not_sent(1.0), "injected: not sent", counted).await;
    let mut counted = counts;
    counted.lost_requests = 1;
    expect(certain().with_lost_requests(1.0), "injected: the request was lost", counted).await;
    let mut counted = counts;
    counted.lost_answers = 1;
    expect(certain().with_lost_answers(1.0), "injected: the answer was lost", counted).await;
    let mut counted = counts;
    counted.truncated = 1;
    expect(certain().with_truncated_bodies(1.0), "injected: the body was cut off", counted).await;
    expect(certain(), "200 0123456789", counts).await;
}

#[tokio::test]
async fn the_server_sees_lost_answers_and_nothing_else_that_fails() {
    type Platform = Box<dyn Fn(Request<Bytes>) -> Result<Response<Bytes>, TransportError> + Send + Sync>;
    type Prepared = Faults<MemoryTransport<Platform>>;
    let seen = async |prepare: fn(Prepared) -> Prepared| {
        let count = Arc::new(Mutex::new(0));
        let counted = count.clone();
        let platform: Platform = Box::new(move |_| {
            *counted.lock().unwrap() += 1;
            Ok(Response::new(Bytes::new()))
        });
        let faults = prepare(Faults::new(MemoryTransport::new(platform), 1, clock()));
        let outcome = ask(&faults, request("POST", "/", "")).await;
        (*count.lock().unwrap(), outcome.err().map(|error| error.is_outcome_unknown()))
    };
    assert_eq!(seen(|faults| faults.with_not_sent(1.0)).await, (0, Some(false)));
    assert_eq!(seen(|faults| faults.with_lost_requests(1.0)).await, (0, Some(true)));
    assert_eq!(seen(|faults| faults.with_server_errors(1.0)).await, (0, None));
    assert_eq!(seen(|faults| faults.with_lost_answers(1.0)).await, (1, Some(true)));
}

#[tokio::test]
async fn server_errors_are_of_both_kinds_and_of_the_protocols_form() {
    let came = outcomes(&faults(3, clock()).with_server_errors(1.0), 40).await;
    for error in [
        r#"500 {"error":{"code":"server.internal","message":"injected"}}"#,
        r#"503 {"error":{"code":"server.unavailable","message":"injected"}}"#,
    ] {
        assert!(came.iter().filter(|came| *came == error).count() >= 10, "{came:?}");
    }
}

#[tokio::test]
async fn a_truncated_body_breaks_off_before_its_end() {
    let faults = faults(5, clock()).with_truncated_bodies(1.0);
    let mut lengths = Vec::new();
    for _ in 0..20 {
        let mut body = faults.send(request("GET", "/", "")).await.unwrap().into_body();
        let mut length = 0;
        let error = loop {
            match body.frame().await.expect("an error comes before the end") {
                Ok(frame) => length += frame.into_data().unwrap().len(),
                Err(error) => break error,
            }
        };
        assert!(error.is_outcome_unknown() && length < 10);
        assert!(body.frame().await.is_none(), "after the error there is nothing");
        lengths.push(length);
    }
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 3, "they break off in different places: {lengths:?}");
}

#[tokio::test]
async fn latency_and_slow_bodies_wait_on_the_clock() {
    let clock = clock();
    let slow = faults(1, clock.clone()).with_slow_bodies(1.0, 4, Duration::from_secs(10));
    assert_eq!(outcomes(&slow, 1).await, ["200 0123456789"]);
    assert_eq!(clock.slept(), Duration::from_secs(30), "4, 4 and 2 bytes");
    let late = faults(1, clock.clone()).with_latency(1.0, Duration::from_secs(100)..=Duration::from_secs(200));
    let before = clock.monotonic();
    outcomes(&late, 1).await;
    let waited = clock.monotonic() - before;
    assert!((Duration::from_secs(100)..=Duration::from_secs(200)).contains(&waited), "{waited:?}");
    assert_eq!((slow.counts().slow, late.counts().delayed), (1, 1));
}

#[tokio::test]
async fn probabilities_that_make_no_sense_do_no_harm() {
    let faults = faults(1, clock())
        .with_not_sent(-3.0)
        .with_lost_requests(f64::NAN)
        .with_server_errors(0.5)
        .with_lost_answers(9.0);
    outcomes(&faults, 200).await;
    let counts = faults.counts();
    assert_eq!((counts.not_sent, counts.lost_requests), (0, 0));
    assert!((70..=130).contains(&counts.server_errors), "{counts:?}");
    assert_eq!(counts.server_errors + counts.lost_answers, 200);
}

#[tokio::test]
async fn a_client_comes_through_what_may_be_tried_again() {
    let clock = clock();
    let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from(r#"{"ok":true}"#))));
    let faults =
        Faults::new(platform, 11, clock.clone()).with_not_sent(0.2).with_lost_answers(0.2).with_server_errors(0.2);
    let builder = Client::builder().endpoint("https://open.example.com").app("app", "secret");
    let client = builder.transport(faults.clone()).clock(clock).build().unwrap();
    let shop = client.for_shop("shop-1");
    let mut done = 0;
    for _ in 0..20 {
        let answer: Result<ecloud::Json, Error> = shop.request(ecloud::Method::GET, "/v1/x").send().await;
        done += u32::from(answer.is_ok());
    }
    assert!(done >= 10 && faults.counts().calls > 20, "{done} of 20 with {:?}", faults.counts());
}
