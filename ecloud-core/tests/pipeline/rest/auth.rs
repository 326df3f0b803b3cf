//! What proves who calls: in its place, and nowhere else.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use ecloud_core::dialect::{Attempt, Dialect, Refusal, Rest, Security};
use ecloud_core::transport::TransportError;
use ecloud_core::{
    AccessToken, Auth, Call, Error, ErrorKind, KeyLocation, Method, OperationInfo, RetrySafety, SecurityScheme,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use super::{Platform, expected, pairs, reply};

const BEARER: SecurityScheme = SecurityScheme::Bearer;
const BASIC: SecurityScheme = SecurityScheme::Basic;
const HEADER: SecurityScheme = SecurityScheme::ApiKey { name: "X-Api-Key", location: KeyLocation::Header };
const PARTNER: SecurityScheme = SecurityScheme::ApiKey { name: "X-Partner", location: KeyLocation::Header };
const QUERY: SecurityScheme = SecurityScheme::ApiKey { name: "api key", location: KeyLocation::Query };
const COOKIE: SecurityScheme = SecurityScheme::ApiKey { name: "sid", location: KeyLocation::Cookie };

const fn operation(security: Security) -> OperationInfo {
    OperationInfo::new("carts.get", Method::GET, "/carts").security(security)
}

static SILENT: OperationInfo = OperationInfo::new("carts.get", Method::GET, "/carts");
static OPEN: OperationInfo = operation(&[&[]]);
static NOTHING: OperationInfo = operation(&[]);
static WITH_BEARER: OperationInfo = operation(&[&[BEARER]]);
static WITH_BASIC: OperationInfo = operation(&[&[BASIC]]);
static WITH_HEADER: OperationInfo = operation(&[&[HEADER]]);
static WITH_QUERY: OperationInfo = operation(&[&[QUERY]]);
static WITH_COOKIE: OperationInfo = operation(&[&[COOKIE]]);
static TOGETHER_OR_BASIC: OperationInfo = operation(&[&[HEADER, PARTNER], &[BASIC]]);
static OPEN_OR_BEARER: OperationInfo = operation(&[&[], &[BEARER]]);
static OPEN_OR_BOTH_KEYS: OperationInfo = operation(&[&[], &[HEADER, PARTNER]]);
static MIXED: OperationInfo = operation(&[&[BEARER, HEADER], &[BASIC, PARTNER]]);

fn bearer() -> Auth {
    Auth::bearer("planted-token").unwrap()
}

fn basic() -> Auth {
    Auth::basic("Aladdin", "open sesame").unwrap()
}

fn key() -> Auth {
    Auth::api_key("planted-key").unwrap()
}

async fn sent(info: &'static OperationInfo, auth: Auth) -> http::Request<Bytes> {
    let platform = Platform::default();
    Call::new(&platform.shop(Rest::new().with_auth(auth))).request(info).send::<Value>().await.unwrap();
    platform.only()
}

/// What stands in `authorization`, `x-api-key`, `x-partner`, `cookie` and the query.
async fn shown(info: &'static OperationInfo, auth: Auth) -> Vec<String> {
    let request = sent(info, auth).await;
    let mut shown = Vec::new();
    for name in ["authorization", "x-api-key", "x-partner", "cookie"] {
        for value in request.headers().get_all(name) {
            assert!(value.is_sensitive(), "{name}");
            shown.push(format!("{name}: {}", value.to_str().unwrap()));
        }
    }
    shown.extend(request.uri().query().map(|query| format!("?{query}")));
    shown
}

/// As RFC 7617 has it in its example.
const ALADDIN: &str = "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
const TOKEN: &str = "authorization: Bearer planted-token";

#[tokio::test]
async fn each_scheme_puts_its_credential_in_its_place() {
    let all = || bearer().and(basic()).and(key());
    assert_eq!(shown(&WITH_BEARER, all()).await, [TOKEN]);
    assert_eq!(shown(&WITH_BASIC, all()).await, [ALADDIN]);
    assert_eq!(shown(&WITH_HEADER, all()).await, ["x-api-key: planted-key"]);
    assert_eq!(shown(&WITH_COOKIE, all()).await, ["cookie: sid=planted-key"]);
    assert_eq!(shown(&WITH_QUERY, all()).await, ["?api%20key=planted-key"]);
}

#[tokio::test]
async fn a_named_key_goes_to_the_scheme_of_its_name_before_any_other() {
    let both = key().and(Auth::named_api_key("x-partner", "planted-partner").unwrap());
    assert_eq!(shown(&TOGETHER_OR_BASIC, both).await, ["x-api-key: planted-key", "x-partner: planted-partner"]);
    assert!(shown(&WITH_QUERY, Auth::named_api_key("x-partner", "planted-partner").unwrap()).await.is_empty());
}

#[tokio::test]
async fn the_first_alternative_that_has_all_its_credentials_is_taken() {
    let partner = || Auth::named_api_key("X-Partner", "planted-partner").unwrap();
    assert_eq!(shown(&TOGETHER_OR_BASIC, partner().and(basic())).await, [ALADDIN]);
    assert_eq!(shown(&TOGETHER_OR_BASIC, partner()).await, ["x-partner: planted-partner"], "what there is goes along");
    assert!(shown(&TOGETHER_OR_BASIC, bearer()).await.is_empty(), "a scheme that nobody asked for stays here");
    assert_eq!(shown(&MIXED, bearer().and(basic())).await, [TOKEN], "one header has one value, the first");
}

#[tokio::test]
async fn an_operation_that_is_open_is_called_with_credentials_where_they_fit() {
    assert_eq!(shown(&OPEN_OR_BEARER, bearer()).await, [TOKEN]);
    assert!(shown(&OPEN_OR_BEARER, basic()).await.is_empty());
    let partner = Auth::named_api_key("X-Partner", "planted-partner").unwrap();
    assert!(shown(&OPEN_OR_BOTH_KEYS, partner).await.is_empty(), "half of what is needed together isn't sent");
    for info in [&OPEN, &NOTHING] {
        assert!(shown(info, bearer().and(basic()).and(key())).await.is_empty());
    }
}

#[tokio::test]
async fn an_operation_that_says_nothing_gets_bearer_or_basic_but_no_key() {
    assert_eq!(shown(&SILENT, basic().and(bearer())).await, [TOKEN]);
    assert_eq!(shown(&SILENT, basic().and(key())).await, [ALADDIN]);
    assert!(shown(&SILENT, key()).await.is_empty());
}

#[tokio::test]
async fn a_shops_token_is_the_bearer_credential_and_goes_nowhere_else() {
    let platform = Platform::default();
    let auth = bearer().and(key());
    let shop = platform.client(Rest::new().with_auth(auth)).for_shop("shop-1").access_token("planted-shop-token");
    for info in [&WITH_BEARER, &SILENT, &WITH_HEADER, &OPEN] {
        Call::new(&shop).request(info).send::<Value>().await.unwrap();
    }
    let tokens: Vec<_> =
        platform.seen().iter().map(|request| request.headers().get("authorization").cloned()).collect();
    let own = Some(HeaderValue::from_static("Bearer planted-shop-token"));
    assert_eq!(tokens, [own.clone(), own, None, None]);
}

#[tokio::test]
async fn a_key_in_the_query_stands_behind_the_parameters_and_is_encoded() {
    let platform = Platform::default();
    let shop = platform.shop(Rest::new().with_auth(Auth::api_key("planted&key=1 +").unwrap()));
    Call::new(&shop).request(&WITH_QUERY).query("q", "a b").send::<Value>().await.unwrap();
    assert_eq!(pairs(&platform.only()), expected([("q", "a b"), ("api key", "planted&key=1 +")]));
}

#[tokio::test]
async fn a_key_in_a_cookie_joins_the_cookies_that_are_there() {
    let platform = Platform::default();
    let mut request = Call::new(&platform.shop(Rest::new().with_auth(key()))).request(&WITH_COOKIE);
    request.push_cookie("lang", &"zh CN");
    request.send::<Value>().await.unwrap();
    let seen = platform.only();
    let cookies: Vec<_> = seen.headers().get_all("cookie").iter().collect();
    assert_eq!(cookies, ["lang=zh%20CN; sid=planted-key"]);
}

#[tokio::test]
async fn a_key_that_would_become_another_cookie_is_a_mistake_of_configuration() {
    let platform = Platform::default();
    let shop = platform.shop(Rest::new().with_auth(Auth::api_key("planted; admin=1").unwrap()));
    let error = Call::new(&shop).request(&WITH_COOKIE).send::<Value>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(platform.seen().is_empty() && !format!("{error} {error:?}").contains("planted"), "{error}");
}

#[test]
fn credentials_that_fit_no_header_are_refused_and_not_shown() {
    for (refused, what) in [
        (Auth::bearer(""), "empty token"),
        (Auth::bearer("planted token"), "token with a space"),
        (Auth::bearer("planted\n"), "token with a line break"),
        (Auth::bearer("plänted"), "token beyond ASCII"),
        (Auth::basic("", "planted"), "no user"),
        (Auth::basic("a:planted", "b"), "user with a colon"),
        (Auth::basic("a", "planted\n"), "password with a line break"),
        (Auth::api_key(""), "empty key"),
        (Auth::api_key(" planted"), "key with a space before it"),
        (Auth::api_key("planted\r\nx-evil: 1"), "key with a line break"),
        (Auth::named_api_key("", "planted"), "key without a name"),
        (Auth::named_api_key("x-key", "plänted"), "key beyond ASCII"),
    ] {
        let error = refused.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{what}");
        assert!(!format!("{error} {error:?}").contains("pl"), "{what}: {error:?}");
    }
    assert!(Auth::basic("a", "pass:word 密").is_ok() && Auth::api_key("Token planted").is_ok());
}

/// Plain REST that keeps what can be seen of each attempt.
#[derive(Debug)]
struct Watching {
    rest: Rest,
    seen: Arc<Mutex<String>>,
}

impl Dialect for Watching {
    fn write_safety(&self) -> RetrySafety {
        self.rest.write_safety()
    }

    fn needs_access_token(&self) -> bool {
        self.rest.needs_access_token()
    }

    fn body_digest(&self, body: &[u8]) -> Option<HeaderValue> {
        self.rest.body_digest(body)
    }

    fn query_credentials(&self, security: Security, access_token: Option<&AccessToken>) -> Option<String> {
        self.rest.query_credentials(security, access_token)
    }

    fn authorize(&self, attempt: &Attempt<'_>, headers: &mut HeaderMap) -> Result<(), Error> {
        self.rest.authorize(attempt, headers)?;
        self.seen.lock().unwrap().push_str(&format!("{attempt:?} {headers:?}"));
        Ok(())
    }

    fn refusal(&self, attempt: &Attempt<'_>, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        self.rest.refusal(attempt, status, headers, body)
    }
}

#[tokio::test]
async fn no_credential_is_ever_shown_whatever_happens() {
    let auth = bearer().and(Auth::basic("planted-user", "planted-password").unwrap()).and(key());
    let auth = auth.and(Auth::named_api_key("X-Partner", "planted-partner").unwrap());
    let seen = Arc::<Mutex<String>>::default();
    let dialect = Watching { rest: Rest::new().with_auth(auth.clone()), seen: seen.clone() };
    // What was certainly not sent is sent again, up to five times.
    let refused = (0..5).map(|_| Err(TransportError::not_sent("connection refused")));
    let platform = Platform::new(refused.chain([
        Err(TransportError::outcome_unknown("connection reset")),
        Ok(reply(401, "application/json", r#"{"message":"who are you?"}"#)),
    ]));
    let client = platform.client(dialect);
    let shop = client.for_shop("shop-1");
    let mut shown = format!("{auth:?} {client:?} {shop:?}");
    static WRITE: OperationInfo = OperationInfo::new("carts.create", Method::POST, "/carts")
        .security(&[&[QUERY, PARTNER, COOKIE, BASIC]])
        .retry(RetrySafety::Never);
    for _ in 0..3 {
        let mut request = Call::new(&shop).request(&WRITE);
        request.push_cookie("session", &"planted-session");
        shown.push_str(&format!("{request:?}"));
        let error = request.send::<Value>().await.unwrap_err();
        let mut cause = error.source();
        shown.push_str(&format!("{error} {error:?}"));
        while let Some(source) = cause {
            shown.push_str(&format!("{source} {source:?}"));
            cause = source.source();
        }
    }
    shown.push_str(&seen.lock().unwrap());
    assert!(!shown.contains("planted") && !shown.contains("cGxhbnRlZC"), "{shown}");
    let arrived = &platform.seen()[0];
    assert!(arrived.uri().query().unwrap().contains("api%20key=planted-key"), "the check would find nothing");
    assert!(arrived.headers()["cookie"].to_str().unwrap().contains("sid=planted-key"));
}

#[tokio::test]
async fn constructors_for_one_credential_send_it_with_each_request() {
    let platform = Platform::default();
    let shop = platform.shop(Rest::api_key("x-api-key", "planted-key").unwrap().with_auth(bearer()));
    Call::new(&shop).request(&WITH_BEARER).send::<Value>().await.unwrap();
    let seen = platform.only();
    assert_eq!(
        (&seen.headers()["x-api-key"], &seen.headers()["authorization"]),
        (&HeaderValue::from_static("planted-key"), &HeaderValue::from_static("Bearer planted-token"))
    );
}

#[tokio::test]
async fn a_write_under_a_key_sends_it_in_the_header_that_the_operation_names() {
    static PAY: OperationInfo =
        OperationInfo::new("orders.pay", Method::POST, "/pay").idempotency_header("PayPal-Request-Id");
    static KEYED: OperationInfo = OperationInfo::new("orders.close", Method::POST, "/close").retry(RetrySafety::Keyed);
    let platform = Platform::new([Ok(reply(503, "text/plain", "later"))]);
    let shop = platform.shop(Rest::new());
    Call::new(&shop).request(&PAY).send::<Value>().await.unwrap();
    Call::new(&shop).request(&KEYED).with_idempotency_key("K-1").send::<Value>().await.unwrap();
    let seen = platform.seen();
    let first = &seen[0].headers()["paypal-request-id"];
    assert_eq!(first, &seen[1].headers()["paypal-request-id"], "both attempts are one write");
    assert!(!first.is_empty() && !seen[0].headers().contains_key("idempotency-key"));
    assert_eq!(seen[2].headers()["idempotency-key"], "K-1");
}
