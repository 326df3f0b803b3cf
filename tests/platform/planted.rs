//! One scan over all that proves who somebody is and all that is personal: what went over the wire of it is shown nowhere else.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ecloud::logistics::addresses::{AddressInput, AddressUse};
use ecloud::prelude::*;
use ecloud::sensitive::audit::AuditFile;
use ecloud::sensitive::{RevealItem, Revealer};
use ecloud::testing::Recorder;
use ecloud::token::FileTokenStore;
use ecloud::transport::{Body, Transport, TransportError};
use ecloud::{Json, ManualClock, RetryPolicy, Sensitive, Tokens};
use ecloud_sandbox::{Fault, Grant, Sandbox};
use http::{Request, Response, header};
use http_body_util::BodyExt;

use crate::secrets::Shown;

const SECRET: &str = "planted-app-secret-9f3c";
const NAME: &str = "欧阳植入";
const PHONE: &str = "13912345678";
const STREET: &str = "植入路八百八十八号";

/// Takes down what is secret of all that goes through it.
#[derive(Clone)]
struct Tap<T> {
    inner: T,
    planted: Arc<Mutex<Vec<String>>>,
}

impl<T> Tap<T> {
    fn new(inner: T) -> Self {
        Self { inner, planted: Arc::default() }
    }

    fn note(&self, secret: &str) {
        self.planted.lock().unwrap().push(secret.to_owned());
    }

    fn note_form(&self, form: &[u8]) {
        let form = std::str::from_utf8(form).unwrap();
        for (name, value) in form.split('&').filter_map(|pair| pair.split_once('=')) {
            if ["code", "code_verifier", "refresh_token", "token"].contains(&name) {
                assert!(!value.contains('%'), "it would have to be decoded");
                self.note(value);
            }
        }
    }

    fn note_answer(&self, answer: &Json) {
        let pair = ["access_token", "refresh_token"].map(|name| &answer[name]);
        let keys = answer["items"].as_array().into_iter().flatten().map(|item| &item["key"]);
        for secret in pair.into_iter().chain(keys).filter_map(Json::as_str) {
            self.note(secret);
        }
    }
}

impl<T> std::fmt::Debug for Tap<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tap")
    }
}

#[async_trait]
impl<T: Transport> Transport for Tap<T> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let authorization = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((_, credentials)) = authorization.and_then(|value| value.split_once(' ')) {
            self.note(credentials);
        }
        if head.uri.path().starts_with("/oauth2/") {
            self.note_form(&body);
        }
        let (answer, body) = self.inner.send(Request::from_parts(head, Body::from(body))).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.note_answer(&serde_json::from_slice(&body).unwrap_or_default());
        Ok(Response::from_parts(answer, Body::from(body)))
    }
}

/// A folder, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("ecloud-planted-{}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// An application with tokens in files, recorded.
struct App {
    shown: Shown,
    folder: Folder,
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

#[tokio::test]
async fn tokens_keys_and_personal_values_that_went_over_the_wire_are_shown_nowhere_else() {
    let shown = Shown::default();
    let _listening = shown.listen();
    let clock = Arc::new(ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200)));
    let sandbox = Sandbox::builder().app("planted-app", SECRET).clock(clock.clone()).build();
    let tap = Tap::new(sandbox.transport());
    let (recording, app) = (Shown::default(), App { shown: shown.clone(), folder: Folder::new(), sandbox, clock });
    let recorder = Recorder::new(tap.clone(), recording.clone()).with_salt("the salt of this test");
    shown.note(&recorder);

    let (tokens, state) = app.authorise(&recorder).await;
    let client = app.sandbox.client().transport(recorder.clone()).tokens(tokens.clone()).build().unwrap();
    shown.note((&tokens, &client, client.for_shop("shop-7")));
    app.tokens_come_and_go(&client, &tokens).await;
    let (audited, opened) = app.personal_fields(&client).await;
    app.end(&client, &tokens).await;
    shown.note(app.sandbox.received());
    recorder.finish().unwrap();
    shown.note(audited);
    shown.note(recording.assert_holds_none(&[]));

    let mut planted = tap.planted.lock().unwrap().clone();
    planted.sort();
    planted.dedup();
    // A code and its verifier, the secret's header, four pairs at least, two data keys.
    assert!(planted.len() >= 2 + 1 + 8 + 2, "{}", planted.len());
    planted.extend([SECRET, NAME, PHONE, STREET, &state, &opened].map(str::to_owned));
    let text = shown.assert_holds_none(&planted.iter().map(String::as_str).collect::<Vec<_>>());
    for seen in
        ["ecloud.token_refresh", "ecloud.call", "/oauth2/token", "/security/v1/reveal", "clerk 17", "139****5678"]
    {
        assert!(text.contains(seen), "{seen} was looked at");
    }
}

