//! Section 5: the authorisation server, byte by byte, without the SDK's own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecloud_core::{ManualClock, Timestamp};
use ecloud_sandbox::{Fault, Grant, Request, RequestBody, Sandbox};
use http::{HeaderValue, Method};
use serde_json::{Value, json};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https%3A%2F%2Fisv.example.com%2Fcallback";

struct Server {
    sandbox: Sandbox,
    clock: ManualClock,
}

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Value,
}

impl Server {
    fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_763_800_000));
        Self { sandbox: Sandbox::builder().clock(Arc::new(clock.clone())).build(), clock }
    }

    fn send(&self, request: &Request) -> Answer {
        let answer = self.sandbox.platform().answer(request, ecloud_core::Clock::now(&self.clock));
        let (head, body) = answer.response.into_parts();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    fn post_as(&self, path: &str, credentials: &str, form: &str) -> Answer {
        let mut request = Request::new(Method::POST, path);
        let basic = format!("Basic {}", STANDARD.encode(credentials));
        request.headers.insert("authorization", basic.parse().unwrap());
        request.headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        request.body = RequestBody::Whole(form.to_owned().into());
        self.send(&request)
    }

    fn post(&self, path: &str, form: &str) -> Answer {
        self.post_as(path, &format!("{}:{}", self.sandbox.app_key(), self.sandbox.app_secret()), form)
    }

    fn token(&self, form: &str) -> Answer {
        self.post("/oauth2/token", form)
    }

    fn refresh(&self, token: &Value) -> Answer {
        self.token(&format!("grant_type=refresh_token&refresh_token={}", token.as_str().unwrap()))
    }

    fn visit(&self, query: &str) -> Answer {
        self.send(&Request::new(Method::GET, format!("/oauth2/authorize?{query}")))
    }

    /// The parameters with which the browser is sent back.
    fn redirected(&self, query: &str) -> Vec<(String, String)> {
        let answer = self.visit(query);
        assert_eq!(answer.status, 302, "{}", answer.body);
        let location = answer.headers["location"].to_str().unwrap();
        let query = location.strip_prefix("https://isv.example.com/callback?").unwrap();
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    fn code(&self) -> String {
        let back = self.redirected(&asked("state=s-1&shop_id=shop-7"));
        assert_eq!((back[0].0.as_str(), back[1].clone()), ("code", ("state".to_owned(), "s-1".to_owned())));
        back[0].1.clone()
    }

    fn pair(&self) -> Value {
        let answer = self.exchange(&self.code());
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    fn exchange(&self, code: &str) -> Answer {
        let form =
            format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}");
        self.token(&form)
    }

    fn works(&self, pair: &Value) -> bool {
        self.refusal(pair, "/trade/v1/orders").is_none()
    }

    /// The code with which a call with this token is refused.
    fn refusal(&self, pair: &Value, path: &'static str) -> Option<String> {
        let client = self.sandbox.client().retry(ecloud_core::RetryPolicy::none()).build().unwrap();
        let shop = client.for_shop("shop-7").access_token(pair["access_token"].as_str().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(shop.request(Method::GET, path).send::<Value>());
        outcome.err().map(|error| error.code().unwrap_or("none").to_owned())
    }
}

fn asked(more: &str) -> String {
    format!(
        "response_type=code&client_id=demo-app&redirect_uri={CALLBACK}&code_challenge={CHALLENGE}\
         &code_challenge_method=S256&{more}"
    )
}

impl Answer {
    fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
}

#[test]
fn a_code_becomes_a_pair_that_works_and_ends() {
    let server = Server::new();
    let answer = server.exchange(&server.code());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let pair = answer.body;
    assert_eq!(
        (&pair["token_type"], &pair["expires_in"], &pair["shop_id"]),
        (&json!("Bearer"), &json!(7200), &json!("shop-7"))
    );
    assert!(server.works(&pair));
    server.clock.advance(Duration::from_secs(7200));
    assert!(!server.works(&pair));
    assert!(server.works(&server.refresh(&pair["refresh_token"]).body));
}

#[test]
fn a_code_is_good_once_for_ten_minutes_for_its_address_and_verifier() {
    let server = Server::new();
    let form = |code: &str, address: &str, verifier: &str| {
        format!("grant_type=authorization_code&code={code}&redirect_uri={address}&code_verifier={verifier}")
    };
    let code = server.code();
    for (address, verifier, status) in [
        ("https%3A%2F%2Fisv.example.com%2Fcallback%2F", VERIFIER, (400, "invalid_grant")),
        ("", VERIFIER, (400, "invalid_grant")),
        (CALLBACK, &VERIFIER[1..], (400, "invalid_grant")),
        (CALLBACK, CHALLENGE, (400, "invalid_grant")),
        (CALLBACK, "", (400, "invalid_request")),
    ] {
        assert_eq!(server.token(&form(&code, address, verifier)).error(), status, "{address} {verifier}");
    }
    let pair = server.exchange(&code).body;
    assert!(server.works(&pair));
    assert_eq!(server.exchange(&code).error(), (400, "invalid_grant"));
    assert!(!server.works(&pair), "somebody else had the code: what came of it is revoked");
    assert_eq!(server.refresh(&pair["refresh_token"]).error(), (400, "invalid_grant"));

    let late = server.code();
    server.clock.advance(Duration::from_secs(600));
    assert_eq!(server.exchange(&late).error(), (400, "invalid_grant"));
}

#[test]
fn a_refresh_token_that_comes_again_revokes_the_family() {
    let server = Server::new();
    let first = server.pair();
    let second = server.refresh(&first["refresh_token"]).body;
    let third = server.refresh(&second["refresh_token"]).body;
    assert!(server.works(&third));
    assert_eq!(server.refresh(&first["refresh_token"]).error(), (400, "invalid_grant"));
    for pair in [&first, &second, &third] {
        assert!(!server.works(pair));
        assert_eq!(server.refresh(&pair["refresh_token"]).error(), (400, "invalid_grant"));
    }
    assert!(server.works(&server.pair()), "another authorisation is another family");
}

#[test]
fn within_a_minute_and_while_its_successor_is_unused_it_may_come_again() {
    let server = Server::new();
    let first = server.pair();
    let lost = server.refresh(&first["refresh_token"]).body;
    server.clock.advance(Duration::from_millis(59_999));
    let second = server.refresh(&first["refresh_token"]).body;
    assert_ne!(second["refresh_token"], lost["refresh_token"]);
    assert!(server.works(&second));
    // The minute runs from the first use.
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(server.refresh(&first["refresh_token"]).error(), (400, "invalid_grant"));
    assert!(!server.works(&second));

    let server = Server::new();
    let first = server.pair();
    let lost = server.refresh(&first["refresh_token"]).body;
    server.refresh(&first["refresh_token"]);
    assert_eq!(server.refresh(&lost["refresh_token"]).error(), (400, "invalid_grant"), "it was replaced");
    assert_eq!(server.refresh(&first["refresh_token"]).error(), (400, "invalid_grant"), "and the family is gone");
}

#[test]
fn another_application_gets_nothing_for_a_token_and_does_it_no_harm() {
    let server = Server::new();
    server.sandbox.add_app("other", "s:e c+%", ecloud_sandbox::Tier::Standard);
    let pair = server.pair();
    let form = format!("grant_type=refresh_token&refresh_token={}", pair["refresh_token"].as_str().unwrap());
    let other = "other:s%3Ae+c%2B%25";
    assert_eq!(server.post_as("/oauth2/token", other, &form).error(), (400, "invalid_grant"));
    let form = format!("token={}", pair["refresh_token"].as_str().unwrap());
    assert_eq!(server.post_as("/oauth2/revoke", other, &form).status, 200);
    assert!(server.works(&server.refresh(&pair["refresh_token"]).body));
}

#[test]
fn credentials_must_be_there_and_right_and_form_encoded() {
    let server = Server::new();
    server.sandbox.add_app("a b", "s:e c+%", ecloud_sandbox::Tier::Standard);
    let form = "grant_type=client_credentials";
    for credentials in ["", "demo-app", "demo-app:", "demo-app:wrong", "nobody:x", "a b:s:e c+%", "a+b:s%3Ae+c+%25"] {
        let answer = server.post_as("/oauth2/token", credentials, form);
        assert_eq!(answer.error(), (401, "invalid_client"), "{credentials}");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    assert_eq!(server.post_as("/oauth2/token", "a+b:s%3Ae+c%2B%25", form).status, 200);
    let mut request = Request::new(Method::POST, "/oauth2/token");
    request.headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    request.body = RequestBody::Whole(form.into());
    assert_eq!(server.send(&request).error(), (401, "invalid_client"));
    request.headers.insert("authorization", HeaderValue::from_static("Bearer abc"));
    assert_eq!(server.send(&request).error(), (401, "invalid_client"));
    request.headers.insert("content-type", HeaderValue::from_static("application/json"));
    assert_eq!(server.send(&request).error(), (400, "invalid_request"));
}

#[test]
fn requests_that_are_none_are_refused_by_the_standards_codes() {
    let server = Server::new();
    for (form, code) in [
        ("", "invalid_request"),
        ("grant_type=password&username=a", "unsupported_grant_type"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a&refresh_token=a", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=nobodys", "invalid_grant"),
        ("grant_type=authorization_code&code=x", "invalid_request"),
        ("grant_type=client_credentials&scope=moon:walk", "invalid_scope"),
    ] {
        assert_eq!(server.token(form).error(), (400, code), "{form}");
    }
    assert_eq!(server.post("/oauth2/revoke", "").error(), (400, "invalid_request"));
    assert_eq!(server.post("/oauth2/revoke", "token=nobodys").status, 200);
    assert_eq!(server.send(&Request::new(Method::GET, "/oauth2/token")).status, 400, "no such route of the server's");
}

#[test]
fn the_owner_is_sent_to_exactly_the_address_that_is_registered_or_nowhere() {
    let server = Server::new();
    for address in ["https%3A%2F%2Fisv.example.com%2Fcallback%2F", "https%3A%2F%2Fevil.example%2F", "", "%2Fcallback"] {
        let answer = server.visit(&asked("").replace(CALLBACK, address));
        assert_eq!(answer.error(), (400, "invalid_request"), "{address}");
        assert!(!answer.headers.contains_key("location"));
    }
    assert_eq!(server.visit(&asked("").replace("demo-app", "nobody")).error(), (400, "unauthorized_client"));
    server.sandbox.add_redirect_uri("demo-app", "https://isv.example.com/callback?from=ecloud");
    let answer = server.visit(&asked("state=s").replace(CALLBACK, &format!("{CALLBACK}%3Ffrom%3Decloud")));
    assert!(
        answer.headers["location"].to_str().unwrap().starts_with("https://isv.example.com/callback?from=ecloud&code=")
    );
}

#[test]
fn what_else_is_wrong_goes_back_with_the_owner_and_the_state() {
    let server = Server::new();
    for (query, error) in [
        (asked("state=a%26b").replace("=code&", "=token&"), "unsupported_response_type"),
        (asked("state=a%26b").replace("S256", "plain"), "invalid_request"),
        (asked("state=a%26b").replace(CHALLENGE, "short"), "invalid_request"),
        (asked("state=a%26b").replace("code_challenge=", "x="), "invalid_request"),
        (asked("state=a%26b&scope=moon:walk"), "invalid_scope"),
    ] {
        let back = server.redirected(&query);
        assert_eq!(back[0], ("error".to_owned(), error.to_owned()), "{query}");
        assert_eq!(back.last().unwrap(), &("state".to_owned(), "a&b".to_owned()));
    }
    let url = format!("http://localhost/oauth2/authorize?{}", asked("state=s"));
    assert!(server.sandbox.decline(&url).unwrap().starts_with("error=access_denied&"));
    let refused = server.sandbox.authorize("http://localhost/oauth2/authorize?client_id=x", Grant::new("s"));
    assert_eq!(refused.unwrap_err().code(), "sandbox.authorization_refused");
}

#[test]
fn scopes_are_what_was_asked_for_and_never_more_than_was_granted() {
    let server = Server::new();
    let url = format!("http://localhost/oauth2/authorize?{}", asked("scope=trade:read+trade:write"));
    let back = server.sandbox.authorize(&url, Grant::new("shop-7")).unwrap();
    let code = back.strip_prefix("code=").unwrap().split('&').next().unwrap();
    let pair = server.exchange(code).body;
    assert_eq!(pair["scope"], "trade:read trade:write");
    let refresh = |scope: &str| {
        let token = pair["refresh_token"].as_str().unwrap();
        server.token(&format!("grant_type=refresh_token&refresh_token={token}&scope={scope}"))
    };
    assert_eq!(refresh("product:read").error(), (400, "invalid_scope"));
    assert_eq!(refresh("trade:read").body["scope"], "trade:read");
}

#[test]
fn a_token_that_is_taken_back_takes_its_family_along_or_only_itself() {
    let server = Server::new();
    let pair = server.pair();
    assert_eq!(server.post("/oauth2/revoke", &format!("token={}", pair["access_token"].as_str().unwrap())).status, 200);
    assert!(!server.works(&pair));
    let second = server.refresh(&pair["refresh_token"]).body;
    assert!(server.works(&second));
    server.post("/oauth2/revoke", &format!("token={}", second["refresh_token"].as_str().unwrap()));
    assert!(!server.works(&second));
    assert_eq!(server.refresh(&second["refresh_token"]).error(), (400, "invalid_grant"));
}

#[test]
fn the_applications_own_token_acts_for_no_shop_and_can_be_taken_back() {
    let server = Server::new();
    let pair = server.token("grant_type=client_credentials&scope=security:data-keys+trade:read").body;
    assert_eq!((pair.get("refresh_token"), pair.get("shop_id")), (None, None));
    assert_eq!(server.refusal(&pair, "/trade/v1/orders").as_deref(), Some("auth.scope_denied"));
    let form = format!("token={}", pair["access_token"].as_str().unwrap());
    assert_eq!(server.post("/oauth2/revoke", &form).status, 200);
    assert_eq!(server.refusal(&pair, "/trade/v1/orders").as_deref(), Some("auth.token_invalid"));
}

#[test]
fn opaque_tokens_are_given_where_the_settings_say_so_and_mean_the_same() {
    let mut server = Server::new();
    let builder = Sandbox::builder().clock(Arc::new(server.clock.clone())).opaque_tokens();
    server.sandbox = builder.build();
    let pair = server.pair();
    for token in [pair["access_token"].as_str().unwrap(), server.sandbox.access_token()] {
        assert!(token.starts_with("opaque-") && !token.contains('.'), "{token}");
    }
    assert!(server.works(&pair));
    let second = server.refresh(&pair["refresh_token"]).body;
    assert!(server.works(&second) && second["access_token"] != pair["access_token"]);
    server.sandbox.expire_tokens("shop-7");
    assert_eq!(server.refusal(&second, "/trade/v1/orders").as_deref(), Some("auth.token_expired"));
    server.sandbox.revoke_shop("shop-7");
    assert_eq!(server.refusal(&second, "/trade/v1/orders").as_deref(), Some("auth.token_invalid"));
    let demo = json!({"access_token": server.sandbox.access_token()});
    server.sandbox.reset();
    assert_eq!(server.refusal(&demo, "/trade/v1/orders"), None);
}

#[test]
fn the_routes_are_those_that_paths_stand_for() {
    let server = Server::new();
    let credentials = format!("{}:{}", server.sandbox.app_key(), server.sandbox.app_secret());
    assert_eq!(server.post_as("/oauth2/%74oken", &credentials, "grant_type=client_credentials").status, 200);
    for other in ["/oauth2/token/", "/oauth2//token", "/oauth2/tokens", "/x/oauth2/token"] {
        let answer = server.post_as(other, &credentials, "grant_type=client_credentials");
        assert_ne!(answer.status, 200, "{other}");
    }
}

#[test]
fn faults_strike_before_or_after_the_rotation_and_lives_are_told_as_one_likes() {
    let server = Server::new();
    let pair = server.pair();
    server.sandbox.inject(Fault::status(503).next(1).path_prefix("/oauth2/token"));
    assert_eq!(server.refresh(&pair["refresh_token"]).status, 503);
    assert_eq!(server.sandbox.refreshes("shop-7"), 0);
    server.sandbox.inject(Fault::dropped_connection().after_effect().next(1).path_prefix("/oauth2/token"));
    server.refresh(&pair["refresh_token"]);
    assert_eq!(server.sandbox.refreshes("shop-7"), 1);
    server.sandbox.set_told_life(Some(Duration::from_secs(99_999)));
    let second = server.refresh(&pair["refresh_token"]).body;
    assert_eq!(second["expires_in"], 99_999);
    server.sandbox.expire_tokens("shop-7");
    assert!(!server.works(&second));
    assert!(server.works(&server.refresh(&second["refresh_token"]).body));
    server.sandbox.revoke_shop("shop-7");
    assert!(!server.works(&second));
}

#[test]
fn the_log_of_requests_keeps_no_code_secret_or_token() {
    let server = Server::new();
    let pair = server.pair();
    server.refresh(&pair["refresh_token"]);
    let received = format!("{:?}", server.sandbox.received());
    assert!(received.contains("/oauth2/authorize") && received.contains("/oauth2/token"), "{received}");
    for secret in ["s-1", CHALLENGE, VERIFIER, "code-", "refresh-", "Basic", server.sandbox.app_secret()] {
        assert!(!received.contains(secret), "{secret}: {received}");
    }
}

#[test]
fn the_control_interface_does_the_same_over_http() {
    let server = Server::new();
    let post = |what: &str, body: Value| {
        let mut request = Request::new(Method::POST, format!("/sandbox/v1/oauth/{what}"));
        request.headers.insert("content-type", HeaderValue::from_static("application/json"));
        request.body = RequestBody::Whole(body.to_string().into());
        server.send(&request)
    };
    assert_eq!(post("lives", json!({"access_token": 60, "told": 120})).status, 204);
    assert_eq!(post("redirect_uris", json!({"redirect_uri": "https://isv.example.com/callback?x"})).status, 204);
    let url = format!("https://open.example.com/oauth2/authorize?{}", asked("state=s"));
    let agreed = post("authorize", json!({"url": url, "shop_id": "shop-7", "role": "developer"})).body;
    let location = agreed["location"].as_str().unwrap();
    let code = location.strip_prefix("https://isv.example.com/callback?code=").unwrap().split('&').next().unwrap();
    let pair = server.exchange(code).body;
    assert_eq!((&pair["expires_in"], &pair["shop_id"]), (&json!(120), &json!("shop-7")));
    assert_eq!(post("expire", json!({"shop_id": "shop-7"})).status, 204);
    assert_eq!(post("revoke", json!({"shop_id": "shop-7"})).status, 204);
    assert_eq!(server.refresh(&pair["refresh_token"]).error(), (400, "invalid_grant"));
    let declined = post("authorize", json!({"url": url, "declines": true})).body;
    assert!(declined["location"].as_str().unwrap().contains("error=access_denied"));
    assert_eq!(post("authorize", json!({"url": "x"})).status, 422);
    assert_eq!(post("nothing", json!({})).status, 404);
}
