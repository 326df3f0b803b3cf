//! A signature that the sandbox refuses, and what its trace says.

use ecloud::dialect::ecloud::{SignatureComparison, SignatureDifference};
use ecloud::prelude::*;
use ecloud::transport::{Body, Transport, TransportError};
use ecloud_sandbox::Sandbox;

/// A transport that a proxy with a mind of its own stands behind: it puts a prefix before each path.
#[derive(Debug)]
struct Prefixing<T>(T);

#[async_trait::async_trait]
impl<T: Transport> Transport for Prefixing<T> {
    async fn send(&self, mut request: http::Request<Body>) -> Result<http::Response<Body>, TransportError> {
        let changed = request.uri().to_string().replace("/trade/v1/", "/gateway/trade/v1/");
        *request.uri_mut() = changed.parse().unwrap();
        self.0.send(request).await
    }
}

#[tokio::test]
async fn a_wrong_secret_leaves_the_same_string() {
    let sandbox = Sandbox::builder().app("demo-app", "the-right-secret").build();
    let client = sandbox.client().app("demo-app", "the-wrong-secret").build().unwrap();
    let error = Trade::new(&client).orders().list().limit(20).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("auth.signature_mismatch")));
    assert!(error.to_string().contains("so the secrets differ"), "{error}");
    let trace = error.signature_trace().unwrap();
    assert_eq!(trace.comparison(), SignatureComparison::Same, "{trace}");
    assert_eq!(trace.expected(), Some(trace.string_to_sign()));
    let right = sandbox.client().build().unwrap();
    let explained = right.explain(&Trade::new(&client).orders().list().request()).unwrap();
    assert_ne!(trace.key_fingerprint(), explained.key_fingerprint());
    for shown in [error.to_string(), format!("{error:?}"), trace.to_string()] {
        assert!(!shown.contains(sandbox.access_token()) && !shown.contains("-secret"), "{shown}");
    }
}

#[tokio::test]
async fn a_path_that_is_changed_on_the_way_is_the_first_difference() {
    let sandbox = Sandbox::builder().build();
    let client = sandbox.client().transport(Prefixing(sandbox.transport())).build().unwrap();
    let error = Trade::new(&client).orders().list().limit(50).send().await.unwrap_err();
    assert_eq!(error.code(), Some("auth.signature_mismatch"), "{error}");
    let trace = error.signature_trace().unwrap();
    assert_eq!(trace.comparison(), SignatureComparison::Different(SignatureDifference::Path));
    let shown = trace.to_string();
    let picture = "\
the first difference is the path
    signed    /trade/v1/orders
    expected  /gateway/trade/v1/orders
               ^
";
    assert!(shown.contains(picture), "{shown}");
}

#[tokio::test]
async fn what_a_call_is_said_to_sign_is_what_the_platform_expects_of_it() {
    let sandbox = Sandbox::builder().build();
    // A wrong secret makes the platform tell.
    let client = sandbox.client().app(sandbox.app_key(), "another-secret").build().unwrap();
    let list = Trade::new(&client).orders().list().limit(7).created_from(Timestamp::from_unix_seconds(1_795_336_200));
    // Nonce and second are another one's.
    let lasting = |text: &str| {
        let (head, parameters) = text.split_once("|:").unwrap();
        let pairs: Vec<_> = parameters.split('&').filter(|pair| !pair.contains("nonce=")).collect();
        format!("{} {}", head.trim_end_matches(|c: char| c.is_ascii_digit()), pairs.join("&"))
    };
    let explained = list.explain().unwrap();
    let error = list.send().await.unwrap_err();
    let expected = error.signature_trace().unwrap().expected().unwrap();
    assert_eq!(lasting(explained.string_to_sign()), lasting(expected));
}
