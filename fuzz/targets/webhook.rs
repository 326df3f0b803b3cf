//! Deliveries of events: headers that lie, and genuine bodies that hold anything.
//!
//! Lines of headers, an empty line, the body. What is taken for genuine has the signature that the signer makes of it; a genuine body is handled
//! once and refused or a duplicate the second time; what isn't known is kept as it came.

#![no_main]

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ecloud_core::event::{EventOutcome, WebhookHandler, WebhookSecret, WebhookSigner, WebhookVerifier};
use ecloud_core::{ManualClock, Timestamp};
use ecloud_trade::events::TradeEvent;
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_337_400);

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&line[..colon]), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("a secret");
    let signer = WebhookSigner::new(secret.clone());
    let clock = || Arc::new(ManualClock::new(NOW));
    let verifier = || WebhookVerifier::with_clock([secret.clone()], clock()).expect("one secret");
    if let Ok(delivery) = verifier().verify(&headers, body) {
        let own = signer.headers(delivery.id, delivery.sent_at, body).expect("what is verified can be signed");
        let own = own["webhook-signature"].to_str().expect("ASCII");
        let given = headers["webhook-signature"].to_str().expect("what is verified is ASCII");
        assert!(given.split(' ').any(|signature| signature == own), "no signature of ours");
    }

    let headers = signer.headers("msg-1", NOW, body).expect("an id and a time");
    let handler = WebhookHandler::<TradeEvent>::new(verifier());
    let mut handled = 0;
    let mut handle = || {
        let answer = handler.handle(&headers, body, |event| {
            handled += 1;
            if let TradeEvent::Unknown(other) = &event.data {
                let text = other.data.as_str().as_bytes();
                assert!(body.windows(text.len()).any(|part| part == text), "not as it came");
            }
            ready(Ok::<(), Infallible>(()))
        });
        match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => {
                (answer.outcome(), answer.refusal().and_then(|refusal| refusal.code().map(str::to_owned)))
            }
            Poll::Pending => panic!("there is nothing to wait for"),
        }
    };
    let (first, second) = (handle(), handle());
    match first.0 {
        EventOutcome::Handled => assert_eq!((second.0, handled), (EventOutcome::Duplicate, 1)),
        _ => assert_eq!((&second, handled), (&first, 0)),
    }
});
