//! Where a thread may wait, and where it must not.

use ecloud_core::blocking::{Wait, block_on};
use ecloud_core::{Error, ErrorKind, Json, bulk};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::coop;

use crate::platform::{Platform, items, order};

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn many_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Waits for a call that would succeed.
fn try_to_wait() -> Result<(), Error> {
    let platform = Platform::new();
    let outcome = order(&platform.shop(), 1).send::<Json>().wait();
    assert_eq!(platform.seen().len(), usize::from(outcome.is_ok()));
    outcome.map(drop)
}

#[track_caller]
fn assert_refused(outcome: Result<(), Error>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    for said in ["blocking: called in ", "`.await` the call", "`tokio::task::spawn_blocking`"] {
        assert!(error.message().contains(said), "{error}");
    }
}

#[test]
fn in_an_async_task_it_is_an_error_and_nothing_is_sent() {
    for runtime in [one_thread(), many_threads()] {
        assert_refused(runtime.block_on(async { try_to_wait() }));
        assert_refused(runtime.block_on(async { tokio::spawn(async { try_to_wait() }).await.unwrap() }));
        let local = tokio::task::LocalSet::new();
        let within = async { tokio::task::spawn_local(async { try_to_wait() }).await.unwrap() };
        assert_refused(local.block_on(&runtime, within));
    }
}

#[test]
fn in_an_async_task_an_iterator_says_it_once_and_ends() {
    let platform = Platform::new();
    let mut orders = items(&platform.shop()).wait();
    one_thread().block_on(async {
        assert_refused(orders.next().unwrap().map(drop));
        assert!(orders.next().is_none());
        let mut calls = bulk([1], |number| order(&platform.shop(), number).send::<Json>()).wait();
        assert_refused(calls.next().unwrap().map(drop));
        assert!(calls.next().is_none());
        drop(orders);
    });
    assert_eq!(platform.seen().len(), 0);
}

#[test]
fn a_refusal_takes_nothing_of_the_tasks_budget_whatever_is_left_of_it() {
    one_thread().block_on(async {
        let mut steps = 0;
        while coop::has_budget_remaining() {
            assert_refused(try_to_wait());
            coop::consume_budget().await;
            steps += 1;
            assert!(steps < 1000);
        }
        assert!(steps > 64, "{steps}");
        assert_refused(try_to_wait());
        tokio::task::yield_now().await;
        assert!(coop::has_budget_remaining());
    });
}

#[test]
fn threads_of_a_runtime_that_may_block_may_wait() {
    for runtime in [one_thread(), many_threads()] {
        let allowed = runtime.block_on(async { tokio::task::spawn_blocking(try_to_wait).await.unwrap() });
        allowed.unwrap();
    }
    let allowed = many_threads().block_on(async {
        let spawned = tokio::spawn(async { tokio::task::block_in_place(try_to_wait) });
        spawned.await.unwrap()
    });
    allowed.unwrap();
}

#[test]
fn a_thread_that_has_only_entered_a_runtime_may_wait() {
    let runtime = one_thread();
    let _entered = runtime.enter();
    assert!(Handle::try_current().is_ok());
    try_to_wait().unwrap();
}

#[test]
fn within_a_future_that_is_waited_for_it_is_an_error() {
    assert_refused(block_on(async { try_to_wait() }).unwrap());
    assert_refused(block_on(async { tokio::spawn(async { try_to_wait() }).await.unwrap() }).unwrap());
    let mut told = None;
    let inputs = std::iter::once(1).inspect(|_| told = Some(try_to_wait()));
    let shop = Platform::new().shop();
    assert_eq!(bulk(inputs, |number| order(&shop, number).send::<Json>()).wait().count(), 1);
    assert_refused(told.unwrap());
    try_to_wait().unwrap();
}

#[test]
fn a_thread_that_has_waited_can_run_a_runtime_and_wait_again() {
    let wait = |value: u8| block_on(async move { value }).unwrap();
    assert_eq!(wait(1) + one_thread().block_on(async { 2 }) + wait(3), 6);
}

#[test]
fn an_unconstrained_future_holds_up_its_thread_and_gets_its_answer() {
    let outcome = one_thread().block_on(coop::unconstrained(async { try_to_wait() }));
    outcome.unwrap();
}
