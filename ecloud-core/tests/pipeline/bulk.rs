//! Many calls of one operation: bounded, each with its own outcome, in the order that was asked for.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use ecloud_core::{BulkProgress, BulkResult, Error, ErrorKind, Method, bulk};
use futures_core::{FusedStream, Stream};
use serde_json::Value;

use crate::platform::{Platform, ok, status};

/// Calls that end when the test says so.
#[derive(Clone, Default)]
struct Calls {
    ended: Rc<RefCell<Vec<u32>>>,
    under_way: Rc<Cell<u32>>,
    most: Rc<Cell<u32>>,
    wakers: Rc<RefCell<Vec<Waker>>>,
}

impl Calls {
    /// A call that ends with its input, or with an error where that is odd.
    async fn call(self, input: u32) -> Result<u32, Error> {
        self.under_way.set(self.under_way.get() + 1);
        self.most.set(self.most.get().max(self.under_way.get()));
        let guard = Leaving(self.under_way.clone());
        std::future::poll_fn(|context| match self.ended.borrow().contains(&input) {
            true => Poll::Ready(()),
            false => {
                self.wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }
        })
        .await;
        drop(guard);
        if input % 2 == 1 { Err(Error::new(ErrorKind::Rejected, "odd")) } else { Ok(input) }
    }

    fn end(&self, inputs: &[u32]) {
        self.ended.borrow_mut().extend(inputs);
    }
}

struct Leaving(Rc<Cell<u32>>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What comes without waiting: the index of each result, and whether it is a success.
fn at_hand<S: Stream<Item = BulkResult<u32, u32>> + Unpin>(bulk: &mut S) -> (Vec<(usize, bool)>, bool) {
    let mut context = Context::from_waker(Waker::noop());
    let mut came = Vec::new();
    loop {
        match Pin::new(&mut *bulk).poll_next(&mut context) {
            Poll::Ready(Some(result)) => came.push((result.index, result.outcome.is_ok())),
            Poll::Ready(None) => return (came, true),
            Poll::Pending => return (came, false),
        }
    }
}

#[test]
fn no_more_calls_are_under_way_than_may_be_and_no_input_is_taken_early() {
    let calls = Calls::default();
    let taken = Rc::new(Cell::new(0));
    let inputs = (0..10).inspect(|_| taken.set(taken.get() + 1));
    let mut bulk = bulk(inputs, |input| calls.clone().call(input)).at_once(3);
    assert_eq!(taken.get(), 0, "nothing begins before it is polled");
    assert_eq!(at_hand(&mut bulk), (vec![], false));
    assert_eq!((calls.under_way.get(), taken.get()), (3, 3));
    calls.end(&[2]);
    assert_eq!(at_hand(&mut bulk).0, [(2, true)]);
    assert_eq!((calls.under_way.get(), taken.get()), (3, 4));
    calls.end(&(0..10).collect::<Vec<_>>());
    assert!(at_hand(&mut bulk).1 && bulk.is_terminated());
    assert_eq!((calls.most.get(), calls.under_way.get()), (3, 0));
}

#[test]
fn results_come_as_calls_end_or_in_the_order_of_the_inputs() {
    for (in_order, first) in [(false, vec![(2, true), (3, false)]), (true, vec![])] {
        let calls = Calls::default();
        let mut bulk = bulk(0..5, |input| calls.clone().call(input)).at_once(4);
        if in_order {
            bulk = bulk.in_order();
        }
        at_hand(&mut bulk);
        calls.end(&[2, 3]);
        assert_eq!(at_hand(&mut bulk).0, first);
        calls.end(&[0, 1, 4]);
        let rest = at_hand(&mut bulk);
        let all: Vec<usize> = first.into_iter().chain(rest.0).map(|(index, _)| index).collect();
        assert_eq!(all, if in_order { [0, 1, 2, 3, 4] } else { [2, 3, 0, 1, 4] });
    }
}

#[test]
fn dropping_a_bulk_ends_its_calls() {
    let calls = Calls::default();
    let mut bulk = bulk(0..5, |input| calls.clone().call(input)).at_once(4);
    at_hand(&mut bulk);
    assert_eq!(calls.under_way.get(), 4);
    drop(bulk);
    assert_eq!(calls.under_way.get(), 0);
}

#[tokio::test]
async fn what_fails_is_a_value_and_the_others_go_on_through_the_whole_pipeline() {
    let platform = Platform::new([ok(), status(404), status(503), ok(), ok()]);
    let shop = platform.client().build().unwrap().for_shop("shop-1");
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let calls = bulk(["A", "B", "C", "D"], |id| {
        shop.request(Method::GET, "/trade/v1/orders/{order_id}").path("order_id", id).send::<Value>()
    })
    .at_once(1)
    .on_progress(move |progress: BulkProgress| heard.lock().unwrap().push(progress));
    let (succeeded, failed) = calls.finish().await;
    assert_eq!(succeeded.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["A", "C", "D"]);
    assert_eq!((failed[0].0, failed[0].1.kind()), ("B", ErrorKind::NotFound));
    assert_eq!(platform.seen().len(), 5, "C was tried twice");
    let told = told.lock().unwrap();
    let last = told.last().unwrap();
    assert_eq!((told.len(), last.started, last.succeeded, last.failed), (8, 4, 3, 1));
}

#[test]
fn nothing_in_is_nothing_out() {
    let mut bulk = bulk(Vec::<u32>::new(), |input| Calls::default().call(input)).at_once(0);
    assert_eq!(at_hand(&mut bulk), (vec![], true));
    assert_eq!(at_hand(&mut bulk), (vec![], true));
}
