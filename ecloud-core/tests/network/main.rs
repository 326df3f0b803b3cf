//! The network transports, against servers that misbehave. Loopback only.

#![cfg(any(feature = "hyper", feature = "reqwest"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod connections;
mod exchanges;
mod network;
#[cfg(feature = "hyper")]
mod on_hyper;
mod server;

use std::sync::Arc;
use std::time::Duration;

use ecloud_core::dialect::Rest;
use ecloud_core::{
    Auth, Call, Client, ClientBuilder, ErrorKind, KeyLocation, ManualClock, Method, OperationInfo, QuotaLimit,
    RetryPolicy, SecurityScheme, Timestamp,
};
use network::{Network, each, on_each};
use serde_json::Value;
use server::{Reply, Server};

fn client(network: Network, server: &Server) -> ClientBuilder {
    network.on(settings(server))
}

fn settings(server: &Server) -> ClientBuilder {
    Client::builder()
        .endpoint(server.endpoint())
        .app("demo-app", "demo-secret")
        .access_token("demo-token")
        .quota(QuotaLimit::UNLIMITED)
        .retry(RetryPolicy::none())
}

async fn read(builder: ClientBuilder) -> Result<Value, ecloud_core::Error> {
    builder.build().unwrap().for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").send().await
}

const WHOLE: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n{\"order_id\":\"T1\"}";

on_each! {
    async fn connections_are_kept_and_the_target_arrives_as_it_was_signed(network: Network) {
        let server = Server::start(vec![Reply::Bytes(WHOLE), Reply::Bytes(WHOLE)]).await;
        let shop = client(network, &server).build().unwrap().for_shop("shop-1");
        for _ in 0..2 {
            let request = shop.request(Method::GET, "/a:b@c!$&'()*+,;=/{id}").path("id", "张/%").query("q", "a b'");
            assert_eq!(request.send::<Value>().await.unwrap()["order_id"], "T1");
        }
        let seen = server.seen();
        assert_eq!((seen.len(), server.connections()), (2, 1));
        assert!(seen[0].starts_with("GET /a:b@c!$&'()*+,;=/%E5%BC%A0%2F%25?q=a%20b%27 HTTP/1.1\r\n"), "{}", seen[0]);
        for expected in
            ["\r\naccept: application/json\r\n", "\r\nuser-agent: ecloud-rust/", "\r\nauthorization: Bearer demo-token\r\n"]
        {
            assert!(seen[0].contains(expected), "{expected} in {}", seen[0]);
        }
        assert!(!seen[0].contains("accept-encoding"), "{}", seen[0]);
    }

    async fn one_transport_serves_clients_of_two_endpoints(network: Network) {
        let first = Server::start(vec![Reply::Bytes(WHOLE), Reply::Bytes(WHOLE)]).await;
        let second = Server::start(vec![Reply::Bytes(WHOLE)]).await;
        each!(network, Transport => {
            let transport = Transport::builder().without_environment_proxies().build().unwrap();
            for server in [&first, &second, &first] {
                assert_eq!(read(settings(server).transport(transport.clone())).await.unwrap()["order_id"], "T1");
            }
        });
        assert_eq!((first.seen().len(), second.seen().len()), (2, 1));
    }

    async fn a_proxy_that_is_set_gets_the_request(network: Network) {
        let proxy = Server::start(vec![Reply::Bytes(WHOLE)]).await;
        let builder = settings(&proxy).endpoint("http://gateway.example").allow_plain_http("gateway.example");
        assert_eq!(read(network.through(proxy.endpoint(), builder)).await.unwrap()["order_id"], "T1");
        assert!(
            proxy.seen()[0].starts_with("GET http://gateway.example/trade/v1/orders/T1 HTTP/1.1\r\n"),
            "{}",
            proxy.seen()[0]
        );
    }

    async fn a_body_that_is_cut_off_says_so_and_what_there_was(network: Network) {
        let cut = "HTTP/1.1 200 OK\r\nx-ecloud-request-id: r-3\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"order_id\":";
        let server = Server::start(vec![Reply::Bytes(cut)]).await;
        let error = read(client(network, &server)).await.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::OutcomeUnknown, Some(200), Some("r-3")));
        assert!(error.message().contains("cut off") && error.message().contains("{\"order_id\":"), "{error}");
    }

    async fn a_cut_off_answer_to_a_read_is_asked_for_again(network: Network) {
        let cut = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"ord";
        let server = Server::start(vec![Reply::Bytes(cut), Reply::Nothing, Reply::Bytes(WHOLE)]).await;
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        let builder = client(network, &server).retry(RetryPolicy::standard()).clock(Arc::new(clock));
        assert_eq!(read(builder).await.unwrap()["order_id"], "T1");
    }

    async fn what_is_announced_or_comes_beyond_the_limit_is_refused(network: Network) {
        let announced = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n{";
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n28\r\n{\"a\":\"0123456789012345678901234567890123\r\n28\r\n{\"a\":\"0123456789012345678901234567890123\r\n0\r\n\r\n";
        for bytes in [announced, chunked] {
            let server = Server::start(vec![Reply::Bytes(bytes)]).await;
            let error = read(client(network, &server).response_limit(64)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}");
        }
    }

    async fn a_redirect_is_not_followed(network: Network) {
        let redirect = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
        let server = Server::start(vec![Reply::Bytes(redirect), Reply::Bytes(WHOLE)]).await;
        let error = read(client(network, &server)).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(307)));
        assert!(error.message().contains("redirects are not followed"), "{error}");
        assert_eq!(server.seen().len(), 1);
    }

    async fn what_is_no_http_and_what_is_no_answer_leave_the_outcome_unknown(network: Network) {
        for reply in [Reply::Bytes("nonsense\r\n\r\n"), Reply::Nothing] {
            let server = Server::start(vec![reply]).await;
            let shop = client(network, &server).build().unwrap().for_shop("shop-1");
            let error = shop.request(Method::POST, "/trade/v1/orders").send::<Value>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
            assert!(error.is_outcome_unknown() && error.idempotency_key().is_some());
        }
    }

    async fn a_server_that_is_not_there_leaves_the_request_unsent(network: Network) {
        let server = Server::start(vec![]).await;
        let builder = client(network, &server);
        server.stop().await;
        let error = read(builder).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent, "{error}");
        assert!(!error.is_outcome_unknown() && error.is_retryable());
        assert!(std::error::Error::source(&error).is_some());
    }

    async fn a_server_that_keeps_silent_is_given_up_at_the_deadline(network: Network) {
        let server = Server::start(vec![Reply::Silence]).await;
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        let builder = client(network, &server).clock(Arc::new(clock.clone())).attempt_timeout(Duration::from_secs(3600));
        let call = tokio::spawn(read(builder.timeout(Duration::from_secs(60))));
        server.until_asked().await;
        clock.advance(Duration::from_secs(59));
        assert!(!call.is_finished());
        clock.advance(Duration::from_secs(1));
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }

    async fn a_key_in_the_query_is_in_no_error_of_the_network(network: Network) {
        static LIST: OperationInfo = OperationInfo::new("carts.list", Method::GET, "/carts")
            .security(&[&[SecurityScheme::ApiKey { name: "key", location: KeyLocation::Query }]]);
        let server =
            Server::start(vec![Reply::Nothing, Reply::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")]).await;
        let closed = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("http://{}", listener.local_addr().unwrap())
        };
        for endpoint in [server.endpoint(), server.endpoint(), closed] {
            let dialect = Rest::new().with_auth(Auth::api_key("planted-key").unwrap());
            let builder = Client::builder().endpoint(endpoint).dialect(dialect).retry(RetryPolicy::none());
            let builder = network.on(builder);
            let shop = builder.build().unwrap().for_shop("shop-1");
            let error = Call::new(&shop).request(&LIST).send::<Value>().await.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::NotSent), "{error}");
            let mut shown = format!("{error} {error:?}");
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                shown.push_str(&format!("{source} {source:?}"));
                cause = source.source();
            }
            assert!(!shown.contains("planted"), "{shown}");
        }
        assert!(server.seen().iter().all(|request| request.starts_with("GET /carts?key=planted-key HTTP/1.1")));
        assert_eq!(server.seen().len(), 2);
    }

    async fn an_answer_that_is_cut_off_leaves_its_headers(network: Network) {
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nx-hint: h\r\n\r\n{";
        let server = Server::start(vec![Reply::Bytes(cut)]).await;
        let error = read(client(network, &server)).await.unwrap_err();
        assert_eq!(error.headers().unwrap()["x-hint"], "h");
        assert_eq!(error.body(), None, "half of a body is none");
    }
}

#[test]
fn a_client_is_built_outside_a_runtime() {
    Client::builder().endpoint("https://open.example.com").app("demo-app", "demo-secret").build().unwrap();
    let refused =
        Client::builder().endpoint("https://open.example.com").app("a", "s").proxy("not a planted-proxy").build();
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().starts_with("proxy") && !format!("{error:?}").contains("planted"), "{error:?}");
}
