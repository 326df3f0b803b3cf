//! What the transport on hyper does by its own clock, and through proxies.

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::transport::{Body, HyperTransport, Transport as _, TransportError};
use ecloud_core::{Clock as _, ErrorKind, ManualClock, Timestamp};
use http::{Request, Response};

use crate::server::{Reply, Server};
use crate::{WHOLE, read, settings};

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200))
}

async fn get(transport: &HyperTransport, address: &str) -> Result<Response<Body>, TransportError> {
    transport.send(Request::get(address).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_connection_that_is_idle_for_50_seconds_is_closed_and_one_that_is_used_is_kept() {
    let server = Server::start((0..4).map(|_| Reply::Bytes(WHOLE)).collect()).await;
    let clock = clock();
    let builder = HyperTransport::builder().without_environment_proxies().clock(Arc::new(clock.clone()));
    let transport = builder.build().unwrap();
    for _ in 0..3 {
        drop(get(&transport, &server.endpoint()).await.unwrap());
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(49));
    }
    assert_eq!(server.connections(), 1);
    clock.advance(Duration::from_secs(1));
    server.until_ended(1).await;
    drop(get(&transport, &server.endpoint()).await.unwrap());
    assert_eq!(server.connections(), 2);
    assert_eq!(clock.monotonic(), Duration::from_secs(3 * 49 + 1));
}

#[tokio::test]
async fn a_tunnel_that_is_not_made_in_time_leaves_the_request_unsent() {
    let proxy = Server::start(vec![Reply::Silence]).await;
    let clock = clock();
    let transport = HyperTransport::builder().proxy(proxy.endpoint()).clock(Arc::new(clock.clone())).without_tls();
    let transport = transport.build().unwrap();
    let sent = tokio::spawn(async move { get(&transport, "https://gateway.example/planted").await });
    proxy.until_asked().await;
    clock.advance(Duration::from_millis(4_999));
    tokio::task::yield_now().await;
    assert!(!sent.is_finished());
    clock.advance(Duration::from_millis(1));
    let error = sent.await.unwrap().unwrap_err();
    assert!(!error.is_outcome_unknown() && format!("{error:?}").contains("within 5000 ms"), "{error:?}");
    proxy.until_ended(1).await;
    let seen = proxy.seen();
    assert!(
        seen[0].starts_with("CONNECT gateway.example:443 HTTP/1.1\r\n") && !seen[0].contains("planted"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_tunnel_that_is_refused_leaves_the_request_unsent() {
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".to_vec();
    let proxy = Server::start(vec![Reply::Open(refusal)]).await;
    let transport = HyperTransport::builder().proxy(proxy.endpoint()).without_tls().build().unwrap();
    let error = get(&transport, "https://gateway.example/").await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn a_proxy_is_told_user_name_and_password_and_nobody_else_is() {
    let proxy = Server::start(vec![Reply::Bytes(WHOLE)]).await;
    let address = proxy.endpoint().replace("http://", "http://user:planted@");
    let transport = HyperTransport::builder().proxy(address).without_tls().build().unwrap();
    assert!(!format!("{transport:?}").contains("planted"));
    let builder = settings(&proxy).endpoint("http://gateway.example").allow_plain_http("gateway.example");
    read(builder.transport(transport)).await.unwrap();
    let seen = proxy.seen();
    assert!(seen[0].contains("\r\nproxy-authorization: Basic dXNlcjpwbGFudGVk\r\n"), "{seen:?}");
    assert!(seen[0].contains("\r\nhost: gateway.example\r\n"), "{seen:?}");
}

#[test]
fn a_proxy_that_is_not_spoken_to_is_a_mistake_of_the_configuration() {
    for proxy in ["https://planted@127.0.0.1:1", "socks5://planted@127.0.0.1:1", "not a planted-proxy", "http://", ""] {
        let builder = HyperTransport::builder().proxy(proxy);
        assert!(!format!("{builder:?}").contains("planted"));
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().starts_with("proxy: ") && !format!("{error:?}").contains("planted"), "{error:?}");
    }
}
