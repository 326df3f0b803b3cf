//! Waiting on real connections.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use ecloud_core::blocking::Wait;
use ecloud_core::dialect::Rest;
use ecloud_core::{Client, ClientBuilder, Error, ErrorKind, Json, ManualClock, Method, RetryPolicy, Shop, Timestamp};

/// A server that keeps its connections open, on threads of its own; how many it has is counted, and each request is told.
fn serve(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>, Receiver<()>) {
    let (asked, told) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::<AtomicUsize>::default();
    let counted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let asked = asked.clone();
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() {
                        stream.write_all(answer.as_bytes()).unwrap();
                        let _nobody_listens = asked.send(());
                    }
                }
            });
        }
    });
    (address, connections, told)
}

fn client(address: SocketAddr) -> ClientBuilder {
    Client::builder().endpoint(format!("http://{address}")).dialect(Rest::new()).retry(RetryPolicy::none())
}

fn read(shop: &Shop) -> Result<Json, Error> {
    shop.request(Method::GET, "/orders/T1").send().wait()
}

const ORDER: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n{\"order_id\":\"T1\"}";

#[test]
fn connections_are_kept_between_calls_and_shared_by_threads() {
    let (address, connections, _) = serve(ORDER);
    let shop = client(address).build().unwrap().for_shop("shop-1");
    // A connection is back in the pool some time after its answer is read, so a call that follows at once may open another.
    let opens_none = || {
        let before = connections.load(Ordering::Relaxed);
        assert_eq!(read(&shop).unwrap()["order_id"], "T1");
        connections.load(Ordering::Relaxed) == before
    };
    assert!((0..1000).any(|_| opens_none()));
    assert!((0..1000).any(|_| thread::scope(|scope| scope.spawn(opens_none).join().unwrap())));
}

#[test]
fn a_deadline_ends_the_wait_for_an_answer_that_never_comes() {
    let (address, _, asked) = serve("HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{");
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let client = client(address).clock(Arc::new(clock.clone())).timeout(Duration::from_secs(10));
    let shop = client.build().unwrap().for_shop("shop-1");
    let passing = thread::spawn(move || asked.recv().map(|()| clock.advance(Duration::from_secs(10))));
    assert_eq!(read(&shop).unwrap_err().kind(), ErrorKind::Timeout);
    passing.join().unwrap().unwrap();
}

#[test]
fn a_client_that_was_used_by_a_runtime_can_be_waited_with_and_the_other_way_round() {
    let (address, ..) = serve(ORDER);
    let shop = client(address).retry(RetryPolicy::standard()).build().unwrap().for_shop("shop-1");
    for _ in 0..2 {
        assert_eq!(read(&shop).unwrap()["order_id"], "T1");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let order = runtime.block_on(shop.request(Method::GET, "/orders/T1").send::<Json>());
        assert_eq!(order.unwrap()["order_id"], "T1");
        // The connections that it opened end with it.
        drop(runtime);
    }
}
