//! What a recording holds, and what it never holds.

use std::time::Duration;

use ecloud::testing::Faults;
use ecloud::{Clock, Method, Pause};
use ecloud_sandbox::{Payment, Purchase, Sandbox};
use futures_util::FutureExt;
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::*;

const TOKEN: &str = "planted.access-token_7d21";
const NAME: &str = "欧阳植入";
const PHONE: &str = "13912345678";
const STREET: &str = "植入路八百八十八号";

fn assert_holds_none(text: &str, planted: &[&str]) {
    for planted in planted {
        if let Some(at) = text.find(planted) {
            let start = text[..at].char_indices().rev().nth(200).map_or(0, |(at, _)| at);
            panic!("{planted} is recorded: {}", &text[start..at]);
        }
    }
}

#[tokio::test]
async fn a_session_with_the_sandbox_is_recorded_without_anything_planted_and_gives_the_same_answers_again() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200)));
    let sandbox =
        Sandbox::builder().app("planted-app", "planted-secret-1").access_token(TOKEN).clock(clock.clone()).build();
    let recording = Recording::default();
    let recorder = Recorder::new(sandbox.transport(), recording.clone()).with_salt(SALT);
    let product = Product::new(sandbox.client().build().unwrap());
    let page = product.items().list().send().await.unwrap();
    let sku = page.items.iter().flat_map(|item| &item.skus).find(|sku| sku.available > 1).unwrap();
    let order_id = sandbox.buyer().place(Purchase::new(sku.sku_id.as_str(), 1).receiver(NAME, PHONE, STREET)).unwrap();
    sandbox.buyer().pay(&order_id, Payment::Wallet).unwrap();

    let session = async |client: Client| {
        let trade = Trade::new(&client);
        let list = trade.orders().list().limit(5).send().await.unwrap();
        let order = trade.orders().get(&*order_id).send().await.unwrap();
        let receiver = order.receiver.clone().unwrap();
        // What an answer told goes into the next request, whose route doesn't exist.
        let body = ecloud::Json::from_iter([("memo", NAME), ("phone", receiver.phone.ciphertext().unwrap())]);
        let path = format!("/trade/v1/orders/{order_id}");
        let found: Result<ecloud::Json, Error> =
            client.for_shop("shop-1").access_token(TOKEN).request(Method::POST, path).json(&body).send().await;
        let missing = trade.orders().get(PHONE).send().await.unwrap_err();
        (list, order, found.unwrap_err().code().map(str::to_owned), missing.code().map(str::to_owned))
    };
    let recorded = session(sandbox.client().transport(recorder.clone()).build().unwrap()).await;
    assert_eq!(recorder.finish().unwrap(), 4);
    let text = recording.text();
    assert_holds_none(&text, &[TOKEN, "planted-app", "planted-secret-1", NAME, PHONE, STREET, "欧阳", "planted"]);
    assert!(text.contains(&*order_id) && text.contains("/trade/v1/orders"), "the rest is there");
    assert!(!text.contains(recorded.1.receiver.as_ref().unwrap().phone.ciphertext().unwrap()));

    let replayer = recording.replayer().with_salt(SALT).unwrap();
    let replayed = session(sandbox.client().transport(replayer.clone()).build().unwrap()).await;
    assert_eq!(replayer.unused(), Vec::<String>::new());
    assert_eq!((&replayed.2, &replayed.3), (&recorded.2, &recorded.3));
    let ids = |list: &ecloud::trade::orders::OrderPage| -> Vec<String> {
        list.items.iter().map(|order| order.order_id.to_string()).collect()
    };
    assert_eq!(ids(&replayed.0), ids(&recorded.0));
    let (was, is) = (&recorded.1, &replayed.1);
    assert_eq!((&is.order_id, &is.status, &is.amounts), (&was.order_id, &was.status, &was.amounts));
    assert!(is.receiver.as_ref().unwrap().phone.ciphertext().unwrap().starts_with("~1~redacted~"));
}

