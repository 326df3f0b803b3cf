//! How long a sandbox takes to start, and the platform to answer a call.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "it measures real time, and prints it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use ecloud_core::dialect::ecloud::{SigningKey, string_to_sign};
use ecloud_core::{Clock, ManualClock, Timestamp};
use ecloud_sandbox::{Request, Sandbox, Tier};
use http::{HeaderMap, HeaderValue, Method};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut starts = Vec::new();
    for _ in 0..201 {
        let begin = Instant::now();
        let sandbox = runtime.block_on(Sandbox::start());
        starts.push(begin.elapsed());
        drop(sandbox);
    }
    let first = starts.remove(0);
    starts.sort();
    println!("start on wiremock, the first of the process   {first:>10.1?}");
    println!("start on wiremock, median of the next 200     {:>10.1?}", starts[100]);
    println!("start on wiremock, slowest of the next 200    {:>10.1?}", starts[199]);

    let begin = Instant::now();
    let mut heart = Heart::new()?;
    heart.ask("/trade/v1/orders/T1000001")?;
    println!("first request, with the descriptions read and the shop's history played {:>10.1?}", begin.elapsed());
    let begin = Instant::now();
    Heart::new()?.ask("/trade/v1/orders/T1000001")?;
    println!("first request of a later sandbox, with its making                       {:>10.1?}", begin.elapsed());
    for (what, target, count) in [
        ("one order", "/trade/v1/orders/T1000001", 20_000),
        ("a page of 100 orders", "/trade/v1/orders?limit=100", 2_000),
        ("a page of 50 items", "/product/v1/items", 2_000),
    ] {
        println!("{what:<45} {:>10.1?} a call", heart.measure(target, count)?);
    }
    Ok(())
}

/// A platform on a clock that stands, and what is needed to sign requests to it.
struct Heart {
    sandbox: Sandbox,
    clock: ManualClock,
    key: SigningKey,
    count: u64,
}

impl Heart {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_763_800_000));
        let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).build();
        let key = SigningKey::new(sandbox.app_secret().as_bytes());
        Ok(Self { sandbox, clock, key, count: 0 })
    }

    fn request(&mut self, target: &str) -> Result<Request, Box<dyn std::error::Error>> {
        self.count += 1;
        let timestamp = self.clock.now().unix_seconds().to_string();
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("authorization", format!("Bearer {}", self.sandbox.access_token()).parse()?);
        headers.insert("x-ecloud-app-key", self.sandbox.app_key().parse()?);
        headers.insert("x-ecloud-timestamp", timestamp.parse()?);
        headers.insert("x-ecloud-nonce", format!("nonce-{:020}", self.count).parse()?);
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let signature = self.key.sign(&string_to_sign("GET", path, query, &timestamp, &headers)?);
        headers.insert("x-ecloud-signature", signature.as_str().parse()?);
        let mut request = Request::new(Method::GET, target);
        request.headers = headers;
        Ok(request)
    }

    fn ask(&mut self, target: &str) -> Result<(), Box<dyn std::error::Error>> {
        let request = self.request(target)?;
        let answer = self.sandbox.platform().answer(&request, self.clock.now());
        assert_eq!(answer.response.status(), 200, "{:?}", answer.response.body());
        // Long enough for the quota to fill up again.
        self.clock.advance(Duration::from_millis(5));
        Ok(())
    }

    /// The mean time that the platform takes to answer, signing not counted.
    fn measure(&mut self, target: &str, count: u32) -> Result<Duration, Box<dyn std::error::Error>> {
        let mut all = Duration::ZERO;
        for _ in 0..count {
            let request = self.request(target)?;
            let begin = Instant::now();
            let answer = self.sandbox.platform().answer(&request, self.clock.now());
            all += begin.elapsed();
            assert_eq!(answer.response.status(), 200);
            self.clock.advance(Duration::from_millis(5));
        }
        Ok(all / count)
    }
}
