//! Callers who give up: a rotated refresh token is never lost with them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use crate::authority::{Authority, LIFE, Step, text};
use ecloud_core::Tokens;

const SHOP: &str = "shop-1";

/// Polls a caller `polls` times, letting everything else go on in between, and drops it; whether it came to its end before.
async fn drop_after(tokens: &Tokens, polls: usize) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut caller = pin!(tokens.access_token(SHOP));
    for _ in 0..polls {
        if caller.as_mut().poll(&mut context).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_caller_may_be_dropped_at_every_point() {
    for steps in [vec![], vec![Step::LoseAnswer], vec![Step::Refuse, Step::LoseAnswer]] {
        let mut polls = 0;
        loop {
            let authority = Authority::new().steps(steps.clone());
            let tokens = authority.tokens().build();
            tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
            authority.clock.advance(Duration::from_secs(LIFE + 1));
            let is_done = drop_after(&tokens, polls).await;
            tokens.settled().await;
            let grants = if steps.is_empty() { 2 } else { 3 };
            let expected = format!("planted-a-shop-1-{grants}");
            assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), expected, "dropped after {polls} polls");
            assert_eq!(authority.requests(), steps.len() + 1, "dropped after {polls} polls");
            authority.clock.advance(Duration::from_secs(LIFE + 1));
            tokens.access_token(SHOP).await.expect("the chain goes on");
            if is_done {
                break;
            }
            polls += 1;
        }
        assert!(polls > 6, "{polls}");
    }
}

#[tokio::test]
async fn of_many_callers_those_who_stay_get_the_token() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { text(&tokens.access_token(SHOP).await.unwrap()) })
        })
        .collect();
    tokio::task::yield_now().await;
    for (number, caller) in callers.into_iter().enumerate() {
        if number % 2 == 0 {
            caller.abort();
        } else {
            assert_eq!(caller.await.unwrap(), "planted-a-shop-1-2");
        }
    }
    assert_eq!(authority.requests(), 1);
}

#[test]
fn a_runtime_that_is_shut_down_under_a_refresh_holds_nobody_up() {
    let authority = Authority::new().steps([Step::Hang]);
    let tokens = authority.tokens().build();
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let first = runtime();
    first.block_on(async {
        tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
        authority.clock.advance(Duration::from_secs(LIFE + 1));
        assert!(!drop_after(&tokens, 10).await);
    });
    let waiting = std::thread::spawn({
        let tokens = tokens.clone();
        move || runtime().block_on(async { text(&tokens.access_token(SHOP).await.unwrap()) })
    });
    drop(first);
    assert_eq!(waiting.join().unwrap(), "planted-a-shop-1-2");
}

#[test]
fn outside_a_runtime_it_is_said_what_is_missing() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    let mut context = Context::from_waker(Waker::noop());
    let mut caller = pin!(tokens.access_token(SHOP));
    let std::task::Poll::Ready(Err(error)) = caller.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}
