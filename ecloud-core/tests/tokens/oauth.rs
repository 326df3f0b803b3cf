//! OAuth on the wire: what is sent, and every answer that is none.

use std::time::Duration;

use crate::authority::{Authority, SECRET, Step};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ecloud_core::token::PendingAuthorization;
use ecloud_core::transport::MemoryTransport;
use ecloud_core::{Clock, Error, ErrorKind, OAuth, Secret};

fn query(url: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(url.split_once('?').unwrap().1.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn the_code_is_exchanged_with_the_verifier_whose_challenge_was_sent() {
    let authority = Authority::new();
    let oauth = authority.oauth().build().unwrap();
    let pending = oauth.begin(["trade:read", "trade:write"]).unwrap();
    assert!(
        pending.url().starts_with("https://open.example.com/oauth2/authorize?response_type=code&client_id=demo-app&")
    );
    let sent = query(pending.url());
    let value = |name: &str| sent.iter().find(|(one, _)| one == name).unwrap().1.clone();
    assert_eq!(value("scope"), "trade:read trade:write");
    assert_eq!(value("code_challenge_method"), "S256");
    assert_eq!(value("redirect_uri"), "https://isv.example.com/callback");
    assert_eq!(value("state"), pending.state().expose());

    // It is kept with the session, and comes back from there.
    let kept = serde_json::to_string(&pending).unwrap();
    let pending: PendingAuthorization = serde_json::from_str(&kept).unwrap();
    let code = pending.accept(&format!("?code=shop-7&state={}", value("state"))).unwrap();
    let pair = oauth.exchange(code).await.unwrap();
    assert_eq!(pair.access_token().expose(), "planted-a-shop-7-1");
    assert_eq!(pair.expires_at(), Some(authority.clock.now() + Duration::from_secs(3600)));

    let form = authority.request(0);
    assert_eq!((form["grant_type"].as_str(), form["code"].as_str()), ("authorization_code", "shop-7"));
    assert_eq!(form["redirect_uri"], "https://isv.example.com/callback");
    let digest = <sha2::Sha256 as sha2::Digest>::digest(form["code_verifier"].as_bytes());
    assert_eq!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest), value("code_challenge"));
}

