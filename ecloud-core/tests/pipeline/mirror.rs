//! Reads copied to a second endpoint.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::endpoints::{at, builder, clock};
use crate::platform::{Platform, Step, ok, status};
use crate::spans::listen;
use ecloud_core::{Client, Endpoints, Json, ManualClock, Method, Mirror, MirrorCounts, Quota, QuotaLimit};

type Told = Arc<Mutex<Vec<(u16, Option<u16>, Vec<String>)>>>;

fn mirrored(regions: &[Platform], clock: &ManualClock, share: f64) -> (ecloud_core::ClientBuilder, Told) {
    let told = Told::default();
    let noted = told.clone();
    let mirror = Mirror::new(at(1), share).on_copy(move |copy| {
        noted.lock().unwrap().push((copy.status, copy.mirror_status, copy.differences.to_vec()));
    });
    (builder(regions, clock).endpoints(Endpoints::new([at(0)]).with_mirror(mirror)), told)
}

async fn read(client: &Client) {
    let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").query("a", 1);
    _ = request.send::<Json>().await;
    // The copy is a task of its own, which ends as soon as it is let.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

fn counts(client: &Client) -> MirrorCounts {
    client.mirror_counts().unwrap()
}

#[tokio::test]
async fn a_read_is_copied_as_a_call_of_its_own() {
    let regions = [Platform::new([]), Platform::new([])];
    let (client, told) = mirrored(&regions, &clock(), 1.0);
    let client = client.tag("blue").build().unwrap();
    read(&client).await;
    let (first, copy) = (&regions[0].seen()[0], &regions[1].seen()[0]);
    assert_eq!((&first.target, &first.tag), (&copy.target, &copy.tag));
    assert_ne!(first.nonce, copy.nonce);
    assert_eq!(*told.lock().unwrap(), [(200, Some(200), vec![])]);
    assert_eq!(counts(&client).same, 1);
}

#[tokio::test]
async fn differences_of_status_and_body_are_told() {
    let other = Step::Answer(200, &[], r#"{"order_id":"T2","next_cursor":"x"}"#);
    let error = Step::Answer(404, &[], r#"{"error":{"code":"trade.order_not_found","message":"none"}}"#);
    let regions =
        [Platform::new([ok(), ok(), error.clone(), ok()]), Platform::new([other, status(500), error, Step::BreakOff])];
    let (client, told) = mirrored(&regions, &clock(), 1.0);
    let client = client.build().unwrap();
    for _ in 0..4 {
        read(&client).await;
    }
    assert_eq!(
        *told.lock().unwrap(),
        [
            (200, Some(200), vec!["/order_id".to_owned()]),
            (200, Some(500), vec![]),
            (404, Some(404), vec![]),
            (200, None, vec![]),
        ]
    );
    let counts = counts(&client);
    assert_eq!((counts.same, counts.different, counts.unanswered, counts.skipped), (1, 2, 1, 0));
    assert_eq!((regions[0].seen().len(), regions[1].seen().len()), (4, 4));
    assert_eq!((client.retry_budget().available(), client.endpoints().len()), (500, 1));
}

#[tokio::test]
async fn writes_are_never_copied_and_of_reads_a_share() {
    let regions = [Platform::new([]), Platform::new([])];
    let (client, _) = mirrored(&regions, &clock(), 0.25);
    let client = client.quota(Quota::none()).build().unwrap();
    for _ in 0..20 {
        client.for_shop("shop-1").request(Method::POST, "/trade/v1/orders").send::<Json>().await.unwrap();
    }
    assert_eq!(regions[1].seen().len(), 0);
    for _ in 0..400 {
        read(&client).await;
    }
    assert!((60..140).contains(&regions[1].seen().len()), "{}", regions[1].seen().len());
}

#[tokio::test]
async fn a_copy_draws_on_the_quota_and_never_waits_for_it() {
    let regions = [Platform::new([]), Platform::new([])];
    let clock = clock();
    let (client, _) = mirrored(&regions, &clock, 1.0);
    let quota = Quota::none().each_group(QuotaLimit::new(1.0, 6.0).unwrap());
    let client = client.quota(quota).build().unwrap();
    for _ in 0..5 {
        let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").quota("trade.orders", 1);
        request.send::<Json>().await.unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    let counts = counts(&client);
    assert!(counts.skipped > 0 && counts.same > 0 && counts.skipped + counts.same == 5, "{counts:?}");
    assert_eq!(regions[1].seen().len() as u64, counts.same);
    // Nobody waited but for the tokens that the copies had taken: 10 calls at most, of which 5 were free.
    assert!(clock.slept() <= Duration::from_secs(5));
}

#[tokio::test]
async fn what_the_mirror_says_of_quota_and_clock_is_its_own() {
    const POOR: &[(&str, &str)] = &[
        ("x-ecloud-quota-group", "trade.orders"),
        ("x-ecloud-quota-rate", "0.01"),
        ("x-ecloud-quota-capacity", "1"),
        ("x-ecloud-quota-remaining", "0"),
        ("x-ecloud-retry-after-ms", "3600000"),
    ];
    const SKEW: &str = r#"{"error":{"code":"auth.timestamp_skew","message":"more than 300 seconds"}}"#;
    let ahead = Step::Answer(401, &[("date", "Sun, 22 Nov 2026 09:30:00 GMT")], SKEW);
    let regions =
        [Platform::new([]), Platform::new([ahead, Step::Answer(200, POOR, "{}"), Step::Answer(429, POOR, "")])];
    let clock = clock();
    let (client, _) = mirrored(&regions, &clock, 1.0);
    let client = client.build().unwrap();
    for _ in 0..5 {
        let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").quota("trade.orders", 1);
        request.send::<Json>().await.unwrap();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!((regions[0].seen().len(), clock.slept()), (5, Duration::ZERO));
    assert_eq!(client.clock_offset_millis(), 0);
    assert_eq!(regions[1].seen()[1].timestamp - regions[1].seen()[0].timestamp, 3600);
}

#[tokio::test]
async fn a_copy_shows_no_path_that_was_put_together_at_run_time() {
    let (listener, _guard) = listen();
    let regions = [Platform::new([]), Platform::new([status(404), ok()])];
    let (client, _) = mirrored(&regions, &clock(), 1.0);
    let client = client.build().unwrap();
    let request = client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/planted".to_owned());
    _ = request.send::<Json>().await;
    read(&client).await;
    assert!(listener.values().iter().all(|value| !value.contains("planted")));
    let of_copies: Vec<_> =
        listener.spans("ecloud.mirror").into_iter().map(|span| span["ecloud.operation"].clone()).collect();
    assert_eq!(of_copies, ["GET", "GET /trade/v1/orders/T1"]);
}
