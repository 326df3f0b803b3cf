//! What becomes of connections: kept when they are healthy, left when they aren't, and nothing sent twice.

use std::sync::Arc;

use ecloud_core::{Client, ErrorKind, Method};
use futures_util::future::join_all;
use serde_json::Value;

use crate::network::on_each;
use crate::server::{Reply, Server};
use crate::{WHOLE, client, read};

/// An answer with this status and body, whole.
fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn whole() -> Vec<u8> {
    WHOLE.as_bytes().to_vec()
}

/// Writes, which are not sent again once they may have taken effect.
async fn write(client: &Client) -> Result<Value, ecloud_core::Error> {
    client.for_shop("shop-1").request(Method::POST, "/trade/v1/orders").send().await
}

on_each! {
    async fn refusals_and_answers_without_a_body_give_their_connection_back(network: Network) {
        let replies = vec![
            Reply::Open(answer("400 Bad Request", r#"{"code":"invalid","message":"no"}"#)),
            Reply::Open(answer("503 Service Unavailable", "busy")),
            Reply::Open(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
            Reply::Open(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 17\r\n\r\n".to_vec()),
            Reply::Open(answer("200 OK", "")),
            Reply::Open(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n".to_vec()),
            Reply::Open(whole()),
        ];
        let count = replies.len();
        let server = Server::start(replies).await;
        let client = client(network, &server).build().unwrap();
        for _ in 1..count {
            let _ = write(&client).await;
        }
        assert_eq!(write(&client).await.unwrap()["order_id"], "T1");
        assert_eq!((server.seen().len(), server.connections()), (count, 1));
    }

    async fn an_answer_to_head_has_no_body_whatever_it_announces(network: Network) {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n".to_vec();
        let server = Server::start(vec![Reply::Open(head), Reply::Open(whole())]).await;
        let client = client(network, &server).build().unwrap();
        let shop = client.for_shop("shop-1");
        let raw = shop.request(Method::HEAD, "/trade/v1/orders/T1").send_raw().await.unwrap();
        assert!(raw.body.is_empty());
        assert_eq!(write(&client).await.unwrap()["order_id"], "T1");
        assert_eq!(server.connections(), 1);
    }

    async fn a_connection_that_the_server_closed_while_it_was_idle_costs_no_write(network: Network) {
        let server = Server::start(vec![Reply::Closed(whole()), Reply::Open(whole())]).await;
        let client = client(network, &server).build().unwrap();
        write(&client).await.unwrap();
        server.until_ended(1).await;
        write(&client).await.unwrap();
        assert_eq!((server.seen().len(), server.connections()), (2, 2));
    }

    async fn a_connection_that_closes_under_a_request_leaves_its_outcome_unknown_and_sends_nothing_again(network: Network) {
        let server = Server::start(vec![Reply::Open(whole()), Reply::Nothing, Reply::Open(whole())]).await;
        let client = client(network, &server).build().unwrap();
        write(&client).await.unwrap();
        let error = write(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
        assert_eq!((server.seen().len(), server.connections()), (2, 1));
        write(&client).await.unwrap();
        assert_eq!(server.connections(), 2);
    }

    async fn an_announced_close_is_obeyed(network: Network) {
        let close = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 17\r\n\r\n{\"order_id\":\"T1\"}".to_vec();
        let server = Server::start(vec![Reply::Open(close), Reply::Open(whole())]).await;
        let client = client(network, &server).build().unwrap();
        write(&client).await.unwrap();
        write(&client).await.unwrap();
        assert_eq!(server.connections(), 2);
    }

    async fn an_answer_that_nobody_asked_for_is_nobodys(network: Network) {
        let mut doubled = whole();
        doubled.extend(answer("200 OK", r#"{"order_id":"planted"}"#));
        let server = Server::start(vec![Reply::Open(doubled), Reply::Open(whole())]).await;
        let client = client(network, &server).build().unwrap();
        for _ in 0..2 {
            assert_eq!(write(&client).await.unwrap()["order_id"], "T1");
        }
        assert_eq!(server.connections(), 2);
    }

    async fn a_dropped_call_ends_its_exchange_and_leaves_the_others_theirs(network: Network) {
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"order".to_vec();
        for held in [Reply::Silence, Reply::Open(half)] {
            let server = Server::start(vec![Reply::Open(whole()), held, Reply::Open(whole())]).await;
            let client = Arc::new(client(network, &server).build().unwrap());
            write(&client).await.unwrap();
            server.until_asked().await;
            let dropped = tokio::spawn({
                let client = client.clone();
                async move { write(&client).await }
            });
            server.until_asked().await;
            dropped.abort();
            assert!(dropped.await.unwrap_err().is_cancelled());
            server.until_ended(1).await;
            assert_eq!(write(&client).await.unwrap()["order_id"], "T1");
            assert_eq!((server.seen().len(), server.connections()), (3, 2));
        }
    }

    async fn many_calls_at_once_have_connections_of_their_own_and_leave_them_to_the_next(network: Network) {
        const CALLS: usize = 64;
        let server = Server::start((0..3 * CALLS).map(|_| Reply::Open(whole())).collect()).await;
        let client = client(network, &server).build().unwrap();
        for _ in 0..3 {
            for outcome in join_all((0..CALLS).map(|_| write(&client))).await {
                assert_eq!(outcome.unwrap()["order_id"], "T1");
            }
        }
        assert_eq!(server.seen().len(), 3 * CALLS);
        assert!(server.connections() <= CALLS, "{}", server.connections());
    }

    async fn a_transport_without_its_clients_closes_its_connections(network: Network) {
        let server = Server::start(vec![Reply::Open(whole())]).await;
        read(client(network, &server)).await.unwrap();
        server.until_ended(1).await;
    }
}
