//! Secrets and personal data stay where they belong: they are in no log, no error and no `Debug`.

use std::io::Write;
use std::sync::{Arc, Mutex};

use ecloud::jwt::{Jwks, Verifier};
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::{QuotaLimit, RetryPolicy, SystemClock};
use ecloud_sandbox::{Fault, Grant, Purchase, Sandbox};
use tracing_subscriber::fmt::MakeWriter;

/// All that is logged and shown in this test.
#[derive(Clone, Default)]
pub(crate) struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    pub(crate) fn note(&self, what: impl std::fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{what:?}\n{what:#?}").unwrap();
    }

    pub(crate) fn note_error(&self, error: &Error) {
        self.note(error);
        writeln!(self.0.lock().unwrap(), "{error}").unwrap();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            writeln!(self.0.lock().unwrap(), "{cause} {cause:?}").unwrap();
            source = cause.source();
        }
    }
}

impl Shown {
    /// Writes down all that is logged by this thread, until what it returns is dropped.
    pub(crate) fn listen(&self) -> Listening {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(self.clone())
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .finish();
        // Of one subscriber alone tracing asks that of the thread that comes by first, which may be another test's, and has none.
        let second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
        Listening { _logging: tracing::subscriber::set_default(subscriber), _second: second }
    }

    /// Panics where any of these texts was shown.
    pub(crate) fn assert_holds_none(&self, planted: &[&str]) -> String {
        let shown = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        for planted in planted {
            if let Some(at) = shown.find(planted) {
                let start = shown[..at].char_indices().rev().nth(300).map_or(0, |(at, _)| at);
                panic!("{planted} is shown: {}", &shown[start..at]);
            }
        }
        shown
    }
}

/// While it lives, a thread is listened to.
pub(crate) struct Listening {
    _logging: tracing::subscriber::DefaultGuard,
    _second: tracing::Dispatch,
}

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Shown {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const SECRET: &str = "planted-app-secret-9f3c";
const TOKEN: &str = "planted.access-token_7d21";
const NAME: &str = "欧阳植入";
const PHONE: &str = "13912345678";
const STREET: &str = "植入路八百八十八号";

#[tokio::test]
async fn nothing_planted_is_shown_anywhere() {
    let shown = Shown::default();
    let _listening = shown.listen();
    #[cfg(feature = "metrics")]
    let metrics = crate::metrics::Listener::begin();

    let sandbox = Sandbox::builder().app("planted-app", SECRET).access_token(TOKEN).start().await;
    let builder = sandbox.client().quota(QuotaLimit::UNLIMITED);
    shown.note(&sandbox);
    shown.note(&builder);
    let client = builder.build().unwrap();
    let shop = client.for_shop("shop-1").access_token(TOKEN);
    shown.note(&client);
    shown.note(&shop);

    let sku = sandbox.client().build().unwrap();
    let page = Product::new(&sku).items().list().send().await.unwrap();
    // A span that another test's thread met first, without a subscriber, is switched off for this one, too, where both came at once.
    tracing::callsite::rebuild_interest_cache();
    let sku = page.items.iter().flat_map(|item| &item.skus).find(|sku| sku.available > 1).unwrap();
    let purchase = Purchase::new(sku.sku_id.as_str(), 1).receiver(NAME, PHONE, STREET);
    shown.note(&purchase);
    let order_id = sandbox.buyer().place(purchase).unwrap();
    sandbox.buyer().pay(&order_id, ecloud_sandbox::Payment::Wallet).unwrap();

    // Successes, with models that hold personal fields.
    let (trade, logistics) = (Trade::new(&shop), Logistics::new(&shop));
    let get = trade.orders().get(&*order_id);
    shown.note(&get);
    let answer = get.send_with_meta().await.unwrap();
    assert!(answer.value.receiver.is_some());
    shown.note(&answer);
    shown.note(trade.orders().get(&*order_id).send_raw().await.unwrap());

    // Errors of every making.
    shown.note_error(&trade.orders().get("no-such-order").send().await.unwrap_err());
    let input = ShipmentInput::new(&*order_id, "no-such-carrier", "X1");
    shown.note_error(&logistics.shipments().create(input).send().await.unwrap_err());
    let wrong: Result<Vec<String>, Error> =
        shop.request(ecloud::Method::GET, format!("/trade/v1/orders/{order_id}")).send().await;
    shown.note_error(&wrong.unwrap_err());
    for fault in [Fault::status(503), Fault::dropped_connection(), Fault::status(429)] {
        sandbox.inject(fault.next(5));
        let client = sandbox
            .client()
            .retry(RetryPolicy::standard().with_backoff(std::time::Duration::ZERO, std::time::Duration::ZERO));
        let error = Trade::new(client.build().unwrap()).orders().get(&*order_id).send().await.unwrap_err();
        shown.note_error(&error);
        sandbox.clear_faults();
    }
    let other_secret = sandbox.client().app("planted-app", format!("{SECRET}-other")).build().unwrap();
    shown.note_error(&Trade::new(&other_secret).orders().list().send().await.unwrap_err());
    let other_token = client.for_shop("shop-1").access_token(format!("{TOKEN}-other"));
    shown.note_error(&Trade::new(&other_token).orders().list().send().await.unwrap_err());
    shown.note_error(&sandbox.client().app("planted-app", format!("{SECRET}\n")).build().unwrap_err());
    shown.note_error(&sandbox.client().endpoint(format!("https://user:{SECRET}@x.example")).build().unwrap_err());
    shown.note(sandbox.received());
    crate::sensitive::show_everything(&shown).await;

    // Parameters, bodies and names that are the caller's own; what the platform received of them shows its target.
    let personal = client.for_shop(NAME).access_token(TOKEN);
    shown.note_error(&Trade::new(&personal).orders().get(PHONE).send().await.unwrap_err());
    let by_hand = personal.request(ecloud::Method::POST, "/trade/v1/no-such-route/{order_id}").path("order_id", PHONE);
    let by_hand =
        by_hand.query("keyword", NAME).json(&serde_json::json!({"receiver": STREET})).quota(NAME.to_owned(), 1);
    _ = by_hand.with_idempotency_key(PHONE).send::<serde_json::Value>().await.unwrap_err();
    // A JWT that is verified, refused locally, and refused by the platform.
    let jwt = sandbox.issue_token(Grant::new("shop-1").scopes(["trade:read"]));
    let jwks =
        Jwks::fetched("http://localhost/.well-known/jwks.json", sandbox.transport(), Arc::new(SystemClock::new()));
    let (verifier, jwks) = (Verifier::new(sandbox.issuer()), jwks.unwrap());
    shown.note((&verifier, &jwks));
    for token in [jwt.clone(), jwt[..jwt.len() - 8].to_owned()] {
        let client = sandbox.client().verify_tokens(verifier.clone(), jwks.clone()).build().unwrap();
        let product = Product::new(client.for_shop("shop-1").access_token(&token));
        shown.note_error(&product.items().list().send().await.unwrap_err());
        let open = sandbox.client().without_token_check().build().unwrap();
        let product = Product::new(open.for_shop("shop-1").access_token(&token));
        shown.note_error(&product.items().list().send().await.unwrap_err());
    }
    let [_, payload, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    #[cfg(feature = "metrics")]
    writeln!(shown.clone(), "{}", metrics.text()).unwrap();

    let shown = shown.assert_holds_none(&[SECRET, TOKEN, NAME, PHONE, STREET, payload, signature]);
    assert!(shown.contains("139****5678"), "masks are shown");
    assert!(shown.contains("ecloud.call") && shown.contains("trade.orders.get"), "the log was listened to");
}
