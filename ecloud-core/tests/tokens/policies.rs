//! What each flag of a platform's policy changes.

use std::sync::Arc;
use std::time::Duration;

use crate::authority::{Authority, LIFE, Step, text};
use ecloud_core::token::{ForcedRefreshBudget, MemoryTokenStore, TokenKey, TokenPolicy, TokenStore};
use ecloud_core::{ErrorKind, Tokens};

const SHOP: &str = "shop-1";

async fn tokens(authority: &Authority, policy: TokenPolicy) -> Tokens {
    let tokens = authority.tokens().policy(policy).build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    tokens
}

#[tokio::test]
async fn without_rotation_no_lease_is_written_and_the_refresh_token_stays() {
    let authority = Authority::new().without_rotation();
    let store = Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).policy(TokenPolicy::default().without_rotation()).build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    tokens.access_token(SHOP).await.unwrap();
    let stored = store.load(&TokenKey::new("demo-app", SHOP)).await.unwrap().unwrap();
    assert_eq!(stored.version, 2, "the pair, and the pair after the refresh");
    assert_eq!(stored.record.pair.refresh_token().unwrap().expose(), "planted-r-shop-1-1");
}

#[tokio::test]
async fn without_rotation_lost_answers_are_asked_for_as_long_as_there_is_time() {
    let lost = vec![Step::LoseAnswer; 5];
    let authority = Authority::new().without_rotation().steps(lost.clone());
    let policy = TokenPolicy::default().without_rotation().with_old_token_grace(Duration::ZERO);
    let patient = tokens(&authority, policy).await;
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    patient.access_token(SHOP).await.unwrap();
    assert_eq!(authority.requests(), 6);
}

#[tokio::test]
async fn without_a_grace_a_refresh_whose_answer_was_lost_waits_until_there_is_nothing_to_lose() {
    let authority = Authority::new().steps([Step::LoseAnswer]);
    let tokens = tokens(&authority, TokenPolicy::default().with_old_token_grace(Duration::ZERO)).await;
    authority.clock.advance(Duration::from_secs(LIFE - 200));
    for _ in 0..10 {
        assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-1");
        tokens.settled().await;
        authority.clock.advance(Duration::from_secs(19));
    }
    assert_eq!(authority.requests(), 1);
    authority.clock.advance(Duration::from_secs(11));
    let _ = tokens.access_token(SHOP).await;
    assert_eq!(authority.requests(), 2, "the old token has ended");
}

#[tokio::test]
async fn within_the_grace_it_is_sent_again_at_once() {
    let authority = Authority::new().steps([Step::LoseAnswer, Step::LoseAnswer]);
    let tokens = tokens(&authority, TokenPolicy::default()).await;
    authority.clock.advance(Duration::from_secs(LIFE - 20));
    assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-4");
}

#[tokio::test]
async fn where_a_refresh_extends_nothing_none_is_made_ahead_and_the_end_is_the_end() {
    let authority = Authority::new();
    let tokens = tokens(&authority, TokenPolicy::default().without_extension()).await;
    authority.clock.advance(Duration::from_secs(LIFE - 1));
    assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-1");
    authority.clock.advance(Duration::from_secs(2));
    assert_eq!(tokens.access_token(SHOP).await.unwrap_err().kind(), ErrorKind::ReauthRequired);
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn where_an_early_refresh_is_a_noop_none_is_made_early() {
    let authority = Authority::new();
    let policy = TokenPolicy::default().with_early_refresh_noop(Duration::from_secs(30));
    let tokens = tokens(&authority, policy).await;
    authority.clock.advance(Duration::from_secs(LIFE - 31));
    tokens.access_token(SHOP).await.unwrap();
    tokens.settled().await;
    assert_eq!(authority.requests(), 0);
    authority.clock.advance(Duration::from_secs(2));
    assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-2");
}

#[tokio::test]
async fn the_same_pair_again_is_no_error_and_no_circle() {
    let authority = Authority::new();
    let tokens = tokens(&authority, TokenPolicy::default()).await;
    let same = r#"{"access_token":"planted-a-shop-1-1","expires_in":200,"refresh_token":"planted-r-shop-1-1"}"#;
    authority.clock.advance(Duration::from_secs(LIFE - 200));
    authority.next(Step::Answer(200, same.to_owned()));
    for _ in 0..10 {
        assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-1");
        tokens.settled().await;
    }
    assert_eq!(authority.requests(), 1);
}

#[tokio::test]
async fn forced_refreshes_are_rationed() {
    let authority = Authority::new();
    let budget = ForcedRefreshBudget { count: 2, within: Duration::from_secs(1000), apart: Duration::from_secs(30) };
    let tokens = tokens(&authority, TokenPolicy::default().with_forced_refresh_budget(budget)).await;
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(tokens.refresh(SHOP).await.map(|token| text(&token)).map_err(|error| error.kind()));
        authority.clock.advance(Duration::from_secs(20));
    }
    let expected =
        [Ok("planted-a-shop-1-2".to_owned()), Err(ErrorKind::Throttled), Ok("planted-a-shop-1-3".to_owned())];
    assert_eq!(outcomes[..3], expected);
    assert_eq!((outcomes[3].clone(), authority.requests()), (Err(ErrorKind::Throttled), 2));
    assert_eq!(text(&tokens.access_token(SHOP).await.unwrap()), "planted-a-shop-1-3");
}
