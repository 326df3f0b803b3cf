//! Saving and restoring: a restored sandbox answers like the one that was saved, whatever happens to both afterwards.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ecloud_core::{Clock, ManualClock};
use ecloud_sandbox::{
    AfterSaleRequest, AfterSaleWish, EventFaults, Fault, Grant, Purchase, RefundRequest, Request, RequestBody, Sandbox,
    Tier, Traffic,
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use support::{Served, described};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A file of this test alone, which goes with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ecloud-sandbox-snapshot-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A sandbox and the one that was restored from it, on one clock.
struct Pair {
    original: Served,
    restored: Sandbox,
    scratch: Scratch,
}

type Said = (u16, HeaderMap, Vec<u8>);

impl Pair {
    fn of(original: Served, name: &str) -> Self {
        let scratch = Scratch::new(name);
        let path = scratch.path("platform");
        original.sandbox.save(&path).unwrap();
        let clock = Arc::new(original.clock.clone());
        let restored = Sandbox::builder().clock(clock).restore(&path).unwrap();
        Self { original, restored, scratch }
    }

    /// Sends the same bytes to both, and holds the answers against each other.
    fn ask(&self, what: &str, request: &Request) -> Said {
        let [here, there] =
            [&self.original.sandbox, &self.restored].map(|sandbox| answer(sandbox, &self.original.clock, request));
        assert_eq!(here.0, there.0, "{what}: {} {}", text(&here.2), text(&there.2));
        assert_eq!(here.1, there.1, "{what}");
        assert_eq!(text(&here.2), text(&there.2), "{what}");
        here
    }

    fn get(&self, target: &str) -> Said {
        self.ask(target, &self.original.request("GET", target).as_request())
    }

    /// Both, saved now, are the same file.
    fn are_the_same(&self) {
        let [here, there] = [("here", &self.original.sandbox), ("there", &self.restored)].map(|(name, sandbox)| {
            let path = self.scratch.path(name);
            sandbox.save(&path).unwrap();
            fs::read_to_string(path).unwrap()
        });
        for (number, (here, there)) in here.lines().zip(there.lines()).enumerate() {
            assert_eq!(here, there, "line {}", number + 1);
        }
        assert_eq!(here.len(), there.len());
    }
}

fn answer(sandbox: &Sandbox, clock: &ManualClock, request: &Request) -> Said {
    let (head, body) = sandbox.platform().answer(request, clock.now()).response.into_parts();
    (head.status.as_u16(), head.headers, body.to_vec())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every operation of all domains, called as its example says, with keys of its own.
fn examples(served: &Served) -> impl Iterator<Item = (&'static str, Request)> + '_ {
    described::operations().map(|operation| {
        let request = served.request(operation["method"].as_str().unwrap(), &described::example_target(operation));
        let request = match &operation["body"] {
            Value::Null => request,
            body if body["content_type"] == "application/json" => request.json(&body["example"]),
            body => request.body(b"example").header("content-type", body["content_type"].as_str().unwrap()),
        };
        (operation["operation_id"].as_str().unwrap(), request.as_request())
    })
}

/// The examples' shop after every operation was called there once, buyers came and time has passed.
fn lived_in() -> Served {
    let served = Served::of_examples();
    let sandbox = &served.sandbox;
    sandbox.keep_events(SECRET).unwrap();
    let (mut done, mut refused) = (0, 0);
    for (_, request) in examples(&served) {
        match answer(sandbox, &served.clock, &request).0 {
            200..300 => done += 1,
            _ => refused += 1,
        }
    }
    assert!(done > 150 && refused < 60, "{done} done, {refused} refused, since what was done before stands in the way");

    let buyer = sandbox.buyer();
    let sku = served.first("/product/v1/items?status=on_sale")["skus"][0]["sku_id"].as_str().unwrap().to_owned();
    let orders: Vec<String> = (0..4).map(|_| buyer.buy(Purchase::new(&sku, 1)).unwrap()).collect();
    buyer.request_refund(&orders[0], RefundRequest::new()).unwrap();
    buyer.request_after_sale(&orders[1], AfterSaleRequest::new(AfterSaleWish::Resend)).unwrap_err();
    sandbox.start_traffic(Traffic::orders_per_second(0.01).refunded(0.4).limit(400)).unwrap();
    served.clock.advance(Duration::from_secs(10_700));
    sandbox.advance(Duration::from_secs(100));
    let other = sandbox.issue_token(Grant::new("another-shop").scopes(["trade:read"]));
    assert_eq!(served.request("GET", "/trade/v1/orders").token(&other).send().status, 200);
    served
}

#[test]
fn a_restored_platform_saves_to_the_same_bytes() {
    let pair = Pair::of(lived_in(), "same");
    pair.are_the_same();
    let kinds = |kind: &str| {
        let start = format!("{{\"kind\":\"{kind}\"");
        fs::read_to_string(pair.scratch.path("here")).unwrap().lines().filter(|line| line.starts_with(&start)).count()
    };
    for kind in [
        "items",
        "skus",
        "stock",
        "media",
        "uploads",
        "audits",
        "ledger",
        "past_prices",
        "price_schedules",
        "orders",
        "payments",
        "invoices",
        "refunds",
        "refund_messages",
        "after_sales",
        "settlements",
        "exports",
        "shipments",
        "addresses",
        "waybills",
        "waybill_templates",
        "waybill_accounts",
        "waybill_entries",
        "tracking_subscriptions",
        "warehouses",
        "freight_templates",
        "pickups",
        "due",
        "tracked",
        "traffic",
        "bucket",
        "nonce",
        "idempotency_key",
        "event",
        "received",
    ] {
        assert!(kinds(kind) > 0, "no row of {kind}");
    }
    assert_eq!(kinds("shop"), 2);
}

#[test]
fn every_operation_answers_the_same_there_now_and_as_days_go_by() {
    let pair = Pair::of(lived_in(), "answers");
    for days in [0, 1, 3, 12] {
        pair.original.clock.advance(DAY * days);
        for (operation, request) in examples(&pair.original) {
            pair.ask(&format!("{operation} after {days} days"), &request);
        }
        // What time brings isn't done as long as nobody looks, so the lists are looked at last, too.
        for list in ["/trade/v1/orders", "/trade/v1/refunds", "/logistics/v1/shipments", "/product/v1/items"] {
            assert_eq!(pair.get(list).0, 200);
        }
        let [here, there] = [&pair.original.sandbox, &pair.restored].map(|sandbox| sandbox.published_events());
        assert_eq!(here, there);
    }
    let [here, there] = [&pair.original.sandbox, &pair.restored].map(|sandbox| {
        let sent = sandbox.events();
        sent.into_iter().map(|event| (event.event_id, event.attempt, event.headers, event.body)).collect::<Vec<_>>()
    });
    assert!(here.len() > 20);
    assert_eq!(here, there);
    pair.are_the_same();
}

#[test]
fn what_was_written_before_is_replayed_and_what_was_said_once_is_refused() {
    let served = Served::of_examples();
    let request = |nonce: &str| {
        served
            .request("POST", "/product/v1/items")
            .header("x-ecloud-nonce", nonce)
            .key("the-one-key-of-this-item")
            .json(&example_body("createItem"))
            .as_request()
    };
    let refused = |nonce: &str| {
        let request = served.request("POST", "/trade/v1/orders/T9/close").key("the-one-key-of-a-refusal");
        request.header("x-ecloud-nonce", nonce).json(&json!({"version": 1, "reason": "other"})).as_request()
    };
    let first = answer(&served.sandbox, &served.clock, &request("nonce-of-the-first-one"));
    assert_eq!(first.0, 201, "{}", text(&first.2));
    let refusal = answer(&served.sandbox, &served.clock, &refused("nonce-of-a-refusal-1"));
    assert!((400..500).contains(&refusal.0));

    let pair = Pair::of(served, "replay");
    let again = pair.ask("replay", &request_again(&pair, "createItem", "nonce-of-the-second-1"));
    assert_eq!((again.0, &again.2), (201, &first.2));
    assert_eq!(again.1["x-ecloud-idempotent-replay"], "true");
    let spent = pair.ask("nonce", &request_again(&pair, "createItem", "nonce-of-the-first-one"));
    assert!(spent.0 == 401 && text(&spent.2).contains("auth.replayed"));
}

fn request_again(pair: &Pair, operation: &str, nonce: &str) -> Request {
    let request = pair.original.request("POST", "/product/v1/items").header("x-ecloud-nonce", nonce);
    request.key("the-one-key-of-this-item").json(&example_body(operation)).as_request()
}

fn example_body(operation_id: &str) -> Value {
    described::operations().find(|operation| operation["operation_id"] == operation_id).unwrap()["body"]["example"]
        .clone()
}

#[test]
fn cursors_quota_chance_and_tokens_go_on() {
    let served = Served::with(|builder| builder.tier(Tier::Advanced).opaque_tokens());
    let sandbox = &served.sandbox;
    let page = served.get("/trade/v1/orders?limit=7").ok();
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    sandbox.inject(Fault::status(503).share(0.33, 7).path_prefix("/trade/"));
    for _ in 0..5 {
        served.get("/trade/v1/orders?limit=1");
    }
    sandbox.add_app("second", "second-secret", Tier::Strategic);
    let second = sandbox.issue_token_to("second", Grant::new("demo-shop"));
    let gone = sandbox.issue_token(Grant::new("demo-shop"));
    assert!(sandbox.revoke_token(&gone));
    sandbox.rotate_data_key();
    sandbox.grant_data_keys(true);
    sandbox.keep_events(SECRET).unwrap();
    sandbox.set_event_faults(EventFaults::new().duplicates(1).shuffled().forged(0.3).held_back(0.3, DAY));
    sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();

    let pair = Pair::of(served, "tokens");
    assert_eq!(pair.restored.access_token(), pair.original.sandbox.access_token());
    assert_eq!(pair.restored.app_secret(), pair.original.sandbox.app_secret());
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let (status, headers, _) = pair.get(&format!("/trade/v1/orders?limit=7&cursor={cursor}"));
        assert_eq!(status == 200, headers.contains_key("x-ecloud-quota-remaining"));
        statuses.push(status);
    }
    assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");
    assert_eq!(pair.restored.faults(), pair.original.sandbox.faults());
    let asked = |app: Option<&str>, token: &str| {
        let request = pair.original.request("GET", "/product/v1/items?page_size=2").token(token);
        let request = app.into_iter().fold(request, |request, app| request.app(app, "second-secret"));
        pair.ask("token", &request.as_request()).0
    };
    assert_eq!((asked(Some("second"), &second), asked(None, &second), asked(None, &gone)), (200, 401, 401));
    pair.ask("data keys", &pair.original.request("GET", "/security/v1/data-keys").as_request());
    pair.original.clock.advance(DAY * 2);
    let [here, there] = [&pair.original.sandbox, &pair.restored].map(|sandbox| {
        sandbox.events().into_iter().map(|event| (event.event_id, event.headers, event.body)).collect::<Vec<_>>()
    });
    assert!(!here.is_empty());
    assert_eq!(here, there);
    pair.are_the_same();
}

#[test]
fn token_keys_and_authorisations_go_on() {
    let served = Served::start();
    let sandbox = &served.sandbox;
    let old = sandbox.access_token().to_owned();
    sandbox.rotate_token_key();
    let revoked = sandbox.issue_token(Grant::new("demo-shop"));
    let kept = sandbox.issue_token(Grant::new("demo-shop"));
    sandbox.revoke_token(&revoked);
    let authorisation = "response_type=code&client_id=demo-app&redirect_uri=https%3A%2F%2Fisv.example.com%2Fcallback\
                         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let visit = Request::new(Method::GET, format!("/oauth2/authorize?{authorisation}"));
    let code = |said: &Said| {
        let (_, rest) = said.1["location"].to_str().unwrap().split_once("code=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let exchange = |code: &str| {
        form(
            sandbox,
            &format!(
                "grant_type=authorization_code&code={code}&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&redirect_uri=https%3A%2F%2Fisv.example.com%2Fcallback"
            ),
        )
    };
    let refresh = |tokens: &Said| {
        let tokens: Value = serde_json::from_slice(&tokens.2).unwrap();
        form(sandbox, &format!("grant_type=refresh_token&refresh_token={}", tokens["refresh_token"].as_str().unwrap()))
    };
    let first = answer(sandbox, &served.clock, &exchange(&code(&answer(sandbox, &served.clock, &visit))));
    let rotated = answer(sandbox, &served.clock, &refresh(&first));
    assert_eq!((first.0, rotated.0), (200, 200), "{}", text(&rotated.2));
    let open_code = code(&answer(sandbox, &served.clock, &visit));
    let (rotation, exchanged) = (refresh(&rotated), exchange(&open_code));
    let reuse = refresh(&first);
    let old_access: Value = serde_json::from_slice(&rotated.2).unwrap();
    let old_access = old_access["access_token"].as_str().unwrap().to_owned();

    let pair = Pair::of(served, "oauth");
    let call = |token: &str| {
        pair.ask("call", &pair.original.request("GET", "/trade/v1/orders?limit=1").token(token).as_request()).0
    };
    assert_eq!((call(&old), call(&kept), call(&revoked), call(&old_access)), (200, 200, 401, 200));
    assert_eq!(pair.ask("code", &exchanged).0, 200);
    assert_eq!(pair.ask("refresh", &rotation).0, 200);
    pair.original.clock.advance(Duration::from_secs(61));
    assert_eq!(pair.ask("a spent token", &reuse).0, 400);
    assert_eq!(call(&old_access), 401, "the family was revoked, there as here");
    assert_eq!(pair.ask("keys", &Request::new(Method::GET, "/.well-known/jwks.json")).0, 200);
    pair.original.sandbox.withdraw_old_token_keys();
    pair.restored.withdraw_old_token_keys();
    assert_eq!((call(&old), call(&kept)), (401, 200));
}

fn form(sandbox: &Sandbox, text: &str) -> Request {
    let mut request = Request::new(Method::POST, "/oauth2/token");
    let credentials = BASE64_STANDARD.encode(format!("{}:{}", sandbox.app_key(), sandbox.app_secret()));
    request.headers.insert("authorization", format!("Basic {credentials}").parse().unwrap());
    request.headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    request.body = RequestBody::Whole(text.to_owned().into());
    request
}

#[test]
fn a_file_shows_nobody_and_is_whole_or_not_there() {
    let served = Served::of_examples();
    let scratch = Scratch::new("file");
    let path = scratch.path("platform");
    let sku = served.first("/product/v1/items?status=on_sale")["skus"][0]["sku_id"].as_str().unwrap().to_owned();
    let purchase = Purchase::new(&sku, 1).receiver("Unmistakable Zhang", "13900001234", "Nowhere Street 77");
    served.sandbox.buyer().buy(purchase).unwrap();
    fs::write(&path, "what was there before").unwrap();
    served.sandbox.save(&path).unwrap();
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(scratch.names(), ["platform"]);
    assert!(written.starts_with("{\"format\":\"ecloud-sandbox snapshot\",\"version\":1,"));
    for personal in ["Unmistakable Zhang", "13900001234", "Nowhere Street 77"] {
        assert!(!written.contains(personal), "{personal}");
    }
    assert!(written.contains(r#""name":{"kind":"name","ciphertext":"#));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let nowhere = scratch.path("no-such-folder").join("platform");
    assert!(served.sandbox.save(&nowhere).unwrap_err().line().is_none());
    // A path that is a folder can't be replaced: nothing is left beside it.
    fs::create_dir(scratch.path("folder")).unwrap();
    assert!(served.sandbox.save(scratch.path("folder")).is_err());
    let mut names = scratch.names();
    names.sort();
    assert_eq!(names, ["folder", "platform"]);
}

#[test]
fn without_a_clock_a_restored_sandbox_goes_on_where_it_was_saved() {
    let served = Served::of_examples();
    let scratch = Scratch::new("clock");
    let path = scratch.path("platform");
    served.sandbox.advance(DAY);
    let saved_at = served.sandbox.now();
    served.sandbox.save(&path).unwrap();
    let restored = Sandbox::builder().restore(&path).unwrap();
    let since = restored.now().duration_since(saved_at).unwrap();
    assert!(since < Duration::from_secs(600), "{since:?}");
}

#[test]
fn a_sandbox_goes_back_to_what_it_was_and_stays_as_it_is_where_that_fails() {
    let served = Served::start();
    let (sandbox, scratch) = (&served.sandbox, Scratch::new("back"));
    let (path, cut) = (scratch.path("platform"), scratch.path("cut"));
    sandbox.save(&path).unwrap();
    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();
    let status = || served.get(&format!("/trade/v1/orders/{order_id}")).status;
    assert_eq!(status(), 200);

    let whole = fs::read_to_string(&path).unwrap();
    let (kept, _) = whole.trim_end().rsplit_once('\n').unwrap();
    fs::write(&cut, format!("{kept}\n")).unwrap();
    let error = sandbox.restore(&cut).unwrap_err();
    assert_eq!(error.line(), Some(whole.lines().count() as u64));
    assert!(error.to_string().contains("ends before its last line"), "{error}");
    fs::write(&cut, whole.replacen("\"app_key\"", "\"app_kee\"", 1)).unwrap();
    assert!(sandbox.restore(&cut).unwrap_err().line().is_some());
    assert!(sandbox.restore(scratch.path("nothing")).unwrap_err().line().is_none());
    let other = Served::with(|builder| builder.seed(7));
    let error = other.sandbox.restore(&path).unwrap_err();
    assert!(error.to_string().contains("seed"), "{error}");
    assert_eq!(status(), 200, "what failed has changed nothing");

    sandbox.restore(&path).unwrap();
    assert_eq!(status(), 404);
}

#[test]
fn over_http_the_document_comes_as_an_answer_and_goes_back_as_a_body() {
    let served = Served::start();
    let snapshot = served.control("GET", "/snapshot", None);
    assert_eq!((snapshot.status, snapshot.header("content-type")), (200, Some("application/x-ndjson")));
    let order_id = served.sandbox.buyer().buy(Purchase::new("S1000001-1", 2)).unwrap();
    let order = format!("/trade/v1/orders/{order_id}");
    assert_eq!(served.get(&order).status, 200);
    assert_eq!(served.control("POST", "/restore", Some(json!({}))).status, 415);

    let restore = |body: &[u8]| {
        let head = format!(
            "POST /sandbox/v1/restore HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        served.raw(&[head.as_bytes(), body].concat()).unwrap()
    };
    let refused = restore(&snapshot.body[..snapshot.body.len() / 2]);
    assert_eq!(refused.status, 422, "{}", text(&refused.body));
    assert!(text(&refused.body).contains("sandbox.snapshot_refused"));
    assert_eq!(served.get(&order).status, 200);
    assert_eq!(restore(&snapshot.body).status, 204);
    assert_eq!(served.get(&order).status, 404);
}
