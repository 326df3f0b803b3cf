//! What goes over the wire: requests as they were signed, answers of all shapes, and what is no answer.

use ecloud_core::transport::{Body, Transport as _};
use ecloud_core::{ErrorKind, Method};
use http::Request;
use serde_json::{Value, json};

use crate::network::{each, on_each};
use crate::server::{Reply, Server};
use crate::{WHOLE, client, read};

fn chunked(chunks: &[&str]) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for chunk in chunks {
        answer.extend(format!("{:x}\r\n{chunk}\r\n", chunk.len()).bytes());
    }
    answer.extend(b"0\r\nx-trailer: t\r\n\r\n");
    answer
}

on_each! {
    async fn a_request_is_written_as_it_is_given_with_its_host_and_its_length(network: Network) {
        let server = Server::start(vec![Reply::Bytes(WHOLE), Reply::Bytes(WHOLE)]).await;
        let authority = server.endpoint().replace("http://", "");
        each!(network, Transport => {
            let transport = Transport::builder().without_environment_proxies().build().unwrap();
            for body in ["", r#"{"a":1}"#] {
                let request = Request::post(format!("{}/a%20b?c=%E5", server.endpoint())).header("x-one", "1");
                let body = Body::from(body.as_bytes().to_vec());
                transport.send(request.body(body).unwrap()).await.unwrap();
            }
        });
        let seen = server.seen();
        for (seen, body) in seen.iter().zip(["", r#"{"a":1}"#]) {
            let (head, rest) = seen.split_once("\r\n\r\n").unwrap();
            let mut lines: Vec<&str> = head.split("\r\n").collect();
            assert_eq!(lines.remove(0), "POST /a%20b?c=%E5 HTTP/1.1");
            lines.retain(|line| !line.starts_with("content-length") && *line != "accept: */*");
            lines.sort_unstable();
            assert_eq!(lines, [format!("host: {authority}").as_str(), "x-one: 1"]);
            assert_eq!(rest, body);
        }
        assert!(seen[1].contains("\r\ncontent-length: 7\r\n"));
    }

    async fn a_large_answer_comes_whole(network: Network) {
        let text = "0123456789abcdef".repeat(200_000);
        let body = json!({ "text": text }).to_string();
        let plain = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let pieces: Vec<&str> = body.as_bytes().chunks(70_001).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        for answer in [plain, chunked(&pieces)] {
            let server = Server::start(vec![Reply::Open(answer), Reply::Bytes(WHOLE)]).await;
            let shop = client(network, &server).build().unwrap().for_shop("shop-1");
            let request = || shop.request(Method::GET, "/trade/v1/orders");
            assert_eq!(request().send::<Value>().await.unwrap()["text"], text.as_str());
            request().send::<Value>().await.unwrap();
            assert_eq!(server.connections(), 1, "read to its end, it gives its connection back");
        }
    }

    async fn a_large_request_arrives_whole(network: Network) {
        let server = Server::start(vec![Reply::Bytes(WHOLE)]).await;
        let shop = client(network, &server).build().unwrap().for_shop("shop-1");
        let text = "0123456789abcdef".repeat(100_000);
        let request = shop.request(Method::POST, "/trade/v1/orders").json(&json!({ "text": text }));
        request.send::<Value>().await.unwrap();
        assert!(server.seen()[0].ends_with(&format!("{text}\"}}")));
    }

    async fn an_answer_ends_with_its_connection_where_it_says_no_length(network: Network) {
        let answer = b"HTTP/1.1 200 OK\r\n\r\n{\"order_id\":\"T1\"}".to_vec();
        let server = Server::start(vec![Reply::Closed(answer)]).await;
        assert_eq!(read(client(network, &server)).await.unwrap()["order_id"], "T1");
    }

    async fn what_comes_before_the_answer_is_passed_over(network: Network) {
        let before = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        let server = Server::start(vec![Reply::Open(format!("{before}{WHOLE}").into_bytes())]).await;
        assert_eq!(read(client(network, &server)).await.unwrap()["order_id"], "T1");
    }

    async fn what_is_no_whole_head_leaves_the_outcome_unknown(network: Network) {
        let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(1 << 20));
        let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x-many: a\r\n".repeat(5_000));
        for bytes in [
            "HTTP/1.1 200 OK\r\ncontent-le",
            "HTTP/1.1 ",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/9.9 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
            "\u{0}\u{1}\u{2}\r\n\r\n",
            &long,
            &many,
        ] {
            let server = Server::start(vec![Reply::Closed(bytes.as_bytes().to_vec())]).await;
            let shop = client(network, &server).build().unwrap().for_shop("shop-1");
            let error = shop.request(Method::POST, "/trade/v1/orders").send::<Value>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error} after {}", &bytes[..bytes.len().min(60)]);
            assert_eq!(server.seen().len(), 1);
        }
    }

    async fn chunks_that_are_none_cut_the_answer_off(network: Network) {
        for bytes in ["zz\r\n{\"a\":1}\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n", "5\r\n{\"a\":1}\r\n0\r\n\r\n", "7\r\n{\"a\""] {
            let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{bytes}").into_bytes();
            let server = Server::start(vec![Reply::Closed(answer)]).await;
            let error = read(client(network, &server)).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(200)), "{error} after {bytes}");
        }
    }

    async fn another_protocol_that_nobody_asked_for_is_no_answer(network: Network) {
        let upgrade = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n".to_vec();
        let server = Server::start(vec![Reply::Closed(upgrade), Reply::Bytes(WHOLE)]).await;
        let client = client(network, &server).build().unwrap();
        let read = || client.for_shop("shop-1").request(Method::GET, "/trade/v1/orders/T1").send::<Value>();
        assert!(read().await.is_err());
        assert_eq!(read().await.unwrap()["order_id"], "T1");
    }

    async fn an_address_without_a_host_or_with_a_user_is_not_sent(network: Network) {
        for address in ["/orders", "http://user:planted@127.0.0.1:9/", "ftp://127.0.0.1:9/"] {
            let error = each!(network, Transport => {
                let transport = Transport::builder().without_environment_proxies().build().unwrap();
                transport.send(Request::get(address).body(Body::empty()).unwrap()).await.unwrap_err()
            });
            assert!(!error.is_outcome_unknown());
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
}
