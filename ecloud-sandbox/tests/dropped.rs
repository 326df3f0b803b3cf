//! The sandbox's futures, dropped before they end.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use ecloud_core::{Clock, Json, ManualClock, Method, SystemClock, Timestamp};
use ecloud_sandbox::{Fault, Sandbox};
use tokio::net::{TcpListener, TcpStream};

fn polled_once(future: impl Future) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[tokio::test]
async fn a_call_in_memory_that_is_dropped_during_a_delay_has_had_its_effect() {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().clock(Arc::new(clock.clone()) as Arc<dyn Clock>).build();
    sandbox.inject(Fault::delay(Duration::from_secs(5)).next(1));
    let shop = sandbox.client().build().unwrap().for_shop(sandbox.shop_id());
    let read = || shop.request(Method::GET, "/trade/v1/orders/T1000001").send::<Json>();
    assert!(!polled_once(read()));
    assert_eq!(sandbox.received().len(), 1);
    assert_eq!(read().await.unwrap()["order_id"], "T1000001");
    assert_eq!(sandbox.received().len(), 2);
}

#[tokio::test]
async fn a_server_closes_when_it_or_its_stop_is_dropped() {
    let sandbox = Sandbox::builder().clock(Arc::new(SystemClock::new())).build();
    for stops in [false, true] {
        let server = sandbox.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
        let address = server.address();
        TcpStream::connect(address).await.unwrap();
        match stops {
            true => assert!(!polled_once(server.stop())),
            false => drop(server),
        }
        // The server's task is gone with its next turn.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_start_that_is_dropped_keeps_nobody_from_starting() {
    polled_once(Sandbox::start());
    let sandbox = Sandbox::start().await;
    TcpStream::connect(sandbox.endpoint().trim_start_matches("http://")).await.unwrap();
}