#[tokio::test]
async fn credentials_go_in_the_header_and_scopes_in_the_form() {
    let oauth = OAuth::builder()
        .endpoint("https://open.example.com/gateway")
        .app("app key", "s:e%c")
        .transport(MemoryTransport::new(|request| {
            assert_eq!(request.uri(), "https://open.example.com/gateway/oauth2/token");
            let basic = request.headers()["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
            assert_eq!(STANDARD.decode(basic).unwrap(), b"app+key:s%3Ae%25c");
            assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
            assert_eq!(&request.body()[..], b"grant_type=client_credentials&scope=a%3Ab+c");
            Ok(http::Response::new(r#"{"access_token":"t","token_type":"BEARER"}"#.into()))
        }))
        .build()
        .unwrap();
    let pair = oauth.client_credentials(["a:b", "c"]).await.unwrap();
    assert_eq!((pair.refresh_token(), pair.expires_at()), (None, None));
}

#[test]
fn what_comes_back_must_be_an_answer_to_what_was_sent() {
    let pending = Authority::new().oauth().build().unwrap().begin([]).unwrap();
    let state = pending.state().expose();
    for (query, kind, said) in [
        (String::new(), ErrorKind::InvalidRequest, "no state"),
        ("code=c".to_owned(), ErrorKind::InvalidRequest, "no state"),
        ("code=c&state=".to_owned(), ErrorKind::InvalidRequest, "another state"),
        (format!("code=c&state={state}x"), ErrorKind::InvalidRequest, "another state"),
        (format!("code=c&state={state}&state={state}"), ErrorKind::InvalidRequest, "twice"),
        (format!("code=c&code=d&state={state}"), ErrorKind::InvalidRequest, "twice"),
        (format!("state={state}"), ErrorKind::InvalidRequest, "no code"),
        (format!("code=&state={state}"), ErrorKind::InvalidRequest, "no code"),
        (format!("error=access_denied&error_description=no&state={state}"), ErrorKind::Denied, "access_denied: no"),
        ("error=access_denied".to_owned(), ErrorKind::InvalidRequest, "no state"),
    ] {
        let error = pending.accept(&query).unwrap_err();
        assert_eq!(error.kind(), kind, "{query}");
        assert!(error.to_string().contains(said), "{query}: {error}");
        assert!(!error.to_string().contains(state), "{error}");
    }
}

#[test]
fn without_a_redirect_address_nothing_begins() {
    let oauth = OAuth::builder().endpoint("https://a.example").app("k", "s");
    let oauth = oauth.transport(MemoryTransport::new(|_| unreachable!())).build().unwrap();
    assert!(oauth.begin([]).unwrap_err().to_string().starts_with("redirect uri"));
}

async fn refresh(step: Step) -> Error {
    let authority = Authority::new().steps([step]);
    authority.oauth().build().unwrap().refresh(&Secret::from("planted-refresh")).await.unwrap_err()
}

#[tokio::test]
async fn every_malformed_answer_is_told_by_its_fault_and_without_its_tokens() {
    let token = r#""access_token":"planted-access","token_type":"bearer""#;
    let fault = |member: &str| format!("{{{token},{member}}}");
    for (body, said) in [
        (String::new(), "no such JSON at line 1"),
        ("planted-access".to_owned(), "no such JSON"),
        ("null".to_owned(), "no such JSON"),
        ("[]".to_owned(), "no such JSON"),
        ("{}".to_owned(), "no access token"),
        ("\u{feff}{}".to_owned(), "no such JSON"),
        (r#"{"access_token":7,"token_type":"bearer"}"#.to_owned(), "no such JSON"),
        (r#"{"access_token":"planted-access\n","token_type":"bearer"}"#.to_owned(), "access token is empty"),
        (r#"{"access_token":"","token_type":"bearer"}"#.to_owned(), "access token is empty"),
        (r#"{"access_token":"planted-access","token_type":"mac"}"#.to_owned(), "not of type bearer"),
        (fault(r#""refresh_token":"""#), "refresh token is empty"),
        (fault(r#""refresh_token":"planted\r\nx""#), "refresh token is empty"),
        (fault(r#""refresh_token":{}"#), "no such JSON"),
        (fault(r#""expires_in":-1"#), "expires_in is no number"),
        (fault(r#""expires_in":"soon""#), "expires_in is no number"),
        (fault(r#""expires_in":[1]"#), "expires_in is no number"),
        (fault(r#""refresh_expires_in":true"#), "refresh_expires_in is no number"),
        (fault(r#""access_token":"planted-second""#), "no such JSON"),
        (format!("{{{token}"), "no such JSON"),
    ] {
        let error = refresh(Step::Answer(200, body.clone())).await;
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
        assert!(error.to_string().contains(said), "{body}: {error}");
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    }
}

#[tokio::test]
async fn lives_are_read_in_all_forms_that_are_numbers() {
    for (written, seconds) in
        [("60", Some(60)), ("\"60\"", Some(60)), ("60.9", Some(60)), ("null", None), ("0", Some(0))]
    {
        let body = format!(r#"{{"access_token":"t","expires_in":{written},"refresh_token_expires_in":{written}}}"#);
        let authority = Authority::new().steps([Step::Answer(200, body)]);
        let pair = authority.oauth().build().unwrap().refresh(&"r".into()).await.unwrap();
        let end = seconds.map(|seconds| authority.clock.now() + Duration::from_secs(seconds));
        assert_eq!((pair.expires_at(), pair.refresh_expires_at()), (end, end), "{written}");
    }
    for written in ["18446744073709551615", "1e300", "99999999999999999999999"] {
        let body = format!(r#"{{"access_token":"t","expires_in":{written}}}"#);
        let authority = Authority::new().steps([Step::Answer(200, body)]);
        let pair = authority.oauth().build().unwrap().refresh(&"r".into()).await.unwrap();
        assert!(pair.lives(authority.clock.now() + Duration::from_secs(50 * 365 * 24 * 3600)), "{written}");
    }
}

#[tokio::test]
async fn refusals_have_the_code_of_the_standard_and_repeat_nothing_that_was_sent() {
    use ErrorKind::{Denied, InvalidRequest, InvalidResponse, Throttled, Unauthenticated, Unavailable};
    for (status, body, kind, code) in [
        (400, r#"{"error":"invalid_grant"}"#, Unauthenticated, Some("invalid_grant")),
        (401, r#"{"error":"invalid_client","error_description":"no"}"#, Unauthenticated, Some("invalid_client")),
        (400, r#"{"error":"invalid_scope"}"#, Denied, Some("invalid_scope")),
        (400, r#"{"error":"invalid_request"}"#, InvalidRequest, Some("invalid_request")),
        (400, r#"{"error":"temporarily_unavailable"}"#, Unavailable, Some("temporarily_unavailable")),
        (429, r#"{"error":{"code":"quota.exceeded","message":"slow"}}"#, Throttled, Some("quota.exceeded")),
        (502, "<html>bad gateway planted-refresh</html>", Unavailable, None),
        (503, "", Unavailable, None),
        (400, r#"{"error":7}"#, InvalidRequest, None),
        (302, "", InvalidResponse, None),
        (400, r#"{"error":"x","error_description":"planted-refresh planted-app-secret"}"#, InvalidRequest, Some("x")),
    ] {
        let error = refresh(Step::Answer(status, body.to_owned())).await;
        assert_eq!((error.kind(), error.code(), error.status()), (kind, code, Some(status)), "{body}");
        assert_eq!(error.operation(), Some("oauth.refresh"));
        assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
        assert_eq!(error.body(), None);
    }
    assert!(SECRET.contains("planted"));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_short() {
    let error = refresh(Step::Answer(200, "x".repeat(300 * 1024))).await;
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}
