//! Every kind of call, waited for.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use ecloud_core::blocking::{Wait, block_on};
use ecloud_core::{ErrorKind, File, Json, Method, Multipart, bulk};

use crate::platform::{Platform, order};

#[test]
fn a_call_is_waited_for_with_its_value_or_its_error() {
    let shop = Platform::new().shop();
    let value: Json = order(&shop, 1).send().wait().unwrap();
    assert_eq!(value["number"], 1);
    let answer = order(&shop, 2).send_with_meta::<Json>().wait().unwrap();
    assert_eq!((answer.value["number"].as_u64(), answer.meta.status()), (Some(2), 200));
    let error = order(&shop, 9).send::<Json>().wait().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
}

#[test]
fn an_upload_is_a_call_like_others() {
    let mut form = Multipart::new();
    form.file("image", &File::new("x.png", "image/png", vec![7; 10_000]));
    let mut upload = Platform::new().shop().request(Method::POST, "/orders");
    upload.set_multipart(form);
    let answer: Json = upload.send().wait().unwrap();
    assert!(answer["bytes"].as_u64().unwrap() > 10_000);
}

#[test]
fn a_bulk_is_an_iterator_or_waited_for_as_a_whole() {
    let platform = Platform::new();
    let shop = platform.shop();
    let mut orders = bulk([1, 9, 2], |number| order(&shop, number).send::<Json>()).at_once(2).in_order().wait();
    let found: Vec<_> =
        orders.by_ref().map(|result| result.unwrap()).map(|one| (one.input, one.outcome.is_ok())).collect();
    assert_eq!(found, [(1, true), (9, false), (2, true)]);
    assert_eq!((orders.get_ref().progress().succeeded, platform.seen().len()), (2, 3));
    let whole = bulk(0..9, |number| order(&shop, number).send::<Json>());
    let (succeeded, failed) = block_on(whole.finish()).unwrap();
    assert_eq!((succeeded.len(), failed.len()), (7, 2));
}

#[test]
fn the_quota_is_waited_for() {
    let platform = Platform::new();
    let draw = platform.client().quota("trade.orders").weight(36);
    draw.wait().wait().unwrap().settle(36);
    let error = draw.deadline(Duration::from_millis(1)).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    draw.wait().wait().unwrap().give_back();
    assert_eq!(platform.clock.slept(), Duration::from_millis(1800));
}

#[test]
fn what_borrows_and_what_stays_on_its_thread_is_waited_for() {
    let shop = Platform::new().shop();
    let mut orders = crate::platform::items(&shop);
    assert_eq!(orders.try_next().wait().unwrap(), Some(0));
    let counter = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = block_on(async {
        counter.set(order(&shop, 3).send::<Json>().await.unwrap()["number"].as_u64().unwrap());
    });
    counted.unwrap();
    assert_eq!(counter.get(), 3);
}

#[test]
fn a_future_that_wakes_itself_or_is_woken_from_elsewhere_goes_on() {
    let mut left = 1000;
    let yielded = block_on(poll_fn(|context| {
        left -= 1;
        context.waker().wake_by_ref();
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    }));
    yielded.unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let elsewhere = std::thread::spawn(move || sender.send(7).unwrap());
    assert_eq!(block_on(receiver).unwrap().unwrap(), 7);
    elsewhere.join().unwrap();
}

#[test]
fn threads_wait_side_by_side() {
    let shop = Platform::new().shop();
    let wait = |number| order(&shop, number).send::<Json>().wait().unwrap()["number"].as_u64().unwrap();
    let numbers = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..7).map(|number| scope.spawn(move || wait(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_is_spawned_runs_on_the_one_thread_of_that_name_and_goes_on_after_the_wait() {
    let name = || std::thread::current().name().map(str::to_owned);
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let here = std::thread::current().id();
    let mut spawned = None;
    let waited = block_on(async {
        spawned = Some(tokio::spawn(async move { receiver.await.map(|()| name()) }));
        std::thread::current().id()
    });
    assert_eq!(waited.unwrap(), here);
    sender.send(()).unwrap();
    let name = block_on(spawned.unwrap()).unwrap().unwrap().unwrap();
    assert_eq!(name.as_deref(), Some("ecloud-blocking"));
}

#[test]
fn a_panic_leaves_the_thread_fit_to_wait() {
    let outcome = catch_unwind(AssertUnwindSafe(|| block_on(async { panic!("on purpose") })));
    assert!(outcome.is_err());
    assert_eq!(block_on(async { 1 }).unwrap(), 1);
}