#[tokio::test]
async fn secrets_and_personal_data_are_replaced_wherever_a_request_or_an_answer_may_hold_them() {
    let recording = Recording::default();
    let answer = r#"{"receiver":{"name":"欧阳植入","phone":{"masked":"planted*"},"mobile":13912345678},"remark":"call planted@example.com",
        "access_token":"planted-token-2","text":"欧阳植入 lives at 植入路八百八十八号","address":{"lines":["植入路八百八十八号"]},
        "pet_name":"planted-pet","payload":"{\"idCard\":\"planted-id\"}","link":"https://x.example/?token=planted-token-3&page=2"}"#;
    let platform = MemoryTransport::new(move |_| {
        let builder = Response::builder().header("set-cookie", "session=planted-cookie-1").header("x-other", "planted");
        Ok(builder.body(Bytes::from(answer)).unwrap())
    });
    let recorder = Recorder::new(platform, recording.clone()).with_redacted("petName");
    for (content_type, body) in [
        ("application/json", r#"{"buyer_nick":"planted-nick","note":"planted"}"#),
        (
            "application/x-www-form-urlencoded",
            "client_secret=planted-secret&code=planted-code&grant_type=authorization_code",
        ),
        ("application/xml", "<Order><receiver><name>欧阳植入</name></receiver><password>planted</password></Order>"),
        ("text/plain", "13912345678 planted@example.com Bearer planted-token"),
        ("application/json", r#"{"password":"planted"#),
    ] {
        let target = "https://user:planted-password@open.example.com/v1/13912345678/planted@example.com?app_key=planted&phone=planted\
            &api_key=planted&q=13912345678";
        let request = Request::builder()
            .uri(target)
            .header("content-type", content_type)
            .header("authorization", "Bearer planted-token")
            .header("cookie", "a=planted-cookie-2")
            .header("x-api-key", "planted-key")
            .header("x-ecloud-nonce", "planted-nonce")
            .header("idempotency-key", "planted-idempotency-key")
            .header("x-customer", "planted")
            .body(Bytes::from(body).into())
            .unwrap();
        ask(&recorder, request).await.unwrap();
    }
    assert_eq!(recorder.finish().unwrap(), 5);
    assert_holds_none(&recording.text(), &["planted", "欧阳", "植入", "13912345678"]);
}

#[tokio::test]
async fn the_same_value_has_the_same_placeholder_in_every_place_and_every_recording_of_one_salt() {
    let placeholders = async |salt: &str| {
        let recording = Recording::default();
        let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from(r#"{"phone":"13912345678"}"#))));
        let recorder = Recorder::new(platform, recording.clone()).with_salt(salt);
        ask(&recorder, request("GET", "/customers/13912345678?phone=139-1234-5678", "")).await.unwrap();
        let line = &recording.lines()[0];
        let part = |value: &ecloud::Json, before: &str| {
            value.as_str().unwrap().split(before).nth(1).unwrap().trim_matches(['"', '}']).to_owned()
        };
        let path = part(&line["request"]["path"], "/customers/");
        assert_eq!(path, part(&line["request"]["query"], "phone="));
        assert_eq!(path, part(&line["response"]["body"]["text"], "phone\":"));
        path
    };
    assert_eq!(placeholders("one").await, placeholders("one").await);
    assert_ne!(placeholders("one").await, placeholders("two").await);
}

#[tokio::test]
async fn a_recorder_without_a_salt_draws_one() {
    let (one, two) = (Recording::default(), Recording::default());
    for recording in [&one, &two] {
        let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from(r#"{"phone":"13912345678"}"#))));
        ask(&Recorder::new(platform, recording.clone()), request("GET", "/", "")).await.unwrap();
    }
    assert_ne!(one.lines()[0]["response"], two.lines()[0]["response"]);
    assert_ne!(one.lines()[0]["salt"], two.lines()[0]["salt"]);
}

#[tokio::test]
async fn times_are_recorded_from_the_given_clock_alone() {
    let recording = Recording::default();
    ask(&recorder(&recording, "{}"), request("GET", "/", "")).await.unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200)));
    let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from("{}"))));
    let slow = Faults::new(platform, 1, clock.clone())
        .with_latency(1.0, Duration::from_millis(70)..=Duration::from_millis(70));
    ask(&Recorder::new(slow, recording.clone()).with_clock(clock), request("GET", "/", "")).await.unwrap();
    let lines = recording.lines();
    assert!(lines[0].get("at").is_none() && lines[0].get("elapsed_ms").is_none());
    assert_eq!((&lines[1]["at"], &lines[1]["elapsed_ms"]), (&"2026-11-22T08:30:00.000Z".into(), &70.into()));
}

/// An answer in chunks of four bytes.
fn in_chunks(body: &'static str) -> Faults<impl Transport> {
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let platform = MemoryTransport::new(move |_| Ok(Response::new(Bytes::from(body))));
    Faults::new(platform, 1, clock).with_slow_bodies(1.0, 4, Duration::ZERO)
}