impl App {
    /// Takes the owner of a shop through the authorisation; tells the `state`, too.
    async fn authorise(&self, transport: &(impl Transport + Clone)) -> (Tokens, String) {
        let oauth = self.sandbox.oauth().transport(transport.clone()).build().unwrap();
        let pending = oauth.begin([]).unwrap();
        let query = self.sandbox.authorize(pending.url(), Grant::new("shop-7")).unwrap();
        let code = pending.accept(&query).unwrap();
        self.shown.note((&oauth, &pending, &code));
        self.shown.note_error(&pending.accept(&query.replace("state=", "state=x")).unwrap_err());
        let pair = oauth.exchange(code).await.unwrap();
        self.shown.note(&pair);
        let store = FileTokenStore::open(self.folder.0.join("tokens")).unwrap();
        self.shown.note(&store);
        let tokens = Tokens::builder(oauth.clone()).store(store);
        self.shown.note(&tokens);
        let tokens = tokens.build();
        tokens.put("shop-7", pair).await.unwrap();
        (tokens, pending.state().expose().to_owned())
    }

    async fn list(&self, client: &Client) -> Result<(), Error> {
        // A span that another test's thread met first, without a subscriber, is switched off for this one, too, where both came at once.
        tracing::callsite::rebuild_interest_cache();
        let answer = Trade::new(client.for_shop("shop-7")).orders().list().limit(1).send_with_meta().await?;
        self.shown.note(&answer);
        Ok(())
    }

    /// Answers get lost, tokens end early, refreshes fail.
    async fn tokens_come_and_go(&self, client: &Client, tokens: &Tokens) {
        self.list(client).await.unwrap();
        self.clock.advance(Duration::from_secs(7200));
        self.sandbox.inject(Fault::dropped_connection().after_effect().next(1).path_prefix("/oauth2/token"));
        self.list(client).await.unwrap();
        self.sandbox.expire_tokens("shop-7");
        self.list(client).await.unwrap();
        self.sandbox.inject(Fault::status(503).next(200).path_prefix("/oauth2/token"));
        self.sandbox.expire_tokens("shop-7");
        self.shown.note_error(&self.list(client).await.unwrap_err());
        self.sandbox.clear_faults();
        self.clock.advance(Duration::from_secs(120));
        self.list(client).await.unwrap();
        self.shown.note(tokens);
    }

    /// Personal fields are sent and opened; what the audit log says of it, and a text that the platform has opened.
    async fn personal_fields(&self, client: &Client) -> (String, String) {
        let shop = client.for_shop("shop-7");
        let (name, phone, street) = (Sensitive::plain(NAME), Sensitive::plain(PHONE), Sensitive::plain(STREET));
        let input = AddressInput::new([AddressUse::Return], name, phone, street, "CN", "浙江省", "杭州市");
        shop.data_keys().load().await.unwrap();
        self.sandbox.rotate_data_key();
        shop.data_keys().refresh().await.unwrap();
        self.shown.note((&input, shop.data_keys()));
        let created = Logistics::new(&shop).addresses().create(input).send().await.unwrap();
        let log = self.folder.0.join("reveals.jsonl");
        let revealer = Revealer::new(&shop, "clerk 17", Arc::new(AuditFile::open(&log).unwrap()));
        let opened = revealer.reveal("a test", RevealItem::new("address", "phone", &created.phone)).await.unwrap();
        assert_eq!(opened.expose(), PHONE, "by the application's own key");
        self.shown.note((&created, &revealer, &opened));
        let orders = Trade::new(&shop).orders().list().limit(1).send().await.unwrap();
        let receiver = orders.items.into_iter().next().unwrap().receiver.unwrap();
        let item = || RevealItem::new("order", "receiver.phone", &receiver.phone);
        self.sandbox.inject(Fault::status(500).next(20).path_prefix("/security"));
        self.shown.note_error(&revealer.reveal("a test", item()).await.unwrap_err());
        self.sandbox.clear_faults();
        let by_the_platform = revealer.reveal("a test", item()).await.unwrap();
        self.shown.note((&receiver, &by_the_platform));
        (std::fs::read_to_string(&log).unwrap(), by_the_platform.expose().to_owned())
    }

    /// The owner takes the authorisation back; then the store breaks.
    async fn end(&self, client: &Client, tokens: &Tokens) {
        self.sandbox.revoke_shop("shop-7");
        for _ in 0..2 {
            self.shown.note_error(&self.list(client).await.unwrap_err());
        }
        self.shown.note(tokens);
        let client = self.sandbox.client().retry(RetryPolicy::none());
        for file in files(&self.folder.0.join("tokens")) {
            let whole = std::fs::read(&file).unwrap();
            std::fs::write(&file, &whole[..whole.len() * 3 / 4]).unwrap();
        }
        let oauth = self.sandbox.oauth().build().unwrap();
        let store = FileTokenStore::open(self.folder.0.join("tokens")).unwrap();
        let broken = Tokens::builder(oauth).store(store).build();
        let error = self.list(&client.tokens(broken.clone()).build().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TokenStore);
        self.shown.note_error(&error);
        self.shown.note(&broken);
    }
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