#[tokio::test]
async fn bodies_in_chunks_pass_through_and_are_recorded_whole() {
    let recording = Recording::default();
    let recorder = Recorder::new(in_chunks(r#"{"phone":"13912345678"}"#), recording.clone()).with_salt(SALT);
    let mut body = recorder.send(request("POST", "/", r#"{"n":1}"#)).await.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), r#"{"ph"#);
    assert_eq!(recording.text(), "", "the exchange hasn't ended");
    body.collect().await.unwrap();
    assert_eq!(recording.lines()[0]["request"]["body"]["text"], r#"{"n":1}"#);
    assert_holds_none(&recording.text(), &[PHONE, "5678"]);

    let chunks = futures_util::stream::iter(["{\"n\"", ":1}"].map(|chunk| Ok(Frame::data(Bytes::from(chunk)))));
    let chunked = request("POST", "/", "").map(|_| Body::new(StreamBody::new(chunks)));
    ask(&recording.replayer(), chunked).await.unwrap();
}

#[tokio::test]
async fn a_body_beyond_the_limit_passes_through_and_the_line_says_so() {
    let recording = Recording::default();
    let recorder = recorder(&recording, "0123456789").with_body_limit(9);
    let (_, body) = ask(&recorder, request("POST", "/", "0123456789")).await.unwrap();
    assert_eq!(body, "0123456789");
    let line = &recording.lines()[0];
    for part in ["request", "response"] {
        assert_eq!(line[part]["body"]["omitted"], "larger than 9 bytes");
    }
    let error = ask(&recording.replayer(), request("POST", "/", "anything")).await.unwrap_err();
    assert_eq!(reason(&error), "replay: line 1: POST /: its body isn't recorded: larger than 9 bytes");
}

#[tokio::test]
async fn failures_broken_bodies_and_answers_nobody_waits_for_have_a_line_too() {
    let recording = Recording::default();
    let failing = MemoryTransport::new(|_| Err(TransportError::not_sent("no route to 13912345678")));
    ask(&Recorder::new(failing, recording.clone()), request("GET", "/1", "")).await.unwrap_err();
    let broken = Recorder::new(in_chunks("0123456789").with_truncated_bodies(1.0), recording.clone());
    ask(&broken, request("GET", "/2", "")).await.unwrap_err();
    drop(broken.send(request("GET", "/3", "")).await.unwrap());
    drop(broken.send(request("GET", "/4", "")));

    let replayer = recording.replayer();
    let error = ask(&replayer, request("GET", "/1", "")).await.unwrap_err();
    assert!(!error.is_outcome_unknown() && reason(&error).starts_with("no route to 10"), "{}", reason(&error));
    let mut body = replayer.send(request("GET", "/2", "")).await.unwrap().into_body();
    let beginning = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!("0123456789".starts_with(std::str::from_utf8(&beginning).unwrap()));
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(error.is_outcome_unknown() && reason(&error) == "injected: the body was cut off");
    let error = ask(&replayer, request("GET", "/3", "")).await.unwrap_err();
    assert_eq!(reason(&error), "the answer wasn't read to its end");
    assert_eq!(replayer.unused(), Vec::<String>::new(), "a request that was never polled wasn't sent");
}

/// A clock on which no time passes.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Pause {
        Box::pin(std::future::pending())
    }

    fn expiry(&self, _: Duration) -> Pause {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_is_recorded_as_one_of_unknown_outcome() {
    let recording = Recording::default();
    let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::new())));
    let second = Duration::from_secs(1);
    let slow = Faults::new(platform, 1, Arc::new(Stopped)).with_latency(1.0, second..=second);
    let recorder = Recorder::new(slow, recording.clone());
    assert!(recorder.send(request("GET", "/", "")).now_or_never().is_none());
    let error = ask(&recording.replayer(), request("GET", "/", "")).await.unwrap_err();
    assert!(error.is_outcome_unknown() && reason(&error) == "the caller gave up");
}

/// A disk that is full after some bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(self.0);
        self.0 -= fits;
        if fits == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_disk_breaks_no_call_and_is_told_in_the_end() {
    let platform = MemoryTransport::new(|_| Ok(Response::new(Bytes::from("{}"))));
    let recorder = Recorder::new(platform, Full(300));
    for _ in 0..5 {
        assert_eq!(ask(&recorder, request("GET", "/", "")).await.unwrap().0, 200);
    }
    let error = recorder.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().starts_with("recording: the file can't be written: "), "{error}");
}

#[test]
fn debug_shows_neither_salt_nor_secrets() {
    let recorder = recorder(&Recording::default(), "planted");
    assert_eq!(format!("{recorder:?}"), "Recorder(MemoryTransport)");
    let replayer = Replayer::from_reader(&b""[..]).unwrap();
    assert_eq!(format!("{replayer:?}"), "Replayer { exchanges: 0, .. }");
}
